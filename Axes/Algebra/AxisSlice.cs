namespace PruneGen.Axes;

/// <summary>How an <see cref="AxisSlice"/> picks.</summary>
public enum SliceKind
{
    /// <summary>The whole dimension, <c>..</c>.</summary>
    All,

    /// <summary>As many whole dimensions as are left, <c>TensorIndex.Ellipsis</c>.</summary>
    Ellipsis,

    /// <summary>A dimension of one that was not there, <c>TensorIndex.Null</c>.</summary>
    NewAxis,

    /// <summary>One index; the dimension goes.</summary>
    At,

    /// <summary>A range of indices.</summary>
    Range,

    /// <summary>The indices that another tensor holds.</summary>
    By,
}

/// <summary>One index of a tensor's indexer: <c>x[.., 0]</c>, <c>x[TensorIndex.Ellipsis, ..8]</c>.</summary>
public sealed class AxisSlice
{
    private AxisSlice(SliceKind kind, AxisSize? start = null, AxisSize? stop = null, long step = 1, AxisTensor? indices = null)
    {
        Kind = kind;
        Start = start;
        Stop = stop;
        Step = step;
        Indices = indices;
    }

    /// <summary>The whole dimension.</summary>
    public static AxisSlice All { get; } = new(SliceKind.All);

    /// <summary>As many whole dimensions as are left.</summary>
    public static AxisSlice Ellipsis { get; } = new(SliceKind.Ellipsis);

    /// <summary>A new dimension of one.</summary>
    public static AxisSlice NewAxis { get; } = new(SliceKind.NewAxis);

    /// <summary>How it picks.</summary>
    public SliceKind Kind { get; }

    /// <summary>The index, or the first index of a range; null for the start.</summary>
    public AxisSize? Start { get; }

    /// <summary>The first index after a range; null for the end.</summary>
    public AxisSize? Stop { get; }

    /// <summary>How far apart the indices of a range are.</summary>
    public long Step { get; }

    /// <summary>The tensor that holds the indices.</summary>
    public AxisTensor? Indices { get; }

    /// <summary>One index, counted from the end where it is negative.</summary>
    public static AxisSlice At(AxisSize index) => new(SliceKind.At, index);

    /// <summary>The indices from <paramref name="start"/> until before <paramref name="stop"/>; negative ones count from the end.</summary>
    public static AxisSlice Range(AxisSize? start, AxisSize? stop, long step = 1) =>
        start is null && stop is null && step == 1 ? All : new(SliceKind.Range, start, stop, step);

    /// <summary>The indices that a tensor holds, or those where a Boolean one is true.</summary>
    public static AxisSlice By(AxisTensor indices) => new(SliceKind.By, indices: indices);

    /// <summary>The index as a person writes it.</summary>
    public override string ToString() => Kind switch
    {
        SliceKind.All => "..",
        SliceKind.Ellipsis => "...",
        SliceKind.NewAxis => "null",
        SliceKind.At => Start.ToString(),
        SliceKind.By => Indices!.ToString(),
        _ => $"{Start}..{Stop}{(Step == 1 ? "" : ":" + Step.ToString(System.Globalization.CultureInfo.InvariantCulture))}",
    };
}
