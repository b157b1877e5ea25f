namespace PruneGen.Axes;

/// <summary>Products of two activations.</summary>
internal static class ProductOps
{
    /// <summary>…×M×K times …×K×N: the inner axes are one, the leading ones are broadcast.</summary>
    public static AxisTensor MatMul(AxisGraph graph, string name, AxisTensor first, AxisTensor second)
    {
        if (first.Dims.Count < 2 || second.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{name} of {first} and {second} needs two known dimensions of each");
        }

        var (m, k) = (first.Dims[first.Dims.Count - 2], first.Dims[first.Dims.Count - 1]);
        var (k2, n) = (second.Dims[second.Dims.Count - 2], second.Dims[second.Dims.Count - 1]);
        graph.Tie(k, k2, $"{name} sums over it");
        if (!first.KeepsZeros && !second.KeepsZeros)
        {
            graph.MarkInexact(k, $"{name} sums over it, and what a mask switches off is not zero there");
        }

        var batch = PointwiseOps.Pointwise(graph, name, [Leading(first), Leading(second)], Zeros.Kept);
        graph.Mac(name, batch.Dims.Skip(1).Concat([m, k, n]));
        return batch.WithDims([.. batch.Dims, m, n]).WithZeros(first.KeepsZeros && second.KeepsZeros);
    }

    /// <summary>softmax(q·kᵀ/√d)·v: queries and keys share their width, keys and values their length.</summary>
    public static AxisTensor Attention(AxisGraph graph, OpArguments a)
    {
        var (query, key, value) = (a.Tensor(0), a.Tensor(1), a.Tensor(2));
        var scores = MatMul(graph, a.Name, query, ShapeOps.Transpose(key, -1, -2));

        // The scale is 1/√d of whatever width is left.
        graph.MarkInexact(query.Dims[query.Dims.Count - 1], $"{a.Name} scales by its width");
        graph.MarkInexact(key.Dims[key.Dims.Count - 2], $"{a.Name} takes a softmax over it");
        return MatMul(graph, a.Name, scores, value).WithZeros(value.KeepsZeros);
    }

    private static AxisTensor Leading(AxisTensor x) => x.WithDims(x.Dims.Take(x.Dims.Count - 2));
}
