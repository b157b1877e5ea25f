using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// The norm of everything that goes with a channel: its filter, its bias, its scale and shift, and the slices of the
/// layers that read it. A single weight scores its magnitude.
/// </summary>
internal sealed class NormCriterion : IImportanceCriterion
{
    private readonly Func<Tensor, Tensor> power;
    private readonly Func<double, double> root;

    private NormCriterion(Func<Tensor, Tensor> power, Func<double, double> root)
    {
        this.power = power;
        this.root = root;
    }

    /// <summary>Sum of magnitudes.</summary>
    public static NormCriterion L1 { get; } = new(tensor => tensor.abs(), sum => sum);

    /// <summary>Square root of the sum of squares.</summary>
    public static NormCriterion L2 { get; } = new(tensor => tensor.square(), Math.Sqrt);

    public bool OnOneScale => false;

    public double[][] ScoreGroups(ScoringContext context, IReadOnlyList<PruningGroup> groups)
    {
        using var noGradients = no_grad();
        return groups.Select(Score).ToArray();
    }

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        using var noGradients = no_grad();
        return weights.Select(weight => weight.Tensor.abs()).ToArray();
    }

    private double[] Score(PruningGroup group)
    {
        var sums = new double[group.Width];

        // Buffers hold statistics of the data, not weights.
        foreach (var member in group.Members.Where(member => !member.Parameter.IsBuffer))
        {
            var slices = SliceSums(member.Parameter.Tensor, member.Dim);
            for (var i = 0; i < slices.Length; i++)
            {
                if (member.IndexMap[i] is >= 0 and var index)
                {
                    sums[index] += slices[i];
                }
            }
        }

        return Array.ConvertAll(sums, sum => root(sum));
    }

    private double[] SliceSums(Tensor tensor, int dim)
    {
        using var scope = NewDisposeScope();
        var powers = power(tensor.to_type(ScalarType.Float64));
        var others = Enumerable.Range(0, (int)tensor.dim()).Where(other => other != dim).Select(other => (long)other).ToArray();
        return (others.Length == 0 ? powers : powers.sum(others)).cpu().data<double>().ToArray();
    }
}
