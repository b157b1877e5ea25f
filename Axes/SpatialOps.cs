namespace PruneGen.Axes;

/// <summary>The last one to three dimensions of a feature map: their sizes after pooling and convolution.</summary>
internal static class SpatialOps
{
    public static AxisTensor Pool(AxisGraph graph, OpArguments a, int spatial)
    {
        var kernel = a.Spatial(spatial, "kernel_size", "kernelSize");
        var stride = a.Has("stride", "strides") ? a.Spatial(spatial, "stride", "strides") : kernel;
        var padding = a.Has("padding") ? a.Spatial(spatial, "padding") : new long[spatial];
        var dilation = a.Has("dilation") ? a.Spatial(spatial, "dilation") : Enumerable.Repeat(1L, spatial).ToArray();
        return Window(graph, a.Name, a.Input, spatial, kernel, stride, padding, dilation, a.Flag(false, "ceil_mode", "ceilMode"));
    }

    public static AxisTensor AdaptivePool(AxisGraph graph, OpArguments a, int spatial)
    {
        var sizes = a.Spatial(spatial, "output_size", "outputSize", "output_sizes");
        var x = Ranked(graph, a.Name, a.Input, spatial);
        return Replace(graph, x, spatial, i => sizes?[i]);
    }

    /// <summary>Slides a window over the last dimensions.</summary>
    public static AxisTensor Window(AxisGraph graph, string name, AxisTensor input, int spatial, long[]? kernel, long[]? stride, long[]? padding, long[]? dilation, bool ceil)
    {
        var x = Ranked(graph, name, input, spatial);
        return Replace(graph, x, spatial, i =>
        {
            var size = x.Dims[x.Dims.Count - spatial + i].Size + (2 * padding?[i]) - (dilation?[i] * (kernel?[i] - 1)) - 1;
            if (size is not long range || stride?[i] is not long step)
            {
                return null;
            }

            if (range < 0)
            {
                throw new AxisException(AxisRule.Mismatch, $"the window of {name} is larger than its input {x}");
            }

            var steps = (range + (ceil ? step - 1 : 0)) / step;

            // With ceil_mode the last window must still start inside the input or its left padding.
            return ceil && steps * step >= x.Dims[x.Dims.Count - spatial + i].Size + padding![i] ? steps : steps + 1;
        });
    }

    /// <summary>A tensor of open rank becomes a batch of feature maps; the rank of any other is checked.</summary>
    public static AxisTensor Ranked(AxisGraph graph, string name, AxisTensor x, int spatial)
    {
        if (x.IsOpen && x.Dims.Count <= spatial + 2)
        {
            string[] names = ["N", "C", "D", "H", "W"];
            var missing = new[] { "N", "C" }.Concat(names.Skip(5 - spatial)).Take(spatial + 2 - x.Dims.Count).Select(n => graph.NewFixed(n, null, "it belongs to the model's input"));
            return new AxisTensor(missing.Concat(x.Dims).ToArray());
        }

        return x.Dims.Count == spatial + 2 || x.Dims.Count == spatial + 1
            ? x
            : throw new AxisException(AxisRule.Mismatch, $"{name} takes a tensor of {spatial + 1} or {spatial + 2} dimensions, but gets {x}");
    }

    private static AxisTensor Replace(AxisGraph graph, AxisTensor x, int spatial, Func<int, long?> size)
    {
        var dims = x.Dims.ToArray();
        for (var i = 0; i < spatial; i++)
        {
            ref var dim = ref dims[dims.Length - spatial + i];
            graph.Fix(dim, "a window slides along it");
            dim = graph.NewFixed(dim.Name, size(i), "a window slides along it");
        }

        return new AxisTensor(dims);
    }
}
