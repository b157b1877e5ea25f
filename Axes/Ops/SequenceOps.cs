namespace PruneGen.Axes;

/// <summary>
/// Sequences of different lengths in one tensor, padded or packed. None of it changes the widths of what stands at each time.
/// </summary>
internal static class SequenceOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [Pad(graph, a)], "pad_sequence");
        ops.Add((graph, a) => [Pack(graph, a)], "pack_padded_sequence");
        ops.Add((graph, a) => [PackSequence(graph, a)], "pack_sequence");
        ops.AddSeveral(_ => 2, Unpack, "pad_packed_sequence");
        ops.TakesFraction(PadValue, "pad_sequence", "pad_packed_sequence");
    }

    /// <summary>What shorter sequences are filled up with.</summary>
    internal const string PadValue = "padding_value";

    /// <summary>Sequences, each with its time first, filled up to the longest.</summary>
    public static AxisTensor Pad(AxisGraph graph, OpArguments a)
    {
        var padded = Joined(graph, a);
        return FilledUp(a, a.Flag(false, "batch_first") ? ShapeOps.Transpose(padded, 0, 1) : padded);
    }

    /// <summary>Padded sequences without what they are filled up with.</summary>
    public static AxisTensor Pack(AxisGraph graph, OpArguments a)
    {
        var x = ShapeOps.Ranked(graph, a.Input, 3);
        var first = a.Flag(false, "batch_first") ? ShapeOps.Transpose(x, 0, 1) : x;
        graph.FixAll([first.Dims[first.IndexOf(0)], first.Dims[first.IndexOf(1)]], $"{a.Name} takes as many of it as a tensor tells");
        return first.AsPacked(true);
    }

    /// <summary>Sequences, each with its time first, one after the other.</summary>
    public static AxisTensor PackSequence(AxisGraph graph, OpArguments a) => Joined(graph, a).AsPacked(true);

    /// <summary>Packed sequences, filled up to the longest again, and their lengths.</summary>
    public static AxisTensor[] Unpack(AxisGraph graph, OpArguments a)
    {
        var packed = a.Input;
        var (time, batch) = (packed.Dims[packed.IndexOf(0)], packed.Dims[packed.IndexOf(1)]);
        graph.Fix(time, $"{a.Name} fills it up to the longest");
        if (a.Has("total_length"))
        {
            packed = packed.With(0, graph.NewFixed("", a.Size(null, "total_length").AsNumber(a.Name), $"{a.Name} states its size"));
        }

        var padded = packed.AsPacked(false);
        return [FilledUp(a, a.Flag(false, "batch_first") ? ShapeOps.Transpose(padded, 0, 1) : padded), new AxisTensor(batch).WithZeros(false)];
    }

    /// <summary>Time first, then the sequences, which agree in every other dimension; those of one length have that one.</summary>
    private static AxisTensor Joined(AxisGraph graph, OpArguments a)
    {
        if (a.Given.Any(sequence => sequence.IsOpen || sequence.Dims.Count != a.Input.Dims.Count || sequence.Dims.Count == 0))
        {
            throw new AxisException(
                AxisRule.UnknownShape,
                $"{a.Name} joins sequences whose dimensions are not known here: {string.Join(", ", a.Given)}; give the shape of the model's input");
        }

        var times = a.Given.Select(sequence => sequence.Dims[0]).ToList();
        var time = times[0];
        if (!times.All(other => other.IsSame(time)))
        {
            graph.FixAll(times, $"{a.Name} fills it up to the longest");
            var longest = times.All(other => other.Size is not null) ? times.Max(other => other.Size) : null;
            time = graph.NewFixed("", longest, $"{a.Name} fills it up to the longest");
        }

        foreach (var sequence in a.Given.Skip(1))
        {
            for (var i = 1; i < sequence.Dims.Count; i++)
            {
                graph.Tie(a.Input.Dims[i], sequence.Dims[i], $"{a.Name} needs its sequences to agree in every dimension but the first");
            }
        }

        return a.Input.WithDims([time.Resolve(), graph.NewConstant(a.Given.Count), .. a.Input.Dims.Skip(1)])
            .WithZeros(a.Given.All(sequence => sequence.KeepsZeros));
    }

    /// <summary>Zeros, where it is not told otherwise.</summary>
    private static AxisTensor FilledUp(OpArguments a, AxisTensor padded) =>
        padded.WithZeros(padded.KeepsZeros && (!a.Has(PadValue) || a.Fraction(PadValue) == 0));
}
