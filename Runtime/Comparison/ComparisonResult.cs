using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace PruneGen;

/// <summary>What one run of a comparison came to.</summary>
/// <param name="Recipe">The name of the recipe.</param>
/// <param name="Ratio">The share of the dense original that was asked for.</param>
/// <param name="Seed">The seed.</param>
/// <param name="DenseError">The dense model's share of wrong answers on the test data, or its loss where the targets are no classes.</param>
/// <param name="Error">The same of the pruned and retrained model.</param>
/// <param name="NonZeroParameters">Parameters that are not zero, before and after.</param>
/// <param name="Macs">Multiply-accumulates of one sample as dense kernels count them; null where they are not known.</param>
/// <param name="Epochs">Epochs of retraining, all rounds together.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record PruneOutcome(
    string Recipe, double Ratio, int Seed, double DenseError, double Error, Change NonZeroParameters, Change? Macs, int Epochs, double Seconds);

/// <summary>The runs of a comparison: as a table for people, as JSON and CSV for programs.</summary>
/// <param name="Runs">Every run.</param>
public sealed record ComparisonResult(IReadOnlyList<PruneOutcome> Runs)
{
    private const string CsvHead = "recipe,ratio,seed,dense_error,error,nonzero_before,nonzero_after,macs_before,macs_after,epochs,seconds";

    /// <summary>The runs of each recipe and ratio: what they come to on average, the best first at each ratio.</summary>
    [JsonIgnore]
    public IReadOnlyList<ComparisonRow> Rows =>
    [
        .. Runs.GroupBy(run => (run.Recipe, run.Ratio)).Select(runs => ComparisonRow.Of([.. runs])).OrderBy(row => row.Ratio).ThenBy(row => row.Error),
    ];

    /// <summary>The runs of several comparisons as one, such as those of each part in cross-validation: means and deviations are over all of them.</summary>
    public static ComparisonResult Together(IEnumerable<ComparisonResult> results) => new([.. results.SelectMany(result => result.Runs)]);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static ComparisonResult FromJson(string json) =>
        JsonSerializer.Deserialize(json, ComparisonJson.Default.ComparisonResult) is { } read && AreWhole(read.Runs)
            ? read : throw new JsonException("The JSON holds no comparison.");

    /// <summary>Whether what was read as runs are runs.</summary>
    internal static bool AreWhole(IReadOnlyList<PruneOutcome>? runs) => runs?.All(run => run is { Recipe: not null, NonZeroParameters: not null }) == true;

    /// <summary>Every run, as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, ComparisonJson.Default.ComparisonResult);

    /// <summary>Every run, a line each, with a head line.</summary>
    public string ToCsv()
    {
        var text = new StringBuilder(CsvHead).Append('\n');
        foreach (var run in Runs)
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"\"{run.Recipe.Replace("\"", "\"\"", StringComparison.Ordinal)}\",{run.Ratio},{run.Seed},{run.DenseError},{run.Error},"
                + $"{run.NonZeroParameters.Before},{run.NonZeroParameters.After},{run.Macs?.Before},{run.Macs?.After},{run.Epochs},{run.Seconds:f1}\n");
        }

        return text.ToString();
    }

    /// <summary>The table as plain ASCII text, the same with a terminal and without.</summary>
    public override string ToString() => PlainText.Of(ToTable(), width: 160);

    /// <summary>The rows as a table for the console.</summary>
    public Table ToTable()
    {
        var table = new Table().AddColumns("ratio", "recipe", "test error", "dense", "non-zero", "MACs", "epochs", "seconds", "seeds");
        foreach (var row in Rows)
        {
            table.AddRow(
                Text($"{row.Ratio:0.###}"),
                Markup.Escape(row.Recipe),
                row.Seeds > 1 ? Text($"{row.Error:p2} ± {row.Deviation:p2}") : Text($"{row.Error:p2}"),
                Text($"{row.DenseError:p2}"),
                Text($"{row.Compression:0.0}× fewer"),
                row.Speedup is double speedup ? Text($"{speedup:0.0}× fewer") : "",
                Text($"{row.Epochs}"),
                Text($"{row.Seconds:0}"),
                Text($"{row.Seeds}"));
        }

        return table;

        static string Text(FormattableString text) => Markup.Escape(text.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>What a recipe comes to at a ratio: means over the seeds.</summary>
/// <param name="Recipe">The name of the recipe.</param>
/// <param name="Ratio">The share that was asked for.</param>
/// <param name="Seeds">How many runs there are.</param>
/// <param name="DenseError">Mean error of the dense models on the test data.</param>
/// <param name="Error">Mean error of the pruned ones.</param>
/// <param name="Deviation">Standard deviation of that among the seeds, by n − 1; 0 for a single one.</param>
/// <param name="Compression">Parameters that are not zero: before divided by after.</param>
/// <param name="Speedup">Multiply-accumulates of dense kernels: before divided by after; null where they are not known.</param>
/// <param name="Epochs">Epochs of retraining.</param>
/// <param name="Seconds">Mean time of a run.</param>
public sealed record ComparisonRow(
    string Recipe, double Ratio, int Seeds, double DenseError, double Error, double Deviation, double Compression, double? Speedup, int Epochs, double Seconds)
{
    internal static ComparisonRow Of(IReadOnlyList<PruneOutcome> runs)
    {
        var mean = runs.Average(run => run.Error);
        var spread = runs.Count < 2 ? 0 : Math.Sqrt(runs.Sum(run => Math.Pow(run.Error - mean, 2)) / (runs.Count - 1));
        return new ComparisonRow(
            runs[0].Recipe,
            runs[0].Ratio,
            runs.Count,
            runs.Average(run => run.DenseError),
            mean,
            spread,
            runs.Average(run => (double)run.NonZeroParameters.Before / run.NonZeroParameters.After),
            runs.All(run => run.Macs is not null) ? runs.Average(run => (double)run.Macs!.Before / run.Macs.After) : null,
            runs[0].Epochs,
            runs.Average(run => run.Seconds));
    }
}

[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ComparisonResult))]
[JsonSerializable(typeof(ComparisonRecord))]
internal sealed partial class ComparisonJson : JsonSerializerContext;
