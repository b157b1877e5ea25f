using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Of ranges of magnitudes that a histogram of 2,048 bins shows, that by which Kullback and Leibler's divergence of what the codes tell of it is least: as
/// TensorRT calibrates (Migacz, 2017). Magnitudes beyond the range count at its end.
/// </summary>
internal sealed class EntropyRange : SampledRange
{
    private const int Bins = 2048;
    private const int Step = 16;

    public override string Name => nameof(RangeRule.Entropy);

    public override RangeObserver New() => new EntropyRange();

    private protected override (Tensor Least, Tensor Most) RangeOf(Tensor rows, CodeGrid grid)
    {
        var (least, most) = (rows.amin([1L]), rows.amax([1L]));
        var limits = new float[rows.size(0)];
        for (var row = 0; row < limits.Length; row++)
        {
            limits[row] = Limit(rows[row].abs().to_type(ScalarType.Float32).cpu().contiguous().data<float>().ToArray(), Levels(grid, least[row].ToSingle()));
        }

        var limit = tensor(limits).to(rows.device);
        return (maximum(least, -limit), minimum(most, limit));
    }

    /// <summary>How many codes the magnitudes have.</summary>
    private static int Levels(CodeGrid grid, float least) =>
        least < 0 || grid.IsSymmetric ? Math.Max(2, (grid.Most - grid.Least + 1) / 2) : grid.Most - grid.Least + 1;

    internal static float Limit(float[] magnitudes, int levels)
    {
        var most = magnitudes.Max();
        if (most == 0 || levels >= Bins)
        {
            return most;
        }

        var histogram = new double[Bins];
        foreach (var magnitude in magnitudes)
        {
            histogram[Math.Min(Bins - 1, (int)(magnitude / most * Bins))]++;
        }

        // Zeros, of which ReLU makes half, have a code of their own in any range.
        histogram[0] = 0;
        var (best, limit) = (double.PositiveInfinity, Bins);
        for (var end = Bins; end >= levels; end -= Step)
        {
            var divergence = Divergence(histogram, end, levels);
            if (divergence < best)
            {
                (best, limit) = (divergence, end);
            }
        }

        return most * limit / Bins;
    }

    private static double Divergence(double[] histogram, int end, int levels)
    {
        var clipped = histogram[..end];
        clipped[^1] += histogram.Skip(end).Sum();
        var total = clipped.Sum();
        var coarse = new double[end];
        for (var level = 0; level < levels; level++)
        {
            // Each code spreads what falls to it over the bins that had anything.
            var (from, to) = ((int)((long)level * end / levels), (int)((long)(level + 1) * end / levels));
            var (sum, used) = (0.0, 0);
            for (var bin = from; bin < to; bin++)
            {
                sum += histogram[bin];
                used += clipped[bin] > 0 ? 1 : 0;
            }

            for (var bin = from; bin < to; bin++)
            {
                coarse[bin] = clipped[bin] > 0 ? sum / used : 0;
            }
        }

        var kept = coarse.Sum();
        if (kept == 0 || total == 0)
        {
            return double.PositiveInfinity;
        }

        // A bin that only what was cut off fell into has no likeness; a small one keeps the sum finite.
        const double Smallest = 1e-6;
        var divergence = 0.0;
        for (var bin = 0; bin < end; bin++)
        {
            if (clipped[bin] > 0)
            {
                divergence += clipped[bin] / total * Math.Log(clipped[bin] / total / Math.Max(coarse[bin] / kept, Smallest));
            }
        }

        return divergence;
    }
}
