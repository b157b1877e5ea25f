using static TorchSharp.torch;

namespace PruneGen;

/// <inheritdoc cref="RangeRule.Percentile"/>
internal sealed class PercentileRange : SampledRange
{
    private const double Outermost = 1e-4;

    public override string Name => nameof(RangeRule.Percentile);

    public override RangeObserver New() => new PercentileRange();

    private protected override (Tensor Least, Tensor Most) RangeOf(Tensor rows, CodeGrid grid)
    {
        var (sorted, _) = rows.sort(1);
        var cut = (long)Math.Floor(rows.size(1) * Outermost);
        return (sorted.select(1, cut), sorted.select(1, rows.size(1) - 1 - cut));
    }
}
