using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The best of each row.</summary>
internal static class Best
{
    /// <summary>True for so many of the highest scores of each row; of equal ones the first.</summary>
    public static Tensor PerRow(Tensor scores, long count)
    {
        var order = sort(scores, -1, descending: true, stable: true).indices.narrow(-1, 0, count);
        return zeros(scores.shape, ScalarType.Bool).scatter_(-1, order, ones_like(order, ScalarType.Bool));
    }
}
