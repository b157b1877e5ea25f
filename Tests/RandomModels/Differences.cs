using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>Whether two models answer alike.</summary>
internal static class Differences
{
    /// <summary>The difference that rounding may make, relative to the largest answer.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>What a model answers to an input, and to others, which may go other ways through it.</summary>
    public static IReadOnlyList<Tensor> Answers(nn.Module<Tensor, Tensor> model, Tensor input) => [.. Others(input).Select(model.call)];

    /// <summary>An input, and others.</summary>
    public static IEnumerable<Tensor> Others(Tensor input) => [input, input * 4, input.neg() + 1, input * 0.05];

    /// <exception cref="InvalidOperationException">They do not.</exception>
    public static void Require(string what, IReadOnlyList<Tensor> expected, IReadOnlyList<Tensor> actual)
    {
        for (var i = 0; i < expected.Count; i++)
        {
            Require(i == 0 ? what : $"{what}, called otherwise ({i}),", expected[i], actual[i]);
        }
    }

    /// <exception cref="InvalidOperationException">They do not.</exception>
    public static void Require(string what, Tensor expected, Tensor actual)
    {
        var (difference, scale) = Between(expected, actual);
        if (!(difference <= Tolerance * scale))
        {
            throw new InvalidOperationException(FormattableString.Invariant($"{what} differ by {difference} of {scale}."));
        }
    }

    /// <summary>The largest difference, and what it is to be seen beside: the largest answer, at least 1.</summary>
    public static (double Difference, double Scale) Between(Tensor expected, Tensor actual) =>
        ((expected - actual).abs().max().ToDouble(), Math.Max(1, expected.abs().max().ToDouble()));
}
