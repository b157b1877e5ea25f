namespace PruneGen.Axes;

/// <summary>Operations whose every result depends on a whole dimension.</summary>
internal static class ReductionOps
{
    public static AxisTensor Reduce(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var keep = a.Flag(false, "keepdim", "keepDimension");
        var dims = a.Numbers("dimensions", "dim", "dims") ?? (a.Has("dim0") ? [a.Number(null, "dim0"), a.Number(null, "dim1")] : null);
        var indices = dims?.Select(dim => x.IndexOf(dim)).ToArray() ?? Enumerable.Range(0, x.Dims.Count).ToArray();
        foreach (var index in indices)
        {
            // Zeros add nothing to a sum, but they count in a mean.
            if (a.Name != "sum" || !x.KeepsZeros)
            {
                graph.MarkInexact(x.Dims[index], $"{a.Name} is taken over it");
            }
        }

        if (dims is null)
        {
            return new AxisTensor();
        }

        var left = x.Dims.Select((axis, i) => !indices.Contains(i) ? axis : keep ? graph.NewConstant(1) : null).OfType<Axis>().ToArray();
        return x.WithDims(left).WithZeros(x.KeepsZeros && a.Name is "mean" or "sum" or "amax" or "amin");
    }

    /// <summary>Softmax and its like keep the shape, but each result depends on every index along the axis.</summary>
    public static AxisTensor AlongAxis(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        graph.MarkInexact(x.Dims[x.IndexOf(a.Number(a.Name == "normalize" ? 1 : null, "dim"))], $"{a.Name} is taken over it");
        return x;
    }
}
