using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// LAMP, w² / Σ v² over the weights v of the same parameter that are no smaller than w (Lee et al., "Layer-Adaptive Sparsity for the
/// Magnitude-based Pruning", 2021): what removing it would cost of what is left. Meant for <see cref="Scope.Global"/>: the largest weight of each
/// parameter scores 1, so no layer is emptied before the others; inside one parameter the order is that of the magnitudes.
/// </summary>
internal sealed class LampCriterion : ImportanceCriterion, IWeightCriterion
{
    private LampCriterion()
    {
    }

    public static LampCriterion Instance { get; } = new();

    public override string Name => nameof(Criterion.Lamp);

    public override bool OnOneScale => true;

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights)
    {
        using var noGradients = no_grad();
        return [.. weights.Select(weight => ScoresOf(weight.Tensor))];
    }

    private static Tensor ScoresOf(Tensor weight)
    {
        var squares = Array.ConvertAll(ChannelSums.Values(weight), value => value * value);
        var (sorted, order) = ((double[])squares.Clone(), Enumerable.Range(0, squares.Length).ToArray());
        Array.Sort(sorted, order);

        // From the largest down; equal weights get one score, by the sum over all of them.
        var sum = 0.0;
        for (var end = sorted.Length; end > 0;)
        {
            var start = end;
            for (; start > 0 && sorted[start - 1] == sorted[end - 1]; start--)
            {
                sum += sorted[start - 1];
            }

            for (; end > start; end--)
            {
                squares[order[end - 1]] = sum > 0 ? sorted[end - 1] / sum : 0;
            }
        }

        return tensor(squares, [.. weight.shape]);
    }
}
