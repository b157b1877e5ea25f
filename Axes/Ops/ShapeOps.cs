namespace PruneGen.Axes;

/// <summary>Operations that move, join or drop dimensions without computing.</summary>
internal static class ShapeOps
{
    public static void Define(OpList ops)
    {
        // Dimensions moved, joined or dropped.
        ops.Add((graph, a) => [Flatten(graph, a)], "flatten", "ravel");
        ops.Add((graph, a) => [Unflatten(graph, a)], "unflatten");
        ops.Add((graph, a) => [Squeeze(graph, a.Input, a.Has("dim") ? a.Number(null, "dim") : null)], "squeeze", "squeeze_");
        ops.Add((graph, a) => [Unsqueeze(graph, a.Input, a.Number(null, "dim"))], "unsqueeze", "unsqueeze_");
        ops.Add((graph, a) => [Permute(graph, a.Input, a.Numbers("permutation") ?? [])], "permute");
        ops.Add(
            (graph, a) => [Transpose(a.Input, a.Number(null, "dim0", "axis0"), a.Number(null, "dim1", "axis1"))],
            "transpose", "transpose_", "swapaxes", "swapdims");
        ops.Add((graph, a) => [a.Input is { IsOpen: false, Dims.Count: < 2 } ? a.Input : Transpose(Ranked(graph, a.Input, 2), 0, 1)], "t");

        // The property of that name, which takes all dimensions in the opposite order.
        ops.Add((graph, a) => [a.Input.IsOpen ? Transpose(Ranked(graph, a.Input, 2), 0, 1) : a.Input.WithDims(a.Input.Dims.Reverse())], "T");
        ops.Add((graph, a) => [Move(a.Input, a.Numbers("source") ?? [], a.Numbers("destination") ?? [])], "movedim", "moveaxis");
        ops.Add((graph, a) => [Cat(graph, a.Given, a.Number(0, "dim", "axis"))], "cat", "concat", "concatenate");
        ops.Add((graph, a) => [Stack(graph, a.Given, a.Number(0, "dim"))], "stack");
        ops.Add((graph, a) => [Expand(graph, a.Input, a.Sizes("sizes", "shape", "size"))], "expand", "broadcast_to");
        ops.Add((graph, a) => [ExpandAs(graph, a.Tensor(0), a.Tensor(1))], "expand_as");
    }

    public static AxisTensor Flatten(AxisGraph graph, OpArguments a) => a.Has("dims", "out_dim")
        ? throw new AxisException(
            AxisRule.Unsupported, $"{a.Name} joins dimensions by their names, which are not followed", remedy: "count them, flatten(1, 2)")
        : Flatten(graph, a.Input, a.Number(0, "start_dim"), a.Number(-1, "end_dim"));

    public static AxisTensor Flatten(AxisGraph graph, AxisTensor x, long start, long end)
    {
        if (x.IsOpen && !x.MayShrink)
        {
            // Nothing in it can be pruned, so the result is as many leading dimensions as are kept and one more.
            return start >= 0 && end == -1
                ? new AxisTensor(Enumerable.Range(0, (int)start + 1).Select(_ => graph.NewFixed("", null, x.LeadingBecause)).ToArray())
                : AxisTensor.Open();
        }

        var (first, last) = (x.IndexOf(start), x.IndexOf(end));
        if (last < first)
        {
            throw new AxisException(AxisRule.Mismatch, $"flatten from dimension {start} to {end} of {x}");
        }

        var flat = AxisGraph.MakeProduct(x.Dims.Skip(first).Take(last - first + 1).ToArray());
        return x.WithDims([.. x.Dims.Take(first), flat, .. x.Dims.Skip(last + 1)]);
    }

