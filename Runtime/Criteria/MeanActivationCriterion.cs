using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The mean magnitude of what a channel puts out, over samples and positions (Molchanov et al., "Pruning Convolutional
/// Neural Networks for Resource Efficient Inference", 2017). A group that several layers produce takes the mean over all.
/// </summary>
internal sealed class MeanActivationCriterion : IImportanceCriterion
{
    public bool OnOneScale => false;

    public double[][] ScoreGroups(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        var sums = groups.Select(group => new double[group.Width]).ToArray();
        var counts = groups.Select(group => new long[group.Width]).ToArray();
        using var taps = new ActivationTaps(nameof(Criterion.MeanActivation), groups, (output, dim) => (output, MeanMagnitude(output, dim)));
        context.ForEachBatch(nameof(Criterion.MeanActivation), gradients: false, (_, batch) =>
        {
            foreach (var tapped in taps.Take())
            {
                using (tapped)
                {
                    Add(tapped, batch.Size, sums, counts);
                }
            }
        });
        taps.RequireAllHeard();
        return sums.Zip(counts, (sum, count) => sum.Zip(count, (s, n) => s / n).ToArray()).ToArray();
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) =>
        throw new InvalidOperationException($"{nameof(Criterion.MeanActivation)} scores whole channels, but single weights of {weights[0].Layer.Name} are to be pruned; choose L1, L2, Random or Taylor for {nameof(Granularity.Unstructured)}.");

    private static Tensor MeanMagnitude(Tensor output, int dim)
    {
        using var scope = NewDisposeScope();
        var others = Enumerable.Range(0, (int)output.dim()).Where(other => other != dim).Select(other => (long)other).ToArray();
        return output.to_type(ScalarType.Float64).abs().mean(others).MoveToOuterDisposeScope();
    }

    private static void Add(Tapped tapped, long samples, double[][] sums, long[][] counts)
    {
        using var onHost = tapped.Kept.cpu();
        var means = onHost.data<double>().ToArray();
        foreach (var group in tapped.Groups)
        {
            for (var channel = 0; channel < means.Length; channel++)
            {
                if (group.IndexMap[channel] is >= 0 and var index)
                {
                    sums[group.Index][index] += means[channel] * samples;
                    counts[group.Index][index] += samples;
                }
            }
        }
    }
}
