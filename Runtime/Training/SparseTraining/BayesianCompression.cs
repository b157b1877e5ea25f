using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Noise on channels and on weights at once (Louizos, Ullrich and Welling, "Bayesian Compression for Deep Learning", 2017; BC-GNJ, the group normal-Jeffreys
/// prior): in training each channel is multiplied by z = μ_z + σ_z ε, drawn for each sample and the same at all positions, and each weight is normal with
/// the variance σ². The penalty is (r λ / N) · (Σ KL(log α) over channels + Σ ½ (σ² + μ² − 1 − log σ²) over weights), log α = log σ_z²
/// − log(μ_z² + 1e-8), KL as in <see cref="SparseVariationalDropout"/>, N the number of training samples, r growing from 0 to 1. A channel is closed
/// where log α reaches a threshold; the others are multiplied by μ_z to answer with, and weights are their means.
/// </summary>
/// <remarks>
/// μ_z begins at 1 ± 0.01, log σ_z² and log σ² at −9, so many hundred steps at <see cref="ChannelGates.LearningRate"/> are needed. Its authors choose
/// the threshold of each layer by hand, in the gap of the histogram: <see cref="LogAlphas"/> tells the numbers. Weights of layers that are neither Linear nor
/// a convolution padded with zeros by numbers have no noise.
/// </remarks>
public sealed class BayesianCompression : ChannelGates
{
    private readonly List<NoisyWeight> weights = [];
    private readonly List<Action> removals = [];
    private readonly Dictionary<string, double[]> logAlphas = new(StringComparer.Ordinal);
    private long samples;

    /// <param name="strength">λ, at least 0: 1 is the variational bound itself, and more closes more.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public BayesianCompression(double strength)
        : base(strength)
    {
    }

    /// <summary>Makes it with λ = 1.</summary>
    public BayesianCompression()
        : this(1)
    {
    }

    /// <summary>
    /// The log α from which on a channel is closed. 0 by default, where noise is as large as what it is on; the authors choose −2.8 to −5.
    /// </summary>
    public double Threshold { get; init; }

    /// <summary>Thresholds of single groups, by name.</summary>
    public IReadOnlyDictionary<string, double> Thresholds { get => field ?? new Dictionary<string, double>(); init; }

    /// <summary>
    /// The share of the training in which the penalty grows to its full strength, from 0 to 1. 0.5 by default.
    /// </summary>
    public double WarmUp { get; init; } = 0.5;

    /// <summary>log α of the channels of each group at the end of the last training.</summary>
    public IReadOnlyDictionary<string, double[]> LogAlphas => logAlphas;

    private protected override IEnumerable<Parameter> MoreParameters => weights.Where(noisy => noisy.IsFirst).Select(noisy => noisy.LogVariance);

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context)
    {
        const string Name = nameof(BayesianCompression);
        SparseTrainingArguments.In(WarmUp, WarmUp is >= 0 and <= 1, Name, nameof(WarmUp), "give a number from 0 to 1, such as 0.5");
        foreach (var threshold in Thresholds.Values.Prepend(Threshold))
        {
            SparseTrainingArguments.In(threshold, double.IsFinite(threshold), Name, nameof(Threshold), "give a finite number, such as 0 or -3");
        }

        logAlphas.Clear();
        samples = context.Samples;
        weights.AddRange(NoisyWeight.Of(context, -9, []));

        // The noise of a layer's weights is in what its gate multiplies: its hook is the first.
        foreach (var noisy in weights)
        {
            removals.Add(noisy.Layer.register_forward_hook((_, input, output) =>
            {
                noisy.IsObserved = true;
                return context.IsTeacherCalled || output.numel() == 0 || !context.Model.training ? output : noisy.WithNoise(input, output);
            }).remove);
        }

        base.OnBegin(context);
        var groups = context.Link().Groups.Select(group => group.Name).ToList();
        if (Thresholds.Keys.Except(groups).FirstOrDefault() is { } other)
        {
            throw new InvalidOperationException(
                $"{Name}: {nameof(Thresholds)} names '{other}', which is no group of {context.Model.GetType().Name}; these are: {string.Join(", ", groups)}.");
        }
    }

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        var factor = Strength * Ramp(context) / samples;
        return weights.Where(noisy => noisy.IsFirst).Aggregate(
            base.OnLoss(context, batch, results, loss),
            (sum, noisy) => sum + (CostOf(noisy.Weight, noisy.LogVariance) * factor).to_type(loss.dtype));
    }

    /// <inheritdoc/>
    public override void OnStep(TrainingContext context)
    {
        base.OnStep(context);
        foreach (var noisy in weights)
        {
            // Beyond that nothing would change but for what float32 cannot divide by.
            noisy.LogVariance.clamp_(-40, 20);
        }
    }

    /// <inheritdoc/>
    public override void OnEpochEnd(TrainingContext context, EpochResult epoch)
    {
        NoisyWeight.RequireAllObserved(weights, nameof(BayesianCompression));
        base.OnEpochEnd(context, epoch);
    }

    /// <inheritdoc/>
    public override void OnEnd(TrainingContext context)
    {
        RemoveHooks();
        base.OnEnd(context);
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        RemoveHooks();
        base.OnRelease(context);
        weights.ForEach(noisy => noisy.Dispose());
        weights.Clear();
    }

    /// <summary>KL of normal weights to N(0, 1), ½ Σ (σ² + μ² − 1 − log σ²), a scalar in float64.</summary>
    internal static Tensor CostOf(Tensor mean, Tensor logVariance) =>
        (logVariance.exp() + mean.to_type(logVariance.dtype).square() - 1 - logVariance).sum(type: ScalarType.Float64) / 2;

    /// <summary>log σ² − log(μ² + 1e-8) of each channel.</summary>
    internal static Tensor LogAlpha(Tensor mean, Tensor logVariance) => logVariance - (mean.square() + NoisyWeight.Smallest).log();

    private protected override double Ramp(TrainingContext context) => WarmUp > 0 ? Math.Min(1, context.Progress / WarmUp) : 1;

    private protected override Parameter[] NewParameters(PruningGroup group, TrainingContext context) =>
        [New(group, context, 1, 0.01), New(group, context, -9, 0.01)];

    private protected override Tensor Draw(GateSet set, long rows)
    {
        var (mean, logVariance) = (set.Parameters[0], set.Parameters[1]);
        return mean + ((logVariance / 2).exp() * randn([rows, mean.size(0)], mean.dtype, mean.device));
    }

    private protected override Tensor Final(GateSet set)
    {
        var logAlpha = LogAlpha(set.Parameters[0], set.Parameters[1]);
        logAlphas[set.Group.Name] = ChannelSums.Values(logAlpha.detach().to_type(ScalarType.Float64));
        return set.Parameters[0] * logAlpha.lt(Thresholds.GetValueOrDefault(set.Group.Name, Threshold)).to_type(logAlpha.dtype);
    }

    private protected override void Limit(GateSet set) => set.Parameters[1].clamp_(-20, 20);

    private protected override Tensor PenaltyOf(GateSet set) =>
        SparseVariationalDropout.Divergence(LogAlpha(set.Parameters[0], set.Parameters[1]).clamp(-8, 8)).sum();

    private void RemoveHooks()
    {
        removals.ForEach(remove => remove());
        removals.Clear();
    }
}
