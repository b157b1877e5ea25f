using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;

namespace PruneGen;

/// <summary>What the model answers with one group alone narrowed, without retraining.</summary>
/// <param name="Kept">How many pieces of it stay.</param>
/// <param name="Ratio">The share of the dense original that is gone.</param>
/// <param name="Evaluation">What it answers on the validation data.</param>
public sealed record SensitivityPoint(long Kept, double Ratio, Evaluation Evaluation);

/// <summary>How sensitive a model is to one group.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Pieces">How many pieces it has.</param>
/// <param name="Baseline">How bad the model is with all of them.</param>
/// <param name="Points">What it comes to with fewer, the narrowest first.</param>
public sealed record SensitivityCurve(string Name, long Pieces, double Baseline, IReadOnlyList<SensitivityPoint> Points)
{
    /// <summary>
    /// By how much the model is worse at each width, as a curve that never falls where more is removed: what a wider one loses, a narrower one loses too. The
    /// narrowest comes first, and all of the group, which loses nothing, last.
    /// </summary>
    public IReadOnlyList<(long Kept, double Loss)> Envelope()
    {
        var (envelope, most) = (new List<(long, double)> { (Pieces, 0.0) }, 0.0);
        foreach (var point in Points.Where(point => point.Kept < Pieces).OrderByDescending(point => point.Kept))
        {
            most = Math.Max(most, SearchContext.Badness(point.Evaluation) - Baseline);
            envelope.Add((point.Kept, most));
        }

        envelope.Reverse();
        return envelope;
    }

    /// <summary>The fewest pieces with which the model is no worse than by so much, between measured widths in a straight line; all where that is below
    /// 0.</summary>
    public double KeptAt(double loss)
    {
        var envelope = Envelope();
        for (var i = envelope.Count - 1; i > 0; i--)
        {
            var ((narrow, more), (wide, less)) = (envelope[i - 1], envelope[i]);
            if (more > loss)
            {
                return loss < less ? wide : wide - ((wide - narrow) * (loss - less) / (more - less));
            }
        }

        return loss < 0 ? Pieces : envelope[0].Kept;
    }

    /// <summary>By how much the model is worse with so many pieces, between measured widths in a straight line.</summary>
    internal double LossAt(long kept)
    {
        var envelope = Envelope();
        for (var i = 1; i < envelope.Count; i++)
        {
            var ((narrow, more), (wide, less)) = (envelope[i - 1], envelope[i]);
            if (kept <= wide)
            {
                // The fraction first: the worst of all has no product.
                return less + ((more - less) * ((double)(wide - Math.Max(kept, narrow)) / (wide - narrow)));
            }
        }

        return 0;
    }
}

/// <summary>How sensitive a model is to each of its groups: as a table and a picture for people, as JSON for programs.</summary>
public sealed record SensitivityReport
{
    private const int MostPoints = 10;

    /// <summary>Name of the model's class.</summary>
    public required string Model { get; init; }

    /// <summary>What the model answers with nothing removed, running statistics estimated anew as for every point.</summary>
    public required Evaluation Baseline { get; init; }

    /// <summary>The groups, in the order of <c>forward</c>.</summary>
    public required IReadOnlyList<SensitivityCurve> Groups { get; init; }

    /// <summary>Reads a report that <see cref="ToJson"/> wrote.</summary>
    /// <exception cref="JsonException">The text is something else.</exception>
    public static SensitivityReport FromJson(string json) =>
        JsonSerializer.Deserialize(json, SearchJson.Default.SensitivityReport) ?? throw new JsonException("The text is null where curves should be.");

    /// <summary>The report as indented JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, SearchJson.Default.SensitivityReport);

    /// <summary>The curves as an SVG picture: the error, or the loss, over the share of each group that is gone.</summary>
    public string ToSvg() => new Chart($"{Model}: each group by itself", "share removed", Baseline.Error is null ? "loss" : "error, %")
    {
        Series =
        [
            .. Groups.Select(group => new ChartSeries(
                group.Name,
                [.. group.Points.Select(point => (point.Ratio, Shown(point.Evaluation))).Append((0, Shown(Baseline))).OrderBy(point => point.Item1)],
                HasLine: true)),
        ],
    }.ToSvg();

