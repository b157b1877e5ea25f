namespace PruneGen.Axes;

/// <summary>Operations that cut one dimension into several tensors.</summary>
internal static class SplitOps
{
    public static void Define(OpList ops)
    {
        // Pieces.
        ops.AddSeveral(ChunkCount, Chunk, "chunk");
        ops.AddSeveral(SplitCount, Split, "split", "split_with_sizes");
        ops.AddSeveral(TensorSplitCount, TensorSplit, "tensor_split", "hsplit", "vsplit", "dsplit");
        ops.AddSeveral(UnbindCount, Unbind, "unbind");
    }

    public static int? ChunkCount(OpArguments a) => a.Size(AxisSize.Unknown, "chunks").Value is long count and > 0 ? (int)count : null;

    public static AxisTensor[] Chunk(AxisGraph graph, OpArguments a)
    {
        var (x, chunks) = (a.Input, Count(a, "chunks"));
        var index = x.IndexOf(a.Number(0, "dim"));
        var axis = x.Dims[index];
        if (IsEven(graph, axis, chunks, a.Name))
        {
            var piece = AxisPieces.Equal(graph, axis, chunks, $"{a.Name} cuts it into {chunks} pieces");
            return Repeat(x.With(index, piece), chunks);
        }

        // The pieces are as large as the first; the last may be smaller, and there may be fewer of them.
        var size = (axis.Size + chunks - 1) / chunks;
        var count = size > 0 ? (axis.Size!.Value + size.Value - 1) / size.Value : chunks;
        return Pieces(
            graph, x, index, Enumerable.Range(0, (int)count).Select(i => size is long n ? Math.Min(n, axis.Size!.Value - (i * n)) : AxisSize.Unknown));
    }

    /// <summary>One size is that of every piece but the last; several are those of the pieces.</summary>
    public static int? SplitCount(OpArguments a)
    {
        if (a.IsList(SizeNames))
        {
            return a.Sizes(SizeNames).Count;
        }

        var (x, size) = (a.Optional(0), a.Size(AxisSize.Unknown, SizeNames));
        if (x is null || x.IsDeferred || !TryDim(x, a.Size(0, "dim").Value, out var axis))
        {
            return null;
        }

        return Times(axis, size) ?? (axis.Size is long all && size.Value is long each and > 0 ? (int)((all + each - 1) / each) : null);
    }

    public static AxisTensor[] Split(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(0, "dim"));
        var axis = x.Dims[index];
        if (a.IsList(SizeNames))
        {
            return [.. AxisPieces.Cut(graph, axis, a.Sizes(SizeNames).Select(size => (AxisSize?)size).ToArray(), a.Name).Select(piece => x.With(index, piece))];
        }

