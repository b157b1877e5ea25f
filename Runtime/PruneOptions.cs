using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What to prune and how: what the attributes of a model say, or what a caller says instead.</summary>
public sealed record PruneOptions
{
    /// <summary>The defaults of the attributes: half of every group, by L2 norm, structured.</summary>
    public PruneOptions()
    {
    }

    // The copy that `with` makes has a table of layers of its own, so that filling it leaves the original alone.
    private PruneOptions(PruneOptions other)
    {
        Granularity = other.Granularity;
        Ratio = other.Ratio;
        Criterion = other.Criterion;
        Scope = other.Scope;
        Threshold = other.Threshold;
        MinWidth = other.MinWidth;
        RoundTo = other.RoundTo;
        Seed = other.Seed;
        Layers = new Dictionary<string, LayerPruneOptions>(other.Layers, StringComparer.Ordinal);
        Retrain = other.Retrain;
    }

    /// <summary>What is removed as one piece. <see cref="Granularity.Structured"/> by default.</summary>
    public Granularity Granularity { get; init; } = Granularity.Structured;

    /// <summary>Share to remove, in [0, 1): of each group, or of all of them together with <see cref="Scope.Global"/>. 0.5 by default.</summary>
    public double Ratio { get; init; } = 0.5;

    /// <summary>How importance is scored. <see cref="Criterion.L2"/> by default.</summary>
    public Criterion Criterion { get; init; } = Criterion.L2;

    /// <summary>What the ratio is counted over. <see cref="Scope.Local"/> by default.</summary>
    public Scope Scope { get; init; } = Scope.Local;

    /// <summary>Removes whatever scores below this, in the criterion's own unit; null, the default, means that the ratio decides.</summary>
    public double? Threshold { get; init; }

    /// <summary>The smallest width that a group may shrink to, at least 1. 1 by default.</summary>
    public int MinWidth { get; init; } = 1;

    /// <summary>Widths are rounded up to a multiple of this, at least 1. 1 by default.</summary>
    public int RoundTo { get; init; } = 1;

    /// <summary>Seed of random importance. The same seed gives the same order. 0 by default.</summary>
    public int Seed { get; init; }

    /// <summary>What single layers ask for instead, by their path in the model (<c>conv1</c>, <c>features.0</c>).</summary>
    public IDictionary<string, LayerPruneOptions> Layers { get; init; } = new Dictionary<string, LayerPruneOptions>(StringComparer.Ordinal);

    /// <summary>How the pruned model is fine-tuned.</summary>
    public RetrainOptions Retrain { get; init; } = new();

    /// <summary>Checks every value, those of single layers too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range; the message names the layer, the value and what is allowed.</exception>
    public void Validate()
    {
        AsLayer().Validate("the model");
        foreach (var (layer, options) in Layers)
        {
            options.Validate(layer);
        }

        Retrain.Validate();
    }

    /// <summary>Checks every value, and that the single layers are in the model.</summary>
    /// <exception cref="ArgumentException">One is not.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void ValidateFor(nn.Module model)
    {
        Validate();
        if (Layers.Count == 0)
        {
            return;
        }

        var paths = model.named_modules().Select(module => module.name).ToHashSet(StringComparer.Ordinal);
        foreach (var layer in Layers.Keys.Where(layer => !paths.Contains(layer)))
        {
            throw new ArgumentException($"The options name the layer '{layer}', which {model.GetType().Name} does not have. Its layers: {string.Join(", ", paths.Where(path => path.Length > 0).Order(StringComparer.Ordinal))}.", nameof(Layers));
        }
    }

    /// <summary>The model's own values, as what a layer without any of its own takes.</summary>
    internal LayerPruneOptions AsLayer() => new()
    {
        Granularity = Granularity,
        Ratio = Ratio,
        Criterion = Criterion,
        Scope = Scope,
        Threshold = Threshold,
        MinWidth = MinWidth,
        RoundTo = RoundTo,
        KeepWidth = false,
    };
}
