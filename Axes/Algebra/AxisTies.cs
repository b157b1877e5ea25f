namespace PruneGen.Axes;

/// <summary>
/// Ties two axes by unification: a leaf takes the structure of what it meets, products and concatenations are matched
/// part by part, and a leaf that meets a boundary in its middle is split there.
/// </summary>
internal static class AxisTies
{
    public static void Tie(AxisGraph graph, Axis first, Axis second, string why)
    {
        first = first.Resolve();
        second = second.Resolve();
        if (ReferenceEquals(first, second))
        {
            return;
        }

        if (first.Size is long a && second.Size is long b && a != b)
        {
            throw new AxisException(AxisRule.Mismatch, $"{why}, which needs {first} and {second} to be of one width, but they have {a} and {b}");
        }

        switch (first.Kind, second.Kind)
        {
            case (AxisKind.Leaf, AxisKind.Leaf):
                MergeLeaves(first, second);
                break;
            case (AxisKind.Leaf, _):
                BindLeaf(graph, first, second, why);
                break;
            case (_, AxisKind.Leaf):
                BindLeaf(graph, second, first, why);
                break;
            case (AxisKind.Product, AxisKind.Product):
                TieParts(graph, first, second, first.Parts, second.Parts, SplitProduct, why);
                break;
            case (AxisKind.Concat, AxisKind.Concat):
                TieParts(graph, first, second, first.Parts, second.Parts, SplitConcat, why);
                break;
            case (AxisKind.Product, AxisKind.Concat) when AxisPieces.Terms(first) is { Count: > 1 } terms:
                TieParts(graph, second, first, AxisPieces.Terms(second), terms, SplitConcat, why);
                break;
            case (AxisKind.Concat, AxisKind.Product) when AxisPieces.Terms(second) is { Count: > 1 } terms:
                TieParts(graph, first, second, AxisPieces.Terms(first), terms, SplitConcat, why);
                break;
            default:
                FixBoth(graph, first, second, $"{why}, and a concatenation does not line up with a product of axes");
                break;
        }
    }

    private static void MergeLeaves(Axis first, Axis second)
    {
        var (keep, drop) = Precedes(first, second) ? (first, second) : (second, first);
        keep.LeafSize ??= drop.LeafSize;
        keep.FixedBecause = drop.FixedBecause;
        keep.InexactBecause = drop.InexactBecause;
        keep.IsOutput |= drop.IsOutput;
        drop.BindTo(keep);
    }

    /// <summary>The group is called after the first layer that starts it, and a fixed axis after what fixed it.</summary>
    private static bool Precedes(Axis first, Axis second) =>
        first.IsOutput != second.IsOutput ? first.IsOutput
        : first.Name.Length > 0 != second.Name.Length > 0 ? first.Name.Length > 0
        : first.Order < second.Order;

    private static void BindLeaf(AxisGraph graph, Axis leaf, Axis made, string why)
    {
        if (made.Leaves().Contains(leaf))
        {
            // The rest of a product may be ones.
            throw made.Kind == AxisKind.Product && made.Leaves().Any(part => part.Size is null)
                ? new AxisException(
                    AxisRule.UnknownShape, $"{why}, and whether {leaf} and {made} are of one size is not known here; give the shape of the model's input")
                : new AxisException(AxisRule.Mismatch, $"{why}, which ties {leaf} to {made}, a part of which it is itself");
        }

        if (leaf.FixedBecause is string because)
        {
            graph.Fix(made, because);
        }

        if (leaf.InexactBecause is string inexact)
        {
            graph.MarkInexact(made, inexact);
        }

        var unknown = made.Leaves().Where(part => part.Size is null).ToList();
        if (leaf.Size is long whole && made.Kind == AxisKind.Concat && unknown.Count == 1 && made.Parts.Contains(unknown[0]))
        {
            unknown[0].LeafSize = whole - made.Parts.Sum(part => part.Size ?? 0);
        }
        else if (leaf.Size is long size && made.Kind == AxisKind.Product && unknown.Count == 1)
        {
            var rest = made.Leaves().Where(part => part.Size is not null).Aggregate(1L, (n, part) => n * part.Size!.Value);
            unknown[0].LeafSize = rest > 0 && size % rest == 0
                ? size / rest
                : throw new AxisException(AxisRule.Mismatch, $"{why}, but {leaf} has {size} indices, which {made} does not divide");
        }

        if (leaf.IsOutput)
        {
            // What had not been decided about counts outputs now; where all of it stays, that is said of the layer.
            var undecided = made.Leaves().Where(part => part.FixedBecause is null).ToList();
            foreach (var part in undecided.Count > 0 ? undecided : made.Leaves().ToList())
            {
                part.IsOutput = true;
                part.Name = part.Name.Length == 0 && undecided.Count == 0 ? leaf.Name : part.Name;
            }

            NamePartsAfter(graph, leaf, made);
        }

        leaf.BindTo(made);
    }

