namespace PruneGen;

/// <summary>
/// Decides how much each group or layer loses. For one of your own derive from this, and give it as <see cref="PruneOptions.Allocator"/>, or its
/// type as <c>[Prunable(AllocatorType = typeof(Mine))]</c>.
/// </summary>
public abstract class RatioAllocator
{
    /// <summary>What messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The allocator of a name.</summary>
    public static implicit operator RatioAllocator(Allocator name) => Of(name);

    /// <summary>The allocator of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static RatioAllocator Of(Allocator name) => name switch
    {
        Allocator.ByScope => ByScopeAllocator.Instance,
        Allocator.Uniform => UniformAllocator.Instance,
        Allocator.Global => GlobalAllocator.Instance,
        Allocator.Greedy => GreedyAllocator.Instance,
        Allocator.DynamicProgramming => new DynamicProgrammingAllocator(),
        Allocator.Sensitivity => new SensitivityAllocator(),
        Allocator.RandomSearch => new RandomSearch(),
        Allocator.Annealing => new AnnealingSearch(),
        Allocator.Genetic => new GeneticSearch(),
        Allocator.NonDominatedSorting => new NonDominatedSearch(),
        Allocator.LearnedMasks => new LearnedMaskSearch(),
        Allocator.Reinforcement => new ReinforcementSearch(),
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no allocator {name}; give one of {string.Join(", ", Enum.GetNames<Allocator>())}, or one of your own."),
    };

    /// <summary>The ratios of groups and parameters.</summary>
    /// <param name="plan">The linked model, with its counts as closed forms of the widths.</param>
    /// <param name="pieces">What is pruned by a ratio, with its scores and the ratio that was given for it.</param>
    /// <returns>
    /// For each that is to have another ratio than the given one, by <see cref="RankedPieces.Name"/>, the share of the dense original that is to be
    /// gone, in [0, 1).
    /// </returns>
    public abstract IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces);

    /// <summary>
    /// The ratios, where there is data to try them on: what <c>FindRatios</c> asks for. By default what <see cref="Allocate"/> says without any.
    /// </summary>
    /// <param name="context">The budget, what each group may become, and what evaluates it.</param>
    /// <returns>As <see cref="Allocate"/> gives them.</returns>
    public virtual IReadOnlyDictionary<string, double> Search(SearchContext context) => Allocate(context.Plan, context.Pieces);

    /// <summary>The ratios that it gives.</summary>
    /// <param name="ratios">What it has given.</param>
    /// <param name="plan">The linked model.</param>
    /// <param name="space">What else may have one: what is searched for within a budget; null for nothing.</param>
    /// <exception cref="InvalidOperationException">There are none, one is outside its range, or of what the model does not have.</exception>
    internal IReadOnlyDictionary<string, double> Checked(
        IReadOnlyDictionary<string, double>? ratios, PruningPlan plan, WidthSpace? space = null)
    {
        if (ratios is null)
        {
            throw new InvalidOperationException($"{this} gives null in place of ratios; give an empty dictionary where the given ratios are to stand.");
        }

        // One of the model may have its ratio without a say at present, as where layers have their turns; and what was found before may be of what has gone.
        var names = plan.Groups.Select(group => group.Name).Concat(plan.Parameters.Select(parameter => parameter.Path))
            .Concat(space?.Groups.Select(choice => choice.Name) ?? []).ToHashSet(StringComparer.Ordinal);
        if (this is not GivenRatios && ratios.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown)
        {
            throw new InvalidOperationException(
                $"{this} gives a ratio for '{unknown}', which {plan.Model.GetType().Name} does not have; give ratios by {nameof(RankedPieces)}."
                    + $"{nameof(RankedPieces.Name)}, such as {string.Join(", ", plan.Groups.Select(group => group.Name).Take(5))}.");
        }

        foreach (var (name, ratio) in ratios.Where(entry => entry.Value is not (>= 0 and < 1)))
        {
            throw new InvalidOperationException(
                FormattableString.Invariant($"{this} gives {name} the ratio {ratio}; give a number from 0 to below 1."));
        }

        return ratios;
    }

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}
