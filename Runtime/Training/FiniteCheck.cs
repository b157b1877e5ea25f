using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Sees that no parameter and no buffer of a model is infinite or not a number.</summary>
internal static class FiniteCheck
{
    /// <summary>Looks at every parameter and buffer of floating type behind a training.</summary>
    /// <exception cref="RetrainException">One is not finite; the message names it.</exception>
    public static void Require(nn.Module model)
    {
        if (First(model) is var (path, module))
        {
            throw new RetrainException(path, module is NormBase);
        }
    }

    /// <summary>The first parameter or buffer that is infinite or not a number, and whose it is; null where there is none.</summary>
    public static (string Path, nn.Module Owner)? First(nn.Module model)
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
                    return (path.Length > 0 ? $"{path}.{name}" : name, module);
                }
            }
        }

        return null;
    }
}
