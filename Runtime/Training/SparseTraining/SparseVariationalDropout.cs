using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Noise on each weight, whose strength is learnt, tells which weights the answer does not need (Molchanov, Ashukha and Vetrov, "Variational Dropout
/// Sparsifies Deep Neural Networks", 2017): w = θ + σ ε, log α = log σ² − log(θ² + 1e-8). In training a layer puts out its usual output plus
/// √(x² ∗ σ² + 1e-8) times a normal number, and the penalty is (r λ / N) · Σ KL(log α) over weights, with KL = k₁ − k₁ σ(k₂ + k₃
/// log α) + ½ log(1 + 1/α), k = 0.63576, 1.87320, 1.48695, log α within ±8, N the number of training samples, and r growing from 0 to 1. Weights
/// of log α above 3 are left out of answers, and are zero at the end.
/// </summary>
/// <remarks>
/// It is for the weights of Linear layers and of convolutions that are padded with zeros by numbers; others, <see cref="Left"/>, stay as they are. Of each
/// weight at least one element stays. What is zero at the end is held there by whatever trains the model, until <see cref="Pruning.ReleaseMasks"/>. log σ²
/// begins at −10, so the noise needs many hundred steps at <see cref="LearningRate"/> before the first weight goes. Layers must be invoked by <c>call</c>.
/// </remarks>
public sealed class SparseVariationalDropout : TrainingCallback
{
    private const double Threshold = 3;

    private readonly double strength;
    private readonly List<NoisyWeight> weights = [];
    private readonly List<Action> removals = [];
    private readonly List<string> left = [];
    private optim.Optimizer? optimizer;
    private long samples;

    /// <param name="strength">λ, at least 0: 1 is the variational bound itself, and more removes more.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public SparseVariationalDropout(double strength) => this.strength = SparseTrainingArguments.Strength(strength, nameof(SparseVariationalDropout));

    /// <summary>Makes it with λ = 1.</summary>
    public SparseVariationalDropout()
        : this(1)
    {
    }

    /// <summary>The learning rate of log σ², above 0; it has an Adam of its own. 1e-2 by default.</summary>
    public double LearningRate { get; init; } = 1e-2;

    /// <summary>
    /// The share of the training in which the penalty grows to its full strength, from 0 to 1. Without that, most weights go before they have learnt
    /// anything. 0.5 by default.
    /// </summary>
    public double WarmUp { get; init; } = 0.5;

    /// <summary>The paths of the layers that have weights of two or more dimensions and are left as they are. To be read once training has begun.</summary>
    public IReadOnlyList<string> Left => left;

    /// <inheritdoc/>
    internal override bool ChoosesZeros => true;

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        const string Name = nameof(SparseVariationalDropout);
        SparseTrainingArguments.LearningRate(LearningRate, Name);
        SparseTrainingArguments.In(WarmUp, WarmUp is >= 0 and <= 1, Name, nameof(WarmUp), "give a number from 0 to 1, such as 0.5");
        SparseTrainingArguments.RequireNoBestWeightsBehind(this, context);
        left.Clear();
        samples = context.Samples;
        weights.AddRange(NoisyWeight.Of(context, -10, left));
        if (weights.Count == 0)
        {
            throw new InvalidOperationException(
                $"{Name} finds no Linear layer and no convolution with a trained weight in {context.Model.GetType().Name} that it could put noise on.");
        }

        foreach (var noisy in weights)
        {
            removals.Add(noisy.Layer.register_forward_hook((_, input, output) =>
                context.IsTeacherCalled || output.numel() == 0 ? output : NoisyOutput(noisy, input, output, context.Model.training)).remove);
        }

        optimizer = optim.Adam(weights.Where(noisy => noisy.IsFirst).Select(noisy => noisy.LogVariance), LearningRate);
    }

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        var share = WarmUp > 0 ? Math.Min(1, context.Progress / WarmUp) : 1;
        var factor = share * strength / samples;
        return weights.Where(noisy => noisy.IsFirst).Aggregate(
            loss, (sum, noisy) => sum + (Divergence(LogAlpha(noisy).clamp(-8, 8)).sum(type: ScalarType.Float64) * factor).to_type(loss.dtype));
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        context.AverageGradients(weights.Where(noisy => noisy.IsFirst).Select(noisy => noisy.LogVariance));
        optimizer!.step();
        optimizer.zero_grad();
        foreach (var noisy in weights)
        {
            // Beyond that nothing would change but for what float32 cannot divide by.
            noisy.LogVariance.clamp_(-40, 20);
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        NoisyWeight.RequireAllObserved(weights, nameof(SparseVariationalDropout));
        if (context.KeptEpoch == epoch.Epoch)
        {
            weights.ForEach(noisy => noisy.Keep());
        }
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        RemoveHooks();
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        if (context.KeptEpoch is not null)
        {
            weights.ForEach(noisy => noisy.PutBack());
        }

        foreach (var noisy in weights.Where(noisy => noisy.IsFirst))
        {
            var mask = Stays(noisy).to_type(noisy.Weight.dtype);
            noisy.Weight.mul_(mask);
            WeightMasks.Hold(noisy.Layer, "weight", mask);
        }
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        RemoveHooks();
        optimizer?.Dispose();
        optimizer = null;
        weights.ForEach(noisy => noisy.Dispose());
        weights.Clear();
    }

    /// <summary>KL of a weight to the log-uniform prior, as the paper approximates it.</summary>
    internal static Tensor Divergence(Tensor logAlpha)
    {
        const double K1 = 0.63576, K2 = 1.87320, K3 = 1.48695;
        return K1 - (K1 * ((logAlpha * K3) + K2).sigmoid()) + (nn.functional.softplus(-logAlpha) / 2);
    }

    private static Tensor LogAlpha(NoisyWeight noisy) =>
        noisy.LogVariance - (noisy.Weight.to_type(noisy.LogVariance.dtype).square() + NoisyWeight.Smallest).log();

    /// <summary>True for what is needed; the most needed of all stays in any case.</summary>
    private static Tensor Stays(NoisyWeight noisy)
    {
        var logAlpha = LogAlpha(noisy);
        return logAlpha.le(Threshold).logical_or(logAlpha.eq(logAlpha.min()));
    }

    private static Tensor NoisyOutput(NoisyWeight noisy, Tensor input, Tensor output, bool isTraining)
    {
        noisy.IsObserved = true;
        return isTraining ? noisy.WithNoise(input, output)
            : output - noisy.Apply(input, noisy.Weight * Stays(noisy).logical_not().to_type(noisy.Weight.dtype));
    }

    private void RemoveHooks()
    {
        removals.ForEach(remove => remove());
        removals.Clear();
    }
}
