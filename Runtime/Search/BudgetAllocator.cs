namespace PruneGen;

/// <summary>An allocator that divides a budget by scores and closed forms alone, without running the model.</summary>
public abstract class BudgetAllocator : RatioAllocator
{
    /// <inheritdoc/>
    public sealed override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces)
    {
        var space = WidthSpace.Of(plan, pieces);
        return space.Ratios(Choose(space));
    }

    /// <summary>What each group keeps.</summary>
    /// <param name="space">What may be chosen; its narrowest choice is within the budget.</param>
    /// <returns>A number of pieces for each of the space's groups.</returns>
    public abstract long[] Choose(WidthSpace space);
}

/// <summary><see cref="Allocator.ByScope"/>.</summary>
internal sealed class ByScopeAllocator : BudgetAllocator
{
    private ByScopeAllocator()
    {
    }

    public static ByScopeAllocator Instance { get; } = new();

    public override string Name => nameof(Allocator.ByScope);

    public override long[] Choose(WidthSpace space) =>
        (space.Plan.Options.Scope!.IsShared ? (BudgetAllocator)GlobalAllocator.Instance : UniformAllocator.Instance).Choose(space);
}

/// <summary>Every group keeps the same share of its dense original, the largest that fits: <see cref="Allocator.Uniform"/>.</summary>
internal sealed class UniformAllocator : BudgetAllocator
{
    private UniformAllocator()
    {
    }

    public static UniformAllocator Instance { get; } = new();

    public override string Name => nameof(Allocator.Uniform);

    public override long[] Choose(WidthSpace space) => space.Groups.Count == 0 ? [] : space.Scaled([.. space.Groups.Select(_ => 1.0)]);
}

/// <summary>
/// All pieces in one ranking, by what the scope compares, and as few of the lowest go as fits: <see cref="Allocator.Global"/>. One rounded up for
/// <c>RoundTo</c> is not taken from another group instead.
/// </summary>
internal sealed class GlobalAllocator : BudgetAllocator
{
    private GlobalAllocator()
    {
    }

    public static GlobalAllocator Instance { get; } = new();

    public override string Name => nameof(Allocator.Global);

    public override long[] Choose(WidthSpace space)
    {
        var ranked = space.Groups.SelectMany((group, number) => Ranked(group).Select(score => (Score: score, Group: number)))
            .OrderBy(piece => piece.Score).Select(piece => piece.Group).ToArray();

        // How many of each group are among the first so many: every further piece makes the model smaller, or leaves it as it is.
        long[] After(int gone)
        {
            var removed = new long[space.Groups.Count];
            for (var i = 0; i < gone; i++)
            {
                removed[ranked[i]]++;
            }

            return [.. space.Groups.Select((group, i) => group.AtLeast(group.Pieces.Count - removed[i]))];
        }

        var (low, high) = (0, ranked.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = space.Fits(After(middle)) ? (low, middle) : (middle + 1, high);
        }

        return After(low);
    }

    /// <summary>The scores of the pieces that may go.</summary>
    private static IEnumerable<double> Ranked(WidthChoice group)
    {
        var cost = group.Pieces.Settings.Scope is GlobalScope scope ? scope.CostOf(group.Pieces) : 1;
        return group.Pieces.ComparableNumbers.Order().Take((int)(group.Pieces.Count - group.Least)).Select(score => score / Math.Max(cost, 1));
    }
}
