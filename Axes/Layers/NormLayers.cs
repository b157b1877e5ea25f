namespace PruneGen.Axes;

/// <summary>Layers with one number or more a channel, that leave the shape as it is.</summary>
internal static class NormLayers
{
    public static IEnumerable<LayerDefinition> Definitions { get; } =
    [
        .. new[] { "BatchNorm", "InstanceNorm" }.SelectMany(name => Enumerable.Range(1, 3), (name, spatial) =>
            new LayerDefinition($"{name}{spatial}d", (graph, layer, x) => BatchNorm(graph, layer, x, spatial))
            {
                Parameters = Statistics,
                Widths = ["num_features"],
                StatedWidths = layer =>
                    [.. new[] { "weight", "running_mean" }.Where(layer.Has).Take(1).Select(told => new LayerWidth("num_features", told, 0))],
                Channels = 1,
            }),
        new("LayerNorm", LayerNorm)
        {
            Settings = ["normalized_shape"],
            Parameters = call => call.Numbers("normalized_shape") is { } sizes ? Affine(call, "elementwise_affine", sizes) : [],
            Widths = [.. Enumerable.Range(0, 4).Select(dim => $"normalized_shape[{dim}]")],
            StatedWidths = layer => layer.ShapeOf("weight") is { } shape
                ? shape.Select((_, dim) => new LayerWidth($"normalized_shape[{dim}]", "weight", dim)).ToList()
                : [],
        },
        new("GroupNorm", GroupNorm)
        {
            Settings = ["num_groups"],
            Parameters = call => Affine(call, "affine", call.Number("num_channels")),
            Widths = ["num_groups"],
        },
        new("LocalResponseNorm", (graph, layer, x) => AcrossChannels(graph, layer.Name, x)),
        new("PReLU", PReLU)
        {
            Parameters = call => [("weight", [call.Number("num_parameters")])],
            Widths = ["num_parameters"],
            StatedWidths = layer => layer.Width("weight", 0) > 1 ? [new("num_parameters", "weight", 0)] : null,
        },
    ];

    private static IEnumerable<(string Name, long?[] Sizes)> Statistics(FactorySettings call) =>
        (call.IsOff("affine") ? [] : new[] { "weight", "bias" })
            .Concat(call.IsOff("track_running_stats") ? [] : ["running_mean", "running_var"])
            .Select(name => (name, new[] { call.Number("num_features") }));

    private static IEnumerable<(string Name, long?[] Sizes)> Affine(FactorySettings call, string flag, params long?[] sizes) =>
        call.IsOff(flag) ? [] : call.IsOff("bias") ? [("weight", sizes)] : [("weight", sizes), ("bias", sizes)];

    /// <summary>A removed channel takes its scale, shift and running statistics along; the others are not touched.</summary>
    public static AxisTensor BatchNorm(AxisGraph graph, LayerSpec layer, AxisTensor input, int spatial)
    {
        var x = input;
        var parameters = new[] { "weight", "bias", "running_mean", "running_var" }.Where(layer.Has).ToList();
        if (x.IsOpen && x.Dims.Count == 0 && layer.Type == "BatchNorm1d")
        {
            // N×C or N×C×L: whatever the channels are, they are none that anything makes.
            var fixedChannel = graph.NewFixed("", parameters.Select(name => layer.Width(name, 0)).FirstOrDefault(), x.LeadingBecause);
            parameters.ForEach(name => graph.Parameter(layer, name, [fixedChannel]));
            graph.Width(layer, "num_features", fixedChannel);
            return x.WithZeros(false);
        }

        if (spatial > 1 || (x.IsOpen && x.Dims.Count == 0))
        {
            x = SpatialOps.Ranked(graph, layer.Name, x, spatial);
        }

        if (!x.IsOpen && x.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.Mismatch, $"{layer.Name} normalises the channels of a batch, but gets {x}");
        }

        // BatchNorm1d takes N×C and N×C×L; after a Linear layer of open rank the features are the channels.
        var place = x.IsOpen ? x.Dims.Count - 1 : 1;
        var channel = x.Dims[place];
        parameters.ForEach(name => graph.Parameter(layer, name, [channel]));
        graph.Width(layer, "num_features", channel);
        if (layer.Type.StartsWith("Instance", StringComparison.Ordinal))
        {
            MarkBehind(graph, layer.Name, x, place + 1);
        }

