using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The whole numbers that a number may become, and how a range of numbers is laid over them.</summary>
/// <param name="Least">The least code.</param>
/// <param name="Most">The largest code.</param>
/// <param name="IsSymmetric">Whether zero is always the code 0, so that the range goes as far below zero as above.</param>
public sealed record CodeGrid(int Least, int Most, bool IsSymmetric)
{
    /// <summary>As many codes below zero as above: of 8 bits −127 to 127.</summary>
    /// <param name="bits">Bits of a code.</param>
    public static CodeGrid Symmetric(int bits) => new(1 - (1 << (bits - 1)), (1 << (bits - 1)) - 1, IsSymmetric: true);

    /// <summary>All codes with a sign: of 8 bits −128 to 127.</summary>
    /// <param name="bits">Bits of a code.</param>
    public static CodeGrid Affine(int bits) => new(-(1 << (bits - 1)), (1 << (bits - 1)) - 1, IsSymmetric: false);

    /// <summary>All codes without a sign: of 8 bits 0 to 255.</summary>
    /// <param name="bits">Bits of a code.</param>
    public static CodeGrid Unsigned(int bits) => new(0, (1 << bits) - 1, IsSymmetric: false);

    /// <summary>
    /// The scale and the code of zero by which a range is covered. A range that is not symmetric is extended to zero, and moved so far that zero is a code.
    /// </summary>
    /// <param name="least">The least number of each row, float32.</param>
    /// <param name="most">The largest number of each row, float32.</param>
    /// <returns>Both in float32, in the shape of the range; the scale is 1 where that is empty.</returns>
    public (Tensor Scale, Tensor ZeroPoint) Fit(Tensor least, Tensor most)
    {
        using var scope = NewDisposeScope();
        var (low, high) = (least.clamp(max: LastingScalars.Of(0)), most.clamp(min: LastingScalars.Of(0)));
        var range = IsSymmetric ? maximum(-low, high) / LastingScalars.Of(Most) : (high - low) / LastingScalars.Of((double)Most - Least);
        var isEmpty = range.le(LastingScalars.Of(float.Epsilon)).logical_or(range.isfinite().logical_not());
        var scale = where(isEmpty, ones_like(range), range);
        var zero = IsSymmetric ? zeros_like(scale) : Within((low / scale).round().neg() + LastingScalars.Of(Least));
        return (scale.MoveToOuterDisposeScope(), zero.MoveToOuterDisposeScope());
    }

    /// <summary>The codes of numbers, halves to even.</summary>
    /// <param name="numbers">The numbers.</param>
    /// <param name="scale">The scale, broadcast over them.</param>
    /// <param name="zeroPoint">The code of zero, likewise.</param>
    public Tensor Codes(Tensor numbers, Tensor scale, Tensor zeroPoint) => Within((numbers / scale).round() + zeroPoint);

    /// <summary>What numbers become.</summary>
    /// <inheritdoc cref="Codes"/>
    public Tensor Quantize(Tensor numbers, Tensor scale, Tensor zeroPoint) => (Codes(numbers, scale, zeroPoint) - zeroPoint) * scale;

    private Tensor Within(Tensor codes) => codes.clamp(LastingScalars.Of(Least), LastingScalars.Of(Most));
}
