namespace PruneGen;

/// <summary>What the bits of coded tensors are for, summed up.</summary>
internal sealed class FileParts
{
    public long Positions { get; set; }

    public long Codes { get; set; }

    public long Tables { get; set; }

    public long Values { get; set; }

    public long Held { get; set; }

    /// <summary>Adds what another tensor has.</summary>
    public void Add(FileParts other)
    {
        Positions += other.Positions;
        Codes += other.Codes;
        Tables += other.Tables;
        Values += other.Values;
        Held += other.Held;
    }

    /// <summary>In whole bytes, of a file of so many.</summary>
    /// <param name="header">Bytes of the header.</param>
    /// <param name="total">Bytes of the file.</param>
    public BytesOnDisk Of(long header, long total)
    {
        var known = new BytesOnDisk(header, Positions / 8, Codes / 8, Tables / 8, Values / 8, Held / 8, 0);
        return known with { Framing = total - known.Total };
    }
}

/// <summary>The bytes of a <c>.prune</c> file, by what they are for.</summary>
/// <param name="Header">What is said of the model: names, shapes, options, reports; compressed.</param>
/// <param name="Positions">Which elements of sparse tensors are not zero.</param>
/// <param name="Codes">The codes of shared and quantized weights, and of any tensor that has few different values.</param>
/// <param name="Tables">What codes stand for: values, scales, zero points, and the tables of Huffman codes.</param>
/// <param name="Values">Values that are stored as they are: biases, statistics, weights that are not coded.</param>
/// <param name="Held">Which weights are held at zero, where that is not just those that are zero.</param>
/// <param name="Framing">Lengths, what tells how each tensor is stored, unused bits, and the checksum.</param>
public sealed record BytesOnDisk(long Header, long Positions, long Codes, long Tables, long Values, long Held, long Framing)
{
    /// <summary>All bytes: the length of the file.</summary>
    public long Total => Header + Positions + Codes + Tables + Values + Held + Framing;
}