    /// <summary>A group that turns out to have an inner structure passes its name to the parts that have none.</summary>
    private static void NamePartsAfter(AxisGraph graph, Axis leaf, Axis made)
    {
        var nameless = made.Leaves().Where(part => part.IsPrunable && part.Name.Length == 0).Distinct().ToList();
        for (var i = 0; i < nameless.Count; i++)
        {
            nameless[i].Name = nameless.Count == 1 ? leaf.Name : $"{leaf.Name}.{i}";
        }

        foreach (var part in made.Leaves().Where(part => part.IsOutput).ToList())
        {
            graph.Adopt(part);
        }
    }

    /// <summary>Matches two lists of parts, splitting the longer of two that meet until both lists are used up.</summary>
    private static void TieParts(
        AxisGraph graph,
        Axis first,
        Axis second,
        IReadOnlyList<Axis> left,
        IReadOnlyList<Axis> right,
        Func<AxisGraph, Axis, long, (Axis Head, Axis Tail)?> split,
        string why)
    {
        if (left.Count == right.Count && left.Zip(right, (l, r) => l.Size is null || r.Size is null || l.Size == r.Size).All(same => same))
        {
            for (var i = 0; i < left.Count; i++)
            {
                Tie(graph, left[i], right[i], why);
            }

            return;
        }

        var kind = first.Kind;
        var lefts = new LinkedList<Axis>(left);
        var rights = new LinkedList<Axis>(right);
        while (Next(lefts, kind) is Axis l && Next(rights, kind) is Axis r)
        {
            if (l.Size is not long m || r.Size is not long n)
            {
                FixBoth(graph, first, second, $"{why}, and where the parts of {first} and {second} meet depends on sizes that are not known here");
                return;
            }

            if (m == n)
            {
                Tie(graph, l, r, why);
                continue;
            }

            var (longer, shorter, rest, others) = m > n ? (l, r, lefts, rights) : (r, l, rights, lefts);
            if (kind == AxisKind.Concat && AxisPieces.Terms(longer) is { Count: > 1 } terms)
            {
                // So many times one axis is as many parts, which may line up where the whole does not.
                foreach (var term in terms.Reverse())
                {
                    rest.AddFirst(term);
                }

                others.AddFirst(shorter);
                continue;
            }

            if (split(graph, longer, Math.Min(m, n)) is not (Axis head, Axis tail))
            {
                FixBoth(graph, first, second, $"{why}, and the parts of {first} and {second} do not line up");
                return;
            }

            rest.AddFirst(tail);
            Tie(graph, head, shorter, why);
        }
    }

    /// <summary>The next part; one that an earlier tie has split by now gives its own parts.</summary>
    private static Axis? Next(LinkedList<Axis> parts, AxisKind kind)
    {
        while (parts.Count > 0)
        {
            var part = parts.First!.Value.Resolve();
            parts.RemoveFirst();
            if (part.Kind != kind)
            {
                return part;
            }

            foreach (var inner in part.Parts.Reverse())
            {
                parts.AddFirst(inner);
            }
        }

        return null;
    }

    internal static (Axis Head, Axis Tail)? SplitProduct(AxisGraph graph, Axis axis, long head) =>
        axis.Kind == AxisKind.Leaf && axis.Size is long size && size % head == 0
            ? Split(graph, axis, head, size / head, (a, b) => AxisGraph.MakeProduct([a, b]))
            : null;

    internal static (Axis Head, Axis Tail)? SplitConcat(AxisGraph graph, Axis axis, long head) =>
        axis.Kind == AxisKind.Leaf && axis.Size is long size
            ? Split(graph, axis, head, size - head, (a, b) => graph.MakeConcat([a, b]))
            : null;

    private static (Axis Head, Axis Tail) Split(AxisGraph graph, Axis leaf, long head, long tail, Func<Axis, Axis, Axis> join)
    {
        Axis Piece(long size, int i) =>
            leaf.FixedBecause is string because ? graph.NewFixed(leaf.Name, size, because)
            : leaf.IsOutput ? graph.NewOutput($"{leaf.Name}.{i}", size)
            : graph.NewUndecided(leaf.Name, size);
        var (first, second) = (Piece(head, 0), Piece(tail, 1));
        (first.InexactBecause, second.InexactBecause) = (leaf.InexactBecause, leaf.InexactBecause);
        leaf.BindTo(join(first, second));
        return (first, second);
    }

    private static void FixBoth(AxisGraph graph, Axis first, Axis second, string because)
    {
        graph.Fix(first, because);
        graph.Fix(second, because);
    }
}
