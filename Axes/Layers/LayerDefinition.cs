namespace PruneGen.Axes;

/// <summary>What a layer does to axes.</summary>
/// <param name="graph">Where its parameters, ties and widths are recorded.</param>
/// <param name="layer">The layer.</param>
/// <param name="inputs">The tensors it is called with, in the order of its parameters; null where an optional one is left out.</param>
/// <returns>Its results, in the order of the tuple where there are several.</returns>
public delegate AxisTensor[] LayerRule(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs);

/// <summary>
/// All that PruneGen knows of a layer of <c>torch.nn</c>, in one place: the generator reads it against the factory's call, the runtime against
/// the live layer.
/// </summary>
/// <param name="Type">TorchSharp's class name.</param>
/// <param name="Rule">What it does to axes.</param>
public sealed record LayerDefinition(string Type, LayerRule Rule)
{
    /// <summary>A layer that takes one tensor and gives one.</summary>
    public LayerDefinition(string type, Func<AxisGraph, LayerSpec, AxisTensor, AxisTensor> rule)
        : this(type, (graph, layer, inputs) => [rule(graph, layer, InputOf(layer, inputs))])
    {
    }

    /// <summary>How many results it has: three for <c>LSTM</c>, one for most.</summary>
    public int Results { get; init; } = 1;

    /// <summary>The settings that its rule asks for, as the live layer's properties and the factory's parameters call them.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];

    /// <summary>What a setting is where the factory is given null for it.</summary>
    public Dictionary<string, long> Defaults { get; init; } = [];

    /// <summary>The parameters and buffers that the factory makes, with the shape of each; null where the source does not tell a size.</summary>
    public Func<FactorySettings, IEnumerable<(string Name, long?[] Sizes)>> Parameters { get; init; } = _ => [];

    /// <summary>The properties of the live layer that tell a width, and are set when it changes: <c>in_features</c>, <c>normalized_shape[0]</c>.</summary>
    public IReadOnlyList<string> Widths { get; init; } = [];

    /// <summary>
    /// Which dimension of a parameter each of these is; null where that is not so simple, and the layer must keep its widths unless its own rule
    /// is applied.
    /// </summary>
    public Func<LayerSpec, IReadOnlyList<LayerWidth>?> StatedWidths { get; init; } = layer => layer.Parameters.Count > 0 ? null : [];

    /// <summary>
    /// Which dimension of its result its outputs stand in, from the back where it is negative; null where numbers of the result cannot be told to
    /// belong to one output, so that no criterion can listen to it.
    /// </summary>
    public int? Channels { get; init; }

    internal static AxisTensor InputOf(LayerSpec layer, IReadOnlyList<AxisTensor?> inputs) => inputs.Count > 0 && inputs[0] is { } input
        ? input
        : throw new AxisException(AxisRule.Unsupported, $"{layer.Name} is called without a tensor");
}

/// <summary>A property that tells a width, and the dimension that it is the width of.</summary>
/// <param name="Property">The property of the live layer.</param>
/// <param name="Parameter">The parameter or buffer.</param>
/// <param name="Dim">Its dimension.</param>
public sealed record LayerWidth(string Property, string Parameter, int Dim);
