using System.Text;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Reports as HTML: one file that opens without a network, light or dark as the reader's machine is, on a wide screen and a narrow one.
/// </summary>
public static class HtmlReports
{
    /// <summary>Saves a report: what was removed, what it cost, whether it is faster, how to use it, and how it was made.</summary>
    /// <param name="report">The report.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <param name="model">The pruned model, to draw its groups and the histograms of its weights too; null for a page without them.</param>
    /// <exception cref="ArgumentException">Nothing was generated for the model.</exception>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SaveHtml(this PruneReport report, string path, nn.Module? model = null) => Save(path, report.ToHtml(model));

    /// <summary>The same as a text.</summary>
    /// <inheritdoc cref="SaveHtml(PruneReport, string, nn.Module)"/>
    public static string ToHtml(this PruneReport report, nn.Module? model = null)
    {
        if (model is null)
        {
            return new ReportPage(report).Draw();
        }

        if (model is not IPrunable)
        {
            throw new ArgumentException(
                $"Nothing was generated for {model.GetType().Name}, so its groups are not known; put [Prunable] on its class.", nameof(model));
        }

        var plan = PruningPlan.LinkModel(model, options: null, []);
        return new ReportPage(report)
        {
            Graph = PlanGraph.ToSvg(plan),
            Histograms = WeightHistogram.Of(plan),
            Inexact = plan.Groups.Where(group => !group.Exact).ToDictionary(group => group.Name, group => group.InexactBecause!, StringComparer.Ordinal),
        }.Draw();
    }

    /// <summary>Saves several reports side by side: errors, sizes, error over size, and what is left of each group.</summary>
    /// <param name="reports">The reports, each with a name.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="ArgumentException">There is none.</exception>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SaveHtml(this IEnumerable<(string Name, PruneReport Report)> reports, string path)
    {
        var all = reports.ToList();
        Save(path, all.Count > 0 ? ComparisonPage.Draw(all) : throw new ArgumentException("There is no report to show; give one or more.", nameof(reports)));
    }

    /// <summary>Saves what a comparison of recipes came to.</summary>
    /// <param name="comparison">The comparison.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SaveHtml(this ComparisonResult comparison, string path) => Save(path, ComparisonPage.Draw(comparison));

    /// <summary>Saves what a search found: the ratios, what they cost, and the front of error against cost where there is one.</summary>
    /// <param name="search">What <c>FindRatios</c> found.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SaveHtml(this RatioResult search, string path) => Save(path, Html.Page(
        $"{search.Model}: ratios found",
        $"<p class=\"soft\">PruneGen search</p>\n<h1>{SearchPage.TitleOf(search)}</h1>\n{SearchPage.Found(search)}"));

    /// <summary>Saves how sensitive a model is to each of its groups.</summary>
    /// <param name="sensitivity">What <c>AnalyzeSensitivity</c> measured.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SaveHtml(this SensitivityReport sensitivity, string path) => Save(path, Html.Page(
        $"{sensitivity.Model}: sensitivity",
        $"<p class=\"soft\">PruneGen sensitivity</p>\n<h1>{SearchPage.TitleOf(sensitivity)}</h1>\n{SearchPage.Curves(sensitivity)}"));

    /// <summary>Saves all that is known of how a model can be pruned, on one page.</summary>
    /// <param name="study">What is known.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="ArgumentException">Nothing is.</exception>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void SaveHtml(this PruneStudy study, string path) => Save(path, study.Draw());

    /// <summary>Saves the report that is in a <c>.prune</c> file. The model's class is not needed.</summary>
    /// <param name="pruneFile">The file that <c>SavePruned</c> wrote.</param>
    /// <param name="path">Where to; a file of that name is replaced once the new one is complete.</param>
    /// <exception cref="InvalidDataException">The file is not one of these, or holds no report.</exception>
    /// <exception cref="IOException">A file cannot be read or written.</exception>
    public static void SaveHtml(string pruneFile, string path)
    {
        var report = PruneFile.ReadHeader(pruneFile).Report ?? throw new InvalidDataException(
            $"{pruneFile} holds no report: its model was saved without having been pruned by PruneAndRetrain.");
        Save(path, new ReportPage(report) { File = Path.GetFileName(pruneFile) }.Draw());
    }

    private static void Save(string path, string page) => AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(page)));
}
