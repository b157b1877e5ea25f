namespace PruneGen;

/// <summary>What the annotations and options ask of each layer: the options of the root first, then what the models say that a layer is in.</summary>
/// <param name="root">The options of the whole model.</param>
/// <param name="isGiven">Whether the caller gave them, rather than the attributes.</param>
/// <param name="nested">What the attributes of models inside of the model say, by their path.</param>
/// <param name="defaults">What holds where nobody says otherwise.</param>
internal sealed class LayerSettings(PruneOptions root, bool isGiven, IReadOnlyDictionary<string, PruneOptions> nested, LayerPruneOptions defaults)
{
    /// <summary>What is said of one layer by itself; null for nothing.</summary>
    /// <param name="layer">Its path in the model.</param>
    public LayerPruneOptions? Explicitly(string layer) =>
        OwnersOf(layer).Reverse().Select(owner => owner.Defaults.Layers.TryGetValue(layer[(owner.Path.Length + 1)..], out var found) ? found : null)
            .Prepend(root.Layers.TryGetValue(layer, out var own) ? own : null)
            .Aggregate((outer, inner) => outer?.Over(inner) ?? inner);

    /// <summary>What is asked of what some layers produce together, with every value filled in.</summary>
    /// <param name="producers">Their paths, in the order of <c>forward</c>.</param>
    public LayerPruneOptions Of(IReadOnlyList<string> producers)
    {
        var settings = producers.Select(Explicitly).Aggregate((LayerPruneOptions?)null, (first, next) => first?.Over(next) ?? next)
            ?? new LayerPruneOptions();

        // Options given by the caller outrank the class attributes of nested models; their layers' attributes stand. What a
        // class leaves out it takes from the model that it is used in.
        var classes = !isGiven && producers.Count > 0 ? OwnersOf(producers[0]).Select(owner => owner.Defaults.AsLayer()) : [];
        return classes.Aggregate(settings, (inner, outer) => inner.Over(outer)).Over(root.AsLayer()).Over(defaults);
    }

    /// <summary>The models that a layer is in, the innermost first, without the root; each knows it by a shorter name.</summary>
    private IEnumerable<(string Path, PruneOptions Defaults)> OwnersOf(string layer)
    {
        for (var end = layer.LastIndexOf('.'); end > 0; end = layer.LastIndexOf('.', end - 1))
        {
            if (nested.TryGetValue(layer[..end], out var defaults))
            {
                yield return (layer[..end], defaults);
            }
        }
    }
}
