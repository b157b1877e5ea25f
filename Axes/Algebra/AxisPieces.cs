namespace PruneGen.Axes;

/// <summary>
/// Cuts an axis into pieces that follow each other. A piece whose size the source reads from a tensor is that tensor's
/// axis; one that it states as a constant must stay as it is; the one that takes the rest may shrink.
/// </summary>
internal static class AxisPieces
{
    /// <summary>So many equal pieces. They must stay equal, so they are pruned alike: the axis is so many times one other.</summary>
    public static Axis Equal(AxisGraph graph, Axis axis, long count, string why)
    {
        if (axis.Size % count is not 0 and not null)
        {
            throw new AxisException(AxisRule.Mismatch, $"{why} of equal width, but {axis} is {axis.Size} wide");
        }

        if (axis.Resolve() is { Kind: AxisKind.Product } product && product.Parts[0] is { Kind: AxisKind.Leaf, IsPrunable: false } first && first.Size == count)
        {
            return AxisGraph.MakeProduct(product.Parts.Skip(1).ToArray());
        }

        var piece = graph.NewUndecided("", axis.Size / count);
        piece.IsOutput = axis.HasPrunable;
        graph.Tie(axis, AxisGraph.MakeProduct([graph.NewFixed("", count, why), piece]), why);
        return piece.Resolve();
    }

    /// <summary>Pieces of the given sizes; null stands for the rest, which is at most one of them.</summary>
    public static Axis[] Cut(AxisGraph graph, Axis axis, IReadOnlyList<AxisSize?> sizes, string name)
    {
        if (sizes.Count == 1 && sizes[0] is null)
        {
            return [axis];
        }

        foreach (var size in sizes.Where(size => size is { IsComputed: true }))
        {
            size!.Value.AsNumber(name);
            graph.Fix(axis, $"{name} cuts it by a number that is computed from a width");
        }

        if (sizes.Select(size => size?.Content).FirstOrDefault(content => content is not null) is { } told)
        {
            graph.Fix(axis, OpTable.ByContent(name, told));
        }

        if (!axis.MayShrink)
        {
            var taken = sizes.Aggregate((long?)0, (sum, size) => size is null ? sum : sum + size.Value.Value);
            return sizes.Select(
                size =>
                    size is { Axis: { } own }
                        ? own
                        : graph.NewFixed(axis.Name, size is null ? axis.Size - taken : size.Value.Value, axis.FixedBecause ?? "nothing in it is pruned"))
                            .ToArray();
        }

        if (sizes.Any(size => size is { Value: null, Axis: null }))
        {
            throw axis.Graph.IsLive
                ? new AxisException(
                    AxisRule.UnknownShape, $"where {name} cuts {axis} depends on sizes that are not known here; give the shape of the model's input")
                : new AxisException(
                    AxisRule.Unsupported, $"{name} cuts {axis} where the source does not tell", remedy: "read the size from a tensor or state it as a number");
        }

        var stated = sizes.Aggregate((long?)0, (sum, size) => size is null ? sum : sum + size.Value.Value);
        if (sizes.All(size => size is not null) && axis.Size is long all && stated is long total && all != total)
        {
            throw new AxisException(AxisRule.Mismatch, $"{name} cuts {axis}, {all} wide, into pieces of {total} together");
        }

        var pieces = sizes.Select(size => size switch
        {
            null => Rest(graph, axis, axis.Size - stated),
            { Axis: { } own } => own,
            _ => graph.NewFixed("", size.Value.Value, $"{name} takes {size} of {axis} by a constant"),
        }).ToArray();
        graph.Tie(axis, Joined(pieces), $"{name} cuts it there");
        return pieces.Select(piece => piece.Resolve()).ToArray();
    }

    /// <summary>One of so many equal parts of an axis. Outside of a view that says otherwise, the parts follow each other.</summary>
    public static Axis Quotient(Axis axis, long count) =>
        WithoutFactor(axis, count)
        ?? (axis.MayShrink ? Equal(axis.Graph, axis, count, $"a size is one part in {count} of it") : axis.Graph.FixedPart(axis, count));

    /// <summary>A product without one factor that is a constant of the given size; null where it has none.</summary>
    public static Axis? WithoutFactor(Axis axis, long size)
    {
        var parts = axis.Resolve().Parts.ToList();
        var index = axis.Kind == AxisKind.Product ? parts.FindIndex(part => part.IsConstant && part.Size == size) : -1;
        if (index < 0)
        {
            return null;
        }

        parts.RemoveAt(index);
        return AxisGraph.MakeProduct(parts);
    }

    /// <summary>A product without the factors of another; null where it does not have them all.</summary>
    public static Axis? WithoutFactors(Axis axis, Axis other)
    {
        var parts = Factors(axis).ToList();
        foreach (var factor in Factors(other))
        {
            var index = parts.FindIndex(part => part.IsSame(factor));
            if (index < 0)
            {
                return null;
            }

            parts.RemoveAt(index);
        }

        return parts.Count == 0 ? null : AxisGraph.MakeProduct(parts);
    }

    /// <summary>The parts of a concatenation without those of another at its start or its end; null where it has them at neither.</summary>
    public static IReadOnlyList<Axis>? Without(Axis axis, Axis other)
    {
        var (parts, gone) = (Terms(axis), Terms(other));
        var rest = parts.Count - gone.Count;
        return rest < 0 ? null
            : Same(parts.Take(gone.Count), gone) ? parts.Skip(gone.Count).ToArray()
            : Same(parts.Skip(rest), gone) ? parts.Take(rest).ToArray()
            : null;

        static bool Same(IEnumerable<Axis> first, IEnumerable<Axis> second) => first.Zip(second, (a, b) => a.IsSame(b)).All(same => same);
    }

    /// <summary>The factors of a product, or the axis alone; one that follows itself is so many times itself.</summary>
    public static IReadOnlyList<Axis> Factors(Axis axis) => axis.Kind switch
    {
        AxisKind.Product => axis.Parts.SelectMany(Factors).ToArray(),
        AxisKind.Concat when Terms(axis) is var terms && terms.All(term => term.IsSame(terms[0])) =>
            [axis.Graph.NewConstant(terms.Count), .. Factors(terms[0])],
        _ => [axis.Resolve()],
    };

    /// <summary>The parts that follow each other; so many times one axis is as many parts.</summary>
    public static IReadOnlyList<Axis> Terms(Axis axis)
    {
        switch (axis.Kind)
        {
            case AxisKind.Concat:
                return axis.Parts.SelectMany(Terms).ToArray();
            case AxisKind.Product when axis.Parts[0] is { IsConstant: true, Size: long n and <= 4096 }:
                var inner = Terms(AxisGraph.MakeProduct(axis.Parts.Skip(1).ToArray()));
                return Enumerable.Range(0, (int)n).SelectMany(_ => inner).ToArray();
            default:
                return [axis.Resolve()];
        }
    }

    private static Axis Rest(AxisGraph graph, Axis axis, long? size)
    {
        var rest = graph.NewUndecided("", size);
        rest.IsOutput = axis.HasPrunable;
        return rest;
    }

    private static Axis Joined(IReadOnlyList<Axis> pieces)
    {
        var sized = pieces.Where(piece => piece.Size != 0).ToList();
        return AxisGraph.Join(sized.Count > 0 ? sized : pieces);
    }
}
