namespace PruneGen.Axes;

/// <summary>
/// The attention layers that come with TorchSharp. Their width is that of their input and output and of all heads together,
/// and the native layer keeps it, so it stays; the width between the two layers of a feed-forward network may shrink.
/// </summary>
internal static class AttentionLayers
{
    private const string FeedForward = "linear1.weight";

    /// <returns>The result, in the shape of the queries, and the weights.</returns>
    public static AxisTensor[] Multihead(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        Hold(graph, layer, inputs);
        var (query, key) = (Input(layer, inputs, 0), Input(layer, inputs, 1));
        var weights = query.IsOpen || key.IsOpen || query.Dims.Count != 3 || key.Dims.Count != 3
            ? AxisTensor.Open()
            : new AxisTensor(query.Dims[1], query.Dims[0], key.Dims[0]);
        return [query.WithZeros(false), weights.WithZeros(false)];
    }

    /// <summary>One layer of an encoder or a decoder, or several: what comes out has the shape of what goes in.</summary>
    public static AxisTensor[] Transformer(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs, int result = 0)
    {
        var prefixes = layer.Parameters.Keys.Where(name => name.EndsWith(FeedForward, StringComparison.Ordinal))
            .Select(name => name.Substring(0, name.Length - FeedForward.Length)).OrderBy(prefix => prefix, StringComparer.Ordinal).ToList();
        if (prefixes.Count == 0)
        {
            throw new AxisException(AxisRule.Unsupported, $"the layers of {layer.Name} cannot be told from the source");
        }

        foreach (var prefix in prefixes)
        {
            var name = prefixes.Count == 1 ? layer.Name : $"{layer.Name}.{prefix.TrimEnd('.')}";
            var hidden = graph.NewOutput(name, layer.Width(prefix + "linear1.weight", 0));
            var weight = graph.Parameter(layer, prefix + "linear1.weight", [hidden, Model(graph, layer, prefix + "linear1.weight", 1)], reads: 1);
            graph.Parameter(layer, prefix + "linear1.bias", [weight[0]]);
            graph.Parameter(layer, prefix + "linear2.weight", [Model(graph, layer, prefix + "linear2.weight", 0), weight[0]]);
        }

        Hold(graph, layer, inputs);
        return [Input(layer, inputs, result).WithZeros(false)];
    }

    private static AxisTensor Input(LayerSpec layer, IReadOnlyList<AxisTensor?> inputs, int place) =>
        place < inputs.Count && inputs[place] is { } input ? input : throw new AxisException(AxisRule.Unsupported, $"{layer.Name} is called with too few tensors");

    /// <summary>Everything that no rule has named keeps its width, and so do the inputs.</summary>
    private static void Hold(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        foreach (var axis in inputs.OfType<AxisTensor>().SelectMany(input => input.Dims))
        {
            graph.Fix(axis, $"{layer.Name} keeps the width that it was made with");
        }

        foreach (var (name, shape) in layer.Parameters.Where(parameter => parameter.Value is not null && !graph.HasParameter(layer, parameter.Key)).Select(parameter => (parameter.Key, parameter.Value!)))
        {
            graph.Parameter(layer, name, shape.Select((_, dim) => Model(graph, layer, name, dim)).ToArray());
        }
    }

    private static Axis Model(AxisGraph graph, LayerSpec layer, string parameter, int dim) =>
        graph.NewFixed("", layer.Width(parameter, dim), $"{layer.Name} keeps the width that it was made with");
}
