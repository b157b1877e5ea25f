using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Functions of two operands against the same functions on doubles: as member, as torch.* and in place.</summary>
public class ArithmeticTests
{
    private static readonly double[] A = [-2.5, -1, 0.5, 3, 7];
    private static readonly double[] B = [1.5, -2, 2, 0.25, -3];

    private sealed record Case(Func<double, double, double> Expected, Func<Tensor, Tensor, Tensor> Member,
        Func<Tensor, Tensor, Tensor>? Static = null, Func<Tensor, Tensor, Tensor>? InPlace = null);

    private static readonly Dictionary<string, Case> Cases = new()
    {
        ["add"] = new((a, b) => a + b, (a, b) => a.add(b), add, (a, b) => a.add_(b)),
        ["add_alpha"] = new((a, b) => a + 3 * b, (a, b) => a.add(b, 3), (a, b) => add(a, b, 3), (a, b) => a.add_(b, 3)),
        ["sub"] = new((a, b) => a - b, (a, b) => a.sub(b), sub, (a, b) => a.sub_(b)),
        ["subtract"] = new((a, b) => a - b, (a, b) => a.subtract(b), subtract, (a, b) => a.subtract_(b)),
        ["mul"] = new((a, b) => a * b, (a, b) => a.mul(b), mul, (a, b) => a.mul_(b)),
        ["multiply"] = new((a, b) => a * b, (a, b) => a.multiply(b), multiply, multiply_),
        ["div"] = new((a, b) => a / b, (a, b) => a.div(b), (a, b) => div(a, b), (a, b) => a.div_(b)),
        ["div_floor"] = new((a, b) => Math.Floor(a / b), (a, b) => a.div(b, RoundingMode.floor), null, (a, b) => a.div_(b, RoundingMode.floor)),
        ["div_trunc"] = new((a, b) => Math.Truncate(a / b), (a, b) => a.divide(b, RoundingMode.trunc), null, (a, b) => a.divide_(b, RoundingMode.trunc)),
        ["true_divide"] = new((a, b) => a / b, (a, b) => a.true_divide(b), true_divide, (a, b) => a.true_divide_(b)),
        ["floor_divide"] = new((a, b) => Math.Floor(a / b), (a, b) => a.floor_divide(b), floor_divide, (a, b) => a.floor_divide_(b)),
        ["remainder"] = new((a, b) => a - b * Math.Floor(a / b), (a, b) => a.remainder(b), remainder, (a, b) => a.remainder_(b)),
        ["fmod"] = new((a, b) => a % b, (a, b) => a.fmod(b), fmod, (a, b) => a.fmod_(b)),
        ["pow"] = new((a, b) => Math.Pow(Math.Abs(a), b), (a, b) => a.abs().pow(b), (a, b) => pow(a.abs(), b), (a, b) => a.abs_().pow_(b)),
        ["float_power"] = new((a, b) => Math.Pow(Math.Abs(a), b), (a, b) => a.abs().float_power(b), (a, b) => float_power(a.abs(), b), (a, b) => float_power_(a.abs_(), b)),
        ["atan2"] = new(Math.Atan2, (a, b) => a.atan2(b), atan2, (a, b) => a.atan2_(b)),
        ["arctan2"] = new(Math.Atan2, (a, b) => a.arctan2(b), arctan2, (a, b) => a.arctan2_(b)),
        ["hypot"] = new((a, b) => Math.Sqrt(a * a + b * b), (a, b) => a.hypot(b), hypot),
        ["ldexp"] = new((a, b) => a * Math.Pow(2, b), (a, b) => a.ldexp(b), ldexp, (a, b) => a.ldexp_(b)),
        ["logaddexp"] = new((a, b) => Math.Log(Math.Exp(a) + Math.Exp(b)), (a, b) => a.logaddexp(b), logaddexp),
        ["logaddexp2"] = new((a, b) => Math.Log2(Math.Pow(2, a) + Math.Pow(2, b)), (a, b) => a.logaddexp2(b), logaddexp2),
        ["xlogy"] = new((a, b) => a * Math.Log(Math.Abs(b)), (a, b) => a.xlogy(b.abs()), (a, b) => xlogy(a, b.abs()), (a, b) => a.xlogy_(b.abs())),
        ["copysign"] = new(Math.CopySign, (a, b) => a.copysign(b), copysign, copysign_),
        ["heaviside"] = new((a, b) => a == 0 ? b : a > 0 ? 1 : 0, (a, b) => a.heaviside(b), heaviside, heaviside_),
        ["nextafter"] = new((a, b) => b > a ? Math.BitIncrement(a) : Math.BitDecrement(a), (a, b) => a.nextafter(b), nextafter, nextafter_),
        ["maximum"] = new(Math.Max, (a, b) => a.maximum(b), maximum),
        ["minimum"] = new(Math.Min, (a, b) => a.minimum(b), minimum),
        ["max"] = new(Math.Max, (a, b) => a.max(b), max),
        ["min"] = new(Math.Min, (a, b) => a.min(b), min),
        ["fmax"] = new(Math.Max, (a, b) => a.fmax(b), fmax),
        ["fmin"] = new(Math.Min, (a, b) => a.fmin(b), fmin),
        ["addcmul"] = new((a, b) => a + 2 * b * b, (a, b) => a.addcmul(b, b, 2), (a, b) => addcmul(a, b, b, 2), (a, b) => a.addcmul_(b, b, 2)),
        ["addcdiv"] = new((a, b) => a + 2 * a / b, (a, b) => a.addcdiv(a, b, 2), (a, b) => addcdiv(a, a, b, 2), (a, b) => a.addcdiv_(a.clone(), b, 2)),
        ["addcdiv_1"] = new((a, b) => a + a / b, (a, b) => a.addcdiv(a, b), null, (a, b) => a.addcdiv_(a.clone(), b)),
        ["lerp"] = new((a, b) => a + 0.25 * (b - a), (a, b) => a.lerp(b, Quarter(b)), (a, b) => lerp(a, b, Quarter(b)), (a, b) => a.lerp_(b, Quarter(b))),
        ["logical_and"] = new((a, b) => a != 0 && b != 0 ? 1 : 0, (a, b) => a.logical_and(b), logical_and, (a, b) => a.logical_and_(b)),
        ["logical_or"] = new((a, b) => a != 0 || b != 0 ? 1 : 0, (a, b) => a.logical_or(b), logical_or, (a, b) => a.logical_or_(b)),
        ["logical_xor"] = new((a, b) => a != 0 ^ b != 0 ? 1 : 0, (a, b) => a.logical_xor(b), logical_xor, (a, b) => a.logical_xor_(b)),
        // With numbers.
        ["add_number"] = new((a, _) => a + 2, (a, _) => a.add(2), (a, _) => add(a, 2), (a, _) => a.add_(2)),
        ["add_number_alpha"] = new((a, _) => a + 6, (a, _) => a.add(2, 3), (a, _) => add(a, (Scalar)2, 3), (a, _) => a.add_(2, 3)),
        ["sub_number"] = new((a, _) => a - 2, (a, _) => a.sub(2), (a, _) => sub(a, 2), (a, _) => a.sub_(2)),
        ["mul_number"] = new((a, _) => a * 2, (a, _) => a.mul(2), (a, _) => mul(a, 2), (a, _) => a.mul_(2)),
        ["div_number"] = new((a, _) => a / 2, (a, _) => a.div(2), (a, _) => div(a, 2), (a, _) => a.div_(2)),
        ["floor_divide_number"] = new((a, _) => Math.Floor(a / 2), (a, _) => a.floor_divide(2), null, (a, _) => a.floor_divide_(2)),
        ["remainder_number"] = new((a, _) => a - 2 * Math.Floor(a / 2), (a, _) => a.remainder(2), (a, _) => remainder(a, 2), (a, _) => a.remainder_(2)),
        ["fmod_number"] = new((a, _) => a % 2, (a, _) => a.fmod(2), (a, _) => fmod(a, 2), (a, _) => a.fmod_(2)),
        ["pow_number"] = new((a, _) => a * a * a, (a, _) => a.pow(3), (a, _) => pow(a, 3), (a, _) => a.pow_(3)),
        ["xlogy_number"] = new((a, _) => a * Math.Log(2), (a, _) => a.xlogy((Scalar)2), (a, _) => xlogy(a, (Scalar)2), (a, _) => a.xlogy_((Scalar)2)),
    };