    /// <summary>The curves as a table, a row for each point.</summary>
    public Table ToTable()
    {
        var table = new Table { Title = new TableTitle(Markup.Escape($"{Model}: each group by itself")) }
            .AddColumns("group", "kept", "of", "removed", Baseline.Error is null ? "loss" : "error", "more than all");
        foreach (var (group, point) in Groups.SelectMany(group => group.Points.OrderByDescending(point => point.Kept), (group, point) => (group, point)))
        {
            var difference = Shown(point.Evaluation) - Shown(Baseline);
            string[] cells =
            [
                group.Name, Text($"{point.Kept:N0}"), Text($"{group.Pieces:N0}"), Text($"{100 * point.Ratio:0.#} %"),
                double.IsNaN(point.Evaluation.Loss) ? "NaN" : Baseline.Error is null ? Text($"{Shown(point.Evaluation):f4}")
                    : Text($"{Shown(point.Evaluation):f2} %"),
                Text($"{difference:+0.00##;-0.00##;0.00}"),
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        return table;
    }

    /// <summary>The table as plain ASCII text, the same with a terminal and without.</summary>
    public override string ToString() => PlainText.Of(ToTable(), width: 120);

    /// <summary>
    /// At how many widths of each group curves are measured, all of it among them, so that with what is found they are no more evaluations than the settings
    /// allow.
    /// </summary>
    /// <param name="context">What evaluates.</param>
    /// <param name="allocator">What asks, for the message.</param>
    /// <param name="most">How many widths at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">One narrower width of each group is more than the settings allow already.</exception>
    internal static int PointsFor(SearchContext context, string allocator, int most = MostPoints + 1)
    {
        // One evaluation is of all that there is, and one of the choice that is found.
        var (groups, allowed) = (context.Space.Groups, context.Settings.Evaluations);
        int EvaluationsFor(int points) => groups.Sum(group => group.Grid(points).Length - 1) + 2;
        var points = (int)Math.Clamp(groups.Select(group => group.Count - group.Least + 1).DefaultIfEmpty(2).Max(), 2, most);
        while (points > 2 && EvaluationsFor(points) > allowed)
        {
            points--;
        }

        return EvaluationsFor(points) <= allowed ? points : throw new ArgumentOutOfRangeException(
            nameof(SearchSettings.Evaluations),
            allowed,
            $"{allocator} measures {groups.Count} groups and layers of {context.Plan.Model.GetType().Name} each by itself, and "
                + $"{nameof(SearchSettings.Evaluations)} is {allowed}; give {EvaluationsFor(points)} or more, or an allocator that measures less, such as "
                + $"{nameof(Allocator.Annealing)}.");
    }

    /// <summary>Measures the curves.</summary>
    /// <param name="context">What evaluates.</param>
    /// <param name="points">At how many widths of each group at most, all of it among them.</param>
    internal static SensitivityReport Measure(SearchContext context, int points)
    {
        var space = context.Space;
        var grids = space.Groups.Select(group => group.Grid(points)).ToList();
        var all = space.All;
        var most = grids.Sum(grid => grid.Length - 1) + 1;
        context.EvaluateAhead(
            [all, .. space.Groups.SelectMany((group, i) => grids[i].Where(kept => kept < group.Count).Select(kept => With(i, kept)))], most);
        var baseline = context.Measure(all, most);
        if (!double.IsFinite(baseline.Loss))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"With its running statistics estimated by the training data the loss of {context.Plan.Model.GetType().Name} is {baseline.Loss}, which it is ")
                    + "not without; see that the training data holds no NaN or infinite value.");
        }

        return new SensitivityReport
        {
            Model = context.Plan.Model.GetType().Name,
            Baseline = baseline,
            Groups =
            [
                .. space.Groups.Select((group, i) => new SensitivityCurve(
                    group.Name,
                    group.Count,
                    SearchContext.Badness(baseline),
                    [
                        .. grids[i].Where(kept => kept < group.Count)
                            .Select(kept => new SensitivityPoint(kept, group.RatioOf(kept), context.Measure(With(i, kept), most))),
                    ])),
            ],
        };

        long[] With(int group, long kept)
        {
            var one = (long[])all.Clone();
            one[group] = kept;
            return one;
        }
    }

    private static double Shown(Evaluation evaluation) => evaluation.Error is double error ? 100 * error : evaluation.Loss;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
