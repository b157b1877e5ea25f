using System.Runtime.InteropServices;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What the optimizers that go over each parameter once have in common. TorchSharp's own go over it once for every operation
/// of their formula and make new tensors on the way, which networks of matrices feel most.
/// </summary>
internal static class FusedUpdate
{
    // Of a formula with a dozen operations a thread does fewer elements in the time that MemoryWork counts in.
    private const int Operations = 4;

    /// <summary>
    /// Takes the gradient off a parameter: it is spent. Null where there is none, or where the numbers are not all float32 in
    /// main memory; such a parameter keeps its gradient for TorchSharp's own step.
    /// </summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="mask">
    /// Zero where its weights are held at zero; null where none is. A gradient that stays with the parameter is multiplied by it, one that
    /// is taken is not yet.
    /// </param>
    /// <param name="state">What the optimizer remembers of it, in its shape.</param>
    public static Tensor? TakeGradient(Parameter parameter, Tensor? mask, params ReadOnlySpan<Tensor> state)
    {
        var gradient = parameter.grad;
        if (gradient is null)
        {
            return null;
        }

        var plain = IsPlain(parameter) && IsPlain(gradient);
        foreach (var tensor in state)
        {
            plain &= IsPlain(tensor) && tensor.numel() == parameter.numel();
        }

        if (!plain)
        {
            if (mask is not null)
            {
                gradient.mul_(mask);
            }

            return null;
        }

        parameter.grad = null;
        return gradient;
    }

    /// <summary>Updates a range of elements by as many threads as tensors use, one parameter at a time, since two may share their memory.</summary>
    /// <param name="count">Number of elements.</param>
    /// <param name="update">Updates from one element, a multiple of 32, to another.</param>
    public static void Over(long count, Action<int, int> update)
    {
        var work = new MemoryWork();
        work.Add(count, Operations * count, MemoryWork.Chunks(Operations * count), (_, start, end) => update(Cut(start), Cut(end)));
        work.Complete();

        int Cut(long at) => (int)(at == count ? at : at & ~31L);
    }

    /// <summary>The numbers of a tensor from one element to another.</summary>
    public static Span<float> Floats(Tensor tensor, int start, int end) => MemoryMarshal.Cast<byte, float>(tensor.bytes)[start..end];

    // Asking a sparse tensor whether it is contiguous throws.
    private static bool IsPlain(Tensor tensor) => tensor.dtype == ScalarType.Float32 && !tensor.is_sparse && PlainMemory.Holds(tensor);
}

/// <summary>An optimizer that masks gradients in its own pass.</summary>
internal interface IMaskedOptimizer
{
    /// <summary>Forgets what it remembers of weights that are held, so that they no longer move.</summary>
    void ForgetMasked();
}
