namespace PruneGen.Axes;

/// <summary>Layers with one number or more a channel, that leave the shape as it is.</summary>
internal static class NormLayers
{
    /// <summary>A removed channel takes its scale, shift and running statistics along; the others are not touched.</summary>
    public static AxisTensor BatchNorm(AxisGraph graph, LayerSpec layer, AxisTensor input, int spatial)
    {
        var x = input;
        if (spatial > 1 || (x.IsOpen && x.Dims.Count == 0))
        {
            x = SpatialOps.Ranked(graph, layer.Name, x, spatial);
        }

        // BatchNorm1d takes N×C and N×C×L; after a Linear layer of open rank the features are the channels.
        var channel = x.Dims[x.IsOpen ? x.Dims.Count - 1 : 1];
        foreach (var name in new[] { "weight", "bias", "running_mean", "running_var" }.Where(layer.Has))
        {
            graph.Parameter(layer, name, [channel]);
        }

        graph.Width(layer, "num_features", channel);
        return x;
    }

    public static AxisTensor PReLU(AxisGraph graph, LayerSpec layer, AxisTensor x)
    {
        if (layer.Width("weight", 0) is 1)
        {
            graph.Parameter(layer, "weight", [graph.NewConstant(1)]);
            return x;
        }

        if (x.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{layer.Name} has a slope a channel, but which dimension of {x} is the channels is not known");
        }

        graph.Parameter(layer, "weight", [x.Dims[1]]);
        graph.Width(layer, "num_parameters", x.Dims[1]);
        return x;
    }
}
