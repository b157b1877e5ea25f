using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Keeps the weights that move away from zero while the model is fine-tuned (Sanh, Wolf and Rush, "Movement Pruning: Adaptive Sparsity by Fine-Tuning",
/// 2020). Each weight has a score, which begins at 0 and changes by S ← S − α · g · w, g the gradient of the weight as the model answered with it:
/// also of those that are masked, so that they can come back. The share v of the highest scores of each parameter stays; v falls from 1 along the cubic
/// curve.
/// </summary>
/// <remarks>
/// With a <see cref="Threshold"/> τ it is the soft form: what stays has σ(S) above τ, so each parameter keeps as many as it needs, and λ · mean σ(S) is
/// added to the loss, λ growing along the same curve. Masked weights are not moved by gradients. It is for models that are trained already, on data that is
/// new to them: in a training from the beginning, weights move because they were drawn badly.
/// </remarks>
public sealed class MovementPruning : MaskedTraining
{
    private const string Method = nameof(MovementPruning);

    private readonly double share;
    private readonly Dictionary<MaskedWeight, Parameter> scores = new(ReferenceEqualityComparer.Instance);
    private optim.Optimizer? optimizer;
    private double strength;

    /// <param name="share">v, the share of each parameter that stays at the end, above 0 and at most 1; with a threshold it has no say.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is outside its range.</exception>
    public MovementPruning(double share) => this.share = SparseTrainingArguments.In(
        share, share is > 0 and <= 1, Method, nameof(share), "give a number above 0 and at most 1, such as 0.1");

    /// <summary>Makes it with v = 0.1.</summary>
    public MovementPruning()
        : this(0.1)
    {
    }

    /// <summary>τ, above 0 and below 1, for the soft form; null, the default, for a share. The paper takes 0.1.</summary>
    public double? Threshold { get; init; }

    /// <summary>λ of the soft form, at least 0. 400 by default.</summary>
    public double Strength { get; init; } = 400;

    /// <summary>α, above 0: for a share the step along the sum itself, for a threshold that of an Adam of its own. 1e-2 by default.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>At which share of the training weights begin to go, from 0 to below <see cref="MaskedTraining.Until"/>. 0.1 by default.</summary>
    public double WarmUp { get; init; } = 0.1;

    /// <summary>After how many steps of the optimizer the masks are chosen anew, at least 1. 10 by default.</summary>
    public int Every { get; init; } = 10;

    /// <summary>The scores, by the path of the parameter, while the model is trained.</summary>
    internal IReadOnlyDictionary<string, Tensor> Scores =>
        scores.ToDictionary(entry => entry.Key.Weight.Path, entry => (Tensor)entry.Value, StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        optimizer?.Dispose();
        optimizer = null;
        foreach (var parameter in scores.Values)
        {
            parameter.Dispose();
        }

        scores.Clear();
        base.OnRelease(context);
    }

    private protected override void Begin(TrainingContext context, IReadOnlyList<MaskedWeight> all)
    {
        SparseTrainingArguments.In(
            Threshold ?? 0.5, Threshold is null or (> 0 and < 1), Method, nameof(Threshold), "give a number between 0 and 1, such as 0.1");
        SparseTrainingArguments.Strength(Strength, Method);
        SparseTrainingArguments.LearningRate(LearningRate, Method);
        SparseTrainingArguments.In(WarmUp, WarmUp >= 0 && WarmUp < Until, Method, nameof(WarmUp), $"give 0 or more, and less than {nameof(Until)}");
        SparseTrainingArguments.In(Every, Every > 0, Method, nameof(Every), "give 1 or more");
        foreach (var weight in all)
        {
            using var begin = zeros_like(weight.Dense);
            var parameter = new Parameter(begin);
            parameter.DetachFromDisposeScope();
            scores.Add(weight, parameter);
        }

        strength = 0;
        optimizer = Threshold is null ? optim.SGD(scores.Values, LearningRate) : optim.Adam(scores.Values, LearningRate);
    }

    private protected override void Learn(MaskedWeight weight, Tensor gradient)
    {
        var score = scores[weight];
        var slope = gradient * weight.Dense;
        if (strength > 0)
        {
            var open = score.sigmoid();
            slope.add_(open * (1 - open) * (strength / scores.Values.Sum(one => one.numel())));
        }

        score.grad = slope;
        gradient.mul_(weight.Mask);
    }

    private protected override void Learnt()
    {
        optimizer!.step();
        optimizer.zero_grad();
    }

    private protected override void Choose(TrainingContext context, IReadOnlyList<MaskedWeight> all, bool isLast)
    {
        var left = isLast ? 0 : Math.Pow(1 - Math.Clamp((context.Done - WarmUp) / (Until - WarmUp), 0, 1), 3);
        strength = Threshold is null ? 0 : Strength * (1 - left);
        if (!isLast && context.Step % Every != 0)
        {
            return;
        }

        foreach (var weight in all)
        {
            var values = scores[weight].detach();
            weight.Set(Threshold is double threshold ? values.sigmoid().gt(threshold) : Highest(weight, values, share + ((1 - share) * left)), values);
        }
    }

    private static Tensor Highest(MaskedWeight weight, Tensor values, double keep)
    {
        var flat = values.masked_fill(weight.MayStay.logical_not(), double.NegativeInfinity).flatten();
        var remove = flat.numel() - TrainedWeight.Count(flat.numel(), keep);
        return remove > 0 ? Selection.KeepBest(flat, remove).reshape(values.shape) : ones_like(values, ScalarType.Bool);
    }
}
