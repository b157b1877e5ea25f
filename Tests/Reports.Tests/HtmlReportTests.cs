using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.Reports.Tests;

public sealed partial class HtmlReportTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-report-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_page_answers_what_a_stranger_asks()
    {
        using var model = new Net();
        var report = Prune(model);
        var page = Read(report.ToHtml(model));
        var text = page.Value;

        string[] questions = ["What was removed?", "What did it cost?", "Is it smaller, and is it faster?", "How do I use it?", "What is inside now?", "How was it made?"];
        Assert.Equal(questions, page.Descendants("h2").Select(head => head.Value));
        foreach (var group in report.Groups)
        {
            Assert.Contains($"{group.Name}", text, StringComparison.Ordinal);
            Assert.Contains($"{group.After} of {group.Dense}", text, StringComparison.Ordinal);
        }

        Assert.Contains(Invariant($"{100 * report.Final.Error:f2} %"), text, StringComparison.Ordinal);
        Assert.Contains(Invariant($"{100 * report.Dense.Error:f2} %"), text, StringComparison.Ordinal);
        Assert.Contains(Invariant($"{report.Macs!.After:N0}"), text, StringComparison.Ordinal);
        Assert.Contains("Net.LoadPruned(", text, StringComparison.Ordinal);
        Assert.Contains("\"seed\": 4", text, StringComparison.Ordinal);
        Assert.Contains(report.Environment!.TorchSharp, text, StringComparison.Ordinal);
        Assert.Contains("latency, batch 128", text, StringComparison.Ordinal);
        Assert.Contains("measured elsewhere", Read((report with { Warning = "measured elsewhere" }).ToHtml(model)).Value, StringComparison.Ordinal);

        // A histogram of each layer's weights, curves over the epochs, and the groups as a picture of their own.
        Assert.Equal(["Test error, in percent", "Loss", "Learning rate at the end of the epoch", "first.weight", "second.weight", "last.weight"],
            page.Descendants("figure").Select(figure => figure.Element("strong")!.Value));
        var svg = XDocument.Parse(System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(page.Descendants("img").Single().Attribute("src")!.Value.Split("base64,")[1])));
        Assert.Equal("svg", svg.Root!.Name.LocalName);
    }

    [Fact]
    public void Bars_are_as_long_as_what_they_show()
    {
        using var model = new Net();
        var page = Read(Prune(model).ToHtml());
        var bars = page.Descendants("div").Single(div => (string?)div.Attribute("class") == "bars" && div.Value.Contains("by L2", StringComparison.Ordinal));
        string[] styles = [.. bars.Descendants("i").Select(bar => (string)bar.Attribute("style")!)];
        Assert.Equal(["width:80%", "width:40%", "width:100%", "width:50%"], styles);
    }

    [Fact]
    public void Histograms_count_every_weight()
    {
        using var model = new Net();
        using (no_grad())
        {
            model.last.weight!.fill_(0);
            model.last.weight[0, 0] = 2;
        }

        var histogram = WeightHistogram.Of(PruningPlan.Link(model, options: null)).Single(one => one.Name == "last.weight");
        Assert.Equal((30, 29, 1), (histogram.Total, histogram.Zeros, histogram.Counts.Sum()));
        foreach (var other in WeightHistogram.Of(PruningPlan.Link(model, options: null)))
        {
            Assert.Equal(other.Total, other.Zeros + other.Counts.Sum());
        }
    }

    [Theory]
    [InlineData("de-DE")]
    [InlineData("tr-TR")]
    public void Pages_need_nothing_from_elsewhere_in_any_culture(string culture)
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            using var model = new Net();
            var report = Prune(model);
            var expected = report.ToHtml(model);
            CultureInfo.CurrentCulture = CultureInfo.GetCultureInfo(culture);
            Assert.Equal(expected, report.ToHtml(model));
            foreach (var page in new[] { expected, Saved(path => new[] { ("one <b>", report), ("two", report) }.SaveHtml(path)), Saved(path => Comparison().SaveHtml(path)) })
            {
                Assert.NotEmpty(Read(page).Value);
                Assert.DoesNotMatch(new Regex("""(src|href|url)\s*[=(]\s*["']?(?!data:)[a-z]*:?//|<script|<link|@import""", RegexOptions.IgnoreCase), page);
                Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
                Assert.Contains("width=device-width", page, StringComparison.Ordinal);
            }
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Reports_stand_side_by_side()
    {
        using var model = new Net();
        var (first, second) = (Prune(model, 0.5), Prune(model, 0.75));
        var page = Read(Saved(path => new[] { ("half", first), ("more <&>", second) }.SaveHtml(path)));
        Assert.Equal(["", "half", "more <&>"], page.Descendants("table").First().Descendants("th").Select(cell => cell.Value));
        var groups = page.Descendants("table").Last().Descendants("tr").Skip(1).Select(row => string.Join("|", row.Elements().Select(cell => cell.Value))).ToList();
        Assert.Equal(["first|4 of 8|2 of 8", "second|5 of 10|3 of 10"], groups);
    }

    [Fact]
    public void A_comparison_of_recipes_has_a_row_for_each()
    {
        var page = Read(Saved(path => Comparison().SaveHtml(path)));
        Assert.Equal(["L2", "random"], page.Descendants("tbody").Single().Elements().Select(row => row.Elements().First().Value));
        Assert.Contains("4.0× fewer", page.Value, StringComparison.Ordinal);

        // How far a single run is from others is not known.
        Assert.Equal(["2.50 ± 0.71 %", "5.00 %"], page.Descendants("tbody").Single().Elements().Select(row => row.Elements().ElementAt(2).Value));
    }

    [Fact]
    public void Each_of_many_recipes_has_a_look_of_its_own_in_a_chart()
    {
        var runs = Enumerable.Range(0, 14).Select(
            i => new PruneOutcome(FormattableString.Invariant($"recipe {i}"), 0.5, 0, 0.02, 0.03 + (0.001 * i), new Change(100, 40), null, 2, 1));
        var text = Saved(path => new ComparisonResult([.. runs]).SaveHtml(path));
        var looks = Regex.Matches(text, "aria-hidden=\"true\"><circle class=\"([^\"]*)\"").Select(match => match.Groups[1].Value).ToList();
        Assert.Equal(14, looks.Count);
        Assert.Equal(looks, looks.Distinct());
    }

    [Fact]
    public void The_report_in_a_file_needs_no_class()
    {
        using var model = new Net();
        Prune(model);
        var file = Path.Combine(folder, "net.prune");
        model.SavePruned(file);
        Assert.Contains("Net.LoadPruned(\"net.prune\")", Read(Saved(path => HtmlReports.SaveHtml(file, path))).Value, StringComparison.Ordinal);

        using var never = new Net();
        never.SavePruned(file);
        Assert.Contains("holds no report", Assert.Throws<InvalidDataException>(() => HtmlReports.SaveHtml(file, "unused")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_without_errors_or_shapes_is_a_page_too()
    {
        using var model = new Net();
        var bare = Prune(model) with
        {
            Macs = null,
            Dense = new Evaluation(0.5, null, 10),
            Pruned = new Evaluation(double.PositiveInfinity, null, 10),
            Final = new Evaluation(0.25, null, 10),
            Retraining = new RetrainResult([]),
            Latencies = [],
            Options = null,
            Environment = null,
        };
        var text = Read(bare.ToHtml()).Value;
        Assert.Contains("−0.2500", text, StringComparison.Ordinal);
        Assert.Contains("test loss", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_study_has_the_front_the_curves_the_comparison_and_the_runs_on_one_page()
    {
        var study = Study();
        var page = Read(Saved(path => study.SaveHtml(path)));
        Assert.Equal(
            [
                "Net: how sensitive it is to each group", "Net: ratios by NonDominatedSorting", "2 recipes compared with one budget",
                "2 runs side by side", "What did each come to?", "What is left of each group?",
            ],
            page.Descendants("h2").Select(head => head.Value));

        // Of each group a curve through all its points and the whole of it.
        var curves = page.Descendants("figure").First();
        Assert.Equal("Error, in percent, with one group alone narrowed", curves.Element("strong")!.Value);
        Assert.Equal(
            study.Sensitivity!.Groups.Select(group => group.Points.Count + 1),
            curves.Descendants("polyline").Select(line => ((string)line.Attribute("points")!).Split(' ').Length));
        var points = page.Descendants("details").First().Descendants("tr").Skip(1).Select(row => string.Join('|', row.Elements().Take(3).Select(cell => cell.Value)));
        Assert.Equal(study.Sensitivity.Groups.SelectMany(group => group.Points.OrderByDescending(point => point.Kept).Select(point => $"{group.Name}|{point.Kept}|{group.Pieces}")), points);

        var search = study.Searches[0];
        var front = page.Descendants("figure").ElementAt(1);
        Assert.Equal(search.Front.Count, front.Descendants("circle").Count(dot => dot.Value.StartsWith("choices", StringComparison.Ordinal)));
        Assert.All(search.Groups, group => Assert.Contains($"{group.Kept} of {group.Dense}, Ratio = {Invariant($"{group.Ratio}")}", page.Value, StringComparison.Ordinal));

        Assert.Single(Read(Saved(path => study.Sensitivity.SaveHtml(path))).Descendants("figure"));
        Assert.Contains("Net: ratios by NonDominatedSorting", Read(Saved(path => search.SaveHtml(path))).Value, StringComparison.Ordinal);
        Assert.Contains("nothing to show", Assert.Throws<ArgumentException>(() => new PruneStudy().SaveHtml("unused")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Curves_of_many_groups_are_a_few_to_a_chart_and_have_the_same_axis()
    {
        var measured = Study().Sensitivity!;
        var many = measured with
        {
            Groups = [.. Enumerable.Range(0, 8).Select(i => new SensitivityCurve($"g{i}", 4, 0, [new SensitivityPoint(2, 0.5, new Evaluation(1, 0.1 * (i + 1), 10))]))],
        };
        var page = Read(Saved(path => many.SaveHtml(path)));
        Assert.Equal([6, 2], page.Descendants("figure").Select(figure => figure.Descendants("polyline").Count()));
        var axes = page.Descendants("figure").Select(figure => string.Join(' ', figure.Descendants("text").Where(text => (string?)text.Attribute("text-anchor") == "end").Select(text => text.Value))).ToList();
        Assert.Equal(axes[0], axes[1]);
    }

    /// <summary>Where there is no browser the structure has to speak for the page.</summary>
    [Theory]
    [InlineData(360, false)]
    [InlineData(360, true)]
    [InlineData(1400, false)]
    [InlineData(1400, true)]
    public void A_browser_shows_pages_light_and_dark_narrow_and_wide(int width, bool isDark)
    {
        using var model = new Net();
        var report = Prune(model);
        string[] pages =
        [
            report.ToHtml(model),
            Saved(path => new[] { ("half", report), ("a run with a rather long name of its own", report) }.SaveHtml(path)),
            Saved(path => Study().SaveHtml(path)),
        ];
        foreach (var page in pages)
        {
            Assert.All(Read(page).Descendants("svg"), picture => Assert.NotNull(picture.Attribute("viewBox")));
            Assert.Contains("prefers-color-scheme: dark", page, StringComparison.Ordinal);
            Assert.Contains("width=device-width", page, StringComparison.Ordinal);
        }

        foreach (var seen in Browser.Program is null ? [] : Browser.Show(pages, width, isDark, folder))
        {
            Assert.True(seen.Width <= width, $"The page is {seen.Width} pixels wide in a window of {width}.");
            Assert.Equal(isDark, Layout.Luminance(seen.Paper) < 0.2);
            Assert.All(new[] { seen.Ink, seen.Soft }, colour => Assert.All(
                new[] { seen.Paper, seen.Card }, behind => Assert.InRange(Layout.Contrast(colour, behind), 4.5, 21)));
            Assert.Equal(0, seen.Invisible);
            Assert.Empty(seen.Cut);
        }
    }

    private static PruneStudy Study()
    {
        using var model = new Net();
        manual_seed(1);
        using var x = randn(64, 6);
        using var y = x.narrow(1, 0, 3).argmax(1);
        var data = TrainingData.FromTensors(x, y, batchSize: 32);
        var options = new PruneOptions { Allocator = Allocator.NonDominatedSorting, Retrain = new RetrainOptions { Device = CPU } };
        var report = Prune(new Net());
        return new PruneStudy
        {
            Sensitivity = model.AnalyzeSensitivity(data, data, points: 4, options),
            Searches = [model.FindRatios(new PruneBudget { Parameters = 0.6 }, data, data, options, new SearchSettings { Evaluations = 20 })],
            Comparison = Comparison(),
            Reports = [("one", report), ("two", report)],
        };
    }

    private static ComparisonResult Comparison() => new(
    [
        new("L2", 0.5, 0, 0.01, 0.02, new Change(400, 100), new Change(1000, 500), 3, 10),
        new("L2", 0.5, 1, 0.01, 0.03, new Change(400, 100), new Change(1000, 500), 3, 10),
        new("random", 0.5, 0, 0.01, 0.05, new Change(400, 100), null, 3, 10),
    ]);

    internal static PruneReport Prune(Net model, double ratio = 0.5)
    {
        manual_seed(1);
        using var x = randn(64, 6);
        using var y = x.narrow(1, 0, 3).argmax(1);
        var data = TrainingData.FromTensors(x, y, batchSize: 16);
        return model.PruneAndRetrain(data, data, new PruneOptions { Ratio = ratio, Retrain = new RetrainOptions { Epochs = 2, Seed = 4, Device = CPU } }, PruneProgress.Quiet);
    }

    /// <summary>The page as a browser would have it; that it can be read as XML shows that every tag is closed.</summary>
    private static XElement Read(string page) => XDocument.Parse(page.Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Root!;

    private string Saved(Action<string> save)
    {
        var path = Path.Combine(folder, "page.html");
        save(path);
        return File.ReadAllText(path);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    [Prunable]
    internal sealed partial class Net : Module<Tensor, Tensor>
    {
        public readonly Linear first = Linear(6, 8);
        public readonly Linear second = Linear(8, 10);
        public readonly Linear last = Linear(10, 3);

        public Net()
            : base(nameof(Net)) => RegisterComponents();

        public override Tensor forward(Tensor x) => last.call(second.call(first.call(x).relu()).relu());
    }
}
