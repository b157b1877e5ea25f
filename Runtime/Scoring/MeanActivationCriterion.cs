using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The mean magnitude of what comes out of a channel, over samples and positions (Molchanov et al., "Pruning Convolutional
/// Neural Networks for Resource Efficient Inference", 2017).
/// </summary>
/// <remarks>
/// It is measured where layers take the channel in: behind the activation function, whatever it is and however it is called,
/// behind normalisation, pooling and sums. Where several layers read a channel, each behind functions of its own, the score is
/// the mean over what each of them gets. Where none does, as with queries and keys that only meet each other, it is the mean
/// over what the layers that produce it put out, behind the BatchNorm that takes it.
/// </remarks>
internal sealed class MeanActivationCriterion : ImportanceCriterion, IChannelCriterion
{
    private MeanActivationCriterion()
    {
    }

    public static MeanActivationCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.MeanActivation);

    public override CriterionNeeds Needs => CriterionNeeds.Activations;

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var means = groups.Select(group => new Means(group.Width)).ToArray();
        using var inputs = new InputTaps(Name, groups, (reader, input, dim, channels) =>
        {
            using var sums = Magnitudes(input, dim);
            Add(means, reader, channels, sums, input.numel() / input.size(dim));
        });
        using var outputs = new ActivationTaps(
            Name, groups, group => !inputs.Read(group), (output, dim) => (output, Magnitudes(output, dim)));
        context.ForEachBatch(Name, gradients: false, (_, _) =>
        {
            foreach (var tapped in outputs.Take())
            {
                using (tapped)
                {
                    Add(means, tapped.Layer, tapped.Groups.Where(group => !inputs.Read(groups[group.Index])), tapped.Kept, tapped.Rows * tapped.Positions);
                }
            }
        });
        outputs.RequireAllHeard();
        inputs.RequireAllHeard();
        return Array.ConvertAll(means, mean => mean.Scores());
    }

    /// <summary>The sum of magnitudes of each channel.</summary>
    private static Tensor Magnitudes(Tensor tensor, int dim)
    {
        using var scope = NewDisposeScope();
        return tensor.to_type(ScalarType.Float64).abs().transpose(0, dim).reshape(tensor.size(dim), -1).sum(1).MoveToOuterDisposeScope();
    }

    private static void Add(Means[] means, string layer, IEnumerable<TappedGroup> groups, Tensor sums, long count)
    {
        using var onHost = sums.cpu();
        var channels = onHost.data<double>().ToArray();
        foreach (var group in groups)
        {
            means[group.Index].Add(layer, group, channels, count);
        }
    }

    /// <summary>The scores of one group: the mean over the layers that show it of the mean magnitude there.</summary>
    private sealed class Means(long width)
    {
        private readonly Dictionary<string, (double[] Sums, long[] Counts)> layers = new(StringComparer.Ordinal);

        public void Add(string layer, TappedGroup group, double[] channels, long count)
        {
            if (!layers.TryGetValue(layer, out var mean))
            {
                layers.Add(layer, mean = (new double[width], new long[width]));
            }

            for (var channel = 0; channel < channels.Length; channel++)
            {
                if (group[channel] is >= 0 and var index)
                {
                    mean.Sums[index] += channels[channel];
                    mean.Counts[index] += count;
                }
            }
        }

        public double[] Scores()
        {
            var scores = new double[width];
            foreach (var (sums, counts) in layers.Values)
            {
                for (var index = 0; index < scores.Length; index++)
                {
                    scores[index] += sums[index] / counts[index] / layers.Count;
                }
            }

            return scores;
        }
    }
}
