using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace PruneGen;

/// <summary>A number before pruning and after.</summary>
/// <param name="Before">Of the dense model.</param>
/// <param name="After">Of the pruned one.</param>
public sealed record Change(long Before, long After);

/// <summary>The width of a group before pruning and after.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Before">Its width before.</param>
/// <param name="After">Its width in the pruned one.</param>
/// <param name="Asked">The share of the dense original to be gone that its options ask for; null where a threshold, a number or all groups
/// together decide, or single weights are pruned.</param>
public sealed record GroupChange(string Name, long Before, long After, double? Asked = null)
{
    /// <summary>Its width in the dense original: that before, unless something had been removed already.</summary>
    public long Dense { get; init; } = Before;

    /// <summary>
    /// The share of the dense original that is gone: less than asked for where that is no whole number of channels, or <c>MinWidth</c> and <c>RoundTo</c> keep more.
    /// </summary>
    [JsonIgnore]
    public double Removed => Dense > 0 ? 1 - ((double)After / Dense) : 0;

    /// <summary>Whether less was removed than was asked for.</summary>
    [JsonIgnore]
    public bool IsShort => Asked - Removed > 1e-9;
}

/// <summary>The groups that are ranked together, all as one.</summary>
/// <param name="Before">The sum of their widths before.</param>
/// <param name="After">The sum in the pruned one.</param>
/// <param name="Asked">The share of the dense original to be gone that the options ask for.</param>
public sealed record PoolChange(long Before, long After, double Asked)
{
    /// <summary>The sum of their widths in the dense original.</summary>
    public long Dense { get; init; } = Before;

    /// <summary>The share of the dense original that is gone.</summary>
    [JsonIgnore]
    public double Removed => 1 - ((double)After / Dense);

    /// <summary>Whether less was removed than was asked for, because smallest widths and multiples keep more.</summary>
    [JsonIgnore]
    public bool IsShort => Asked - Removed > 1e-9;
}

