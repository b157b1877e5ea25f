using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// N weights stay of each M that follow one another along the channels that are read: 2:4 is what NVIDIA's sparse tensor cores take (Mishra et al.,
/// "Accelerating Sparse Deep Neural Networks", 2021). The ratio has no say, but that 0
/// leaves a layer dense: (M − N) / M of the weights go. Of equal scores the first stay. See <see cref="Pruning.PermuteChannels{TModel}"/> for an order of
/// the channels in which more stays.
/// </summary>
public sealed class NOfMWeights : EachWeight
{
    private readonly int n;
    private readonly int m;

    /// <summary>N of each M stay.</summary>
    /// <param name="n">How many stay, at least 1.</param>
    /// <param name="m">Of how many, at least <paramref name="n"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">N is below 1 or above M.</exception>
    public NOfMWeights(int n, int m)
    {
        if (n < 1 || n > m)
        {
            throw new ArgumentOutOfRangeException(nameof(n), n, $"{n} of each {m} weights are to stay; give an N from 1 to M, such as 2 of 4.");
        }

        (this.n, this.m) = (n, m);
    }

    /// <summary>How many stay.</summary>
    public int N => n;

    /// <summary>Of how many.</summary>
    public int M => m;

    /// <inheritdoc/>
    public override string Name => $"{nameof(Granularity.NOfM)}({n}, {m})";

    /// <inheritdoc/>
    public override Tensor Choose(PlannedParameter weight, Tensor scores, double ratio, double share)
    {
        if (ratio == 0)
        {
            return ones(scores.shape, ScalarType.Bool);
        }

        var matrix = WeightMatrix.ByPosition(weight, scores);
        if (matrix.size(-1) % m != 0)
        {
            throw new InvalidOperationException(
                $"{weight.Path} reads {matrix.size(-1)} channels, which {m} does not divide, so {n} of each {m} cannot stay. Give {weight.Layer.Name} the "
                    + $"ratio 0 to leave it dense, or choose an M that divides {matrix.size(-1)}.");
        }

        var stay = m - (int)Math.Floor((m - n) * share);
        return WeightMatrix.Back(weight, Best.PerRow(matrix.reshape(-1, m), stay));
    }
}