        return x.WithZeros(x.KeepsZeros && !x.ShrinksBesides(place));
    }

    /// <summary>The dimensions behind the channels are part of the mean and the variance; features may stand there.</summary>
    internal static void MarkBehind(AxisGraph graph, string name, AxisTensor x, int first)
    {
        foreach (var axis in x.Dims.Skip(first))
        {
            graph.MarkInexact(axis, $"{name} normalises over it");
        }
    }

    /// <summary>The mean and variance are taken over the last dimensions, so they change when some of these are removed.</summary>
    public static AxisTensor LayerNorm(AxisGraph graph, LayerSpec layer, AxisTensor x)
    {
        var rank = layer.ShapeOf("weight")?.Length ?? layer.Numbers("normalized_shape")?.Length ?? 1;
        if (rank > x.Dims.Count)
        {
            throw new AxisException(x.IsOpen ? AxisRule.UnknownShape : AxisRule.Mismatch, $"{layer.Name} normalises the last {rank} dimensions of {x}");
        }

        var axes = x.Dims.Skip(x.Dims.Count - rank).ToArray();
        foreach (var name in new[] { "weight", "bias" }.Where(layer.Has))
        {
            graph.Parameter(layer, name, axes);
        }

        for (var i = 0; i < rank; i++)
        {
            graph.MarkInexact(axes[i], $"{layer.Name} normalises over it");
            graph.Width(layer, $"normalized_shape[{i}]", axes[i]);
        }

        return x.WithZeros(layer.Has("weight") && (!layer.Has("bias") || !x.Dims.Take(x.Dims.Count - rank).Any(dim => dim.MayShrink)));
    }

    /// <summary>The groups stay; inside each, the same channels are removed, which changes the group's mean and variance.</summary>
    public static AxisTensor GroupNorm(AxisGraph graph, LayerSpec layer, AxisTensor x)
    {
        if (x.Dims.Count < 2)
        {
            throw new AxisException(
                AxisRule.UnknownShape, $"{layer.Name} normalises groups of channels, but which dimension of {x} is the channels is not known");
        }

        var channels = x.Dims[1];
        var groups = layer.Number("num_groups") ?? throw new AxisException(AxisRule.Unsupported, $"the groups of {layer.Name} cannot be told from the source");
        if (layer.Width("weight", 0) == groups || channels.Size == groups)
        {
            graph.Width(layer, "num_groups", channels);
        }
        else if (groups == 1)
        {
            graph.MarkInexact(channels, $"{layer.Name} normalises over it");
        }
        else
        {
            var (_, inside) = ConvolutionLayers.SplitIntoGroups(graph, layer, channels, groups, channels.Size / groups);
            graph.MarkInexact(inside, $"{layer.Name} normalises over it");
        }

        foreach (var name in new[] { "weight", "bias" }.Where(layer.Has))
        {
            graph.Parameter(layer, name, [channels]);
        }

        MarkBehind(graph, layer.Name, x, 2);
        return x.WithZeros(layer.Has("weight") && !x.ShrinksBesides(1));
    }

    /// <summary>Each channel is scaled by its neighbours, so removing one changes others.</summary>
    public static AxisTensor AcrossChannels(AxisGraph graph, string name, AxisTensor x)
    {
        if (x.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{name} normalises across channels, but which dimension of {x} is the channels is not known");
        }

        graph.MarkInexact(x.Dims[1], $"{name} normalises across neighbouring channels");
        return x;
    }

    public static AxisTensor PReLU(AxisGraph graph, LayerSpec layer, AxisTensor x)
    {
        if (layer.Width("weight", 0) is 1)
        {
            graph.Parameter(layer, "weight", [graph.NewConstant(1)]);
            return x;
        }

        // As with BatchNorm1d, after a Linear layer of open rank the features are the channels.
        var features = x.IsOpen && x.Dims.Count == 1;
        if (x.Dims.Count < 2 && !features)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{layer.Name} has a slope a channel, but which dimension of {x} is the channels is not known");
        }

        var channels = x.Dims[features ? 0 : 1];
        graph.Parameter(layer, "weight", [channels]);
        graph.Width(layer, "num_parameters", channels);
        return x;
    }
}
