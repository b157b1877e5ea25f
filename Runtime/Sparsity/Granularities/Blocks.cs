using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Blocks of the weight as a matrix go as a whole, those of the lowest mean score first (Narang et al., "Block-Sparse Recurrent Neural Networks", 2017).
/// Where rows or columns are not a multiple of the block, the blocks at the edge are smaller, and their mean is over what there is.
/// </summary>
public sealed class Blocks : WeightGranularity
{
    private readonly int rows;
    private readonly int columns;

    /// <summary>Blocks of so many rows and columns.</summary>
    /// <param name="rows">Outputs in a block, at least 1.</param>
    /// <param name="columns">Columns in a block, at least 1: what is read, of a convolution at all positions of the kernel.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is below 1.</exception>
    public Blocks(int rows, int columns) => (this.rows, this.columns) = Checked(rows, columns);

    /// <inheritdoc/>
    public override string Name => $"{nameof(Granularity.Block)}({rows}, {columns})";

    /// <inheritdoc/>
    public override Tensor PiecesOf(PlannedParameter weight)
    {
        var matrix = WeightMatrix.Of(weight, empty([.. weight.Shape], ScalarType.Bool));
        var (height, width) = (matrix.size(0), matrix.size(1));
        var across = (width + columns - 1) / columns;
        var pieces = (arange(height).floor_divide(rows).unsqueeze(1) * across) + arange(width).floor_divide(columns);
        return WeightMatrix.Back(weight, pieces.to_type(ScalarType.Int64));
    }

    internal static (int Rows, int Columns) Checked(int rows, int columns) => rows >= 1 && columns >= 1
        ? (rows, columns)
        : throw new ArgumentOutOfRangeException(
            rows < 1 ? nameof(rows) : nameof(columns),
            rows < 1 ? rows : columns,
            $"The blocks are of {rows} rows and {columns} columns; give 1 or more of each.");
}
