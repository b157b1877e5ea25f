using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How each live layer of <c>torch.nn</c> is read for the rules of <see cref="LayerTable"/>, and how the properties that
/// tell its widths are set. A new layer is one entry in the table.
/// </summary>
internal static class LayerAdapters
{
    private static readonly Dictionary<Type, LayerAdapter> Table = Build();

    /// <summary>Every layer type in the table.</summary>
    internal static IEnumerable<Type> Types => Table.Keys;

    /// <summary>A live layer as the rules see it.</summary>
    /// <param name="module">The layer.</param>
    /// <param name="name">Its path in the model.</param>
    /// <exception cref="InvalidOperationException">Its type is not in the table.</exception>
    /// <exception cref="NotSupportedException">This TorchSharp's layer has changed inside.</exception>
    internal static LayerSpec Describe(nn.Module module, string name)
    {
        var type = module.GetType();
        if (!Table.TryGetValue(type, out var adapter))
        {
            throw new InvalidOperationException(
                $"{name} is a {type}, which PruneGen does not know. Where it is a model of your own, put [Prunable] on its class, else describe it with "
                    + $"[Axes]; known layers are {string.Join(", ", Table.Keys.Select(known => known.Name).Order(StringComparer.Ordinal))}.");
        }

        TorchSharpInternals.Require(module);
        return new LayerSpec(name, type.Name, adapter.Settings(module), Shapes(module), module);
    }

    /// <summary>A live module that <c>[Axes]</c> describes, with the parameters of its children.</summary>
    internal static LayerSpec Describe(nn.Module module, string name, AxesAttribute axes) =>
        LayerSpec.Described(name, module.GetType().Name, axes.Notation, axes.Parameters, axes.Inexact, axes.Macs, Shapes(module, recurse: true), module);

    /// <summary>Whether its type is in the table.</summary>
    internal static bool Knows(nn.Module module) => Table.ContainsKey(module.GetType());

    /// <summary>
    /// Which dimension of a parameter each width of a layer is, by property; null where that is not so simple, and the layer
    /// must keep its widths unless its own rule is applied.
    /// </summary>
    internal static IReadOnlyList<(string Property, string Parameter, int Dim)>? WidthsTold(nn.Module module) => module switch
    {
        Linear => [("in_features", "weight", 1), ("out_features", "weight", 0)],
        ConvTranspose1d or ConvTranspose2d or ConvTranspose3d =>
            module is Convolution { groups: 1 } ? [("in_channels", "weight", 0), ("out_channels", "weight", 1)] : null,
        Convolution { groups: 1 } => [("in_channels", "weight", 1), ("out_channels", "weight", 0)],
        NormBase norm => norm.weight is not null ? [("num_features", "weight", 0)] : norm.running_mean is not null ? [("num_features", "running_mean", 0)] : [],
        LayerNorm norm => norm.weight is null ? [] : norm.normalized_shape.Select((_, dim) => ($"normalized_shape[{dim}]", "weight", dim)).ToArray(),
        PReLU { num_parameters: > 1 } => [("num_parameters", "weight", 0)],
        Embedding or EmbeddingBag => [],
        _ => Knows(module) && Shapes(module).Count > 0 ? null : [],
    };

    private static Dictionary<string, object?> Windows((long, long) kernel, (long, long) dilation, (long, long) padding, (long, long) stride) =>
        new() { ["kernel_size"] = Pair(kernel), ["dilation"] = Pair(dilation), ["padding"] = Pair(padding), ["stride"] = Pair(stride) };

    private static long[] Pair((long, long) sizes) => [sizes.Item1, sizes.Item2];

    /// <summary>The shapes of a module's parameters and buffers: its own, or those of its children too.</summary>
    internal static Dictionary<string, long[]?> Shapes(nn.Module module, bool recurse = false)
    {
        var shapes = new Dictionary<string, long[]?>(StringComparer.Ordinal);
        foreach (var (parameter, tensor) in module.named_parameters(recurse))
        {
            shapes.Add(parameter, PlainMemory.ShapeOf(tensor));
        }

        foreach (var (buffer, tensor) in module.named_buffers(recurse))
        {
            shapes.Add(buffer, PlainMemory.ShapeOf(tensor));
        }

        return shapes;
    }

