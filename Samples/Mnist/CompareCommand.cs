using System.CommandLine;
using PruneGen;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist;

/// <summary>Compares ways to prune LeNet-5, or a small ResNet: each comparison is one command, <c>compare scope</c>.</summary>
internal static class CompareCommand
{
    private const int ValidationImages = 6000;
    private const string LeNet = "lenet5";
    private const string ResNet = "resnet";

    /// <summary>What can be compared, by name.</summary>
    private static readonly Dictionary<string, PruneRecipe[]> Comparisons = new()
    {
        ["granularity"] =
        [
            new("weights", new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.L1 }),
            new("neurons and channels", new PruneOptions()),
            new("channels of convolutions, weights of Linear layers", new PruneOptions
            {
                Layers = { ["fc1"] = Weights(), ["fc2"] = Weights() },
            }),
            new("blocks of 4 x 4", new PruneOptions { Granularity = Granularity.Block }),
            new("the same share of each super-block", new PruneOptions { Granularity = Granularity.SuperBlock }),
        ],
        ["scope"] =
        [
            new("random, each group", new PruneOptions { Criterion = Criterion.Random }),
            new("random, all together", new PruneOptions { Criterion = Criterion.Random, Scope = Scope.Global }),
            new("L2, each group", new PruneOptions()),
            new("L2, all together", new PruneOptions { Scope = Scope.Global }),
            new("Taylor, each group", new PruneOptions { Criterion = Criterion.Taylor }),
            new("Taylor, all together", new PruneOptions { Criterion = Criterion.Taylor, Scope = Scope.Global }),
        ],
        ["strategies"] =
        [
            new("by weights", new PruneOptions()),
            new("by activations", new PruneOptions { Criterion = Criterion.MeanActivation }),
            new("by activations and derivatives", new PruneOptions { Criterion = Criterion.ActivationDerivative }),
            new("by a sparsity constraint", new PruneOptions()) { Sparse = ratio => new IterativeHardThresholding(1 - ratio) },
            new("a small model from scratch", new PruneOptions()) { FromScratch = true },
            new("a uniformly narrowed one from scratch", new PruneOptions()) { FromScratch = true, Uniform = true },
            new("a small model from scratch, at equal compute", new PruneOptions()) { FromScratch = true, EqualCompute = true },
            new("at random", new PruneOptions { Criterion = Criterion.Random }),
        ],
        ["tau"] =
        [
            new("A x D, the best share", new PruneOptions { Criterion = Criterion.ActivationDerivative }),
            .. new[] { 0.01, 0.02, 0.05, 0.1, 0.2 }.Select(threshold => new PruneRecipe($"A x D, the best share of what reaches {threshold}", new PruneOptions
            {
                Criterion = Criterion.ActivationDerivative, Threshold = threshold, ThresholdRule = ThresholdRule.Both,
            })),
        ],
        ["joint"] =
        [
            .. new[] { (Weights: 0.005, Neurons: 0.01), (Weights: 0.01, Neurons: 0.03), (Weights: 0.02, Neurons: 0.1) }.SelectMany(below => new PruneRecipe[]
            {
                new($"weights below {below.Weights}", new PruneOptions
                {
                    Granularity = Granularity.Unstructured, Criterion = Criterion.L1, Threshold = below.Weights,
                }),
                new($"neurons below {below.Neurons}", new PruneOptions { Criterion = Criterion.MeanActivation, Threshold = below.Neurons }),
                new($"weights below {below.Weights}, neurons below {below.Neurons}", new PruneOptions
                {
                    Criterion = Criterion.MeanActivation, Threshold = below.Neurons, WeightThreshold = below.Weights,
                }),
            }),
        ],
        ["quantization"] =
        [
            .. new[] { 4, 3, 2 }.SelectMany(bits => new PruneRecipe[]
            {
                new($"{bits} bits, after the training", Quantized(bits, QuantizedTraining.None)),
                new($"{bits} bits, after the training, adaptive", Quantized(bits, QuantizedTraining.None, Rounding.Adaptive)),
                new($"{bits} bits, while it is trained", Quantized(bits, QuantizedTraining.StraightThrough)),
                new($"{bits} bits, while it is trained, scales too", Quantized(bits, QuantizedTraining.LearnedSteps)),
            }),
        ],
        ["weight-schedules"] = Schedules(new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.L1 }),
        ["channel-schedules"] = Schedules(new PruneOptions { Criterion = Criterion.Taylor }),
    };

    /// <summary>The command: <c>compare WHAT</c>.</summary>
    public static Command Create(Option<string?> data, Option<int> threads)
    {
        var what = new Argument<string>("what") { Description = $"One of {string.Join(", ", Comparisons.Keys)}." };
        what.AcceptOnlyFromAmong([.. Comparisons.Keys]);
        var network = new Option<string>("--network") { Description = $"{LeNet} or {ResNet}.", DefaultValueFactory = _ => LeNet };
        network.AcceptOnlyFromAmong(LeNet, ResNet);
        var ratios = new Option<double[]>("--ratios")
        {
            Description = "The shares to be gone.", AllowMultipleArgumentsPerToken = true, DefaultValueFactory = _ => [0.5, 0.75, 0.9],
        };
        var seeds = new Option<int>("--seeds") { Description = "How many dense models, each with a seed of its own.", DefaultValueFactory = _ => 3 };
        var epochs = new Option<int>("--epochs") { Description = "Epochs that each recipe has.", DefaultValueFactory = _ => 4 };
        var denseEpochs = new Option<int>("--dense-epochs") { Description = "Epochs of dense training.", DefaultValueFactory = _ => 4 };
        var images = new Option<int>("--images") { Description = "Training images that are used.", DefaultValueFactory = _ => 54000 };
        var json = new Option<string?>("--json")
        {
            Description = "File that the runs are written to as they are made; an interrupted comparison goes on from it.",
        };
        var csv = new Option<string?>("--csv") { Description = "File to write the runs to as CSV." };
        var html = new Option<string?>("--html") { Description = "File to write the comparison to as a page for a browser." };
        var command = new Command("compare", "Compares ways to prune a network with one budget, and shows the final errors on the test images.")
        {
            what, network, ratios, seeds, epochs, denseEpochs, images, json, csv, html, data, threads,
        };
        command.SetAction((arguments, cancellation) => ThisProgram.Guarded(async () =>
        {
            set_num_threads(arguments.GetValue(threads));
            using var mnist = arguments.GetValue(data) is string folder && ImageFolder.Holds(folder)
                ? ImageFolder.Read(folder)
                : await MnistData.LoadAsync(arguments.GetValue(data), Console.WriteLine, cancellation);
            var name = arguments.GetValue(what)!;
            var shares = name is "joint" or "quantization" ? [0] : arguments.GetValue(ratios)!;
            var setting = new Setting(
                mnist,
                arguments.GetValue(images),
                arguments.GetValue(denseEpochs),
                arguments.GetValue(epochs),
                arguments.GetValue(json),
                [.. Enumerable.Range(0, arguments.GetValue(seeds))]);
            var result = arguments.GetValue(network) == LeNet
                ? setting.Run<LeNet5>(Comparisons[name], shares, cancellation)
                : setting.Run<SmallResNet>(Comparisons[name], shares, cancellation);
            Console.WriteLine(result);
            if (arguments.GetValue(csv) is string path)
            {
                File.WriteAllText(path, result.ToCsv());
                Console.WriteLine($"Wrote the runs to {path}.");
            }

            if (arguments.GetValue(html) is string page)
            {
                result.SaveHtml(page);
                Console.WriteLine($"Wrote the page to {page}.");
            }

            return 0;
        }));
        return command;
    }

    private static LayerPruneOptions Weights() => new() { Granularity = Granularity.Unstructured, Criterion = Criterion.L1 };

    private static PruneOptions Quantized(int bits, QuantizedTraining training, Rounding rounding = Rounding.Nearest) => new()
    {
        Quantize = new()
        {
            Weights = bits, Activations = bits, Training = training, Rounding = rounding, BiasCorrection = rounding == Rounding.Adaptive,
        },
    };

    private static PruneRecipe[] Schedules(PruneOptions options) =>
    [
        new("at once", options),
        new("at once, taught by the dense model", options with { Retrain = new RetrainOptions { Distill = Distill.SoftTargets } }),
        new("in two rounds", options with { Schedule = PruneSchedule.Iterative(2) }),
        new("while it is trained", options with { Schedule = PruneSchedule.Gradual() }),
        new("while it is trained, taught by the dense model", options with
        {
            Schedule = PruneSchedule.Gradual(), Retrain = new RetrainOptions { Distill = Distill.SoftTargets },
        }),
    ];

    /// <summary>What all recipes of a comparison have in common.</summary>
    private sealed record Setting(MnistData Images, int TrainImages, int DenseEpochs, int Epochs, string? File, IReadOnlyList<int> Seeds)
    {
        public ComparisonResult Run<TModel>(IReadOnlyList<PruneRecipe> recipes, IReadOnlyList<double> ratios, CancellationToken cancellation)
            where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
        {
            var first = Images.TrainImages.size(0) - ValidationImages;
            TrainingData Part(long start, long length, int batch, bool shuffle) => TrainingData.FromTensors(
                Images.TrainImages.narrow(0, start, length), Images.TrainLabels.narrow(0, start, length), batch, shuffle);
            var comparison = new PruneComparison<TModel>(
                () => new TModel(),
                model => inputs => [model.call(inputs[0])],
                Part(0, Math.Clamp(TrainImages, 1, first), 64, shuffle: true),
                Part(first, ValidationImages, 1000, shuffle: false),
                TrainingData.FromTensors(Images.TestImages, Images.TestLabels, batchSize: 1000, shuffle: false))
            {
                Dense = new RetrainOptions { Epochs = DenseEpochs, LearningRate = 2e-3 },
                Epochs = Epochs,
                File = File,
                Finished = run => Console.WriteLine(FormattableString.Invariant(
                    $"{run.Recipe}, {run.Ratio:0.###}, seed {run.Seed}: {run.DenseError:p2} -> {run.Error:p2} in {run.Seconds:0} s")),
            };
            return comparison.Run(recipes, ratios, Seeds, cancellation);
        }
    }
}
