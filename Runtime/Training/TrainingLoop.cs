using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// One training run. The order of its events is that of <see cref="TrainingCallback"/>; what holds weights at zero, evaluates and shows progress
/// are callbacks like any other.
/// </summary>
internal sealed class TrainingLoop
{
    private readonly TrainingContext context;
    private readonly RetrainOptions options;
    private readonly TrainingDevice place;
    private readonly TrainingData data;
    private readonly PruneProgress progress;
    private readonly CancellationToken cancellationToken;
    private readonly TrainingCallback[] callbacks;
    private readonly optim.lr_scheduler.LRScheduler? scheduler;
    private readonly int? batches;
    private readonly ITrainingKeeper? keeper;
    private readonly GradientAveraging? averaging;
    private long schedulerSteps;

    public TrainingLoop(TrainingRun run, TrainingDevice place)
    {
        (options, this.place, data, progress, cancellationToken) = (run.Options, place, run.Train, run.Progress, run.CancellationToken);
        keeper = run.Keeper is { Keeps: true } ? run.Keeper : null;
        var evaluator = new Evaluator(run.Model, run.Forward, place, options, cancellationToken);
        averaging = Ranks.Of(options) is { } all ? new GradientAveraging(all, cancellationToken) : null;
        callbacks =
        [
            .. new TrainingCallback?[]
            {
                averaging,
                new MaskCallback(),
                run.Pruner,
                run.Test is { } test ? new EpochEvaluation(() => evaluator.Of(test)) : null,
                options.Distill == Distill.SoftTargets ? new Distillation(options.Temperature, options.DistillWeight, options.Teacher) : null,
                options.MaxGradientNorm is double norm ? new GradientClipping(norm) : null,
                options.KeepBest ? new BestWeights() : null,
                options.Callbacks.OfType<WeightSharing>().Any() ? null : new WeightSharing(),
            }.OfType<TrainingCallback>(),
            .. options.Callbacks,
            new ProgressDisplay(progress),
        ];
        manual_seed(options.Seed);
        batches = options.Schedule == LearningRateSchedule.Cosine ? data.CountBatches() : data.KnownCount;
        context = new TrainingContext(run.Model, run.Forward, options, run.Plan, run.Mask, place.Device, NewOptimizer)
        {
            Teacher = run.Teacher,
            Data = data,
            Batches = batches,
            Linker = run.Link,
            Averaging = averaging,
        };
        scheduler = options.SchedulerFactory is { } factory
            ? Made(factory(context.Optimizer), nameof(RetrainOptions.SchedulerFactory), "a scheduler") : null;
    }

    /// <summary>The callbacks that a checkpoint asks: the same in one process and in several, so that one may go on where others were.</summary>
    private List<TrainingCallback> Remembering => [.. callbacks.Where(callback => callback != averaging)];

    /// <summary>Trains for the epochs that the options ask for.</summary>
    public RetrainResult Run()
    {
        var begun = 0;
        try
        {
            ClearGradients();
            foreach (var callback in callbacks)
            {
                begun++;
                callback.OnBegin(context);
            }

            var reached = GoOn();
            for (; context.Epoch < options.Epochs; context.Epoch++)
            {
                var (loss, samples, rate, seconds) = RunEpoch(reached);
                reached = null;
                context.Progress = (context.Epoch + 1.0) / options.Epochs;
                context.EpochList.Add(new EpochResult(context.Epoch + 1, rate, loss, Test: null, seconds, TestSeconds: 0, samples));
                Each(callback => callback.OnEpochEnd(context, context.EpochList[^1]));
                if (!options.SchedulerEachBatch)
                {
                    StepScheduler();
                }
            }

            Each(callback => callback.OnEnd(context));
            return new RetrainResult(context.EpochList) { KeptEpoch = context.KeptEpoch };
        }
        finally
        {
            Release(begun);
        }
    }

    /// <summary>Each callback that has begun lets go of what it has, whatever another one throws at that.</summary>
    private void Release(int begun)
    {
        if (begun == 0)
        {
            context.Release();
            return;
        }

        try
        {
            callbacks[begun - 1].OnRelease(context);
        }
        finally
        {
            Release(begun - 1);
        }
    }

    /// <summary>Brings a training that was interrupted to where it was.</summary>
    /// <returns>Where that is; null where it begins.</returns>
    private TrainingPosition? GoOn()
    {
        if (keeper?.Reached is not { } reached)
        {
            return null;
        }

        var position = reached.Position;
        while (schedulerSteps < position.SchedulerSteps)
        {
            StepScheduler();
        }

        (context.Epoch, context.Step, context.Progress) = (position.Epoch, position.Step, position.Progress);
        context.EpochList.AddRange(position.Epochs);
        (context.KeptEpoch, context.IsSparse) = (position.KeptEpoch, position.IsSparse);
        using (no_grad())
        {
            TrainingSnapshot.Restore(context, Remembering, reached.Tensors, reached.From);
        }

        return position;
    }

