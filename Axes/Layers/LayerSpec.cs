namespace PruneGen.Axes;

/// <summary>
/// A layer as the rules see it: its type, its settings and the shapes of its parameters, with null for whatever is not
/// known (the generator reads the source alone; the linker has the live module).
/// </summary>
public sealed class LayerSpec
{
    /// <summary>Describes a layer.</summary>
    /// <param name="name">Path in the model, <c>conv1</c> or <c>features.0</c>.</param>
    /// <param name="type">TorchSharp's class name, <c>Conv2d</c>.</param>
    /// <param name="settings">Settings by TorchSharp's property name; a number, an array of numbers, or null where not known.</param>
    /// <param name="parameters">Shape of each parameter and buffer that the layer has, <see cref="Unknown"/> for a size that is
    /// not known and null where only its existence is; a parameter it lacks is not listed.</param>
    /// <param name="module">The live module, for the linker.</param>
    public LayerSpec(
        string name, string type, IReadOnlyDictionary<string, object?> settings, IReadOnlyDictionary<string, long[]?> parameters, object? module = null)
    {
        Name = name;
        Type = type;
        Settings = settings;
        Parameters = parameters;
        Module = module;
    }

    /// <summary>A layer that no table knows, as <c>[Axes]</c> describes it.</summary>
    /// <param name="name">Path in the model.</param>
    /// <param name="type">Its class name, for messages.</param>
    /// <param name="notation">The dimensions of its inputs and results.</param>
    /// <param name="parametersNotation">The dimensions of its parameters and buffers.</param>
    /// <param name="inexact">The names whose removal changes the values of the others.</param>
    /// <param name="macs">The multiply-accumulates for one sample.</param>
    /// <param name="parameters">The shapes of the live parameters and buffers, those of its children too; all that there are must be described.</param>
    /// <param name="module">The live module.</param>
    public static LayerSpec Described(
        string name,
        string type,
        string notation,
        string parametersNotation,
        string inexact,
        string macs,
        IReadOnlyDictionary<string, long[]?> parameters,
        object? module) => new(
        name,
        type,
        new Dictionary<string, object?> { [
            DescribedCalls.Notation] = notation, [
                DescribedCalls.Parameters] = parametersNotation, [DescribedCalls.Inexact] = inexact, [DescribedCalls.Macs] = macs },
        parameters,
        module);

    /// <summary>Stands for a size that is not known in the shape of a parameter.</summary>
    public const long Unknown = -1;

    /// <summary>Path in the model.</summary>
    public string Name { get; }

    /// <summary>TorchSharp's class name.</summary>
    public string Type { get; }

    /// <summary>Settings by TorchSharp's property name.</summary>
    public IReadOnlyDictionary<string, object?> Settings { get; }

    /// <summary>Shapes of the parameters and buffers.</summary>
    public IReadOnlyDictionary<string, long[]?> Parameters { get; }

    /// <summary>The live module, or null in the generator.</summary>
    public object? Module { get; }

    /// <summary>Whether the layer has the parameter.</summary>
    public bool Has(string parameter) => Parameters.ContainsKey(parameter);

    /// <summary>The shape of a parameter, or null where it is not known.</summary>
    public long[]? ShapeOf(string parameter) => Parameters.TryGetValue(parameter, out var shape) ? shape : null;

    /// <summary>The width of one dimension of a parameter, or null where it is not known.</summary>
    public long? Width(string parameter, int dim) => ShapeOf(parameter) is { } shape && dim < shape.Length && shape[dim] != Unknown ? shape[dim] : null;

    /// <summary>A whole-number setting, or null where it is not known.</summary>
    public long? Number(string setting) => Settings.TryGetValue(setting, out var value) ? value as long? : null;

    /// <summary>A setting with one number a spatial dimension; a single number stands for all; null where not known.</summary>
    public long[]? Numbers(string setting, int count) =>
        Settings.TryGetValue(setting, out var value) ? OpArguments.Spread(value, count) : null;

    /// <summary>A setting with any number of numbers, or null where not known.</summary>
    public long[]? Numbers(string setting) => Settings.TryGetValue(setting, out var value) ? value as long[] : null;
}
