using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What a search may choose among, and what tells it how good a choice is: it prunes the model so, estimates running statistics anew, trains it for as long as
/// the settings say, quantizes it where bits are chosen, measures it on the validation data, and puts it back bit by bit. Each choice is evaluated once.
/// </summary>
public sealed class SearchContext
{
    private readonly Importance importance;
    private readonly Func<PruningPlan> link;
    private readonly TrainingData validation;
    private readonly ModelState before;
    private readonly SearchFile file;
    private readonly HashSet<string> asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> ahead = new(StringComparer.Ordinal);
    private readonly SharedSearch? processes;

    /// <param name="importance">The scores, of a plan whose options have the budget.</param>
    /// <param name="space">What may be chosen.</param>
    /// <param name="link">Links the model as it is.</param>
    /// <param name="forward">Calls the model.</param>
    /// <param name="train">What is trained on.</param>
    /// <param name="validation">What is measured on.</param>
    /// <param name="before">A copy of the model as it is.</param>
    /// <param name="settings">How the search goes about it.</param>
    /// <param name="all">The processes that evaluate choices together; null for this one alone.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    internal SearchContext(
        Importance importance,
        WidthSpace space,
        Func<PruningPlan> link,
        Func<Tensor[], Tensor[]> forward,
        TrainingData train,
        TrainingData validation,
        ModelState before,
        SearchSettings settings,
        Communicator? all,
        CancellationToken cancellationToken)
    {
        (this.importance, Space, Forward, Train, this.validation, this.before) = (importance, space, forward, train, validation, before);
        (this.link, Settings, CancellationToken) = (link, settings, cancellationToken);
        processes = all is null ? null : new SharedSearch(all, space.Groups.Count, Try);
        file = new SearchFile(all is null or { Rank: 0 } ? settings.File : null, SearchFile.Fingerprint(Plan, validation, settings));
    }

    /// <summary>The linked model.</summary>
    public PruningPlan Plan => importance.Plan;

    /// <summary>What is pruned by a ratio, with its scores.</summary>
    public IReadOnlyList<RankedPieces> Pieces => [.. Space.Groups.Select(group => group.Pieces).OfType<RankedPieces>()];

    /// <summary>What each group may become, and what that costs.</summary>
    public WidthSpace Space { get; }

    /// <summary>How the search goes about it.</summary>
    public SearchSettings Settings { get; }

    /// <summary>Calls the model, and gives its results in order.</summary>
    public Func<Tensor[], Tensor[]> Forward { get; }

    /// <summary>What is trained on.</summary>
    public TrainingData Train { get; }

    /// <summary>Stops the search.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>How many different choices have been evaluated.</summary>
    public int Evaluated => asked.Count;

    /// <summary>Whether no further choice may be evaluated.</summary>
    public bool IsSpent => Evaluated >= Settings.Evaluations;

    /// <summary>The choices that no other beats in both error and cost, where the search has two aims; else empty.</summary>
    public IReadOnlyList<FrontPoint> Front { get; set; } = [];

    /// <summary>
    /// One number for how bad an evaluation is: the error, and among equal ones the loss; the loss where the targets are no classes. None is worse than one
    /// whose loss is infinite or not a number.
    /// </summary>
    public static double Badness(Evaluation evaluation) => Badness(evaluation.Error, evaluation.Loss);

    /// <summary>Whether a choice may be evaluated: it has been before, or there is one left.</summary>
    public bool May(long[] kept) => !IsSpent || asked.Contains(SearchFile.Key(kept));

    /// <summary>Evaluates a choice, or tells what it came to before.</summary>
    /// <param name="kept">How many pieces each group of <see cref="Space"/> keeps.</param>
    /// <exception cref="InvalidOperationException">As many as the settings allow have been evaluated; see <see cref="May"/>.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the model is as it was, and the file has what was evaluated.</exception>
    public Evaluation Evaluate(long[] kept) => May(kept) ? Measure(kept, Settings.Evaluations) : throw new InvalidOperationException(
        $"{Settings.Evaluations} choices have been evaluated, as many as the settings allow; ask {nameof(May)} first, or raise "
            + $"{nameof(SearchSettings.Evaluations)}.");

    /// <summary>
    /// Has several processes (<see cref="RetrainOptions.Communicator"/>) evaluate choices at once that will be asked for: what they come to is known then. In
    /// one process nothing is done.
    /// </summary>
    /// <param name="choices">The choices, in the order in which they will be asked for; those that may not be evaluated any more are left out.</param>
    /// <exception cref="OperationCanceledException">A process was to stop; the model is as it was, and the file has what was evaluated before.</exception>
    public void EvaluateAhead(IEnumerable<long[]> choices) => EvaluateAhead(choices, Settings.Evaluations - Evaluated);

    /// <summary>The same for so many choices that were not asked for yet.</summary>
    internal void EvaluateAhead(IEnumerable<long[]> choices, int most)
    {
        if (processes is null)
        {
            return;
        }

        var open = choices.DistinctBy(SearchFile.Key).Where(kept => !asked.Contains(SearchFile.Key(kept))).Take(most).Where(kept => file[kept] is null);
        foreach (var some in open.ToList().Chunk(processes.Size))
        {
            foreach (var (kept, evaluation) in some.Zip(processes.Evaluate(some)))
            {
                file.Add(kept, evaluation);
                ahead.Add(SearchFile.Key(kept));
            }
        }
    }

    /// <summary>The same as one number, the lower the better.</summary>
    public double Value(long[] kept) => Badness(Evaluate(kept));

    /// <summary>The model as it is: nothing is removed, and nothing estimated anew.</summary>
    /// <exception cref="InvalidOperationException">Its loss is infinite or not a number.</exception>
    internal Evaluation Dense => dense ??= Retrainer.Evaluate(Plan.Model, Forward, validation, Plan.Options.Retrain, CancellationToken);

    private Evaluation? dense;

    /// <summary>Where a search by steps was when it last kept that; null for nothing.</summary>
    internal string? StateOf(string search) => file.State(search);

    /// <summary>Keeps where a search by steps is.</summary>
    internal void Keep(string search, string state) => file.SetState(search, state);

    /// <summary>Evaluates a choice outside of the number that is allowed.</summary>
    internal Evaluation Measure(long[] kept, int most)
    {
        var known = file[kept];
        var evaluation = known ?? Try(kept);
        if (known is null)
        {
            file.Add(kept, evaluation);
        }

        if (asked.Add(SearchFile.Key(kept)))
        {
            Settings.Progress?.Invoke(new SearchProgress(asked.Count, most, evaluation, known is null || ahead.Contains(SearchFile.Key(kept))));
        }

        return evaluation;
    }

    /// <summary>Searches in process 0, while the others <see cref="Serve"/>.</summary>
    internal T Search<T>(Func<SearchContext, T> search) => processes!.Search(() => search(this));

    /// <summary>Evaluates what process 0 asks for, until its search is over.</summary>
    internal void Serve() => processes!.Serve();

    /// <summary>Makes every parameter and buffer of the model what it was.</summary>
    internal void PutBack() => before.Restore();

    private static double Badness(double? error, double loss) => !double.IsFinite(loss) ? error is null ? double.MaxValue : 1 + 1e-6
        : error is double share ? share + (1e-6 * loss / (1 + Math.Abs(loss))) : loss;

    private Evaluation Try(long[] kept)
    {
        CancellationToken.ThrowIfCancellationRequested();
        using var scope = NewDisposeScope();
        var putBack = PruneState.Of(Plan.Model).Remember();
        try
        {
            using var selection = Selection.Of(importance, share: 1, new GivenRatios(Space.Ratios(kept)));
            using var compacted = Compaction.Apply(selection);
            BatchNormStatistics.Estimate(Plan.Model, Forward, Train, Settings.BatchNormBatches, Plan.Options.Retrain, CancellationToken);
            var options = Plan.Options.Retrain with { Epochs = Settings.RecoveryEpochs, KeepBest = false };
            Retrainer.Train(new TrainingRun(
                Plan.Model, Forward, Train, Test: null, options, PruneProgress.Quiet, CancellationToken, Plan, compacted.Mask)
            {
                Teacher = new DenseTeacher(Plan.Model, Forward, before).Answer,
            });
            if (Plan.Options.Budget is { LimitsBits: true })
            {
                var data = new ScoringContext(link(), Forward, Train, PruneProgress.Quiet, CancellationToken);
                new ModelQuantizer(data.Plan, all: null, data, hasData: true, Space.BitsOf(kept)).Run();
            }

            return Retrainer.Try(Plan.Model, Forward, validation, options, CancellationToken);
        }
        finally
        {
            before.Restore();
            putBack();
        }
    }
}

/// <summary>One choice on the front of error against cost.</summary>
/// <param name="Kept">How many pieces each group keeps, and behind them, where bits are chosen, those of each layer.</param>
/// <param name="Cost">What it costs of what is limited first, as a share of the dense original.</param>
/// <param name="Error">Its error on the validation data, or its loss where the targets are no classes.</param>
public sealed record FrontPoint(IReadOnlyList<long> Kept, double Cost, double Error);
