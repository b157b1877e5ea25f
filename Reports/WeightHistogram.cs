using static TorchSharp.torch;

namespace PruneGen;

/// <summary>How the weights of a parameter are spread that are not zero.</summary>
/// <param name="Name">The parameter's path.</param>
/// <param name="From">The least of them.</param>
/// <param name="To">The greatest.</param>
/// <param name="Counts">How many are in each of as many equal steps between.</param>
/// <param name="Zeros">How many are zero.</param>
/// <param name="Total">How many weights there are.</param>
internal sealed record WeightHistogram(string Name, double From, double To, IReadOnlyList<long> Counts, long Zeros, long Total)
{
    private const int Steps = 40;

    /// <summary>The histograms of all that layers read their inputs with, in the order of <c>forward</c>.</summary>
    public static IReadOnlyList<WeightHistogram> Of(PruningPlan plan) =>
    [
        .. plan.Parameters.Where(parameter => parameter is { IsBuffer: false, SharedWith: null, ReadDim: >= 0 })
            .Select(parameter => Of(parameter.Path, parameter.Tensor)),
    ];

    private static WeightHistogram Of(string name, Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var weights = tensor.detach().to_type(ScalarType.Float32).cpu().flatten();
        var values = weights.masked_select(weights.ne(0)).data<float>().ToArray();
        var (from, to) = values.Length == 0 ? (-1f, 1f) : (values.Min(), values.Max());
        if (from == to)
        {
            (from, to) = (from - 0.5f, to + 0.5f);
        }

        var counts = new long[Steps];
        foreach (var value in values)
        {
            counts[Math.Clamp((int)((value - from) / (to - from) * Steps), 0, Steps - 1)]++;
        }

        return new WeightHistogram(name, from, to, counts, weights.numel() - values.Length, weights.numel());
    }
}
