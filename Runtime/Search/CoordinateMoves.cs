namespace PruneGen;

/// <summary>
/// Makes a choice better that was made of what single choices lose alone, by what they lose together: one thing gets a step more and, where that does not fit,
/// another a step less; what is evaluated as better is taken, for as long as there are evaluations and something gets better.
/// </summary>
internal static class CoordinateMoves
{
    private const int MostRounds = 2;

    /// <summary>The choice, or a better one within the budget.</summary>
    public static long[] Refine(SearchContext context, long[] kept)
    {
        var value = context.May(kept) ? context.Value(kept) : double.NegativeInfinity;
        for (var round = 0; round < MostRounds && double.IsFinite(value); round++)
        {
            var before = value;
            for (var more = 0; more < kept.Length; more++)
            {
                foreach (var less in Enumerable.Range(-1, kept.Length + 1).Where(one => one != more))
                {
                    if (Moved(context.Space, kept, more, less) is { } moved && context.May(moved) && context.Value(moved) is var next && next < value)
                    {
                        (kept, value) = (moved, next);
                    }
                }
            }

            if (value == before)
            {
                break;
            }
        }

        return kept;
    }

    /// <summary>One step more of one, and of another, if not -1, one less; null where there is no such step, or it does not fit.</summary>
    private static long[]? Moved(WidthSpace space, long[] kept, int more, int less)
    {
        if (space.Groups[more].Next(kept[more]) is not { } wider || (less >= 0 && space.Groups[less].Previous(kept[less]) is null))
        {
            return null;
        }

        var moved = (long[])kept.Clone();
        moved[more] = wider;
        if (less >= 0)
        {
            moved[less] = space.Groups[less].Previous(kept[less])!.Value;
        }

        return space.Fits(moved) ? moved : null;
    }
}
