namespace PruneGen.Axes;

/// <summary>
/// One place where a leaf stands along a dimension: its index i is at <c>Start + i·Stride</c>, and again at every multiple of
/// each repeat. Flattening C×H×W gives C one run of stride HW, repeated HW times at stride 1.
/// </summary>
public sealed class AxisRun
{
    internal AxisRun(Axis leaf, long count, long start, long stride, IReadOnlyList<AxisRepeat> repeats)
    {
        Leaf = leaf;
        Count = count;
        Start = start;
        Stride = stride;
        Repeats = repeats;
    }

    /// <summary>The leaf.</summary>
    public Axis Leaf { get; }

    /// <summary>Number of its indices.</summary>
    public long Count { get; }

    /// <summary>The first position of index 0.</summary>
    public long Start { get; }

    /// <summary>From an index to the next.</summary>
    public long Stride { get; }

    /// <summary>How often each index stands, and how far apart.</summary>
    public IReadOnlyList<AxisRepeat> Repeats { get; }

    /// <summary>Visits every position where the leaf stands.</summary>
    /// <param name="visit">Is given the position and the index of the leaf that stands there.</param>
    public void ForEach(Action<long, long> visit)
    {
        for (long i = 0; i < Count; i++)
        {
            Visit(Start + (i * Stride), i, Repeats.Count, visit);
        }
    }

    private void Visit(long position, long index, int repeats, Action<long, long> visit)
    {
        if (repeats == 0)
        {
            visit(position, index);
            return;
        }

        var repeat = Repeats[repeats - 1];
        for (long i = 0; i < repeat.Count; i++)
        {
            Visit(position + (i * repeat.Stride), index, repeats - 1, visit);
        }
    }
}

/// <summary>So many times, so far apart.</summary>
/// <param name="count">How often.</param>
/// <param name="stride">How far apart.</param>
public readonly struct AxisRepeat(long count, long stride)
{
    /// <summary>How often.</summary>
    public long Count { get; } = count;

    /// <summary>How far apart.</summary>
    public long Stride { get; } = stride;
}
