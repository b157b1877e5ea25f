namespace PruneGen.Axes;

/// <summary>What a layer does to axes.</summary>
/// <param name="graph">Where its parameters, ties and widths are recorded.</param>
/// <param name="layer">The layer.</param>
/// <param name="inputs">The tensors it is called with, in the order of its parameters; null where an optional one is left out.</param>
/// <returns>Its results, in the order of the tuple where there are several.</returns>
public delegate AxisTensor[] LayerRule(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs);

/// <summary>
/// Every layer of <c>torch.nn</c> that the analysis knows, by TorchSharp's class name. A new layer is one entry here,
/// one entry in the runtime's adapter that reads the live module, and one test.
/// </summary>
public static class LayerTable
{
    private static readonly Dictionary<string, int> Counts = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, LayerRule> Rules = Build();

    /// <summary>Whether the analysis knows the layer.</summary>
    public static bool Knows(string type) => Rules.ContainsKey(type);

    /// <summary>How many results a layer has: three for <c>LSTM</c>, one for most.</summary>
    public static int ResultCount(string type) => Counts.TryGetValue(type, out var count) ? count : 1;

    /// <summary>Every known class name, sorted.</summary>
    public static IEnumerable<string> Names => Rules.Keys.OrderBy(name => name, StringComparer.Ordinal);

    /// <summary>Applies a layer.</summary>
    /// <exception cref="AxisException">The layer is not known, or its input does not fit.</exception>
    public static AxisTensor[] Apply(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        foreach (var input in inputs)
        {
            input?.Read();
        }

        if (DescribedCalls.Describes(layer))
        {
            return DescribedCalls.Call(graph, layer, inputs);
        }

        if (!Rules.TryGetValue(layer.Type, out var rule))
        {
            throw new AxisException(AxisRule.Unsupported, $"what the layer {layer.Name} of type {layer.Type} does to the dimensions of a tensor is not known");
        }

        var given = inputs.OfType<AxisTensor>().ToList();
        var untracked = given.Select(input => input.UntrackedBecause).FirstOrDefault(because => because is not null);
        try
        {
            var results = rule(graph, layer, inputs);
            return untracked is null ? results : [.. results.Select(result => result.IsOpen ? result.AsUntracked(untracked) : result)];
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape && (untracked is not null || graph.ShapesTold))
        {
            // No shape of an input will tell it: the layer stays as it is, and so does what it is called with.
            var because = untracked ?? $"{layer.Name} depends on sizes that only the numbers in its tensors tell";
            graph.FixAll(given.SelectMany(input => input.Dims), because);
            return [.. Enumerable.Repeat(AxisTensor.Untracked(because), ResultCount(layer.Type))];
        }
    }

    private static AxisTensor Input(LayerSpec layer, IReadOnlyList<AxisTensor?> inputs) => inputs.Count > 0 && inputs[0] is { } input
        ? input
        : throw new AxisException(AxisRule.Unsupported, $"{layer.Name} is called without a tensor");

