namespace PruneGen.Axes;

/// <summary>What a layer does to axes.</summary>
/// <param name="graph">Where its parameters, ties and widths are recorded.</param>
/// <param name="layer">The layer.</param>
/// <param name="inputs">The tensors it is called with.</param>
public delegate AxisTensor[] LayerRule(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor> inputs);

/// <summary>
/// Every layer of <c>torch.nn</c> that the analysis knows, by TorchSharp's class name. A new layer is one entry here,
/// one entry in the runtime's adapter that reads the live module, and one test.
/// </summary>
public static class LayerTable
{
    private static readonly Dictionary<string, LayerRule> Rules = Build();

    /// <summary>Whether the analysis knows the layer.</summary>
    public static bool Knows(string type) => Rules.ContainsKey(type);

    /// <summary>Every known class name, sorted.</summary>
    public static IEnumerable<string> Names => Rules.Keys.OrderBy(name => name, StringComparer.Ordinal);

    /// <summary>Applies a layer.</summary>
    /// <exception cref="AxisException">The layer is not known, or its input does not fit.</exception>
    public static AxisTensor[] Apply(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor> inputs)
    {
        if (!Rules.TryGetValue(layer.Type, out var rule))
        {
            throw new AxisException(AxisRule.Unsupported, $"what the layer {layer.Name} of type {layer.Type} does to the dimensions of a tensor is not known");
        }

        return rule(graph, layer, inputs);
    }

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

        Add((graph, layer, x) => [ConvolutionLayers.Convolution(graph, layer, x[0], 1)], "Conv1d");
        Add((graph, layer, x) => [ConvolutionLayers.Convolution(graph, layer, x[0], 2)], "Conv2d");
        Add((graph, layer, x) => [ConvolutionLayers.Convolution(graph, layer, x[0], 3)], "Conv3d");
        Add((graph, layer, x) => [TransposedConvolution.Apply(graph, layer, x[0], 1)], "ConvTranspose1d");
        Add((graph, layer, x) => [TransposedConvolution.Apply(graph, layer, x[0], 2)], "ConvTranspose2d");
        Add((graph, layer, x) => [TransposedConvolution.Apply(graph, layer, x[0], 3)], "ConvTranspose3d");
        Add((graph, layer, x) => [LinearLayers.Linear(graph, layer, x[0])], "Linear");
        Add((graph, layer, x) => [LinearLayers.Embedding(graph, layer, x[0])], "Embedding");
        Add((graph, layer, x) => [NormLayers.BatchNorm(graph, layer, x[0], 1)], "BatchNorm1d");
        Add((graph, layer, x) => [NormLayers.BatchNorm(graph, layer, x[0], 2)], "BatchNorm2d");
        Add((graph, layer, x) => [NormLayers.BatchNorm(graph, layer, x[0], 3)], "BatchNorm3d");
        Add((graph, layer, x) => [NormLayers.BatchNorm(graph, layer, x[0], 1)], "InstanceNorm1d");
        Add((graph, layer, x) => [NormLayers.BatchNorm(graph, layer, x[0], 2)], "InstanceNorm2d");
        Add((graph, layer, x) => [NormLayers.BatchNorm(graph, layer, x[0], 3)], "InstanceNorm3d");
        Add((graph, layer, x) => [NormLayers.LayerNorm(graph, layer, x[0])], "LayerNorm");
        Add((graph, layer, x) => [NormLayers.GroupNorm(graph, layer, x[0])], "GroupNorm");
        Add((graph, layer, x) => [NormLayers.AcrossChannels(graph, layer, x[0])], "LocalResponseNorm");
        Add((graph, layer, x) => [NormLayers.PReLU(graph, layer, x[0])], "PReLU");

        // Layers that are an operation with its arguments as settings.
        void AddOp(string op, params string[] types) =>
            Add((graph, layer, x) => OpTable.Apply(graph, new OpArguments(op, x, layer.Settings)), types);
        AddOp("relu", "Identity", "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Tanh", "Softsign", "Hardswish", "Hardshrink", "Softshrink", "Tanhshrink", "RReLU", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d");
        AddOp("sigmoid", "Sigmoid", "Softplus", "Hardsigmoid", "Hardtanh", "Threshold", "LogSigmoid", "AlphaDropout", "FeatureAlphaDropout");
        AddOp("max_pool1d", "MaxPool1d", "AvgPool1d");
        AddOp("max_pool2d", "MaxPool2d", "AvgPool2d");
        AddOp("max_pool3d", "MaxPool3d", "AvgPool3d");
        AddOp("adaptive_avg_pool1d", "AdaptiveAvgPool1d", "AdaptiveMaxPool1d");
        AddOp("adaptive_avg_pool2d", "AdaptiveAvgPool2d", "AdaptiveMaxPool2d");
        AddOp("adaptive_avg_pool3d", "AdaptiveAvgPool3d", "AdaptiveMaxPool3d");
        AddOp("unflatten", "Unflatten");
        AddOp("softmax", "Softmax", "LogSoftmax", "Softmin");
        AddOp("pixel_shuffle", "PixelShuffle");
        AddOp("pixel_unshuffle", "PixelUnshuffle");
        AddOp("interpolate", "Upsample");
        AddOp("pad", "ZeroPad2d", "ConstantPad1d", "ConstantPad2d", "ConstantPad3d", "ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d");
        Add((graph, layer, x) => [ShapeOps.Flatten(graph, x[0], layer.Number("start_dim") ?? 1, layer.Number("end_dim") ?? -1)], "Flatten");
        return rules;
    }
}
