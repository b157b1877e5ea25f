namespace PruneGen;

/// <summary>
/// A choice in which one group after the other gets another width. What it costs is carried on from step to step, and it is told of which groups a step changes
/// what the next one would save, so that only these are counted anew.
/// </summary>
internal sealed class ChangingChoice
{
    private readonly WidthSpace space;
    private readonly long[] widths;
    private readonly double[] costs;
    private readonly bool[] isStale;
    private readonly int[]?[] near;

    /// <param name="space">What may be chosen.</param>
    /// <param name="kept">Where it begins.</param>
    public ChangingChoice(WidthSpace space, long[] kept)
    {
        (this.space, Kept) = (space, (long[])kept.Clone());
        widths = space.WidthsOf(kept);
        costs = [.. space.Costs.Select(cost => cost.At(widths))];
        near = new int[kept.Length][];
        isStale = new bool[kept.Length];
        Array.Fill(isStale, true);
    }

    /// <summary>How many pieces each group keeps now.</summary>
    public long[] Kept { get; }

    /// <summary>Whether the cost of this number is above its limit.</summary>
    public bool IsAbove(int cost) => costs[cost] > space.Costs[cost].Limit;

    /// <summary>Whether what a group would save or cost may be another since this was last asked; from now on it is not.</summary>
    public bool IsStale(int group)
    {
        var was = isStale[group];
        isStale[group] = false;
        return was;
    }

    /// <summary>Has all groups counted anew.</summary>
    public void Forget() => Array.Fill(isStale, true);

    /// <summary>Whether so much more of each cost is within the limits.</summary>
    public bool FitsWith(double[] added)
    {
        for (var i = 0; i < costs.Length; i++)
        {
            if (costs[i] + added[i] > space.Costs[i].Limit)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>How much less one cost is with another number of pieces of a group.</summary>
    public double SavedBy(int cost, int group, long kept) =>
        space.Costs[cost].Saved(widths, space.Groups[group].Number, space.Groups[group].WidthAt(kept));

    /// <summary>How much more each cost is with more pieces of a group.</summary>
    public double[] AddedBy(int group, long kept)
    {
        var added = new double[costs.Length];
        for (var i = 0; i < added.Length; i++)
        {
            added[i] = -SavedBy(i, group, kept);
        }

        return added;
    }

    /// <summary>Gives a group another number of pieces.</summary>
    public void Change(int group, long kept)
    {
        var (number, width) = (space.Groups[group].Number, space.Groups[group].WidthAt(kept));
        for (var i = 0; i < costs.Length; i++)
        {
            costs[i] = space.Costs[i].After(costs[i], widths, number, width);
        }

        (Kept[group], widths[number]) = (kept, width);
        foreach (var other in near[group] ??= NearOf(group))
        {
            isStale[other] = true;
        }
    }

    private int[] NearOf(int group)
    {
        var sets = space.Costs.Select(cost => cost.Near(space.Groups[group].Number)).ToList();
        return
        [
            .. Enumerable.Range(0, Kept.Length).Where(other => other == group || sets.Exists(set => set?.Contains(space.Groups[other].Number) != false)),
        ];
    }
}
