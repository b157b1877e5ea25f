using System.Globalization;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace PruneGen;

/// <summary>
/// Draws what shrinks together: each group between the layers that make it and those that read it. A model of more lines than a
/// picture can hold is drawn with the layers of a list as one: <c>blocks.*.fc1</c>.
/// </summary>
public static partial class PlanGraph
{
    /// <summary>What Mermaid draws (500 lines), and what a person can look through.</summary>
    private const string Style =
        ".layer { fill: #e8eef7 } .follower { fill: #f4f4f4 } .group { fill: #fdebd0 } rect, line { stroke: #667 } rect { rx: 4px }";

    private const int MostLines = 400;
    private const int RowHeight = 22;
    private const int BoxHeight = 18;
    // The words above the columns have room in them.
    private const int LeastColumn = 190;
    private const int LetterWidth = 7;
    private const int Gap = 90;
    private const int Margin = 12;

    /// <summary>The groups as a Mermaid flow chart: layers as boxes, groups as rounded boxes with their widths.</summary>
    /// <param name="plan">The linked model.</param>
    public static string ToMermaid(PruningPlan plan)
    {
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        var text = new StringBuilder("flowchart LR\n");
        string Node(string layer)
        {
            if (!names.TryGetValue(layer, out var id))
            {
                names.Add(layer, id = Text($"layer{names.Count}"));
                text.Append(CultureInfo.InvariantCulture, $"    {id}[\"{Label(layer)}\"]\n");
            }

            return id;
        }

        foreach (var (row, i) in Rows(plan).Select((row, i) => (row, i)))
        {
            text.Append(CultureInfo.InvariantCulture, $"    group{i}([\"{Label(row.Title)}\"])\n");
            foreach (var (layer, role) in row.Layers)
            {
                // A layer that is new is written down before the line that leads to it.
                var node = Node(layer);
                text.Append(
                    CultureInfo.InvariantCulture,
                    $"    {(role == MemberRole.Reads ? $"group{i} --> {node}" : $"{node} {(role == MemberRole.Produces ? "-->" : "-.-")} group{i}")}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The groups as an SVG picture: on the left what makes each group or passes it along, on the right what reads it.</summary>
    /// <param name="plan">The linked model.</param>
    public static string ToSvg(PruningPlan plan)
    {
        var rows = Rows(plan);
        var column = Math.Max(
            LeastColumn,
            Margin
                + (LetterWidth * rows.SelectMany(row => row.Layers.Select(layer => layer.Label).Append(row.Title))
                    .Select(label => label.Length)
                    .DefaultIfEmpty(0)
                    .Max()));
        var (groupLeft, readersLeft) = (Margin + column + Gap, Margin + (2 * (column + Gap)));
        var body = new StringBuilder();
        var top = Margin + RowHeight + Margin;
        foreach (var (left, words) in new[] { (
            Margin, "made by (dashed: passed along by)"), (groupLeft, "what shrinks together: its width"), (readersLeft, "read by") })
        {
            body.Append(
                CultureInfo.InvariantCulture,
                $"<text x=\"{left + (column / 2)}\" y=\"{Margin + (RowHeight / 2)}\" text-anchor=\"middle\" font-style=\"italic\">{words}</text>\n");
        }

        foreach (var row in rows)
        {
            var left = row.Layers.Where(layer => layer.Role != MemberRole.Reads).ToList();
            var right = row.Layers.Where(layer => layer.Role == MemberRole.Reads).ToList();
            var height = RowHeight * Math.Max(1, Math.Max(left.Count, right.Count));
            var middle = top + (height / 2);
            Box(body, groupLeft, middle, column, row.Title, "group", row.Because);
            foreach (var ((layer, role), i) in left.Select((layer, i) => (layer, i)))
            {
                var y = top + (height * ((2 * i) + 1) / (2 * left.Count));
                Box(body, Margin, y, column, layer, role == MemberRole.Produces ? "layer" : "follower");
                Line(body, Margin + column, y, groupLeft, middle, role == MemberRole.Produces ? "" : " stroke-dasharray=\"3 3\"");
            }

            foreach (var ((layer, _), i) in right.Select((layer, i) => (layer, i)))
            {
                var y = top + (height * ((2 * i) + 1) / (2 * right.Count));
                Box(body, readersLeft, y, column, layer, "layer");
                Line(body, groupLeft + column, middle, readersLeft, y, "");
            }

            top += height + Margin;
        }

        var width = (2 * Margin) + (3 * column) + (2 * Gap);
        return Text($"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}" font-family="sans-serif" font-size="11">
            <style>{Style}</style>
            <rect width="{width}" height="{top}" fill="white" style="stroke: none"/>
            {body}</svg>

            """);
    }

    private static List<Row> Rows(PruningPlan plan)
    {
        var rows = plan.Groups.Select(
            group => new Row(group.Name, Text($"{group.Width}{(group.Exact ? "" : " (inexact)")}"), group.InexactBecause ?? "", Layers(group))).ToList();
        return rows.Sum(row => row.Layers.Count) <= MostLines
            ? rows
            : rows.GroupBy(row => (Pattern(row.Name), row.Width, Layers: string.Join('|', Folded([row])))).Select(Together).ToList();
    }

    /// <summary>Groups that are alike, as one.</summary>
    private static Row Together(IEnumerable<Row> alike)
    {
        var rows = alike.ToList();
        return rows.Count == 1
            ? rows[0] with { Layers = Folded(rows) }
            : new Row(Pattern(rows[0].Name), Text($"{rows[0].Width}, {rows.Count} times"), rows[0].Because, Folded(rows));
    }

    /// <summary>The layers of groups, those of a list as one.</summary>
    private static List<(string Label, MemberRole Role)> Folded(IEnumerable<Row> rows) =>
        rows.SelectMany(row => row.Layers).Select(layer => (Pattern(layer.Label), layer.Role)).Distinct().ToList();

    /// <summary>A path with a star for the place in a list.</summary>
    private static string Pattern(string path) => PlaceInList().Replace(path, "*");

    [GeneratedRegex(@"(?<=\.)\d+(?=\.|$)")]
    private static partial Regex PlaceInList();

    /// <summary>Each layer once a role, in the order of <c>forward</c>; what belongs to the model itself by the names of its parameters.</summary>
    private static List<(string Label, MemberRole Role)> Layers(PruningGroup group) =>
        group.Members.Select(member => (member.Parameter.Layer.Name.Length > 0 ? member.Parameter.Layer.Name : member.Parameter.Path, member.Role))
            .Distinct()
            .ToList();

    private static void Box(StringBuilder body, int left, int middle, int width, string label, string kind, string because = "")
    {
        var title = because.Length > 0 ? $"<title>{WebUtility.HtmlEncode(because)}</title>" : "";
        body.Append(
            CultureInfo.InvariantCulture,
            $"<g>{title}<rect class=\"{kind}\" x=\"{left}\" y=\"{middle - (BoxHeight / 2)}\" width=\"{width}\" height=\"{BoxHeight}\"/><text x=\""
                + $"{left + (width / 2)}\" y=\"{middle + 4}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(label)}</text></g>\n");
    }

    private static void Line(StringBuilder body, int fromX, int fromY, int toX, int toY, string style) =>
        body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{fromX}\" y1=\"{fromY}\" x2=\"{toX}\" y2=\"{toY}\"{style}/>\n");

    /// <summary>A text as Mermaid takes it inside of quotes, where it reads markup.</summary>
    private static string Label(string text) =>
        text.Replace("#", "#35;", StringComparison.Ordinal)
            .Replace("\"", "#quot;", StringComparison.Ordinal)
            .Replace("<", "#lt;", StringComparison.Ordinal)
            .Replace(">", "#gt;", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    /// <summary>A group, or several that are alike, with its layers.</summary>
    private sealed record Row(string Name, string Width, string Because, List<(string Label, MemberRole Role)> Layers)
    {
        public string Title => $"{Name}: {Width}";
    }
}
