using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How far a channel's filter is from all others of its group, Σ_j ‖F_i − F_j‖₂ (FPGM: He et al., "Filter Pruning via Geometric Median for Deep
/// Convolutional Neural Networks Acceleration", 2019). The filters near the geometric median go first: others can stand for them, however
/// large they are.
/// </summary>
internal sealed class GeometricMedianCriterion : ImportanceCriterion, IChannelCriterion
{
    private GeometricMedianCriterion()
    {
    }

    public static GeometricMedianCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.GeometricMedian);

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var noGradients = no_grad();
        return [.. groups.Select(ScoresOf)];
    }

    private double[] ScoresOf(PruningGroup group)
    {
        // ‖a − b‖² = ‖a‖² + ‖b‖² − 2ab: one product of matrices, whose rounding is far below that of the weights.
        using var scope = NewDisposeScope();
        var filters = FilterVectors.Of(Name, group);
        var products = filters.matmul(filters.t());
        var squares = products.diagonal();
        var distances = (squares.unsqueeze(0) + squares.unsqueeze(1) - (2 * products)).clamp_min(0).sqrt();
        return ChannelSums.Values(distances.sum(1));
    }
}
