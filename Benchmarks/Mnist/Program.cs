using System.CommandLine;
using PruneGen.Benchmarks.Mnist;
using PruneGen.Samples;
using PruneGen.Samples.Mnist;
using static TorchSharp.torch;

var rows = new Argument<string[]>("rows") { Description = $"Any of {string.Join(", ", Rows.All.Select(row => row.Name))}, or all." };
rows.AcceptOnlyFromAmong([.. Rows.All.Select(row => row.Name), "all"]);
var data = new Option<string?>("--data")
{
    Description = $"Folder of the four MNIST files; they are fetched into it where missing. Default: ${MnistCache.FolderVariable}, else a cache in the "
        + "home folder.",
};
var folder = new Option<string>("--folder")
{
    DefaultValueFactory = _ => Path.Combine("artifacts", "mnist"),
    Description = "Folder for the dense models and for rows.json, from which an interrupted run goes on.",
};
var seeds = new Option<int[]>("--seeds")
{
    DefaultValueFactory = _ => [0, 1, 2], AllowMultipleArgumentsPerToken = true, Description = "The seeds, each with a dense model of its own.",
};
var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1, Description = "Threads that libtorch computes with." };
var epochs = new Option<int?>("--epochs") { Description = "Epochs of retraining in place of the row's." };
var choosing = new Option<bool>("--validation") { Description = "Shows the error on the validation images alone, to choose by; nothing is written." };
var command = new RootCommand("Prunes LeNet-300-100 and LeNet-5 on MNIST beyond published figures: one call a row, final errors on the test images.")
{
    rows, data, folder, seeds, threads, epochs, choosing,
};
command.SetAction((arguments, cancellation) => ThisProgram.Guarded(async () =>
{
    set_num_threads(arguments.GetValue(threads));
    using var mnist = await MnistData.LoadAsync(arguments.GetValue(data), Console.WriteLine, cancellation);
    using var images = new Images(mnist);
    using var black = new Images(mnist, MnistData.StandardDeviation, MnistData.Mean);
    var names = arguments.GetValue(rows)!;
    var benchmark = new Benchmark(
        isBlackZero => isBlackZero ? black : images,
        Directory.CreateDirectory(arguments.GetValue(folder)!).FullName,
        !arguments.GetValue(choosing),
        cancellation);
    benchmark.Run(
        [.. Rows.All.Where(row => names.Contains("all") || names.Contains(row.Name)).Select(row => Benchmark.With(row, arguments.GetValue(epochs)))],
        arguments.GetValue(seeds)!);
    return 0;
}));
return await ThisProgram.Run(command, args);
