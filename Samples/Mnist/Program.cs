using System.CommandLine;
using PruneGen;
using PruneGen.Samples;
using PruneGen.Samples.Mnist;

var data = new Option<string?>(
    "--data") {
        Description =
            $"Folder of the four MNIST files; they are fetched into it where missing. Default: ${MnistCache.FolderVariable}, else a cache in the home "
                + $"folder." };
var work = new Option<string>("--work") { Description = "Folder for the dense checkpoint and the pruned model.", DefaultValueFactory = _ => "checkpoints" };
var epochs = new Option<int>("--epochs") { Description = "Epochs of dense training.", DefaultValueFactory = _ => 4 };
var ratio = new Option<double?>("--ratio") { Description = "Share of every group to remove, in [0, 1). Default: what [Prunable] on LeNet5 says." };
var seed = new Option<int>("--seed") { Description = "Seed of everything random; the same seed gives the same result." };
var threads = new Option<int>("--threads") { Description = "Threads that libtorch computes with.", DefaultValueFactory = _ => Environment.ProcessorCount };
var json = new Option<string?>("--json") { Description = "File to write the report to as JSON." };
var html = new Option<string?>("--html") { Description = "File to write the report to as a page for a browser." };
var checkpoint = new Option<string?>("--checkpoint") { Description = "Folder that keeps what was reached: started again, pruning goes on from there." };

var root = new RootCommand("Trains LeNet-5 on MNIST, prunes half of every group, retrains, saves the pruned model and loads it again in a new process.")
{
    data, work, epochs, ratio, seed, threads, json, html, checkpoint,
};
root.SetAction((arguments, cancellation) => ThisProgram.Guarded(async () =>
{
    TorchSharp.torch.set_num_threads(arguments.GetValue(threads));
    using var mnist = await MnistData.LoadAsync(arguments.GetValue(data), Console.WriteLine, cancellation);
    var train = TrainingData.FromTensors(mnist.TrainImages, mnist.TrainLabels);
    var test = TrainingData.FromTensors(mnist.TestImages, mnist.TestLabels, batchSize: 1000, shuffle: false);
    var folder = Directory.CreateDirectory(arguments.GetValue(work)!).FullName;
    using var model = DenseModel.TrainOrLoad(folder, train, test, arguments.GetValue(epochs), arguments.GetValue(seed), cancellation);

    var options = LeNet5.DefaultPruneOptions;
    options = options with { Ratio = arguments.GetValue(ratio) ?? options.Ratio, Retrain = options.Retrain with { Seed = arguments.GetValue(seed) } };
    var kept = arguments.GetValue(checkpoint) is string keep ? new Checkpoint(keep) : null;
    var report = model.PruneAndRetrain(train, test, options, PruneProgress.ForConsole(), cancellation, kept);
    Console.WriteLine(report);

    var file = Path.Combine(folder, "lenet5.prune");
    model.SavePruned(file);
    Console.WriteLine(FormattableString.Invariant($"Saved {file} ({new FileInfo(file).Length:N0} bytes)."));
    if (arguments.GetValue(json) is string path)
    {
        File.WriteAllText(path, report.ToJson());
        Console.WriteLine($"Wrote the report to {path}.");
    }

    if (arguments.GetValue(html) is string page)
    {
        report.SaveHtml(page, model);
        Console.WriteLine($"Wrote the report to {page}.");
    }

    return ReloadCheck.InNewProcess(model, mnist, file, arguments.GetValue(data));
}));

var reload = ReloadCheck.Command(data);
reload.Hidden = true;
root.Subcommands.Add(reload);
root.Subcommands.Add(CompareCommand.Create(data, threads));
return await ThisProgram.Run(root, args);
