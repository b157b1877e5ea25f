namespace PruneGen.Axes;

/// <summary>
/// The attention layers that come with TorchSharp. Their width is that of their input and output and of all heads together,
/// and the native layer keeps it, so it stays; the width between the two layers of a feed-forward network may shrink.
/// </summary>
internal static class AttentionLayers
{
    private const string FeedForward = "linear1.weight";

    public static IEnumerable<LayerDefinition> Definitions { get; } =
    [
        new("MultiheadAttention", Multihead) { Results = 2, Parameters = call => Projections(call, "", call.Number("embedded_dim")) },
        new("TransformerEncoderLayer", Transformer) { Parameters = call => TransformerParameters(call, decoder: false) },
        new("TransformerEncoder", Transformer),
        new("TransformerDecoderLayer", Transformer) { Parameters = call => TransformerParameters(call, decoder: true) },
        new("TransformerDecoder", Transformer),
    ];

    private static IEnumerable<(string Name, long?[] Sizes)> Projections(FactorySettings call, string prefix, long? width)
    {
        (string, long?[])[] inward = call.Gives("kdim") || call.Gives("vdim")
            ? [
                (prefix + "q_proj_weight", [width, width]),
                (prefix + "k_proj_weight", [width, call.Number("kdim") ?? width]),
                (prefix + "v_proj_weight", [width, call.Number("vdim") ?? width])]
            : [(prefix + "in_proj_weight", [3 * width, width])];
        return call.IsOff("bias")
            ? [.. inward, (prefix + "out_proj.weight", [width, width])]
            : [.. inward, (prefix + "in_proj_bias", [3 * width]), (prefix + "out_proj.weight", [width, width]), (prefix + "out_proj.bias", [width])];
    }

    private static IEnumerable<(string Name, long?[] Sizes)> TransformerParameters(FactorySettings call, bool decoder)
    {
        var (width, hidden) = (call.Number("d_model"), call.Number("dim_feedforward"));
        return
        [
            .. Projections(call, "self_attn.", width),
            .. decoder ? Projections(call, "multihead_attn.", width) : [],
            ("linear1.weight", [hidden, width]),
            ("linear1.bias", [hidden]),
            ("linear2.weight", [width, hidden]),
            ("linear2.bias", [width]),
            .. new[] { "norm1", "norm2", "norm3" }.Take(decoder ? 3 : 2)
                .SelectMany(norm => new[] { (norm + ".weight", new[] { width }), (norm + ".bias", [width]) }),
        ];
    }

    /// <returns>The result, in the shape of the queries, and the weights.</returns>
    public static AxisTensor[] Multihead(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        HoldOutputs(graph, layer, layer.Name, "out_proj.weight");
        Hold(graph, layer, inputs);
        var (query, key) = (Input(layer, inputs, 0), Input(layer, inputs, 1));
        Count(graph, layer, "", query, key, Input(layer, inputs, 2));
        var weights = query.IsOpen || key.IsOpen || query.Dims.Count != 3 || key.Dims.Count != 3
            ? AxisTensor.Open()
            : new AxisTensor(query.Dims[1], query.Dims[0], key.Dims[0]);
        return [query.WithZeros(false), weights.WithZeros(false)];
    }

    /// <summary>One layer of an encoder or a decoder, or several: what comes out has the shape of what goes in.</summary>
    public static AxisTensor[] Transformer(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        var prefixes = layer.Parameters.Keys.Where(name => name.EndsWith(FeedForward, StringComparison.Ordinal))
            .Select(name => name.Substring(0, name.Length - FeedForward.Length)).OrderBy(prefix => prefix, StringComparer.Ordinal).ToList();
        if (prefixes.Count == 0)
        {
            throw new AxisException(AxisRule.Unsupported, $"the layers of {layer.Name} cannot be told from the source");
        }

        var x = Input(layer, inputs, 0);
        foreach (var prefix in prefixes)
        {
            var name = prefixes.Count == 1 ? layer.Name : $"{layer.Name}.{prefix.TrimEnd('.')}";
            var hidden = graph.NewOutput(name, layer.Width(prefix + FeedForward, 0));
            var weight = graph.Parameter(layer, prefix + FeedForward, [hidden, Model(graph, layer, prefix + FeedForward, 1)], reads: 1);
            graph.Parameter(layer, prefix + "linear1.bias", [weight[0]]);
            var back = graph.Parameter(layer, prefix + "linear2.weight", [HoldOutputs(graph, layer, name, prefix + "linear2.weight"), weight[0]]);
            Count(graph, layer, prefix + "self_attn.", x, x, x);
            if (layer.Has(prefix + "multihead_attn.out_proj.weight"))
            {
                var memory = Input(layer, inputs, 1);
                Count(graph, layer, prefix + "multihead_attn.", x, memory, memory);
            }

            if (IsSequence(x))
            {
                graph.Mac(layer.Name, [x.Dims[0], .. weight]);
                graph.Mac(layer.Name, [x.Dims[0], .. back]);
            }
        }

        Hold(graph, layer, inputs);
        return [x.WithZeros(false)];
    }

