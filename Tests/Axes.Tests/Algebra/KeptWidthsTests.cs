namespace PruneGen.Axes.Tests;

public class KeptWidthsTests
{
    [Theory]
    [InlineData(10, 0.7, 1, 1, 3)]
    [InlineData(2, 0.3, 1, 1, 2)]
    [InlineData(16, 0.5, 12, 1, 12)]
    [InlineData(16, 0.6, 1, 4, 8)]
    [InlineData(6, 0.1, 1, 8, 6)]
    [InlineData(4, 0.0, 1, 1, 4)]
    public void A_ratio_leaves_a_width(long width, double ratio, long minWidth, long roundTo, long kept) => Assert.Equal(kept, KeptWidths.AtRatio(width, ratio, minWidth, roundTo));

    [Fact]
    public void The_smallest_ratio_removes_something_and_nothing_below_it_does()
    {
        for (var width = 1L; width <= 48; width++)
        {
            foreach (var (minWidth, roundTo) in new[] { 1L, 2, 5, 16, 48 }.SelectMany(min => new[] { 1L, 3, 8, 32 }.Select(multiple => (min, multiple))))
            {
                long Kept(double ratio) => KeptWidths.AtRatio(width, ratio, minWidth, roundTo);
                var steps = Enumerable.Range(0, 1000).Select(i => i / 1000.0).ToList();
                if (KeptWidths.SmallestRatio(width, minWidth, roundTo) is double least)
                {
                    Assert.True(Kept(least) < width);

                    // It is rounded up to hundredths, which is what it may be too high by.
                    Assert.All(steps.Where(ratio => ratio < least - 0.01), ratio => Assert.Equal(width, Kept(ratio)));
                }
                else
                {
                    Assert.All(steps, ratio => Assert.Equal(width, Kept(ratio)));
                }
            }
        }
    }
}
