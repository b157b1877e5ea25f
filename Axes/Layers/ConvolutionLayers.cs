namespace PruneGen.Axes;

/// <summary>Convolutions: plain, grouped and depthwise.</summary>
internal static class ConvolutionLayers
{
    /// <summary>What the overloads that take tuples leave null for what the others spell out.</summary>
    internal static Dictionary<string, long> Defaults { get; } = new() { ["stride"] = 1, ["padding"] = 0, ["dilation"] = 1, ["output_padding"] = 0 };

    public static IEnumerable<LayerDefinition> Definitions { get; } = Enumerable.Range(1, 3).Select(spatial =>
        new LayerDefinition($"Conv{spatial}d", (graph, layer, x) => Convolution(graph, layer, x, spatial))
        {
            Settings = ["kernel_size", "stride", "padding", "dilation", "groups"],
            Defaults = Defaults,
            Parameters = call => Parameters(call, call.Number("out_channels"), call.Number("in_channels"), spatial),
            Widths = ["in_channels", "out_channels", "groups"],
            StatedWidths = layer => layer.Number("groups") == 1 ? [new("in_channels", "weight", 1), new("out_channels", "weight", 0)] : null,
            Channels = -spatial - 1,
        }).ToList();

    /// <param name="call">The factory's call.</param>
    /// <param name="first">The length of the weight's first dimension.</param>
    /// <param name="second">The length of its second, of all groups together.</param>
    /// <param name="spatial">How many dimensions the kernel has.</param>
    internal static IEnumerable<(string Name, long?[] Sizes)> Parameters(FactorySettings call, long? first, long? second, int spatial)
    {
        var groups = call.Number("groups");
        yield return ("weight", [first, groups > 0 ? second / groups : null, .. call.Numbers("kernel_size", spatial)]);
        if (!call.IsOff("bias"))
        {
            yield return ("bias", [call.Number("out_channels")]);
        }
    }

    public static AxisTensor Convolution(AxisGraph graph, LayerSpec layer, AxisTensor input, int spatial)
    {
        var x = SpatialOps.Ranked(graph, layer.Name, input, spatial);
        var channels = x.Dims[x.Dims.Count - spatial - 1];
        var outputs = layer.Width("weight", 0);
        var inputsPerGroup = layer.Width("weight", 1);

        // A convolution in one group is never depthwise, not even with one channel in and one out.
        var (output, weightInput) = layer.Number("groups") switch
        {
            1 => (graph.NewOutput(layer.Name, outputs), channels),
            long groups when inputsPerGroup == 1 => (Depthwise(graph, layer, channels, groups, outputs), graph.NewConstant(1)),
            long groups => Grouped(graph, layer, channels, groups, outputs, inputsPerGroup),
            null => throw new AxisException(AxisRule.Unsupported, $"the groups of {layer.Name} cannot be told from the source"),
        };

        var kernel = layer.Numbers("kernel_size", spatial);
        var kernelAxes = Enumerable.Range(0, spatial).Select(i => graph.NewConstant(layer.Width("weight", 2 + i) ?? kernel?[i])).ToArray();
        var weight = graph.Parameter(layer, "weight", [output, weightInput, .. kernelAxes], reads: 1);
        if (layer.Has("bias"))
        {
            graph.Parameter(layer, "bias", [weight[0]]);
        }

        graph.Width(layer, "in_channels", channels);
        graph.Width(layer, "out_channels", weight[0]);

        var window = SpatialOps.Window(
            graph,
            layer.Name,
            x,
            spatial,
            kernel,
            layer.Numbers("stride", spatial),
            layer.Numbers("padding", spatial),
            layer.Numbers("dilation", spatial),
            ceil: false);
        var place = window.Dims.Count - spatial - 1;
        var result = window.With(place, weight[0]).WithZeros(!window.ShrinksBesides(place) || (x.KeepsZeros && !layer.Has("bias")));
        graph.Mac(layer.Name, result.Dims.Skip(result.Dims.Count - spatial).Concat(weight));
        return result;
    }

    /// <summary>Each input channel has filters of its own, so the outputs are the inputs, times the multiplier.</summary>
    private static Axis Depthwise(AxisGraph graph, LayerSpec layer, Axis channels, long groups, long? outputs)
    {
        graph.Width(layer, "groups", channels);
        return outputs == groups
            ? channels
            : AxisGraph.MakeProduct([channels, graph.NewFixed("", outputs / groups, $"each channel of {layer.Name} has as many filters")]);
    }

    private static (Axis Output, Axis WeightInput) Grouped(AxisGraph graph, LayerSpec layer, Axis channels, long groups, long? outputs, long? inputsPerGroup)
    {
        var (group, inside) = SplitIntoGroups(graph, layer, channels, groups, inputsPerGroup);
        return (AxisGraph.MakeProduct([group, graph.NewOutput(layer.Name, outputs / groups)]), inside);
    }

    /// <summary>
    /// The groups stay; inside each, the same channels are removed, so that all groups keep one width.
    /// </summary>
    internal static (Axis Group, Axis Inside) SplitIntoGroups(AxisGraph graph, LayerSpec layer, Axis channels, long groups, long? inside)
    {
        var group = graph.NewFixed($"{layer.Name}.groups", groups, $"{layer.Name} works in {groups} groups");
        var within = graph.NewUndecided("", inside);
        within.IsOutput = channels.HasPrunable;
        graph.Tie(channels, AxisGraph.MakeProduct([group, within]), $"{layer.Name} splits its input into {groups} groups");
        return (group.Resolve(), within.Resolve());
    }
}
