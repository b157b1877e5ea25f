using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Interruptions;

/// <summary>How the model is pruned.</summary>
public enum Kind
{
    /// <summary>Channels in three rounds, with the dense model as teacher.</summary>
    Rounds,

    /// <summary>Single weights while it is trained, with the best epoch kept.</summary>
    Gradual,
}

/// <summary>A run that may be killed at any instant: prunes and retrains with a checkpoint, then saves the model again and again.</summary>
public static class Work
{
    /// <summary>How often the finished model is saved over itself.</summary>
    public const int Saves = 200;

    /// <summary>The saved model.</summary>
    public static string ModelIn(string folder) => Path.Combine(folder, "model.prune");

    /// <summary>Where the run keeps what it has reached.</summary>
    public static string CheckpointIn(string folder) => Path.Combine(folder, "run");

    /// <summary>Runs to the end.</summary>
    public static void Run(string folder, Kind kind)
    {
        set_num_threads(1);
        manual_seed(1);
        using var generator = new Generator(7);
        using var x = randn(512, 1, 8, 8, generator: generator);
        using var y = x.mean([1, 2, 3]).gt(0).to_type(ScalarType.Int64);
        var data = TrainingData.FromTensors(x, y, batchSize: 16);
        using var model = new SmallNet();
        var options = new PruneOptions
        {
            Ratio = 0.6,
            MeasureLatency = false,
            ScoringSamples = 128,
            Criterion = Criterion.Taylor,
            Retrain = new RetrainOptions { Epochs = 3, Device = CPU, Seed = 5 },
        };
        options = kind == Kind.Rounds
            ? options with { Schedule = PruneSchedule.Iterative(3), Retrain = options.Retrain with { Distill = Distill.SoftTargets } }
            : options with
            {
                Granularity = Granularity.Unstructured,
                Schedule = PruneSchedule.Gradual(10),
                Retrain = options.Retrain with { Epochs = 8, KeepBest = true },
            };
        model.PruneAndRetrain(data, data, options, PruneProgress.Quiet, checkpoint: new Checkpoint(CheckpointIn(folder)) { EverySteps = 4 });
        Console.WriteLine("saving");
        for (var i = 0; i < Saves; i++)
        {
            model.SavePruned(ModelIn(folder));
        }
    }
}

/// <summary>A small net with what has a state of its own: running statistics, and random numbers while it is trained.</summary>
[Prunable]
internal sealed partial class SmallNet : Module<Tensor, Tensor>
{
    private readonly Conv2d first = Conv2d(1, 16, 3, padding: 1);
    private readonly BatchNorm2d norm = BatchNorm2d(16);
    private readonly Conv2d second = Conv2d(16, 24, 3);
    private readonly Dropout dropout = Dropout(0.1);
    private readonly Linear head = Linear(24 * 9, 2);

    public SmallNet()
        : base(nameof(SmallNet)) => RegisterComponents();

    public override Tensor forward(Tensor x)
    {
        x = relu(norm.call(first.call(x)));
        x = max_pool2d(relu(second.call(x)), 2);
        return head.call(dropout.call(x.flatten(1)));
    }
}
