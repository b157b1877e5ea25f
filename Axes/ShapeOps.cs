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
                throw new AxisException(AxisRule.UnknownShape, $"which dimensions squeeze() drops depends on sizes that are not known in {x}; name the dimension, squeeze(-1)");
            }

            return x.WithDims(x.Dims.Where(d => d.Size != 1 || d.IsPrunable));
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

    public static AxisTensor Permute(AxisTensor x, long[] order) =>
        x.IsOpen || order.Length != x.Dims.Count
            ? throw new AxisException(AxisRule.UnknownShape, $"permute({string.Join(", ", order)}) of a tensor with the dimensions {x}")
            : x.WithDims(order.Select(dim => x.Dims[x.IndexOf(dim)]));

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

        return first.With(index, graph.MakeConcat(tensors.Select(tensor => tensor.Dims[index]).ToArray())).WithZeros(tensors.All(tensor => tensor.KeepsZeros));
    }

    /// <summary>Joins tensors along a new dimension.</summary>
    public static AxisTensor Stack(AxisGraph graph, IReadOnlyList<AxisTensor> tensors, long dim)
    {
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
        return x.WithDims(sizes.Select((size, i) =>
        {
            var axis = i < added ? null : x.Dims[i - added];
            return axis is not null && (size.Value == -1 || axis.Size != 1 || axis.HasPrunable) ? axis
                : size.Axis ?? graph.NewFixed("", size.Value, "it is repeated");
        }));
    }
}
