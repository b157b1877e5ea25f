using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Element types: their codes in ONNX, and which one an operation of two gives.</summary>
internal static class TensorTypes
{
    private static readonly Dictionary<ScalarType, long> Codes = new()
    {
        [ScalarType.Float32] = 1,
        [ScalarType.Byte] = 2,
        [ScalarType.Int8] = 3,
        [ScalarType.Int16] = 5,
        [ScalarType.Int32] = 6,
        [ScalarType.Int64] = 7,
        [ScalarType.Bool] = 9,
        [ScalarType.Float16] = 10,
        [ScalarType.Float64] = 11,
        [ScalarType.BFloat16] = 16,
    };

    /// <summary>The number that ONNX has for an element type.</summary>
    /// <exception cref="NotSupportedException">It has none.</exception>
    public static long OnnxCode(ScalarType type) => Codes.TryGetValue(type, out var code) ? code
        : throw new NotSupportedException($"ONNX has no tensors of {type}; convert it with to_type before.");

    /// <summary>Whether numbers of the type have fractions.</summary>
    public static bool IsFloating(ScalarType type) => Category(type) == 2;

    /// <summary>The element type of an operation on two tensors: that of a tensor with dimensions, unless the other is of a higher kind.</summary>
    /// <param name="first">The one's type.</param>
    /// <param name="firstIsNumber">Whether it is a number or has no dimensions.</param>
    /// <param name="second">The other's.</param>
    /// <param name="secondIsNumber">Whether that is a number or has no dimensions.</param>
    public static ScalarType Promote(ScalarType first, bool firstIsNumber, ScalarType second, bool secondIsNumber)
    {
        if (firstIsNumber != secondIsNumber && Category(first) != Category(second))
        {
            var ranked = firstIsNumber ? second : first;
            var number = firstIsNumber ? first : second;
            return Category(number) > Category(ranked) ? number : ranked;
        }

        return firstIsNumber != secondIsNumber ? (firstIsNumber ? second : first) : Wider(first, second);
    }

    /// <summary>How many bytes one number has.</summary>
    public static long BytesOf(ScalarType type) => Width(type);

    /// <summary>How many bytes a tensor's numbers have.</summary>
    public static long Bytes(Tensor tensor) => tensor.numel() * tensor.element_size();

    /// <summary>The numbers of a tensor, in order.</summary>
    public static byte[] ToBytes(Tensor tensor)
    {
        using var here = tensor.detach().cpu().contiguous();
        return here.bytes.ToArray();
    }

    private static ScalarType Wider(ScalarType first, ScalarType second)
    {
        if (first == second)
        {
            return first;
        }

        if (Category(first) != Category(second))
        {
            return Category(first) > Category(second) ? first : second;
        }

        return (first, second) switch
        {
            (ScalarType.Float16, ScalarType.BFloat16) or (ScalarType.BFloat16, ScalarType.Float16) => ScalarType.Float32,
            (ScalarType.Byte, ScalarType.Int8) or (ScalarType.Int8, ScalarType.Byte) => ScalarType.Int16,
            _ => Width(first) >= Width(second) ? first : second,
        };
    }

    private static int Category(ScalarType type) => type switch
    {
        ScalarType.Bool => 0,
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Int16 or ScalarType.Int32 or ScalarType.Int64 => 1,
        _ => 2,
    };

    private static int Width(ScalarType type) => type switch
    {
        ScalarType.Bool or ScalarType.Byte or ScalarType.Int8 => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        _ => 8,
    };
}
