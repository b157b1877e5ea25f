namespace PruneGen.Axes;

/// <summary>Where the indices of a group stand along a dimension that is built from it.</summary>
public static class AxisIndex
{
    /// <summary>
    /// For each position of a dimension, the index of <paramref name="leaf"/> that it belongs to, or -1 for none.
    /// Flattening C×H×W, for example, maps positions 0…HW−1 to channel 0, and so on.
    /// </summary>
    /// <param name="axis">The axis of the dimension.</param>
    /// <param name="leaf">The group.</param>
    /// <param name="length">The dimension's live length; it tells a factor that the source leaves open.</param>
    /// <exception cref="AxisException">The length does not fit the axis.</exception>
    public static long[] Map(Axis axis, Axis leaf, long length)
    {
        leaf = leaf.Resolve();
        var map = Enumerable.Repeat(-1L, checked((int)length)).ToArray();
        foreach (var run in Runs(axis, length, candidate => ReferenceEquals(candidate, leaf)))
        {
            run.WriteTo(map);
        }

        return map;
    }

    /// <summary>Where the leaves of interest stand along a dimension, each as often as it stands there.</summary>
    /// <param name="axis">The axis of the dimension.</param>
    /// <param name="length">The dimension's live length; it tells a factor that the source leaves open.</param>
    /// <param name="wanted">Whether a leaf is of interest.</param>
    /// <exception cref="AxisException">The length does not fit the axis.</exception>
    public static IReadOnlyList<AxisRun> Runs(Axis axis, long length, Func<Axis, bool> wanted)
    {
        var runs = new List<AxisRun>();
        Add(runs, axis.Resolve(), length, wanted, start: 0, stride: 1, [0]);
        return runs;
    }

    private static void Add(List<AxisRun> runs, Axis axis, long length, Func<Axis, bool> wanted, long start, long stride, long[] offsets)
    {
        switch (axis.Kind)
        {
            case AxisKind.Leaf:
                if (wanted(axis))
                {
                    runs.Add(new AxisRun(axis, length, start, stride, offsets));
                }

                break;

            case AxisKind.Concat:
                AddConcat(runs, axis, length, wanted, start, stride, offsets);
                break;

            default:
                AddProduct(runs, axis, length, wanted, start, stride, offsets);
                break;
        }
    }

    private static void AddConcat(List<AxisRun> runs, Axis axis, long length, Func<Axis, bool> wanted, long start, long stride, long[] offsets)
    {
        // The length tells the size of one part that the source leaves open, however often it stands.
        var rest = length - axis.Parts.Sum(part => part.Size ?? 0);
        var open = axis.Parts.Where(part => part.Size is null).Select(part => part.Resolve()).ToList();
        if (rest < 0 || open.Distinct().Count() > 1 || (open.Count == 0 ? rest > 0 : rest % open.Count != 0))
        {
            throw Untold(axis, length);
        }

        rest = open.Count == 0 ? 0 : rest / open.Count;

        foreach (var part in axis.Parts)
        {
            var size = part.Size ?? rest;
            Add(runs, part.Resolve(), size, wanted, start, stride, offsets);
            start += size * stride;
        }
    }

    private static void AddProduct(List<AxisRun> runs, Axis axis, long length, Func<Axis, bool> wanted, long start, long stride, long[] offsets)
    {
        var known = axis.Parts.Where(part => part.Size is not null).Aggregate(1L, (n, part) => n * part.Size!.Value);
        var open = axis.Parts.Count(part => part.Size is null);
        var rest = known > 0 && length % known == 0 ? length / known : throw Untold(axis, length);

        // Of several neighbouring factors that are not known only their product matters; the first carries it. That is no
        // help where one of them is a concatenation with a group in it.
        if (open > 1 && (!OpenFactorsAreNeighbours(axis) || axis.Parts.Any(part => part.Size is null && part.HasPrunable)))
        {
            throw Untold(axis, length);
        }

        if (open == 0 && rest != 1)
        {
            throw Untold(axis, length);
        }

        var sizes = new long[axis.Parts.Count];
        for (var i = 0; i < sizes.Length; i++)
        {
            sizes[i] = axis.Parts[i].Size ?? rest;
            rest = axis.Parts[i].Size is null ? 1 : rest;
        }

        var inner = length;
        for (var i = 0; i < sizes.Length; i++)
        {
            inner /= sizes[i];
            if (axis.Parts[i].Leaves().Any(wanted))
            {
                var outer = length / (inner * sizes[i]);
                Add(
                    runs,
                    axis.Parts[i].Resolve(),
                    sizes[i],
                    wanted,
                    start,
                    inner * stride,
                    Repeated(Repeated(offsets, outer, inner * sizes[i] * stride), inner, stride));
            }
        }
    }

    /// <summary>Each offset so many times, so far apart.</summary>
    private static long[] Repeated(long[] offsets, long count, long stride)
    {
        if (count == 1)
        {
            return offsets;
        }

        var repeated = new long[offsets.Length * count];
        for (var i = 0; i < repeated.Length; i++)
        {
            repeated[i] = offsets[i / count] + (i % count * stride);
        }

        return repeated;
    }

    private static bool OpenFactorsAreNeighbours(Axis product)
    {
        var indices = product.Parts.Select((part, i) => (part, i)).Where(p => p.part.Size is null).Select(p => p.i).ToList();
        return indices[indices.Count - 1] - indices[0] == indices.Count - 1;
    }

    private static AxisException Untold(Axis axis, long length) =>
        new(AxisRule.UnknownShape, $"a dimension of {length} does not divide into {axis}; give the shape of the model's input");
}
