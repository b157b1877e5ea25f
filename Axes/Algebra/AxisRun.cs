namespace PruneGen.Axes;

/// <summary>
/// One place where a leaf stands along a dimension: its index i is at <c>Start + i·Stride</c>, and again at each offset from
/// there. Flattening C×H×W gives C one run of stride HW, with the offsets 0 to HW−1.
/// </summary>
public sealed class AxisRun
{
    internal AxisRun(Axis leaf, long count, long start, long stride, long[] offsets)
    {
        Leaf = leaf;
        Count = count;
        Start = start;
        Stride = stride;
        Offsets = offsets;
    }

    /// <summary>The leaf.</summary>
    public Axis Leaf { get; }

    /// <summary>Number of its indices.</summary>
    public long Count { get; }

    /// <summary>The first position of index 0.</summary>
    public long Start { get; }

    /// <summary>From an index to the next.</summary>
    public long Stride { get; }

    /// <summary>How far from its first position each index stands; 0 alone where it stands once.</summary>
    public long[] Offsets { get; }

    /// <summary>Whether the dimension begins with the leaf as it is, index by index.</summary>
    public bool IsPlain => Start == 0 && Stride == 1 && Offsets.Length == 1;

    /// <summary>Writes the index of the leaf to every position where it stands.</summary>
    /// <param name="map">An entry for each position of the dimension.</param>
    public void WriteTo(long[] map)
    {
        for (var index = 0L; index < Count; index++)
        {
            foreach (var offset in Offsets)
            {
                map[Start + (index * Stride) + offset] = index;
            }
        }
    }
}
