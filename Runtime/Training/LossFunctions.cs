using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen;

/// <summary>The loss and the error of a batch where the caller gives none of his own.</summary>
public static class LossFunctions
{
    /// <summary>Cross-entropy for class indices (int64), mean squared error for floating targets; the mean over the batch, a scalar.</summary>
    /// <param name="output">What the model answered: [N, classes, …] for class indices, else of the target's shape.</param>
    /// <param name="target">What it should have answered.</param>
    /// <exception cref="ArgumentException">The target has another type, or another shape than the output.</exception>
    public static Tensor Default(Tensor output, Tensor target)
    {
        if (IsClassIndex(target))
        {
            return functional.cross_entropy(output, target);
        }

        if (!target.is_floating_point())
        {
            throw new ArgumentException(
                $"No loss is known for targets of type {target.dtype}: give class indices as Int64 or values as Float32, or set RetrainOptions.Loss.");
        }

        // Broadcasting would turn [N, 1] against [N] into N² differences.
        return output.shape.AsSpan().SequenceEqual(target.shape)
            ? functional.mse_loss(output, target)
            : throw new ArgumentException(
                $"The output has the shape [{string.Join(", ", output.shape)}] but the target [{string.Join(", ", target.shape)}]; give targets in the "
                    + $"output's shape, or set RetrainOptions.Loss.");
    }

    /// <summary>The loss that the options ask for.</summary>
    /// <exception cref="ArgumentException">
    /// The numbers of results and targets differ, and no loss says what to do with them; or a loss is not a scalar.
    /// </exception>
    internal static Tensor Of(RetrainOptions options, Tensor[] results, Tensor[] targets)
    {
        if (options.LossOfAll is { } lossOfAll)
        {
            return Scalar(lossOfAll(results, targets), nameof(RetrainOptions.LossOfAll));
        }

        if (results.Length != targets.Length)
        {
            throw new ArgumentException(
                $"The model gives {results.Length} results, but a batch has {targets.Length} targets; give one target for each result, or set "
                    + $"RetrainOptions.LossOfAll.");
        }

        var loss = options.Loss ?? Default;
        return results.Zip(targets, (result, target) => Scalar(loss(result, target), nameof(RetrainOptions.Loss))).Aggregate((sum, next) => sum + next);
    }

    /// <summary>How many answers are wrong (top-1), a scalar; null where the targets are not class indices.</summary>
    internal static Tensor? Wrong(Tensor output, Tensor target)
    {
        if (!IsClassIndex(target))
        {
            return null;
        }

        using var answer = output.argmax(1);
        using var differs = answer.ne(target);
        return differs.sum();
    }

    private static Tensor Scalar(Tensor loss, string option) => loss.numel() == 1
        ? loss.reshape()
        : throw new ArgumentException(
            $"RetrainOptions.{option} gives a tensor of the shape [{string.Join(", ", loss.shape)}], but a loss is one number for the batch, a scalar; "
                + $"have it reduced, by Reduction.Mean or by mean().");

    private static bool IsClassIndex(Tensor target) => target.dtype == ScalarType.Int64;
}
