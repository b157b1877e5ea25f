using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Has the tensors of a module hold copies in float64 until it is disposed of; then they hold what they did, to the bit. The objects stay the
/// same, and whoever has one of them sees the copy meanwhile. Modules that keep their weights in native code do not.
/// </summary>
internal sealed class DoublePrecision : IDisposable
{
    private readonly List<(Tensor Tensor, Tensor Copy)> exchanged = [];

    public DoublePrecision(nn.Module module)
    {
        var tensors = module.parameters().Concat(module.buffers()).Distinct<Tensor>(ReferenceEqualityComparer.Instance).ToList();
        TorchSharpInternals.Require(() => tensors.ForEach(tensor => Handle(tensor)));
        using var noGradients = no_grad();
        foreach (var tensor in tensors.Where(tensor => tensor.is_floating_point()))
        {
            var copy = tensor.detach().to_type(ScalarType.Float64, copy: true).DetachFromDisposeScope();
            copy.requires_grad = tensor.requires_grad;
            Exchange(tensor, copy);
            exchanged.Add((tensor, copy));
        }
    }

    public void Dispose()
    {
        foreach (var (tensor, copy) in exchanged)
        {
            Exchange(tensor, copy);
            copy.Dispose();
        }
    }

    private static void Exchange(Tensor first, Tensor second) => (Handle(first), Handle(second)) = (Handle(second), Handle(first));

    // A field that another version of TorchSharp may lack.
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "handle")]
    private static extern ref nint Handle(Tensor tensor);
}
