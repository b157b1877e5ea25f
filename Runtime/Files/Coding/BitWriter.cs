namespace PruneGen;

/// <summary>Writes numbers of any number of bits, the highest bit of each first, the highest bit of a byte first.</summary>
internal sealed class BitWriter
{
    private readonly List<byte> bytes = [];
    private ulong open;
    private int count;

    /// <summary>How many bits have been written.</summary>
    public long Bits => (8L * bytes.Count) + count;

    /// <summary>Writes the lowest bits of a number.</summary>
    /// <param name="value">The number, which has no others.</param>
    /// <param name="length">How many bits, at most 32.</param>
    public void Write(uint value, int length)
    {
        open = (open << length) | value;
        for (count += length; count >= 8; count -= 8)
        {
            bytes.Add((byte)(open >> (count - 8)));
        }
    }

    /// <summary>The bytes, the last filled up with zeros.</summary>
    public byte[] ToArray() => count == 0 ? [.. bytes] : [.. bytes, (byte)(open << (8 - count))];
}
