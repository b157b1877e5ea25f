using System.Runtime.InteropServices;
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
    /// <exception cref="ExternalException">libtorch cannot differentiate an operation, or one has changed in place what another needs.</exception>
    /// <remarks>
    /// An error inside of <c>autograd.grad</c> ends the process, since TorchSharp catches none there, and one inside of <c>autograd.backward</c> is an
    /// exception. But that warns of gradients with a graph, so those are asked for only where it has come through without one: a pass more for each batch
    /// of the criteria that differentiate twice.
    /// </remarks>
    public static Tensor?[] Of(Tensor value, Tensor[] tensors, bool again = false, bool keep = false)
    {
        if (tensors.Length == 0 || !value.requires_grad)
        {
            return new Tensor?[tensors.Length];
        }

        var gradients = Gathered(value, tensors, keep: again || keep);
        return !again ? gradients : autograd.grad([value], tensors, retain_graph: true, create_graph: true, allow_unused: true)
            .Select(gradient => gradient is null || gradient.IsInvalid ? null : gradient).ToArray();
    }

    /// <summary>The gradients of what was made of gradients, whose graph stays; null where it does not depend on a tensor.</summary>
    /// <param name="value">The number.</param>
    /// <param name="tensors">What to differentiate by.</param>
    /// <exception cref="InvalidOperationException">libtorch has no second derivative of an operation.</exception>
    public static Tensor?[] Second(Tensor value, Tensor[] tensors)
    {
        try
        {
            return Of(value, tensors, keep: true);
        }
        catch (ExternalException e) when (e.Message.Contains("derivative for", StringComparison.Ordinal))
        {
            throw new InvalidOperationException(
                "Hessian and Grasp take second derivatives, and libtorch has none for an operation of the model "
                    + $"({e.Message.Split('\n')[0]}). Choose Fisher or Snip, which take first ones.",
                e);
        }
    }

    private static Tensor?[] Gathered(Tensor value, Tensor[] tensors, bool keep)
    {
        // Only leaves have gradients before: asked of others, libtorch warns.
        var before = Array.ConvertAll(tensors, tensor => tensor.is_leaf ? tensor.grad : null);
        foreach (var tensor in tensors.Where(tensor => tensor.is_leaf))
        {
            tensor.grad = null;
        }

        try
        {
            autograd.backward([value], retain_graph: keep, inputs: tensors);
            return Array.ConvertAll(tensors, tensor => tensor.grad);
        }
        finally
        {
            for (var i = 0; i < tensors.Length; i++)
            {
                tensors[i].grad = before[i];
            }
        }
    }
}

/// <summary>
/// Has attention computed step by step until it is disposed of: libtorch's fused one, which <c>scaled_dot_product_attention</c> takes, has no second
/// derivative.
/// </summary>
internal sealed class PlainAttention : IDisposable
{
    private readonly bool wasFused = backends.cuda.flash_sdp_enabled();

    public PlainAttention() => backends.cuda.enable_flash_sdp(false);

    public void Dispose() => backends.cuda.enable_flash_sdp(wasFused);
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
