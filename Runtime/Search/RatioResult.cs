using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using PruneGen.Axes;
using Spectre.Console;

namespace PruneGen;

/// <summary>The ratio that was found for one group.</summary>
/// <param name="Name">The group's name: that of the first layer that makes it, which the ratio is given for.</param>
/// <param name="Dense">How wide it is in the dense original; in pieces, where the granularity removes several channels as one.</param>
/// <param name="Kept">How much of that stays.</param>
public sealed record GroupRatio(string Name, long Dense, long Kept)
{
    /// <summary>The share of the dense original that goes, to as few decimals as tell it apart.</summary>
    [JsonIgnore]
    public double Ratio => Dense == Kept ? 0 : KeptWidths.RatioFor(Dense, Dense - Kept);
}

/// <summary>With how many bits the weights of a layer are kept.</summary>
/// <param name="Layer">The layer's path.</param>
/// <param name="Bits">The bits of a weight.</param>
public sealed record LayerBits(string Layer, int Bits);

/// <summary>What the found widths cost.</summary>
/// <param name="Name">What is counted or measured.</param>
/// <param name="Dense">What the dense original costs.</param>
/// <param name="Limit">What the budget allows.</param>
/// <param name="Found">What the found widths cost, no more than that.</param>
public sealed record FoundCost(string Name, double Dense, double Limit, double Found);

/// <summary>The ratios that <c>FindRatios</c> found: to prune by, to save as JSON, or to paste into the source as attributes.</summary>
public sealed record RatioResult
{
    /// <summary>Name of the model's class.</summary>
    public required string Model { get; init; }

    /// <summary>What found them.</summary>
    public required string Allocator { get; init; }

    /// <summary>What to prune by: the options that were asked with, without their budget, and with a ratio for each group.</summary>
    [JsonConverter(typeof(WholeOptionsJson))]
    public required PruneOptions Options { get; init; }

    /// <summary>The groups that there was something to find for, in the order of <c>forward</c>.</summary>
    public required IReadOnlyList<GroupRatio> Groups { get; init; }

    /// <summary>The layers that there were bits to find for, where the budget limits these; else empty.</summary>
    public IReadOnlyList<LayerBits> Bits { get => field ?? []; init; }

    /// <summary>What is limited.</summary>
    public required IReadOnlyList<FoundCost> Costs { get; init; }

    /// <summary>The model on the validation data before anything is removed.</summary>
    public required Evaluation Dense { get; init; }

    /// <summary>The same with these ratios, retrained for as long as candidates were.</summary>
    public required Evaluation Found { get; init; }

    /// <summary>How many different choices were evaluated.</summary>
    public required int Evaluations { get; init; }

    /// <summary>With <see cref="PruneGen.Allocator.NonDominatedSorting"/>, the choices that no other beats in both error and cost, the cheapest
    /// first.</summary>
    public IReadOnlyList<FrontPoint> Front { get => field ?? []; init; }

    /// <summary>Why a limit of time may not hold here: the latencies were measured elsewhere; null where nothing is to be said.</summary>
    public string? Warning { get; init; }

    /// <summary>Reads a result that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static RatioResult FromJson(string json) =>
        JsonSerializer.Deserialize(json, SearchJson.Default.RatioResult) ?? throw new JsonException("The text is null where ratios should be.");

    /// <summary>The result as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SearchJson.Default.RatioResult);

