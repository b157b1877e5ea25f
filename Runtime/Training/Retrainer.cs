using System.Diagnostics;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Trains a model, pruned or not, and evaluates it.</summary>
public static class Retrainer
{
    /// <summary>
    /// Trains a model for the epochs that the options ask for and evaluates it after each. It ends with the weights of
    /// the last epoch, in the modes and on the device that it came with. On any failure, and when cancelled, every weight
    /// is as it was before.
    /// </summary>
    /// <remarks>
    /// Losses are read from the device in windows of up to 16 batches, so that the host does not wait at each one. A loss
    /// that is infinite or not a number is therefore noticed up to 16 batches late, but before anything is reported.
    /// </remarks>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it: <c>inputs => model.call(inputs[0])</c>.</param>
    /// <param name="train">What to train on.</param>
    /// <param name="test">What to evaluate on after each epoch; null for nothing.</param>
    /// <param name="options">How to train; null for the defaults.</param>
    /// <param name="hold">
    /// Called once when the model is where it trains; what it returns is called after every step and holds masked weights
    /// at zero. Null where nothing is held.
    /// </param>
    /// <param name="progress">Is told of each epoch; null for nobody.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    /// <exception cref="InvalidOperationException">There is no batch to train on, or no parameter to train.</exception>
    /// <exception cref="RetrainException">The loss became infinite or not a number.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static RetrainResult Train(
        nn.Module model,
        Func<Tensor[], Tensor> forward,
        TrainingData train,
        TrainingData? test = null,
        RetrainOptions? options = null,
        Func<Action>? hold = null,
        PruneProgress? progress = null,
        CancellationToken cancellationToken = default) =>
        Train(model, inputs => [forward(inputs)], train, test, options, hold, progress, cancellationToken);

    /// <summary>Trains a model of several results.</summary>
    /// <inheritdoc cref="Train(nn.Module, Func{Tensor[], Tensor}, TrainingData, TrainingData?,
    /// RetrainOptions?, Func{Action}?, PruneProgress?, CancellationToken)"/>
    public static RetrainResult Train(
        nn.Module model,
        Func<Tensor[], Tensor[]> forward,
        TrainingData train,
        TrainingData? test = null,
        RetrainOptions? options = null,
        Func<Action>? hold = null,
        PruneProgress? progress = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new RetrainOptions();
        options.Validate();
        using var snapshot = new ModelState(model);
        using var modes = new TrainingModes(model);
        try
        {
            using var place = new TrainingDevice(model, options.Device);
            var result = new Run(model, forward, place, options, hold, cancellationToken).Train(train, test, progress ?? PruneProgress.Quiet);
            FiniteCheck.Require(model);
            return result.Final is { Loss: var loss } && !double.IsFinite(loss) ? throw new RetrainException(loss) : result;
        }
        catch
        {
            snapshot.Restore();
            throw;
        }
    }

    /// <summary>Evaluates a model, in evaluation mode and without gradients. The model stays as it is.</summary>
    /// <param name="model">The model.</param>
    /// <param name="forward">Calls it: <c>inputs => model.call(inputs[0])</c>.</param>
    /// <param name="data">The samples with their answers.</param>
    /// <param name="options">Its loss and its device count; null for the defaults.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="InvalidOperationException">There is no batch.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public static Evaluation Evaluate(
        nn.Module model,
        Func<Tensor[], Tensor> forward,
        TrainingData data,
        RetrainOptions? options = null,
        CancellationToken cancellationToken = default) =>
        Evaluate(model, inputs => [forward(inputs)], data, options, cancellationToken);

    /// <summary>Evaluates a model of several results: their loss, and the error of the first one.</summary>
    /// <inheritdoc cref="Evaluate(nn.Module, Func{Tensor[], Tensor}, TrainingData, RetrainOptions?, CancellationToken)"/>
    public static Evaluation Evaluate(
        nn.Module model,
        Func<Tensor[], Tensor[]> forward,
        TrainingData data,
        RetrainOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        options ??= new RetrainOptions();
        using var modes = new TrainingModes(model);
        using var place = new TrainingDevice(model, options.Device);
        return new Run(model, forward, place, options, hold: null, cancellationToken).Evaluate(data);
    }

    /// <summary>One call of <see cref="Train"/> or <see cref="Evaluate"/>: what its steps have in common.</summary>
    private sealed class Run(
        nn.Module model,
            Func<Tensor[], Tensor[]> forward, TrainingDevice place, RetrainOptions options, Func<Action>? hold, CancellationToken cancellationToken)
    {
        public RetrainResult Train(TrainingData data, TrainingData? test, PruneProgress progress)
        {
            var epochs = new List<EpochResult>(options.Epochs);
            if (options.Epochs == 0)
            {
                return new RetrainResult(epochs);
            }

            // Looked up once: walking the modules at every step costs as much as a small layer.
            var parameters = model.parameters().Where(parameter => parameter.requires_grad).ToArray();
            if (parameters.Length == 0)
            {
                throw new InvalidOperationException(
                    $"{model.GetType().Name} has no parameter that requires a gradient, so there is nothing to train; set requires_grad on those that "
                        + $"should learn.");
            }

            manual_seed(options.Seed);
            var batches = options.Schedule == LearningRateSchedule.Cosine ? data.CountBatches() : data.KnownCount;
            using var masks = new TrainingMasks(model, parameters);
            using var optimizer = NewOptimizer(parameters, masks);
            var step = new TrainingStep(forward, options, place, parameters, optimizer, masks, hold?.Invoke());
            step.ClearGradients();
            for (var epoch = 0; epoch < options.Epochs; epoch++)
            {
                var started = Stopwatch.GetTimestamp();
                var (loss, samples, rate) = TrainEpoch(data, step, epoch, batches, progress);
                var trainSeconds = Stopwatch.GetElapsedTime(started).TotalSeconds;

                started = Stopwatch.GetTimestamp();
                var evaluation = test is null ? null : Evaluate(test);
                epochs.Add(new EpochResult(epoch + 1, rate, loss, evaluation, trainSeconds, Stopwatch.GetElapsedTime(started).TotalSeconds, samples));
                progress.EpochEnded(epochs[^1], options.Epochs);
            }

            return new RetrainResult(epochs);
        }

        public Evaluation Evaluate(TrainingData data)
        {
            using var noGradients = no_grad();
            using var losses = new ScalarWindow();
            using var wrongs = new ScalarWindow();
            var sizes = new List<long>();
            var (loss, wrong) = (0.0, 0.0);
            model.eval();

            void Read()
            {
                var first = sizes.Count - losses.Count;
                loss += losses.Drain().Select((mean, i) => mean * sizes[first + i]).Sum();
                wrong += wrongs.Drain().Sum();
            }

            long answers = 0;
            var classes = true;
            foreach (var drawn in data.Batches())
            {
                cancellationToken.ThrowIfCancellationRequested();
                using var scope = NewDisposeScope();
                var batch = place.Move(drawn);
                var results = forward(batch.Inputs);
                losses.Add(LossFunctions.Of(options, results, batch.Targets));
                sizes.Add(batch.Size);
                answers += batch.Target.numel();
                if (LossFunctions.Wrong(results[0], batch.Target) is Tensor count)
                {
                    wrongs.Add(count);
                }
                else
                {
                    classes = false;
                }

                if (losses.IsFull)
                {
                    Read();
                }
            }

            Read();
            return sizes.Count > 0
                ? new Evaluation(loss / sizes.Sum(), classes ? wrong / answers : null, sizes.Sum())
                : throw new InvalidOperationException(
                    "The data to evaluate on gave no batch; see that its source is not empty and can be enumerated more than once.");
        }

        private (double Loss, long Samples, double Rate) TrainEpoch(TrainingData data, TrainingStep step, int epoch, int? batches, PruneProgress progress)
        {
            using var losses = new ScalarWindow();
            var sizes = new List<long>(batches ?? 0);
            var (loss, rate) = (0.0, options.LearningRate);
            model.train();

            void Read()
            {
                var first = sizes.Count - losses.Count;
                foreach (var mean in losses.Drain())
                {
                    if (!double.IsFinite(mean))
                    {
                        throw new RetrainException(mean, epoch, first, LearningRates.At(options, epoch, first, batches ?? 0));
                    }

                    loss += mean * sizes[first++];
                }

                if (batches is int known)
                {
                    progress.Advanced(PrunePhase.Retrain, Math.Min(1, (epoch + ((double)sizes.Count / known)) / options.Epochs));
                }
            }

            foreach (var batch in data.Batches(epoch, options.Seed))
            {
                cancellationToken.ThrowIfCancellationRequested();
                rate = LearningRates.At(options, epoch, sizes.Count, batches ?? 0);
                step.Take(batch, rate, losses);
                sizes.Add(batch.Size);
                if (losses.IsFull)
                {
                    Read();
                }
            }

            Read();
            return sizes.Count > 0
                ? (loss / sizes.Sum(), sizes.Sum(), rate)
                : throw new InvalidOperationException(
                    $"The training data gave no batch in epoch {epoch + 1}; see that its source is not empty and can be enumerated more than once.");
        }

        private optim.Optimizer NewOptimizer(Parameter[] parameters, TrainingMasks masks) => options.Optimizer switch
        {
            RetrainOptimizer.SGD => new FusedSGD(parameters, options.LearningRate, options.Momentum, options.WeightDecay, masks),
            _ => new FusedAdam(parameters, options.LearningRate, options.WeightDecay, masks),
        };
    }

    /// <summary>The body of the innermost loop: forward, backward, update, hold.</summary>
    private sealed class TrainingStep(
        Func<Tensor[], Tensor[]> forward,
        RetrainOptions options,
        TrainingDevice place,
        Parameter[] parameters,
        optim.Optimizer optimizer,
        TrainingMasks masks,
        Action? hold)
    {
        private readonly optim.ILearningRateController[] groups = optimizer.ParamGroups.ToArray();

        public void Take(Batch drawn, double rate, ScalarWindow losses)
        {
            using var scope = NewDisposeScope();
            var batch = place.Move(drawn);
            var loss = LossFunctions.Of(options, forward(batch.Inputs), batch.Targets);
            losses.Add(loss);
            loss.backward();

            foreach (var group in groups)
            {
                group.LearningRate = rate;
            }

            optimizer.step();
            ClearGradients();
            using var noGradients = no_grad();
            masks.AfterStep();
            hold?.Invoke();
        }

        /// <summary>Forgets the gradients instead of zeroing them: the next backward pass then writes where it would add.</summary>
        public void ClearGradients()
        {
            foreach (var parameter in parameters)
            {
                parameter.grad = null;
            }
        }
    }
}
