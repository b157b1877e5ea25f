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

    /// <summary>
    /// With <see cref="FromScratch"/>, whether the small model has all widths of the dense one narrowed by the same share instead of those that pruning
    /// came to: as wide as it can be without having more parameters than the pruned one.
    /// </summary>
    public bool Uniform { get; init; }

    /// <summary>
    /// With <see cref="FromScratch"/>, whether the small model is trained for as many multiply-accumulates as the pruned one was altogether, dense training
    /// and retraining, instead of for as many epochs (Liu et al.'s Scratch-B): the epochs of retraining, and those of dense training times dense by small
    /// multiply-accumulates, rounded.
    /// </summary>
    public bool EqualCompute { get; init; }

    /// <summary>
    /// Makes what the model is trained with from the ratio, where training itself makes weights zero: <c>ratio => new IterativeHardThresholding(1 - ratio)</c>.
    /// Nothing else is pruned then. Null, the default, for pruning by <see cref="Options"/>.
    /// </summary>
    public Func<double, TrainingCallback>? Sparse { get; init; }
}
