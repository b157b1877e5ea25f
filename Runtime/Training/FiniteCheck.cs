using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Sees that training has left no parameter and no buffer infinite or not a number.</summary>
internal static class FiniteCheck
{
    /// <summary>Looks at every parameter and buffer of floating type.</summary>
    /// <exception cref="RetrainException">One is not finite; the message names it.</exception>
    public static void Require(nn.Module model)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (path, module) in model.named_modules().Select(entry => (entry.name, entry.module)).Prepend(("", model)))
        {
            foreach (var (name, tensor) in module.named_parameters(recurse: false)
                .Select(entry => (entry.name, (Tensor)entry.parameter))
                .Concat(module.named_buffers(recurse: false).Select(entry => (entry.name, entry.buffer))))
            {
                if (tensor.is_floating_point() && !tensor.isfinite().all().item<bool>())
                {
                    throw new RetrainException(path.Length > 0 ? $"{path}.{name}" : name, module is NormBase);
                }
            }
        }
    }
}
