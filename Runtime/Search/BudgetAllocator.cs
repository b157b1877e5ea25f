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
/// All pieces in one ranking, by what the scope compares, and as few of the lowest go as fits: <see cref="Allocator.Global"/>. Where the scope ranks each group
/// by itself, what a piece is worth is what is lost with it (<see cref="WidthChoice.Loss"/>) for what the budget saves: a channel of a layer that costs little
/// is not worth removing, nor is one of the last of a layer. One rounded up for <c>RoundTo</c> is not taken from another group instead.
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
        if (space.HasBits)
        {
            throw new InvalidOperationException(
                $"{Name} ranks channels, and the bits of a layer have no scores; choose {nameof(Allocator.Greedy)}, {nameof(Allocator.DynamicProgramming)} or "
                    + $"{nameof(Allocator.Genetic)}, or Scope.Local for equal shares.");
        }

        var ranked = space.Groups
            .Select((group, i) => group.Pieces!.Settings.Scope is { IsShared: true } scope ? Ranked(group.Pieces!, scope) : Worth(space, i))
            .ToArray();
        double[] all = [.. ranked.SelectMany(scores => scores)];
        Array.Sort(all);

        var (low, high) = (0, all.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = space.Fits(After(middle)) ? (low, middle) : (middle + 1, high);
        }

        return After(low);

        // With so many of the lowest gone: every further piece makes the model smaller, or leaves it as it is. Of equal scores those of the first groups go.
        long[] After(int gone)
        {
            var last = gone == 0 ? double.NegativeInfinity : all[gone - 1];
            var removed = ranked.Select(scores => gone == 0 ? 0 : Below(scores, last)).ToArray();
            var equal = gone - removed.Sum();
            for (var i = 0; equal > 0; i++)
            {
                var more = Math.Min(equal, UpTo(ranked[i], last) - removed[i]);
                (removed[i], equal) = (removed[i] + more, equal - more);
            }

            return [.. space.Groups.Select((group, i) => group.AtLeast(group.Count - removed[i]))];
        }
    }

    /// <summary>What is lost with each piece that may go for the share of its limit by which each cost falls, in the order in which they go.</summary>
    private static double[] Worth(WidthSpace space, int group)
    {
        var (choice, all) = (space.Groups[group], space.All);
        var narrower = (long[])all.Clone();
        narrower[group] = choice.AtLeast(choice.Count - 1);
        var (dense, less) = (space.WidthsOf(all), space.WidthsOf(narrower));
        var saved = space.Costs.Sum(cost => (cost.At(dense) - cost.At(less)) / cost.Limit) / Math.Max(1, choice.Count - narrower[group]);
        return
        [
            .. Enumerable.Range(1, (int)(choice.Count - choice.Least)).Select(gone => choice.Count - gone)
                .Select(kept => saved > 0 ? (choice.Loss(kept) - choice.Loss(kept + 1)) / saved : double.PositiveInfinity),
        ];
    }

    /// <summary>The scores of the pieces that may go, for what the scope says that they cost, the lowest first.</summary>
    private static double[] Ranked(RankedPieces pieces, RankingScope scope)
    {
        var cost = scope is GlobalScope global ? Math.Max(global.CostOf(pieces), 1) : 1;
        var scores = (double[])pieces.ComparableNumbers.Clone();
        Array.Sort(scores);
        return Array.ConvertAll(scores[..(int)(pieces.Count - pieces.Least)], score => score / cost);
    }

    /// <summary>How many sorted numbers are below one.</summary>
    private static int Below(double[] sorted, double number) => First(sorted, one => one.CompareTo(number) >= 0);

    /// <summary>How many sorted numbers are no more than one.</summary>
    private static int UpTo(double[] sorted, double number) => First(sorted, one => one.CompareTo(number) > 0);

    /// <summary>The place of the first sorted number of which something holds; behind the last where it holds of none.</summary>
    private static int First(double[] sorted, Predicate<double> holds)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = holds(sorted[middle]) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
