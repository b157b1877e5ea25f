using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Functions that TorchSharp 0.107 gets wrong (it aborts, calls another function or drops an argument) and
/// that do here what they are documented to do. Left out when the tests run on TorchSharp's packages.</summary>
public class CorrectedOperatorTests
{
    [Fact]
    public void Matmul_of_shapes_that_do_not_fit_throws()
    {
        using var a = Counting(2, 3);
        var error = Assert.Throws<ExternalException>(() => a.matmul(a));
        Assert.Contains("cannot be multiplied (2x3 and 2x3)", error.Message);
        Assert.Throws<ExternalException>(() => matmul(a, Counting(4)));
    }

    [Fact]
    public void Static_division_rounds_as_asked()
    {
        using var a = Vector(-7, 7);
        using var b = Vector(2, 2);
        Close([-4, 3], div(a, b, RoundingMode.floor));
        Close([-3, 3], div(a, 2, RoundingMode.trunc));
        Close([-4, 3], divide(a, 2, RoundingMode.floor));
        Close([-3, 3], div_(a, b, RoundingMode.trunc));
        Close([-3, 3], a);
    }

    [Fact]
    public void Static_functions_call_their_own_member()
    {
        Close([0.5], torch.erfinv(Vector(0.5204998778130465)));
        var (spread, center) = var_mean(Vector(1, 3));
        Close([2], spread);
        Close([2], center);
        Close([1 - 0.5204998778130465], special.erfcx(Vector(0.5)) * Math.Exp(-0.25));
        var (inverse, info) = linalg.inv_ex(Shaped([2, 2], 2, 0, 0, 4));
        Close([0.5, 0, 0, 0.25], inverse);
        Assert.Equal([0L], info.Integers());
    }

    [Fact]
    public void In_place_functions_write_in_place()
    {
        using var x = Vector(-1, 3);
        Overwrites(x, x => x.elu_(2));
        Overwrites(x, x => clamp_max_(x, 1));
        Overwrites(x, x => clamp_min_(x, -0.5));
        Overwrites(Vector(0.5), x => lgamma_(x));
        Overwrites(Counting(2, 2), x => x.tril_());
        Overwrites(Counting(2, 2), x => x.triu_());

        static void Overwrites(Tensor x, Func<Tensor, Tensor> inPlace)
        {
            var before = x.Values();
            Assert.Same(x, inPlace(x));
            Assert.NotEqual(before, x.Values());
        }
    }

    [Fact]
    public void Means_without_NaN()
    {
        using var x = Shaped([2, 2], 1, double.NaN, 3, 5);
        Close([], [3], x.nanmean());
        Close([2], [1, 4], x.nanmean(1));
        Close([1, 2], [2, 5], nanmean(x, 0, keepdim: true));
    }

    [Fact]
    public void Tensordot_over_a_number_of_dimensions()
    {
        using var a = Counting(2, 3, 4);
        using var b = Counting(3, 4, 5);
        Close(a.reshape(2, 12).matmul(b.reshape(12, 5)).Values(), a.tensordot(b));
        Close(a.reshape(6, 4).matmul(b.reshape(3, 20)[..1].reshape(4, 5)).Values(), tensordot(a, b[0], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => a.tensordot(b, -1L));
    }

    [Fact]
    public void Shapes_of_different_lengths_broadcast_from_the_end()
    {
        Assert.Equal(new long[] { 2, 3, 4 }, broadcast_shapes([2, 1, 4], [3, 1]).Shape);
        Assert.Throws<ArgumentException>(() => broadcast_shapes([2, 3], [2]));
    }

    [Fact]
    public void Sizes_are_equal_when_their_dimensions_are()
    {
        Size a = (2, 3);
        Size b = new long[] { 2, 3 };
        Assert.True(a == b);
        Assert.True(a.Equals(b));
        Assert.Equal(a.GetHashCode(), b.GetHashCode());
        Assert.True(a != new Size((3, 2)));
    }
}
