using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The plainest quantization: 2^bits evenly spaced values from the least to the largest number, Q = round((W − a) / step) · step + a, step = (b − a) /
/// (2^bits − 1), so that no number is off by more than half a step. Zero need not be one of them, so it is for numbers that are stored, not for a model that
/// computes with whole numbers: <see cref="CodeGrid"/> is for that.
/// </summary>
/// <param name="Least">a, the least number.</param>
/// <param name="Most">b, the largest.</param>
/// <param name="Bits">Bits of a number, from 1 to 16.</param>
public sealed record UniformLevels(double Least, double Most, int Bits)
{
    private const int MostBits = 16;

    /// <summary>The distance of two values; 0 where all numbers are equal.</summary>
    public double Step => (Most - Least) / ((1 << Bits) - 1);

    /// <summary>The values for a tensor.</summary>
    /// <param name="numbers">The tensor.</param>
    /// <param name="bits">Bits of a number, from 1 to 16.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bits are outside their range.</exception>
    public static UniformLevels Of(Tensor numbers, int bits) => bits is >= 1 and <= MostBits
        ? new(numbers.min().ToDouble(), numbers.max().ToDouble(), bits)
        : throw new ArgumentOutOfRangeException(nameof(bits), bits, $"Numbers are to have {bits} bits; give 1 to {MostBits}.");

    /// <summary>The fewest bits by which no number of a range is off by more than a tolerance: ⌈log₂((b − a) / 2e + 1)⌉, at least 1.</summary>
    /// <param name="least">a, the least number.</param>
    /// <param name="most">b, the largest.</param>
    /// <param name="tolerance">e, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tolerance is not above 0, or 16 bits are not enough.</exception>
    public static int BitsFor(double least, double most, double tolerance)
    {
        var bits = tolerance > 0 ? Math.Max(1, Math.Ceiling(Math.Log2(((most - least) / (2 * tolerance)) + 1))) : double.NaN;
        return bits <= MostBits
            ? (int)bits
            : throw new ArgumentOutOfRangeException(
                nameof(tolerance), tolerance,
                FormattableString.Invariant($"Numbers from {least} to {most} cannot be kept within {tolerance} by {MostBits} bits; give a larger tolerance."));
    }

    /// <summary>What numbers become, halves to even: a new tensor of their type.</summary>
    public Tensor Apply(Tensor numbers)
    {
        using var scope = NewDisposeScope();
        var exact = numbers.to_type(ScalarType.Float64);
        var rounded = Step == 0 ? exact.clone() : (((exact - Least) / Step).round() * Step) + Least;
        return rounded.to_type(numbers.dtype).MoveToOuterDisposeScope();
    }
}
