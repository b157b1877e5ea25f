using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Gates on channels that are often exactly 0 or 1 (Louizos, Welling and Kingma, "Learning Sparse Neural Networks through L0 Regularization", 2018):
/// the penalty is the expected number of weights that are not zero, (λ / N) · Σ |G| · σ(log α − β log(−γ / ζ)), N the number of training
/// samples and |G| the number of weights that make the channel. In training z = clamp(s (ζ − γ) + γ, 0, 1) with s = σ((log u − log(1 − u) +
/// log α) / β) and u uniform, drawn for each batch; to answer with, z = clamp(σ(log α)(ζ − γ) + γ, 0, 1). γ = −0.1, ζ = 1.1, β = 2/3.
/// </summary>
/// <remarks>
/// log α begins at log((1 − p) / p), p the share that is dropped at first, and stays within ± log 100. A channel is closed from log α ≤ −2.398
/// on, so the gates need a few hundred steps at <see cref="ChannelGates.LearningRate"/> before the first one is.
/// </remarks>
public sealed class HardConcreteGates : ChannelGates
{
    private const double Low = -0.1;
    private const double High = 1.1;
    private const double Temperature = 2.0 / 3;
    private const double Smallest = 1e-6;
    private static readonly double Bound = Math.Log(100);

    private readonly double dropped;

    /// <param name="strength">λ, at least 0, per weight and unit of the summed loss.</param>
    /// <param name="dropped">p, above 0 and below 1. 0.5 by default.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public HardConcreteGates(double strength, double dropped = 0.5)
        : base(strength) => this.dropped = SparseTrainingArguments.In(
            dropped, dropped is > 0 and < 1, nameof(HardConcreteGates), nameof(dropped), "give a number above 0 and below 1, such as 0.5");

    /// <summary>Makes them with λ = 0.1 and p = 0.5.</summary>
    public HardConcreteGates()
        : this(0.1)
    {
    }

    /// <summary>The probability that a gate is not zero, σ(log α − β log(−γ / ζ)).</summary>
    internal static Tensor Open(Tensor logAlpha) => (logAlpha - (Temperature * Math.Log(-Low / High))).sigmoid();

    /// <summary>The gate to answer with.</summary>
    internal static Tensor Gate(Tensor logAlpha) => Stretched(logAlpha.sigmoid());

    /// <summary>The gate that a number u in (0, 1) draws.</summary>
    internal static Tensor Gate(Tensor logAlpha, Tensor u) => Stretched(((u.log() - (1 - u).log() + logAlpha) / Temperature).sigmoid());

    private protected override Parameter[] NewParameters(PruningGroup group, TrainingContext context) =>
        [New(group, context, Math.Log((1 - dropped) / dropped), 0.01)];

    private protected override Tensor Draw(GateSet set, long rows)
    {
        var u = (rand_like(set.Parameters[0]) * (1 - (2 * Smallest))) + Smallest;
        return Gate(set.Parameters[0], u).unsqueeze(0);
    }

    private protected override Tensor Final(GateSet set) => Gate(set.Parameters[0]);

    private protected override Tensor PenaltyOf(GateSet set)
    {
        var open = Open(set.Parameters[0]);
        return (open * tensor(set.Counts.ToArray(), device: open.device).to_type(open.dtype)).sum();
    }

    private protected override void Limit(GateSet set) => set.Parameters[0].clamp_(-Bound, Bound);

    private static Tensor Stretched(Tensor s) => ((s * (High - Low)) + Low).clamp(0, 1);
}
