using static TorchSharp.torch;

namespace PruneGen;

/// <summary>A seeded random order: what any other criterion has to beat.</summary>
internal sealed class RandomCriterion : ImportanceCriterion, IChannelCriterion, IWeightCriterion
{
    private RandomCriterion()
    {
    }

    public static RandomCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Random);

    public override bool OnOneScale => true;

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var random = new Random(context.Seed);
        return groups.Select(group => Draw(random, group.Width)).ToArray();
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        var random = new Random(context.Seed);
        return weights.Select(weight => tensor(Draw(random, weight.Tensor.numel()), [.. weight.Shape])).ToArray();
    }

    private static double[] Draw(Random random, long count)
    {
        var scores = new double[count];
        for (var i = 0; i < scores.Length; i++)
        {
            scores[i] = random.NextDouble();
        }

        return scores;
    }
}
