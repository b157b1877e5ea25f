using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Rows, columns or kernels of a weight go as a whole, those of the lowest mean score first. They are set to zero and stay in their place; whole channels
/// that leave the model are <see cref="Granularity.Structured"/>.
/// </summary>
internal sealed class WeightVectors : WeightGranularity
{
    private readonly string name;
    private readonly Func<PlannedParameter, IEnumerable<int>> dims;

    private WeightVectors(string name, Func<PlannedParameter, IEnumerable<int>> dims) => (this.name, this.dims) = (name, dims);

    /// <summary>All weights of one output.</summary>
    public static WeightVectors Rows { get; } = new(nameof(Granularity.Row), weight => [weight.ReadDim == 0 ? 1 : 0]);

    /// <summary>The weights of all outputs for one thing that is read: an input, or one position of one channel (Wen et al., 2016, "shape-wise").</summary>
    public static WeightVectors Columns { get; } = new(
        nameof(Granularity.Column), weight => Enumerable.Range(0, weight.Shape.Count).Where(dim => dim != (weight.ReadDim == 0 ? 1 : 0)));

    /// <summary>The weights between one input channel and one output channel; of a Linear layer one weight.</summary>
    public static WeightVectors Kernels { get; } = new(nameof(Granularity.Kernel), _ => [0, 1]);

    public override string Name => name;

    public override Tensor PiecesOf(PlannedParameter weight)
    {
        var pieces = zeros([.. weight.Shape], ScalarType.Int64);
        foreach (var dim in dims(weight))
        {
            var shape = Enumerable.Repeat(1L, weight.Shape.Count).ToArray();
            shape[dim] = weight.Shape[dim];
            pieces = (pieces * weight.Shape[dim]) + arange(weight.Shape[dim]).reshape(shape);
        }

        return pieces;
    }
}