    /// <summary>
    /// The products of one attention: queries, keys and values made of their inputs, each query with each key, the weights with the
    /// values, and what is made of the result. Sequences come with their time first.
    /// </summary>
    private static void Count(AxisGraph graph, LayerSpec layer, string prefix, AxisTensor query, AxisTensor key, AxisTensor value)
    {
        if (!IsSequence(query) || !IsSequence(key) || !IsSequence(value))
        {
            graph.LeaveUncounted(layer.Name);
            return;
        }

        if (query.Dims.Count == 3)
        {
            graph.TimeFirst(query.Dims[0], query.Dims[1]);
            graph.TimeFirst(key.Dims[0], key.Dims[1]);
        }

        Axis Width(string parameter, int dim) => Model(graph, layer, prefix + parameter, dim);
        var (asks, answers, width) = (query.Dims[0], key.Dims[0], Width("out_proj.weight", 0));
        graph.Mac(layer.Name, [asks, width, query.Dims[query.Dims.Count - 1]]);
        graph.Mac(layer.Name, [answers, width, key.Dims[key.Dims.Count - 1]]);
        graph.Mac(layer.Name, [answers, width, value.Dims[value.Dims.Count - 1]]);
        foreach (var met in layer.Has(prefix + "bias_k") ? new[] { answers, graph.NewConstant(1) } : [answers])
        {
            // One product for the scores, one for the values; a learned key and value are met as well.
            graph.Mac(layer.Name, [asks, met, width]);
            graph.Mac(layer.Name, [asks, met, width]);
        }

        graph.Mac(layer.Name, [asks, width, width]);
    }

    /// <summary>Time, batch and features, or no batch.</summary>
    private static bool IsSequence(AxisTensor x) => !x.IsOpen && x.Dims.Count is 2 or 3;

    /// <summary>What the layer makes, which is told among what keeps its width.</summary>
    private static Axis HoldOutputs(AxisGraph graph, LayerSpec layer, string name, string parameter)
    {
        var made = graph.NewOutput(name, layer.Width(parameter, 0));
        graph.Fix(made, Because(layer));
        return made;
    }

    private static AxisTensor Input(LayerSpec layer, IReadOnlyList<AxisTensor?> inputs, int place) =>
        place < inputs.Count && inputs[place] is { } input
            ? input
            : throw new AxisException(AxisRule.Unsupported, $"{layer.Name} is called with too few tensors");

    /// <summary>Everything that no rule has named keeps its width, and so do the inputs.</summary>
    private static void Hold(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        graph.FixAll(inputs.OfType<AxisTensor>().SelectMany(input => input.Dims), Because(layer));

        foreach (var (name, shape) in layer.Parameters.Where(parameter => parameter.Value is not null && !graph.HasParameter(layer, parameter.Key))
            .Select(parameter => (parameter.Key, parameter.Value!)))
        {
            graph.Parameter(layer, name, shape.Select((_, dim) => Model(graph, layer, name, dim)).ToArray());
        }
    }

    private static Axis Model(AxisGraph graph, LayerSpec layer, string parameter, int dim) =>
        graph.NewFixed("", layer.Width(parameter, dim), Because(layer));

    private static string Because(LayerSpec layer) => $"{layer.Name} keeps the width that it was made with";
}
