using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// The conditions of <c>forward</c> that linking cannot decide: on the values of tensors, and on shapes that are not
/// known. The model is linked once for either outcome of each, over the same axes, so that whatever any way needs is
/// kept together.
/// </summary>
internal sealed class Choices
{
    private const int MostRounds = 256;
    private const int UnknownRounds = 2;

    private readonly List<string> sites = [];
    private readonly Dictionary<string, int> rounds = new(StringComparer.Ordinal);
    private int flipped = -1;

    /// <summary>Goes on to the next way; false once every outcome has had its turn.</summary>
    public bool Next()
    {
        rounds.Clear();
        flipped++;
        return flipped < Math.Min(sites.Count, MostRounds);
    }

    /// <summary>Which way to go at a condition: every way but one takes it as true.</summary>
    public bool At(string condition)
    {
        var site = sites.IndexOf(condition);
        if (site < 0)
        {
            sites.Add(condition);
            site = sites.Count - 1;
        }

        return site != flipped;
    }

    /// <summary>Whether a loop of unknown length goes on: twice, so that what one round leaves meets the next.</summary>
    public bool Again(string condition)
    {
        rounds.TryGetValue(condition, out var count);
        rounds[condition] = count < UnknownRounds ? count + 1 : 0;
        return count < UnknownRounds;
    }
}
