using static TorchSharp.torch;

namespace PruneGen.Interruptions;

/// <summary>How the model is pruned.</summary>
public enum Kind
{
    /// <summary>Channels in three rounds, with the dense model as teacher.</summary>
    Rounds,

    /// <summary>Single weights while it is trained, with the best epoch kept.</summary>
    Gradual,
}

/// <summary>Prunes and retrains with a checkpoint, then saves the model again and again.</summary>
/// <param name="Kind">How it is pruned.</param>
public sealed record PruneWork(Kind Kind) : Work(Kind.ToString())
{
    /// <summary>How often the finished model is saved over itself.</summary>
    private const int Times = 200;

    /// <inheritdoc/>
    public override bool Saves => true;

    /// <inheritdoc/>
    public override void Run(string folder)
    {
        var data = SmallNet.Data();
        using var model = SmallNet.New();
        var options = new PruneOptions
        {
            Ratio = 0.6,
            MeasureLatency = false,
            ScoringSamples = 128,
            Criterion = Criterion.Taylor,
            Retrain = new RetrainOptions { Epochs = 3, Device = CPU, Seed = 5 },
        };
        options = Kind == Kind.Rounds
            ? options with { Schedule = PruneSchedule.Iterative(3), Retrain = options.Retrain with { Distill = Distill.SoftTargets } }
            : options with
            {
                Granularity = Granularity.Unstructured,
                Schedule = PruneSchedule.Gradual(10),
                Retrain = options.Retrain with { Epochs = 8, KeepBest = true },
            };
        model.PruneAndRetrain(data, data, options, PruneProgress.Quiet, checkpoint: new Checkpoint(CheckpointIn(folder)) { EverySteps = 4 });
        Console.WriteLine("saving");
        for (var i = 0; i < Times; i++)
        {
            model.SavePruned(ModelIn(folder));
        }
    }

    /// <summary>The weights of the saved model; the report in the file tells times, which differ.</summary>
    public override byte[] ResultIn(string folder)
    {
        using var model = SmallNet.LoadPruned(ModelIn(folder));
        return [.. model.state_dict().OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.bytes.ToArray())];
    }

    /// <summary>The number of the newest file that was kept.</summary>
    public override long ReachedIn(string folder) => !Directory.Exists(CheckpointIn(folder)) ? 0
        : Directory.GetFiles(CheckpointIn(folder), "0*.checkpoint").Select(file => long.Parse(Path.GetFileNameWithoutExtension(file)))
            .DefaultIfEmpty().Max();

    /// <inheritdoc/>
    public override bool IsHalfWritten(string folder)
    {
        try
        {
            if (File.Exists(ModelIn(folder)))
            {
                PruneFile.ReadHeader(ModelIn(folder));
            }

            return false;
        }
        catch (InvalidDataException)
        {
            return true;
        }
    }

    private static string ModelIn(string folder) => Path.Combine(folder, "model.prune");

    private static string CheckpointIn(string folder) => Path.Combine(folder, "run");
}