    /// <summary>Trains on the batches of one epoch.</summary>
    /// <param name="reached">Where in it the training was interrupted; null where it was not.</param>
    private (double Loss, long Samples, double Rate, double Seconds) RunEpoch(TrainingPosition? reached)
    {
        using var losses = new ScalarWindow();
        var started = Stopwatch.GetTimestamp();
        var sizes = new List<long>(batches ?? 0);
        var (loss, rate, skip) = (0.0, options.LearningRate, 0);
        if (reached is not null)
        {
            (loss, rate, skip) = (reached.Loss, reached.Rate, reached.Sizes.Count);
            sizes.AddRange(reached.Sizes);
        }

        // Asked once an epoch: to look at the targets of each batch would have the host wait for the device.
        var mayPassOver = data.MayPassOver;
        context.Model.train();

        void Read()
        {
            var first = sizes.Count - losses.Count;
            foreach (var mean in losses.Drain())
            {
                if (!double.IsFinite(mean))
                {
                    throw new RetrainException(mean, context.Epoch, first, LearningRates.At(options, context.Epoch, first, batches ?? 0));
                }

                loss += mean * sizes[first++];
            }

            if (batches is not null)
            {
                progress.Advanced(PrunePhase.Retrain, context.Progress);
            }
        }

        double Seconds() => (reached?.Seconds ?? 0) + Stopwatch.GetElapsedTime(started).TotalSeconds;

        void Keep()
        {
            Read();
            this.Keep(sizes, loss, rate, Seconds());
        }

        foreach (var batch in data.Batches(context.Epoch, options.Seed))
        {
            if (skip > 0)
            {
                HasSkipped(--skip);
                continue;
            }

            // Several processes stop behind the same step, all of them.
            if (averaging?.IsStopped ?? cancellationToken.IsCancellationRequested)
            {
                Keep();
                throw new OperationCanceledException(cancellationToken);
            }

            rate = SetRate(sizes.Count);
            if (mayPassOver && LossFunctions.PassesOver(options, batch))
            {
                // Losses stand for the last sizes, and this one has none.
                Read();
                context.Step++;
                sizes.Add(0);
            }
            else
            {
                TakeStep(batch, losses);
                sizes.Add(batch.Size);
            }

            if (batches is int known)
            {
                context.Progress = Math.Min(1, (context.Epoch + ((double)sizes.Count / known)) / options.Epochs);
            }

            if (keeper?.IsDue(context.Step) == true)
            {
                Keep();
            }

            if (losses.IsFull)
            {
                Read();
            }
        }

        if (skip > 0)
        {
            throw new InvalidOperationException(
                $"The training was interrupted behind batch {reached!.Sizes.Count} of epoch {context.Epoch + 1}, and the training data gives only "
                    + $"{reached.Sizes.Count - skip} now; give the same data.");
        }

        Keep();
        if (sizes.Count == 0)
        {
            throw new InvalidOperationException(
                $"The training data gave no batch in epoch {context.Epoch + 1}; see that its source is not empty and can be enumerated more than once.");
        }

        var samples = sizes.Sum();
        return samples > 0 ? (loss / samples, samples, rate, Seconds()) : throw LossFunctions.NoneCounts("training data");
    }

    /// <summary>The batches before the place where the training was interrupted have been drawn again: what is drawn next is new.</summary>
    private void HasSkipped(int left)
    {
        if (left == 0)
        {
            TrainingSnapshot.RestoreRandom(keeper!.Reached!.Value.Tensors);
            keeper.Forget();
        }
    }

    /// <summary>Keeps what was reached.</summary>
    private void Keep(IReadOnlyList<long> sizes, double loss, double rate, double seconds)
    {
        if (keeper is null || sizes.Count == 0)
        {
            return;
        }

        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        if (TrainingSnapshot.Of(context, Remembering) is { } tensors)
        {
            var position = new TrainingPosition
            {
                Epoch = context.Epoch,
                Sizes = sizes,
                Loss = loss,
                Rate = rate,
                Seconds = seconds,
                Step = context.Step,
                SchedulerSteps = schedulerSteps,
                Progress = context.Progress,
                Epochs = context.EpochList,
                KeptEpoch = context.KeptEpoch,
                IsSparse = context.IsSparse,
            };
            keeper.Keep(position, tensors);
        }
    }

