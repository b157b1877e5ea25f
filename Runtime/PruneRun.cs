using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>One call of <c>PruneAndRetrain</c>: rounds of scoring, removing and fine-tuning, between two measurements.</summary>
/// <param name="link">Links the model as it is.</param>
/// <param name="forward">Calls the model, and gives its results in order.</param>
/// <param name="samples">Inputs of one batch, where the model is.</param>
/// <param name="progress">Is told how far the run has come.</param>
/// <param name="cancellationToken">Looked at before each batch.</param>
internal sealed class PruneRun(
    Func<PruningPlan> link, Func<Tensor[], Tensor[]> forward, Tensor[] samples, PruneProgress progress, CancellationToken cancellationToken)
{
    private static readonly int[] ReportedBatchSizes = [1, 128];

    private readonly PruningPlan plan = link();

    /// <summary>What the model is pruned by.</summary>
    public PruneOptions Options => plan.Options;

    /// <summary>Prunes, fine-tunes and measures. On any failure the model is as it was before.</summary>
    public PruneReport PruneAndRetrain(TrainingData train, TrainingData test)
    {
        var started = Stopwatch.GetTimestamp();
        var shares = Options.Schedule.Shares();
        using var before = new ModelState(plan.Model, plan.Widths);
        try
        {
            progress.Started(PrunePhase.Measure);
            var dense = Evaluate(test);
            if (!double.IsFinite(dense.Loss))
            {
                throw new InvalidOperationException(
                    $"The loss of {plan.Model.GetType().Name} on the test data is {dense.Loss} before anything is pruned; see that its weights and the "
                        + $"test data hold no NaN or infinite value.");
            }

            progress.Advanced(PrunePhase.Measure, 0.5);

            // What is pruned anew is coded anew.
            Pruning.ReleaseCodes(plan.Model);
            var nonZero = ModelCount.NonZero(plan.Model);
            var rounds = new List<Round>();
            if (Options.Schedule.IsByLayer)
            {
                rounds.AddRange(PruneByLayer(shares, train, test, before, dense));
            }

            foreach (var share in Options.Schedule.IsByLayer ? [] : Options.Schedule.IsGradual ? [1] : shares)
            {
                rounds.Add(Options.Schedule.IsGradual
                    ? PruneWhileTraining(train, test, before)
                    : Prune(rounds.Count == 0 ? plan : link(), share, train, test, before, isFirst: rounds.Count == 0));
                progress.Advanced(PrunePhase.Measure, 0.5 + (0.25 * rounds.Count / shares.Length));
            }

            var steps = Code(train, test, before, rounds[^1].Retrained.Final ?? rounds[^1].Pruned);

            // Rounding activations takes time here, and none on a machine that computes with codes.
            using var activations = ActivationPoints.Suspend(plan.Model);
            var latencies = !Options.MeasureLatency ? [] : LatencyMeter.MeasureByTurns(
                plan.Model, forward, samples, ReportedBatchSizes, before.Exchange, cancellationToken);
            progress.Finished(PrunePhase.Measure);
            return Report(rounds, steps, nonZero, dense, latencies, Stopwatch.GetElapsedTime(started));
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
    private Round Prune(
        PruningPlan linked, double share, TrainingData train, TrainingData test, ModelState before, bool isFirst, IReadOnlySet<string>? turn = null)
    {
        using var importance = In(PrunePhase.Score, () => Importance.Of(linked, forward, train, progress, cancellationToken));
        using var selection = In(PrunePhase.Select, () => Select(importance, share, turn));
        var compacted = In(PrunePhase.Compact, () => Compact(linked, selection, isFirst ? before : null));
        if (Options.Schedule.Rewinds)
        {
            before.Rewind();
        }

        if (Options.Schedule.Redraws && share == 1)
        {
            WeightInitialization.Reset(plan.Model, Options.Retrain.Seed + 1);
        }

        var pruned = Evaluate(test);
        return new Round(compacted, pruned, Train(linked, compacted.Mask, train, test, before, pruner: null));
    }

    private static PruneSelection Select(Importance importance, double share, IReadOnlySet<string>? turn)
    {
        var all = Selection.Of(importance, share);
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
        foreach (var (turn, number) in turns.Select((turn, number) => (turn, number)))
        {
            foreach (var share in shares.Where(share => share > 0))
            {
                using var last = Options.Schedule.ErrorBudget is null ? null : new ModelState(plan.Model, plan.Widths);
                var round = Prune(rounds.Count == 0 ? plan : link(), share, train, test, before, isFirst: false, turn);
                var final = round.Retrained.Final ?? round.Pruned;
                if ((final.Error ?? final.Loss) - (dense.Error ?? dense.Loss) > Options.Schedule.ErrorBudget)
                {
                    last!.Restore();
                    break;
                }

                rounds.Add(round);
            }

            progress.Advanced(PrunePhase.Measure, 0.5 + (0.25 * (number + 1) / turns.Count));
        }

        if (rounds.Count == 0)
        {
            // Nothing can go within the budget.
            using var all = new PruneSelection(plan, new Dictionary<string, long[]>());
            rounds.Add(new Round(Compaction.Apply(all), dense, new RetrainResult([])));
        }

        return rounds;
    }

    /// <summary>Prunes while the model is trained, and removes at the end what can leave it.</summary>
    private Round PruneWhileTraining(TrainingData train, TrainingData test, ModelState before)
    {
        if (Options.Retrain.Epochs == 0)
        {
            throw new InvalidOperationException(
                $"The schedule {Options.Schedule} prunes while the model is trained, and it is trained for 0 epochs; give more.");
        }

        using var pruning = new GradualPruning(plan, () => Importance.Of(plan, forward, train, PruneProgress.Quiet, cancellationToken));
        var retrained = Train(plan, mask: null, train, test, before, pruning);
        var compacted = In(PrunePhase.Compact, () => Compact(plan, pruning.Selection!, before: null));
        return new Round(compacted, Evaluate(test), retrained);
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
                Link = link,
            }));

    /// <summary>Shares and quantizes weights as the options ask, and retrains what they became.</summary>
    private List<CodingStep> Code(TrainingData train, TrainingData test, ModelState before, Evaluation pruned)
    {
        var (linked, steps) = (link(), new List<CodingStep>());
        var settings = linked.Parameters.Where(parameter => parameter.ReadDim >= 0).Select(parameter => linked.SettingsOf(parameter.Layer.Name)).ToList();
        if (settings.Exists(layer => layer.Share?.IsOn == true))
        {
            steps.Add(new CodingStep("pruned", pruned));
            var share = (Options.Share ?? new()).Over(ShareOptions.Defaults);
            WeightSharing.Share(linked, all: null, Options.Retrain.Seed);
            steps.Add(new CodingStep("shared", Evaluate(test)));
            Retrain("shared, retrained", share.Epochs!.Value, share.LearningRate);
        }

        if (settings.Exists(layer => layer.Quantize is { } quantize && (quantize.HasWeights || quantize.Activations != 0)))
        {
            if (steps.Count == 0)
            {
                steps.Add(new CodingStep("pruned", pruned));
            }

            var quantize = ModelQuantizer.OfModel(linked, all: null);
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
            Seconds = time.TotalSeconds,
        };
    }

    private T In<T>(PrunePhase phase, Func<T> work)
    {
        progress.Started(phase);
        var result = work();
        progress.Finished(phase);
        return result;
    }

    private Evaluation Evaluate(TrainingData test) => Retrainer.Evaluate(plan.Model, forward, test, Options.Retrain, cancellationToken);

    /// <summary>What one round came to.</summary>
    private sealed record Round(CompactResult Compacted, Evaluation Pruned, RetrainResult Retrained);
}
