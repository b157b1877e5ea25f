namespace PruneGen.Generator.Model;

/// <summary>How much of a layer the source tells.</summary>
internal enum LayerKind
{
    /// <summary>A layer of <c>torch.nn</c> whose class is known.</summary>
    Layer,

    /// <summary>A <c>Sequential</c> whose children are all known.</summary>
    Sequence,

    /// <summary>Another model of the user's with pruning code of its own, which links itself.</summary>
    Model,

    /// <summary>Chosen at run time: a constructor's parameter, the result of a factory.</summary>
    Deferred,
}

/// <summary>A layer as the source creates it.</summary>
/// <param name="Path">Its path in the model: <c>features.0</c>.</param>
/// <param name="Kind">How much of it is known.</param>
/// <param name="Type">TorchSharp's class name, or the declared type.</param>
/// <param name="Complete">Whether every setting is known, so that what does not fit is a mistake and not a gap.</param>
/// <param name="Settings">Settings by TorchSharp's property names.</param>
/// <param name="Parameters">The parameters and buffers that it has.</param>
/// <param name="Children">The children of a sequence, in order.</param>
internal sealed record LayerNode(
    string Path,
    LayerKind Kind,
    string Type,
    bool Complete,
    EquatableArray<NamedArgument> Settings,
    EquatableArray<ParameterShape> Parameters,
    EquatableArray<LayerNode> Children)
{
    /// <summary>What <c>[Axes]</c> says of it, where no table knows it; or null.</summary>
    public AxesWords? Axes { get; init; }

    /// <summary>The layer, and all that are in it.</summary>
    public IEnumerable<LayerNode> WithChildren() => Children.SelectMany(child => child.WithChildren()).Prepend(this);

    public static LayerNode Deferred(string path, string type) => new(path, LayerKind.Deferred, type, false, [], [], []);
}

/// <summary>A parameter or buffer of a layer.</summary>
/// <param name="Name">Its name in the layer.</param>
/// <param name="Shape">Its shape, with <see cref="Axes.LayerSpec.Unknown"/> for a size that is not known; empty where its rank is not.</param>
internal sealed record ParameterShape(string Name, EquatableArray<long> Shape);
