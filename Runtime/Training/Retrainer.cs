using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Trains a model, pruned or not, and evaluates it.</summary>
public static class Retrainer
{
    /// <summary>
    /// Trains a model for the epochs that the options ask for and evaluates it after each. It ends with the weights of the last epoch
    /// (<see cref="RetrainOptions.KeepBest"/>: of the best one), in the modes and on the device that it came with; weights that are held at zero
    /// stay there. On any failure, and when cancelled, every weight is as it was before. The random state of the process is put back.
    /// </summary>
    /// <remarks>
    /// Losses are read from the device in windows of up to 16 batches, so that the host does not wait at each one. A loss
    /// that is infinite or not a number is therefore noticed up to 16 batches late, but before anything is reported.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="train">What to train on.</param>
    /// <param name="test">What to evaluate on after each epoch; null for nothing.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <param name="progress">Is told of each epoch; null for nobody.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">There is no batch to train on, or no parameter to train.</exception>
    /// <exception cref="RetrainException">The loss became infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static RetrainResult Train(
        nn.Module model,
        Func<Tensor[], Tensor[]> forward,
        TrainingData train,
        TrainingData? test = null,
        RetrainOptions? options = null,
        PruneProgress? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new RetrainOptions();
        options.Validate();
        using var mode = GradientMode.Begin();
        using var snapshot = new ModelState(model);
        try
        {
            return Train(new TrainingRun(model, forward, train, test, options, progress ?? PruneProgress.Quiet, cancellationToken));
        }
        catch
        {
            snapshot.Restore();
            throw;
        }
    }

    /// <summary>Trains for a caller that keeps a copy of the model, and puts it back should this fail.</summary>
    internal static RetrainResult Train(TrainingRun run)
    {
        if (run.Options.Epochs == 0)
        {
            return new RetrainResult([]);
        }

        using var random = new RandomState();
        using var modes = new TrainingModes(run.Model);
        using var place = new TrainingDevice(run.Model, run.Options.Device);
        var all = Ranks.Of(run.Options);
        all?.Unify(run.Model);
        var result = new TrainingLoop(run, place).Run();
        all?.Unify(run.Model, "when the training is over");
        FiniteCheck.Require(run.Model);
        return result.Final is { Loss: var loss } && !double.IsFinite(loss) ? throw new RetrainException(loss) : result;
    }

    /// <summary>Evaluates a model, in evaluation mode and without gradients: its loss, and the error of its first result. The model stays as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it, and gives its results in order: <c>inputs => [model.call(inputs[0])]</c>.</param>
    /// <param name="data">The samples with their answers.</param>
    /// <param name="options">Its loss and its device count; null for the defaults.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">There is no batch, or none in which a target counts; or the loss is infinite or not a number: the message
    /// says whether weights, data or results are.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Evaluation Evaluate(
        nn.Module model,
        Func<Tensor[], Tensor[]> forward,
        TrainingData data,
        RetrainOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new RetrainOptions();
        options.Validate();
        using var mode = GradientMode.Begin();
        return In(model, forward, options, cancellationToken, evaluator => evaluator.Finite(data));
    }

    /// <summary>Evaluates a candidate, or a model that is trained further: its loss may be infinite or not a number.</summary>
    internal static Evaluation Try(
        nn.Module model, Func<Tensor[], Tensor[]> forward, TrainingData data, RetrainOptions options, CancellationToken cancellationToken = default) =>
        In(model, forward, options, cancellationToken, evaluator => evaluator.Of(data));

    private static Evaluation In(
        nn.Module model, Func<Tensor[], Tensor[]> forward, RetrainOptions options, CancellationToken cancellationToken, Func<Evaluator, Evaluation> evaluate)
    {
        using var modes = new TrainingModes(model);
        using var place = new TrainingDevice(model, options.Device);
        return evaluate(new Evaluator(model, forward, place, options, cancellationToken));
    }
}
