namespace PruneGen;

/// <summary>
/// A canonical Huffman code (Huffman, 1952): frequent symbols have short codes, and the lengths alone tell all of it. A single symbol has a code of one bit.
/// </summary>
internal sealed class HuffmanCode
{
    /// <summary>No code is longer, so that a length takes four bits.</summary>
    public const int MaxLength = 15;

    private const int LengthBits = 4;

    private readonly byte[] lengths;
    private readonly ushort[] codes;

    // Of each length the first code, how many there are, and where their symbols begin; the symbols by length, then by number.
    private readonly int[] firstCode = new int[MaxLength + 1];
    private readonly int[] counts = new int[MaxLength + 1];
    private readonly int[] firstSymbol = new int[MaxLength + 1];
    private readonly int[] symbols;

    private HuffmanCode(byte[] lengths)
    {
        this.lengths = lengths;
        codes = new ushort[lengths.Length];
        symbols = [.. Enumerable.Range(0, lengths.Length).Where(symbol => lengths[symbol] > 0).OrderBy(symbol => lengths[symbol]).ThenBy(symbol => symbol)];
        foreach (var symbol in symbols)
        {
            counts[lengths[symbol]]++;
        }

        var (code, at) = (0, 0);
        for (var length = 1; length <= MaxLength; length++)
        {
            code <<= 1;
            (firstCode[length], firstSymbol[length]) = (code, at);
            for (var i = 0; i < counts[length]; i++)
            {
                codes[symbols[at++]] = (ushort)code++;
            }
        }
    }

    /// <summary>The bits of the table that <see cref="WriteTable"/> writes.</summary>
    public long TableBits => (long)LengthBits * lengths.Length;

    /// <summary>How many bits the code of a symbol has; 0 for one that does not occur.</summary>
    public int LengthOf(int symbol) => lengths[symbol];

    /// <summary>Whether codes of <see cref="MaxLength"/> can tell so many symbols apart.</summary>
    public static bool Suits(IReadOnlyList<long> frequencies) => frequencies.Count(frequency => frequency > 0) <= 1 << MaxLength;

    /// <summary>The best code for symbols that occur so often, none longer than <see cref="MaxLength"/>.</summary>
    /// <param name="frequencies">How often each symbol occurs; at least one does.</param>
    public static HuffmanCode Of(IReadOnlyList<long> frequencies)
    {
        for (var weights = frequencies.ToArray(); ; weights = Array.ConvertAll(weights, weight => (weight + 1) / 2))
        {
            // Halved numbers differ less, so their code is less deep.
            var lengths = Lengths(weights);
            if (lengths.Max() <= MaxLength)
            {
                return new HuffmanCode(Array.ConvertAll(lengths, length => (byte)length));
            }
        }
    }

    /// <summary>How many bits symbols take that occur so often, without the table.</summary>
    public long BitsFor(IReadOnlyList<long> frequencies) => lengths.Select((length, symbol) => length * frequencies[symbol]).Sum();

    public void Write(BitWriter writer, int symbol) => writer.Write(codes[symbol], lengths[symbol]);

    public void WriteTable(BitWriter writer)
    {
        foreach (var length in lengths)
        {
            writer.Write(length, LengthBits);
        }
    }

    /// <summary>Reads a code.</summary>
    /// <param name="reader">Where its table is.</param>
    /// <param name="count">How many symbols there are.</param>
    /// <exception cref="InvalidDataException">There is no such code.</exception>
    public static HuffmanCode ReadTable(ref BitReader reader, int count)
    {
        if (reader.Left < (long)LengthBits * count)
        {
            throw new InvalidDataException("a code table ends too early");
        }

        var lengths = new byte[count];
        var (used, room) = (0, 0L);
        for (var symbol = 0; symbol < count; symbol++)
        {
            lengths[symbol] = (byte)reader.Read(LengthBits);
            if (lengths[symbol] > 0)
            {
                used++;
                room += 1L << (MaxLength - lengths[symbol]);
            }
        }

        return room == 1L << MaxLength || (used == 1 && room == 1L << (MaxLength - 1))
            ? new HuffmanCode(lengths)
            : throw new InvalidDataException("the lengths in a code table are those of no code");
    }

    /// <exception cref="InvalidDataException">What follows is the code of no symbol.</exception>
    public int Read(ref BitReader reader)
    {
        var code = 0;
        for (var length = 1; length <= MaxLength; length++)
        {
            code = (code << 1) | (int)reader.ReadBit();
            if (code - firstCode[length] is >= 0 and var place && place < counts[length])
            {
                return symbols[firstSymbol[length] + place];
            }
        }

        throw new InvalidDataException("a code stands for nothing");
    }

    private static int[] Lengths(long[] frequencies)
    {
        // Of equal frequencies the node that was made first comes first, so that the same numbers give the same code.
        var queue = new PriorityQueue<int, (long, int)>();
        var parents = new List<int>(Enumerable.Repeat(-1, frequencies.Length));
        for (var symbol = 0; symbol < frequencies.Length; symbol++)
        {
            if (frequencies[symbol] > 0)
            {
                queue.Enqueue(symbol, (frequencies[symbol], symbol));
            }
        }

        var isSingle = queue.Count == 1;
        while (queue.Count > 1)
        {
            queue.TryDequeue(out var one, out var low);
            queue.TryDequeue(out var other, out var high);
            parents[one] = parents[other] = parents.Count;
            queue.Enqueue(parents.Count, (low.Item1 + high.Item1, parents.Count));
            parents.Add(-1);
        }

        var depths = new int[parents.Count];
        for (var node = parents.Count - 1; node >= 0; node--)
        {
            depths[node] = parents[node] < 0 ? 0 : depths[parents[node]] + 1;
        }

        return [.. frequencies.Select((frequency, symbol) => frequency == 0 ? 0 : isSingle ? 1 : depths[symbol])];
    }
}
