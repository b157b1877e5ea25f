using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The norm of everything that goes with a channel: its filter, its bias, its scale and shift, and the slices of the
/// layers that read it. A single weight scores its magnitude.
/// </summary>
internal sealed class NormCriterion : ImportanceCriterion, IChannelCriterion, IWeightCriterion
{
    private readonly bool squared;

    private NormCriterion(bool squared) => this.squared = squared;

    /// <summary>Sum of magnitudes.</summary>
    public static NormCriterion L1 { get; } = new(squared: false);

    /// <summary>Square root of the sum of squares.</summary>
    public static NormCriterion L2 { get; } = new(squared: true);

    public override string Name => squared ? nameof(Criterion.L2) : nameof(Criterion.L1);

    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var noGradients = no_grad();
        var scores = groups.Select(group => new double[group.Width]).ToArray();
        var totals = groups.Select((group, i) => (group.Axis, Scores: scores[i])).ToDictionary(entry => entry.Axis, entry => entry.Scores);

        // Each parameter is gone through once, whatever number of groups it belongs to. Buffers hold statistics of the data,
        // not weights.
        var work = new MemoryWork();
        foreach (var parameter in context.Plan.Parameters.Where(
            parameter => !parameter.IsBuffer && parameter.Dimensions.Any(dimension => dimension.Runs.Any(run => totals.ContainsKey(run.Leaf)))))
        {
            // All dimensions at once, whichever groups are asked for, so that a sum comes out the same to the last bit.
            var dims = Enumerable.Range(0, parameter.Dimensions.Count).Where(dim => parameter.Dimensions[dim].Runs.Count > 0).ToArray();
            SliceSums.Of(work, parameter.Tensor, dims, squared, sums =>
            {
                for (var i = 0; i < dims.Length; i++)
                {
                    foreach (var run in parameter.Dimensions[dims[i]].Runs)
                    {
                        if (totals.TryGetValue(run.Leaf, out var total))
                        {
                            Add(total, run, sums[i]);
                        }
                    }
                }
            });
        }

        work.Complete();
        if (squared)
        {
            Array.ForEach(scores, TakeRoots);
        }

        return scores;
    }

    // A model is scored once: compiled for speed at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TakeRoots(double[] sums)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            sums[i] = Math.Sqrt(sums[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(double[] total, AxisRun run, double[] slices)
    {
        var offsets = run.Offsets;
        for (var index = 0; index < total.Length; index++)
        {
            var first = run.Start + (index * run.Stride);
            foreach (var offset in offsets)
            {
                total[index] += slices[first + offset];
            }
        }
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        using var noGradients = no_grad();
        return weights.Select(weight => weight.Tensor.abs()).ToArray();
    }
}
