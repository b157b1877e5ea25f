using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using PruneGen.Samples.Mnist;
using Spectre.Console;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Search;

/// <summary>One strategy on one model, budget and seed.</summary>
/// <param name="Model">The model.</param>
/// <param name="Strategy">The allocator.</param>
/// <param name="Share">The share of the multiply-accumulates that may stay.</param>
/// <param name="Seed">The seed of the dense model and of everything random.</param>
/// <param name="Evaluations">How many choices were evaluated.</param>
/// <param name="MacsShare">The share of the multiply-accumulates that stayed.</param>
/// <param name="DenseError">The dense model's error on the test images.</param>
/// <param name="FoundError">The error of the found widths on the validation images, before recovery.</param>
/// <param name="Error">Their error on the test images after recovery.</param>
/// <param name="Widths">The widths.</param>
/// <param name="SearchSeconds">How long the search took.</param>
/// <param name="RecoverySeconds">How long pruning and recovery took.</param>
internal sealed record SearchRun(
    string Model,
    string Strategy,
    double Share,
    int Seed,
    int Evaluations,
    double MacsShare,
    double DenseError,
    double FoundError,
    double Error,
    string Widths,
    double SearchSeconds,
    double RecoverySeconds);

/// <summary>
/// Compares the ways to divide a budget: the same dense models, criterion, number of evaluations and recovery for each. What is done is in a file after
/// each run,
/// and what a search has evaluated after each evaluation, so that an interrupted comparison goes on.
/// </summary>
/// <param name="data">The images.</param>
/// <param name="folder">Where everything is kept.</param>
/// <param name="trainImages">How many images are trained on; 0 for all.</param>
/// <param name="searchImages">How many validation images a choice is evaluated on.</param>
/// <param name="evaluations">How many choices each search evaluates.</param>
/// <param name="denseEpochs">Epochs of dense training.</param>
/// <param name="epochs">Epochs of recovery.</param>
/// <param name="recoveryEpochs">Epochs that each choice is trained before it is evaluated.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class Comparison(
    MnistData data, string folder, int trainImages, int searchImages, int evaluations, int denseEpochs, int epochs, int recoveryEpochs,
    CancellationToken cancellation)
{
    private const int ForValidation = 5_000;
    private readonly string runsFile = Path.Combine(folder, "runs.json");

    public List<SearchRun> Runs { get; } = File.Exists(Path.Combine(folder, "runs.json"))
        ? JsonSerializer.Deserialize<List<SearchRun>>(File.ReadAllText(Path.Combine(folder, "runs.json")))!
        : [];

    public void Run<TModel>(IReadOnlyList<Allocator> strategies, IReadOnlyList<double> shares, IReadOnlyList<int> seeds)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        using var scope = NewDisposeScope();
        var (all, labels) = (data.TrainImages, data.TrainLabels);
        var first = all.size(0) - ForValidation;
        TrainingData Part(long start, long count, int batchSize, bool shuffle) =>
            TrainingData.FromTensors(all.narrow(0, start, count), labels.narrow(0, start, count), batchSize, shuffle);
        var train = Part(0, trainImages > 0 ? Math.Min(trainImages, first) : first, 128, shuffle: true);
        var validation = Part(first, ForValidation, 500, shuffle: false);
        var search = Part(first, Math.Min(searchImages, ForValidation), 500, shuffle: false);
        var test = TrainingData.FromTensors(data.TestImages, data.TestLabels, 500, shuffle: false);
        foreach (var seed in seeds)
        {
            TModel? dense = null;
            try
            {
                foreach (var (share, strategy) in shares.SelectMany(_ => strategies, (share, strategy) => (share, strategy)))
                {
                    if (Runs.Exists(run => (run.Model, run.Strategy, run.Share, run.Seed) == (typeof(TModel).Name, strategy.ToString(), share, seed)))
                    {
                        continue;
                    }

                    dense ??= TrainOrLoad<TModel>(seed, train, validation);
                    var run = Run(dense, strategy, share, seed, train, search, validation, test);
                    Runs.Add(run);
                    Write(runsFile, JsonSerializer.Serialize(Runs));
                    Console.WriteLine(FormattableString.Invariant(
                        $"{run.Model} {run.Share:p0} seed {run.Seed} {run.Strategy,-20} {run.Error:p2} (found {run.FoundError:p2}, ")
                        + FormattableString.Invariant($"{run.MacsShare:p1} of MACs, {run.Widths}, {run.SearchSeconds:f0} s + {run.RecoverySeconds:f0} s)"));
                }
            }
            finally
            {
                dense?.Dispose();
            }
        }
    }

    /// <summary>The mean error and its deviation of each strategy, the best first, by model and share.</summary>
    public Table ToTable()
    {
        var table = new Table().AddColumns("model", "MACs", "strategy", "test error", "sd", "dense", "before recovery", "evaluated", "search s", "seeds");
        foreach (var same in Runs.GroupBy(run => (run.Model, run.Share)).OrderBy(same => same.Key.Model).ThenByDescending(same => same.Key.Share))
        {
            foreach (var runs in same.GroupBy(run => run.Strategy).OrderBy(runs => runs.Average(run => run.Error)))
            {
                var mean = runs.Average(run => run.Error);
                var deviation = runs.Count() > 1 ? Math.Sqrt(runs.Sum(run => Math.Pow(run.Error - mean, 2)) / (runs.Count() - 1)) : double.NaN;
                string[] cells =
                [
                    same.Key.Model, Text($"{same.Key.Share:p0}"), runs.Key, Text($"{mean:p2}"), Text($"{deviation:p2}"),
                    Text($"{runs.Average(run => run.DenseError):p2}"),
                    Text($"{runs.Average(run => run.FoundError):p2}"), Text($"{runs.Average(run => run.Evaluations):f0}"),
                    Text($"{runs.Average(run => run.SearchSeconds):f0}"), Text($"{runs.Count()}"),
                ];
                table.AddRow([.. cells.Select(Markup.Escape)]);
            }
        }

        return table;
    }

    public string ToCsv()
    {
        var text = new StringBuilder("model,strategy,share,seed,evaluations,macs_share,dense_error,found_error,error,widths,search_seconds,recovery_seconds\n");
        foreach (var run in Runs)
        {
            text.Append(CultureInfo.InvariantCulture, $"{run.Model},{run.Strategy},{run.Share},{run.Seed},{run.Evaluations},{run.MacsShare:g5},")
                .Append(CultureInfo.InvariantCulture, $"{run.DenseError},{run.FoundError},")
                .Append(CultureInfo.InvariantCulture, $"{run.Error},{run.Widths},{run.SearchSeconds:f1},{run.RecoverySeconds:f1}\n");
        }

        return text.ToString();
    }

    private SearchRun Run<TModel>(
        TModel dense, Allocator strategy, double share, int seed, TrainingData train, TrainingData search, TrainingData validation, TrainingData test)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        using var scope = NewDisposeScope();
        using var model = new TModel();
        model.load_state_dict(dense.state_dict());
        var options = new PruneOptions
        {
            Allocator = strategy, Criterion = Criterion.Taylor, MeasureLatency = false, Retrain = new() { Epochs = epochs, LearningRate = 1e-3, Seed = seed },
        };
        var settings = new SearchSettings
        {
            Evaluations = evaluations,
            RecoveryEpochs = recoveryEpochs,
            Seed = seed,
            File = Path.Combine(folder, Text($"{typeof(TModel).Name}-{strategy}-{share}-{seed}.json")),
        };
        var started = Stopwatch.GetTimestamp();
        Func<Tensor[], Tensor[]> forward = inputs => [model.call(inputs[0])];
        var found = Pruning.FindRatios(model, forward, new PruneBudget { Macs = share }, train, search, options, settings, cancellation);
        var searched = Stopwatch.GetElapsedTime(started).TotalSeconds;
        var before = Retrainer.Evaluate(model, forward, test, cancellationToken: cancellation);
        started = Stopwatch.GetTimestamp();
        var report = Pruning.PruneAndRetrain(model, forward, train, validation, found.Options, PruneProgress.Quiet, cancellation);
        var final = Retrainer.Evaluate(model, forward, test, cancellationToken: cancellation);
        return new SearchRun(
            typeof(TModel).Name,
            strategy.ToString(),
            share,
            seed,
            found.Evaluations,
            (double)report.Macs!.After / report.Macs.Before,
            before.Error!.Value,
            found.Found.Error!.Value,
            final.Error!.Value,
            string.Join('-', report.Groups.Select(group => group.After)),
            searched,
            Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    private TModel TrainOrLoad<TModel>(int seed, TrainingData train, TrainingData validation)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        manual_seed(seed);
        var model = new TModel();
        var checkpoint = Path.Combine(folder, $"{typeof(TModel).Name}-dense-{seed}.dat");
        if (File.Exists(checkpoint))
        {
            model.load(checkpoint);
            return model;
        }

        var options = new RetrainOptions { Epochs = denseEpochs, LearningRate = 2e-3, Seed = seed };
        var trained = Retrainer.Train(model, inputs => [model.call(inputs[0])], train, validation, options, cancellationToken: cancellation);
        Console.WriteLine(FormattableString.Invariant($"{typeof(TModel).Name}, dense, seed {seed}: {trained.Final!.Error:p2} wrong on the validation images."));

        // Under its final name only when it is whole.
        model.save(checkpoint + ".part");
        File.Move(checkpoint + ".part", checkpoint, overwrite: true);
        return model;
    }

    private static void Write(string file, string text)
    {
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
