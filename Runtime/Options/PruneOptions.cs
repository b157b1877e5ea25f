using System.Text.Json;
using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What to prune and how: what the attributes of a model say, or what a caller says instead.</summary>
public sealed record PruneOptions : PruneSettings
{
    /// <summary>The defaults of the attributes: half of every group, by L2 norm, structured.</summary>
    public PruneOptions()
    {
    }

    // The copy that `with` makes has a table of layers of its own, so that filling it leaves the original alone.
    private PruneOptions(PruneOptions other)
        : base(other)
    {
        Budget = other.Budget;
        Allocator = other.Allocator;
        Schedule = other.Schedule;
        Verify = other.Verify;
        ScoringSamples = other.ScoringSamples;
        MeasureLatency = other.MeasureLatency;
        Layers = new Dictionary<string, LayerPruneOptions>(other.Layers, StringComparer.Ordinal);
        Retrain = other.Retrain;
    }

    /// <summary>
    /// What the pruned model may cost at most; then ratios are found within it, but for those of single layers, which stand. Null, the default, for the
    /// ratios as they are given.
    /// </summary>
    public PruneBudget? Budget { get; init; }

    /// <summary>
    /// What decides how much each group or layer loses: a name, or an allocator of your own. Null, the default, for the ratios as they are given, or, with a
    /// budget, what the scope says (<see cref="PruneGen.Allocator.ByScope"/>).
    /// </summary>
    [JsonIgnore]
    public RatioAllocator? Allocator { get; init; }

    /// <summary>In how many rounds the ratio is reached, and how far each goes. <see cref="PruneSchedule.OneShot"/> by default.</summary>
    [JsonIgnore]
    public PruneSchedule Schedule { get; init; } = PruneSchedule.OneShot;

    /// <summary>
    /// Whether the compacted model is compared with the masked one, on a sample of the data or of the given input shape, before
    /// it takes its place. It costs two forward passes. True by default.
    /// </summary>
    public bool Verify { get; init; } = true;

    /// <summary>
    /// How many samples of the data the criteria that need any score by, at least 1: whole batches, drawn at random where the data is
    /// shuffled, until there are as many. 1,024 by default.
    /// </summary>
    public int ScoringSamples { get; init; } = 1024;

    /// <summary>Whether <c>PruneAndRetrain</c> measures how long a forward pass takes, before and after. True by default.</summary>
    public bool MeasureLatency { get; init; } = true;

    /// <summary>What single layers ask for instead, by their path in the model (<c>conv1</c>, <c>features.0</c>).</summary>
    public IDictionary<string, LayerPruneOptions> Layers { get; init; } = new Dictionary<string, LayerPruneOptions>(StringComparer.Ordinal);

    /// <summary>How the pruned model is fine-tuned, and the seed of everything random.</summary>
    public RetrainOptions Retrain { get; init; } = new();

    /// <summary>Checks every value, those of single layers too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range; the message names the layer, the value and what is allowed.</exception>
    public void Validate()
    {
        Validate("the model");
        if (ScoringSamples < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(ScoringSamples), ScoringSamples, $"ScoringSamples is {ScoringSamples}; give 1 or more, such as 1024.");
        }

        foreach (var (layer, options) in Layers)
        {
            options.Validate(layer);
        }

        Budget?.Validate();
        Retrain.Validate();
    }

    /// <summary>Reads options that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static PruneOptions FromJson(string json) =>
        JsonSerializer.Deserialize(json, PruneOptionsJson.Default.PruneOptions) ?? throw new JsonException("The text is null where options should be.");

    /// <summary>The options as indented JSON. Functions, devices, schedules and objects of classes of your own are left out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PruneOptionsJson.Default.PruneOptions);

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

    /// <summary>The model's own settings, as what a layer without any of its own takes; what is not given is null.</summary>
    internal LayerPruneOptions AsLayer() => Over(null, null);

    /// <summary>These options with every value filled in, as a plan has them.</summary>
    /// <param name="defaults">Where what is missing comes from.</param>
    internal PruneOptions Filled(LayerPruneOptions defaults)
    {
        var filled = AsLayer().Over(defaults);
        return this with
        {
            Granularity = filled.Granularity,
            Ratio = filled.Ratio,
            Criterion = filled.Criterion,
            Scope = filled.Scope,
            ThresholdRule = filled.ThresholdRule,
            MinWidth = filled.MinWidth,
            RoundTo = filled.RoundTo,
        };
    }
}

/// <summary>How options are written as JSON; generated, so that it works where reflection is trimmed away.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PruneOptions))]
internal sealed partial class PruneOptionsJson : JsonSerializerContext
{
}
