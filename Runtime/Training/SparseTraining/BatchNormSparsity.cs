using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Pulls scales of BatchNorm to zero (Liu et al., "Learning Efficient Convolutional Networks through Network Slimming", 2017): the penalty λ · Σ |γ|, by
/// adding λ · sign(γ) to the gradients of the scales of all channels that could be removed.
/// </summary>
/// <remarks>
/// Train with it first, then prune by <see cref="Criterion.BatchNormScale"/>, with <see cref="Scope.Global"/>. It makes scales small and not exactly zero;
/// what pruning takes away, retraining makes good. The model must be one that can be linked.
/// </remarks>
public sealed class BatchNormSparsity : TrainingCallback
{
    private readonly double strength;
    private List<Parameter> scales = [];

    /// <param name="strength">λ, at least 0, per unit of the loss. The paper takes 1e-4 to 1e-5, for many epochs.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public BatchNormSparsity(double strength) => this.strength = SparseTrainingArguments.Strength(strength, nameof(BatchNormSparsity));

    /// <summary>Makes it with λ = 1e-4.</summary>
    public BatchNormSparsity()
        : this(1e-4)
    {
    }

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        var found = context.Link().Groups.SelectMany(group => group.Members)
            .Where(member => member.Parameter is { Module: BatchNorm, Name: "weight" }).Select(member => member.Parameter.Tensor.Handle).ToHashSet();
        scales = [.. context.Parameters.Where(parameter => found.Contains(parameter.Handle))];
        if (scales.Count == 0)
        {
            throw new InvalidOperationException(
                $"{nameof(BatchNormSparsity)} finds no BatchNorm in {context.Model.GetType().Name} with a scale that is trained, of channels that could be "
                    + $"removed; put a BatchNorm behind the layers, or use {nameof(GroupLasso)}.");
        }
    }

    /// <inheritdoc/>
    public override void OnBackward(TrainingContext context)
    {
        foreach (var scale in scales)
        {
            scale.grad?.add_(scale.sign(), strength);
        }
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => Nothing;

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context) => scales = [];
}
