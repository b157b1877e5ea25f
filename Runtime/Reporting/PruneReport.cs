using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace PruneGen;

/// <summary>What a pruning run came to, before and after: as a table for people, as JSON for programs.</summary>
public sealed record PruneReport
{
    /// <summary>Name of the model's class.</summary>
    public required string Model { get; init; }

    /// <summary>What was removed as one piece: the name of the granularity.</summary>
    public required string Granularity { get; init; }

    /// <summary>The groups, in the order of <c>forward</c>.</summary>
    public required IReadOnlyList<GroupChange> Groups { get; init; }

    /// <summary>
    /// For each group, by name, the criterion that scored it and what it was chosen from (<c>L2, local</c>); nothing of those whose single weights are pruned.
    /// </summary>
    public IReadOnlyDictionary<string, string> PrunedBy { get => field ?? new Dictionary<string, string>(); init; }

    /// <summary>The groups that were ranked together, all as one; null where there were none.</summary>
    public PoolChange? Pool { get; init; }

    /// <summary>
    /// Whether more was removed since the run: then groups, parameters, multiply-accumulates and bytes are those of now, and
    /// what was measured is of the end of the run.
    /// </summary>
    public bool IsCompactedSince { get; init; }

    /// <summary>The size and cost of the dense original, where something had been removed before this run; else null.</summary>
    public ModelCount? Original { get; init; }

    /// <summary>Number of trained parameters.</summary>
    public required Change Parameters { get; init; }

    /// <summary>Number of trained parameters that are not zero: what unstructured pruning lowers.</summary>
    public required Change NonZeroParameters { get; init; }

    /// <summary>Multiply-accumulates of one sample; null where they depend on a size that is not known.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public required Change? Macs { get; init; }

    /// <summary>The calls whose multiply-accumulates are left out, because <c>[Axes]</c> describes the call without telling them.</summary>
    public IReadOnlyList<string> UncountedMacs { get => field ?? []; init; }

    /// <summary>Bytes of all parameters and buffers.</summary>
    public required Change Bytes { get; init; }

    /// <summary>How much of each layer's weights is left, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<LayerSparsity> Layers { get => field ?? []; init; }

    /// <summary>The model before this run on the test data: dense, unless something had been removed already.</summary>
    public required Evaluation Dense { get; init; }

    /// <summary>The pruned model on the test data, before retraining; of several rounds the last one's.</summary>
    public required Evaluation Pruned { get; init; }

    /// <summary>The pruned model on the test data as it is now: after the last epoch of retraining, or the best where that is asked for.</summary>
    public required Evaluation Final { get; init; }

    /// <summary>The epochs of retraining; of several rounds the last one's.</summary>
    public required RetrainResult Retraining { get; init; }

    /// <summary>The epochs of the rounds before the last, in order.</summary>
    public IReadOnlyList<RetrainResult> EarlierRounds { get => field ?? []; init; }

    /// <summary>
    /// The model behind each step of coding, the pruned and retrained one first; empty where nothing is shared or quantized.
    /// </summary>
    public IReadOnlyList<CodingStep> Steps { get => field ?? []; init; }

    /// <summary>The bytes of the model's <c>.prune</c> file, by what they are for; null where it is not known, as in a report inside of a file.</summary>
    public BytesOnDisk? OnDisk { get; init; }

    /// <summary>Measured latency at each batch size.</summary>
    public required IReadOnlyList<LatencyChange> Latencies { get; init; }

    /// <summary>
    /// What may not hold here of the latencies that the budget went by, and which ratios are less than a granularity takes; null for nothing.
    /// </summary>
    public string? Warning { get; init; }

    /// <summary>Time that the whole run took.</summary>
    public required double Seconds { get; init; }

    /// <summary>
    /// What the model was pruned by; null in reports of before. See <see cref="PruneOptions.ToJson"/> for what a report as JSON keeps of them.
    /// </summary>
    [JsonConverter(typeof(WholeOptionsJson))]
    public PruneOptions? Options { get; init; }

    /// <summary>The schedule's name: in how many rounds the ratio was reached; null in reports of before.</summary>
    public string? Schedule { get; init; }

    /// <summary>Where the run was made; null in reports of before.</summary>
    public RunEnvironment? Environment { get; init; }

    /// <summary>The report once more has been removed.</summary>
    internal PruneReport CompactedSince(CompactResult result)
    {
        var dense = Groups.ToDictionary(group => group.Name, group => group.Before, StringComparer.Ordinal);
        return this with
        {
            Groups = [.. result.Groups.Select(group => group with { Before = dense.GetValueOrDefault(group.Name, group.Before), Asked = null })],
            OnDisk = null,
            PrunedBy = result.PrunedBy,
            Pool = null,
            IsCompactedSince = true,
            Parameters = Parameters with { After = result.After.Parameters },
            Macs = Macs is { } macs && result.After.Macs is long now ? macs with { After = now } : null,
            Bytes = Bytes with { After = result.After.Bytes },
        };
    }

    /// <summary>Reads a report that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is not such a report.</exception>
    public static PruneReport FromJson(string json) =>
        JsonSerializer.Deserialize(json, PruneReportJson.Default.PruneReport) ?? throw new JsonException("The text is null where a report should be.");

    /// <summary>The report as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, PruneReportJson.Default.PruneReport);

    /// <summary>The report as a table, for a console that can draw one. <see cref="ToString"/> gives it as plain text.</summary>
    public Table ToTable() => new ReportTable(this).Draw();

    /// <summary>The table as plain ASCII text, the same with a terminal and without.</summary>
    public override string ToString() => new ReportTable(this).ToString();
}

/// <summary>The model behind a step of coding.</summary>
/// <param name="Name">What was done: <c>pruned</c>, <c>shared</c>, <c>shared, retrained</c>, <c>quantized</c>, <c>quantized, retrained</c>.</param>
/// <param name="Test">The model on the test data then.</param>
/// <param name="Training">The epochs of the step; null where nothing was trained.</param>
public sealed record CodingStep(string Name, Evaluation Test, RetrainResult? Training = null);

/// <summary>How a report is written as JSON; generated, so that it works where reflection is trimmed away.</summary>
[JsonSourceGenerationOptions(
    WriteIndented = true,
    UseStringEnumConverter = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals)]
[JsonSerializable(typeof(PruneReport))]
internal sealed partial class PruneReportJson : JsonSerializerContext
{
}
