namespace PruneGen;

/// <summary>A way to prune, under a name.</summary>
/// <param name="Name">What tables call it.</param>
/// <param name="Options">What to prune and how. The ratio, the seed and the number of epochs are the comparison's.</param>
public sealed record PruneRecipe(string Name, PruneOptions Options)
{
    /// <summary>
    /// Whether the pruned model is trained from new random weights instead of its own: what a model that was small from the beginning comes to (Liu et al.,
    /// "Rethinking the Value of Network Pruning", 2019).
    /// </summary>
    public bool FromScratch { get; init; }
}
