namespace PruneGen.Axes;

/// <summary>Products of two activations.</summary>
internal static class ProductOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [MatMul(graph, a.Name, a.Tensor(0), a.Tensor(1))], "matmul", "bmm", "mm", "mv", "dot", "vdot");
        ops.Add((graph, a) => [AddMatMul(graph, a)], "addmm", "addmm_", "addmv", "addmv_", "addbmm", "addbmm_");
        ops.Add(
            (_, _) => throw new AxisException(
                AxisRule.Unsupported,
                "baddbmm adds its last argument in TorchSharp 0.107, and its first by its documentation",
                remedy: "write bmm and + instead"),
            "baddbmm");
        ops.Add((graph, a) => [Outer(graph, a)], "outer", "ger", "addr", "addr_");
        ops.Add((graph, a) => [Inner(graph, a)], "inner");
        ops.Add((graph, a) => [TensorDot(graph, a)], "tensordot");
        ops.Add((graph, a) => [a.Given.Aggregate((x, y) => MatMul(graph, a.Name, x, y))], "multi_dot", "chain_matmul");
        ops.Add((graph, a) => [Compare(graph, a)], "cosine_similarity", "pairwise_distance", "vecdot");
        ops.Add((graph, a) => [Distances(graph, a)], "cdist");
        ops.Add((graph, a) => [Attention(graph, a)], "scaled_dot_product_attention");
    }

    /// <summary>…×M×K times …×K×N: the inner axes are one, the leading ones are broadcast. A vector has the inner one alone.</summary>
    public static AxisTensor MatMul(AxisGraph graph, string name, AxisTensor first, AxisTensor second)
    {
        if ((first.IsOpen && first.Dims.Count < 2) || (second.IsOpen && second.Dims.Count < 2) || first.Dims.Count < 1 || second.Dims.Count < 1)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{name} of {first} and {second} needs two known dimensions of each");
        }

        var (rows, columns) = (first.Dims.Count > 1, second.Dims.Count > 1);
        var (k, k2) = (first.Dims[first.Dims.Count - 1], second.Dims[second.Dims.Count - (columns ? 2 : 1)]);
        Contract(graph, name, k, first, k2, second);
        var batch = PointwiseOps.Pointwise(graph, name, [Leading(first, rows ? 2 : 1), Leading(second, columns ? 2 : 1)], Zeros.Kept);
        Axis[] m = rows ? [first.Dims[first.Dims.Count - 2]] : [];
        Axis[] n = columns ? [second.Dims[second.Dims.Count - 1]] : [];
        foreach (var made in n)
        {
            graph.StartOutput(made);
        }

        graph.Mac(name, batch, batch.Dims.Skip(1).Concat(m).Append(k).Concat(n));
        return batch.WithDims([.. batch.Dims, .. m, .. n]).WithZeros(first.KeepsZeros && second.KeepsZeros);
    }

    /// <summary>A matrix product that is added to something.</summary>
    public static AxisTensor AddMatMul(AxisGraph graph, OpArguments a)
    {
        var product = MatMul(graph, a.Name, a.Tensor(1), a.Tensor(2));
        if (a.Name.StartsWith("addbmm", StringComparison.Ordinal))
        {
            product = product.WithDims(product.Dims.Skip(1));
        }

        return PointwiseOps.Pointwise(graph, a.Name, [a.Input, product], Zeros.Joined);
    }

    /// <summary>Each index of the one with each of the other.</summary>
    public static AxisTensor Outer(AxisGraph graph, OpArguments a)
    {
        var (first, second) = a.Name.StartsWith("addr", StringComparison.Ordinal) ? (a.Tensor(1), a.Tensor(2)) : (a.Tensor(0), a.Tensor(1));
        if (first.IsOpen || second.IsOpen || first.Dims.Count != 1 || second.Dims.Count != 1)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} of {first} and {second} needs two vectors");
        }

        var product = new AxisTensor(first.Dims[0], second.Dims[0]).WithZeros(first.KeepsZeros && second.KeepsZeros);
        return a.Name.StartsWith("addr", StringComparison.Ordinal) ? PointwiseOps.Pointwise(graph, a.Name, [a.Input, product], Zeros.Joined) : product;
    }

    /// <summary>Sums over the last dimension of both; every other one of the first meets every other one of the second.</summary>
    public static AxisTensor Inner(AxisGraph graph, OpArguments a)
    {
        var (first, second) = (a.Tensor(0), a.Tensor(1));
        Contract(graph, a.Name, first.Dims[first.IndexOf(-1)], first, second.Dims[second.IndexOf(-1)], second);
        return Joined(graph, a, first, second, first.Dims.Take(first.Dims.Count - 1), second.Dims.Take(second.Dims.Count - 1));
    }

    /// <summary>Sums over some dimensions: the last so many of the first and the first of the second, or those that are named.</summary>
    public static AxisTensor TensorDot(AxisGraph graph, OpArguments a)
    {
        var (first, second) = (a.Tensor(0), a.Tensor(1));
        long[] left, right;
        if (a.Has("dims1", "dims2"))
        {
            (left, right) = (a.Numbers("dims1")!, a.Numbers("dims2")!);
        }
        else
        {
            var count = Math.Max(0, a.Number(2, "dims"));
            left = Enumerable.Range(0, (int)count).Select(i => i - count).ToArray();
            right = Enumerable.Range(0, (int)count).Select(i => (long)i).ToArray();
        }

        var (leftAt, rightAt) = (left.Select(dim => first.IndexOf(dim)).ToArray(), right.Select(dim => second.IndexOf(dim)).ToArray());
        for (var i = 0; i < leftAt.Length; i++)
        {
            Contract(graph, a.Name, first.Dims[leftAt[i]], first, second.Dims[rightAt[i]], second);
        }

        return Joined(graph, a, first, second, first.Dims.Where((_, i) => !leftAt.Contains(i)), second.Dims.Where((_, i) => !rightAt.Contains(i)));
    }

    /// <summary>Like a matrix product of one index, along one dimension: <c>cosine_similarity</c>, <c>pairwise_distance</c>, <c>vecdot</c>.</summary>
    public static AxisTensor Compare(AxisGraph graph, OpArguments a)
    {
        var both = PointwiseOps.Pointwise(graph, a.Name, [a.Tensor(0), a.Tensor(1)], Zeros.Kept);
        var index = both.IndexOf(a.Number(a.Name == "cosine_similarity" ? 1 : -1, "dim"));
        if (a.Name == "pairwise_distance" || !both.KeepsZeros)
        {
            graph.MarkInexact(both.Dims[index], $"{a.Name} is taken over it");
        }

        return both.WithDims(
            a.Flag(false, "keepdim") ? both.Dims.Select((dim, i) => i == index ? graph.NewConstant(1) : dim) : both.Dims.Where((_, i) => i != index));
    }

    /// <summary>The distance of each row of the one from each of the other.</summary>
    public static AxisTensor Distances(AxisGraph graph, OpArguments a)
    {
        var (first, second) = (a.Tensor(0), a.Tensor(1));
        var result = MatMul(graph, a.Name, first, ShapeOps.Transpose(second, -1, -2));
        if (!first.KeepsZeros || !second.KeepsZeros)
        {
            graph.MarkInexact(first.Dims[first.Dims.Count - 1], $"{a.Name} is taken over it");
        }

        return result;
    }

    /// <summary>softmax(q·kᵀ/√d)·v: queries and keys share their width, keys and values their length.</summary>
    public static AxisTensor Attention(AxisGraph graph, OpArguments a)
    {
        var (query, key, value) = (a.Tensor(0), a.Tensor(1), a.Tensor(2));
        var scores = MatMul(graph, a.Name, query, ShapeOps.Transpose(key, -1, -2));
        if (a.Optional(3) is { } mask)
        {
            scores = PointwiseOps.Pointwise(graph, a.Name, [scores, mask], Zeros.Lost);
        }

        if (a.Flag(false, "is_casual", "is_causal"))
        {
            graph.Fix(query.Dims[query.Dims.Count - 2], $"{a.Name} hides what comes after each of it");
            graph.Fix(key.Dims[key.Dims.Count - 2], $"{a.Name} hides what comes after each of it");
        }

        // The scale is 1/√d of whatever width is left.
        graph.MarkInexact(query.Dims[query.Dims.Count - 1], $"{a.Name} scales by its width");
        graph.MarkInexact(key.Dims[key.Dims.Count - 2], $"{a.Name} takes a softmax over it");
        return MatMul(graph, a.Name, scores, value).WithZeros(value.KeepsZeros);
    }

    /// <summary>Two axes that are summed over together; a group adds nothing where one factor is zero.</summary>
    internal static void Contract(AxisGraph graph, string name, Axis first, AxisTensor left, Axis second, AxisTensor right)
    {
        graph.Tie(first, second, $"{name} sums over it");
        if (!left.KeepsZeros && !right.KeepsZeros)
        {
            graph.MarkInexact(first, $"{name} sums over it, and what a mask switches off is not zero there");
        }
    }

    private static AxisTensor Joined(AxisGraph graph, OpArguments a, AxisTensor first, AxisTensor second, IEnumerable<Axis> left, IEnumerable<Axis> right)
    {
        if (first.IsOpen || second.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} of {first} and {second} needs the rank of both");
        }

        Axis[] made = [.. left, .. right];
        Array.ForEach(made, graph.StartOutput);
        return new AxisTensor(made).WithZeros(first.KeepsZeros && second.KeepsZeros);
    }

    private static AxisTensor Leading(AxisTensor x, int without) => x.WithDims(x.Dims.Take(x.Dims.Count - without));
}
