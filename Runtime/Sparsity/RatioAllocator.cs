namespace PruneGen;

/// <summary>
/// Decides how much each group or layer loses. For one of your own derive from this, and give it as <see cref="PruneOptions.Allocator"/>, or its
/// type as <c>[Prunable(AllocatorType = typeof(Mine))]</c>.
/// </summary>
public abstract class RatioAllocator
{
    /// <summary>What messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The ratios of groups and parameters.</summary>
    /// <param name="plan">The linked model, with its counts as closed forms of the widths.</param>
    /// <param name="pieces">What is pruned by a ratio, with its scores and the ratio that was given for it.</param>
    /// <returns>
    /// For each that is to have another ratio than the given one, by <see cref="RankedPieces.Name"/>, the share of the dense original that is to be
    /// gone, in [0, 1).
    /// </returns>
    public abstract IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}
