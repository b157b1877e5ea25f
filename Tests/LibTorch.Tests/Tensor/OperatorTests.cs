using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>The C# operators against the same operators on doubles.</summary>
public class OperatorTests
{
    private static readonly double[] A = [-2.5, -1, 0.5, 3, 7];
    private static readonly double[] B = [1.5, -2, 2, 0.25, -3];

    private static double[] Pairs(Func<double, double, double> f) => A.Zip(B, f).ToArray();

    private static double[] Each(Func<double, double> f) => A.Select(f).ToArray();

    private static double Modulo(double a, double b) => a - b * Math.Floor(a / b);

    [Fact]
    public void Two_tensors()
    {
        using var a = Vector(A);
        using var b = Vector(B);
        Close(Pairs((x, y) => x + y), a + b);
        Close(Pairs((x, y) => x - y), a - b);
        Close(Pairs((x, y) => x * y), a * b);
        Close(Pairs((x, y) => x / y), a / b);
        Close(Pairs(Modulo), a % b);
        Close(Each(x => -x), -a);
    }

    [Fact]
    public void A_tensor_and_a_number_of_every_type()
    {
        using var a = Vector(A);
        foreach (var sum in new[] { a + 2, a + 2L, a + 2f, a + 2.0, a + (Scalar)2, 2 + a, 2L + a, 2f + a, 2.0 + a, (Scalar)2 + a })
            Close(Each(x => x + 2), sum);
        foreach (var difference in new[] { a - 2, a - 2L, a - 2f, a - 2.0, a - (Scalar)2 })
            Close(Each(x => x - 2), difference);
        foreach (var difference in new[] { 2 - a, 2L - a, 2f - a, 2.0 - a, (Scalar)2 - a })
            Close(Each(x => 2 - x), difference);
        foreach (var product in new[] { a * 2, a * 2L, a * 2f, a * 2.0, a * (Scalar)2, 2 * a, 2L * a, 2f * a, 2.0 * a, (Scalar)2 * a })
            Close(Each(x => x * 2), product);
        foreach (var quotient in new[] { a / 2, a / 2L, a / 2f, a / 2.0, a / (Scalar)2 })
            Close(Each(x => x / 2), quotient);
        foreach (var quotient in new[] { 2 / a, 2L / a, 2f / a, 2.0 / a, (Scalar)2 / a })
            Close(Each(x => 2 / x), quotient);
        foreach (var remainder in new[] { a % 2, a % 2L, a % 2f, a % 2.0, a % (Scalar)2 })
            Close(Each(x => Modulo(x, 2)), remainder);
    }

    [Fact]
    public void Comparisons()
    {
        using var a = Vector(1, 2, 3);
        using var b = Vector(3, 2, 1);
        Assert.Equal([0L, 1, 0], (a == b).Integers());
        Assert.Equal([1L, 0, 1], (a != b).Integers());
        Assert.Equal([1L, 0, 0], (a < b).Integers());
        Assert.Equal([1L, 1, 0], (a <= b).Integers());
        Assert.Equal([0L, 0, 1], (a > b).Integers());
        Assert.Equal([0L, 1, 1], (a >= b).Integers());
        Assert.Equal(ScalarType.Bool, (a == b).dtype);
    }

    [Fact]
    public void Comparisons_with_numbers_on_either_side()
    {
        using var a = Vector(1, 2, 3);
        Scalar two = 2;
        Assert.Equal([0L, 1, 0], (a == two).Integers());
        Assert.Equal([0L, 1, 0], (two == a).Integers());
        Assert.Equal([1L, 0, 1], (a != two).Integers());
        Assert.Equal([1L, 0, 1], (two != a).Integers());
        Assert.Equal([1L, 0, 0], (a < two).Integers());
        Assert.Equal([0L, 0, 1], (two < a).Integers());
        Assert.Equal([1L, 1, 0], (a <= two).Integers());
        Assert.Equal([0L, 1, 1], (two <= a).Integers());
        Assert.Equal([0L, 0, 1], (a > two).Integers());
        Assert.Equal([1L, 0, 0], (two > a).Integers());
        Assert.Equal([0L, 1, 1], (a >= two).Integers());
        Assert.Equal([1L, 1, 0], (two >= a).Integers());
        Assert.Equal([0L, 0, 1], (a > 2).Integers());
        Assert.Equal([1L, 1, 0], (a <= 2.5).Integers());
    }

    [Fact]
    public void Bits()
    {
        using var a = Indices(0b1100, 0b1010);
        using var b = Indices(0b1010, 0b0110);
        Assert.Equal([0b1000L, 0b0010], (a & b).Integers());
        Assert.Equal([0b1110L, 0b1110], (a | b).Integers());
        Assert.Equal([0b0110L, 0b1100], (a ^ b).Integers());
        Assert.Equal([~0b1100L, ~0b1010L], (~a).Integers());
        using var yes = tensor(new[] { true, false });
        Assert.Equal([0L, 1], (~yes).Integers());
        Assert.Equal(ScalarType.Bool, (~yes).dtype);
    }

    [Fact]
    public void Integer_division_gives_fractions()
    {
        using var a = Indices(1, 2, 7);
        Assert.Equal([0.5f, 1f, 3.5f], (a / 2).data<float>().ToArray());
        Assert.Equal([2f, 1f, 2f / 7], (2 / a).data<float>().ToArray());
    }

    [Fact]
    public void Broadcasting()
    {
        using var column = Shaped([2, 1], 10, 20);
        using var row = Vector(1, 2, 3);
        Close([2, 3], [11, 12, 13, 21, 22, 23], column + row);
    }

    [Fact]
    public void Compound_assignment_makes_a_new_tensor()
    {
        var a = Vector(1, 2);
        var before = a;
        a += 1;
        a *= 3;
        Close([6, 9], a);
        Close([1, 2], before);
    }

    [Fact]
    public void Shapes_that_do_not_broadcast_throw()
    {
        using var a = Vector(1, 2, 3);
        using var b = Vector(1, 2);
        var error = Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => a + b);
        Assert.Contains("must match the size", error.Message);
    }

    [Fact]
    public void Equals_compares_all_elements()
    {
        using var a = Vector(1, 2);
        using var b = Vector(1, 2);
        using var c = Vector(1, 3);
        using var longer = Vector(1, 2, 3);
        Assert.True(a.Equals(b));
        Assert.True(a.Equals((object)b));
        Assert.False(a.Equals(c));
        Assert.False(a.Equals(longer));
        Assert.False(a.Equals("a"));
    }
}
