using System.Text;
using System.Text.Json;

namespace PruneGen;

/// <summary>A report as a page that answers what a stranger asks: what was removed, what did it cost, is it faster, how do I use it.</summary>
/// <param name="report">The report.</param>
internal sealed class ReportPage(PruneReport report)
{
    /// <summary>The picture of the groups, as SVG; null where the model is not at hand.</summary>
    public string? Graph { get; init; }

    /// <summary>The weights that stayed; none where the model is not at hand.</summary>
    public IReadOnlyList<WeightHistogram> Histograms { get; init; } = [];

    /// <summary>Why some groups are only nearly the same when channels leave them, by name.</summary>
    public IReadOnlyDictionary<string, string> Inexact { get; init; } = new Dictionary<string, string>();

    /// <summary>The name of the file that holds the model; null where none is known.</summary>
    public string? File { get; init; }

    private long DenseParameters => report.Original?.Parameters ?? report.Parameters.Before;

    /// <summary>The page.</summary>
    public string Draw()
    {
        var body = new StringBuilder();
        body.Append("<p class=\"soft\">PruneGen report</p>\n");
        body.Append($"<h1>{Html.Text(report.Model)}, pruned ({Html.Text(report.Granularity.ToLowerInvariant())})</h1>\n");
        body.Append("<div class=\"cards\">\n").Append(string.Concat(Cards())).Append("</div>\n");
        if (report.IsCompactedSince)
        {
            body.Append("<p class=\"soft\">More was removed since the run: widths, parameters, MACs and bytes are those of now, errors and latency those of ")
                .Append("the run.</p>\n");
        }

        if (report.Warning is { } warning)
        {
            body.Append($"<p class=\"soft\">{Html.Text(warning)}</p>\n");
        }

        body.Append(Removed()).Append(Cost()).Append(Faster()).Append(Use()).Append(Inside()).Append(Made());
        return Html.Page($"{report.Model}, pruned", body.ToString());
    }

    /// <summary>How an evaluation is told: the error where there is one, else the loss.</summary>
    public static string Score(Evaluation evaluation) =>
        evaluation.Error is double error ? Html.Number($"{100 * error:f2} %") : Html.Number($"{evaluation.Loss:f4}");

    /// <summary>By what factor something has become less, or more.</summary>
    public static string Factor(double before, double after, string less = "less", string more = "more") =>
        before == after || before <= 0 || after <= 0 ? "the same"
        : after < before ? Html.Number($"{before / after:f2}× {less}")
        : Html.Number($"{after / before:f2}× {more}");

    /// <summary>By how much the error, or the loss, has changed.</summary>
    public static string Difference(PruneReport report) => report is { Final.Error: double final, Dense.Error: double dense }
        ? Html.Number($"{100 * (final - dense):+0.00;−0.00;±0.00} points")
        : Html.Number($"{report.Final.Loss - report.Dense.Loss:+0.0000;−0.0000;±0.0000}");

    private IEnumerable<string> Cards()
    {
        yield return Card(
            "parameters that are not zero",
            Html.Number($"{report.NonZeroParameters.After:N0}"),
            Than(DenseParameters, report.NonZeroParameters.After, Html.Number($"{DenseParameters:N0}")));
        if (report.Macs is { } macs)
        {
            yield return Card(
                "multiply-accumulates", Html.Number($"{macs.After:N0}"), $"{Factor(report.Original?.Macs ?? macs.Before, macs.After)} for one sample");
        }

        var bytes = report.Original?.Bytes ?? report.Bytes.Before;
        yield return Card("size of the weights", Size(report.Bytes.After), Than(bytes, report.Bytes.After, Size(bytes)));
        yield return Card(
            report.Final.Error is null ? "test loss" : "test error",
            Score(report.Final),
            $"{Difference(report)} against {Score(report.Dense)}",
            report.Final.IsBetterThan(report.Dense) ? "good" : "");
        foreach (var change in report.Latencies.Take(1))
        {
            yield return Card(
                $"latency, batch {change.After.BatchSize}",
                Html.Number($"{change.After.Milliseconds:f3} ms"),
                change.IsClear ? Factor(change.Before.Milliseconds, change.After.Milliseconds, "faster", "slower") : "no change beyond the noise",
                !change.IsClear ? "" : change.After.Milliseconds < change.Before.Milliseconds ? "good" : "bad");
        }
    }