/// <summary>The measured time of a forward pass before pruning and after.</summary>
/// <param name="Before">Of the dense model.</param>
/// <param name="After">Of the pruned one, at the same batch size.</param>
public sealed record LatencyChange(Latency Before, Latency After)
{
    /// <summary>Whether the two differ by more than their measurements scatter: half of the one's lie beyond half of the other's.</summary>
    [JsonIgnore]
    public bool IsClear => Before.LowerQuartile > After.UpperQuartile || After.LowerQuartile > Before.UpperQuartile;
}

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
    public IReadOnlyDictionary<string, string> PrunedBy { get; init; } = new Dictionary<string, string>();

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
    public IReadOnlyList<string> UncountedMacs { get; init; } = [];

    /// <summary>Bytes of all parameters and buffers.</summary>
    public required Change Bytes { get; init; }

    /// <summary>How much of each layer's weights is left, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<LayerSparsity> Layers { get; init; } = [];

    /// <summary>The model before this run on the test data: dense, unless something had been removed already.</summary>
    public required Evaluation Dense { get; init; }

    /// <summary>The pruned model on the test data, before retraining; of several rounds the last one's.</summary>
    public required Evaluation Pruned { get; init; }

    /// <summary>The pruned model on the test data as it is now: after the last epoch of retraining, or the best where that is asked for.</summary>
    public required Evaluation Final { get; init; }

    /// <summary>The epochs of retraining; of several rounds the last one's.</summary>
    public required RetrainResult Retraining { get; init; }

    /// <summary>The epochs of the rounds before the last, in order.</summary>
    public IReadOnlyList<RetrainResult> EarlierRounds { get; init; } = [];

    /// <summary>Measured latency at each batch size.</summary>
    public required IReadOnlyList<LatencyChange> Latencies { get; init; }

    /// <summary>Time that the whole run took.</summary>
    public required double Seconds { get; init; }

    /// <summary>The report once more has been removed.</summary>
    internal PruneReport CompactedSince(CompactResult result)
    {
        var dense = Groups.ToDictionary(group => group.Name, group => group.Before, StringComparer.Ordinal);
        return this with
        {
            Groups = [.. result.Groups.Select(group => group with { Before = dense.GetValueOrDefault(group.Name, group.Before), Asked = null })],
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
    public Table ToTable()
    {
        var table = new Table { Title = new TableTitle(Markup.Escape($"{Model}, pruned ({Granularity.ToLowerInvariant()})")) };
        table.AddColumn("");
        if (Original is not null)
        {
            table.AddColumn(new TableColumn("dense").RightAligned());
        }

        table.AddColumn(new TableColumn(Original is null ? "dense" : "before").RightAligned());
        table.AddColumn(new TableColumn("pruned").RightAligned());
        table.AddColumn(new TableColumn("change").RightAligned());
        void Row(string name, string before, string after, string change = "", long? dense = null)
        {
            string[] cells = [name, before, after, change];
            table.AddRow([.. (Original is null ? cells : [name, dense is long number ? Text($"{number:N0}") : "", before, after, change]).Select(Markup.Escape)]);
        }

        // Where something had been removed before, what is gone is told of the dense original.
        void Counted(string name, long before, long after, long? dense = null) =>
            Row(name, Text($"{before:N0}"), Text($"{after:N0}"), Factor(dense ?? before, after, "less", "more"), dense);

        var differ = PrunedBy.Values.Distinct().Skip(1).Any();
        foreach (var group in Groups)
        {
            var by = differ && PrunedBy.TryGetValue(group.Name, out var how) ? $" ({how})" : "";
            var change = Factor(group.Dense, group.After, "less", "more");
            var missed = group.IsShort ? Text($"{100 * group.Removed:0.#} % of {100 * group.Asked:0.#} % asked") : "";
            Row(
                $"width of {group.Name}{by}",
                Text($"{group.Before:N0}"),
                Text($"{group.After:N0}"),
                change.Length > 0 && missed.Length > 0 ? $"{change}, {missed}" : change + missed,
                group.Dense);
        }

        if (Pool is { IsShort: true } pool)
        {
            Row(
                "widths ranked together",
                Text($"{pool.Before:N0}"),
                Text($"{pool.After:N0}"),
                Text($"{100 * pool.Removed:0.#} % of {100 * pool.Asked:0.#} % asked"));
        }

        Counted("parameters", Parameters.Before, Parameters.After, Original?.Parameters);
        if (NonZeroParameters != Parameters)
        {
            Counted("not zero", NonZeroParameters.Before, NonZeroParameters.After, Original?.Parameters);
        }

        if (Macs is not null)
        {
            Counted(UncountedMacs.Count == 0 ? "MACs" : $"MACs, without {string.Join(", ", UncountedMacs)}", Macs.Before, Macs.After, Original?.Macs);
        }

        Counted("bytes", Bytes.Before, Bytes.After, Original?.Bytes);
        if (Final.Error is not null)
        {
            Row("test error", Score(Dense), Score(Final), Text($"{100 * (Final.Error - Dense.Error):+0.00;-0.00;0.00} points"));
        }
        else
        {
            Row("test loss", Score(Dense), Score(Final), Text($"{Final.Loss - Dense.Loss:+0.0000;-0.0000;0.0000}"));
        }

        Row("  before retraining", "", Score(Pruned));
        if (Retraining.Best is EpochResult best)
        {
            Row($"  best seen, in epoch {best.Epoch}", "", Score(best.Test!));
        }

        foreach (var change in Latencies)
        {
            var (before, after) = change;
            Row(
                $"latency, batch {before.BatchSize}",
                Text($"{before.Milliseconds:f3} ms"),
                Text($"{after.Milliseconds:f3} ms"),
                change.IsClear ? Factor(before.Milliseconds, after.Milliseconds, "faster", "slower") : "within the noise");
        }

        if (Latencies.Count > 0)
        {
            var measured = Latencies[0].After;
            table.Caption = new TableTitle(
                Markup.Escape(
                    $"latency: median on {measured.Device}, {measured.Threads} {(measured.Threads == 1 ? "thread" : "threads")}"
                        + $"{(IsCompactedSince ? "; compacted since: error and latency are of the run" : "")}"));
        }

        return table;
    }

    /// <summary>The table as plain ASCII text, the same with a terminal and without.</summary>
    public override string ToString()
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = 100;
        console.Write(ToTable().Border(TableBorder.Ascii));
        return string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd())).TrimEnd('\n') + "\n";
    }

    private static string Score(Evaluation evaluation) => evaluation.Error is double error ? Text($"{100 * error:f2} %") : Text($"{evaluation.Loss:f4}");

    /// <summary>By what factor something has become less (<c>3.94x less</c>), or more.</summary>
    private static string Factor(double before, double after, string less, string more) =>
        before == after || before <= 0 || after <= 0 ? ""
        : after < before ? Text($"{before / after:f2}x {less}")
        : Text($"{after / before:f2}x {more}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}

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
