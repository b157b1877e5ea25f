using System.Text;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>One call of <c>PruneAndRetrain</c>: rounds of scoring, removing and fine-tuning, between two measurements.</summary>
/// <param name="link">Links the model as it is, with its options changed.</param>
/// <param name="forward">Calls the model, and gives its results in order.</param>
/// <param name="samples">Inputs of one batch, where the model is.</param>
/// <param name="progress">Is told how far the run has come.</param>
/// <param name="cancellationToken">Looked at before each batch.</param>
/// <param name="checkpoint">Where it is kept what was reached; null for nowhere.</param>
internal sealed class PruneRun(
    Func<Func<PruneOptions, PruneOptions>, PruningPlan> link,
    Func<Tensor[], Tensor[]> forward,
    Tensor[] samples,
    PruneProgress progress,
    CancellationToken cancellationToken,
    Checkpoint? checkpoint = null)
{
    private static readonly int[] ReportedBatchSizes = [1, 128];

    private readonly PruningPlan plan = link(options => options);
    private RunJournal journal = null!;

    /// <summary>What the model is pruned by.</summary>
    public PruneOptions Options => plan.Options;

    /// <summary>Prunes, fine-tunes and measures. On any failure the model is as it was before.</summary>
    public PruneReport PruneAndRetrain(TrainingData train, TrainingData test)
    {
        if (Options.Schedule.Rewinds && plan.PrunableGroups().FirstOrDefault(group => group.Settings.Ratio != 0) is { } group)
        {
            throw new InvalidOperationException(
                $"{Options.Schedule} puts back the values that weights had, and channels of {group.Name} are to go, which leaves them no place. Prune single "
                    + $"weights, or choose a schedule that does not rewind, such as {nameof(PruneSchedule.LearningRateRewinding)}.");
        }

        plan.RequireLayersToPrune();
        plan.RequireNothingCarriedOver();
        var shares = Options.Schedule.Shares();
        using var opened = journal = RunJournal.Open(checkpoint, plan, train);
        Ranks.Of(Options.Retrain)?.Unify(plan.Model);
        using var before = new ModelState(plan.Model, plan.Widths);
        try
        {
            progress.Started(PrunePhase.Measure);
            var dense = journal.Dense ?? Retrainer.Evaluate(plan.Model, forward, test, Options.Retrain, cancellationToken);
            progress.Advanced(PrunePhase.Measure, 0.5);

            // What is pruned anew is coded anew.
            Pruning.ReleaseCodes(plan.Model);
            AtRoot(() =>
            {
                LatencyTable.Prepare(plan, forward, () => Array.ConvertAll(samples, sample => sample.clone()), cancellationToken);
                return plan;
            });
            journal.Measured(dense, journal.Dense is null ? ModelCount.NonZero(plan.Model) : journal.NonZero);
            var rounds = new List<Round>();
            var byError = Options.Budget?.MaxErrorIncrease is not null;
            if (byError)
            {
                rounds.AddRange(PruneToError(train, test, before, dense));
            }
            else if (Options.Schedule.IsByLayer)
            {
                rounds.AddRange(PruneByLayer(shares, train, test, before, dense));
            }

            foreach (var share in byError || Options.Schedule.IsByLayer ? [] : Options.Schedule.IsGradual ? [1] : shares)
            {
                var linked = rounds.Count == 0 ? plan : Link();
                if (journal.NextOver() is { } over)
                {
                    rounds.Add(Again(linked, over));
                    continue;
                }

                rounds.Add(Options.Schedule.IsGradual
                    ? PruneWhileTraining(train, test, before)
                    : Prune(linked, share, train, test, before, isFirst: rounds.Count == 0));
                journal.StepIsOver(rounds[^1].Retrained);
                progress.Advanced(PrunePhase.Measure, 0.5 + (0.25 * rounds.Count / shares.Length));
            }

            if (journal.NextOver() is null && journal.Report is { } report)
            {
                return report;
            }

            var steps = Code(train, test, before, rounds[^1].Retrained.Final ?? rounds[^1].Pruned);
            if ((steps.Count > 0 ? steps[^1].Test : rounds[^1].Retrained.Final ?? rounds[^1].Pruned) is { Loss: var loss } && !double.IsFinite(loss))
            {
                throw new InvalidOperationException(FormattableString.Invariant(
                    $"The loss of {plan.Model.GetType().Name} on the test data is {loss} once it is pruned; remove less, or retrain it. The model is as it ")
                        + "was before.");
            }

            // Rounding activations takes time here, and none on a machine that computes with codes.
            using var activations = ActivationPoints.Suspend(plan.Model);
            var latencies = !Options.MeasureLatency ? [] : AtRoot(() => LatencyMeter.MeasureByTurns(
                plan.Model, forward, samples, ReportedBatchSizes, before.Exchange, cancellationToken)) ?? [];
            progress.Finished(PrunePhase.Measure);
            var result = OfRoot(() => Report(rounds, steps, journal.NonZero, dense, latencies, TimeSpan.FromSeconds(journal.Seconds)));
            if (steps.Count == 0)
            {
                journal.IsOver(result);
            }

            return result;
        }
        catch (OperationCanceledException stopped) when (checkpoint is not null)
        {
            before.Restore();
            throw new OperationCanceledException(
                $"The pruning of {plan.Model.GetType().Name} was stopped, and the model is as it was before.{journal.HowToGoOn}",
                stopped,
                stopped.CancellationToken);
        }
        catch
        {
            before.Restore();
            throw;
        }
    }

    /// <summary>Scores, removes and fine-tunes once.</summary>
    /// <param name="linked">The model as it is.</param>
    /// <param name="share">The share of the ratios that is reached.</param>
    /// <param name="train">What to score by and to train on.</param>
    /// <param name="test">What to measure on.</param>
    /// <param name="before">A copy of the model as it was at the beginning.</param>
    /// <param name="isFirst">Whether it is still as it was.</param>
    /// <param name="turn">The groups and parameters whose turn it is; null for all.</param>
    /// <param name="given">What gives the ratios in place of what the options name; null for that.</param>
    private Round Prune(
        PruningPlan linked,
        double share,
        TrainingData train,
        TrainingData test,
        ModelState before,
        bool isFirst,
        IReadOnlySet<string>? turn = null,
        RatioAllocator? given = null)
    {
        if (journal.Interrupted(linked) is { } interrupted)
        {
            using var chosen = interrupted.Selection;
            var again = In(PrunePhase.Compact, () => Compaction.Apply(chosen));
            return Retrain(again, chosen, interrupted.Pruned);
        }

        // A callback may have coded it in the round before.
        Pruning.ReleaseCodes(plan.Model);
        using var selection = SharedChoice.Of(Options.Retrain, linked, () =>
        {
            using var importance = In(PrunePhase.Score, () => Importance.Of(linked, forward, train, progress, cancellationToken));
            return In(PrunePhase.Select, () => Select(importance, share, turn, given));
        });
        var compacted = In(PrunePhase.Compact, () => Compact(linked, selection, isFirst ? before : null));
        if (Options.Schedule.Rewinds)
        {
            before.Rewind();
        }

        if (Options.Schedule.Redraws && share == 1)
        {
            WeightInitialization.Reset(plan.Model, Options.Retrain.Seed + 1);
        }

        return Retrain(compacted, selection, Evaluate(test));

        Round Retrain(CompactResult result, PruneSelection by, Evaluation pruned)
        {
            journal.IsPruned(by, pruned);
            return new Round(result, pruned, Train(linked, result.Mask, train, test, before, pruner: null));
        }
    }

    /// <summary>Removes again what a step removed that was over when the run was interrupted.</summary>
    private static Round Again(PruningPlan linked, StepRecord over)
    {
        using var selection = RunJournal.SelectionOf(over, linked);
        return new Round(Compaction.Apply(selection), over.Pruned, over.Retrained!);
    }

    private static PruneSelection Select(Importance importance, double share, IReadOnlySet<string>? turn, RatioAllocator? given)
    {
        var all = Selection.Of(importance, share, given);
        return turn is null ? all : all.Only(turn, share);
    }

    /// <summary>What is pruned one after the other, in the order of <c>forward</c>: each group with the weights of the layers that make it.</summary>
    internal static IReadOnlyList<IReadOnlySet<string>> Turns(PruningPlan plan)
    {
        var groups = plan.PrunableGroups().Select(group => group.Name).ToHashSet();
        var weights = plan.PrunableWeights().Concat(plan.WeightsBesideChannels()).ToList();
        return
        [
            .. plan.Parameters.SelectMany(parameter => new[] { parameter.Layer.Name, parameter.Path }).Distinct()
                .Select(name => weights.Where(weight => (weight.Layer.Name.Length > 0 ? weight.Layer.Name : weight.Path) == name)
                    .Select(weight => weight.Path).Concat(groups.Contains(name) ? [name] : []).ToHashSet(StringComparer.Ordinal))
                .Where(turn => turn.Count > 0),
        ];
    }

    /// <summary>Prunes and fine-tunes one layer after the other, each as far as the error lets it.</summary>
    private List<Round> PruneByLayer(double[] shares, TrainingData train, TrainingData test, ModelState before, Evaluation dense)
    {
        var (rounds, turns) = (new List<Round>(), Turns(plan));

        // A budget is divided once: what later turns would choose for layers that had theirs could not be done any more.
        var given = Options.Budget is { LimitsWidths: true } ? AtRoot(() => Divided(train)) : null;
        foreach (var (turn, number) in turns.Select((turn, number) => (turn, number)))
        {
            foreach (var share in shares.Where(share => share > 0))
            {
                var linked = rounds.Count == 0 ? plan : Link();
                if (journal.NextOver() is { } over)
                {
                    if (over.IsUndone)
                    {
                        break;
                    }

                    rounds.Add(Again(linked, over));
                    continue;
                }

                using var last = Options.Schedule.ErrorBudget is null ? null : new ModelState(plan.Model, plan.Widths);
                var round = Prune(linked, share, train, test, before, isFirst: false, turn, given);
                var isTooMuch = Rise(round, dense) > Options.Schedule.ErrorBudget;
                if (isTooMuch)
                {
                    last!.Restore();
                }

                journal.StepIsOver(round.Retrained, isTooMuch);
                if (isTooMuch)
                {
                    break;
                }

                rounds.Add(round);
            }

            progress.Advanced(PrunePhase.Measure, 0.5 + (0.25 * (number + 1) / turns.Count));
        }

        return rounds.Count > 0 ? rounds : [WithoutPruning(dense)];
    }

    private GivenRatios Divided(TrainingData train)
    {
        Selection.RequireNoBits(Options);
        using var importance = Importance.Of(plan, forward, train, progress, cancellationToken);
        var allocator = Selection.AllocatorOf(Options)!;
        return new GivenRatios(allocator.Checked(allocator.Allocate(plan, Selection.PiecesByRatio(importance)), plan));
    }

    /// <summary>Nothing can go within the budget.</summary>
    private Round WithoutPruning(Evaluation dense)
    {
        using var all = new PruneSelection(plan, new Dictionary<string, long[]>());
        return new Round(Compaction.Apply(all), dense, new RetrainResult([]));
    }

    /// <summary>By how much the error, or the loss, of a round is above that at the beginning.</summary>
    private static double Rise(Round round, Evaluation dense) => Rise(round.Retrained.Final ?? round.Pruned, dense);

    private static double Rise(Evaluation final, Evaluation dense) => (final.Error ?? final.Loss) - (dense.Error ?? dense.Loss);

    /// <summary>
    /// Prunes and fine-tunes step by step for as long as the error lets it, or until the other limits of the budget are met: see <see cref="ErrorSteps"/>.
    /// </summary>
    private List<Round> PruneToError(TrainingData train, TrainingData test, ModelState before, Evaluation dense)
    {
        var (rounds, steps) = (new List<Round>(), new ErrorSteps(plan));
        while (steps.Next is { } budget)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var linked = link(options => options with { Budget = budget });
            if (journal.NextOver() is { } over)
            {
                // One of which the error rose too far was undone.
                if (steps.Came(Rise(over.Retrained!.Final ?? over.Pruned, dense)))
                {
                    rounds.Add(Again(linked, over));
                }

                continue;
            }

            using var last = new ModelState(plan.Model, plan.Widths);
            var putBack = PruneState.Of(plan.Model).Remember();
            var round = Prune(linked, 1, train, test, before, isFirst: false);
            var rise = Rise(round, dense);
            if (steps.Came(rise))
            {
                journal.StepIsOver(round.Retrained);
                rounds.Add(round);
                continue;
            }

            last.Restore();
            putBack();
            if (steps.Missed(rise) is { } missed)
            {
                throw missed;
            }

            journal.StepIsOver(round.Retrained, isUndone: true);
        }

        return rounds.Count > 0 ? rounds : [WithoutPruning(dense)];
    }

    /// <summary>Does what one of several processes does; the others have null.</summary>
    private T? AtRoot<T>(Func<T> work)
        where T : class => Ranks.AtRoot(Options.Retrain, work);

    /// <summary>The report that process 0 makes, in all of them.</summary>
    private PruneReport OfRoot(Func<PruneReport> make)
    {
        if (Ranks.Of(Options.Retrain) is not { } all)
        {
            return make();
        }

        PruneReport? own = null;
        var text = all.FromRoot(() => Encoding.UTF8.GetBytes((own = make()).ToJson()));
        return own ?? PruneReport.FromJson(Encoding.UTF8.GetString(text));
    }

    private PruningPlan Link() => link(options => options);

    /// <summary>Prunes while the model is trained, and removes at the end what can leave it.</summary>
    private Round PruneWhileTraining(TrainingData train, TrainingData test, ModelState before)
    {
        if (Options.Retrain.Epochs == 0)
        {
            throw new InvalidOperationException(
                $"The schedule {Options.Schedule} prunes while the model is trained, and it is trained for 0 epochs; give more.");
        }

        if (Options.Retrain.Callbacks.OfType<QuantizationAware>().Any()
            && plan.PrunableGroups().FirstOrDefault(group => group.Settings.Ratio != 0) is { } group)
        {
            throw new InvalidOperationException(
                $"The schedule {Options.Schedule} takes channels of {group.Name} away while the model is trained, and {nameof(QuantizationAware)} quantizes "
                    + $"them meanwhile. Set {nameof(PruneOptions.Quantize)}, which quantizes and trains what is left behind the pruning, or prune before the "
                    + $"training, with {nameof(PruneSchedule.OneShot)}.");
        }

        using var pruning = new GradualPruning(plan, () => Importance.Of(plan, forward, train, PruneProgress.Quiet, cancellationToken));
        var retrained = Train(plan, mask: null, train, test, before, pruning);
        var compacted = In(PrunePhase.Compact, () => Compact(plan, pruning.Selection!, before: null));
        var pruned = Evaluate(test);
        journal.IsPruned(pruning.Selection!, pruned);
        return new Round(compacted, pruned, retrained);
    }

    private CompactResult Compact(PruningPlan linked, PruneSelection selection, ModelState? before)
    {
        if (!Options.Verify)
        {
            return Compaction.Apply(selection);
        }

        var verifier = new CompactionVerifier(linked, forward, samples);
        return before is null ? verifier.Compact(selection) : verifier.Compact(selection, before);
    }

    private RetrainResult Train(
        PruningPlan linked,
        PruneMask? mask,
        TrainingData train,
        TrainingData test,
        ModelState before,
        TrainingCallback? pruner,
        RetrainOptions? options = null) =>
        In(PrunePhase.Retrain, () => Retrainer.Train(
            new TrainingRun(plan.Model, forward, train, test, options ?? Options.Retrain, progress, cancellationToken, linked, mask)
            {
                Teacher = new DenseTeacher(plan.Model, forward, before).Answer,
                Pruner = pruner,
                Link = Link,

                // What shares and quantizes weights is made anew from what was pruned.
                Keeper = options is null ? journal : null,
            }));

    /// <summary>Shares and quantizes weights as the options ask, and retrains what they became.</summary>
    private List<CodingStep> Code(TrainingData train, TrainingData test, ModelState before, Evaluation pruned)
    {
        var (linked, steps) = (Link(), new List<CodingStep>());
        if (ShareOf(linked) is { } share)
        {
            steps.Add(new CodingStep("pruned", pruned));
            WeightSharing.Share(linked, all: null, Options.Retrain.Seed);
            steps.Add(new CodingStep("shared", Evaluate(test)));
            Retrain("shared, retrained", share.Epochs!.Value, share.LearningRate);
        }

        if (QuantizeOf(linked) is { } quantize)
        {
            if (steps.Count == 0)
            {
                steps.Add(new CodingStep("pruned", pruned));
            }

            var masters = new Dictionary<string, Tensor>();
            try
            {
                var context = new ScoringContext(linked, forward, train, PruneProgress.Quiet, cancellationToken);
                new ModelQuantizer(linked, all: null, context, hasData: true).Run(masters);
                steps.Add(new CodingStep("quantized", Evaluate(test)));
                if (quantize.Training != QuantizedTraining.None)
                {
                    Retrain("quantized, retrained", quantize.Epochs!.Value, quantize.LearningRate, new QuantizationAware(Options.Quantize, masters));
                }
            }
            finally
            {
                foreach (var weight in masters.Values)
                {
                    weight.Dispose();
                }
            }
        }

        return steps;

        // Callbacks of the retraining have done their work: what prunes while it trains would begin anew.
        void Retrain(string name, int epochs, double? rate, params TrainingCallback[] callbacks)
        {
            if (epochs > 0)
            {
                var options = Options.Retrain with { Epochs = epochs, LearningRate = rate ?? Options.Retrain.LearningRate / 10, Callbacks = callbacks };
                var result = Train(linked, mask: null, train, test, before, pruner: null, options);
                steps.Add(new CodingStep(name, Evaluate(test), result));
            }
        }
    }

    /// <summary>For how many epochs the codes of a model are retrained.</summary>
    internal static int CodingEpochs(PruningPlan plan) =>
        (ShareOf(plan)?.Epochs ?? 0) + (QuantizeOf(plan) is { Training: not QuantizedTraining.None } quantize ? quantize.Epochs!.Value : 0);

    /// <summary>How weights are shared, with nothing left null but the learning rate; null where they are not.</summary>
    private static ShareOptions? ShareOf(PruningPlan plan) =>
        SettingsOf(plan).Any(layer => layer.Share?.IsOn == true) ? (plan.Options.Share ?? new()).Over(ShareOptions.Defaults) : null;

    /// <summary>How the model is quantized; null where nothing of it is.</summary>
    private static QuantizeOptions? QuantizeOf(PruningPlan plan) =>
        SettingsOf(plan).Any(layer => layer.Quantize is { } quantize && (quantize.HasWeights || quantize.Activations != 0))
            ? ModelQuantizer.OfModel(plan, all: null)
            : null;

    private static IEnumerable<LayerPruneOptions> SettingsOf(PruningPlan plan) =>
        plan.Parameters.Where(parameter => parameter.ReadDim >= 0).Select(parameter => plan.SettingsOf(parameter.Layer.Name));

    private PruneReport Report(
        IReadOnlyList<Round> rounds, IReadOnlyList<CodingStep> steps, long nonZero, Evaluation dense, IReadOnlyList<LatencyChange> latencies, TimeSpan time)
    {
        var (first, last) = (rounds[0].Compacted, rounds[^1].Compacted);
        var (before, after) = (first.Before, last.After);
        var widths = first.Groups.ToDictionary(group => group.Name, group => group.Before, StringComparer.Ordinal);
        var original = PruneState.Of(plan.Model).Dense!.Count;
        return new PruneReport
        {
            Model = plan.Model.GetType().Name,
            Granularity = Options.WeightThreshold is double least
                ? FormattableString.Invariant($"{Options.Granularity}, weights below {least:g4}") : Options.Granularity!.Name,
            Groups = [.. last.Groups.Select(group => group with { Before = widths.GetValueOrDefault(group.Name, group.Before) })],
            PrunedBy = last.PrunedBy,
            Pool = last.Pool is { } pool && first.Pool is { } firstPool ? pool with { Before = firstPool.Before } : last.Pool,
            Original = original.Parameters == before.Parameters ? null : original,
            Parameters = new Change(before.Parameters, after.Parameters),
            NonZeroParameters = new Change(nonZero, ModelCount.NonZero(plan.Model)),
            Macs = before.Macs is long macs && after.Macs is long fewer ? new Change(macs, fewer) : null,
            UncountedMacs = plan.UncountedMacs,
            Bytes = new Change(before.Bytes, after.Bytes),
            Layers = LayerSparsity.Of(plan),
            Dense = dense,
            Pruned = rounds[^1].Pruned,
            Final = steps.Count > 0 ? steps[^1].Test : rounds[^1].Retrained.Final ?? rounds[^1].Pruned,
            Steps = steps,
            Retraining = rounds[^1].Retrained,
            EarlierRounds = [.. rounds.SkipLast(1).Select(round => round.Retrained)],
            Latencies = latencies,
            Warning = string.Join(" ", new[] { LatencyTable.WarningOf(plan), KernelPatterns.WarningOf(plan) }.OfType<string>()) is { Length: > 0 } warning
                ? warning : null,
            Seconds = time.TotalSeconds,
            Options = Options,
            Schedule = Options.Schedule.Name,
            Environment = RunEnvironment.Now(),
        };
    }

    private T In<T>(PrunePhase phase, Func<T> work)
    {
        progress.Started(phase);
        var result = work();
        progress.Finished(phase);
        return result;
    }

    private Evaluation Evaluate(TrainingData test) => Retrainer.Try(plan.Model, forward, test, Options.Retrain, cancellationToken);

    /// <summary>What one round came to.</summary>
    private sealed record Round(CompactResult Compacted, Evaluation Pruned, RetrainResult Retrained);
}
