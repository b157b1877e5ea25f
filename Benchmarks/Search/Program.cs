using System.CommandLine;
using System.Globalization;
using PruneGen;
using PruneGen.Benchmarks.Search;
using PruneGen.Samples;
using PruneGen.Samples.Mnist;
using Spectre.Console;
using static TorchSharp.torch;

var data = new Option<string?>("--data")
{
    Description = "Folder of images: the four IDX files of MNIST or Fashion-MNIST, or a JSON file for each class, 0.json to 9.json. Default: MNIST, "
        + "fetched where missing.",
};
var folder = new Option<string>("--folder")
{
    DefaultValueFactory = _ => Path.Combine("artifacts", "search"),
    Description = "Folder for dense models, searches and runs.json, from which an interrupted call goes on.",
};
var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1, Description = "Threads that libtorch computes with." };
var root = new RootCommand("Ratios that are found: strategies compared, and what budgets, curves and latency tables take.");

var models = new Option<string[]>("--models")
{
    DefaultValueFactory = _ => ["lenet5", "resnet"], AllowMultipleArgumentsPerToken = true, Description = "lenet5, resnet, or both.",
};
models.AcceptOnlyFromAmong("lenet5", "resnet");
var strategies = new Option<Allocator[]>("--strategies")
{
    DefaultValueFactory = _ => [.. Enum.GetValues<Allocator>().Where(one => one != Allocator.ByScope)],
    AllowMultipleArgumentsPerToken = true,
    Description = "The allocators.",
};
var shares = new Option<double[]>("--shares")
{
    DefaultValueFactory = _ => [0.5, 0.3, 0.15], AllowMultipleArgumentsPerToken = true, Description = "The shares of the multiply-accumulates that may stay.",
};
var seeds = new Option<int[]>("--seeds") { DefaultValueFactory = _ => [0, 1, 2], AllowMultipleArgumentsPerToken = true, Description = "The seeds." };
var evaluations = new Option<int>("--evaluations") { DefaultValueFactory = _ => 100, Description = "How many choices each search evaluates." };
var epochs = new Option<int>("--epochs") { DefaultValueFactory = _ => 2, Description = "Epochs of recovery." };
var denseEpochs = new Option<int>("--dense-epochs") { DefaultValueFactory = _ => 6, Description = "Epochs of dense training." };
var images = new Option<int>("--images") { Description = "How many images are trained on; 0, the default, for all but 5,000." };
var searchImages = new Option<int>("--search-images") { DefaultValueFactory = _ => 2000, Description = "How many validation images a choice is evaluated on." };
var recoveryEpochs = new Option<int>("--recovery-epochs") { Description = "Epochs that each choice is trained before it is evaluated; 0 by default." };
var csv = new Option<string?>("--csv") { Description = "File to write the runs to as CSV." };
var compare = new Command("compare", "Every strategy at every budget, with equal evaluations and recovery: error on the test images.")
{
    data, folder, threads, models, strategies, shares, seeds, evaluations, epochs, denseEpochs, images, searchImages, recoveryEpochs, csv,
};
compare.SetAction((arguments, cancellation) => ThisProgram.Guarded(async () =>
{
    set_num_threads(arguments.GetValue(threads));
    using var mnist = await Load(arguments.GetValue(data), cancellation);
    var comparison = new Comparison(
        mnist,
        Directory.CreateDirectory(arguments.GetValue(folder)!).FullName,
        arguments.GetValue(images),
        arguments.GetValue(searchImages),
        arguments.GetValue(evaluations),
        arguments.GetValue(denseEpochs),
        arguments.GetValue(epochs),
        arguments.GetValue(recoveryEpochs),
        cancellation);
    var (which, budgets, all) = (arguments.GetValue(strategies)!, arguments.GetValue(shares)!, arguments.GetValue(seeds)!);
    foreach (var model in arguments.GetValue(models)!)
    {
        if (model == "lenet5")
        {
            comparison.Run<LeNet5>(which, budgets, all);
        }
        else
        {
            comparison.Run<SmallResNet>(which, budgets, all);
        }
    }

    AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 140);
    AnsiConsole.Write(comparison.ToTable());
    if (arguments.GetValue(csv) is { } file)
    {
        File.WriteAllText(file, comparison.ToCsv());
    }

    return 0;
}));
root.Subcommands.Add(compare);

var bitShares = new Option<double[]>("--shares")
{
    DefaultValueFactory = _ => [0.02, 0.008], AllowMultipleArgumentsPerToken = true, Description = "The shares of the bit operations that may stay.",
};
var jointImages = new Option<int>("--images") { DefaultValueFactory = _ => 10_000, Description = "How many images are trained on." };
var jointEvaluations = new Option<int>("--evaluations") { DefaultValueFactory = _ => 80, Description = "How many choices each search evaluates." };
var joint = new Command("joint", "Widths and bits of LeNet-5 found together, and each alone, at the same bit operations: error on the test images.")
{
    data, folder, threads, bitShares, seeds, jointEvaluations, epochs, jointImages,
};
joint.SetAction((arguments, cancellation) => ThisProgram.Guarded(async () =>
{
    set_num_threads(arguments.GetValue(threads));
    using var mnist = await Load(arguments.GetValue(data), cancellation);
    var comparison = new Joint(
        mnist,
        Directory.CreateDirectory(arguments.GetValue(folder)!).FullName,
        arguments.GetValue(jointImages),
        arguments.GetValue(jointEvaluations),
        arguments.GetValue(epochs),
        cancellation);
    comparison.Run(arguments.GetValue(bitShares)!, arguments.GetValue(seeds)!);
    AnsiConsole.Profile.Width = Math.Max(AnsiConsole.Profile.Width, 140);
    AnsiConsole.Write(comparison.ToTable());
    return 0;
}));
root.Subcommands.Add(joint);

var budget = new Command("budget", "How long it takes to find the widths of ResNet-50 for a budget.") { threads };
budget.SetAction(arguments =>
{
    set_num_threads(arguments.GetValue(threads));
    Times.Budgets();
});
root.Subcommands.Add(budget);

var sensitivity = new Command("sensitivity", "How long the curves of LeNet-5 take beside their evaluations.") { data, threads };
sensitivity.SetAction((arguments, cancellation) => ThisProgram.Guarded(async () =>
{
    set_num_threads(arguments.GetValue(threads));
    using var mnist = await Load(arguments.GetValue(data), cancellation);
    Times.Sensitivity(mnist);
    return 0;
}));
root.Subcommands.Add(sensitivity);

var size = new Option<int>("--size") { DefaultValueFactory = _ => 224, Description = "Height and width of the images." };
var latency = new Command("latency", "What a latency table of ResNet-18 says of three budgets, and what these then take.") { threads, size, folder };
latency.SetAction(arguments =>
{
    set_num_threads(arguments.GetValue(threads));
    var kept = Directory.CreateDirectory(arguments.GetValue(folder)!).FullName;
    var pixels = arguments.GetValue(size);
    Times.Latency(pixels, Path.Combine(kept, string.Create(CultureInfo.InvariantCulture, $"latency-resnet18-{pixels}.json")));
});
root.Subcommands.Add(latency);
return await ThisProgram.Run(root, args);

static async Task<MnistData> Load(string? folder, CancellationToken cancellation) =>
    folder is not null && ImageFolder.Holds(folder) ? ImageFolder.Read(folder) : await MnistData.LoadAsync(folder, Console.WriteLine, cancellation);