    private static Dictionary<string, LayerRule> Build()
    {
        var rules = new Dictionary<string, LayerRule>(StringComparer.Ordinal);
        void Add(LayerRule rule, params string[] types)
        {
            foreach (var type in types)
            {
                rules.Add(type, rule);
            }
        }

        void AddSeveral(int results, LayerRule rule, string type)
        {
            Add(rule, type);
            Counts.Add(type, results);
        }

        void AddOne(Func<AxisGraph, LayerSpec, AxisTensor, AxisTensor> rule, params string[] types) =>
            Add((graph, layer, x) => [rule(graph, layer, Input(layer, x))], types);

        AddOne((graph, layer, x) => ConvolutionLayers.Convolution(graph, layer, x, 1), "Conv1d");
        AddOne((graph, layer, x) => ConvolutionLayers.Convolution(graph, layer, x, 2), "Conv2d");
        AddOne((graph, layer, x) => ConvolutionLayers.Convolution(graph, layer, x, 3), "Conv3d");
        AddOne((graph, layer, x) => TransposedConvolution.Apply(graph, layer, x, 1), "ConvTranspose1d");
        AddOne((graph, layer, x) => TransposedConvolution.Apply(graph, layer, x, 2), "ConvTranspose2d");
        AddOne((graph, layer, x) => TransposedConvolution.Apply(graph, layer, x, 3), "ConvTranspose3d");
        AddOne((graph, layer, x) => LinearLayers.Linear(graph, layer, x), "Linear");
        AddOne((graph, layer, x) => LinearLayers.Embedding(graph, layer, x), "Embedding");
        Add((graph, layer, x) => [LinearLayers.EmbeddingBag(graph, layer, Input(layer, x), x.Count > 1 ? x[1] : null)], "EmbeddingBag");
        AddOne((graph, layer, x) => NormLayers.BatchNorm(graph, layer, x, 1), "BatchNorm1d");
        AddOne((graph, layer, x) => NormLayers.BatchNorm(graph, layer, x, 2), "BatchNorm2d");
        AddOne((graph, layer, x) => NormLayers.BatchNorm(graph, layer, x, 3), "BatchNorm3d");
        AddOne((graph, layer, x) => NormLayers.BatchNorm(graph, layer, x, 1), "InstanceNorm1d");
        AddOne((graph, layer, x) => NormLayers.BatchNorm(graph, layer, x, 2), "InstanceNorm2d");
        AddOne((graph, layer, x) => NormLayers.BatchNorm(graph, layer, x, 3), "InstanceNorm3d");
        AddOne((graph, layer, x) => NormLayers.LayerNorm(graph, layer, x), "LayerNorm");
        AddOne((graph, layer, x) => NormLayers.GroupNorm(graph, layer, x), "GroupNorm");
        AddOne((graph, layer, x) => NormLayers.AcrossChannels(graph, layer.Name, x), "LocalResponseNorm");
        AddOne((graph, layer, x) => NormLayers.PReLU(graph, layer, x), "PReLU");

        AddSeveral(3, (graph, layer, x) => RecurrentLayers.Sequence(graph, layer, x, gates: 4, states: 2), "LSTM");
        AddSeveral(2, (graph, layer, x) => RecurrentLayers.Sequence(graph, layer, x, gates: 3, states: 1), "GRU");
        AddSeveral(2, (graph, layer, x) => RecurrentLayers.Sequence(graph, layer, x, gates: 1, states: 1), "RNN");
        AddSeveral(2, (graph, layer, x) => RecurrentLayers.Cell(graph, layer, x, gates: 4, states: 2), "LSTMCell");
        Add((graph, layer, x) => RecurrentLayers.Cell(graph, layer, x, gates: 3, states: 1), "GRUCell");
        Add((graph, layer, x) => RecurrentLayers.Cell(graph, layer, x, gates: 1, states: 1), "RNNCell");
        AddSeveral(2, AttentionLayers.Multihead, "MultiheadAttention");
        Add(
            (graph, layer, x) => AttentionLayers.Transformer(graph, layer, x),
            "TransformerEncoderLayer",
            "TransformerEncoder",
            "TransformerDecoderLayer",
            "TransformerDecoder");

        // Layers that are an operation with its arguments as settings.
        void AddOp(string op, params string[] types) =>
            Add((graph, layer, x) => OpTable.Apply(graph, new OpArguments(op, x, layer.Settings)), types);
        AddOp(
            "relu",
            "Identity",
            "ReLU",
            "ReLU6",
            "LeakyReLU",
            "ELU",
            "SELU",
            "CELU",
            "GELU",
            "SiLU",
            "Mish",
            "Tanh",
            "Softsign",
            "Hardswish",
            "Hardshrink",
            "Softshrink",
            "Tanhshrink",
            "RReLU",
            "Dropout",
            "Dropout1d",
            "Dropout2d",
            "Dropout3d");
        AddOp("sigmoid", "Sigmoid", "Softplus", "Hardsigmoid", "Hardtanh", "Threshold", "LogSigmoid", "AlphaDropout", "FeatureAlphaDropout");
        AddOp("max_pool1d", "MaxPool1d", "AvgPool1d");
        AddOp("max_pool2d", "MaxPool2d", "AvgPool2d");
        AddOp("max_pool3d", "MaxPool3d", "AvgPool3d");
        AddOp("max_unpool1d", "MaxUnpool1d");
        AddOp("max_unpool2d", "MaxUnpool2d");
        AddOp("max_unpool3d", "MaxUnpool3d");
        AddOp("adaptive_avg_pool1d", "AdaptiveAvgPool1d", "AdaptiveMaxPool1d");
        AddOp("adaptive_avg_pool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d");
        AddOp("adaptive_avg_pool3d", "AdaptiveAvgPool3d", "AdaptiveMaxPool3d");
        AddOp("unflatten", "Unflatten");
        AddOp("softmax", "Softmax", "LogSoftmax", "Softmin");
        AddOp("softmax2d", "Softmax2d");
        AddOp("glu", "GLU");
        AddOp("channel_shuffle", "ChannelShuffle");
        AddOp("cosine_similarity", "CosineSimilarity");
        AddOp(
            "mse_loss",
            "MSELoss",
                "L1Loss",
                "SmoothL1Loss",
                "HuberLoss",
                "CrossEntropyLoss",
                "NLLLoss",
                "BCELoss",
                "BCEWithLogitsLoss",
                "KLDivLoss",
                "CTCLoss",
                "PoissonNLLLoss",
                "GaussianNLLLoss",
            "HingeEmbeddingLoss",
                "MultiLabelMarginLoss",
                "MultiLabelSoftMarginLoss",
                "MultiMarginLoss",
                "SoftMarginLoss",
                "CosineEmbeddingLoss",
                "MarginRankingLoss",
                "TripletMarginLoss");
        AddOp("pixel_shuffle", "PixelShuffle");
        AddOp("pixel_unshuffle", "PixelUnshuffle");
        AddOp("interpolate", "Upsample");
        AddOp("unfold", "Unfold");
        AddOp("fold", "Fold");
        AddOp(
            "pad",
            "ZeroPad2d",
            "ConstantPad1d",
            "ConstantPad2d",
            "ConstantPad3d",
            "ReflectionPad1d",
            "ReflectionPad2d",
            "ReflectionPad3d",
            "ReplicationPad1d",
            "ReplicationPad2d",
            "ReplicationPad3d");
        AddOne((graph, layer, x) => ShapeOps.Flatten(graph, x, layer.Number("start_dim") ?? 1, layer.Number("end_dim") ?? -1), "Flatten");
        return rules;
    }
}