    /// <summary>What a property of a layer tells now.</summary>
    internal static long GetWidth(nn.Module module, string property) =>
        module is IPrunable model ? model.NumberOf(property) : Width(module, property).Get(module);

    /// <summary>Reads what a layer would no longer tell once its parameters have other shapes.</summary>
    internal static void Prepare(nn.Module module)
    {
        if (module is LSTM or GRU or RNN or LSTMCell or GRUCell or RNNCell)
        {
            RecurrentAdapters.Measure(module);
        }
    }

    /// <summary>Makes a property of a layer tell a new width.</summary>
    /// <returns>What puts the old one back.</returns>
    internal static Action SetWidth(nn.Module module, string property, long value)
    {
        if (module is not IPrunable model)
        {
            return Width(module, property).Set(module, value);
        }

        var old = model.NumberOf(property);
        model.SetNumber(property, value);
        return () => model.SetNumber(property, old);
    }

    /// <summary>Which dimension of the layer's result its outputs stand in.</summary>
    /// <param name="module">A layer that has outputs of its own, or normalises those of another.</param>
    /// <param name="rank">Number of dimensions of the result.</param>
    internal static int ChannelDim(nn.Module module, long rank) => module switch
    {
        Convolution convolution => (int)rank - convolution.kernel_size.Length - 1,
        NormBase => 1,
        _ => (int)rank - 1,
    };

    private static WidthAccess Width(nn.Module module, string property) =>
        Table[module.GetType()].Widths.Single(width => width.Property == property);

