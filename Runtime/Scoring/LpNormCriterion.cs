using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The Lp norm (Σ |w|^p)^(1/p) of what goes with a channel: all of it, or its filter alone, which is how Li et al., "Pruning Filters for
/// Efficient ConvNets", 2017, rank filters. A single weight scores |w|, whatever p is.
/// </summary>
/// <remarks>
/// With <see cref="PruneSettings.Threshold"/> ε and <see cref="FiltersOnly"/>, every row of weights goes whose norm is below ε. A norm grows with
/// the number of weights, so norms of different groups are on scales of their own. An attribute takes a class derived from this, which says p in
/// its constructor.
/// </remarks>
public class LpNormCriterion : ImportanceCriterion, IChannelCriterion, IWeightCriterion
{
    private readonly double p;

    /// <param name="p">The power, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">It is not.</exception>
    public LpNormCriterion(double p)
    {
        this.p = p > 0 && double.IsFinite(p)
            ? p
            : throw new ArgumentOutOfRangeException(nameof(p), p, FormattableString.Invariant($"p is {p}; give a finite number above 0, such as 2."));
    }

    internal static LpNormCriterion Filters { get; } = new(2) { FiltersOnly = true };

    /// <summary>The power.</summary>
    internal double P => p;

    /// <summary>
    /// Whether only the filters that make a channel count, and not its biases, scales and shifts, nor the slices of the layers that read it.
    /// </summary>
    public bool FiltersOnly { get; init; }

    /// <inheritdoc/>
    public override string Name =>
        FiltersOnly && p == 2 ? nameof(Criterion.FilterNorm) : FormattableString.Invariant($"L{p}{(FiltersOnly ? " of filters" : "")}");

    /// <inheritdoc/>
    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        double[][] sums;
        if (FiltersOnly)
        {
            sums = [.. groups.Select(group => ChannelSums.Slices(FilterVectors.Of(Name, group).abs().pow(p), 0))];
        }
        else
        {
            var weights = ChannelSums.WeightsOf(groups);
            sums = ChannelSums.Fold(groups, weights, [.. weights.Select(weight => weight.Tensor.to_type(ScalarType.Float64).abs().pow(p))]);
        }

        return Array.ConvertAll(sums, ofGroup => Array.ConvertAll(ofGroup, sum => Math.Pow(sum, 1 / p)));
    }

    /// <inheritdoc/>
    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        using var noGradients = no_grad();
        return [.. weights.Select(weight => weight.Tensor.abs())];
    }
}
