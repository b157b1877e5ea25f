using System.Text;

namespace PruneGen;

/// <summary>
/// What is known of how a model can be pruned, for one page by <see cref="HtmlReports.SaveHtml(PruneStudy, string)"/>: how sensitive it is to each group, what
/// searches have found, how recipes compare, and runs side by side. What is left out has no part on the page.
/// </summary>
public sealed record PruneStudy
{
    /// <summary>What stands above the page.</summary>
    public string Title { get; init; } = "What can be pruned";

    /// <summary>How sensitive the model is to each group.</summary>
    public SensitivityReport? Sensitivity { get; init; }

    /// <summary>What searches have found, those with a front of error against cost above all.</summary>
    public IReadOnlyList<RatioResult> Searches { get; init; } = [];

    /// <summary>How recipes compare.</summary>
    public ComparisonResult? Comparison { get; init; }

    /// <summary>Runs to be shown side by side, each with a name.</summary>
    public IReadOnlyList<(string Name, PruneReport Report)> Reports { get; init; } = [];

    /// <summary>The page.</summary>
    /// <exception cref="ArgumentException">There is nothing to show.</exception>
    internal string Draw()
    {
        (string Title, string Body)[] parts =
        [
            .. Sensitivity is null ? [] : new[] { (SearchPage.TitleOf(Sensitivity), SearchPage.Curves(Sensitivity)) },
            .. Searches.Select(search => (SearchPage.TitleOf(search), SearchPage.Found(search))),
            .. Comparison is null ? [] : new[] { (ComparisonPage.TitleOf(Comparison), ComparisonPage.Recipes(Comparison)) },
            .. Reports.Count == 0 ? [] : new[] { (Html.Number($"{Reports.Count} runs side by side"), ComparisonPage.Runs(Reports)) },
        ];
        if (parts.Length == 0)
        {
            throw new ArgumentException("The study holds nothing to show; give it a sensitivity, searches, a comparison or reports.");
        }

        var body = new StringBuilder($"<p class=\"soft\">PruneGen study</p>\n<h1>{Html.Text(Title)}</h1>\n");
        foreach (var (title, part) in parts)
        {
            body.Append($"<section>\n<h2 class=\"part\">{title}</h2>\n").Append(part).Append("</section>\n");
        }

        return Html.Page(Title, body.ToString());
    }
}
