namespace PruneGen.Axes;

/// <summary>Operations that move, join or drop dimensions without computing.</summary>
internal static class ShapeOps
{
    public static AxisTensor Flatten(AxisGraph graph, AxisTensor x, long start, long end)
    {
        if (x.IsOpen && !x.Dims.Any(dim => dim.HasPrunable))
        {
            // Nothing in it can be pruned, so the result is as many leading dimensions as are kept and one more.
            return start >= 0 && end == -1
                ? new AxisTensor(Enumerable.Range(0, (int)start + 1).Select(_ => graph.NewFixed("", null, "it belongs to the model's input")).ToArray())
                : AxisTensor.Open();
        }

        var (first, last) = (x.IndexOf(start), x.IndexOf(end));
        if (last < first)
        {
            throw new AxisException(AxisRule.Mismatch, $"flatten from dimension {start} to {end} of {x}");
        }

        var flat = AxisGraph.MakeProduct(x.Dims.Skip(first).Take(last - first + 1).ToArray());
        return new AxisTensor([.. x.Dims.Take(first), flat, .. x.Dims.Skip(last + 1)]);
    }

    public static AxisTensor Unflatten(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(null, "dim"));
        var parts = ViewOps.View(graph, a.Name, new AxisTensor(x.Dims[index]), a.Sizes("sizes", "unflattened_size"));
        var dims = x.Dims.Take(index).Concat(parts.Dims).Concat(x.Dims.Skip(index + 1)).ToArray();
        return x.IsOpen ? AxisTensor.Open(dims) : new AxisTensor(dims);
    }

    public static AxisTensor Squeeze(AxisGraph graph, AxisTensor x, long? dim)
    {
        if (dim is null)
        {
            if (x.IsOpen || x.Dims.Any(d => d.Size is null))
            {
                throw new AxisException(AxisRule.UnknownShape, $"which dimensions squeeze() drops depends on sizes that are not known in {x}; name the dimension, squeeze(-1)");
            }

            return new AxisTensor(x.Dims.Where(d => d.Size != 1 || d.IsPrunable).ToArray());
        }

        var index = x.IndexOf(dim.Value);
        var axis = x.Dims[index];
        if (axis.Size is not 1 and not null)
        {
            return x;
        }

        graph.Fix(axis, "squeeze drops it where it is 1");
        var dims = x.Dims.Where((_, i) => i != index).ToArray();
        return x.IsOpen ? AxisTensor.Open(dims) : new AxisTensor(dims);
    }

    public static AxisTensor Unsqueeze(AxisGraph graph, AxisTensor x, long dim)
    {
        var index = x.IndexOf(dim, extra: 1);
        var dims = x.Dims.ToList();
        dims.Insert(index, graph.NewConstant(1));
        return x.IsOpen ? AxisTensor.Open(dims.ToArray()) : new AxisTensor(dims.ToArray());
    }

    public static AxisTensor Permute(AxisTensor x, long[] order) =>
        x.IsOpen || order.Length != x.Dims.Count
            ? throw new AxisException(AxisRule.UnknownShape, $"permute({string.Join(", ", order)}) of a tensor with the dimensions {x}")
            : new AxisTensor(order.Select(dim => x.Dims[x.IndexOf(dim)]).ToArray());

    public static AxisTensor Transpose(AxisTensor x, long dim0, long dim1)
    {
        var (first, second) = (x.IndexOf(dim0), x.IndexOf(dim1));
        return x.With(first, x.Dims[second]).With(second, x.Dims[first]);
    }

    public static AxisTensor Cat(AxisGraph graph, IReadOnlyList<AxisTensor> tensors, long dim)
    {
        var first = tensors[0];
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

        return first.With(index, graph.MakeConcat(tensors.Select(tensor => tensor.Dims[index]).ToArray()));
    }
}
