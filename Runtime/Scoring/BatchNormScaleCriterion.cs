using TorchSharp.Modules;

namespace PruneGen;

/// <summary>
/// The magnitude |γ| of a channel's scale in BatchNorm (Liu et al., "Learning Efficient Convolutional Networks through Network Slimming",
/// 2017); the mean over them where several BatchNorms pass the channel on.
/// </summary>
/// <remarks>All scales are ranked together as they are, as the paper does it. It tells most behind training that pulls scales to zero.</remarks>
internal sealed class BatchNormScaleCriterion : ImportanceCriterion, IChannelCriterion
{
    private BatchNormScaleCriterion()
    {
    }

    public static BatchNormScaleCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.BatchNormScale);

    public override bool OnOneScale => true;

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) => [.. groups.Select(ScoresOf)];

    private double[] ScoresOf(PruningGroup group)
    {
        var (sums, counts) = (new double[group.Width], new double[group.Width]);
        foreach (var member in group.Members.Where(member => member.Parameter is { Module: BatchNorm, Name: "weight" }))
        {
            var scales = Array.ConvertAll(ChannelSums.Values(member.Parameter.Tensor), Math.Abs);
            ChannelSums.Add(sums, member.IndexMap, scales);
            ChannelSums.Add(counts, member.IndexMap, Array.ConvertAll(scales, _ => 1.0));
        }

        return counts.Contains(0)
            ? throw new InvalidOperationException(
                $"{Name} cannot score {group.Name}: no BatchNorm with a scale passes on what {string.Join(", ", group.Producers.DefaultIfEmpty(group.Name))} "
                    + "puts out. Choose L1, L2 or Random for it, keep its width, or put a BatchNorm behind it.")
            : [.. sums.Zip(counts, (sum, count) => sum / count)];
    }
}
