namespace PruneGen;

/// <summary>
/// An allocator that tries choices on data: what <c>FindRatios</c> asks. Everything that it draws it draws from a generator of the settings' seed, so that the
/// same search, killed and gone on with by its file, comes to the same result.
/// </summary>
public abstract class RatioSearch : RatioAllocator
{
    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">Always: there is no data.</exception>
    public sealed override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) => throw NeedsData(Name);

    /// <inheritdoc/>
    public sealed override IReadOnlyDictionary<string, double> Search(SearchContext context) =>
        context.Space.Ratios(context.Space.Groups.Count == 0 ? [] : Choose(context, new Random(context.Settings.Seed)));

    /// <summary>What each group keeps.</summary>
    /// <param name="context">What evaluates.</param>
    /// <param name="random">What everything random is drawn from.</param>
    protected abstract long[] Choose(SearchContext context, Random random);

    /// <summary>What an allocator says that is asked without data.</summary>
    internal static InvalidOperationException NeedsData(string name) => new(
        $"{name} tries what it chooses on validation data, which is not at hand here; call FindRatios(budget, train, validation), and prune by the options "
            + $"that it gives, or choose {nameof(Allocator.Uniform)}, {nameof(Allocator.Global)}, {nameof(Allocator.Greedy)} or "
            + $"{nameof(Allocator.DynamicProgramming)}.");

    /// <summary>The best of some choices.</summary>
    private protected static long[] Best(SearchContext context, IEnumerable<long[]> choices) => choices.MinBy(context.Value)!;

    /// <summary>A number from a normal distribution of mean 0 and deviation 1.</summary>
    private protected static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

/// <summary>The best of choices whose shares are drawn between a tenth and all, and scaled to the budget: <see cref="Allocator.RandomSearch"/>.</summary>
public sealed class RandomSearch : RatioSearch
{
    /// <inheritdoc/>
    public override string Name => nameof(RandomSearch);

    /// <inheritdoc/>
    protected override long[] Choose(SearchContext context, Random random)
    {
        var tried = new List<long[]>();
        while (tried.Count < 20 * context.Settings.Evaluations && !context.IsSpent)
        {
            var drawn = Enumerable.Range(0, context.Settings.Evaluations - context.Evaluated)
                .Select(_ => context.Space.Scaled([.. context.Space.Groups.Select(_ => 0.1 + (0.9 * random.NextDouble()))])).ToList();
            context.EvaluateAhead(drawn);
            drawn.ForEach(kept => context.Evaluate(kept));
            tried.AddRange(drawn);
        }

        return Best(context, tried);
    }
}

/// <summary>
/// Simulated annealing (Liu et al., "AutoCompress: An Automatic DNN Structured Pruning Framework for Ultra-High Compression Rates", 2020): the shares of
/// a choice
/// are moved at random, by less the colder it is, scaled to the budget, and what is worse by Δ is taken with the probability exp(−Δ / T): <see
/// cref="Allocator.Annealing"/>. It begins with equal shares.
/// </summary>
public sealed class AnnealingSearch : RatioSearch
{
    /// <summary>By how many levels of temperature it cools, each 0.9 of that before.</summary>
    private const int Levels = 30;

    /// <summary>T at the beginning, in shares of wrong answers (of the dense loss, where the targets are no classes), above 0. 0.03 by default.</summary>
    public double Temperature { get; init; } = 0.03;

    /// <summary>By how much the logarithm of a share moves at most at the beginning, above 0. 0.35 by default.</summary>
    public double Step { get; init; } = 0.35;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.Annealing);

    /// <inheritdoc/>
    protected override long[] Choose(SearchContext context, Random random)
    {
        if (!(Temperature > 0) || !(Step > 0))
        {
            throw new ArgumentOutOfRangeException(
                nameof(Temperature),
                FormattableString.Invariant($"Annealing begins at {Temperature} with steps of {Step}; give numbers above 0, such as 0.03 and 0.35."));
        }

        var space = context.Space;
        var shares = space.Groups.Select(_ => 1.0).ToArray();
        var tried = new List<long[]> { space.Scaled(shares) };
        var value = context.Value(tried[0]);
        var unit = context.Evaluate(tried[0]).Error is null ? Math.Max(1e-12, Math.Abs(context.Dense.Loss)) : 1;
        for (var move = 0; move < 20 * context.Settings.Evaluations && !context.IsSpent; move++)
        {
            var cold = Math.Pow(0.9, Math.Floor((double)Levels * context.Evaluated / context.Settings.Evaluations));
            double[] moved = [.. shares.Select(share => share * Math.Exp(((2 * random.NextDouble()) - 1) * Step * Math.Max(cold, 0.1)))];
            var kept = space.Scaled(moved);
            tried.Add(kept);
            var next = context.Value(kept);
            if (next <= value || random.NextDouble() < Math.Exp((value - next) / (unit * Temperature * cold)))
            {
                // As shares of the dense original, so that none drifts to where it has no say.
                (shares, value) = ([.. space.Groups.Select((group, i) => Math.Max(1e-3, (double)kept[i] / group.DenseCount))], next);
            }
        }

        return Best(context, tried);
    }
}