    public static AxisTensor Unflatten(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(null, "dim"));
        var parts = ViewOps.View(graph, a.Name, new AxisTensor(x.Dims[index]), a.Sizes("sizes", "unflattened_size"));
        return x.WithDims(x.Dims.Take(index).Concat(parts.Dims).Concat(x.Dims.Skip(index + 1)));
    }

    public static AxisTensor Squeeze(AxisGraph graph, AxisTensor x, long? dim)
    {
        if (dim is null)
        {
            if (x.IsOpen || x.Dims.Any(d => d.Size is null))
            {
                throw new AxisException(
                    AxisRule.UnknownShape, $"which dimensions squeeze() drops depends on sizes that are not known in {x}; name the dimension, squeeze(-1)");
            }

            return x.WithDims(x.Dims.Where(d => d.Size != 1 || d.MayShrink));
        }

        var index = x.IndexOf(dim.Value);
        var axis = x.Dims[index];
        if (axis.Size is not 1 and not null)
        {
            return x;
        }

        graph.Fix(axis, "squeeze drops it where it is 1");
        return x.WithDims(x.Dims.Where((_, i) => i != index));
    }

    public static AxisTensor Unsqueeze(AxisGraph graph, AxisTensor x, long dim)
    {
        var index = x.IndexOf(dim, extra: 1);
        var dims = x.Dims.ToList();
        dims.Insert(index, graph.NewConstant(1));
        return x.WithDims(dims);
    }

    public static AxisTensor Permute(AxisGraph graph, AxisTensor x, long[] order) =>
        Ranked(graph, x, order.Length) is not { IsOpen: false } || order.Length != x.Dims.Count
            ? throw new AxisException(AxisRule.UnknownShape, $"permute({string.Join(", ", order)}) of a tensor with the dimensions {x}")
            : x.WithDims(order.Select(dim => x.Dims[x.IndexOf(dim)]));

    /// <summary>A tensor of open rank that is told to have this one.</summary>
    public static AxisTensor Ranked(AxisGraph graph, AxisTensor x, int rank) => x.IsOpen && x.Dims.Count <= rank && !x.IsDeferred
        ? x.Lead(Enumerable.Range(0, rank - x.Dims.Count).Select(i => graph.NewFixed(i == 0 ? "N" : "", null, x.LeadingBecause)))
        : x;

    /// <summary>Dimensions that go to other places, the rest in their order.</summary>
    public static AxisTensor Move(AxisTensor x, long[] source, long[] destination)
    {
        if (x.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"movedim of a tensor whose rank is not known here ({x})");
        }

        var (from, to) = (source.Select(dim => x.IndexOf(dim)).ToList(), destination.Select(dim => x.IndexOf(dim)).ToList());
        var rest = new Queue<Axis>(x.Dims.Where((_, i) => !from.Contains(i)));
        return x.WithDims(Enumerable.Range(0, x.Dims.Count).Select(i => to.IndexOf(i) is var place and >= 0 ? x.Dims[from[place]] : rest.Dequeue()));
    }

    /// <summary>Tensors that have to be of one rank are of that of the one whose rank is known.</summary>
    private static void RankAlike(AxisGraph graph, IReadOnlyList<AxisTensor> tensors)
    {
        if (tensors.FirstOrDefault(tensor => !tensor.IsOpen) is AxisTensor ranked)
        {
            foreach (var tensor in tensors)
            {
                Ranked(graph, tensor, ranked.Dims.Count);
            }
        }
    }

    public static AxisTensor Transpose(AxisTensor x, long dim0, long dim1)
    {
        var (first, second) = (x.IndexOf(dim0), x.IndexOf(dim1));
        return x.With(first, x.Dims[second]).With(second, x.Dims[first]);
    }

    public static AxisTensor Cat(AxisGraph graph, IReadOnlyList<AxisTensor> tensors, long dim)
    {
        var first = tensors.Count > 0 ? tensors[0] : throw new AxisException(AxisRule.Mismatch, "cat joins no tensors");
        RankAlike(graph, tensors);
        if (tensors.Any(tensor => tensor.IsOpen != first.IsOpen || tensor.Dims.Count != first.Dims.Count))
        {
            throw new AxisException(AxisRule.UnknownShape, $"cat joins tensors whose ranks are not the same here: {string.Join(", ", tensors)}");
        }

        var index = first.IndexOf(dim);
        for (var i = 0; i < first.Dims.Count; i++)
        {
            foreach (var tensor in tensors.Skip(1).Where(_ => i != index))
            {
                graph.Tie(first.Dims[i], tensor.Dims[i], "cat needs its tensors to agree in every other dimension");
            }
        }

        return first.With(index, graph.MakeConcat(tensors.Select(tensor => tensor.Dims[index]).ToArray())).WithZeros(tensors.All(tensor => tensor.KeepsZeros));
    }

    /// <summary>Joins tensors along a new dimension.</summary>
    public static AxisTensor Stack(AxisGraph graph, IReadOnlyList<AxisTensor> tensors, long dim)
    {
        RankAlike(graph, tensors);
        foreach (var tensor in tensors.Skip(1))
        {
            if (tensor.IsOpen != tensors[0].IsOpen || tensor.Dims.Count != tensors[0].Dims.Count)
            {
                throw new AxisException(AxisRule.UnknownShape, $"stack joins tensors whose ranks are not the same here: {string.Join(", ", tensors)}");
            }

            for (var i = 0; i < tensor.Dims.Count; i++)
            {
                graph.Tie(tensors[0].Dims[i], tensor.Dims[i], "stack needs its tensors to agree in every dimension");
            }
        }

        var index = tensors[0].IndexOf(dim, extra: 1);
        var dims = tensors[0].Dims.ToList();
        dims.Insert(index, graph.NewConstant(tensors.Count));
        return tensors[0].WithDims(dims).WithZeros(tensors.All(tensor => tensor.KeepsZeros));
    }

    /// <summary>Repeats dimensions of one; -1 and equal sizes stay.</summary>
    public static AxisTensor Expand(AxisGraph graph, AxisTensor x, IReadOnlyList<AxisSize> sizes)
    {
        if (x.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"expand of a tensor whose leading dimensions are not known here ({x})");
        }

        var added = sizes.Count - x.Dims.Count;
        if (added < 0)
        {
            // A size of which nothing is known may stand for several.
            throw new AxisException(
                sizes.Count == 1 && sizes[0] is { IsConstant: true, Value: null } ? AxisRule.UnknownShape : AxisRule.Mismatch,
                $"expand({string.Join(", ", sizes)}) has fewer sizes than {x} has dimensions");
        }

        var zeros = x.KeepsZeros;
        return x.WithDims(sizes.Select((size, i) =>
        {
            var axis = i < added ? null : x.Dims[i - added];
            if (axis is not null && (size.Value == -1 || axis.Size != 1 || axis.MayShrink))
            {
                return Kept(graph, axis, size);
            }

            // What stands there once is repeated for every index, those that a mask switches off too.
            zeros &= size.Axis?.MayShrink != true;
            return size.Axis ?? graph.NewFixed("", size.AsNumber("expand"), "it is repeated");
        }).ToArray()).WithZeros(zeros);
    }

    /// <summary>Repeats dimensions of one until they are as long as those of another tensor.</summary>
    public static AxisTensor ExpandAs(AxisGraph graph, AxisTensor x, AxisTensor other) =>
        PointwiseOps.Pointwise(graph, "expand_as", [x, other.WithZeros(x.KeepsZeros)], Zeros.Kept);

    /// <summary>A dimension that expand leaves as it is: where its size is stated, the statement must stay true.</summary>
    private static Axis Kept(AxisGraph graph, Axis axis, AxisSize size)
    {
        if (size.Axis is { } own && !own.IsSame(axis) && axis.Size is not null)
        {
            graph.Tie(axis, own, "expand states its size");
        }
        else if (size.Axis is null && size.Value != -1)
        {
            size.AsNumber("expand");
            graph.Fix(axis, $"expand states its size, {size}");
        }

        return axis.Resolve();
    }
}
