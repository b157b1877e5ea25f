using System.Numerics;

namespace PruneGen;

/// <summary>
/// Symbols of one alphabet in a row: a bit that tells how they are coded, then all of them with the same number of bits, or the table of a Huffman code and
/// their codes, whichever is less.
/// </summary>
internal sealed class SymbolStream
{
    private readonly HuffmanCode? huffman;
    private readonly int width;

    /// <param name="frequencies">How often each symbol of the alphabet occurs.</param>
    public SymbolStream(IReadOnlyList<long> frequencies)
    {
        width = WidthOf(frequencies.Count);
        var count = frequencies.Sum();
        CodeBits = width * count;
        if (count > 0 && HuffmanCode.Suits(frequencies) && HuffmanCode.Of(frequencies) is var code && code.TableBits + code.BitsFor(frequencies) < CodeBits)
        {
            (huffman, CodeBits, TableBits) = (code, code.BitsFor(frequencies), 1 + code.TableBits);
        }
    }

    /// <summary>The bits of the symbols.</summary>
    public long CodeBits { get; }

    /// <summary>The bits of the table, and of what tells whether there is one.</summary>
    public long TableBits { get; private set; } = 1;

    /// <summary>All bits.</summary>
    public long Bits => CodeBits + TableBits;

    /// <summary>Writes what stands before the symbols.</summary>
    public void Begin(BitWriter writer)
    {
        writer.Write(huffman is null ? 0u : 1, 1);
        huffman?.WriteTable(writer);
    }

    public void Write(BitWriter writer, int symbol)
    {
        if (huffman is null)
        {
            writer.Write((uint)symbol, width);
        }
        else
        {
            huffman.Write(writer, symbol);
        }
    }

    /// <summary>Reads what stands before the symbols.</summary>
    /// <param name="reader">Where they stand.</param>
    /// <param name="alphabet">How many symbols there are.</param>
    /// <returns>The code; null where all have the same number of bits.</returns>
    /// <exception cref="InvalidDataException">There is no such code.</exception>
    public static HuffmanCode? ReadBegin(ref BitReader reader, int alphabet) => reader.ReadBit() == 1 ? HuffmanCode.ReadTable(ref reader, alphabet) : null;

    /// <summary>Reads one symbol.</summary>
    /// <exception cref="InvalidDataException">It is none of the alphabet.</exception>
    public static int Read(ref BitReader reader, HuffmanCode? code, int alphabet)
    {
        var symbol = code?.Read(ref reader) ?? (int)reader.Read(WidthOf(alphabet));
        return symbol < alphabet ? symbol : throw new InvalidDataException("a code stands for nothing");
    }

    /// <summary>How many bits tell one of so many symbols; one, where there is only one, so that no symbol is free.</summary>
    private static int WidthOf(int alphabet) => Math.Max(1, 32 - BitOperations.LeadingZeroCount((uint)(alphabet - 1)));
}
