using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Trains all weights behind masks: the model answers with what the masks leave, the optimizer moves the weights themselves, and what is masked may come
/// back, until the masks become final.
/// </summary>
/// <remarks>
/// It is for the trained weights of two or more dimensions. Of each at least one element stays, and what was held at zero before the training stays so. What
/// is masked at the end is held there by whatever trains the model, until <see cref="Pruning.ReleaseMasks"/>.
/// </remarks>
public abstract class MaskedTraining : TrainingCallback
{
    private List<MaskedWeight> weights = [];
    private bool isFinal;

    private protected MaskedTraining()
    {
    }

    /// <summary>At which share of the training the masks become final, from 0 to below 1; the rest trains what stays. 0.75 by default.</summary>
    public double Until { get; init; } = 0.75;

    /// <inheritdoc/>
    internal override bool ChoosesZeros => true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        SparseTrainingArguments.In(Until, Until is >= 0 and < 1, GetType().Name, nameof(Until), "give a number from 0 to below 1, such as 0.75");
        isFinal = context.IsSparse = false;
        using var noGradients = no_grad();
        weights = TrainedWeight.Of(context, GetType().Name).ConvertAll(weight => new MaskedWeight(weight));
        Begin(context, weights);
    }

    /// <inheritdoc/>
    public override void OnBackward(TrainingContext context)
    {
        if (isFinal)
        {
            return;
        }

        foreach (var weight in weights)
        {
            if (weight.Weight.Tensor.grad is { } gradient)
            {
                Learn(weight, gradient);
            }

            weight.Weight.Tensor.copy_(weight.Dense);
        }

        Learnt();
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        if (isFinal)
        {
            return;
        }

        foreach (var weight in weights)
        {
            weight.Dense.copy_(weight.Weight.Tensor);
        }

        var isLast = context.HasReached(Until);
        Choose(context, weights, isLast);
        weights.ForEach(weight => weight.Apply());
        if (isLast)
        {
            Freeze(context);
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        if (!isFinal)
        {
            Freeze(context);
        }
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        weights.ForEach(weight => weight.Dispose());
        weights = [];
    }

    /// <summary>Training is about to begin, with masks that leave everything.</summary>
    private protected abstract void Begin(TrainingContext context, IReadOnlyList<MaskedWeight> all);

    /// <summary>
    /// The gradient of what the model answered with, the masked weight, is there, also where that is zero; it is what the weight itself is moved by.
    /// </summary>
    private protected virtual void Learn(MaskedWeight weight, Tensor gradient)
    {
    }

    /// <summary>All gradients have been seen.</summary>
    private protected virtual void Learnt()
    {
    }

    /// <summary>The weights have moved: new masks may be given.</summary>
    private protected abstract void Choose(TrainingContext context, IReadOnlyList<MaskedWeight> all, bool isLast);

    private void Freeze(TrainingContext context)
    {
        foreach (var weight in weights)
        {
            WeightMasks.Hold(weight.Weight.Layer, weight.Weight.Name, weight.Mask);
        }

        isFinal = context.IsSparse = true;
        context.RefreshMasks();
    }
}

/// <summary>A weight, all of it, and the mask that it is trained behind.</summary>
internal sealed class MaskedWeight : IDisposable
{
    private readonly Tensor? held;

    public MaskedWeight(TrainedWeight weight)
    {
        Weight = weight;
        Dense = weight.Tensor.detach().clone().DetachFromDisposeScope();
        held = WeightMasks.Of(weight.Layer, weight.Name)?.to(Dense.device).to_type(Dense.dtype).clone().DetachFromDisposeScope();
        Mask = (held?.clone() ?? ones_like(Dense)).DetachFromDisposeScope();
    }

    public TrainedWeight Weight { get; }

    /// <summary>All of the weight.</summary>
    public Tensor Dense { get; }

    /// <summary>One where the model answers with the weight, zero elsewhere.</summary>
    public Tensor Mask { get; }

    /// <summary>True for each element that may stay.</summary>
    public Tensor MayStay => held?.ne(0) ?? ones_like(Dense, ScalarType.Bool);

    /// <summary>Gives a new mask; where nothing would be left, the element of the highest value stays.</summary>
    /// <param name="stays">True for each element that stays.</param>
    /// <param name="values">What tells which element is needed most.</param>
    public void Set(Tensor stays, Tensor values)
    {
        var allowed = stays.logical_and(MayStay);
        if (!allowed.any().item<bool>())
        {
            var best = values.to_type(ScalarType.Float64).masked_fill(MayStay.logical_not(), double.NegativeInfinity).flatten().argmax();
            allowed.view(-1).index_fill_(0, best.reshape(1), true);
        }

        Mask.copy_(allowed);
    }

    /// <summary>Has the model answer with what the mask leaves.</summary>
    public void Apply() => Weight.Tensor.copy_(Dense * Mask);

    public void Dispose()
    {
        Dense.Dispose();
        Mask.Dispose();
        held?.Dispose();
    }
}
