using System.Text;

namespace PruneGen.Samples.ModelZoo;

/// <summary>The groups of a model as text: what shrinks together, and where.</summary>
public static class GroupText
{
    private static readonly (MemberRole Role, string Words)[] Roles =
        [(MemberRole.Produces, "made by"), (MemberRole.Follows, "passed along by"), (MemberRole.Reads, "read by")];

    /// <summary>A paragraph a group, in the order of <c>forward</c>; and what keeps its width.</summary>
    public static string Of(PruningPlan plan)
    {
        var text = new StringBuilder();
        foreach (var group in plan.Groups)
        {
            text.AppendLine($"{group.Name}, {group.Width} wide{(group.Exact ? "" : $" (inexact: {group.InexactBecause})")}");
            foreach (var (role, words) in Roles)
            {
                var before = words;
                foreach (var layer in group.Members.Where(member => member.Role == role).GroupBy(member => member.Parameter.Layer.Name))
                {
                    text.AppendLine(
                        $"  {before,-17}{(layer.Key.Length > 0 ? layer.Key : "the model itself")}: "
                            + $"{string.Join(", ", layer.Select(member => $"{member.Parameter.Name}[{member.Dim}]"))}");
                    before = "";
                }
            }
        }

        text.AppendLine($"{plan.Groups.Count} groups");
        foreach (var (layer, because) in plan.Unpruned)
        {
            text.AppendLine($"{layer} keeps its width: {because}");
        }

        return text.ToString().TrimEnd();
    }
}
