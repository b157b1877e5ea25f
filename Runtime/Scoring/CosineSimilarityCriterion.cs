using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How unlike its nearest filter a filter is: of the pair with the smallest cosine distance 1 − cos(F_i, F_j) the one with the smaller norm
/// goes, then again of the pairs that are left (Ayinde et al., "Redundant Feature Pruning for Accelerated Inference in Deep Neural Networks",
/// 2019). A channel scores the distance at which it goes, so that the lowest scores go in that order; the last one scores 2, the largest there is.
/// </summary>
/// <remarks>A filter of zeros has no direction; anything can stand for it, so it goes first, and scores -1.</remarks>
internal sealed class CosineSimilarityCriterion : ImportanceCriterion, IChannelCriterion
{
    private CosineSimilarityCriterion()
    {
    }

    public static CosineSimilarityCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.CosineSimilarity);

    public override bool OnOneScale => true;

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var noGradients = no_grad();
        return [.. groups.Select(ScoresOf)];
    }

    private double[] ScoresOf(PruningGroup group)
    {
        using var scope = NewDisposeScope();
        var filters = FilterVectors.Of(Name, group);
        var length = filters.norm(1);
        var directions = filters / length.masked_fill(length.eq(0), 1).unsqueeze(1);
        var zero = length.eq(0);
        var distances = (1 - directions.matmul(directions.t())).clamp_min(0).masked_fill(zero.unsqueeze(0).logical_or(zero.unsqueeze(1)), -1);
        return Greedy(ChannelSums.Values(distances), ChannelSums.Values(length));
    }

    private static double[] Greedy(double[] distances, double[] norms)
    {
        var width = norms.Length;
        var scores = new double[width];
        Array.Fill(scores, 2);
        var gone = new bool[width];

        // Of those behind a filter that are left, the one nearest to it, or -1 for none.
        var nearest = Enumerable.Range(0, width).Select(Nearest).ToArray();
        var last = double.NegativeInfinity;
        for (var left = width; left > 1; left--)
        {
            var first = -1;
            for (var i = 0; i < width; i++)
            {
                if (!gone[i] && nearest[i] >= 0 && (first < 0 || Distance(i, nearest[i]) < Distance(first, nearest[first])))
                {
                    first = i;
                }
            }

            // What goes at the same distance keeps its order.
            var smaller = norms[first] < norms[nearest[first]] ? first : nearest[first];
            scores[smaller] = last = Math.Max(Distance(first, nearest[first]), Math.BitIncrement(last));
            gone[smaller] = true;
            for (var i = 0; i < width; i++)
            {
                nearest[i] = nearest[i] == smaller ? Nearest(i) : nearest[i];
            }
        }

        return scores;

        double Distance(int i, int j) => distances[(i * width) + j];

        int Nearest(int i)
        {
            var found = -1;
            for (var j = i + 1; j < width; j++)
            {
                found = !gone[j] && (found < 0 || Distance(i, j) < Distance(i, found)) ? j : found;
            }

            return found;
        }
    }
}
