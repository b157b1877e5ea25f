namespace PruneGen;

/// <summary>
/// Clusters by k-means over the weights of a layer that are not zero (Han et al., "Deep Compression", 2016); zero stays a value of its own. A cluster that
/// loses its last weight keeps its centroid.
/// </summary>
internal sealed class KMeansAssignment : CodeAssignment
{
    // Far more than are needed: beyond it centroids move by what no float tells.
    private const int MostRounds = 300;

    private readonly SharedBy start;

    public KMeansAssignment(SharedBy start)
    {
        this.start = start;
    }

    public override string Name => start.ToString();

    public override SharedCode Assign(WeightToShare weight)
    {
        var sorted = weight.Values.Where(value => value != 0).ToArray();
        Array.Sort(sorted);
        var centroids = sorted.Length == 0 ? [] : Cluster(sorted, Begin(sorted, 1 << weight.Bits, weight.Seed));
        for (var i = 0; i < centroids.Length; i++)
        {
            centroids[i] = weight.Round(centroids[i]);
        }

        // Zero is the first value where an element is zero; a centroid that is zero too would be another name for it.
        var first = sorted.Length < weight.Values.Length ? 1 : 0;
        var codes = Array.ConvertAll(weight.Values, value => (ushort)(value == 0 ? 0 : first + Nearest(centroids, value)));
        return new SharedWeight(weight.Shape, first == 1 ? [0, .. centroids] : centroids, codes);
    }

    /// <summary>Lloyd's rounds until nothing changes. In one dimension clusters are ranges of the sorted values.</summary>
    /// <param name="sorted">The values, ascending.</param>
    /// <param name="centroids">Where to begin, ascending.</param>
    internal static double[] Cluster(double[] sorted, double[] centroids)
    {
        var sums = new double[sorted.Length + 1];
        for (var i = 0; i < sorted.Length; i++)
        {
            sums[i + 1] = sums[i] + sorted[i];
        }

        for (var round = 0; round < MostRounds; round++)
        {
            var (next, begin) = ((double[])centroids.Clone(), 0);
            for (var k = 0; k < centroids.Length; k++)
            {
                // A value in the middle between two belongs to the lower one.
                var end = k == centroids.Length - 1 ? sorted.Length : FirstAbove(sorted, (centroids[k] + centroids[k + 1]) / 2);
                if (end > begin)
                {
                    next[k] = (sums[end] - sums[begin]) / (end - begin);
                    begin = end;
                }
            }

            if (next.AsSpan().SequenceEqual(centroids))
            {
                break;
            }

            centroids = next;
        }

        return centroids;
    }

    private double[] Begin(double[] sorted, int count, int seed)
    {
        var distinct = sorted.Distinct().ToArray();
        if (distinct.Length <= count)
        {
            return distinct;
        }

        var (least, most) = (sorted[0], sorted[^1]);
        double Share(int k) => count == 1 ? 0.5 : (double)k / (count - 1);
        return start switch
        {
            SharedBy.LinearKMeans => [.. Enumerable.Range(0, count).Select(k => least + ((most - least) * Share(k)))],
            SharedBy.DensityKMeans => [.. Enumerable.Range(0, count).Select(k => sorted[(int)((k + 0.5) * sorted.Length / count)])],
            _ => Drawn(distinct, count, new Random(seed)),
        };
    }

    private static double[] Drawn(double[] distinct, int count, Random random)
    {
        random.Shuffle(distinct);
        var drawn = distinct[..count];
        Array.Sort(drawn);
        return drawn;
    }

    private static int FirstAbove(double[] sorted, double limit)
    {
        var (low, high) = (0, sorted.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = sorted[middle] <= limit ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static int Nearest(double[] centroids, double value)
    {
        var above = Array.BinarySearch(centroids, value);
        above = above < 0 ? ~above : above;
        return above == 0 ? 0
            : above == centroids.Length || value - centroids[above - 1] <= centroids[above] - value ? above - 1
            : above;
    }
}
