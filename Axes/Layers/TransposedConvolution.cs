namespace PruneGen.Axes;

/// <summary>Transposed convolutions. Their weight runs over the inputs first: in × out/groups × kernel.</summary>
internal static class TransposedConvolution
{
    public static IEnumerable<LayerDefinition> Definitions { get; } = Enumerable.Range(1, 3).Select(spatial =>
        new LayerDefinition($"ConvTranspose{spatial}d", (graph, layer, x) => Apply(graph, layer, x, spatial))
        {
            Settings = ["kernel_size", "stride", "padding", "dilation", "output_padding", "groups"],
            Defaults = ConvolutionLayers.Defaults,
            Parameters = call => ConvolutionLayers.Parameters(call, call.Number("in_channels"), call.Number("out_channels"), spatial),
            Widths = ["in_channels", "out_channels", "groups"],
            StatedWidths = layer => layer.Number("groups") == 1 ? [new("in_channels", "weight", 0), new("out_channels", "weight", 1)] : null,
            Channels = -spatial - 1,
        }).ToList();

    public static AxisTensor Apply(AxisGraph graph, LayerSpec layer, AxisTensor input, int spatial)
    {
        var x = SpatialOps.Ranked(graph, layer.Name, input, spatial);
        var channels = x.Dims[x.Dims.Count - spatial - 1];
        var outputs = layer.Width("weight", 1);
        var (inputs, output, perGroup) = layer.Number("groups") switch
        {
            1 => Plain(graph, layer, channels, outputs),
            long groups => Grouped(graph, layer, channels, groups, layer.Width("weight", 0) / groups, outputs),
            null => throw new AxisException(AxisRule.Unsupported, $"the groups of {layer.Name} cannot be told from the source"),
        };

        var kernel = layer.Numbers("kernel_size", spatial);
        var kernelAxes = Enumerable.Range(0, spatial).Select(i => graph.NewConstant(layer.Width("weight", 2 + i) ?? kernel?[i])).ToArray();
        var weight = graph.Parameter(layer, "weight", [inputs, perGroup, .. kernelAxes], reads: 0);
        output = layer.Number("groups") == 1 ? weight[1] : output;
        if (layer.Has("bias"))
        {
            graph.Parameter(layer, "bias", [output]);
        }

        graph.Width(layer, "in_channels", channels);
        graph.Width(layer, "out_channels", output);
        graph.Mac(layer.Name, x.Dims.Skip(x.Dims.Count - spatial).Concat(weight));

        var (stride, padding, dilation, extra) = (
            layer.Numbers("stride", spatial), layer.Numbers("padding", spatial), layer.Numbers("dilation", spatial), layer.Numbers("output_padding", spatial));
        var result = SpatialOps.Resize(
            graph, x, spatial, (size, i) => ((size - 1) * stride?[i]) - (2 * padding?[i]) + (dilation?[i] * (kernel?[i] - 1)) + extra?[i] + 1);
        var place = result.Dims.Count - spatial - 1;
        return result.With(place, output).WithZeros(!result.ShrinksBesides(place) || (x.KeepsZeros && !layer.Has("bias")));
    }

    private static (Axis Inputs, Axis Output, Axis PerGroup) Plain(AxisGraph graph, LayerSpec layer, Axis channels, long? outputs)
    {
        var output = graph.NewOutput(layer.Name, outputs);
        return (channels, output, output);
    }

    private static (Axis Inputs, Axis Output, Axis PerGroup) Grouped(
        AxisGraph graph, LayerSpec layer, Axis channels, long groups, long? inputsPerGroup, long? outputsPerGroup)
    {
        if (inputsPerGroup == 1 && outputsPerGroup == 1)
        {
            graph.Width(layer, "groups", channels);
            return (channels, channels, graph.NewConstant(1));
        }

        var group = ConvolutionLayers.SplitIntoGroups(graph, layer, channels, groups, inputsPerGroup).Group;
        var inside = graph.NewOutput(layer.Name, outputsPerGroup);
        return (channels, AxisGraph.MakeProduct([group, inside]), inside);
    }
}
