namespace PruneGen;

/// <summary>What one layer asks for; whatever it leaves null it takes from the model.</summary>
public sealed record LayerPruneOptions : PruneSettings
{
    /// <summary>Whether the layer's outputs keep their full width.</summary>
    public bool? KeepWidth { get; init; }

    /// <summary>These options, with what they leave null taken from others.</summary>
    /// <param name="under">The options underneath; null for none.</param>
    internal LayerPruneOptions Over(PruneSettings? under) => Over(under, KeepWidth ?? (under as LayerPruneOptions)?.KeepWidth);
}
