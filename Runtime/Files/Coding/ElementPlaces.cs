namespace PruneGen;

/// <summary>
/// Which elements of a tensor are stored: all of them, those that a bit each tells, or those that their distances tell (Han et al., 2016), whichever takes
/// the fewest bits. The others are zero.
/// </summary>
internal sealed class ElementPlaces
{
    private const int FormBits = 2;
    private const int GapWidthBits = 4;
    private const int CountBits = 32;
    private const int WidestGap = 8;

    private readonly IReadOnlyList<int>? stored;
    private readonly int count;
    private readonly int gapWidth;
    private readonly SymbolStream? gaps;
    private readonly long gapCount;

    private ElementPlaces(IReadOnlyList<int>? stored, int count, int gapWidth, SymbolStream? gaps, long gapCount)
    {
        (this.stored, this.count, this.gapWidth, this.gaps, this.gapCount) = (stored, count, gapWidth, gaps, gapCount);
    }

    private enum Form : uint
    {
        All = 0,
        Mask = 1,
        Gaps = 2,
    }

    /// <summary>How many bits it takes.</summary>
    public long Bits => FormBits + (gaps is not null ? GapWidthBits + CountBits + gaps.Bits : stored is not null ? count : 0);

    /// <summary>All elements.</summary>
    public static ElementPlaces All(int count) => new(null, count, 0, null, 0);

    /// <summary>Some elements, in the way that takes the fewest bits.</summary>
    /// <param name="stored">Their places, ascending.</param>
    /// <param name="count">How many elements there are.</param>
    public static ElementPlaces Of(IReadOnlyList<int> stored, int count)
    {
        var best = new ElementPlaces(stored, count, 0, null, 0);
        for (var width = 2; width <= WidestGap; width++)
        {
            var frequencies = new long[1 << width];
            foreach (var symbol in Gaps(stored, width))
            {
                frequencies[symbol]++;
            }

            var coded = new ElementPlaces(stored, count, width, new SymbolStream(frequencies), frequencies.Sum());
            best = coded.Bits < best.Bits ? coded : best;
        }

        return best;
    }

    public void Write(BitWriter writer)
    {
        writer.Write((uint)(stored is null ? Form.All : gaps is null ? Form.Mask : Form.Gaps), FormBits);
        if (stored is null)
        {
            return;
        }

        if (gaps is not null)
        {
            writer.Write((uint)gapWidth, GapWidthBits);
            writer.Write((uint)gapCount, CountBits);
            gaps.Begin(writer);
            foreach (var symbol in Gaps(stored, gapWidth))
            {
                gaps.Write(writer, symbol);
            }

            return;
        }

        var next = 0;
        for (var i = 0; i < count; i++)
        {
            var isStored = next < stored.Count && stored[next] == i;
            writer.Write(isStored ? 1u : 0, 1);
            next += isStored ? 1 : 0;
        }
    }

    /// <summary>Reads the places.</summary>
    /// <param name="reader">Where they stand.</param>
    /// <param name="count">How many elements there are.</param>
    /// <returns>The places, ascending; null for all.</returns>
    /// <exception cref="InvalidDataException">They are none of so many elements.</exception>
    public static List<int>? Read(ref BitReader reader, int count)
    {
        var places = new List<int>();
        switch ((Form)reader.Read(FormBits))
        {
            case Form.All:
                return null;
            case Form.Mask:
                for (var i = 0; i < count; i++)
                {
                    if (reader.ReadBit() == 1)
                    {
                        places.Add(i);
                    }
                }

                return places;
            case Form.Gaps:
                var width = (int)reader.Read(GapWidthBits);
                if (width is < 2 or > WidestGap)
                {
                    throw new InvalidDataException($"distances of {width} bits are none of 2 to {WidestGap}");
                }

                var (symbols, most, at) = (reader.Read(CountBits), (1 << width) - 1, 0L);
                var code = SymbolStream.ReadBegin(ref reader, 1 << width);
                for (; symbols > 0; symbols--)
                {
                    var gap = SymbolStream.Read(ref reader, code, 1 << width);
                    at += gap;
                    if (at >= count)
                    {
                        throw new InvalidDataException("an element stands behind the last one");
                    }

                    if (gap < most)
                    {
                        places.Add((int)at++);
                    }
                }

                return places;
            default:
                throw new InvalidDataException("its elements are placed in an unknown way");
        }
    }

    /// <summary>The zeros before each element; the highest symbol is as many zeros with no element behind them.</summary>
    private static IEnumerable<int> Gaps(IReadOnlyList<int> stored, int width)
    {
        var (most, next) = ((1 << width) - 1, 0);
        foreach (var place in stored)
        {
            var gap = place - next;
            for (; gap >= most; gap -= most)
            {
                yield return most;
            }

            yield return gap;
            next = place + 1;
        }
    }
}
