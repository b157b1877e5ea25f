namespace PruneGen.Axes;

/// <summary>
/// Every layer of <c>torch.nn</c> that the analysis knows, by TorchSharp's class name. A new layer is one <see cref="LayerDefinition"/> in the
/// file of its family, and one test.
/// </summary>
public static class LayerTable
{
    private static readonly Dictionary<string, LayerDefinition> Known = new[]
    {
        ConvolutionLayers.Definitions,
        TransposedConvolution.Definitions,
        LinearLayers.Definitions,
        NormLayers.Definitions,
        RecurrentLayers.Definitions,
        AttentionLayers.Definitions,
        OperationLayers.Definitions,
    }.SelectMany(family => family).ToDictionary(layer => layer.Type, StringComparer.Ordinal);

    /// <summary>Every known layer, sorted by its class name.</summary>
    public static IEnumerable<LayerDefinition> Layers => Known.Values.OrderBy(layer => layer.Type, StringComparer.Ordinal);

    /// <summary>Whether the analysis knows the layer.</summary>
    public static bool Knows(string type) => Known.ContainsKey(type);

    /// <summary>What is known of a layer; null where it is nothing.</summary>
    public static LayerDefinition? Find(string type) => Known.TryGetValue(type, out var layer) ? layer : null;

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

        if (Find(layer.Type) is not { } known)
        {
            throw new AxisException(AxisRule.Unsupported, $"what the layer {layer.Name} of type {layer.Type} does to the dimensions of a tensor is not known");
        }

        var given = inputs.OfType<AxisTensor>().ToList();
        var untracked = given.Select(input => input.UntrackedBecause).FirstOrDefault(because => because is not null);
        try
        {
            var results = known.Rule(graph, layer, inputs);
            return untracked is null ? results : [.. results.Select(result => result.IsOpen ? result.AsUntracked(untracked) : result)];
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape && (untracked is not null || graph.ShapesGiven))
        {
            // No shape of an input will tell it: the layer stays as it is, and so does what it is called with.
            var because = untracked ?? $"{layer.Name} depends on sizes that only the numbers in its tensors tell";
            graph.FixAll(given.SelectMany(input => input.Dims), because);
            return [.. Enumerable.Repeat(AxisTensor.Untracked(because), known.Results)];
        }
    }
}
