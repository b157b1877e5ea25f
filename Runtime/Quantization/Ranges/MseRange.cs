using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Of a hundred ranges, from a hundredth of all numbers to all of them, that by which the squared error is least; of equal ones the largest.</summary>
internal sealed class MseRange : SampledRange
{
    private const int Steps = 100;

    public override string Name => nameof(RangeRule.Mse);

    public override RangeObserver New() => new MseRange();

    private protected override (Tensor Least, Tensor Most) RangeOf(Tensor rows, CodeGrid grid)
    {
        var (least, most) = (rows.amin([1L]), rows.amax([1L]));
        var (bestError, bestShare) = (full_like(least, double.PositiveInfinity), ones_like(least));
        for (var step = Steps; step > 0; step--)
        {
            using var scope = NewDisposeScope();
            var share = LastingScalars.Of((double)step / Steps);
            var (scale, zero) = grid.Fit(least * share, most * share);
            var difference = grid.Quantize(rows, scale.unsqueeze(1), zero.unsqueeze(1)) - rows;
            var error = (difference * difference).sum(1);
            var isBetter = error.lt(bestError);
            bestError.copy_(where(isBetter, error, bestError));
            bestShare.masked_fill_(isBetter, share);
        }

        return (least * bestShare, most * bestShare);
    }
}
