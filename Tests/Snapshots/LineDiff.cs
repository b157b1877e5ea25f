using System.Text;

namespace PruneGen.Snapshots;

/// <summary>Shows in which lines two texts differ.</summary>
internal static class LineDiff
{
    private const int Context = 3;

    /// <summary>The lines of both texts: <c>-</c> only in the old one, <c>+</c> only in the new one, a space in both; far from any change left out.</summary>
    public static string Show(string old, string @new)
    {
        List<(char Mark, string Line, int Number)> lines = [.. Compare(old.Split('\n'), @new.Split('\n'))];
        int[] changes = [.. Enumerable.Range(0, lines.Count).Where(i => lines[i].Mark != ' ')];
        var shown = new StringBuilder();
        int last = -1;
        for (int i = 0; i < lines.Count; i++)
        {
            if (!changes.Any(change => Math.Abs(change - i) <= Context))
            {
                continue;
            }

            if (i != last + 1)
            {
                shown.Append("    ...\n");
            }

            last = i;
            shown.Append($"{lines[i].Number,5} {lines[i].Mark} {lines[i].Line}\n");
        }

        return shown.ToString();
    }

    // The longest common subsequence, by the textbook's table; Number is the line's in its own text.
    private static IEnumerable<(char Mark, string Line, int Number)> Compare(string[] old, string[] @new)
    {
        var common = new int[old.Length + 1, @new.Length + 1];
        for (int i = old.Length - 1; i >= 0; i--)
        {
            for (int j = @new.Length - 1; j >= 0; j--)
            {
                common[i, j] = old[i] == @new[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        for (int i = 0, j = 0; i < old.Length || j < @new.Length;)
        {
            if (i < old.Length && j < @new.Length && old[i] == @new[j])
            {
                yield return (' ', @new[j], j + 1);
                i++;
                j++;
            }
            else if (j == @new.Length || (i < old.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                yield return ('-', old[i], i + 1);
                i++;
            }
            else
            {
                yield return ('+', @new[j], j + 1);
                j++;
            }
        }
    }
}
