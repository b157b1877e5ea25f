using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Has the model learn from what a teacher answers as well (Hinton, Vinyals and Dean, "Distilling the Knowledge in a Neural Network", 2015): of classes
/// (1 − w) · loss + w · T² · KL(softmax(teacher / T) ‖ softmax(model / T)), the mean over samples; of other targets the mean squared difference to the
/// teacher's answer in place of the KL divergence. The teacher is the dense model as it was before pruning, unless another is given.
/// </summary>
/// <remarks>
/// The dense model is asked for each sample once where the data is tensors in memory (<see cref="TrainingData.FromTensors(Tensor, Tensor, int, bool)"/>), which
/// must not change while it trains, and its answers take no more room than the inputs; else, and another teacher, at each batch.
/// </remarks>
public sealed class Distillation : TrainingCallback
{
    private readonly double temperature;
    private readonly double weight;
    private readonly Func<Tensor[], Tensor[]>? given;
    private TeacherAnswers? known;
    private Tensor[] answers = [];

    /// <param name="temperature">By how much both answers are softened, above 0.</param>
    /// <param name="weight">How much the teacher weighs against the loss, in [0, 1].</param>
    /// <param name="teacher">Calls a teacher, and gives its results in the order of the model's; null for the dense model as it was before pruning.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is outside its range.</exception>
    public Distillation(double temperature = 4, double weight = 0.9, Func<Tensor[], Tensor[]>? teacher = null)
    {
        if (!(temperature > 0 && double.IsFinite(temperature)))
        {
            throw new ArgumentOutOfRangeException(
                nameof(temperature), temperature, FormattableString.Invariant($"The temperature is {temperature}; give a number above 0, such as 4."));
        }

        if (weight is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(weight), weight, FormattableString.Invariant($"The teacher's weight is {weight}; give a number from 0 to 1, such as 0.9."));
        }

        (this.temperature, this.weight, given) = (temperature, weight, teacher);
    }

    /// <inheritdoc/>
    public override void OnBegin(TrainingContext context) => known = given is null ? new TeacherAnswers() : null;

    /// <inheritdoc/>
    public override void OnBatch(TrainingContext context, Batch batch)
    {
        using var noGradients = no_grad();
        var teacher = TeacherOf(context, given);
        answers = known?.To(batch, context, teacher) ?? teacher(batch.Inputs);
        if (answers?.Contains(null!) != false)
        {
            throw new InvalidOperationException("The teacher gives null in place of its results; have it give a tensor for each result of the model.");
        }
    }

    /// <inheritdoc/>
    public override void OnRelease(TrainingContext context)
    {
        known?.Dispose();
        known = null;
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, Tensor> SaveState(TrainingContext context) => known?.State ?? Nothing;

    /// <inheritdoc/>
    public override void LoadState(TrainingContext context, IReadOnlyDictionary<string, Tensor> state) => known?.Take(state, context.Device);

    /// <inheritdoc/>
    public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
    {
        if (answers.Length != results.Count)
        {
            throw new InvalidOperationException(
                $"The teacher gives {answers.Length} results, and the model {results.Count}; give a teacher that answers alike.");
        }

        var total = loss * (1 - weight);
        for (var i = 0; i < results.Count; i++)
        {
            if (!answers[i].shape.SequenceEqual(results[i].shape))
            {
                throw new InvalidOperationException(
                    $"The teacher answers with the shape [{string.Join(", ", answers[i].shape)}], and the model with [{string.Join(", ", results[i].shape)}]; "
                        + "give a teacher that answers alike.");
            }

            var classes = batch.Targets.Length > i && results[i].dim() > 1 ? LossFunctions.ClassDimension(results[i], batch.Targets[i]) : null;
            total += weight * (classes is { } dim ? Softened(results[i], answers[i], dim) : nn.functional.mse_loss(results[i], answers[i]));
        }

        return total;
    }

    /// <summary>T² · KL, summed over classes and positions, the mean over samples.</summary>
    private Tensor Softened(Tensor result, Tensor answer, int classes) => nn.functional.kl_div(
        nn.functional.log_softmax(result / temperature, classes),
        nn.functional.softmax(answer / temperature, classes),
        log_target: false,
        reduction: nn.Reduction.Sum) * (temperature * temperature / result.size(0));

    /// <summary>The teacher that was given, or else the dense model.</summary>
    /// <exception cref="InvalidOperationException">There is neither.</exception>
    internal static Func<Tensor[], Tensor[]> TeacherOf(TrainingContext context, Func<Tensor[], Tensor[]>? given) => given ?? context.Teacher
        ?? throw new InvalidOperationException(
            $"{context.Model.GetType().Name} is trained by itself, so there is no dense model from before pruning to learn from; give a teacher.");
}
