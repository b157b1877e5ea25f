namespace PruneGen.Runtime.Tests;

/// <summary>The allocators as plainly as they can be said: everything is counted anew at every step. What the fast forms choose must be just this.</summary>
internal static class PlainAllocators
{
    /// <summary>The lowest of one ranking go, as few as fits.</summary>
    public static long[] Global(WidthSpace space)
    {
        var ranked = space.Groups
            .SelectMany((group, i) => Enumerable.Range(0, (int)(group.Count - group.Least)).Select(gone => (Worth: Worth(space, i, gone), Group: i)))
            .OrderBy(piece => piece.Worth).Select(piece => piece.Group).ToList();
        for (var gone = 0; ; gone++)
        {
            long[] kept = [.. space.Groups.Select((group, i) => group.AtLeast(group.Count - ranked.Take(gone).Count(one => one == i)))];
            if (gone == ranked.Count || space.Fits(kept))
            {
                return kept;
            }
        }
    }

    /// <summary>What a piece is worth that goes when so many of its group are gone: by the scope, or what is lost for what a step of full widths saves.</summary>
    private static double Worth(WidthSpace space, int number, int gone)
    {
        var group = space.Groups[number];
        if (group.Pieces!.Settings.Scope is GlobalScope scope)
        {
            return group.Pieces!.ComparableNumbers.Order().ElementAt(gone) / Math.Max(1, scope.CostOf(group.Pieces!));
        }

        var narrower = With(space.All, number, group.AtLeast(group.Count - 1));
        var saved = space.Costs.Sum(cost => (cost.At(space.WidthsOf(space.All)) - cost.At(space.WidthsOf(narrower))) / cost.Limit);
        return saved == 0 ? double.PositiveInfinity
            : (group.Loss(group.Count - gone - 1) - group.Loss(group.Count - gone)) / (saved / Math.Max(1, group.Count - narrower[number]));
    }

    /// <summary>The step that loses least for what it saves of the costs that are still above their limit, again and again.</summary>
    public static long[] Greedy(WidthSpace space)
    {
        var grids = space.Groups.Select(group => group.Grid(64)).ToArray();
        var places = grids.Select(grid => grid.Length - 1).ToArray();
        var kept = space.All;
        while (space.Costs.Where(cost => cost.At(space.WidthsOf(kept)) > cost.Limit).ToList() is { Count: > 0 } above)
        {
            var (best, least) = (-1, double.PositiveInfinity);
            for (var i = 0; i < places.Length; i++)
            {
                if (places[i] == 0)
                {
                    continue;
                }

                var next = grids[i][places[i] - 1];
                var saved = above.Sum(cost => (cost.At(space.WidthsOf(kept)) - cost.At(space.WidthsOf(With(kept, i, next)))) / cost.Limit);
                var price = saved > 0 ? (space.Groups[i].Loss(next) - space.Groups[i].Loss(kept[i])) / saved : double.MaxValue;
                (best, least) = price < least ? (i, price) : (best, least);
            }

            kept = With(kept, best, grids[best][--places[best]]);
        }

        return Filled(space, kept);
    }

    /// <summary>The step back that brings the most for its cost and still fits, again and again.</summary>
    public static long[] Filled(WidthSpace space, long[] kept)
    {
        while (true)
        {
            var (best, most) = (kept, double.NegativeInfinity);
            for (var i = 0; i < kept.Length; i++)
            {
                var group = space.Groups[i];
                if (group.Next(kept[i]) is not { } next || !space.Fits(With(kept, i, next)))
                {
                    continue;
                }

                var added = space.Costs.Sum(cost => (cost.At(space.WidthsOf(With(kept, i, next))) - cost.At(space.WidthsOf(kept))) / cost.Limit);
                var gain = (group.Loss(kept[i]) - group.Loss(next)) / Math.Max(added, 1e-12);
                (best, most) = gain > most ? (With(kept, i, next), gain) : (best, most);
            }

            if (best == kept)
            {
                return kept;
            }

            kept = best;
        }
    }

    private static long[] With(long[] kept, int group, long count)
    {
        var changed = (long[])kept.Clone();
        changed[group] = count;
        return changed;
    }
}
