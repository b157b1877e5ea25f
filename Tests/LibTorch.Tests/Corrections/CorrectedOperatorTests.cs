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
        Assert.Equal("mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)", error.Message);
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
        using (var gelu = x.clone()) Overwrites(gelu, x => x.gelu_(TorchSharp.Modules.GELU.Approximate.tanh));
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
    public void Functions_that_are_not_in_place_leave_their_tensor_alone()
    {
        using var x = Vector(-2.75, 0.25, 3.25);
        Close([-0.5, 0.25, 2], x.hardtanh(-0.5, 2.0));
        Close([-2.75, 0.25, 3.25], x);
    }

    [Fact]
    public void Products_of_batches_are_added_to_the_tensor_itself()
    {
        // TorchSharp passes the tensors on in the order of another function.
        using var a = Shaped([1, 2, 3], 1, 2, -1, 0.5, 3, 4);
        using var b = Shaped([1, 3, 2], 2, 0, 1, -1, 5, 3);
        var expected = Product(a.Values(), b.Values(), 2, 3, 2);
        Close([1, 2, 2], expected.Select(v => v + 1).ToArray(), ones(1, 2, 2, dtype: float64).baddbmm(a, b));
        Close([1, 2, 2], expected.Select(v => 3 * v + 2).ToArray(), ones(1, 2, 2, dtype: float64).baddbmm(a, b, 2, 3));
    }

    [Fact]
    public void Variance_of_all_elements_divides_as_asked()
    {
        // TorchSharp divides by n - 1 always.
        using var x = Vector(1, 3, 8);
        Close([13], x.var());
        Close([26.0 / 3], x.var(unbiased: false));
        Close([26.0 / 3], var(x, unbiased: false));
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
