using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class RangeObserverTests
{
    [Fact]
    public void Extremes_of_all_batches_and_their_moving_average()
    {
        using var scope = NewDisposeScope();
        Assert.Equal((-2, 6), Range(RangeRule.MinMax, CodeGrid.Affine(8), [-2f, 1], [0, 6f]));

        // −2 + 0.01 · (0 − (−2)), 1 + 0.01 · (6 − 1).
        Assert.Equal((-1.98f, 1.05f), Range(RangeRule.MovingAverage, CodeGrid.Affine(8), [-2f, 1], [0, 6f]), Close);
    }

    [Fact]
    public void The_outermost_numbers_are_left_out()
    {
        using var scope = NewDisposeScope();

        // Of 16,000 numbers and what the sample holds twice, the extremes, one goes on either side: the copy of the outlier is what ends the range.
        float[] numbers = [.. Enumerable.Range(0, 16_000).Select(i => i / 16_000f)];
        Assert.Equal((0, 1000), Range(RangeRule.Percentile, CodeGrid.Affine(8), [.. numbers, 1000]));

        // Of three batches with an outlier in the first, it stands there twice, and three go.
        Assert.InRange(Range(RangeRule.Percentile, CodeGrid.Affine(8), [.. numbers[..^1], 1000], numbers, numbers).Most, 0.99f, 1);
    }

    [Fact]
    public void Of_few_codes_an_outlier_is_cut_off_for_finer_steps()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var numbers = randn(4000).data<float>().ToArray();
        foreach (var rule in new[] { RangeRule.Mse, RangeRule.Entropy })
        {
            var (_, most) = Range(rule, CodeGrid.Symmetric(3), [.. numbers, 10f]);
            Assert.InRange(most, 1, 9.9f);
            Assert.InRange(Error(3, most, numbers), 0, 0.8 * Error(3, 10, numbers));
        }

        // With many codes nothing is won by that.
        Assert.InRange(Range(RangeRule.Mse, CodeGrid.Symmetric(8), [.. numbers, 4.5f]).Most, 3.5f, 4.5f);
    }

    [Fact]
    public void The_range_of_least_squared_error_of_numbers_that_a_grid_has_is_theirs()
    {
        using var scope = NewDisposeScope();
        Assert.Equal((-3, 3), Range(RangeRule.Mse, CodeGrid.Symmetric(3), [-3f, -2, -1, 0, 1, 2, 3]));
    }

    [Fact]
    public void A_distribution_that_ends_where_it_is_dense_is_not_cut() =>
        Assert.InRange(EntropyRange.Limit([.. Enumerable.Range(1, 20_480).Select(i => i / 20_480f)], 128), 0.95f, 1);

    private static double Error(int bits, float most, float[] numbers)
    {
        var grid = CodeGrid.Symmetric(bits);
        var (scale, zero) = grid.Fit(tensor(-most), tensor(most));
        return (grid.Quantize(tensor(numbers), scale, zero) - tensor(numbers)).square().mean().ToDouble();
    }

    private static (float Least, float Most) Range(RangeRule rule, CodeGrid grid, params float[][] batches)
    {
        var observer = RangeObserver.Of(rule).New();
        Array.ForEach(batches, batch => observer.Observe(tensor(batch).reshape(1, -1)));
        var (least, most) = observer.RangeFor(grid);
        return (least.ToSingle(), most.ToSingle());
    }

    private static bool Close((float, float) one, (float, float) other) => Math.Abs(one.Item1 - other.Item1) < 1e-5 && Math.Abs(one.Item2 - other.Item2) < 1e-5;
}
