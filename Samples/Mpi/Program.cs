using System.CommandLine;
using System.Diagnostics;
using PruneGen;
using PruneGen.Samples.Mnist;
using PruneGen.Samples.Mpi;
using TorchSharp;
using static TorchSharp.torch;

var images = new Option<int>("--images") { Description = "How many images there are to train on.", DefaultValueFactory = _ => 6400 };
var batch = new Option<int>("--batch") { Description = "Images in a batch, which the processes divide.", DefaultValueFactory = _ => 128 };
var epochs = new Option<int>("--epochs") { Description = "Epochs of retraining.", DefaultValueFactory = _ => 2 };
var threads = new Option<int>("--threads") { Description = "Threads that libtorch computes with in each process.", DefaultValueFactory = _ => 1 };
var output = new Option<string>("--out") { Description = "File to save the pruned model to.", DefaultValueFactory = _ => "lenet5.prune" };
var checkpoint = new Option<string?>("--checkpoint") { Description = "Folder that keeps what was reached: started again, all go on from there." };
var fails = new Option<int?>("--fail-at") { Description = "Has the last process fail in this step, to see what becomes of the others." };
var how = new Option<Failure>("--how") { Description = "How it fails." };
var root = new RootCommand("Prunes and retrains LeNet-5 in several processes: mpiexec -n 2 dotnet PruneGen.Samples.Mpi.dll")
{
    images, batch, epochs, threads, output, checkpoint, fails, how,
};
root.SetAction(arguments => MpiCommunicator.Run(all =>
{
    set_num_threads(arguments.GetValue(threads));
    var (train, test) = (Images.Make(arguments.GetValue(images), seed: 1), Images.Make(1000, seed: 2));
    manual_seed(1);
    using var model = new LeNet5();
    var failing = new FailingCallback(all.Rank == all.Size - 1 ? arguments.GetValue(fails) : null, arguments.GetValue(how));
    var options = LeNet5.DefaultPruneOptions;
    options = options with
    {
        MeasureLatency = false,
        Retrain = options.Retrain with { Epochs = arguments.GetValue(epochs), Device = CPU, Communicator = all, Callbacks = [failing] },
    };
    var kept = arguments.GetValue(checkpoint) is string folder ? new Checkpoint(folder) { EverySteps = 10 } : null;
    var report = model.PruneAndRetrain(
        TrainingData.FromTensors(train.X, train.Y, arguments.GetValue(batch)),
        TrainingData.FromTensors(test.X, test.Y, 100, shuffle: false),
        options,
        checkpoint: kept);
    if (all.Rank == 0)
    {
        model.SavePruned(arguments.GetValue(output)!);
        Console.WriteLine(report);
        var speed = report.Retraining.Epochs.LastOrDefault()?.SamplesPerSecond ?? 0;
        Console.WriteLine(FormattableString.Invariant(
            $"Processes: {all.Size}. In the last epoch: {speed:f0} images/s. Saved {arguments.GetValue(output)}."));
    }

    return 0;
}));

var (share, evaluations) = (
    new Option<double>("--macs") { Description = "The share of the multiply-accumulates that may stay.", DefaultValueFactory = _ => 0.3 },
    new Option<int>("--evaluations") { Description = "How many choices are evaluated.", DefaultValueFactory = _ => 40 });
var search = new Command("search", "Finds widths of LeNet-5 by a genetic search, whose choices the processes evaluate together.")
{
    images, threads, share, evaluations,
};
search.SetAction(arguments => MpiCommunicator.Run(all =>
{
    set_num_threads(arguments.GetValue(threads));
    var (train, validation) = (Images.Make(arguments.GetValue(images), seed: 1), Images.Make(2000, seed: 3));
    manual_seed(1);
    using var model = new LeNet5();
    var options = LeNet5.DefaultPruneOptions with { Allocator = Allocator.Genetic };
    options = options with { Retrain = options.Retrain with { Device = CPU, Communicator = all } };
    var data = TrainingData.FromTensors(train.X, train.Y, 128);

    // Each by itself: sums of several processes round otherwise, and the search would not begin with the same weights as that of one.
    Retrainer.Train(model, inputs => [model.call(inputs[0])], data, options: options.Retrain with { Epochs = 1, Communicator = null });
    var started = Stopwatch.GetTimestamp();
    var found = model.FindRatios(
        new PruneBudget { Macs = arguments.GetValue(share) },
        data,
        TrainingData.FromTensors(validation.X, validation.Y, 500, shuffle: false),
        options,
        new SearchSettings { Evaluations = arguments.GetValue(evaluations), RecoveryEpochs = 1 });
    if (all.Rank == 0)
    {
        Console.WriteLine(found);
        Console.WriteLine(FormattableString.Invariant(
            $"Processes: {all.Size}. {found.Evaluations} choices in {Stopwatch.GetElapsedTime(started).TotalSeconds:f1} s."));
    }

    return 0;
}));
root.Add(search);

var (first, second) = (new Argument<string>("first"), new Argument<string>("second"));
var compare = new Command("compare", "Says by how much the weights of two saved models differ.") { first, second };
compare.SetAction(arguments =>
{
    using var one = LeNet5.LoadPruned(arguments.GetValue(first)!);
    using var other = LeNet5.LoadPruned(arguments.GetValue(second)!);
    var differences = one.state_dict().Select(entry => (entry.Value - other.state_dict()[entry.Key]).abs().max().item<float>());
    Console.WriteLine(FormattableString.Invariant($"largest difference of a weight: {differences.Max():g3}"));
});
root.Add(compare);
return root.Parse(args).Invoke();