    /// <summary>The body of the innermost loop: forward, backward, update.</summary>
    private void TakeStep(Batch drawn, ScalarWindow losses)
    {
        using var scope = NewDisposeScope();
        var batch = place.Move(averaging?.PartOf(drawn) ?? drawn);
        Each(callback => callback.OnBatch(context, batch));
        var results = batch.Through(context.Forward);
        var loss = LossFunctions.Of(options, results, batch.Targets);
        foreach (var callback in callbacks)
        {
            loss = callback.OnLoss(context, batch, results, loss);
            if (loss?.numel() != 1)
            {
                throw new InvalidOperationException(
                    $"{callback.GetType().Name}.OnLoss gives {LossFunctions.Told(loss)}, but a loss is one number for the batch, a scalar; have it reduced, by "
                        + "mean().");
            }
        }

        loss = loss.reshape();
        if (!loss.requires_grad)
        {
            throw new InvalidOperationException(
                $"The loss of {context.Model.GetType().Name} does not depend on any parameter that is trained, so there is nothing to learn by: something "
                    + "between forward and the loss takes its gradient away, as detach(), no_grad() and a way through numbers do. Give the model's own "
                    + "results.");
        }

        loss.backward();
        if (averaging is not null)
        {
            averaging.Loss = loss;
        }

        using (no_grad())
        {
            Each(callback => callback.OnBackward(context));
        }

        losses.Add(averaging?.Loss ?? loss);
        context.Optimizer.step();
        ClearGradients();
        context.Step++;
        using (no_grad())
        {
            Each(callback => callback.OnStep(context));
        }

        if (options.SchedulerEachBatch)
        {
            StepScheduler();
        }
    }

    private void StepScheduler()
    {
        scheduler?.step();
        schedulerSteps++;
    }

    /// <summary>Sets the learning rate of the next step, unless a scheduler of TorchSharp's does.</summary>
    private double SetRate(int batch)
    {
        if (scheduler is not null)
        {
            return context.Optimizer.ParamGroups.First().LearningRate;
        }

        var rate = LearningRates.At(options, context.Epoch, batch, batches ?? 0);
        foreach (var group in context.Optimizer.ParamGroups)
        {
            group.LearningRate = rate;
        }

        return rate;
    }

    /// <summary>Forgets the gradients instead of zeroing them: the next backward pass then writes where it would add.</summary>
    private void ClearGradients()
    {
        foreach (var parameter in context.Parameters)
        {
            parameter.grad = null;
        }
    }

    /// <summary>What a factory of the options has made.</summary>
    /// <exception cref="InvalidOperationException">It has made nothing.</exception>
    private static T Made<T>(T? made, string option, string what) => made
        ?? throw new InvalidOperationException($"RetrainOptions.{option} gives null; have it give {what}, or leave it out.");

    private void Each(Action<TrainingCallback> tell)
    {
        foreach (var callback in callbacks)
        {
            tell(callback);
        }
    }

    private optim.Optimizer NewOptimizer(TrainingContext training)
    {
        var (parameters, masks) = (training.Parameters, training.Masks);
        if (options.OptimizerFactory is { } factory)
        {
            masks.MasksGradients = true;
            return Made(factory(parameters, options.LearningRate), nameof(RetrainOptions.OptimizerFactory), "an optimizer");
        }

        // A callback is to see the gradients without those of weights that are held; this one looks at none.
        masks.MasksGradients = options.Callbacks.Any(callback => callback is not WeightPruning) || options.MaxGradientNorm is not null;
        return options.Optimizer switch
        {
            RetrainOptimizer.SGD => new FusedSGD(parameters, options.LearningRate, options.Momentum, options.WeightDecay, masks),
            RetrainOptimizer.AdamW => new FusedAdam(parameters, options.LearningRate, options.WeightDecay, masks, isDecoupled: true),
            _ => new FusedAdam(parameters, options.LearningRate, options.WeightDecay, masks),
        };
    }
}

/// <summary>What a training run is asked for.</summary>
/// <param name="Model">The model.</param>
/// <param name="Forward">Calls it, and gives its results in order.</param>
/// <param name="Train">What to train on.</param>
/// <param name="Test">What to evaluate on after each epoch; null for nothing.</param>
/// <param name="Options">How to train.</param>
/// <param name="Progress">Is told how far it is.</param>
/// <param name="CancellationToken">Looked at before each batch.</param>
/// <param name="Plan">The model as it was linked before it was pruned; null where it is trained by itself.</param>
/// <param name="Mask">The masks that pruning left.</param>
internal sealed record TrainingRun(
    nn.Module Model,
    Func<Tensor[], Tensor[]> Forward,
    TrainingData Train,
    TrainingData? Test,
    RetrainOptions Options,
    PruneProgress Progress,
    CancellationToken CancellationToken,
    PruningPlan? Plan = null,
    PruneMask? Mask = null)
{
    /// <summary>Calls the dense model as it was before pruning; null where it is trained by itself.</summary>
    public Func<Tensor[], Tensor[]>? Teacher { get; init; }

    /// <summary>What prunes while the model is trained; null where nothing does.</summary>
    public TrainingCallback? Pruner { get; init; }

    /// <summary>Links the model as it is; null where it is trained by itself.</summary>
    public Func<PruningPlan>? Link { get; init; }

    /// <summary>Keeps what was reached; null where nothing does.</summary>
    public ITrainingKeeper? Keeper { get; init; }
}
