namespace PruneGen.Axes;

/// <summary>Layers that are an operation with its arguments as settings: activation functions, pooling, padding, losses.</summary>
internal static class OperationLayers
{
    private static readonly string[] Window = ["kernel_size", "stride", "padding"];

    public static IEnumerable<LayerDefinition> Definitions { get; } =
    [
        .. Of(
            "relu",
            [
                "Identity", "ReLU", "ReLU6", "LeakyReLU", "ELU", "SELU", "CELU", "GELU", "SiLU", "Mish", "Tanh", "Softsign", "Hardswish", "Hardshrink",
                "Softshrink", "Tanhshrink", "RReLU", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d",
            ]),
        .. Of("sigmoid", ["Sigmoid", "Softplus", "Hardsigmoid", "Hardtanh", "Threshold", "LogSigmoid", "AlphaDropout", "FeatureAlphaDropout"]),
        .. Enumerable.Range(1, 3).SelectMany(spatial => new[]
        {
            Of($"max_pool{spatial}d", [$"MaxPool{spatial}d"], [.. Window, "dilation", "ceil_mode"]),
            Of($"max_pool{spatial}d", [$"AvgPool{spatial}d"], [.. Window, "ceil_mode"]),
            Of($"max_unpool{spatial}d", [$"MaxUnpool{spatial}d"], Window),
            Of($"adaptive_avg_pool{spatial}d", [$"AdaptiveAvgPool{spatial}d", $"AdaptiveMaxPool{spatial}d"], ["output_size"]),
        }).SelectMany(layers => layers),
        .. Of("unflatten", ["Unflatten"], ["dim", "unflattened_size"]),
        .. Of("softmax", ["Softmax", "LogSoftmax", "Softmin"], ["dim"]),
        .. Of("softmax2d", ["Softmax2d"]),
        .. Of("glu", ["GLU"], ["dim"]),
        .. Of("channel_shuffle", ["ChannelShuffle"], ["groups"]),
        .. Of("cosine_similarity", ["CosineSimilarity"], ["dim"]),
        .. Of(
            "mse_loss",
            [
                "MSELoss", "L1Loss", "SmoothL1Loss", "HuberLoss", "CrossEntropyLoss", "NLLLoss", "BCELoss", "BCEWithLogitsLoss", "KLDivLoss", "CTCLoss",
                "PoissonNLLLoss", "GaussianNLLLoss", "HingeEmbeddingLoss", "MultiLabelMarginLoss", "MultiLabelSoftMarginLoss", "MultiMarginLoss",
                "SoftMarginLoss", "CosineEmbeddingLoss", "MarginRankingLoss", "TripletMarginLoss",
            ]),
        .. Of("pixel_shuffle", ["PixelShuffle"], ["upscale_factor"]),
        .. Of("pixel_unshuffle", ["PixelUnshuffle"], ["downscale_factor"]),
        .. Of("interpolate", ["Upsample"], ["size", OpTable.Factor]),
        .. Of("unfold", ["Unfold"], [.. Window, "dilation"]),
        .. Of("fold", ["Fold"], [.. Window, "dilation", "output_size"]),
        .. Of("pad", ["ZeroPad2d"], ["padding"]),
        .. Of("pad", ["ConstantPad1d", "ConstantPad2d", "ConstantPad3d"], ["padding", OpTable.PadValue]),
        .. Of(
            "pad", ["ReflectionPad1d", "ReflectionPad2d", "ReflectionPad3d", "ReplicationPad1d", "ReplicationPad2d", "ReplicationPad3d"], ["padding"]),
        new("Flatten", (graph, layer, x) => ShapeOps.Flatten(graph, x, layer.Number("start_dim") ?? 1, layer.Number("end_dim") ?? -1))
        {
            Settings = ["start_dim", "end_dim"],
        },
    ];

    private static IEnumerable<LayerDefinition> Of(string operation, string[] types, params string[] settings) => types.Select(type =>
        new LayerDefinition(type, (graph, layer, x) => OpTable.Apply(graph, new OpArguments(operation, x, layer.Settings))) { Settings = settings });
}