    public static IEnumerable<object[]> Names => Cases.Keys.Select(name => new object[] { name });

    private static Tensor Quarter(Tensor like) => like * 0 + 0.25;

    [Theory]
    [MemberData(nameof(Names))]
    public void The_member_is_right_and_leaves_its_tensors_alone(string name)
    {
        using var a = Vector(A);
        using var b = Vector(B);
        Close(A.Zip(B, Cases[name].Expected).ToArray(), Cases[name].Member(a, b));
        Close(A, a);
        Close(B, b);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_static_form_and_the_in_place_form_agree_with_it(string name)
    {
        var (expected, _, function, inPlace) = Cases[name];
        var wanted = A.Zip(B, expected).ToArray();
        using var a = Vector(A);
        using var b = Vector(B);
        if (function is not null)
            Close(wanted, function(a, b));
        if (inPlace is null)
            return;
        Assert.Same(a, inPlace(a, b));
        Close(wanted, a);
    }

    [Fact]
    public void An_in_place_function_writes_through_a_view()
    {
        using var x = Counting(2, 3);
        using var row = x.select(0, 1);
        row.mul_(10);
        Close([0, 1, 2, 30, 40, 50], x);
    }

    [Fact]
    public void An_in_place_function_cannot_grow_its_tensor()
    {
        using var a = Vector(1);
        using var b = Vector(1, 2);
        Assert.Throws<System.Runtime.InteropServices.ExternalException>(() => a.add_(b));
    }

    [Fact]
    public void Integers()
    {
        using var a = Indices(12, 18, 7);
        using var b = Indices(8, 12, 3);
        Assert.Equal([4L, 6, 1], a.gcd(b).Integers());
        Assert.Equal([4L, 6, 1], gcd(a, b).Integers());
        Assert.Equal([24L, 36, 21], a.lcm(b).Integers());
        Assert.Equal([24L, 36, 21], lcm(a, b).Integers());
        Assert.Equal([48L, 72, 28], a.bitwise_left_shift(Indices(2, 2, 2)).Integers());
        Assert.Equal([3L, 4, 1], a.bitwise_right_shift(Indices(2, 2, 2)).Integers());
        Assert.Equal([12L & 8, 18 & 12, 7 & 3], a.bitwise_and(b).Integers());
        Assert.Equal([12L | 8, 18 | 12, 7 | 3], bitwise_or(a, b).Integers());
        Assert.Equal([12L ^ 8, 18 ^ 12, 7 ^ 3], bitwise_xor(a, b).Integers());
        Assert.Equal([~12L, ~18, ~7], a.bitwise_not().Integers());
        Assert.Same(a, a.gcd_(b));
        Assert.Equal([4L, 6, 1], a.Integers());
        Assert.Same(b, b.lcm_(Indices(6, 5, 4)));
        Assert.Equal([24L, 60, 12], b.Integers());
    }

    [Fact]
    public void In_place_bits()
    {
        using var a = Indices(0b1100);
        Assert.Same(a, a.bitwise_and_(Indices(0b1010)));
        Assert.Equal([0b1000L], a.Integers());
        Assert.Equal([0b1001L], a.bitwise_or_(Indices(1)).Integers());
        Assert.Equal([0b1000L], a.bitwise_xor_(Indices(1)).Integers());
        Assert.Equal([0b10000L], a.bitwise_left_shift_(Indices(1)).Integers());
        Assert.Equal([0b100L], a.bitwise_right_shift_(Indices(2)).Integers());
        Assert.Equal([~0b100L], a.bitwise_not_().Integers());
    }

    [Fact]
    public void Lcm_of_fractions_is_refused() => Assert.Throws<ArgumentException>(() => Vector(1, 2).lcm(Vector(2, 3)));

    [Fact]
    public void Limits_given_as_tensors()
    {
        using var x = Vector(-3, 0, 3);
        using var low = Vector(-1, 1, -1);
        using var high = Vector(1, 2, 2);
        Close([-1, 1, 2], x.clamp(low, high));
        Close([-1, 1, 2], clamp(x, low, high));
        Assert.Same(x, x.clamp_(low, high));
        Close([-1, 1, 2], x);
    }

    [Fact]
    public void Types_of_results()
    {
        using var floats = zeros(2);
        using var doubles = zeros(2, dtype: float64);
        using var longs = Indices(1, 2);
        Assert.Equal(ScalarType.Float64, (floats + doubles).dtype);
        Assert.Equal(ScalarType.Float32, (floats + longs).dtype);
        Assert.Equal(ScalarType.Float32, (longs + 0.5).dtype);
        Assert.Equal(ScalarType.Float64, result_type(floats, doubles));
        Assert.Equal(ScalarType.Float32, promote_types(ScalarType.Int64, ScalarType.Float32));
        Assert.True(can_cast(ScalarType.Int64, ScalarType.Float32));
        Assert.False(can_cast(ScalarType.Float32, ScalarType.Int64));
    }
}
