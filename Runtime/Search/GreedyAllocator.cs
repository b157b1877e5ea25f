namespace PruneGen;

/// <summary>
/// Takes one step of one group after the other, that which loses the least importance for what it saves at the widths so far, until the budget is met, and
/// gives back what then still fits (the greedy way to fill a knapsack with real costs): <see cref="Allocator.Greedy"/>. What a group loses is told by <see
/// cref="WidthChoice.Loss"/>. Where bits are chosen, too, what a step loses is by how much the model is worse with that group narrowed, or that layer
/// rounded, alone: measured by <c>FindRatios</c>. Evaluations that are left move single steps between two of them for as long as that makes the model better.
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

    public override IReadOnlyDictionary<string, double> Search(SearchContext context)
    {
        if (!context.Space.HasBits)
        {
            return base.Search(context);
        }

        context.Space.LoseBy(SensitivityReport.Measure(context, SensitivityReport.PointsFor(context, Name)));
        return context.Space.Ratios(CoordinateMoves.Refine(context, Choose(context.Space)));
    }

    public override long[] Choose(WidthSpace space)
    {
        var grids = space.Groups.Select(group => group.Grid(Steps)).ToArray();
        var places = grids.Select(grid => grid.Length - 1).ToArray();
        var choice = new ChangingChoice(space, space.All);
        var prices = new double[places.Length];
        var (above, before) = (Above(), Array.Empty<int>());
        while (above.Length > 0)
        {
            if (!above.SequenceEqual(before))
            {
                choice.Forget();
            }

            var (best, least) = (-1, double.PositiveInfinity);
            for (var i = 0; i < places.Length; i++)
            {
                prices[i] = places[i] == 0 ? double.PositiveInfinity : choice.IsStale(i) ? Price(i) : prices[i];
                (best, least) = prices[i] < least ? (i, prices[i]) : (best, least);
            }

            choice.Change(best, grids[best][--places[best]]);
            (above, before) = (Above(), above);
        }

        return space.Filled(choice.Kept);

        int[] Above() => [.. Enumerable.Range(0, space.Costs.Count).Where(choice.IsAbove)];

        double Price(int i)
        {
            var (group, next) = (space.Groups[i], grids[i][places[i] - 1]);
            var saved = above.Sum(cost => choice.SavedBy(cost, i, next) / space.Costs[cost].Limit);
            return saved > 0 ? Math.Min((group.Loss(next) - group.Loss(choice.Kept[i])) / saved, double.MaxValue) : double.MaxValue;
        }
    }
}
