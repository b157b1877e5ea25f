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
        UnknownKeys = other.UnknownKeys;
    }

    /// <summary>
    /// What the pruned model may cost at most; then ratios are found within it, but for those of single layers, which stand. Null, the default, for the
    /// ratios as they are given.
    /// </summary>
    [JsonConverter(typeof(WholeBudgetJson))]
    public PruneBudget? Budget { get; init; }

    /// <summary>
    /// What decides how much each group or layer loses: a name, or an allocator of your own. Null, the default, for the ratios as they are given, or, with a
    /// budget, what the scope says (<see cref="PruneGen.Allocator.ByScope"/>).
    /// </summary>
    [JsonConverter(typeof(AllocatorJson))]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public RatioAllocator? Allocator { get; init; }

    /// <summary>In how many rounds the ratio is reached, and how far each goes. <see cref="PruneSchedule.OneShot"/> by default.</summary>
    [JsonIgnore]
    public PruneSchedule Schedule { get => field ?? PruneSchedule.OneShot; init; }

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

    /// <summary>
    /// What single layers ask for instead, by their path in the model (<c>conv1</c>, <c>features.0</c>). A layer that keeps its width, as that does which makes
    /// the model's result, cannot be asked for channels.
    /// </summary>
    public IDictionary<string, LayerPruneOptions> Layers
    {
        get;
        init => field = value ?? new Dictionary<string, LayerPruneOptions>(StringComparer.Ordinal);
    } = new Dictionary<string, LayerPruneOptions>(StringComparer.Ordinal);

    /// <summary>How the pruned model is fine-tuned, and the seed of everything random.</summary>
    [JsonConverter(typeof(WholeRetrainJson))]
    public RetrainOptions Retrain { get; init => field = value ?? new(); } = new();

    /// <summary>The keys of the JSON that these were read from, in a report or a file, that options do not have.</summary>
    internal IReadOnlyList<string> UnknownKeys { get; init; } = [];

    /// <summary>Checks every value, those of single layers too.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range; the message names the layer, the value and what is allowed.</exception>
    /// <exception cref="ArgumentException">They come from a report or a file that tells of a method which cannot be made from its name.</exception>
    public void Validate()
    {
        RequireRead();
        ValidateValues();
    }

    /// <summary>Checks every value, and not whether every method could be read: what a file says of a model is no reason not to read it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    internal void ValidateValues()
    {
        Validate("the model");
        if (ScoringSamples < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(ScoringSamples), ScoringSamples, $"ScoringSamples is {ScoringSamples}; give 1 or more, such as 1024.");
        }

        foreach (var (layer, options) in Layers)
        {
            (options ?? throw new ArgumentException($"Layers has null for {layer}; leave it out, or say what it asks for.", nameof(Layers))).Validate(layer);
        }

        Budget?.Validate();
        Retrain.Validate();
    }

    /// <summary>Reads options that <see cref="ToJson"/> wrote, or that were written by hand; what is left out has its default.</summary>
    /// <exception cref="JsonException">The text is something else, or has a key or a name that options do not have; the message names it.</exception>
    public static PruneOptions FromJson(string json)
    {
        using var given = JsonDocument.Parse(json);
        var options = new WholeOptionsJson().Read(given.RootElement);
        return options.Unread() is { } unread
            ? throw new JsonException($"The options have {unread}; see to the spelling, and to case. Leave out a class of your own, and give it with `with`.")
            : options;
    }

    /// <summary>
    /// The options as indented JSON. Functions, devices, callbacks and schedules are left out: who reads them has the defaults. Methods are written by their
    /// names, with the settings that are not the defaults (<c>Wanda(withinRows=false)</c>). Of a class of your own that is its name alone, from which
    /// <see cref="FromJson"/> cannot make it: it refuses it, and so does whatever uses options of a report or a file that has one.
    /// </summary>
    public string ToJson() => JsonSerializer.Serialize(this, PruneOptionsJson.Default.PruneOptions);

    /// <summary>
    /// Checks every value, and that the single layers are in the model. Those that the model itself was pruned by, in a file, may tell of methods that cannot
    /// be made from their names: nothing is scored by them again.
    /// </summary>
    /// <exception cref="ArgumentException">One is not.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    internal void ValidateFor(nn.Module model)
    {
        ValidateValues();
        if (!ReferenceEquals(this, PruneState.Of(model).Options))
        {
            RequireRead();
        }

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

    private void RequireRead()
    {
        if (Unread() is { } unread)
        {
            throw new ArgumentException(
                $"The options were read from a report or a file that has {unread}, which cannot be made from that alone. Give a method of a class of your own "
                    + "anew, as in options with { Criterion = new Mine() }; give new options for keys of another version of PruneGen.");
        }
    }

    /// <summary>What was read as JSON and stands for nothing here; null where everything does.</summary>
    private string? Unread()
    {
        List<string> unread =
        [
            .. UnknownKeys.Select(key => $"the key '{key}'"), .. Unread("the model"), .. Layers.SelectMany(layer => layer.Value.Unread(layer.Key)),
            .. Allocator is IUnread ? [$"the {nameof(Allocator)} '{Allocator}'"] : Array.Empty<string>(),
        ];
        return unread.Count == 0 ? null : string.Join(" and ", unread);
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
[JsonSerializable(typeof(LayerPruneOptions))]
[JsonSerializable(typeof(RetrainOptions))]
[JsonSerializable(typeof(PruneBudget))]
internal sealed partial class PruneOptionsJson : JsonSerializerContext
{
}
