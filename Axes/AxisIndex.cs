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
        axis = axis.Resolve();
        leaf = leaf.Resolve();
        var result = new long[length];
        switch (axis.Kind)
        {
            case AxisKind.Leaf:
                for (long i = 0; i < length; i++)
                {
                    result[i] = ReferenceEquals(axis, leaf) ? i : -1;
                }

                return result;

            case AxisKind.Concat:
                return MapConcat(axis, leaf, length);

            default:
                return MapProduct(axis, leaf, length);
        }
    }

    private static long[] MapConcat(Axis axis, Axis leaf, long length)
    {
        var result = new long[length];

        // The length tells the size of one part that the source leaves open.
        var rest = length - axis.Parts.Sum(part => part.Size ?? 0);
        var open = axis.Parts.Count(part => part.Size is null);
        if (rest < 0 || open > 1 || (open == 0 && rest > 0))
        {
            throw Untold(axis, length);
        }

        long start = 0;
        foreach (var part in axis.Parts)
        {
            var size = part.Size ?? rest;
            Map(part, leaf, size).CopyTo(result, start);
            start += size;
        }

        return result;
    }

    private static long[] MapProduct(Axis axis, Axis leaf, long length)
    {
        var result = new long[length];
        var inner = length;
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

        for (long i = 0; i < length; i++)
        {
            result[i] = -1;
        }

        var openSeen = false;
        foreach (var part in axis.Parts)
        {
            var size = part.Size ?? (openSeen ? 1 : rest);
            openSeen |= part.Size is null;
            inner /= size;
            if (!part.Leaves().Contains(leaf))
            {
                continue;
            }

            var map = Map(part, leaf, size);
            for (long i = 0; i < length; i++)
            {
                result[i] = map[i / inner % size];
            }
        }

        return result;
    }

    private static bool OpenFactorsAreNeighbours(Axis product)
    {
        var indices = product.Parts.Select((part, i) => (part, i)).Where(p => p.part.Size is null).Select(p => p.i).ToList();
        return indices[indices.Count - 1] - indices[0] == indices.Count - 1;
    }

    private static AxisException Untold(Axis axis, long length) =>
        new(AxisRule.UnknownShape, $"a dimension of {length} does not divide into {axis}; give the shape of the model's input");
}
