using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What each channel of a group gave, summed up layer by layer.</summary>
internal sealed class ChannelMeans(long width)
{
    private readonly Dictionary<string, (double[] Sums, long[] Counts)> layers = new(StringComparer.Ordinal);

    /// <summary>Adds what one layer showed of several groups.</summary>
    /// <param name="means">Those of each group.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="groups">The groups that its channels belong to.</param>
    /// <param name="sums">The sum of each channel.</param>
    /// <param name="count">How many numbers each is the sum of.</param>
    public static void Add(ChannelMeans[] means, string layer, IEnumerable<TappedGroup> groups, Tensor sums, long count)
    {
        var channels = ChannelSums.Values(sums);
        foreach (var group in groups)
        {
            means[group.Index].Add(layer, group, channels, count);
        }
    }

    /// <summary>The mean over the layers of the mean that each showed.</summary>
    public double[] Scores()
    {
        var means = Layers().Select(layer => layer.Means).ToList();
        return [.. Enumerable.Range(0, (int)width).Select(index => means.Average(mean => mean[index]))];
    }

    /// <summary>The mean that each layer showed of each channel.</summary>
    public IEnumerable<(string Layer, double[] Means)> Layers() =>
        layers.Select(layer => (layer.Key, layer.Value.Sums.Zip(layer.Value.Counts, (sum, count) => sum / count).ToArray()));

    private void Add(string layer, TappedGroup group, double[] channels, long count)
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
}
