using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What to prune and how: what the attributes of a model say, or what a caller says instead.</summary>
public sealed record PruneOptions
{
    /// <summary>The defaults of the attributes: half of every group, by L2 norm, structured.</summary>
    public PruneOptions()
    {
    }

    // What was given, apart from what is a default: a class inside of another takes the rest from there.
    private readonly LayerPruneOptions given = new();

    // The copy that `with` makes has a table of layers of its own, so that filling it leaves the original alone.
    private PruneOptions(PruneOptions other)
    {
        given = other.given;
        Seed = other.Seed;
        Verify = other.Verify;
        Layers = new Dictionary<string, LayerPruneOptions>(other.Layers, StringComparer.Ordinal);
        Retrain = other.Retrain;
    }

    /// <summary>What is removed as one piece. <see cref="Granularity.Structured"/> by default.</summary>
    public Granularity Granularity
    {
        get => given.Granularity ?? Granularity.Structured;
        init => given = given with { Granularity = value };
    }

    /// <summary>Share to remove, in [0, 1): of each group, or of all of them together with <see cref="Scope.Global"/>. 0.5 by default.</summary>
    public double Ratio
    {
        get => given.Ratio ?? 0.5;
        init => given = given with { Ratio = value };
    }

    /// <summary>How importance is scored. <see cref="Criterion.L2"/> by default.</summary>
    public Criterion Criterion
    {
        get => given.Criterion ?? Criterion.L2;
        init => given = given with { Criterion = value };
    }

    /// <summary>What the ratio is counted over. <see cref="Scope.Local"/> by default.</summary>
    public Scope Scope
    {
        get => given.Scope ?? Scope.Local;
        init => given = given with { Scope = value };
    }

    /// <summary>Removes whatever scores below this, in the criterion's own unit; null, the default, means that the ratio decides.</summary>
    public double? Threshold
    {
        get => given.Threshold;
        init => given = given with { Threshold = value };
    }

    /// <summary>
    /// The smallest width that a group may shrink to, or the fewest weights that stay of a parameter where single weights are pruned; at least 1. 1 by default.
    /// </summary>
    public int MinWidth
    {
        get => given.MinWidth ?? 1;
        init => given = given with { MinWidth = value };
    }

    /// <summary>Widths, or numbers of single weights that stay, are rounded up to a multiple of this, at least 1. 1 by default.</summary>
    public int RoundTo
    {
        get => given.RoundTo ?? 1;
        init => given = given with { RoundTo = value };
    }

    /// <summary>
    /// Whether the compacted model is compared with the masked one, on a sample of the data or of the given input shape, before
    /// it takes its place. It costs two forward passes. True by default.
    /// </summary>
    public bool Verify { get; init; } = true;

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
            throw new ArgumentException(
                $"The options name the layer '{layer}', which {model.GetType().Name} does not have. Its layers: "
                    + $"{string.Join(", ", paths.Where(path => path.Length > 0).Order(StringComparer.Ordinal))}.",
                nameof(Layers));
        }
    }

    /// <summary>The model's own values, as what a layer without any of its own takes.</summary>
    internal LayerPruneOptions AsLayer() => given.Over(new()
    {
        Granularity = Granularity,
        Ratio = Ratio,
        Criterion = Criterion,
        Scope = Scope,
        MinWidth = MinWidth,
        RoundTo = RoundTo,
        KeepWidth = false,
    });

    /// <summary>What was given and is no default, as what a layer without any of its own takes; the rest is null.</summary>
    internal LayerPruneOptions Given() => given;
}
