using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Reductions of a 2×3 matrix against sums written out in C#.</summary>
public class ReductionTests
{
    private static readonly double[] Row0 = [4, -1, 2.5];
    private static readonly double[] Row1 = [0.5, 8, -3];
    private static readonly double[] All = [.. Row0, .. Row1];

    private static Tensor Matrix => Shaped([2, 3], All);

    private static double[] Columns(Func<double, double, double> f) => Row0.Zip(Row1, f).ToArray();

    [Fact]
    public void Sums()
    {
        using var x = Matrix;
        Close([], [All.Sum()], x.sum());
        Close([3], Columns((a, b) => a + b), x.sum(0L));
        Close([2, 1], [Row0.Sum(), Row1.Sum()], x.sum(-1, keepdim: true));
        Close([], [All.Sum()], x.sum(0, 1));
        Close([2], [Row0.Sum(), Row1.Sum()], x.sum(new long[] { 1 }));
        Close([1, 1], [All.Sum()], x.sum(stackalloc long[] { 0, 1 }, keepdim: true));
        Close([2], [Row0.Sum(), Row1.Sum()], sum(x, 1));
        Close([], [All.Sum()], sum(x));
        Close([], [6], Counting(2, 2, 1).sum(0, 1, 2));
        Assert.Equal(ScalarType.Float32, x.sum(ScalarType.Float32).dtype);
        Assert.Equal(ScalarType.Int64, tensor(new[] { true, true }).sum().dtype);
    }

    [Fact]
    public void Means_and_products()
    {
        using var x = Matrix;
        Close([], [All.Average()], x.mean());
        Close([], [All.Average()], mean(x));
        Close([3], Columns((a, b) => (a + b) / 2), x.mean([0]));
        Close([1, 1], [All.Average()], mean(x, [0, 1], keepdim: true));
        Assert.Equal(ScalarType.Float32, Indices(1, 2).mean([0], type: ScalarType.Float32).dtype);
        Close([], [All.Aggregate((a, b) => a * b)], x.prod());
        Close([3], Columns((a, b) => a * b), x.prod(0L));
        Close([1, 3], Columns((a, b) => a * b), prod(x, 0, keepdim: true));
    }

