using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>Whether two models answer alike.</summary>
internal static class Differences
{
    /// <summary>The difference that rounding may make, relative to the largest answer.</summary>
    private const double Tolerance = 1e-4;

    /// <exception cref="InvalidOperationException">They do not.</exception>
    public static void Require(string what, Tensor expected, Tensor actual)
    {
        var difference = (expected - actual).abs().max().item<float>();
        var scale = Math.Max(1, expected.abs().max().item<float>());
        if (!(difference <= Tolerance * scale))
        {
            throw new InvalidOperationException(FormattableString.Invariant($"{what} differ by {difference} of {scale}."));
        }
    }
}
