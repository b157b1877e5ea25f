using System.Diagnostics;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Compares ways to prune one model on one set of data: every recipe at every ratio and with every seed, from the same dense model, with the same
/// number of epochs, judged on data that nothing was chosen by (Blalock et al., "What is the State of Neural Network Pruning?", 2020).
/// </summary>
/// <typeparam name="TModel">The model's class.</typeparam>
/// <param name="create">Creates a model with random weights, always of the same widths.</param>
/// <param name="forward">Calls a model, and gives its results in order: <c>model => inputs => [model.call(inputs[0])]</c>.</param>
/// <param name="train">What is trained on, and scored by.</param>
/// <param name="validation">What is looked at while pruning and training; best epochs are chosen by it.</param>
/// <param name="test">What the final errors are measured on, and nothing else.</param>
public sealed class PruneComparison<TModel>(
    Func<TModel> create, Func<TModel, Func<Tensor[], Tensor[]>> forward, TrainingData train, TrainingData validation, TrainingData test)
    where TModel : nn.Module, IPrunable
{
    /// <summary>How the dense models are trained, one for each seed. 4 epochs of Adam by default.</summary>
    public RetrainOptions Dense { get; init; } = new() { Epochs = 4 };

    /// <summary>
    /// How many epochs each recipe has altogether, divided among its rounds; at least 1. 3 by default. Those that shared or quantized weights are retrained
    /// for are among them.
    /// </summary>
    public int Epochs { get; init; } = 3;

    /// <summary>
    /// A JSON file that the results are written to after each run; runs that it has already are not made again, so that what was interrupted goes on. It is of
    /// one model, data and dense training, and of one set of options for each recipe; a comparison of others is refused. Null, the default, for none.
    /// </summary>
    public string? File { get; init; }

    /// <summary>Is told of each run that is made.</summary>
    public Action<PruneOutcome>? Finished { get; init; }

    /// <summary>Makes every run.</summary>
    /// <param name="recipes">What is compared, each under a name of its own.</param>
    /// <param name="ratios">The shares of the dense original that are to be gone.</param>
    /// <param name="seeds">The seeds of the dense models, of shuffling and of everything else random; three or more tell how much a difference means.</param>
    /// <param name="cancellationToken">Looked at before each batch.</param>
    /// <exception cref="ArgumentException">There is nothing to compare, two recipes have one name, or a ratio is outside [0, 1).</exception>
    /// <exception cref="InvalidOperationException">
    /// The file is damaged, of another model, other data or options, or has a run with another number of epochs; or what codes of a recipe are retrained for
    /// leaves no whole number of epochs for each of its rounds.
    /// </exception>
    /// <exception cref="OperationCanceledException">The token was cancelled; the file has what was made until then.</exception>
    public ComparisonResult Run(
        IReadOnlyList<PruneRecipe> recipes, IReadOnlyList<double> ratios, IReadOnlyList<int> seeds, CancellationToken cancellationToken = default)
    {
        Validate(recipes, ratios, seeds);
        var file = File is null ? new ComparisonFile(null, [], new Dictionary<string, string[]>())
            : new ComparisonFile(File, Setup(), recipes.ToDictionary(recipe => recipe.Name, Described, StringComparer.Ordinal));
        using var mode = GradientMode.Begin();
        foreach (var seed in seeds)
        {
            using var dense = new OnDemand(() => Train(seed, cancellationToken));
            foreach (var (recipe, ratio) in recipes.SelectMany(_ => ratios, (recipe, ratio) => (recipe, ratio)))
            {
                if (file.Runs.FirstOrDefault(run => run.Recipe == recipe.Name && run.Ratio == ratio && run.Seed == seed) is { } known)
                {
                    RequireSameBudget(known, recipe);
                    continue;
                }

                var outcome = Run(recipe, ratio, seed, dense.Value, cancellationToken);
                file.Add(outcome);
                Finished?.Invoke(outcome);
            }
        }

        return new ComparisonResult([.. file.Runs.Where(
            run => seeds.Contains(run.Seed) && ratios.Contains(run.Ratio) && recipes.Any(recipe => recipe.Name == run.Recipe))]);
    }

    private void Validate(IReadOnlyList<PruneRecipe> recipes, IReadOnlyList<double> ratios, IReadOnlyList<int> seeds)
    {
        if (recipes.Count == 0 || ratios.Count == 0 || seeds.Count == 0)
        {
            throw new ArgumentException(
                $"There are {recipes.Count} recipes, {ratios.Count} ratios and {seeds.Count} seeds to compare; give one or more of each.");
        }

        foreach (var options in recipes.Select(recipe => recipe.Options.Retrain).Prepend(Dense))
        {
            Ranks.RequireOne(options, "A comparison");
        }

        if (recipes.GroupBy(recipe => recipe.Name).FirstOrDefault(named => named.Count() > 1) is { Key: var name })
        {
            throw new ArgumentException($"Two recipes are called {name}; give each a name of its own.", nameof(recipes));
        }

        if (recipes.FirstOrDefault(recipe => recipe.FromScratch ? recipe.Sparse is not null : recipe.Uniform || recipe.EqualCompute) is { } mixed)
        {
            throw new ArgumentException(
                mixed.FromScratch ? $"'{mixed.Name}' has both FromScratch and Sparse; give one of them."
                    : $"'{mixed.Name}' has {(mixed.Uniform ? "Uniform" : "EqualCompute")}, which is about models from scratch; give FromScratch, too.",
                nameof(recipes));
        }

        if (ratios.FirstOrDefault(ratio => ratio is not (>= 0 and < 1)) is var wrong && wrong != 0)
        {
            throw new ArgumentException(FormattableString.Invariant($"The ratio {wrong} is to be compared; give numbers from 0 to below 1."), nameof(ratios));
        }

        if (Epochs < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(Epochs), Epochs, $"{nameof(Epochs)} is {Epochs}; give 1 or more.");
        }
    }

    private DenseModel Train(int seed, CancellationToken cancellationToken)
    {
        manual_seed(seed);
        var model = create();
        Pruning.RequireInputs(model, train, validation, test);
        Retrainer.Train(model, forward(model), train, validation, Dense with { Seed = seed }, PruneProgress.Quiet, cancellationToken);
        return new DenseModel(model, Retrainer.Evaluate(model, forward(model), test, Dense, cancellationToken));
    }

    private PruneOutcome Run(PruneRecipe recipe, double ratio, int seed, DenseModel dense, CancellationToken cancellationToken)
    {
        using var scope = NewDisposeScope();
        using var model = create();
        dense.CopyTo(model);
        var options = recipe.Options with
        {
            Ratio = recipe.Sparse is null ? ratio : 0,
            MeasureLatency = false,
            Retrain = recipe.Options.Retrain with
            {
                Seed = seed,
                Epochs = EpochsOfRound(recipe, model),
                Callbacks = recipe.Sparse is null ? recipe.Options.Retrain.Callbacks : [.. recipe.Options.Retrain.Callbacks, recipe.Sparse(ratio)],
            },
        };
        var started = Stopwatch.GetTimestamp();
        var epochs = EpochsOf(recipe);
        var report = recipe.FromScratch
            ? FromScratch(model, recipe, options, ref epochs, cancellationToken)
            : Pruning.PruneAndRetrain(model, forward(model), train, validation, options, PruneProgress.Quiet, cancellationToken);
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var final = Retrainer.Evaluate(model, forward(model), test, options.Retrain, cancellationToken);
        return new PruneOutcome(
            recipe.Name,
            ratio,
            seed,
            dense.Test.Error ?? dense.Test.Loss,
            final.Error ?? final.Loss,
            report.NonZeroParameters,
            report.Macs,
            epochs,
            seconds);
    }

    /// <summary>Prunes for the widths or the number of parameters alone, draws the weights anew, and trains.</summary>
    private PruneReport FromScratch(TModel model, PruneRecipe recipe, PruneOptions options, ref int epochs, CancellationToken cancellationToken)
    {
        var widths = options with { Retrain = options.Retrain with { Epochs = 0 } };
        PruneReport report;
        if (recipe.Uniform)
        {
            using var pruned = create();
            CopyOf(model, pruned);
            report = Pruning.PruneAndRetrain(pruned, forward(pruned), train, validation, widths, PruneProgress.Quiet, cancellationToken);
            Narrow(PruningPlan.Link(model, widths, train.FirstShapes()), report.Parameters.After);
            var small = Pruning.Count(model, train.FirstShapes());
            report = report with { Macs = report.Macs is { } macs && small.Macs is long after ? macs with { After = after } : null };
        }
        else
        {
            report = Pruning.PruneAndRetrain(model, forward(model), train, validation, widths, PruneProgress.Quiet, cancellationToken);
        }

        if (recipe.EqualCompute)
        {
            epochs += report.Macs is { } macs ? (int)Math.Round(Dense.Epochs * (double)macs.Before / macs.After) : throw new InvalidOperationException(
                $"'{recipe.Name}' is to have equal compute, but the multiply-accumulates of {model.GetType().Name} are not known; leave out EqualCompute.");
        }

        WeightInitialization.Reset(model, options.Retrain.Seed);
        Retrainer.Train(
            model, forward(model), train, validation, options.Retrain with { Epochs = epochs }, PruneProgress.Quiet, cancellationToken);
        return report with { NonZeroParameters = new Change(report.NonZeroParameters.Before, ModelCount.NonZero(model)) };
    }

    /// <summary>Narrows every group by the same share, to as many parameters as there may be at most.</summary>
    private static void Narrow(PruningPlan plan, long parameters)
    {
        // The widths change where some group's does: by the share at which it has one more.
        var shares = plan.Groups.SelectMany(group => Enumerable.Range(1, (int)group.Width).Select(width => (double)width / group.Width))
            .Distinct().Order().ToArray();
        long Width(PruningGroup group, double share) => Math.Max(1, (long)Math.Floor((group.Width * share) + 1e-9));
        var (low, high) = (0, shares.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = plan.ParameterCount(group => Width(group, shares[middle])) <= parameters ? (middle, high) : (low, middle - 1);
        }

        using var selection = new PruneSelection(plan, plan.Groups.ToDictionary(
            group => group.Name, group => Enumerable.Range(0, (int)Width(group, shares[low])).Select(channel => (long)channel).ToArray()));
        Compaction.Apply(selection);
    }

    /// <summary>How often a recipe trains; layer by layer each has its rounds.</summary>
    private int RoundsOf(PruneRecipe recipe)
    {
        var schedule = recipe.Options.Schedule;
        if (!schedule.IsByLayer || schedule.IsGradual)
        {
            return schedule.IsGradual ? 1 : schedule.Rounds;
        }

        using var scope = NewDisposeScope();
        using var model = create();
        return schedule.Rounds * PruneRun.Turns(PruningPlan.Link(model, recipe.Options, train.FirstShapes())).Count;
    }

    /// <summary>The epochs of all rounds together: each has as many, and one at least.</summary>
    private int EpochsOf(PruneRecipe recipe) => Math.Max(1, Epochs / RoundsOf(recipe)) * RoundsOf(recipe);

    /// <summary>The epochs of each round: what the retraining of codes leaves of all.</summary>
    private int EpochsOfRound(PruneRecipe recipe, TModel model)
    {
        var (all, rounds) = (EpochsOf(recipe), RoundsOf(recipe));
        var coding = PruneRun.CodingEpochs(PruningPlan.Link(model, recipe.Options, train.FirstShapes()));
        return coding <= all && (all - coding) % rounds == 0 ? (all - coding) / rounds : throw new InvalidOperationException(
            $"'{recipe.Name}' has {all} epochs altogether, of which the retraining of its codes takes {coding}; give {nameof(Epochs)} that leave each of its "
                + $"{rounds} rounds as many.");
    }

    /// <summary>A run of another budget in the file would be compared with those of this one.</summary>
    private void RequireSameBudget(PruneOutcome known, PruneRecipe recipe)
    {
        if (!recipe.EqualCompute && known.Epochs != EpochsOf(recipe))
        {
            throw new InvalidOperationException(
                $"{File} has '{recipe.Name}' retrained for {known.Epochs} epochs, and {EpochsOf(recipe)} are asked for; give another file, or delete it.");
        }
    }

    /// <summary>What all runs have in common, a line for each value. Functions count by whether they are given.</summary>
    private string[] Setup()
    {
        using var scope = NewDisposeScope();
        using var random = new RandomState();
        using var model = create();
        return
        [
            $"model: {model.GetType()}", $"shapes: {ModelTensors.ShapesOf(model)}", $"train: {train.Fingerprint()}", $"validation: {validation.Fingerprint()}",
            $"test: {test.Fingerprint()}", .. Lines("dense", new PruneOptions { Retrain = Dense with { Seed = 0 } }),
        ];
    }

    /// <summary>What the runs of a recipe are made by, a line for each value, without what the comparison gives.</summary>
    private string[] Described(PruneRecipe recipe) =>
    [
        .. Lines("pruned", recipe.Options with { Ratio = null, Retrain = recipe.Options.Retrain with { Seed = 0, Epochs = 0 } }),
        $"schedule: {recipe.Options.Schedule}, until {Text(recipe.Options.Schedule.Until)}, error budget {Text(recipe.Options.Schedule.ErrorBudget)}",
        $"from scratch: {recipe.FromScratch}", $"uniform: {recipe.Uniform}", $"sparse training: {recipe.Sparse is not null}",
        $"equal compute: {(recipe.EqualCompute ? $"{EpochsOf(recipe)} epochs and those of the dense training" : "no")}",
    ];

    private static string Text(double? number) => number?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none";

    private static string[] Lines(string what, PruneOptions options)
    {
        var retrain = options.Retrain;
        return
        [
            .. options.ToJson().Split('\n').Select(line => line.TrimEnd('\r')),
            $"callbacks of the {what} model: {string.Join(", ", retrain.Callbacks.Select(callback => callback.GetType()))}",
            $"functions of the {what} model: loss {retrain.Loss is not null}, loss of all {retrain.LossOfAll is not null}, "
                + $"teacher {retrain.Teacher is not null}, optimizer {retrain.OptimizerFactory is not null}, "
                + $"scheduler {retrain.SchedulerFactory is not null}, each batch {retrain.SchedulerEachBatch}",
        ];
    }

    /// <summary>Gives one model the values of another.</summary>
    private static void CopyOf(TModel model, TModel other)
    {
        using var noGradients = no_grad();
        var own = model.state_dict();
        foreach (var (name, tensor) in other.state_dict())
        {
            tensor.copy_(own[name]);
        }
    }

    /// <summary>A trained dense model, to be copied from.</summary>
    private sealed class DenseModel(TModel model, Evaluation test) : IDisposable
    {
        public Evaluation Test { get; } = test;

        public void CopyTo(TModel other) => CopyOf(model, other);

        public void Dispose() => model.Dispose();
    }

    /// <summary>The dense model of a seed, which is trained when a run first asks for it.</summary>
    private sealed class OnDemand(Func<DenseModel> train) : IDisposable
    {
        private DenseModel? model;

        public DenseModel Value => model ??= train();

        public void Dispose() => model?.Dispose();
    }
}