    /// <summary>
    /// The attributes to paste into the source, each with the member that it belongs on. What no attribute reaches, a layer inside of a list or of another
    /// model, is written as an option.
    /// </summary>
    public string ToAttributes()
    {
        var text = new StringBuilder();
        foreach (var group in Groups.Where(group => !group.Name.Contains('.')))
        {
            text.Append(CultureInfo.InvariantCulture, $"[Prunable(Ratio = {group.Ratio})] // {group.Name}: {group.Kept} of {group.Dense}\n");
        }

        foreach (var layer in Bits.Where(layer => !layer.Layer.Contains('.')))
        {
            text.Append(CultureInfo.InvariantCulture, $"[Quantize(Weights = {layer.Bits})] // {layer.Layer}\n");
        }

        var inside = Groups.Select(group => (Layer: group.Name, Text: Text($"Ratio = {group.Ratio}"), Note: Text($"{group.Kept} of {group.Dense}")))
            .Concat(Bits.Select(layer => (layer.Layer, Text: Text($"Quantize = new() {{ Weights = {layer.Bits} }}"), Note: Text($"{layer.Bits} bits"))))
            .Where(one => one.Layer.Contains('.')).GroupBy(one => one.Layer).ToList();
        if (inside.Count > 0)
        {
            text.Append("\n// Layers inside of lists and other models have no member here; give these as options.\n")
                .Append("var options = new PruneOptions\n{\n    Layers =\n    {\n");
            foreach (var layer in inside)
            {
                var (settings, notes) = (string.Join(", ", layer.Select(one => one.Text)), string.Join(", ", layer.Select(one => one.Note)));
                text.Append(CultureInfo.InvariantCulture, $"        [\"{layer.Key}\"] = new() {{ {settings} }}, // {notes}\n");
            }

            text.Append("    },\n};\n");
        }

        return text.ToString();
    }

    /// <summary>The front as an SVG picture: error over cost.</summary>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public string ToSvg() => Front.Count == 0
        ? throw new InvalidOperationException($"{Allocator} finds no front; search by {nameof(PruneGen.Allocator.NonDominatedSorting)}.")
        : new Chart($"{Model}: error against cost", $"{Costs[0].Name}, % of dense", Dense.Error is null ? "loss" : "error, %")
        {
            Series =
            [
                new ChartSeries("front", [.. Front.Select(point => (100 * point.Cost, Shown(point.Error)))], HasLine: true),
                new ChartSeries("dense", [(100, Shown(Dense.Error ?? Dense.Loss))], HasLine: false),
            ],
        }.ToSvg();

    /// <summary>The front as a table; the cheapest comes first.</summary>
    public string FrontTable()
    {
        var table = new Table().AddColumns(
        [
            $"{Costs[0].Name}, % of dense", Dense.Error is null ? "loss" : "error",
            .. Groups.Select(group => group.Name).Concat(Bits.Select(BitsOf)).Select(Markup.Escape),
        ]);
        foreach (var point in Front)
        {
            table.AddRow([Text($"{100 * point.Cost:0.00}"), Score(point.Error), .. point.Kept.Select(kept => Text($"{kept}"))]);
        }

        return PlainText.Of(table, width: 200);
    }

    /// <summary>The result as a table, for a console that can draw one.</summary>
    public Table ToTable()
    {
        var table = new Table { Title = new TableTitle(Markup.Escape($"{Model}: ratios by {Allocator}, {Evaluations} evaluated")) }
            .AddColumns("", "dense", "limit", "found", "");
        foreach (var group in Groups)
        {
            table.AddRow([Markup.Escape($"width of {group.Name}"), Text($"{group.Dense:N0}"), "", Text($"{group.Kept:N0}"), Text($"Ratio = {group.Ratio}")]);
        }

        foreach (var layer in Bits)
        {
            table.AddRow([Markup.Escape(BitsOf(layer)), "32", "", Text($"{layer.Bits}"), Text($"Weights = {layer.Bits}")]);
        }

        foreach (var cost in Costs)
        {
            table.AddRow([
                Markup.Escape(cost.Name), Text($"{cost.Dense:#,0.###}"), Text($"{cost.Limit:#,0.###}"), Text($"{cost.Found:#,0.###}"),
                Text($"{100 * cost.Found / cost.Dense:0.0} %")]);
        }

        table.AddRow([Dense.Error is null ? "loss" : "error", Score(Dense.Error ?? Dense.Loss), "", Score(Found.Error ?? Found.Loss), "before retraining"]);
        table.Caption = Warning is null ? null : new TableTitle(Markup.Escape(Warning));
        return table;
    }

    /// <summary>The table as plain ASCII text, the same with a terminal and without.</summary>
    public override string ToString() => PlainText.Of(ToTable(), width: 120);

    private static string BitsOf(LayerBits layer) => $"bits of {layer.Layer}";

    private double Shown(double error) => Dense.Error is null ? error : 100 * error;

    private string Score(double error) => Dense.Error is null ? Text($"{error:f4}") : Text($"{100 * error:f2} %");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
