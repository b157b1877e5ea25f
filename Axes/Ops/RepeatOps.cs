namespace PruneGen.Axes;

/// <summary>Operations that repeat, turn or shift dimensions.</summary>
internal static class RepeatOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [Repeat(graph, a)], "repeat", "tile");
        ops.Add((graph, a) => [RepeatInterleave(graph, a)], "repeat_interleave");
        ops.Add((graph, a) => [Turn(graph, a)], "flip", "fliplr", "flipud", "rot90", "roll", "fftshift", "ifftshift");
        ops.Add((graph, a) => [ChannelShuffle(graph, a.Input, a.Number(null, "groups"))], "channel_shuffle");
    }

    /// <summary>The whole of each dimension, so many times.</summary>
    public static AxisTensor Repeat(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var counts = a.Sizes("sizes", "repeats", "reps", "dims").ToList();
        while (a.Name == "tile" && counts.Count < x.Dims.Count)
        {
            counts.Insert(0, 1);
        }

        if (x.IsOpen || counts.Count < x.Dims.Count)
        {
            throw new AxisException(
                x.IsOpen ? AxisRule.UnknownShape : AxisRule.Mismatch, $"{a.Name}({string.Join(", ", counts)}) of a tensor with the dimensions {x}");
        }

        var added = counts.Count - x.Dims.Count;
        var dims = counts.Select((count, i) =>
            i < added
                ? Counted(graph, count, a.Name)
                : Times(graph, Counted(graph, count, a.Name), Repeated(graph, x.Dims[i - added], count, a.Name), inner: false)).ToArray();
        return x.WithDims(dims).WithZeros(x.KeepsZeros && !counts.Any(count => count.MayShrink));
    }

    /// <summary>Each index of a dimension, so many times in a row.</summary>
    public static AxisTensor RepeatInterleave(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        if (!a.Has("dim"))
        {
            x = ShapeOps.Flatten(graph, x, 0, -1);
        }

        var index = x.IndexOf(a.Has("dim") ? a.Number(null, "dim") : 0);
        if (a.Optional(1) is not null || !a.Has("repeats"))
        {
            graph.Fix(x.Dims[index], $"{a.Name} repeats it by numbers that a tensor holds");
            return x.With(index, graph.NewConstant(null));
        }

        var count = a.Size(null, "repeats");
        return x.With(index, Times(graph, Counted(graph, count, a.Name), Repeated(graph, x.Dims[index], count, a.Name), inner: true));
    }

    /// <summary>What is repeated stays as it is where only the content of a tensor tells how often.</summary>
    private static Axis Repeated(AxisGraph graph, Axis axis, AxisSize count, string name)
    {
        if (count.Content is { } content)
        {
            graph.Fix(axis, OpTable.ByContent(name, content));
        }

        return axis.Resolve();
    }

    /// <summary>Dimensions that end where they began or turn round: index i no longer stands where it did.</summary>
    public static AxisTensor Turn(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var dims = a.Name switch
        {
            "fliplr" => [1],
            "flipud" => [0],
            "rot90" => a.Numbers("dims") ?? [0, 1],
            _ => a.Numbers("dims", "dim"),
        };
        foreach (var axis in dims is null ? x.Dims : dims.Select(dim => x.Dims[x.IndexOf(dim)]))
        {
            graph.Fix(axis, $"{a.Name} moves its indices");
        }

        return a.Name == "rot90" && a.Size(1, "k").AsNumber(a.Name) % 2 != 0 ? ShapeOps.Transpose(x, dims![0], dims[1]) : x;
    }

    /// <summary>C = g·c channels become c·g: those of all groups take turns (Zhang et al., 2018).</summary>
    public static AxisTensor ChannelShuffle(AxisGraph graph, AxisTensor x, long groups)
    {
        if (x.Dims.Count < 3)
        {
            throw new AxisException(AxisRule.UnknownShape, $"channel_shuffle works on the channels of {x}, whose dimensions are not known here");
        }

        var channels = x.Dims[1];
        if (!channels.MayShrink)
        {
            return x;
        }

        var inside = AxisPieces.Equal(graph, channels, groups, $"channel_shuffle mixes {groups} groups");
        return x.With(1, AxisGraph.MakeProduct([inside, graph.NewFixed("", groups, $"channel_shuffle mixes {groups} groups")]));
    }

    private static Axis Counted(AxisGraph graph, AxisSize count, string name) =>
        count.Axis ?? graph.NewFixed("", count.AsNumber(name), $"{name} repeats it so many times");

    /// <summary>So many times an axis; a dimension of one becomes the count itself.</summary>
    private static Axis Times(AxisGraph graph, Axis count, Axis axis, bool inner) =>
        axis.Size == 1 && !axis.MayShrink ? count
        : count.Size == 1 && !count.MayShrink ? axis
        : !axis.MayShrink && !count.MayShrink ? graph.NewFixed(axis.Name, axis.Size * count.Size, axis.Leaves().First().FixedBecause ?? "it is repeated")
        : AxisGraph.MakeProduct(inner ? [axis, count] : [count, axis]);
}
