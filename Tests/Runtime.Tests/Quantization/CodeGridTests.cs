using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class CodeGridTests
{
    [Fact]
    public void A_range_is_laid_over_codes_so_that_zero_is_one_of_them()
    {
        using var scope = NewDisposeScope();
        var (scale, zero) = CodeGrid.Unsigned(8).Fit(tensor([-1f]), tensor([3f]));
        Assert.Equal((4.0 / 255, 64), (scale.ToDouble(), zero.ToInt32()), Close);
        (scale, zero) = CodeGrid.Affine(8).Fit(tensor([1f]), tensor([3f]));
        Assert.Equal((3.0 / 255, -128), (scale.ToDouble(), zero.ToInt32()), Close);
        (scale, zero) = CodeGrid.Symmetric(8).Fit(tensor([-2f]), tensor([1f]));
        Assert.Equal((2.0 / 127, 0), (scale.ToDouble(), zero.ToInt32()), Close);
        (scale, zero) = CodeGrid.Symmetric(4).Fit(tensor([0f]), tensor([0f]));
        Assert.Equal((1.0, 0), (scale.ToDouble(), zero.ToInt32()), Close);
    }

    [Fact]
    public void Halves_are_rounded_to_even_and_what_lies_beyond_is_moved_to_the_end()
    {
        using var scope = NewDisposeScope();
        var codes = CodeGrid.Symmetric(3).Codes(tensor([0.5f, 1.5f, 2.5f, -0.5f, 9, -9]), tensor(1f), tensor(0f));
        Assert.Equal([0, 2, 2, -0f, 3, -3], codes.data<float>().ToArray());
    }

    [Fact]
    public void What_is_on_the_grid_stays()
    {
        using var scope = NewDisposeScope();
        var grid = CodeGrid.Affine(4);
        var (scale, zero) = grid.Fit(tensor([-0.7f]), tensor([1.1f]));
        var once = grid.Quantize(randn(100), scale, zero);
        Assert.Equal(once.data<float>().ToArray(), grid.Quantize(once, scale, zero).data<float>().ToArray());
    }

    /// <summary>Two bits from −1 to 1: a step of 2/3, the values −1, −1/3, 1/3 and 1, and zero is none of them.</summary>
    [Fact]
    public void The_worked_example_of_two_bits()
    {
        using var scope = NewDisposeScope();
        var matrix = tensor([-1, 0, 0.5, 1, 0.25, -0.5, 0.75, -0.25, 0], ScalarType.Float64).reshape(3, 3);
        var levels = UniformLevels.Of(matrix, 2);
        Assert.Equal((-1, 1, 2.0 / 3), (levels.Least, levels.Most, levels.Step));
        double third = 1.0 / 3;
        Assert.All(
            new[] { -1, third, third, 1, third, -third, 1, -third, third }.Zip(levels.Apply(matrix).data<double>().ToArray()),
            pair => Assert.Equal(pair.First, pair.Second, 12));
        Assert.True((levels.Apply(matrix) - matrix).abs().max().ToDouble() <= (levels.Step / 2) + 1e-12);
        Assert.Equal([5.0, 5.0], UniformLevels.Of(tensor([5.0, 5.0]), 3).Apply(tensor([5.0, 5.0])).data<double>().ToArray());
    }

    [Theory]
    [InlineData(1.0 / 3, 2)]
    [InlineData(0.3, 3)]
    [InlineData(0.005, 8)]
    [InlineData(2, 1)]
    public void The_bits_for_a_tolerance(double tolerance, int bits) => Assert.Equal(bits, UniformLevels.BitsFor(-1, 1, tolerance));

    [Fact]
    public void A_tolerance_that_no_bits_keep_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformLevels.BitsFor(-1, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => UniformLevels.BitsFor(-1, 1, 1e-9));
    }

    private static bool Close((double, int) one, (double, int) other) => Math.Abs(one.Item1 - other.Item1) < 1e-7 && one.Item2 == other.Item2;
}
