namespace PruneGen.Axes;

/// <summary>Operations that write one tensor into another, and those of which only their inputs can be spoken for.</summary>
internal static class WriteOps
{
    /// <summary><c>x[…] = value</c>; without a tensor for the value, it is a number other than zero.</summary>
    public static AxisTensor IndexPut(AxisGraph graph, OpArguments a)
    {
        var slice = IndexOps.Index(graph, a);
        return a.Input.WithZeros(a.Optional(1) is { } value && PointwiseOps.Pointwise(graph, a.Name, [slice, value], Zeros.Joined).KeepsZeros);
    }

    /// <summary>Another tensor's numbers, in the shape of the first.</summary>
    public static AxisTensor Copy(AxisGraph graph, OpArguments a)
    {
        return a.Input.WithZeros(PointwiseOps.Pointwise(graph, a.Name, [a.Tensor(0).WithZeros(true), a.Tensor(1)], Zeros.Joined).KeepsZeros);
    }

    /// <summary>Numbers put where a tensor of indices says; the dimension that they count stays, and so do the others unless all tensors agree.</summary>
    public static AxisTensor Scatter(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(0, "dim"));
        graph.Fix(x.Dims[index], $"{a.Name} puts into it by number");
        foreach (var other in a.Given.Skip(1))
        {
            for (var i = 0; i < x.Dims.Count; i++)
            {
                if (i == index || !x.Dims[i].MayShrink)
                {
                    continue;
                }

                if (!other.IsOpen && other.Dims.Count == x.Dims.Count && (other.Dims[i].Size is null || other.Dims[i].Size == x.Dims[i].Size))
                {
                    graph.Tie(x.Dims[i], other.Dims[i], $"{a.Name} puts index to index");
                }
                else if (other.Dims.Count > 1 || other.IsOpen)
                {
                    graph.Fix(x.Dims[i], $"{a.Name} puts a part of it");
                }
            }
        }

        return x.WithZeros(false);
    }

    /// <summary>A triangle of the last two dimensions: zeros stay zeros, but where the edge runs depends on the indices.</summary>
    public static AxisTensor Triangle(AxisGraph graph, OpArguments a)
    {
        foreach (var axis in a.Input.Dims.Skip(Math.Max(0, a.Input.Dims.Count - 2)))
        {
            graph.Fix(axis, $"{a.Name} cuts a triangle out of it");
        }

        return a.Input;
    }

    /// <summary>One dimension more or less at the end that holds the parts of complex numbers.</summary>
    public static AxisTensor Complex(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        if (a.Name == "view_as_real")
        {
            return x.WithDims(x.Dims.Append(graph.NewFixed("", 2, "it holds a complex number")));
        }

        graph.Fix(x.Dims[x.IndexOf(-1)], "it holds a complex number");
        return x.WithDims(x.Dims.Take(x.Dims.Count - 1));
    }

    /// <summary>A dimension of yes and no for each number of classes.</summary>
    public static AxisTensor OneHot(AxisGraph graph, OpArguments a) =>
        a.Input.WithDims(a.Input.Dims.Append(graph.NewConstant(a.Has("num_classes") && a.Size(null, "num_classes").AsNumber(a.Name) is long count and >= 0 ? count : null))).WithZeros(false);

    /// <summary>What it makes of its inputs is not followed, so that they stay as they are and nothing of the result is pruned.</summary>
    public static AxisTensor Hold(AxisGraph graph, OpArguments a, string because)
    {
        foreach (var axis in a.Given.SelectMany(tensor => tensor.Dims))
        {
            graph.Fix(axis, because);
        }

        return AxisTensor.Open().WithZeros(false);
    }

    /// <summary>One number of everything: a loss.</summary>
    public static AxisTensor Loss(AxisGraph graph, OpArguments a)
    {
        var result = Hold(graph, a, $"{a.Name} compares it with what is wanted");
        return a.Text("reduction") == "None" ? result : new AxisTensor();
    }
}
