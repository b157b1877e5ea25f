using System.Globalization;
using Spectre.Console;

namespace PruneGen;

/// <summary>A report as a table for people.</summary>
internal sealed class ReportTable(PruneReport report)
{
    /// <summary>The table, for a console that can draw one.</summary>
    public Table Draw()
    {
        var table = new Table { Title = new TableTitle(Markup.Escape($"{report.Model}, pruned ({report.Granularity.ToLowerInvariant()})")) };
        table.AddColumn("");
        if (report.Original is not null)
        {
            table.AddColumn(new TableColumn("dense").RightAligned());
        }

        table.AddColumn(new TableColumn(report.Original is null ? "dense" : "before").RightAligned());
        table.AddColumn(new TableColumn("pruned").RightAligned());
        table.AddColumn(new TableColumn("change").RightAligned());
        void Row(string name, string before, string after, string change = "", long? dense = null)
        {
            string[] cells = [name, before, after, change];
            var original = dense is long number ? Text($"{number:N0}") : "";
            table.AddRow([.. (report.Original is null ? cells : [name, original, before, after, change]).Select(Markup.Escape)]);
        }

        // Where something had been removed before, what is gone is told of the dense original.
        void Counted(string name, long before, long after, long? dense = null) =>
            Row(name, Text($"{before:N0}"), Text($"{after:N0}"), Factor(dense ?? before, after, "less", "more"), dense);

        var differ = report.PrunedBy.Values.Distinct().Skip(1).Any();
        foreach (var group in report.Groups)
        {
            var by = differ && report.PrunedBy.TryGetValue(group.Name, out var how) ? $" ({how})" : "";
            var change = Factor(group.Dense, group.After, "less", "more");
            var missed = group.IsShort ? Text($"{100 * group.Removed:0.#} % of {100 * group.Asked:0.#} % asked") : "";
            Row(
                $"width of {group.Name}{by}",
                Text($"{group.Before:N0}"),
                Text($"{group.After:N0}"),
                change.Length > 0 && missed.Length > 0 ? $"{change}, {missed}" : change + missed,
                group.Dense);
        }

        if (report.Pool is { IsShort: true } pool)
        {
            Row(
                "widths ranked together",
                Text($"{pool.Before:N0}"),
                Text($"{pool.After:N0}"),
                Text($"{100 * pool.Removed:0.#} % of {100 * pool.Asked:0.#} % asked"));
        }

        Counted("parameters", report.Parameters.Before, report.Parameters.After, report.Original?.Parameters);
        if (report.NonZeroParameters != report.Parameters)
        {
            Counted("not zero", report.NonZeroParameters.Before, report.NonZeroParameters.After, report.Original?.Parameters);
        }

        if (report.Macs is not null)
        {
            var without = report.UncountedMacs.Count == 0 ? "" : $", without {string.Join(", ", report.UncountedMacs)}";
            Counted($"MACs{without}", report.Macs.Before, report.Macs.After, report.Original?.Macs);
        }

        Counted("bytes", report.Bytes.Before, report.Bytes.After, report.Original?.Bytes);
        if (report.OnDisk is { } disk)
        {
            Counted("bytes on disk", report.Bytes.Before, disk.Total, report.Original?.Bytes);
            (string Name, long Bytes)[] parts =
            [
                ("header", disk.Header), ("positions", disk.Positions), ("codes", disk.Codes), ("tables", disk.Tables), ("values", disk.Values),
                ("held", disk.Held), ("framing", disk.Framing),
            ];
            foreach (var (name, bytes) in parts.Where(part => part.Bytes > 0))
            {
                Row($"  {name}", "", Text($"{bytes:N0}"));
            }
        }

        if (report.Final.Error is not null)
        {
            Row("test error", Score(report.Dense), Score(report.Final), Text($"{100 * (report.Final.Error - report.Dense.Error):+0.00;-0.00;0.00} points"));
        }
        else
        {
            Row("test loss", Score(report.Dense), Score(report.Final), Text($"{report.Final.Loss - report.Dense.Loss:+0.0000;-0.0000;0.0000}"));
        }

        Row("  before retraining", "", Score(report.Pruned));
        foreach (var step in report.Steps)
        {
            Row($"  {step.Name}", "", Score(step.Test));
        }

        if (report.Retraining.Best is EpochResult best)
        {
            Row($"  best seen, in epoch {best.Epoch}", "", Score(best.Test!));
        }

        foreach (var change in report.Latencies)
        {
            var (before, after) = change;
            Row(
                $"latency, batch {before.BatchSize}",
                Text($"{before.Milliseconds:f3} ms"),
                Text($"{after.Milliseconds:f3} ms"),
                change.IsClear ? Factor(before.Milliseconds, after.Milliseconds, "faster", "slower") : "within the noise");
        }

        var notes = new List<string>();
        if (report.Latencies.Count > 0)
        {
            var measured = report.Latencies[0].After;
            notes.Add(
                $"latency: median on {measured.Device}, {measured.Threads} {(measured.Threads == 1 ? "thread" : "threads")}"
                    + $"{(report.IsCompactedSince ? "; compacted since: error and latency are of the run" : "")}");
        }

        if (report.Warning is not null)
        {
            notes.Add(report.Warning);
        }

        table.Caption = notes.Count > 0 ? new TableTitle(Markup.Escape(string.Join("\n", notes))) : null;
        return table;
    }

    /// <summary>The table as plain ASCII text, the same with a terminal and without.</summary>
    public override string ToString() => PlainText.Of(Draw(), width: 100);

    private static string Score(Evaluation evaluation) => evaluation.Error is double error ? Text($"{100 * error:f2} %") : Text($"{evaluation.Loss:f4}");

    /// <summary>By what factor something has become less (<c>3.94x less</c>), or more.</summary>
    private static string Factor(double before, double after, string less, string more) =>
        before == after || before <= 0 || after <= 0 ? ""
        : after < before ? Text($"{before / after:f2}x {less}")
        : Text($"{after / before:f2}x {more}");

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
