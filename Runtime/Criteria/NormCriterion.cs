using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The norm of everything that goes with a channel: its filter, its bias, its scale and shift, and the slices of the
/// layers that read it. A single weight scores its magnitude.
/// </summary>
internal sealed class NormCriterion : IImportanceCriterion
{
    private readonly bool squared;

    private NormCriterion(bool squared) => this.squared = squared;

    /// <summary>Sum of magnitudes.</summary>
    public static NormCriterion L1 { get; } = new(squared: false);

    /// <summary>Square root of the sum of squares.</summary>
    public static NormCriterion L2 { get; } = new(squared: true);

    public bool OnOneScale => false;

    public double[][] ScoreGroups(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var noGradients = no_grad();
        var scores = groups.Select(group => new double[group.Width]).ToArray();

        // Each parameter is gone through once, whatever number of groups it belongs to. Buffers hold statistics of the data,
        // not weights.
        var members = groups.SelectMany((group, i) => group.Members.Select(member => (Member: member, Scores: scores[i])));
        foreach (var parameter in members.Where(entry => !entry.Member.Parameter.IsBuffer).GroupBy(entry => entry.Member.Parameter))
        {
            // All dimensions at once, whichever groups are asked for, so that a sum comes out the same to the last bit.
            var dims = Enumerable.Range(0, parameter.Key.Axes.Count).Where(dim => parameter.Key.Axes[dim].HasPrunable).ToArray();
            var sums = SliceSums.Of(parameter.Key.Tensor, dims, squared);
            foreach (var (member, total) in parameter)
            {
                var slices = sums[Array.IndexOf(dims, member.Dim)];
                foreach (var run in member.Runs)
                {
                    run.ForEach((position, index) => total[index] += slices[position]);
                }
            }
        }

        return squared ? Array.ConvertAll(scores, sums => Array.ConvertAll(sums, Math.Sqrt)) : scores;
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        using var noGradients = no_grad();
        return weights.Select(weight => weight.Tensor.abs()).ToArray();
    }
}
