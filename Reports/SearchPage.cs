using System.Text;

namespace PruneGen;

/// <summary>What was searched for before a model was pruned, as parts of pages.</summary>
internal static class SearchPage
{
    /// <summary>How a search is called.</summary>
    public static string TitleOf(RatioResult search) => Html.Text($"{search.Model}: ratios by {search.Allocator}");

    /// <summary>How curves are called.</summary>
    public static string TitleOf(SensitivityReport sensitivity) => Html.Text($"{sensitivity.Model}: how sensitive it is to each group");

    /// <summary>The front of error against cost, where there is one, what the found ratios cost, and how wide they leave each group.</summary>
    public static string Found(RatioResult search)
    {
        var isError = search.Dense.Error is not null;
        double Shown(double badness) => isError ? 100 * badness : badness;
        var body = new StringBuilder();
        if (search.Warning is { } warning)
        {
            body.Append($"<p class=\"soft\">{Html.Text(warning)}</p>\n");
        }

        if (search.Front.Count > 0)
        {
            var cost = search.Costs[0].Name;
            body.Append("<div class=\"charts\">\n").Append(Charts.Lines(
                isError ? $"Error before retraining, in percent, over {cost}" : $"Loss before retraining over {cost}",
                $"{cost}, in percent of the dense model",
                [
                    new Series("choices that no other beats in both", [.. search.Front.Select(point => (100 * point.Cost, Shown(point.Error)))]),
                    new Series("dense", [(100, Shown(search.Dense.Error ?? search.Dense.Loss))]),
                    new Series("chosen", [(100 * search.Costs[0].Found / search.Costs[0].Dense, Shown(search.Found.Error ?? search.Found.Loss))]),
                ])).Append("</div>\n");
        }

        body.Append(Html.Table(
            ["", "dense", "limit", "found", "of dense"],
            search.Costs.Select(cost => (IReadOnlyList<string>)
            [
                Html.Text(cost.Name),
                Html.Number($"{cost.Dense:#,0.###}"),
                Html.Number($"{cost.Limit:#,0.###}"),
                Html.Number($"{cost.Found:#,0.###}"),
                Html.Number($"{100 * cost.Found / cost.Dense:0.0} %"),
            ]).Append(
            [
                isError ? "error before retraining" : "loss before retraining", ReportPage.Score(search.Dense), "", ReportPage.Score(search.Found), "",
            ])));
        body.Append(Charts.Bars(search.Groups.Select(group => (
            group.Name, (double)group.Dense, (double)group.Kept, Html.Number($"{group.Kept:N0} of {group.Dense:N0}, Ratio = {group.Ratio}")))));
        return body.Append(Html.Number($"<p class=\"soft\">{search.Evaluations} choices were tried.</p>\n")).ToString();
    }

    /// <summary>Curves of each group by itself, a few to a chart, with the same axes.</summary>
    public static string Curves(SensitivityReport sensitivity)
    {
        var isError = sensitivity.Baseline.Error is not null;
        double Shown(Evaluation evaluation) => evaluation.Error is double error ? 100 * error : evaluation.Loss;
        var curves = sensitivity.Groups.Select(group => new Series(
            group.Name,
            [
                .. group.Points.Select(point => (X: 100 * point.Ratio, Y: Shown(point.Evaluation))).Append((X: 0.0, Y: Shown(sensitivity.Baseline)))
                    .OrderBy(point => point.X),
            ])).ToList();
        var highest = curves.SelectMany(curve => curve.Points).Select(point => point.Y).Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var body = new StringBuilder("<div class=\"charts\">\n");
        foreach (var some in curves.Chunk(Charts.Colours))
        {
            body.Append(Charts.Lines(
                $"{(isError ? "Error, in percent" : "Loss")}, with one group alone narrowed", "percent of the group removed", some, highest: highest));
        }

        return body.Append("</div>\n<details><summary>All points</summary>\n").Append(Html.Table(
            ["group", "kept", "of", "removed", isError ? "error" : "loss"],
            sensitivity.Groups.SelectMany(group => group.Points.OrderByDescending(point => point.Kept), (group, point) => (IReadOnlyList<string>)
            [
                Html.Text(group.Name),
                Html.Number($"{point.Kept:N0}"),
                Html.Number($"{group.Pieces:N0}"),
                Html.Number($"{100 * point.Ratio:0.#} %"),
                ReportPage.Score(point.Evaluation),
            ]))).Append("</details>\n").ToString();
    }
}