    [Fact]
    public void A_mean_of_integers_throws() =>
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => Indices(1, 2).mean());

    [Fact]
    public void Extremes()
    {
        using var x = Matrix;
        Close([], [8], x.max());
        Close([], [-3], min(x));
        var (values, indexes) = x.max(1);
        Close([2], [4, 8], values);
        Assert.Equal([0L, 1], indexes.Integers());
        (values, indexes) = min(x, 0, keepdim: true);
        Close([1, 3], [0.5, -1, -3], values);
        Assert.Equal([1L, 0, 1], indexes.Integers());
        Close([2], [4, 8], x.amax(1));
        Close([2, 1], [4, 8], x.amax([1], keepdim: true));
        Close([3], [0.5, -1, -3], amin(x, new long[] { 0 }));
        Close([], [8], x.amax());
        var (low, high) = x.aminmax();
        Close([-3], low);
        Close([8], high);
        (low, high) = aminmax(x, 0);
        Close([0.5, -1, -3], low);
        Close([4, 8, 2.5], high);
        using var target = zeros(2, dtype: float64);
        x.amax([1], false, target);
        Close([4, 8], target);
        x.amin([1], false, target);
        Close([-1, -3], target);
    }

    [Fact]
    public void Positions_of_extremes()
    {
        using var x = Matrix;
        Assert.Equal([4L], x.argmax().Integers());
        Assert.Equal([0L, 1], x.argmax(1).Integers());
        Assert.Equal([5L], argmin(x).Integers());
        Assert.Equal(new long[] { 2, 1 }, argmin(x, 1, keepdim: true).shape);
        Assert.Equal([1L, 2], argmin(x, 1).Integers());
    }

    [Fact]
    public void Truth()
    {
        using var x = Shaped([2, 2], 1, 0, 2, 3);
        Assert.False(x.all().item<bool>());
        Assert.True(x.any().item<bool>());
        Assert.Equal([0L, 1], x.all(1).Integers());
        Assert.Equal([1L, 1], any(x, 0).Integers());
        Assert.Equal(new long[] { 2, 1 }, all(x, 1, keepdim: true).shape);
        Assert.Equal([3L], x.count_nonzero().Integers());
        Assert.Equal([2L, 1], count_nonzero(x, [0]).Integers());
    }

    [Fact]
    public void Norms()
    {
        using var x = Matrix;
        Close([Math.Sqrt(All.Sum(v => v * v))], x.norm());
        Close([All.Sum(Math.Abs)], x.norm(1f));
        Close([2], [Math.Sqrt(Row0.Sum(v => v * v)), Math.Sqrt(Row1.Sum(v => v * v))], x.norm(1, false, 2f));
        Close([2, 1], [Row0.Max(Math.Abs), Row1.Max(Math.Abs)], x.norm(1, true, float.PositiveInfinity));
        Close([Math.Sqrt(8)], Vector(1, 2).dist(Vector(3, 4)));
        Close([2], dist(Vector(1, 2), Vector(3, 4), float.PositiveInfinity));
        using var longRow = Shaped([2, 2], 3, 4, 0.3, 0.4);
        Close([2, 2], [0.6, 0.8, 0.3, 0.4], longRow.renorm(2, 0, 1), 1e-6);
    }

    [Fact]
    public void Sums_of_exponentials()
    {
        using var x = Matrix;
        double Lse(double[] row) => Math.Log(row.Sum(Math.Exp));
        Close([2], [Lse(Row0), Lse(Row1)], x.logsumexp(1));
        Close([2, 1], [Lse(Row0), Lse(Row1)], logsumexp(x, 1, keepdim: true));
        Close([1000 + Math.Log(2)], Vector(1000, 1000).logsumexp(0));
        double[] soft = [.. Row0.Select(v => Math.Exp(v - Lse(Row0))), .. Row1.Select(v => Math.Exp(v - Lse(Row1)))];
        Close([2, 3], soft, x.softmax(1));
        Close([2, 3], soft, softmax(x, -1));
        Close([2, 3], soft.Select(v => Math.Log(v)).ToArray(), x.log_softmax(1));
        Close([2, 3], soft, special.softmax(x, 1));
        Close([2, 3], soft.Select(v => Math.Log(v)).ToArray(), special.log_softmax(x, 1));
        Assert.Equal(ScalarType.Float32, x.softmax(1, ScalarType.Float32).dtype);
    }

    [Fact]
    public void Running_reductions()
    {
        using var x = Vector(3, 1, 2);
        Close([3, 4, 6], x.cumsum(0));
        Close([3, 3, 6], cumprod(x, 0));
        Close([Math.Log(Math.Exp(3)), Math.Log(Math.Exp(3) + Math.E), Math.Log(Math.Exp(3) + Math.E + Math.Exp(2))], x.logcumsumexp(0));
        var (high, highAt) = x.cummax(0);
        Close([3, 3, 3], high);
        Assert.Equal([0L, 0, 0], highAt.Integers());
        var (low, lowAt) = cummin(x, 0);
        Close([3, 1, 1], low);
        Assert.Equal([0L, 1, 1], lowAt.Integers());
    }

    [Fact]
    public void Differences_and_integrals()
    {
        using var y = Vector(1, 4, 9);
        Close([3, 5], y.diff());
        Close([1, 3, 5], y.diff(prepend: Vector(0)));
        Close([3, 5, 1], diff(y, append: Vector(10)));
        Close([9], y.trapezoid());
        Close([4.5], trapezoid(y, dx: 0.5));
        Close([2.5 * 2 + 6.5 * 1], y.trapezoid(Vector(0, 2, 3)));
        Close([9], trapz(y));
        Close([2.5, 9], y.cumulative_trapezoid());
        Close([5, 11.5], cumulative_trapezoid(y, Vector(0, 2, 3)));
    }

    [Fact]
    public void Spread()
    {
        using var x = Matrix;
        double Var(double[] v, int less) => v.Sum(a => Math.Pow(a - v.Average(), 2)) / (v.Length - less);
        Close([Var(All, 1)], x.var());
        Close([Var(All, 1)], var(x));
        Close([Math.Sqrt(Var(All, 0))], x.std(unbiased: false));
        Close([Math.Sqrt(Var(All, 1))], x.std());
        Close([2], [Math.Sqrt(Var(Row0, 1)), Math.Sqrt(Var(Row1, 1))], x.std(1));
        Close([2, 1], [Var(Row0, 0), Var(Row1, 0)], x.var([1], unbiased: false, keepdim: true));
        Close([], [Var(All, 1)], x.var((0, 1)));
        Close([2], [Var(Row0, 1), Var(Row1, 1)], x.var(stackalloc long[] { 1 }));
        Close([], [Math.Sqrt(Var([0, 1, 2, 3], 1))], Counting(2, 2, 1).std((0, 1, 2)));
        var (spread, center) = x.std_mean(1);
        Close([Math.Sqrt(Var(Row0, 1)), Math.Sqrt(Var(Row1, 1))], spread);
        Close([Row0.Average(), Row1.Average()], center);
        (spread, center) = x.var_mean();
        Close([Var(All, 1)], spread);
        Close([All.Average()], center);
        (spread, center) = std_mean(x);
        Close([Math.Sqrt(Var(All, 1))], spread);
        Close([All.Average()], center);
        (spread, center) = var_mean(x, [0, 1], unbiased: false);
        Close([Var(All, 0)], spread);
        (spread, center) = std_mean(x, (0, 1));
        Close([Math.Sqrt(Var(All, 1))], spread);
    }

    [Fact]
    public void Quantiles()
    {
        using var x = Vector(4, 1, 3, 2);
        Close([], [2], x.median());
        Close([], [2.5], x.quantile(tensor(0.5)));
        Close([1.75, 3.25], quantile(x, Vector(0.25, 0.75)));
        using var y = Shaped([2, 2], 1, 3, double.NaN, 4);
        Close([2], [2, double.NaN], y.quantile(tensor(0.5), dim: 1));
        Close([2], [2, 4], y.nanquantile(tensor(0.5), dim: 1));
        Close([], [3], y.nanmedian());
        Close([], [8], y.nansum());
    }

    [Fact]
    public void Frequencies()
    {
        var (values, _) = Vector(3, 1, 3, 2).mode();
        Close([3], values);
        Assert.Equal([1L, 2, 0, 1], Indices(0, 1, 1, 3).bincount(null).Integers());
        Close([0.5, 3, 0, 0, 0], bincount(Indices(0, 1, 1), Vector(0.5, 1, 2), 5));
        Close([2, 1, 1], Vector(0, 0.5, 1.5, 3).histc(3, 0, 3));
        var (counts, edges) = histogram(Vector(0, 0.5, 1.5, 3), 3, (0, 3));
        Close([2, 1, 1], counts);
        Close([0, 1, 2, 3], edges);
        (counts, _) = histogram(Vector(0, 0.5, 1.5, 3), Vector(0, 2, 4));
        Close([3, 1], counts);
        Assert.Equal([0L, 1, 2], Vector(-1, 0.5, 3).bucketize(Vector(0, 2)).Integers());
        Assert.Equal(ScalarType.Int32, bucketize(Vector(1), Vector(0, 2), outInt32: true).dtype);
    }

    [Fact]
    public void Covariance()
    {
        using var x = Shaped([2, 3], 0, 1, 2, 2, 1, 0);
        Close([2, 2], [1, -1, -1, 1], x.cov());
        Close([2, 2], [2.0 / 3, -2.0 / 3, -2.0 / 3, 2.0 / 3], cov(x, correction: 0));
        Close([2, 2], [1, -1, -1, 1], x.corrcoef());
        Close([], [2.0 / 3], Vector(0, 1, 2).cov(correction: 0));
    }

    [Fact]
    public void A_dimension_that_is_not_there_throws() =>
        Assert.ThrowsAny<System.Runtime.InteropServices.ExternalException>(() => Matrix.sum(2));
}