        var each = a.Size(null, SizeNames);
        var count = SplitCount(a)
            ?? throw new AxisException(
                AxisRule.UnknownShape,
                $"into how many pieces {a.Name} cuts {axis} depends on sizes that are not known here; give the shape of the model's input");
        var last = Times(axis, each) is null && axis.Size % each.Value is long rest and > 0 ? rest : each;
        return [.. AxisPieces.Cut(graph, axis, Enumerable.Range(0, count).Select(i => (AxisSize?)(i < count - 1 ? each : last)).ToArray(), a.Name)
            .Select(piece => x.With(index, piece))];
    }

    /// <summary>A number is that of the pieces; several are the indices where they begin.</summary>
    public static int? TensorSplitCount(OpArguments a) =>
        a.IsList(SectionNames) ? a.Sizes(SectionNames).Count + 1 : a.Size(AxisSize.Unknown, SectionNames).Value is long count and > 0 ? (int)count : null;

    public static AxisTensor[] TensorSplit(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var dim = a.Name switch { "hsplit" => x.Dims.Count == 1 && !x.IsOpen ? 0 : 1, "vsplit" => 0, "dsplit" => 2, _ => a.Number(0, "dim") };
        var index = x.IndexOf(dim);
        var axis = x.Dims[index];
        if (a.IsList(SectionNames))
        {
            var begins = a.Sizes(SectionNames);
            var sizes = begins.Select((begin, i) => (AxisSize?)(i == 0 ? begin : begin - begins[i - 1])).Append(null).ToArray();
            return [.. AxisPieces.Cut(graph, axis, sizes, a.Name).Select(piece => x.With(index, piece))];
        }

        var count = Count(a, SectionNames);
        if (IsEven(graph, axis, count, a.Name))
        {
            return Repeat(x.With(index, AxisPieces.Equal(graph, axis, count, $"{a.Name} cuts it into {count} pieces")), count);
        }

        return Pieces(
            graph, x, index, Enumerable.Range(0, (int)count).Select(i => axis.Size is long n ? (n / count) + (i < n % count ? 1 : 0) : AxisSize.Unknown));
    }

    public static int? UnbindCount(OpArguments a) =>
        a.Optional(0) is { IsDeferred: false } x && TryDim(x, a.Size(0, "dimension", "dim").Value, out var axis) ? (int?)axis.Size : null;

    /// <summary>Each index of a dimension by itself.</summary>
    public static AxisTensor[] Unbind(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(0, "dimension", "dim"));
        var axis = x.Dims[index];
        graph.Fix(axis, $"{a.Name} takes each of it by itself");
        var count = axis.Size
            ?? throw new AxisException(
                AxisRule.UnknownShape, $"into how many tensors {a.Name} takes {axis} apart is not known here; give the shape of the model's input");
        return Repeat(x.WithDims(x.Dims.Where((_, i) => i != index)), count);
    }

    private static readonly string[] SizeNames = ["size", "sizes", "split_size_or_sections", "split_size"];
    private static readonly string[] SectionNames = ["size", "sizes", "indices_or_sections"];

    private static long Count(OpArguments a, params string[] names)
    {
        var count = a.Number(null, names);
        return count > 0 ? count : throw new AxisException(AxisRule.Mismatch, $"{a.Name} is asked for {count} pieces");
    }

    /// <summary>Whether an axis that may shrink is cut into pieces of one width; one that is not stays, for where it is cut depends on its width.</summary>
    private static bool IsEven(AxisGraph graph, Axis axis, long count, string name)
    {
        if (axis.MayShrink && axis.Size % count is not (0 or null))
        {
            graph.Fix(axis, $"{name} cuts it into {count} pieces that are not of one width");
        }

        return axis.MayShrink;
    }

    private static AxisTensor[] Repeat(AxisTensor x, long count) => Enumerable.Repeat(x, (int)count).ToArray();

    private static AxisTensor[] Pieces(AxisGraph graph, AxisTensor x, int index, IEnumerable<AxisSize> sizes) =>
        [.. sizes.Select(size => x.With(index, graph.NewFixed(x.Dims[index].Name, size.Value, x.Dims[index].FixedBecause ?? "nothing in it is pruned")))];

    private static bool TryDim(AxisTensor x, long? dim, out Axis axis)
    {
        var index = dim is null || (x.IsOpen && dim >= 0) ? -1 : dim < 0 ? (int)dim.Value + x.Dims.Count : (int)dim.Value;
        var found = index >= 0 && index < x.Dims.Count;
        axis = found ? x.Dims[index] : null!;
        return found;
    }

    /// <summary>How many times an axis holds another that it is built from, or null where it is not built so.</summary>
    private static int? Times(Axis axis, AxisSize piece)
    {
        if (piece.Axis is not { } part)
        {
            return null;
        }

        axis = axis.Resolve();
        if (ReferenceEquals(axis, part.Resolve()))
        {
            return 1;
        }

        return axis.Kind switch
        {
            AxisKind.Product
                when axis.Parts[0] is { Kind: AxisKind.Leaf, IsPrunable: false, Size: long n }
                    && AxisGraph.MakeProduct(axis.Parts.Skip(1).ToArray()).IsSame(part) => (int)n,
            AxisKind.Concat when axis.Parts.All(one => one.IsSame(part)) => axis.Parts.Count,
            _ => null,
        };
    }
}
