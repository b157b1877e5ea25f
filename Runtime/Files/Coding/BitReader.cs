namespace PruneGen;

/// <summary>Reads what <see cref="BitWriter"/> has written.</summary>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> bytes = bytes;
    private long at;

    /// <summary>How many bits there are still.</summary>
    public readonly long Left => (8L * bytes.Length) - at;

    /// <summary>Reads a number.</summary>
    /// <param name="length">How many bits, at most 32.</param>
    /// <exception cref="InvalidDataException">There are not as many.</exception>
    public uint Read(int length)
    {
        var value = 0u;
        for (; length > 0; length--)
        {
            value = (value << 1) | ReadBit();
        }

        return value;
    }

    /// <summary>Reads one bit.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public uint ReadBit()
    {
        var place = at >> 3;
        if (place >= bytes.Length)
        {
            throw new InvalidDataException("its codes end too early");
        }

        return (uint)(bytes[(int)place] >> (7 - (int)(at++ & 7))) & 1;
    }

    /// <summary>Sees that nothing is left but the zeros that fill up the last byte.</summary>
    /// <exception cref="InvalidDataException">Something is.</exception>
    public void RequireEnd()
    {
        if (Left >= 8 || Read((int)Left) != 0)
        {
            throw new InvalidDataException("something follows its codes");
        }
    }
}
