using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Pulls whole channels to zero (Yuan and Lin, 2006; Wen et al., "Learning Structured Sparsity in Deep Neural Networks", 2016): the penalty λ · Σ
/// √|G| · ‖w_G‖₂ over channels, as a proximal step behind each step of the optimizer, w ← w · max(0, 1 − η λ √|G| / ‖w‖₂),
/// which gives exact zeros. η is the learning rate of the step, |G| the number of weights that make the channel: filters, biases, scales and shifts.
/// </summary>
/// <remarks>
/// Train with it first, then remove what is zero by <see cref="Pruning.CompactZeros{TModel}"/>. The model must be one that can be linked. Behind
/// SGD it is the proximal gradient method as written down; behind Adam, whose steps are of another length, λ means something else.
/// </remarks>
public sealed class GroupLasso : TrainingCallback
{
    private readonly double strength;
    private List<(ChannelSlices Slices, Tensor Roots)> groups = [];

    /// <param name="strength">λ, at least 0, per unit of the loss.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public GroupLasso(double strength) => this.strength = SparseTrainingArguments.Strength(strength, nameof(GroupLasso));

    /// <summary>Makes it with λ = 1e-3.</summary>
    public GroupLasso()
        : this(1e-3)
    {
    }

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context) => groups = ChannelSlices.Of(context, nameof(GroupLasso)).ConvertAll(
        slices => (slices, tensor(slices.Counts.Select(Math.Sqrt).ToArray(), device: context.Device).DetachFromDisposeScope()));

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        var reach = context.LearningRate * strength;
        if (reach == 0)
        {
            return;
        }

        foreach (var (slices, roots) in groups)
        {
            // Of a norm of zero the factor is zero, and zero stays zero.
            using var scope = NewDisposeScope();
            var norms = slices.Sums(weight => weight.square()).sqrt();
            slices.Multiply((1 - (roots * reach / norms)).clamp_min(0));
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        foreach (var (slices, roots) in groups)
        {
            slices.Dispose();
            roots.Dispose();
        }

        groups = [];
    }
}
