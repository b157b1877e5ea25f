using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A weight as the matrix that it multiplies by: a row for each output, and along the columns what is read; of a convolution the channels that are read
/// run fastest, position by position of the kernel, as they lie in memory where channels come last.
/// </summary>
internal static class WeightMatrix
{
    /// <summary>A tensor in a weight's shape as the matrix [outputs, everything read].</summary>
    public static Tensor Of(PlannedParameter weight, Tensor values) => Ordered(weight, values).reshape(weight.Shape[OutputDim(weight)], -1);

    /// <summary>The same as [outputs, positions of the kernel, channels read].</summary>
    public static Tensor ByPosition(PlannedParameter weight, Tensor values) =>
        Ordered(weight, values).reshape(weight.Shape[OutputDim(weight)], -1, weight.Shape[weight.ReadDim]);

    /// <summary>A matrix again in the shape of the weight.</summary>
    public static Tensor Back(PlannedParameter weight, Tensor matrix)
    {
        long[] order = Order(weight);
        var inverse = order.Select((_, dim) => (long)Array.IndexOf(order, dim)).ToArray();
        return matrix.reshape([.. order.Select(dim => weight.Shape[(int)dim])]).permute(inverse).contiguous();
    }

    private static Tensor Ordered(PlannedParameter weight, Tensor values) => values.permute(Order(weight));

    private static int OutputDim(PlannedParameter weight) => weight.ReadDim == 0 ? 1 : 0;

    /// <summary>Outputs first, the channels that are read last.</summary>
    private static long[] Order(PlannedParameter weight)
    {
        if (weight.Shape.Count < 2)
        {
            throw new InvalidOperationException($"{weight.Path} of the shape [{string.Join(", ", weight.Shape)}] is no matrix; it cannot be cut in blocks.");
        }

        var between = Enumerable.Range(0, weight.Shape.Count).Where(dim => dim != OutputDim(weight) && dim != weight.ReadDim).Select(dim => (long)dim);
        return [OutputDim(weight), .. between, weight.ReadDim];
    }
}
