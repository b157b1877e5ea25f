using System.Text;

namespace PruneGen;

/// <summary>Several runs side by side.</summary>
internal static class ComparisonPage
{
    /// <summary>Reports of several runs, each with a name.</summary>
    public static string Draw(IReadOnlyList<(string Name, PruneReport Report)> reports)
    {
        var title = Html.Number($"{reports.Count} runs side by side");
        return Html.Page(title, $"<p class=\"soft\">PruneGen reports</p>\n<h1>{title}</h1>\n{Runs(reports)}");
    }

    /// <summary>The same as part of a page.</summary>
    public static string Runs(IReadOnlyList<(string Name, PruneReport Report)> reports)
    {
        var body = new StringBuilder();
        string[] head = ["", .. reports.Select(one => Html.Text(one.Name))];
        IReadOnlyList<string> Row(string name, Func<PruneReport, string> tell) => [name, .. reports.Select(one => tell(one.Report))];
        body.Append("<h2>What did each come to?</h2>\n").Append(Html.Table(head,
        [
            Row("model", report => Html.Text(report.Model)),
            Row("test error, or loss, before", report => ReportPage.Score(report.Dense)),
            Row("and now", report => $"<b>{ReportPage.Score(report.Final)}</b>"),
            Row("change", ReportPage.Difference),
            Row("parameters", report => Html.Number($"{report.Parameters.After:N0}")),
            Row("not zero", report => Html.Number($"{report.NonZeroParameters.After:N0}")),
            Row("less than before", report => ReportPage.Factor(report.Original?.Parameters ?? report.Parameters.Before, report.NonZeroParameters.After)),
            Row("multiply-accumulates", report => report.Macs is { } macs ? Html.Number($"{macs.After:N0}") : ""),
            Row("bytes", report => Html.Number($"{report.Bytes.After:N0}")),
            .. reports.SelectMany(one => one.Report.Latencies).Select(change => change.After.BatchSize).Distinct().Order().Select(size => Row(
                $"latency, batch {size}",
                report => report.Latencies.FirstOrDefault(change => change.After.BatchSize == size) is { } change
                    ? Html.Number($"{change.After.Milliseconds:f3} ms") : "")),
            Row("pruned by", report => Html.Text(string.Join("; ", report.PrunedBy.Values.Distinct()))),
            Row("seed", report => Html.Number($"{report.Options?.Retrain.Seed}")),
            Row("seconds", report => Html.Number($"{report.Seconds:f0}")),
        ]));
        body.Append("<div class=\"charts\">\n");
        body.Append(Front(
            "Parameters that are not zero", reports.Select(one => (one.Name, (double)one.Report.NonZeroParameters.After, Error(one.Report)))));
        body.Append(Front(
            "Multiply-accumulates",
            reports.Where(one => one.Report.Macs is not null).Select(one => (one.Name, (double)one.Report.Macs!.After, Error(one.Report)))));
        body.Append(Charts.Lines(
            "Test error, in percent, or loss", "epoch of retraining", [.. reports.Select(one => new Series(one.Name, EpochsOf(one.Report)))]));
        body.Append("</div>\n<h2>What is left of each group?</h2>\n");
        var groups = reports.SelectMany(one => one.Report.Groups.Select(group => group.Name)).Distinct().ToList();
        body.Append(Html.Table(head, groups.Select(name => Row(
            Html.Text(name),
            report => report.Groups.FirstOrDefault(group => group.Name == name) is { } group ? Html.Number($"{group.After:N0} of {group.Dense:N0}") : ""))));
        return body.ToString();
    }

    /// <summary>The runs of a comparison: recipes at several ratios and seeds.</summary>
    public static string Draw(ComparisonResult comparison) => Html.Page(
        "Recipes compared", $"<p class=\"soft\">PruneGen comparison</p>\n<h1>{TitleOf(comparison)}</h1>\n{Recipes(comparison)}");

    /// <summary>How a comparison is called.</summary>
    public static string TitleOf(ComparisonResult comparison) =>
        Html.Number($"{comparison.Runs.Select(run => run.Recipe).Distinct().Count()} recipes compared with one budget");

    /// <summary>The runs of a comparison as part of a page.</summary>
    public static string Recipes(ComparisonResult comparison)
    {
        var rows = comparison.Rows;
        var body = new StringBuilder("<div class=\"charts\">\n");
        body.Append(Front("Parameters, how many times fewer", rows.Select(row => (row.Recipe, row.Compression, 100 * row.Error)), joined: true));
        body.Append(Front(
            "Multiply-accumulates, how many times fewer",
            rows.Where(row => row.Speedup is not null).Select(row => (row.Recipe, row.Speedup!.Value, 100 * row.Error)),
            joined: true));
        body.Append("</div>\n").Append(Html.Table(
            ["recipe", "ratio", "test error", "dense", "not zero", "MACs", "epochs", "seconds", "seeds"],
            rows.Select(row => (IReadOnlyList<string>)
            [
                Html.Text(row.Recipe),
                Html.Number($"{row.Ratio:0.###}"),
                row.Seeds > 1 ? Html.Number($"{100 * row.Error:f2} ± {100 * row.Deviation:f2} %") : Html.Number($"{100 * row.Error:f2} %"),
                Html.Number($"{100 * row.DenseError:f2} %"),
                Html.Number($"{row.Compression:0.0}× fewer"),
                row.Speedup is double speedup ? Html.Number($"{speedup:0.0}× fewer") : "",
                Html.Number($"{row.Epochs}"),
                Html.Number($"{row.Seconds:0}"),
                Html.Number($"{row.Seeds}"),
            ])));
        return body.ToString();
    }

    /// <summary>Error over size: what lies lower left is better in both.</summary>
    private static string Front(string size, IEnumerable<(string Name, double Size, double Error)> runs, bool joined = false) => Charts.Lines(
        $"Test error in percent, or loss, over {size.ToLowerInvariant()}",
        size.ToLowerInvariant(),
        [.. runs.GroupBy(run => run.Name).Select(same => new Series(same.Key, [.. same.Select(run => (run.Size, run.Error)).OrderBy(point => point.Size)]))],
        joined);

    private static double Error(PruneReport report) => report.Final.Error is double error ? 100 * error : report.Final.Loss;

    private static IReadOnlyList<(double X, double Y)> EpochsOf(PruneReport report) =>
    [
        .. report.EarlierRounds.Append(report.Retraining).SelectMany(round => round.Epochs)
            .Select((epoch, i) => (i + 1.0, epoch.Test is { } test ? test.Error is double error ? 100 * error : test.Loss : double.NaN)),
    ];
}
