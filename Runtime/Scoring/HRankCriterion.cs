using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The rank of a channel's map behind ReLU, the mean over samples (Lin et al., "HRank: Filter Pruning using High-Rank Feature Map", 2020). For
/// channels that two-dimensional convolutions put out alone.
/// </summary>
/// <remarks>
/// The maps are those that the layers put out that make the channel, behind the BatchNorm that takes them; ReLU is applied to them here, whichever
/// function the model has. The mean over the layers where several make the channel. Singular values count that are above what float32 rounds,
/// the larger side of the map times 1.2e-7 of the largest.
/// </remarks>
internal sealed class HRankCriterion : ImportanceCriterion, IChannelCriterion
{
    private const double Rounding = 1.1920929e-7;

    private HRankCriterion()
    {
    }

    public static HRankCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.HRank);

    public override CriterionNeeds Needs => CriterionNeeds.Activations;

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        foreach (var group in groups)
        {
            if (group.Members.FirstOrDefault(member => member is { Role: MemberRole.Produces, Parameter.Module: not (Conv2d or ConvTranspose2d) }) is { } other)
            {
                throw new InvalidOperationException(
                    $"{Name} cannot score {group.Name}: it looks at the maps that Conv2d layers put out, and {other.Parameter.Path} is of a "
                        + $"{other.Parameter.Module.GetType().Name}. Choose MeanActivation, L1 or L2 for it, or keep its width.");
            }
        }

        var means = groups.Select(group => new ChannelMeans(group.Width)).ToArray();
        using var outputs = new ActivationTaps(Name, groups, _ => true, (output, dim) => (output, Ranks(output, dim)));
        context.ForEachBatch(Name, gradients: false, (_, _) =>
        {
            foreach (var tapped in outputs.Take())
            {
                using (tapped)
                {
                    ChannelMeans.Add(means, tapped.Layer, tapped.Groups, tapped.Kept, tapped.Rows);
                }
            }
        });
        outputs.RequireAllObserved();
        var scores = Array.ConvertAll(means, mean => mean.Scores());
        var flat = Array.FindIndex(scores, ofGroup => ofGroup.Length > 1 && Array.TrueForAll(ofGroup, score => score <= 1));
        return flat < 0
            ? scores
            : throw new InvalidOperationException(
                $"{Name} cannot score {groups[flat].Name}: no map of it has a rank above 1, as maps of one row or column never have. Choose MeanActivation, "
                    + "L1 or L2 for it, or keep its width.");
    }

    /// <summary>The sum over samples of the ranks of each channel's maps.</summary>
    private static Tensor Ranks(Tensor output, int dim)
    {
        using var scope = NewDisposeScope();
        var maps = output.to_type(ScalarType.Float64).relu().transpose(0, dim);
        var ranks = linalg.matrix_rank(maps, atol: 0.0, rtol: Rounding * Math.Max(output.shape[^1], output.shape[^2]));
        return ranks.to_type(ScalarType.Float64).reshape(output.size(dim), -1).sum(1).MoveToOuterDisposeScope();
    }
}
