using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

public class ComparisonTests
{
    private static readonly double[] A = [1, 2, 3];
    private static readonly double[] B = [3, 2, 1];

    private sealed record Case(Func<double, double, bool> Expected, Func<Tensor, Tensor, Tensor> Member,
        Func<Tensor, Tensor, Tensor> Static, Func<Tensor, Tensor, Tensor> InPlace,
        Func<Tensor, Scalar, Tensor> Number, Func<Tensor, Scalar, Tensor> NumberInPlace);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["eq"] = new((a, b) => a == b, (a, b) => a.eq(b), eq, (a, b) => a.eq_(b), (a, b) => a.eq(b), (a, b) => a.eq_(b)),
        ["ne"] = new((a, b) => a != b, (a, b) => a.ne(b), ne, (a, b) => a.ne_(b), (a, b) => a.ne(b), (a, b) => a.ne_(b)),
        ["lt"] = new((a, b) => a < b, (a, b) => a.lt(b), lt, (a, b) => a.lt_(b), (a, b) => a.lt(b), (a, b) => a.lt_(b)),
        ["le"] = new((a, b) => a <= b, (a, b) => a.le(b), le, (a, b) => a.le_(b), (a, b) => a.le(b), (a, b) => a.le_(b)),
        ["gt"] = new((a, b) => a > b, (a, b) => a.gt(b), gt, (a, b) => a.gt_(b), (a, b) => a.gt(b), (a, b) => a.gt_(b)),
        ["ge"] = new((a, b) => a >= b, (a, b) => a.ge(b), ge, (a, b) => a.ge_(b), (a, b) => a.ge(b), (a, b) => a.ge_(b)),
        ["equal"] = new((a, b) => a == b, (a, b) => a.equal(b), equal, (a, b) => a.eq_(b), (a, b) => a.eq(b), (a, b) => a.eq_(b)),
        ["not_equal"] = new((a, b) => a != b, (a, b) => a.not_equal(b), not_equal, (a, b) => a.not_equal_(b), (a, b) => a.ne(b), (a, b) => a.ne_(b)),
        ["less"] = new((a, b) => a < b, (a, b) => a.less(b), less, (a, b) => a.lt_(b), (a, b) => a.lt(b), (a, b) => a.lt_(b)),
        ["less_equal"] = new((a, b) => a <= b, (a, b) => a.less_equal(b), less_equal, (a, b) => a.less_equal_(b), (a, b) => a.le(b), (a, b) => a.le_(b)),
        ["greater"] = new((a, b) => a > b, (a, b) => a.greater(b), greater, (a, b) => a.gt_(b), (a, b) => a.gt(b), (a, b) => a.gt_(b)),
        ["greater_equal"] = new((a, b) => a >= b, (a, b) => a.greater_equal(b), greater_equal, (a, b) => a.ge_(b), (a, b) => a.ge(b), (a, b) => a.ge_(b)),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    [Theory]
    [MemberData(nameof(Names))]
    public void Element_by_element(string name)
    {
        var (expected, member, function, inPlace, number, numberInPlace) = Cases[name];
        var wanted = A.Zip(B, (a, b) => expected(a, b) ? 1L : 0).ToArray();
        var wantedOfTwo = A.Select(a => expected(a, 2) ? 1L : 0).ToArray();
        using var a = Vector(A);
        using var b = Vector(B);
        Assert.Equal(ScalarType.Bool, member(a, b).dtype);
        Assert.Equal(wanted, member(a, b).Integers());
        Assert.Equal(wanted, function(a, b).Integers());
        Assert.Equal(wantedOfTwo, number(a, 2).Integers());

        using var c = a.clone();
        Assert.Same(c, inPlace(c, b));
        Assert.Equal(ScalarType.Float64, c.dtype);
        Assert.Equal(wanted, c.Integers());
        using var d = a.clone();
        Assert.Same(d, numberInPlace(d, 2));
        Assert.Equal(wantedOfTwo, d.Integers());
    }

    [Fact]
    public void Comparing_with_nothing_gives_false()
    {
        using var a = Vector(1, 2);
        Tensor? nothing = null;
        Assert.Equal([0L], a.eq(nothing!).Integers());
        Assert.Equal([0L], a.gt(nothing!).Integers());
        Assert.False(a.Equals(nothing!));
        Assert.False(a.allclose(nothing!));
    }

    [Fact]
    public void Closeness()
    {
        using var a = Vector(1, 100, double.NaN);
        using var b = Vector(1.000001, 101, double.NaN);
        Assert.Equal([1L, 0, 0], a.isclose(b).Integers());
        Assert.Equal([1L, 1, 0], isclose(a, b, rtol: 0.1).Integers());
        Assert.Equal([1L, 0, 1], a.isclose(b, nanEqual: true).Integers());
        Assert.False(a.allclose(b));
        Assert.False(allclose(a, b, rtol: 0.1));
        Assert.True(a.allclose(b, rtol: 0.1, equal_nan: true));
        Assert.True(allclose(Vector(1, 100), Vector(1, 101), atol: 1));
    }

    [Fact]
    public void Membership()
    {
        using var x = Indices(1, 2, 3, 4);
        Assert.Equal([0L, 1, 0, 1], x.isin(Indices(2, 4)).Integers());
        Assert.Equal([1L, 0, 1, 0], isin(x, Indices(2, 4), invert: true).Integers());
    }

    [Fact]
    public void A_NaN_loses_against_a_number_in_fmax_only()
    {
        using var a = Vector(double.NaN, 1);
        using var b = Vector(2, 3);
        Close([double.NaN, 3], a.maximum(b));
        Close([2, 3], a.fmax(b));
        Close([double.NaN, 1], a.minimum(b));
        Close([2, 1], a.fmin(b));
    }
}
