using System.Globalization;
using System.Net;
using System.Text;

namespace PruneGen;

/// <summary>Draws what shrinks together: each group between the layers that make it and those that read it.</summary>
public static class PlanGraph
{
    private const int RowHeight = 22;
    private const int BoxHeight = 18;
    private const int ColumnWidth = 260;
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

        foreach (var (group, i) in plan.Groups.Select((group, i) => (group, i)))
        {
            text.Append(CultureInfo.InvariantCulture, $"    group{i}([\"{Label(Title(group))}\"])\n");
            foreach (var (layer, role) in Layers(group))
            {
                // A layer that is new is written down before the line that leads to it.
                var node = Node(layer);
                text.Append(CultureInfo.InvariantCulture, $"    {(role == MemberRole.Reads ? $"group{i} --> {node}" : $"{node} {(role == MemberRole.Produces ? "-->" : "-.-")} group{i}")}\n");
            }
        }

        return text.ToString();
    }

    /// <summary>The groups as an SVG picture: on the left what makes each group or passes it along, on the right what reads it.</summary>
    /// <param name="plan">The linked model.</param>
    public static string ToSvg(PruningPlan plan)
    {
        var body = new StringBuilder();
        var top = Margin;
        foreach (var group in plan.Groups)
        {
            var layers = Layers(group);
            var left = layers.Where(layer => layer.Role != MemberRole.Reads).ToList();
            var right = layers.Where(layer => layer.Role == MemberRole.Reads).ToList();
            var height = RowHeight * Math.Max(1, Math.Max(left.Count, right.Count));
            var middle = top + (height / 2);
            var (groupLeft, readersLeft) = (Margin + ColumnWidth + Gap, Margin + (2 * (ColumnWidth + Gap)));
            Box(body, groupLeft, middle, Title(group), "group");
            foreach (var ((layer, role), i) in left.Select((layer, i) => (layer, i)))
            {
                var y = top + (height * ((2 * i) + 1) / (2 * left.Count));
                Box(body, Margin, y, layer, role == MemberRole.Produces ? "layer" : "follower");
                Line(body, Margin + ColumnWidth, y, groupLeft, middle, role == MemberRole.Produces ? "" : " stroke-dasharray=\"3 3\"");
            }

            foreach (var ((layer, _), i) in right.Select((layer, i) => (layer, i)))
            {
                var y = top + (height * ((2 * i) + 1) / (2 * right.Count));
                Box(body, readersLeft, y, layer, "layer");
                Line(body, groupLeft + ColumnWidth, middle, readersLeft, y, "");
            }

            top += height + Margin;
        }

        var width = (2 * Margin) + (3 * ColumnWidth) + (2 * Gap);
        return Text($"""
            <svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{top}" viewBox="0 0 {width} {top}" font-family="sans-serif" font-size="11">
            <style>.layer {"{"} fill: #e8eef7 {"}"} .follower {"{"} fill: #f4f4f4 {"}"} .group {"{"} fill: #fdebd0 {"}"} rect, line {"{"} stroke: #667 {"}"} rect {"{"} rx: 4px {"}"}</style>
            <rect width="{width}" height="{top}" fill="white" style="stroke: none"/>
            {body}</svg>

            """);
    }

    private static string Title(PruningGroup group) => Text($"{group.Name}: {group.Width}{(group.Exact ? "" : " (inexact)")}");

    /// <summary>Each layer once a role, in the order of <c>forward</c>.</summary>
    private static List<(string Layer, MemberRole Role)> Layers(PruningGroup group) =>
        group.Members.Select(member => (member.Parameter.Layer.Name, member.Role)).Distinct().ToList();

    private static void Box(StringBuilder body, int left, int middle, string label, string kind) =>
        body.Append(CultureInfo.InvariantCulture, $"<rect class=\"{kind}\" x=\"{left}\" y=\"{middle - (BoxHeight / 2)}\" width=\"{ColumnWidth}\" height=\"{BoxHeight}\"/><text x=\"{left + (ColumnWidth / 2)}\" y=\"{middle + 4}\" text-anchor=\"middle\">{WebUtility.HtmlEncode(label)}</text>\n");

    private static void Line(StringBuilder body, int fromX, int fromY, int toX, int toY, string style) =>
        body.Append(CultureInfo.InvariantCulture, $"<line x1=\"{fromX}\" y1=\"{fromY}\" x2=\"{toX}\" y2=\"{toY}\"{style}/>\n");

    private static string Label(string text) => text.Replace("\"", "#quot;", StringComparison.Ordinal);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
