using PruneGen.Samples.Mnist;
using Spectre.Console;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Search;

/// <summary>Widths and bits found together, beside widths alone and bits alone, at the same bit operations: LeNet-5, with the same recovery for each.</summary>
/// <param name="data">The images.</param>
/// <param name="folder">Where dense models and searches are kept.</param>
/// <param name="trainImages">How many images are trained on.</param>
/// <param name="evaluations">How many choices each search evaluates at most.</param>
/// <param name="epochs">Epochs of recovery, and as many of the retraining of codes.</param>
/// <param name="cancellation">Stops it.</param>
internal sealed class Joint(MnistData data, string folder, int trainImages, int evaluations, int epochs, CancellationToken cancellation)
{
    private const int SearchImages = 2_000;
    private static readonly string[] Layers = ["conv1", "conv2", "fc1", "fc2"];

    private readonly Table table = new Table().AddColumns(
        "bit operations", "seed", "what is chosen", "found", "test error", "dense", "widths", "bits", "file, bytes");

    /// <summary>What came of it.</summary>
    public Table ToTable() => table;

    /// <summary>All ways at some shares of the dense original's bit operations.</summary>
    public void Run(IReadOnlyList<double> shares, IReadOnlyList<int> seeds)
    {
        using var scope = NewDisposeScope();
        var train = TrainingData.FromTensors(data.TrainImages.narrow(0, 0, trainImages), data.TrainLabels.narrow(0, 0, trainImages), 128);
        var first = data.TrainImages.size(0) - SearchImages;
        var validation = TrainingData.FromTensors(
            data.TrainImages.narrow(0, first, SearchImages), data.TrainLabels.narrow(0, first, SearchImages), 500, shuffle: false);
        var test = TrainingData.FromTensors(data.TestImages, data.TestLabels, 500, shuffle: false);
        foreach (var seed in seeds)
        {
            using var dense = Dense(train, seed);
            foreach (var share in shares)
            {
                Add("widths, 8 bits", Allocator.Genetic, options => Array.ForEach(
                    Layers, layer => options.Layers[layer] = new LayerPruneOptions { Quantize = new() { Weights = 8 } }));
                Add("bits, all channels", Allocator.DynamicProgramming, options => Array.ForEach(
                    Layers, layer => options.Layers[layer] = new LayerPruneOptions { KeepWidth = true }));
                foreach (var allocator in new[] { Allocator.Uniform, Allocator.Greedy, Allocator.DynamicProgramming, Allocator.Genetic })
                {
                    Add($"both, {allocator}", allocator, _ => { });
                }

                void Add(string what, Allocator allocator, Action<PruneOptions> restrict) =>
                    table.AddRow([.. Row(dense, what, allocator, restrict, share, seed, train, validation, test).Select(Markup.Escape)]);
            }
        }
    }

    private IEnumerable<string> Row(
        LeNet5 dense, string what, Allocator allocator, Action<PruneOptions> restrict, double share, int seed, TrainingData train, TrainingData validation,
        TrainingData test)
    {
        using var scope = NewDisposeScope();
        using var model = new LeNet5();
        model.load_state_dict(dense.state_dict());
        var options = new PruneOptions
        {
            Allocator = allocator, Criterion = Criterion.Taylor, MeasureLatency = false, Quantize = new() { Epochs = epochs },
            Retrain = new() { Epochs = epochs, LearningRate = 1e-3, Seed = seed },
        };
        restrict(options);
        var settings = new SearchSettings
        {
            Evaluations = evaluations, Seed = seed, File = Path.Combine(folder, FormattableString.Invariant($"joint-{what}-{share}-{seed}.json")),
        };
        string[] cells;
        try
        {
            var found = model.FindRatios(new PruneBudget { BitOperations = share }, train, validation, options, settings, cancellation);
            var before = Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], test, cancellationToken: cancellation);
            var report = model.PruneAndRetrain(train, validation, found.Options, PruneProgress.Quiet, cancellation);
            var after = Retrainer.Evaluate(model, inputs => [model.call(inputs[0])], test, cancellationToken: cancellation);
            cells =
            [
                Text($"{found.Costs[0].Found / found.Costs[0].Dense:p3}"), Text($"{after.Error:p2}"), Text($"{before.Error:p2}"),
                string.Join('-', report.Groups.Select(group => group.After)), string.Join('-', found.Bits.Select(layer => layer.Bits)),
                Text($"{report.OnDisk?.Total:N0}"),
            ];
        }
        catch (InvalidOperationException refusal) when (refusal.Message.Contains("cannot be met", StringComparison.Ordinal))
        {
            cells = ["out of reach", "", "", "", "", ""];
        }

        Console.WriteLine(Text($"{share:p2}, seed {seed}, {what}: {string.Join(", ", cells)}"));
        return [Text($"{share:p2}"), Text($"{seed}"), what, .. cells];
    }

    private LeNet5 Dense(TrainingData train, int seed)
    {
        manual_seed(seed);
        var model = new LeNet5();
        Retrainer.Train(
            model, inputs => [model.call(inputs[0])], train, options: new RetrainOptions { Epochs = 6, LearningRate = 2e-3, Seed = seed },
            cancellationToken: cancellation);
        return model;
    }

    private static string Text(FormattableString text) => FormattableString.Invariant(text);
}