    private string Removed()
    {
        var text = new StringBuilder("<h2 id=\"removed\">What was removed?</h2>\n");
        text.Append("<p class=\"soft\"><span class=\"key b\" style=\"margin-left:0\"></span>before<span class=\"key a\"></span>now</p>\n");
        if (report.Groups.Count > 0)
        {
            text.Append("<h3>Widths: what shrinks together</h3>\n").Append(Charts.Bars(report.Groups.Select(group => (
                group.Name,
                (double)group.Dense,
                (double)group.After,
                Html.Number($"{group.After:N0} of {group.Dense:N0}{(group.IsShort ? $", {100 * group.Asked:0.#} % were to go" : "")}")
                    + (report.PrunedBy.TryGetValue(group.Name, out var by) ? $", by {Html.Text(by)}" : "")))));
            foreach (var (group, because) in Inexact)
            {
                text.Append($"<p class=\"soft\">{Html.Text(group)} is inexact: {Html.Text(because)}</p>\n");
            }
        }

        if (report.Layers.Count > 0)
        {
            text.Append("<h3>Weights of each layer that are not zero</h3>\n").Append(Charts.Bars(report.Layers.Select(layer => (
                layer.Parameter,
                (double)layer.Dense,
                (double)layer.NonZero,
                Html.Number($"{layer.NonZero:N0} of {layer.Dense:N0}, {100.0 * (layer.Dense - layer.NonZero) / Math.Max(1, layer.Dense):0.#} % gone"))),
                each: true));
        }

        return text.ToString();
    }

    private string Cost()
    {
        var text = new StringBuilder("<h2 id=\"cost\">What did it cost?</h2>\n");
        var isError = report.Final.Error is not null;
        var rows = new List<IReadOnlyList<string>>
        {
            new[] { report.Original is null ? "dense" : "before this run", Score(report.Dense), Html.Number($"{report.Dense.Loss:f4}") },
            new[] { "pruned, not retrained", Score(report.Pruned), Html.Number($"{report.Pruned.Loss:f4}") },
            new[] { "pruned and retrained", $"<b>{Score(report.Final)}</b>", Html.Number($"{report.Final.Loss:f4}") },
        };
        if (report.Retraining.Best is { } best)
        {
            rows.Add([Html.Number($"best seen, in epoch {best.Epoch}"), Score(best.Test!), Html.Number($"{best.Test!.Loss:f4}")]);
        }

        text.Append(Html.Table(["the model", isError ? "test error" : "test loss", "test loss"], rows));
        text.Append(Html.Number($"<p class=\"soft\">Measured on {report.Final.Samples:N0} samples."));
        text.Append(isError ? Html.Number($" With as many, an error of this size is uncertain by about {100 * Uncertainty():0.00} points.</p>\n") : "</p>\n");

        // The rounds one behind the other, as they were trained.
        var epochs = report.EarlierRounds.Append(report.Retraining).SelectMany(round => round.Epochs).Select((epoch, i) => (X: i + 1.0, epoch)).ToList();
        if (epochs.Count > 0)
        {
            var tested = epochs.Where(one => one.epoch.Test is not null).ToList();
            text.Append("<div class=\"charts\">\n");
            text.Append(isError
                ? Charts.Lines("Test error, in percent", "epoch of retraining",
                [
                    new Series("retrained", [.. tested.Select(one => (one.X, 100 * (one.epoch.Test!.Error ?? double.NaN)))]),
                    new Series("dense", [.. epochs.Select(one => (one.X, 100 * (report.Dense.Error ?? double.NaN)))]),
                ])
                : "");
            text.Append(Charts.Lines("Loss", "epoch of retraining",
            [
                new Series("training", [.. epochs.Select(one => (one.X, one.epoch.TrainLoss))]),
                new Series("test", [.. tested.Select(one => (one.X, one.epoch.Test!.Loss))]),
            ]));
            text.Append(Charts.Lines(
                "Learning rate at the end of the epoch",
                "epoch of retraining",
                [new Series("learning rate", [.. epochs.Select(one => (one.X, one.epoch.LearningRate))])]));
            text.Append("</div>\n");
        }

        return text.ToString();
    }

    /// <summary>The standard error of a share of wrong answers.</summary>
    private double Uncertainty() => report.Final.Error is double error && report.Final.Samples > 0 ? Math.Sqrt(error * (1 - error) / report.Final.Samples) : 0;

    private string Faster()
    {
        var text = new StringBuilder("<h2 id=\"faster\">Is it smaller, and is it faster?</h2>\n");
        var rows = new List<IReadOnlyList<string>> { Row("parameters", report.Parameters, report.Original?.Parameters) };
        if (report.NonZeroParameters != report.Parameters)
        {
            rows.Add(Row("of these not zero", report.NonZeroParameters, report.Original?.Parameters));
        }

        if (report.Macs is { } macs)
        {
            rows.Add(Row("multiply-accumulates of a sample", macs, report.Original?.Macs));
        }

        rows.Add(Row("bytes", report.Bytes, report.Original?.Bytes));
        foreach (var change in report.Latencies)
        {
            rows.Add(
            [
                $"latency, batch {change.After.BatchSize}",
                Html.Number($"{change.Before.Milliseconds:f3} ms"),
                Html.Number($"{change.After.Milliseconds:f3} ms"),
                change.IsClear ? Factor(change.Before.Milliseconds, change.After.Milliseconds, "faster", "slower") : "within the noise",
            ]);
        }

        text.Append(Html.Table(["", "before", "now", "change"], rows));
        if (report.Latencies.FirstOrDefault()?.After is { } measured)
        {
            text.Append(Html.Number($"<p class=\"soft\">Latency is the median of {measured.Runs} forward passes, both models by turns, on "));
            text.Append(Html.Number($"{Html.Text(measured.Device)} with {measured.Threads} {(measured.Threads == 1 ? "thread" : "threads")}.</p>\n"));
        }

        if (report.UncountedMacs.Count > 0)
        {
            text.Append($"<p class=\"soft\">Multiply-accumulates are without {Html.Text(string.Join(", ", report.UncountedMacs))}.</p>\n");
        }

        if (report.Parameters.After == report.Parameters.Before && report.NonZeroParameters.After < report.NonZeroParameters.Before)
        {
            text.Append("<p>Single weights are zero, and layers are as wide as before: the file packs better, and ordinary kernels take the same ")
                .Append("time.</p>\n");
        }

        return text.ToString();
    }

    private static string[] Row(string name, Change change, long? dense) =>
        [name, Html.Number($"{dense ?? change.Before:N0}"), Html.Number($"{change.After:N0}"), Factor(dense ?? change.Before, change.After)];

    private string Use()
    {
        var file = File ?? $"{report.Model.ToLowerInvariant()}.prune";
        var save = File is null ? Html.Text($"model.SavePruned(\"{file}\");  // once, in the program that pruned it\n") : "";
        var load = Html.Text($"using var model = {report.Model}.LoadPruned(\"{file}\");  // the widths come with the file");
        return "<h2 id=\"use\">How do I use it?</h2>\n"
            + $"<pre><code>{save}{load}\nmodel.eval();\nusing var output = model.call(input);</code></pre>\n"
            + "<p>It is the same class with narrower layers: whatever took the dense model takes it. What was set to zero is held at zero by whatever trains "
            + "it, until <code>model.ReleaseMasks()</code>.</p>\n";
    }

    private string Inside()
    {
        if (Graph is null && Histograms.Count == 0)
        {
            return "";
        }

        var text = new StringBuilder("<h2 id=\"inside\">What is inside now?</h2>\n");
        if (Histograms.Count > 0)
        {
            text.Append("<div class=\"charts\">\n").Append(string.Concat(Histograms.Select(Charts.Histogram))).Append("</div>\n");
        }

        if (Graph is not null)
        {
            // As a picture: its style sheet is for itself alone.
            var bytes = Convert.ToBase64String(Encoding.UTF8.GetBytes(Graph));
            text.Append("<h3>What shrinks together</h3>\n<div class=\"scroll\"><img class=\"picture\" alt=\"The groups of the model, between the layers that ")
                .Append("make them and those that read them\" src=\"data:image/svg+xml;base64,").Append(bytes).Append("\"/></div>\n");
        }

        return text.ToString();
    }

    private string Made()
    {
        var rows = new List<IReadOnlyList<string>>();
        if (report.Options is { } options)
        {
            rows.Add(["seed", Html.Number($"{options.Retrain.Seed}")]);
            rows.Add(["ratio", Html.Number($"{options.Ratio:0.####}")]);
            rows.Add(["criterion", Html.Text($"{options.Criterion}")]);
            rows.Add(["schedule", Html.Text(report.Schedule ?? "")]);
            var retrain = options.Retrain;
            rows.Add(["retraining", Html.Number($"{retrain.Epochs} epochs, {retrain.Optimizer}, learning rate {retrain.LearningRate:g4}, {retrain.Schedule}")]);
        }

        rows.Add(["the whole run took", Html.Number($"{TimeSpan.FromSeconds(report.Seconds):d\\.hh\\:mm\\:ss}").TrimStart('0').TrimStart('.')]);
        if (report.Environment is { } place)
        {
            rows.Add(["finished", Html.Number($"{place.Finished:yyyy-MM-dd HH:mm:ss zzz}")]);
            rows.Add(["PruneGen", Html.Text(place.PruneGen)]);
            rows.Add(["TorchSharp", Html.Text(place.TorchSharp)]);
            rows.Add(["run on", Html.Text($"{place.Runtime}, {place.System}, {place.Threads} {(place.Threads == 1 ? "thread" : "threads")}")]);
        }

        var json = report.Options is null ? ""
            : $"<details><summary>All options</summary><pre><code>{Html.Text(OptionsText(report.Options))}</code></pre></details>\n";
        return $"<h2 id=\"made\">How was it made?</h2>\n{Html.Table(["", ""], rows, ofNumbers: false)}{json}";
    }

    private static string OptionsText(PruneOptions options)
    {
        using var json = JsonDocument.Parse(JsonSerializer.Serialize(options, CheckpointJson.Default.PruneOptions));
        return JsonSerializer.Serialize(json.RootElement, new JsonSerializerOptions { WriteIndented = true });
    }

    private static string Card(string name, string value, string said, string kind = "") =>
        $"<div class=\"card\"><span class=\"soft\">{name}</span><b>{value}</b><span class=\"{(kind.Length > 0 ? kind : "soft")}\">{said}</span></div>\n";

    private static string Than(long before, long after, string told) => before == after ? "as before" : $"{Factor(before, after)} than {told}";

    private static string Size(long bytes) => bytes switch
    {
        >= 1 << 30 => Html.Number($"{bytes / (double)(1 << 30):0.##} GiB"),
        >= 1 << 20 => Html.Number($"{bytes / (double)(1 << 20):0.##} MiB"),
        >= 1 << 10 => Html.Number($"{bytes / (double)(1 << 10):0.##} KiB"),
        _ => Html.Number($"{bytes} bytes"),
    };
}
