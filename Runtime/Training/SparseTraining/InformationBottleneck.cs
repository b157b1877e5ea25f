using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Noisy gates that let through only what the answer needs (Dai et al., "Compressing Neural Networks using the Variational Information Bottleneck",
/// 2018): in training each channel is multiplied by μ + σ ε, ε normal, drawn for each sample and the same at all of its positions, and the penalty
/// is (λ / N) · Σ over groups of positions · ½ Σ log(1 + μ² / σ²), N the number of training samples. A channel is closed where log σ² ≥
/// log μ²; the others are multiplied by μ to answer with.
/// </summary>
/// <remarks>
/// μ begins at 1 ± 0.01 and log σ² at −9, so the gates need several hundred steps at <see cref="ChannelGates.LearningRate"/> before the first one closes.
/// Dimension 0 of a layer's output is taken as the samples.
/// </remarks>
public sealed class InformationBottleneck : ChannelGates
{
    /// <param name="strength">λ, at least 0: 1 is the variational bound itself, and more closes more.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or not finite.</exception>
    public InformationBottleneck(double strength)
        : base(strength)
    {
    }

    /// <summary>Makes it with λ = 1.</summary>
    public InformationBottleneck()
        : this(1)
    {
    }

    /// <summary>½ log(1 + μ² / σ²) of each channel.</summary>
    internal static Tensor Cost(Tensor mean, Tensor logVariance) => (mean.square() / logVariance.exp()).log1p() / 2;

    /// <summary>μ where σ² &lt; μ², else zero.</summary>
    internal static Tensor Gate(Tensor mean, Tensor logVariance) => mean * logVariance.exp().lt(mean.square()).to_type(mean.dtype);

    private protected override Parameter[] NewParameters(PruningGroup group, TrainingContext context) =>
        [New(group, context, 1, 0.01), New(group, context, -9, 0.01)];

    private protected override Tensor Draw(GateSet set, long rows)
    {
        var (mean, logVariance) = (set.Parameters[0], set.Parameters[1]);
        return mean + ((logVariance / 2).exp() * randn([rows, mean.size(0)], mean.dtype, mean.device));
    }

    private protected override Tensor Final(GateSet set) => Gate(set.Parameters[0], set.Parameters[1]);

    // Beyond e^±20 nothing would change but for what float32 cannot divide by.
    private protected override void Limit(GateSet set) => set.Parameters[1].clamp_(-20, 20);

    private protected override Tensor PenaltyOf(GateSet set) => Cost(set.Parameters[0], set.Parameters[1]).sum() * set.Positions;
}
