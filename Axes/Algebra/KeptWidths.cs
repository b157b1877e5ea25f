namespace PruneGen.Axes;

/// <summary>How many of a group's indices a ratio leaves: the one rule that the generator warns by and the runtime prunes by.</summary>
public static class KeptWidths
{
    // Ratios such as 0.7 have no exact binary form: 0.7 × 10 must still count as 7.
    private const double Rounding = 1e-9;

    /// <summary>How many of <paramref name="count"/> a ratio removes: never more than it asks for.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="ratio">The share to remove, from 0 to below 1.</param>
    public static long Removed(long count, double ratio) => Whole(count * ratio);

    /// <summary>The whole number that a product of counts and ratios stands for: the one below, but for what binary fractions take off.</summary>
    public static long Whole(double count) => (long)Math.Floor(count + Rounding);

    /// <summary>The width that a group keeps at a ratio.</summary>
    /// <param name="width">The width that it has.</param>
    /// <param name="ratio">The share to remove.</param>
    /// <param name="minWidth">The smallest width.</param>
    /// <param name="roundTo">What the width is a multiple of.</param>
    public static long AtRatio(long width, double ratio, long minWidth, long roundTo) => Rounded(width - Removed(width, ratio), width, minWidth, roundTo);

    /// <summary>A width, rounded up to the smallest width and the multiple, and never more than the group has.</summary>
    /// <param name="keep">The width that is wanted.</param>
    /// <param name="width">The width that the group has.</param>
    /// <param name="minWidth">The smallest width.</param>
    /// <param name="roundTo">What the width is a multiple of.</param>
    public static long Rounded(long keep, long width, long minWidth, long roundTo) =>
        Math.Min(width, (Math.Max(keep, minWidth) + roundTo - 1) / roundTo * roundTo);

    /// <summary>The smallest ratio, to as few decimals as tell it apart, that removes so many; below 1.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="removed">How many go, above 0 and below that.</param>
    public static double RatioFor(long count, long removed)
    {
        for (var decimals = 100.0; ; decimals *= 10)
        {
            var ratio = Math.Ceiling((removed * decimals / count) - Rounding) / decimals;
            if (ratio < 1 && Removed(count, ratio) == removed)
            {
                return ratio;
            }
        }
    }

    /// <summary>The smallest ratio, to as few decimals as tell it apart, at which a group loses anything; null where none does.</summary>
    /// <param name="width">The width that it has.</param>
    /// <param name="minWidth">The smallest width.</param>
    /// <param name="roundTo">What the width is a multiple of.</param>
    public static double? SmallestRatio(long width, long minWidth, long roundTo)
    {
        var next = (width - 1) / roundTo * roundTo;
        return next < Math.Max(1, minWidth) ? null : RatioFor(width, width - next);
    }
}