    private static Dictionary<Type, LayerAdapter> Build()
    {
        var table = new Dictionary<Type, LayerAdapter>();
        void Add<TLayer>(Func<TLayer, Dictionary<string, object?>>? settings = null, params WidthAccess[] widths)
            where TLayer : nn.Module =>
            table.Add(typeof(TLayer), new(module => settings?.Invoke((TLayer)module) ?? [], widths));

        Add<Linear>(null,
            Access<Linear>("in_features", layer => layer.in_features, (layer, value) => layer.in_features = value),
            Access<Linear>("out_features", layer => layer.out_features, (layer, value) => layer.out_features = value));

        WidthAccess[] convolution =
        [
            Access<Convolution>("in_channels", layer => layer.in_channels, (layer, value) => TorchSharpInternals.InChannels(layer) = value),
            Access<Convolution>("out_channels", layer => layer.out_channels, (layer, value) => TorchSharpInternals.OutChannels(layer) = value),
            Access<Convolution>("groups", layer => layer.groups, (layer, value) => layer.groups = value),
        ];
        Add<Conv1d>(ConvolutionSettings, convolution);
        Add<Conv2d>(ConvolutionSettings, convolution);
        Add<Conv3d>(ConvolutionSettings, convolution);
        Add<ConvTranspose1d>(ConvolutionSettings, convolution);
        Add<ConvTranspose2d>(ConvolutionSettings, convolution);
        Add<ConvTranspose3d>(ConvolutionSettings, convolution);

        var norm = Access<NormBase>("num_features", layer => layer.num_features, (layer, value) => TorchSharpInternals.NumFeatures(layer) = value);
        Add<BatchNorm1d>(null, norm);
        Add<BatchNorm2d>(null, norm);
        Add<BatchNorm3d>(null, norm);
        Add<InstanceNorm1d>(null, norm);
        Add<InstanceNorm2d>(null, norm);
        Add<InstanceNorm3d>(null, norm);
        Add<LayerNorm>(layer => new() { ["normalized_shape"] = layer.normalized_shape }, Enumerable.Range(0, 4).Select(NormalizedShape).ToArray());
        Add<GroupNorm>(
            layer => new() { ["num_groups"] = layer.num_groups },
            Access<GroupNorm>("num_groups", layer => layer.num_groups, (layer, value) => layer.num_groups = value));
        Add<LocalResponseNorm>();

        Add<PReLU>(null, Access<PReLU>("num_parameters", layer => layer.num_parameters, (layer, value) => TorchSharpInternals.NumParameters(layer) = value));

        // The native module behind a recurrent layer is made anew; the parameters tell its sizes.
        WidthAccess[] recurrent =
        [
            new("input_size", RecurrentAdapters.InputSize, (layer, _) => RecurrentAdapters.Resize(layer)),
            new("hidden_size", RecurrentAdapters.HiddenSize, (layer, _) => RecurrentAdapters.Resize(layer)),
        ];
        Add<LSTM>(RecurrentAdapters.Settings, recurrent);
        Add<GRU>(RecurrentAdapters.Settings, recurrent);
        Add<RNN>(RecurrentAdapters.Settings, recurrent);
        Add<LSTMCell>(null, recurrent);
        Add<GRUCell>(null, recurrent);
        Add<RNNCell>(null, recurrent);

        Add<MultiheadAttention>();
        Add<TransformerEncoderLayer>();
        Add<TransformerEncoder>();
        Add<TransformerDecoderLayer>();
        Add<TransformerDecoder>();

        Add<GLU>(layer => new() { ["dim"] = layer.dim });
        Add<ChannelShuffle>(layer => new() { ["groups"] = layer.groups });
        Add<CosineSimilarity>(layer => new() { ["dim"] = layer.dim });
        Add<Softmax2d>();

        Add<ReLU>();
        Add<ReLU6>();
        Add<LeakyReLU>();
        Add<RReLU>();
        Add<ELU>();
        Add<SELU>();
        Add<CELU>();
        Add<GELU>();
        Add<SiLU>();
        Add<Mish>();
        Add<Sigmoid>();
        Add<LogSigmoid>();
        Add<Tanh>();
        Add<Softplus>();
        Add<Softsign>();
        Add<Hardsigmoid>();
        Add<Hardswish>();
        Add<Hardtanh>();
        Add<Hardshrink>();
        Add<Softshrink>();
        Add<Tanhshrink>();
        Add<Threshold>();
        Add<Softmax>(layer => new() { ["dim"] = layer.dim });
        Add<LogSoftmax>(layer => new() { ["dim"] = layer.dim });
        Add<Softmin>(layer => new() { ["dim"] = layer.dim });

        Add<Identity>();
        Add<Dropout>();
        Add<Dropout1d>();
        Add<Dropout2d>();
        Add<Dropout3d>();
        Add<AlphaDropout>();
        Add<FeatureAlphaDropout>();

        Add<MaxPool1d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode));
        Add<MaxPool2d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode));
        Add<MaxPool3d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode));
        Add<AvgPool1d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, null, layer.ceil_mode));
        Add<AvgPool2d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, null, layer.ceil_mode));
        Add<AvgPool3d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, null, layer.ceil_mode));
        Add<MaxUnpool1d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, null, ceil: false));
        Add<MaxUnpool2d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, null, ceil: false));
        Add<MaxUnpool3d>(layer => Window(layer.kernel_size, layer.stride, layer.padding, null, ceil: false));
        Add<AdaptiveAvgPool1d>(layer => new() { ["output_size"] = layer.output_size });
        Add<AdaptiveAvgPool2d>(layer => new() { ["output_size"] = layer.output_size });
        Add<AdaptiveAvgPool3d>(layer => new() { ["output_size"] = layer.output_size });
        Add<AdaptiveMaxPool1d>(layer => new() { ["output_size"] = layer.output_size });
        Add<AdaptiveMaxPool2d>(layer => new() { ["output_size"] = layer.output_size });
        Add<AdaptiveMaxPool3d>(layer => new() { ["output_size"] = layer.output_size });

        Add<Embedding>();
        Add<EmbeddingBag>();
        Add<PixelShuffle>(layer => new() { ["upscale_factor"] = layer.upscale_factor });
        Add<PixelUnshuffle>(layer => new() { ["downscale_factor"] = layer.downscale_factor });
        Add<Upsample>(
            layer =>
                new() { ["size"] = layer.size.IsEmpty
                    ? null
                    : layer.size.ToArray(), [OpTable.Factor] = layer.scale_factor.IsEmpty ? null : layer.scale_factor.ToArray() });

        Add<Unfold>(layer => Windows(layer.kernel_size, layer.dilation, layer.padding, layer.stride));
        Add<Fold>(layer => new(Windows(layer.kernel_size, layer.dilation, layer.padding, layer.stride)) { ["output_size"] = Pair(layer.output_size) });

        Add<ZeroPad2d>(Padding);
        Add<ConstantPad1d>(layer => new(Padding(layer)) { ["value"] = layer.value });
        Add<ConstantPad2d>(layer => new(Padding(layer)) { ["value"] = layer.value });
        Add<ConstantPad3d>(layer => new(Padding(layer)) { ["value"] = layer.value });
        Add<ReflectionPad1d>(Padding);
        Add<ReflectionPad2d>(Padding);
        Add<ReflectionPad3d>(Padding);
        Add<ReplicationPad1d>(Padding);
        Add<ReplicationPad2d>(Padding);
        Add<ReplicationPad3d>(Padding);

        Add<MSELoss>();
        Add<L1Loss>();
        Add<SmoothL1Loss>();
        Add<HuberLoss>();
        Add<CrossEntropyLoss>();
        Add<NLLLoss>();
        Add<BCELoss>();
        Add<BCEWithLogitsLoss>();
        Add<KLDivLoss>();
        Add<CTCLoss>();
        Add<PoissonNLLLoss>();
        Add<GaussianNLLLoss>();
        Add<HingeEmbeddingLoss>();
        Add<MultiLabelMarginLoss>();
        Add<MultiLabelSoftMarginLoss>();
        Add<MultiMarginLoss>();
        Add<SoftMarginLoss>();
        Add<CosineEmbeddingLoss>();
        Add<MarginRankingLoss>();
        Add<TripletMarginLoss>();

        Add<Flatten>(layer => new() { ["start_dim"] = layer.start_dim, ["end_dim"] = layer.end_dim });
        Add<Unflatten>(layer => new() { ["dim"] = layer.dim, ["unflattened_size"] = layer.unflattened_size });
        return table;
    }

    private static WidthAccess Access<TLayer>(string property, Func<TLayer, long> get, Action<TLayer, long> set)
        where TLayer : nn.Module =>
        new(property, module => get((TLayer)module), (module, value) =>
        {
            var old = get((TLayer)module);
            set((TLayer)module, value);
            return () => set((TLayer)module, old);
        });

    /// <summary>One of the last dimensions that a LayerNorm normalises over. The array is replaced, not written to: it may be the user's.</summary>
    private static WidthAccess NormalizedShape(int dim) => Access<LayerNorm>(
        $"normalized_shape[{dim}]",
        layer => layer.normalized_shape[dim],
        (layer, value) => layer.normalized_shape = layer.normalized_shape.Select((size, i) => i == dim ? value : size).ToArray());

    private static Dictionary<string, object?> ConvolutionSettings(Convolution layer) => new()
    {
        ["kernel_size"] = layer.kernel_size,
        ["stride"] = layer.stride,
        ["padding"] = layer.padding ?? EqualPadding(layer),
        ["dilation"] = layer.dilation,
        ["output_padding"] = layer.output_padding,
        ["groups"] = layer.groups,
    };

    private static Dictionary<string, object?> Padding(PadBase layer) => new() { ["padding"] = layer.padding };

    /// <summary>The padding that "valid" and "same" stand for, or null where "same" pads the two sides unequally.</summary>
    private static long[]? EqualPadding(Convolution layer)
    {
        if (layer.padding_type == TorchSharp.Padding.Valid)
        {
            return new long[layer.kernel_size.Length];
        }

        var total = layer.kernel_size.Zip(layer.dilation, (kernel, dilation) => dilation * (kernel - 1)).ToArray();
        return total.All(pad => pad % 2 == 0) ? total.Select(pad => pad / 2).ToArray() : null;
    }

    private static Dictionary<string, object?> Window(object kernel, object? stride, object? padding, object? dilation, bool ceil) => new()
    {
        ["kernel_size"] = kernel,
        ["stride"] = stride,
        ["padding"] = padding,
        ["dilation"] = dilation,
        ["ceil_mode"] = ceil,
    };

    /// <param name="Settings">Reads the settings that the layer's rule asks for.</param>
    /// <param name="Widths">The properties that tell a width.</param>
    private sealed record LayerAdapter(Func<nn.Module, Dictionary<string, object?>> Settings, IReadOnlyList<WidthAccess> Widths);

    private sealed record WidthAccess(string Property, Func<nn.Module, long> Get, Func<nn.Module, long, Action> Set);
}
