using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Walks a live model along its generated <c>Link</c> method: reads each layer's shapes and settings, applies the same
/// rules that the generator applied to the source, and so finds which slices of which parameters belong together.
/// </summary>
public sealed class Linker
{
    private readonly Dictionary<nn.Module, string> paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<nn.Module, LayerSpec> layers = new(ReferenceEqualityComparer.Instance);
    private readonly List<(string Path, PruneOptions Defaults)> nested = [];

    internal Linker(nn.Module root)
    {
        paths.Add(root, "");
        foreach (var (path, module) in root.named_modules())
        {
            // A module registered twice goes by its first name.
            paths.TryAdd(module, path);
        }
    }

    /// <summary>The axes found so far.</summary>
    public AxisGraph Graph { get; } = new();

    /// <summary>The attribute defaults of every annotated model below the root, with its path.</summary>
    internal IReadOnlyList<(string Path, PruneOptions Defaults)> Nested => nested;

    /// <summary>Calls a layer, or a model, that has one result.</summary>
    /// <exception cref="InvalidOperationException">The module is not registered, or not one that PruneGen knows.</exception>
    /// <exception cref="AxisException">What reaches the layer does not fit it.</exception>
    public AxisTensor Layer(nn.Module module, params AxisTensor[] inputs)
    {
        var results = Layers(module, inputs);
        return results.Length == 1
            ? results[0]
            : throw new InvalidOperationException($"{PathOf(module)} has {results.Length} results where one is used.");
    }

    /// <summary>Calls a layer, or a model, that has several results.</summary>
    /// <inheritdoc cref="Layer"/>
    public AxisTensor[] Layers(nn.Module module, params AxisTensor[] inputs)
    {
        var path = PathOf(module);
        switch (module)
        {
            case IPrunable model:
                nested.Add((path, model.PruneDefaults));
                return model.Link(this, inputs);

            case TorchSharp.Modules.Sequential sequence:
                return sequence.children().Aggregate(inputs, (x, child) => Layers(child, x));

            default:
                if (!layers.TryGetValue(module, out var layer))
                {
                    layers.Add(module, layer = LayerAdapters.Describe(module, path));
                }

                return LayerTable.Apply(Graph, layer, inputs);
        }
    }

    /// <summary>Applies an operation to one tensor.</summary>
    /// <param name="name">TorchSharp's name of the operation.</param>
    /// <param name="input">The tensor.</param>
    /// <param name="arguments">Its other arguments, by TorchSharp's parameter names.</param>
    /// <exception cref="AxisException">The operation is not known, or its arguments do not fit.</exception>
    public AxisTensor Op(string name, AxisTensor input, params (string Name, object? Value)[] arguments) => Op(name, [input], arguments);

    /// <summary>Applies an operation that has one result to several tensors.</summary>
    /// <inheritdoc cref="Op(string, AxisTensor, ValueTuple{string, object}[])"/>
    public AxisTensor Op(string name, AxisTensor[] inputs, params (string Name, object? Value)[] arguments)
    {
        var results = Ops(name, inputs, arguments);
        return results.Length == 1
            ? results[0]
            : throw new InvalidOperationException($"{name} has {results.Length} results where one is used.");
    }

    /// <summary>Applies an operation that has several results.</summary>
    /// <inheritdoc cref="Op(string, AxisTensor, ValueTuple{string, object}[])"/>
    public AxisTensor[] Ops(string name, AxisTensor[] inputs, params (string Name, object? Value)[] arguments) =>
        OpTable.Apply(Graph, new OpArguments(name, inputs, arguments.ToDictionary(argument => argument.Name, argument => argument.Value)));

    /// <summary>Collects the sizes that <c>view</c> and its like take.</summary>
    public AxisSize[] Sizes(params AxisSize[] sizes) => sizes;

    /// <summary>The axes of an input of the model: fixed, with the sizes of its shape, or of unknown rank without one.</summary>
    internal AxisTensor Input(long[]? shape)
    {
        const string Because = "it belongs to the model's input";
        return shape is null || shape.Length == 0
            ? AxisTensor.Open()
            : new AxisTensor(shape.Select(size => Graph.NewFixed("", size, Because)).ToArray());
    }

    private string PathOf(nn.Module module) => paths.TryGetValue(module, out var path)
        ? path
        : throw new InvalidOperationException($"forward calls a {module.GetType().Name} that is not registered in the model, so its parameters would be neither pruned nor saved. Call RegisterComponents() at the end of the constructor, or register_module.");
}
