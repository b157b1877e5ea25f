using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Gradients, apart from those that the caller may have gathered in the parameters.</summary>
internal static class Gradients
{
    /// <summary>The gradients of a number; null where it does not depend on a tensor.</summary>
    /// <param name="value">The number.</param>
    /// <param name="tensors">What to differentiate by.</param>
    /// <param name="again">Whether the gradients are differentiated again.</param>
    /// <param name="keep">Whether other gradients are asked for that need the same graph.</param>
    public static Tensor?[] Of(Tensor value, Tensor[] tensors, bool again = false, bool keep = false) => tensors.Length == 0 || !value.requires_grad
        ? new Tensor?[tensors.Length]
        : autograd.grad([value], tensors, retain_graph: again || keep, create_graph: again, allow_unused: true)
            .Select(gradient => gradient is null || gradient.IsInvalid ? null : gradient).ToArray();
}

/// <summary>Has frozen tensors take part in a backward pass until it is disposed of.</summary>
internal sealed class Unfrozen : IDisposable
{
    private readonly List<Tensor> frozen;

    public Unfrozen(IEnumerable<Tensor> tensors)
    {
        frozen = tensors.Where(tensor => !tensor.requires_grad).ToList();
        frozen.ForEach(tensor => tensor.requires_grad = true);
    }

    public void Dispose() => frozen.ForEach(tensor => tensor.requires_grad = false);
}
