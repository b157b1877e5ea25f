namespace TorchSharp.Utils;

/// <summary>
/// Non-negative integers in LEB128: seven bits a byte, the lowest first, the top bit set on every byte but the last.
/// <see cref="BinaryWriter"/> writes string lengths this way, and the <c>.dat</c> format writes its counts, types and
/// dimensions this way too.
/// </summary>
internal static class LEB128Codec
{
    private const int BitsPerByte = 7;
    private const byte ContinuationBit = 0x80;

    /// <summary>Writes a value.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="value"/> is negative.</exception>
    internal static void Encode(this BinaryWriter writer, long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);

        for (; value > 0x7f; value >>= BitsPerByte)
            writer.Write((byte)(value & 0x7f | ContinuationBit));
        writer.Write((byte)value);
    }

    /// <summary>Reads a value.</summary>
    /// <exception cref="EndOfStreamException">The input ends inside the value.</exception>
    /// <exception cref="InvalidDataException">The bytes are no 63-bit value, so the input is not what it should be.</exception>
    internal static long Decode(this BinaryReader reader)
    {
        long result = 0;
        for (int shift = 0; shift < 63; shift += BitsPerByte)
        {
            byte b = reader.ReadByte();
            result |= (long)(b & 0x7f) << shift;
            if ((b & ContinuationBit) == 0)
                return result;
        }
        throw new InvalidDataException("Expected a LEB128 number, but its bytes do not end within 63 bits. The input is damaged, or not a TorchSharp tensor or module file.");
    }
}
