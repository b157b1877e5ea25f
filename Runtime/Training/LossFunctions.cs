using System.Runtime.InteropServices;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen;

/// <summary>The loss and the error of a batch where the caller gives none of his own.</summary>
public static class LossFunctions
{
    /// <summary>The index that libtorch's cross-entropy passes over, as where a text is filled up.</summary>
    private const long Ignored = -100;

    /// <summary>
    /// Cross-entropy for class indices (int64), mean squared error for floating targets; the mean over the batch, a scalar. A batch weighs as many class
    /// indices as are looked at; one without any is left out of training and evaluation.
    /// </summary>
    /// <param name="output">What the model answered: [N, classes, …] for class indices, else of the target's shape.</param>
    /// <param name="target">What it should have answered: class indices [N, …], of which −100 is not looked at, or values.</param>
    /// <exception cref="ArgumentException">The target has another type, or another shape than the output.</exception>
    public static Tensor Default(Tensor output, Tensor target)
    {
        if (IsClassIndex(target))
        {
            if (output.dim() < 2 && output.dim() <= target.dim() && target.dim() > 0)
            {
                throw new ArgumentException(
                    $"The output has the shape [{string.Join(", ", output.shape)}], and cross-entropy with class indices [{string.Join(", ", target.shape)}] "
                        + "takes one number for each class of each sample, [batch, classes]; have forward give these, or set RetrainOptions.Loss.");
            }

            var fits = Without(output, dim: output.dim() == 1 ? 0 : 1);
            return fits.SequenceEqual(target.shape)
                ? CrossEntropy(output, target)
                : throw new ArgumentException(
                    $"The output has the shape [{string.Join(", ", output.shape)}], of which cross-entropy takes dimension 1 for the classes, and the class "
                        + $"indices [{string.Join(", ", target.shape)}]; "
                        + (ClassDimension(output, target) > 1
                            ? "with the classes in the last one set RetrainOptions.Loss = "
                                + "(output, target) => functional.cross_entropy(output.flatten(0, -2), target.flatten())."
                            : $"give them in the shape [{string.Join(", ", fits)}], or set RetrainOptions.Loss."));
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

    private static Tensor CrossEntropy(Tensor output, Tensor target)
    {
        try
        {
            return functional.cross_entropy(output, target);
        }
        catch (ExternalException error)
        {
            var classes = output.shape[output.dim() == 1 ? 0 : 1];
            throw new ArgumentException(
                $"Cross-entropy cannot be computed of outputs [{string.Join(", ", output.shape)}] and class indices [{string.Join(", ", target.shape)}]: "
                    + $"{error.Message.Split('\n')[0].TrimEnd('.')}. Give indices from 0 to {classes - 1}, or {Ignored} for what is not to be looked at; or "
                    + $"set {nameof(RetrainOptions)}.{nameof(RetrainOptions.Loss)}.",
                error);
        }
    }

    /// <summary>The loss that the options ask for. A result of which no target counts adds nothing where there are others.</summary>
    /// <exception cref="ArgumentException">
    /// The numbers of results and targets differ, and no loss says what to do with them; or a loss is not a scalar.
    /// </exception>
    /// <exception cref="InvalidOperationException">There are no targets.</exception>
    internal static Tensor Of(RetrainOptions options, Tensor[] results, Tensor[] targets)
    {
        var parts = Parts(options, results, targets);
        if (parts is [var (alone, _)] && Ranks.Of(options) is null)
        {
            return alone;
        }

        // Of one result of several, or in the part of one process, no target may count: cross-entropy is not a number then, but its gradient is zero.
        return parts.Select(part => part.Counted is { } counted ? where(counted.gt(0), part.Loss, zeros_like(part.Loss)) : part.Loss)
            .Aggregate((sum, next) => sum + next);
    }

    /// <summary>Sees that a model's forward gave tensors.</summary>
    /// <exception cref="ArgumentException">One is null, or was disposed of.</exception>
    internal static void RequireResults(Tensor[]? results)
    {
        if (results?.Contains(null!) != false)
        {
            throw new ArgumentException("The model's forward gives null in place of a tensor; have it give its results.");
        }

        if (Array.Exists(results, result => result.IsInvalid))
        {
            throw new ArgumentException(
                "The model's forward gives a tensor that was disposed of; take results out of its dispose scope by MoveToOuterDisposeScope().");
        }
    }

    /// <summary>
    /// The loss of each result by itself, the mean over what counts, and of how many targets it is where the default loss passes some over; null where each
    /// sample counts, as for a loss of the user's.
    /// </summary>
    /// <inheritdoc cref="Of"/>
    internal static (Tensor Loss, Tensor? Counted)[] Parts(RetrainOptions options, Tensor[] results, Tensor[] targets)
    {
        RequireResults(results);
        if (options.LossOfAll is { } lossOfAll)
        {
            return [(Scalar(lossOfAll(results, targets), nameof(RetrainOptions.LossOfAll)), null)];
        }

        RequireTargets(targets);
        if (results.Length != targets.Length)
        {
            throw new ArgumentException(
                $"The model gives {results.Length} results, but a batch has {targets.Length} targets; give one target for each result, or set "
                    + $"RetrainOptions.LossOfAll.");
        }

        var loss = options.Loss ?? Default;
        return
        [
            .. results.Zip(targets, (result, target) => (
                Scalar(loss(result, target), nameof(RetrainOptions.Loss)),
                options.Loss is null && IsClassIndex(target) ? target.ne(Ignored).sum() : null)),
        ];
    }

    /// <summary>The loss of a batch as the sum over its samples: targets that are passed over add nothing.</summary>
    /// <inheritdoc cref="Of"/>
    internal static Tensor Sum(RetrainOptions options, Tensor[] results, Batch batch) =>
        Parts(options, results, batch.Targets)
            .Select((part, i) => part.Counted is { } counted
                ? where(
                    counted.gt(0),
                    part.Loss * (counted.to_type(ScalarType.Float32) * batch.Size / batch.Targets[i].numel()),
                    zeros_like(part.Loss))
                : part.Loss * batch.Size)
            .Aggregate((sum, next) => sum + next);

    /// <summary>Whether the default loss passes over every target of a batch.</summary>
    internal static bool PassesOver(RetrainOptions options, Batch batch) =>
        options is { LossOfAll: null, Loss: null } && batch.Targets.Length > 0 && Array.TrueForAll(batch.Targets, IsAllIgnored);

    /// <summary>Whether some target is one that the default loss passes over.</summary>
    internal static bool HasIgnored(Tensor target)
    {
        using var scope = NewDisposeScope();
        return IsClassIndex(target) && target.eq(Ignored).any().item<bool>();
    }

    /// <exception cref="InvalidOperationException">There are none.</exception>
    internal static void RequireTargets(Tensor[] targets)
    {
        if (targets.Length == 0)
        {
            throw new InvalidOperationException(
                "A batch has no targets, and what is done needs the right answers; give data with targets, or RetrainOptions.LossOfAll that needs none. To "
                    + "score without labels choose a criterion such as MeanActivation, Wanda or L1.");
        }
    }

    /// <summary>What is thrown where no target of some data counts.</summary>
    /// <param name="data">What the data is there for.</param>
    internal static InvalidOperationException NoneCounts(string data) =>
        new($"Each target of the {data} is {Ignored}, which is not looked at, so there is no loss; give some class indices from 0.");

    /// <summary>
    /// The dimension of an output in which its classes are: 1, as cross-entropy has it, or the last one, as models of texts have it for a loss of their own.
    /// Null where the targets are not class indices, or not one for what is left of the output without that dimension, as where one number says yes or no.
    /// </summary>
    internal static int? ClassDimension(Tensor output, Tensor target)
    {
        int[] dims = output.dim() > 1 ? [1, (int)output.dim() - 1] : output.dim() == 1 ? [0] : [];
        return IsClassIndex(target)
            ? dims.Cast<int?>().FirstOrDefault(dim => output.shape[dim!.Value] > 1
                && Without(output, dim.Value).Where(size => size != 1).SequenceEqual(target.shape.Where(size => size != 1)))
            : null;
    }

    /// <summary>
    /// How many answers are wrong (top-1), and of how many, both scalars; null where the output has no classes (<see cref="ClassDimension"/>).
    /// </summary>
    internal static (Tensor Wrong, Tensor All)? Wrong(Tensor output, Tensor target)
    {
        if (ClassDimension(output, target) is not { } dim)
        {
            return null;
        }

        // The largest of what is not a number is no answer: such a one is wrong.
        using var asked = target.ne(Ignored);
        using var answer = output.argmax(dim).reshape(target.shape);
        using var isNone = output.isnan().any(dim).reshape(target.shape);
        using var differs = answer.ne(target).logical_or(isNone).logical_and(asked);
        return (differs.sum(), asked.sum());
    }

    private static bool IsAllIgnored(Tensor target)
    {
        using var scope = NewDisposeScope();
        return IsClassIndex(target) && !target.ne(Ignored).any().item<bool>();
    }

    private static long[] Without(Tensor output, int dim) => [.. output.shape.Where((_, i) => i != dim)];

    private static Tensor Scalar(Tensor? loss, string option) => loss?.numel() == 1
        ? loss.reshape()
        : throw new ArgumentException(
            $"RetrainOptions.{option} gives {Told(loss)}, but a loss is one number for the batch, a scalar; have it reduced, by Reduction.Mean or by mean().");

    /// <summary>What messages say of a loss that is none.</summary>
    internal static string Told(Tensor? loss) => loss is null ? "null" : $"a tensor of the shape [{string.Join(", ", loss.shape)}]";

    private static bool IsClassIndex(Tensor target) => target.dtype == ScalarType.Int64;
}
