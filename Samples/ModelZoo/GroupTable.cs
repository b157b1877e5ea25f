using Spectre.Console;

namespace PruneGen.Samples.ModelZoo;

/// <summary>The groups of a model as a table: what shrinks together, and where.</summary>
internal static class GroupTable
{
    /// <summary>One row a group, in the order of <c>forward</c>.</summary>
    public static Table Of(PruningPlan plan)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("group", "width", "made by", "passed along by", "read by");
        table.Columns[1].RightAligned();
        foreach (var group in plan.Groups)
        {
            table.AddRow(
                Markup.Escape(group.Exact ? group.Name : $"{group.Name} (inexact: {group.InexactBecause})"),
                $"{group.Width}",
                Members(group, MemberRole.Produces),
                Members(group, MemberRole.Follows),
                Members(group, MemberRole.Reads));
        }

        return table;
    }

    /// <summary>The parameters of one role, those of a layer together: <c>conv1: weight[0], bias[0]</c>.</summary>
    private static string Members(PruningGroup group, MemberRole role) => Markup.Escape(string.Join("\n", group.Members
        .Where(member => member.Role == role)
        .GroupBy(member => member.Parameter.Layer.Name, member => $"{member.Parameter.Name}[{member.Dim}]")
        .Select(layer => $"{layer.Key}: {string.Join(", ", layer)}")));
}
