using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Scores a channel by a mean over samples and positions of something of its activations.</summary>
/// <remarks>
/// It is measured where layers take the channel in: behind the activation function, whatever it is and however it is called,
/// behind normalisation, pooling and sums. Where several layers read a channel, each behind functions of its own, the score is
/// the mean over what each of them gets. Where none does, as with queries and keys that only meet each other, it is the mean
/// over what the layers that produce it put out, behind the BatchNorm that takes it.
/// </remarks>
internal abstract class ActivationMeanCriterion : ImportanceCriterion, IChannelCriterion
{
    public override CriterionNeeds Needs => CriterionNeeds.Activations;

    /// <summary>What is averaged, for each activation.</summary>
    private protected abstract Tensor Of(Tensor activations);

    public virtual double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var means = groups.Select(group => new ChannelMeans(group.Width)).ToArray();
        using var inputs = new InputTaps(Name, groups, (reader, input, dim, channels) =>
        {
            using var sums = Sums(input, dim);
            ChannelMeans.Add(means, reader, channels, sums, input.numel() / input.size(dim));
            return input;
        });
        using var outputs = new ActivationTaps(Name, groups, group => !inputs.Read(group), (output, dim) => (output, Sums(output, dim)));
        context.ForEachBatch(Name, gradients: false, (_, _) =>
        {
            foreach (var tapped in outputs.Take())
            {
                using (tapped)
                {
                    var unread = tapped.Groups.Where(group => !inputs.Read(groups[group.Index]));
                    ChannelMeans.Add(means, tapped.Layer, unread, tapped.Kept, tapped.Rows * tapped.Positions);
                }
            }
        });
        outputs.RequireAllObserved();
        inputs.RequireAllObserved();
        return Array.ConvertAll(means, mean => mean.Scores());
    }

    /// <summary>The sum over each channel.</summary>
    private Tensor Sums(Tensor tensor, int dim)
    {
        using var scope = NewDisposeScope();
        return ChannelSums.Rows(Of(tensor), dim).sum(1).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The mean magnitude of what comes out of a channel, over samples and positions (Molchanov et al., "Pruning Convolutional
/// Neural Networks for Resource Efficient Inference", 2017).
/// </summary>
/// <inheritdoc cref="ActivationMeanCriterion" path="/remarks"/>
internal sealed class MeanActivationCriterion : ActivationMeanCriterion
{
    private MeanActivationCriterion()
    {
    }

    public static MeanActivationCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.MeanActivation);

    private protected override Tensor Of(Tensor activations) => activations.to_type(ScalarType.Float64).abs();
}

/// <summary>
/// The share of a channel's activations, over samples and positions, that are not zero: 1 − APoZ, the average percentage of zeros (Hu et al.,
/// "Network Trimming: A Data-Driven Neuron Pruning Approach towards Efficient Deep Architectures", 2016). It needs an activation function that
/// makes zeros, as ReLU does; where none was seen, it says so.
/// </summary>
/// <inheritdoc cref="ActivationMeanCriterion" path="/remarks"/>
internal sealed class ApozCriterion : ActivationMeanCriterion
{
    private ApozCriterion()
    {
    }

    public static ApozCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Apoz);

    public override double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var scores = base.ScoreChannels(context, groups);
        var without = Array.FindIndex(scores, ofGroup => ofGroup.Length > 1 && Array.TrueForAll(ofGroup, score => score == 1));
        return without < 0
            ? scores
            : throw new InvalidOperationException(
                $"{Name} cannot score {groups[without].Name}: it counts zeros, and none came out of it. Choose MeanActivation or Taylor for it where the "
                    + "activation function makes no zeros, as GELU and SiLU do not, or give data that it answers to.");
    }

    private protected override Tensor Of(Tensor activations) => activations.ne(0);
}
