namespace PruneGen.Axes;

/// <summary>Operations whose every result depends on a whole dimension.</summary>
internal static class ReductionOps
{
    public static void Define(OpList ops)
    {
        // Whole dimensions.
        ops.Add(
            (graph, a) => [Reduce(graph, a)],
            "mean", "sum", "nanmean", "nansum", "amax", "amin", "logsumexp", "var", "std", "prod", "norm", "vector_norm", "any", "all",
            "count_nonzero", "median", "nanmedian");
        ops.AddTwice((graph, a) => Reduce(graph, a), "std_mean", "var_mean", "aminmax");
        ops.Add((graph, a) => [Which(graph, a)], "argmax", "argmin");
        ops.AddSeveral(ExtremeCount, Extreme, "max", "min");
        ops.AddSeveral(_ => 2, WithPlaces, "kthvalue", "mode");
        ops.AddTwice((graph, a) => Ranked(graph, a), "topk", "sort", "cummax", "cummin");
        ops.Add((graph, a) => [Ranked(graph, a)], "argsort", "msort");
        ops.Add(
            (graph, a) => [AlongAxis(graph, a)],
            "softmax", "log_softmax", "softmin", "gumbel_softmax", "softmax2d", "normalize", "cumsum", "cumprod", "logcumsumexp");
        ops.Add((graph, a) => [Glu(graph, a.Input, a.Number(-1, "dim"))], "glu");
        ops.TakesFraction("p", "norm", "vector_norm", "matrix_norm");
        ops.TakesFraction("ord", "norm", "vector_norm", "matrix_norm");
    }

    // A zero more or less makes no difference to these.
    private static readonly HashSet<string> IgnoreZeros = ["sum", "nansum", "norm", "matrix_norm", "vector_norm", "any", "count_nonzero"];
    private static readonly HashSet<string> ZeroOfZeros = ["mean", "sum", "nansum", "nanmean", "amax", "amin", "max", "min", "prod", "norm", "vector_norm"];

    public static AxisTensor Reduce(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var keep = a.Flag(false, "keepdim", "keepDimension");
        var dims = Dims(a);
        if (dims is { Length: 0 })
        {
            dims = null;
        }

        var indices = dims?.Select(dim => x.IndexOf(dim)).ToArray() ?? Enumerable.Range(0, x.Dims.Count).ToArray();

        // A norm of negative order is that of the smallest.
        var ignoresZeros = IgnoreZeros.Contains(a.Name)
            && (!a.Has("p", "ord") || a.Text("p", "ord") is not null || (a.Fraction("p") ?? a.Fraction("ord")) >= 0);
        foreach (var index in indices)
        {
            if (!ignoresZeros || !x.KeepsZeros)
            {
                graph.MarkInexact(x.Dims[index], $"{a.Name} is taken over it");
            }
        }

        if (dims is null)
        {
            return new AxisTensor();
        }

        var left = x.Dims.Select((axis, i) => !indices.Contains(i) ? axis : keep ? graph.NewConstant(1) : null).OfType<Axis>().ToArray();
        return x.WithDims(left).WithZeros(x.KeepsZeros && ZeroOfZeros.Contains(a.Name));
    }

    /// <summary>Which of them is the largest: a number that would mean another after pruning.</summary>
    public static AxisTensor Which(AxisGraph graph, OpArguments a)
    {
        var axes = Dims(a) is { } dims ? dims.Select(dim => a.Input.Dims[a.Input.IndexOf(dim)]).ToArray() : a.Input.Dims;
        var left = Reduce(graph, a);
        return left.Over([.. left.Dims]).WithZeros(false).Numbering(axes, $"{a.Name} tells the number of one of it");
    }

    /// <summary><c>max</c> and <c>min</c>: of everything, of two tensors, or of a dimension with its place.</summary>
    public static AxisTensor[] Extreme(AxisGraph graph, OpArguments a) =>
        a.Given.Count > 1 ? [PointwiseOps.Pointwise(graph, a.Name, a.Given, Zeros.Joined)]
        : Dims(a) is null ? [Reduce(graph, a)]
        : WithPlaces(graph, a);

    /// <summary>What is found, and where. Most never ask where.</summary>
    public static AxisTensor[] WithPlaces(AxisGraph graph, OpArguments a) => [Reduce(graph, a), Which(graph, a)];

    public static int? ExtremeCount(OpArguments a) => a.Given.Count < 2 && a.Has("dim", "dims") ? 2 : 1;

    /// <summary>The order of a dimension, or its best: numbers that would mean others after pruning.</summary>
    public static AxisTensor Ranked(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(a.Name == "msort" ? 0 : -1, "dim"));
        var axis = x.Dims[index];
        graph.Fix(axis, $"{a.Name} ranks it by value");
        return a.Name == "topk" ? x.With(index, graph.NewConstant(a.Size(AxisSize.Unknown, "k").AsNumber(a.Name))).WithZeros(false) : x.WithZeros(false);
    }

    /// <summary>Softmax and its like keep the shape, but each result depends on every index along the axis.</summary>
    public static AxisTensor AlongAxis(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var axis = x.Dims[x.IndexOf(a.Number(a.Name switch { "normalize" => 1, "softmax2d" => -3, _ => null }, "dim"))];
        if (a.Name is not ("normalize" or "cumsum") || !x.KeepsZeros)
        {
            graph.MarkInexact(axis, $"{a.Name} is taken over it");
        }

        return x.WithZeros(a.Name == "normalize" && x.KeepsZeros);
    }

    /// <summary>One half of a dimension, gated by the other.</summary>
    public static AxisTensor Glu(AxisGraph graph, AxisTensor x, long dim)
    {
        var index = x.IndexOf(dim);
        return x.With(index, AxisPieces.Equal(graph, x.Dims[index], 2, "glu cuts it into two halves"));
    }

    private static long[]? Dims(OpArguments a) =>
        a.Numbers("dimensions", "dimension", "dim", "dims")
        ?? (new[] { "dim0", "dim1", "dim2" }.Where(name => a.Has(name)).Select(name => a.Number(null, name)).ToArray() is { Length: > 0 } several ? several
        : a.Name is "kthvalue" or "mode" ? [-1]
        : null);
}
