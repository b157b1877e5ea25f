namespace PruneGen;

/// <summary>
/// Takes one step of one group after the other, that which loses the least importance for what it saves at the widths so far, until the budget is met, and
/// gives back what then still fits (the greedy way to fill a knapsack with real costs): <see cref="Allocator.Greedy"/>. Importance is the sum of comparable
/// scores.
/// </summary>
internal sealed class GreedyAllocator : BudgetAllocator
{
    /// <summary>A wide group goes down in so many steps, so that a thousand channels do not take a thousand rounds.</summary>
    private const int Steps = 64;

    private GreedyAllocator()
    {
    }

    public static GreedyAllocator Instance { get; } = new();

    public override string Name => nameof(Allocator.Greedy);

    public override long[] Choose(WidthSpace space)
    {
        var grids = space.Groups.Select(group => group.Grid(Steps)).ToArray();
        var places = grids.Select(grid => grid.Length - 1).ToArray();
        var kept = space.All;
        var all = space.WidthsOf(kept);
        while (space.AboveAt(all) is { Count: > 0 } above)
        {
            var (best, least) = (-1, double.PositiveInfinity);
            for (var i = 0; i < places.Length; i++)
            {
                if (places[i] == 0)
                {
                    continue;
                }

                var (group, next) = (space.Groups[i], grids[i][places[i] - 1]);
                var saved = above.Sum(cost => cost.Saved(all, group.Number, group.WidthAt(next)) / cost.Limit);
                var price = saved > 0 ? (group.Loss(next) - group.Loss(kept[i])) / saved : double.MaxValue;
                (best, least) = price < least ? (i, price) : (best, least);
            }

            kept[best] = grids[best][--places[best]];
            all[space.Groups[best].Number] = space.Groups[best].WidthAt(kept[best]);
        }

        return space.Filled(kept);
    }
}
