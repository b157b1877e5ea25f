namespace PruneGen.Axes;

/// <summary>Layers that multiply the last dimension by a matrix.</summary>
internal static class LinearLayers
{
    public static IEnumerable<LayerDefinition> Definitions { get; } =
    [
        new("Linear", Linear)
        {
            Parameters = LinearParameters,
            Widths = ["in_features", "out_features"],
            StatedWidths = _ => [new("in_features", "weight", 1), new("out_features", "weight", 0)],
            Channels = -1,
        },
        new("Embedding", Embedding) { Parameters = Vectors, StatedWidths = _ => [], Channels = -1 },
        new("EmbeddingBag", (graph, layer, x) => [EmbeddingBag(graph, layer, LayerDefinition.InputOf(layer, x), x.Count > 1 ? x[1] : null)])
        {
            Parameters = Vectors,
            StatedWidths = _ => [],
        },
    ];

    private static IEnumerable<(string Name, long?[] Sizes)> LinearParameters(FactorySettings call)
    {
        // Or from parameters that exist already; then their names are weight and bias.
        yield return ("weight", [call.Number("output_size"), call.Number("input_size")]);
        if (!call.IsOff("has_bias") && !call.IsNull("bias"))
        {
            yield return ("bias", [call.Number("output_size")]);
        }
    }

    private static IEnumerable<(string Name, long?[] Sizes)> Vectors(FactorySettings call) =>
        [("weight", [call.Number("num_embeddings"), call.Number("embedding_dims")])];

    public static AxisTensor Linear(AxisGraph graph, LayerSpec layer, AxisTensor x)
    {
        if (x.Dims.Count == 0 && x.IsOpen)
        {
            x = AxisTensor.Open(graph.NewFixed("F", layer.Width("weight", 1), x.LeadingBecause));
        }

        if (x.Dims.Count == 0)
        {
            throw new AxisException(AxisRule.Mismatch, $"{layer.Name} needs a dimension to read, but gets a scalar");
        }

        var features = x.Dims[x.Dims.Count - 1];
        var weight = graph.Parameter(layer, "weight", [graph.NewOutput(layer.Name, layer.Width("weight", 0)), features], reads: 1);
        if (layer.Has("bias"))
        {
            graph.Parameter(layer, "bias", [weight[0]]);
        }

        graph.Width(layer, "in_features", features);
        graph.Width(layer, "out_features", weight[0]);

        // Every dimension between the batch and the features repeats the product.
        graph.Mac(layer.Name, x, x.Dims.Skip(1).Take(x.Dims.Count - 2).Concat(weight));
        return x.With(x.Dims.Count - 1, weight[0]).WithZeros(!x.ShrinksBesides(x.Dims.Count - 1) || (x.KeepsZeros && !layer.Has("bias")));
    }

    /// <summary>A table of vectors: the entries stay, the features are the outputs.</summary>
    public static AxisTensor Embedding(AxisGraph graph, LayerSpec layer, AxisTensor x) => x.WithDims([.. x.Dims, Features(graph, layer)]).WithZeros(true);

    /// <summary>A vector for each bag of numbers: for each row of them, or for each of the places where the bags begin.</summary>
    public static AxisTensor EmbeddingBag(AxisGraph graph, LayerSpec layer, AxisTensor x, AxisTensor? begins) =>
        new AxisTensor(begins is null ? ShapeOps.Ranked(graph, x, 2).Dims[0] : graph.NewConstant(null), Features(graph, layer)).WithZeros(true);

    private static Axis Features(AxisGraph graph, LayerSpec layer)
    {
        var entries = graph.NewFixed("", layer.Width("weight", 0), $"the entries of {layer.Name} are looked up by number");
        return graph.Parameter(layer, "weight", [entries, graph.NewOutput(layer.Name, layer.Width("weight", 1))])[1];
    }
}
