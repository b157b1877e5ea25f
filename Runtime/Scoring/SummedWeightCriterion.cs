using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Scores weights one by one; a channel scores the sum over everything that goes with it: filters, biases, scales and shifts, and the slices of
/// the layers that read it.
/// </summary>
internal abstract class SummedWeightCriterion : ImportanceCriterion, IChannelCriterion, IWeightCriterion
{
    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var scope = NewDisposeScope();
        var weights = ChannelSums.WeightsOf(groups);
        return ChannelSums.Fold(groups, weights, ScoreWeights(context, weights));
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        using var scope = NewDisposeScope();
        var scores = Scores(context, [.. weights.Select(weight => weight.Tensor)]);
        return Array.ConvertAll(scores, score => score.MoveToOuterDisposeScope());
    }

    /// <summary>Scores the weights of some tensors.</summary>
    /// <returns>For each tensor, one of its shape in float64, without a graph.</returns>
    private protected abstract Tensor[] Scores(ScoringContext context, Tensor[] weights);
}
