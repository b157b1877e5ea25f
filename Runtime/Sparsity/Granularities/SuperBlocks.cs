using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The weight as a matrix is divided into large blocks, and each block loses the same share of its weights, so that whoever computes block by block
/// has equal work in each (Cao et al., "Efficient and Effective Sparse LSTM on FPGA with Bank-Balanced Sparsity", 2019). At the edges, where a block is cut
/// off, the share is of what there is. Of equal scores the first stay; no block is emptied.
/// </summary>
public sealed class SuperBlocks : EachWeight
{
    private readonly int rows;
    private readonly int columns;

    /// <summary>Blocks of so many rows and columns.</summary>
    /// <param name="rows">Outputs in a block, at least 1.</param>
    /// <param name="columns">Columns in a block, at least 1: what is read, of a convolution at all positions of the kernel.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is below 1.</exception>
    public SuperBlocks(int rows, int columns) => (this.rows, this.columns) = Blocks.Checked(rows, columns);

    /// <inheritdoc/>
    public override string Name => $"{nameof(Granularity.SuperBlock)}({rows}, {columns})";

    /// <inheritdoc/>
    public override Tensor Choose(PlannedParameter weight, Tensor scores, double ratio, double share)
    {
        var matrix = WeightMatrix.Of(weight, scores);
        var kept = empty(matrix.shape, ScalarType.Bool);
        for (var row = 0L; row < matrix.size(0); row += rows)
        {
            for (var column = 0L; column < matrix.size(1); column += columns)
            {
                var (height, width) = (Math.Min(rows, matrix.size(0) - row), Math.Min(columns, matrix.size(1) - column));
                Tensor Block(Tensor whole) => whole.narrow(0, row, height).narrow(1, column, width);
                var stay = (height * width) - (long)Math.Floor(height * width * ratio * share);
                Block(kept).copy_(Best.PerRow(Block(matrix).reshape(1, -1), Math.Max(1, stay)).reshape(height, width));
            }
        }

        return WeightMatrix.Back(weight, kept);
    }
}
