using PruneGen.Generator.Analysis;

namespace PruneGen.Generator.Emission;

/// <summary>The comment above the class: what shrinks together, and what keeps its width.</summary>
internal static class GroupTable
{
    private const int Widest = 32;

    public static IEnumerable<string> Lines(PruningSpec spec)
    {
        var names = spec.Groups.Select(group => Identifiers.Readable(group.Name)).Concat(spec.Fixed.Select(layer => Identifiers.Readable(layer.Name)));
        var column = Math.Min(Widest, names.Select(name => name.Length).DefaultIfEmpty(0).Max());
        if (spec.Groups.Count > 0)
        {
            yield return "// What shrinks together:";
            yield return "//";
        }

        foreach (var group in spec.Groups)
        {
            var first = Identifiers.Readable(group.Name).PadRight(column);
            foreach (var (role, words) in new[] { (MemberRole.Produces, "made by  "), (MemberRole.Follows, "passed by"), (MemberRole.Reads, "read by  ") })
            {
                foreach (var layer in group.Members.Where(member => member.Role == role).GroupBy(member => (member.Layer, member.As)))
                {
                    var shape = layer.Key.As.Length > 0 ? $" as {Identifiers.Readable(layer.Key.As)}" : "";
                    yield return $"//   {first}   {words} {Identifiers.Readable(layer.Key.Layer)}: "
                        + $"{string.Join(", ", layer.Select(member => member.Parameter))}{shape}";
                    first = new string(' ', column);
                }
            }

            if (group.MayJoin)
            {
                yield return $"//   {first}   and what a live model joins to it, or holds";
            }

            if (group.Inexact.Length > 0)
            {
                yield return $"//   {first}   inexact: {group.Inexact}";
            }
        }

        if (spec.Groups.Count > 0 && spec.Fixed.Count > 0)
        {
            yield return "//";
        }

        if (spec.Fixed.Count > 0)
        {
            yield return "// What keeps its width:";
            yield return "//";
        }

        foreach (var layer in spec.Fixed)
        {
            yield return $"//   {Identifiers.Readable(layer.Name).PadRight(column)}   {Identifiers.Readable(layer.Text)}";
        }
    }
}
