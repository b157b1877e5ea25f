using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Minimises the loss under the constraint ‖θ‖₀ ≤ k (Blumensath and Davies, "Iterative Hard Thresholding for Compressed Sensing", 2009; Jin et al.,
/// "Training Skinny Deep Neural Networks with Iterative Hard Thresholding Methods", 2016): every few steps of the optimizer all weights but the k largest
/// are set to zero, θ ← H_k(θ), and may grow again until the next time. In the last part of the training those that are zero stay so.
/// </summary>
/// <remarks>
/// θ are the trained weights of two or more dimensions: matrices, filters, embeddings; biases and scales do not count. Of equal magnitudes the first stay.
/// It begins best with a trained model. What is zero at the end is held there by whatever trains the model, through saving and loading too, until
/// <see cref="Pruning.ReleaseMasks"/>; channels that have no weight left are removed by <see cref="Pruning.CompactZeros{TModel}"/>. The share of weights
/// holds for each training by itself: a second one, at the same share, leaves the same number.
/// </remarks>
public sealed class IterativeHardThresholding : TrainingCallback
{
    private readonly double share;
    private List<TrainedWeight> weights = [];
    private bool isFrozen;

    /// <param name="share">k as a share of the weights, above 0 and at most 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside its range.</exception>
    public IterativeHardThresholding(double share) => this.share = SparseTrainingArguments.In(
        share, share is > 0 and <= 1, nameof(IterativeHardThresholding), nameof(share), "give a number above 0 and at most 1, such as 0.1; k itself is Count");

    /// <summary>Makes it with a share of 0.1.</summary>
    public IterativeHardThresholding()
        : this(0.1)
    {
    }

    /// <summary>k as a number of weights, at least 1, in place of the share; null, the default, for the share.</summary>
    public long? Count { get; init; }

    /// <summary>Whether each parameter keeps k of its own, instead of all together. False by default.</summary>
    public bool PerLayer { get; init; }

    /// <summary>After how many steps of the optimizer the weights are projected, at least 1. 10 by default.</summary>
    public int Every { get; init; } = 10;

    /// <summary>At which share of the training the zeros become final, from 0 to below 1. 0.75 by default.</summary>
    public double FrozenFrom { get; init; } = 0.75;

    /// <inheritdoc/>
    internal override bool ChoosesZeros => true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        SparseTrainingArguments.In(Every, Every > 0, nameof(IterativeHardThresholding), nameof(Every), "give 1 or more");
        SparseTrainingArguments.In(FrozenFrom, FrozenFrom is >= 0 and < 1, nameof(IterativeHardThresholding), nameof(FrozenFrom), "give 0 to below 1");
        weights = TrainedWeight.Of(context, nameof(IterativeHardThresholding));
        _ = Kept();
        isFrozen = context.IsSparse = false;
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        var isLastPart = context.HasReached(FrozenFrom);
        if (!isFrozen && (isLastPart || context.Step % Every == 0))
        {
            Project(context, isLastPart);
        }
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context) => weights = [];

    /// <summary>k of each set of weights that are ranked together.</summary>
    /// <exception cref="InvalidOperationException">It is above the number of weights, or below one.</exception>
    private List<(IReadOnlyList<TrainedWeight> Together, long Keep)> Kept()
    {
        var sets = PerLayer ? weights.ConvertAll<IReadOnlyList<TrainedWeight>>(weight => [weight]) : [weights];
        return sets.ConvertAll(together =>
        {
            var total = together.Sum(weight => weight.Tensor.numel());
            var keep = Count ?? TrainedWeight.Count(total, share);
            return keep >= 1 && keep <= total ? (together, keep) : throw new InvalidOperationException(
                $"{nameof(IterativeHardThresholding)}: {keep} weights are to stay of the {total} of "
                    + $"{string.Join(", ", together.Select(weight => weight.Path))}; give a {nameof(Count)} from 1 to {total}, or a share.");
        });
    }

    private void Project(TrainingContext context, bool freezes)
    {
        foreach (var (together, keep) in Kept())
        {
            using var scope = NewDisposeScope();
            foreach (var ((layer, name, weight, _), mask) in together.Zip(TrainedWeight.Largest(together, keep)))
            {
                weight.mul_(mask);
                if (freezes)
                {
                    WeightMasks.Hold(layer, name, mask);
                }
            }
        }

        if (freezes)
        {
            isFrozen = context.IsSparse = true;
            context.RefreshMasks();
        }
    }
}
