using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Folds what is known of each weight to channels: a channel gets the sum over every slice that goes with it.</summary>
internal static class ChannelSums
{
    /// <summary>The parameters that go with some groups, each once, whatever names it has; buffers hold statistics of the data, not weights.</summary>
    public static IReadOnlyList<PlannedParameter> WeightsOf(IReadOnlyList<PruningGroup> groups) =>
        [.. groups.SelectMany(group => group.Members).Where(IsWeight).Select(member => member.Parameter).Distinct()];

    /// <summary>Whether a dimension is one of a weight that is not counted under another name already.</summary>
    public static bool IsWeight(GroupMember member) => member.Parameter is { IsBuffer: false, SharedWith: null };

    /// <summary>Adds up, for each channel, its filters, biases, scales and shifts, and the slices of the layers that read it.</summary>
    /// <param name="groups">The groups.</param>
    /// <param name="weights">What <see cref="WeightsOf"/> gives for them.</param>
    /// <param name="scores">A number for each of their weights, in their shapes.</param>
    public static double[][] Fold(IReadOnlyList<PruningGroup> groups, IReadOnlyList<PlannedParameter> weights, IReadOnlyList<Tensor> scores)
    {
        using var noGradients = no_grad();
        var scoreOf = weights.Zip(scores).ToDictionary(pair => pair.First, pair => pair.Second);
        var slices = new Dictionary<(PlannedParameter Parameter, int Dim), double[]>();
        return [.. groups.Select(Fold)];

        double[] Fold(PruningGroup group)
        {
            var sums = new double[group.Width];
            foreach (var member in group.Members.Where(IsWeight))
            {
                if (!slices.TryGetValue((member.Parameter, member.Dim), out var values))
                {
                    slices.Add((member.Parameter, member.Dim), values = Slices(scoreOf[member.Parameter], member.Dim));
                }

                Add(sums, member.IndexMap, values);
            }

            return sums;
        }
    }

    /// <summary>Adds numbers to those of the channels that they belong to; -1 stands for none.</summary>
    public static void Add(double[] sums, IReadOnlyList<long> indexMap, double[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            if (indexMap[i] is >= 0 and var index)
            {
                sums[index] += values[i];
            }
        }
    }

    /// <summary>For each index of a dimension the sum over all the others, in double precision.</summary>
    public static double[] Slices(Tensor tensor, int dim)
    {
        using var scope = NewDisposeScope();
        return Values(Rows(tensor, dim).sum(1));
    }

    /// <summary>A tensor as a matrix in float64, one row for each index of a dimension.</summary>
    public static Tensor Rows(Tensor tensor, int dim) => tensor.to_type(ScalarType.Float64).transpose(0, dim).reshape(tensor.size(dim), -1);

    /// <summary>The numbers of a tensor.</summary>
    public static double[] Values(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.to_type(ScalarType.Float64).cpu().contiguous().data<double>().ToArray();
    }
}
