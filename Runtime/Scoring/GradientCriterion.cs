using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Scores weights by gradients: of the loss of each sample by itself, where the formula is one of samples, else of the loss of each batch. A
/// channel scores the sum over all that goes with it.
/// </summary>
internal abstract class GradientCriterion : SummedWeightCriterion
{
    public override CriterionNeeds Needs => CriterionNeeds.Labels | CriterionNeeds.Gradients;

    /// <summary>The mean over samples of what is made of the gradient of each one's loss.</summary>
    private protected Tensor[] MeanOfSamples(ScoringContext context, Tensor[] weights, Func<Tensor, Tensor> of) =>
        MeanOfSamples(context, weights, context.SummedLoss, of);

    /// <summary>The mean over samples of what is made of a gradient.</summary>
    /// <param name="context">The model and the data.</param>
    /// <param name="weights">What to differentiate by.</param>
    /// <param name="value">What to differentiate, of the results for one sample and that sample.</param>
    /// <param name="of">What is made of a gradient, in float64.</param>
    private protected Tensor[] MeanOfSamples(ScoringContext context, Tensor[] weights, Func<Tensor[], Batch, Tensor> value, Func<Tensor, Tensor> of) =>
        Mean(weights, (unfrozen, add) => context.ForEachSample(
            Name, gradients: true, (results, sample) => add(Gradients.Of(value(results, sample), unfrozen), of)));

    /// <summary>The mean over samples of what is made of the gradient of each batch's mean loss; a batch counts as often as it has samples.</summary>
    private protected Tensor[] MeanOfBatches(ScoringContext context, Tensor[] weights, Func<Tensor, Tensor> of) =>
        Mean(weights, (unfrozen, add) => context.ForEachBatch(
            Name,
            gradients: true,
            (results, batch) => add(
                Gradients.Of(context.SummedLoss(results, batch), unfrozen), gradient => of(gradient / batch.Size) * batch.Size)));

    /// <summary>Sums up what some passes add, and divides by the number of samples.</summary>
    private protected static Tensor[] Mean(Tensor[] weights, Func<Tensor[], Action<Tensor?[], Func<Tensor, Tensor>>, long> run)
    {
        var sums = Array.ConvertAll(weights, weight => zeros_like(weight, ScalarType.Float64));
        using var trained = new Unfrozen(weights);
        var samples = run(weights, (gradients, of) =>
        {
            using var noGradients = no_grad();
            for (var i = 0; i < sums.Length; i++)
            {
                if (gradients[i] is { } gradient)
                {
                    sums[i].add_(of(gradient.detach().to_type(ScalarType.Float64)));
                }
            }
        });
        return Array.ConvertAll(sums, sum => sum.div_(samples));
    }

    /// <summary>Each product with the weight itself.</summary>
    private protected static Tensor[] Times(Tensor[] scores, Tensor[] weights, Func<Tensor, Tensor> of)
    {
        using var noGradients = no_grad();
        return [.. scores.Zip(weights, (score, weight) => score.mul_(of(weight.detach().to_type(ScalarType.Float64))))];
    }
}

/// <summary>
/// The magnitude of a weight's gradient, mean |∂L/∂w| over samples: what the loss does not answer to goes. It is taken sample by sample, since
/// the mean gradient is zero wherever the model is trained, whatever its weights do.
/// </summary>
internal sealed class GradientMagnitudeCriterion : GradientCriterion
{
    public static GradientMagnitudeCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Gradient);

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights) => MeanOfSamples(context, weights, gradient => gradient.abs());
}

/// <summary>
/// The first-order estimate of how much the loss changes without a weight, squared: (w · ∂L/∂w)² of the mean loss of each batch, averaged over
/// batches (Molchanov et al., "Importance Estimation for Neural Network Pruning", 2019, equation 8). A channel scores the sum of its weights'
/// squares, not the square of their sum, so that what cancels out counts.
/// </summary>
/// <remarks>
/// As in the paper's code the square is that of a batch: larger batches give smaller scores. <see cref="Criterion.Fisher"/> takes each sample's.
/// </remarks>
internal sealed class TaylorWeightCriterion : GradientCriterion
{
    public static TaylorWeightCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.TaylorWeight);

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights) =>
        Times(MeanOfBatches(context, weights, gradient => gradient.square()), weights, weight => weight.square());
}

/// <summary>
/// The estimate of how much the loss grows without a weight by the diagonal of the empirical Fisher information, ½ w² · mean (∂L/∂w)² over samples
/// (Theis et al., "Faster gaze prediction with dense networks and Fisher pruning", 2018).
/// </summary>
/// <remarks>
/// The square is that of each sample's gradient, not of the batch's, which is near zero in a trained model. A channel scores the sum over its
/// weights, as if they were independent, where the paper squares the sum.
/// </remarks>
internal sealed class FisherCriterion : GradientCriterion
{
    public static FisherCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Fisher);

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights) =>
        Times(MeanOfSamples(context, weights, gradient => gradient.square()), weights, weight => weight.square().div_(2));
}

/// <summary>
/// Connection sensitivity |w · ∂L/∂w| / Σ |w · ∂L/∂w| of the mean loss, the sum over all that is scored (SNIP: Lee et al., "SNIP: Single-shot
/// Network Pruning based on Connection Sensitivity", 2019). Meant for <see cref="Scope.Global"/>, before training.
/// </summary>
internal sealed class SnipCriterion : GradientCriterion
{
    public static SnipCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Snip);

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights)
    {
        var scores = Array.ConvertAll(Times(MeanOfBatches(context, weights, gradient => gradient), weights, weight => weight), score => score.abs_());
        var total = scores.Sum(score => score.sum().item<double>());
        return total != 0
            ? Array.ConvertAll(scores, score => score.div_(total))
            : throw new InvalidOperationException(
                $"{Name} scores everything zero: with this data, in evaluation mode, no weight that is to be pruned reaches the loss. "
                    + "Choose L1 or L2, or give data that the model answers to.");
    }
}

/// <summary>
/// How much a weight contributes to what the model predicts: |w · ∂f/∂w|, where f is the output of the class that is predicted, the mean over
/// samples. The labels are not looked at. Where f is linear in w, it is exactly how much f changes without the weight.
/// </summary>
/// <remarks>
/// The class is the largest along dimension 1 of a result, or the last one where the labels fit that alone; a result with positions gives the sum over
/// them, a result without classes is f itself.
/// </remarks>
internal sealed class ContributionCriterion : GradientCriterion
{
    public static ContributionCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Contribution);

    public override CriterionNeeds Needs => CriterionNeeds.Gradients;

    public override bool OnOneScale => true;

    private protected override Tensor[] Scores(ScoringContext context, Tensor[] weights) =>
        Times(MeanOfSamples(context, weights, Predicted, gradient => gradient.abs()), weights, weight => weight.abs());

    private Tensor Predicted(Tensor[] results, Batch sample)
    {
        var predicted = results.Select((result, i) => (Result: result, I: i)).Where(entry => entry.Result.is_floating_point())
            .Select(entry => entry.Result.dim() > 1 ? entry.Result.max(Classes(entry.Result, entry.I)).values.sum() : entry.Result.sum()).ToList();
        return predicted.Count > 0
            ? predicted.Aggregate((sum, next) => sum + next)
            : throw new InvalidOperationException(
                $"{Name} asks what each weight does for the model's results, and none of them is a floating-point tensor; have it return the outputs of "
                    + "all classes, or choose L1 or L2.");

        int Classes(Tensor result, int i) => (i < sample.Targets.Length ? LossFunctions.ClassDimension(result, sample.Targets[i]) : null) ?? 1;
    }
}
