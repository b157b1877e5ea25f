using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>PruneGen's side of the benchmark: the retraining that <c>PruneAndRetrain</c> runs, an epoch a round.</summary>
internal sealed class Ours(string name, Data data, bool masked) : ISide
{
    private readonly TrainingData batches = TrainingData.FromTensors(data.X, data.Y, data.BatchSize);

    public double Round()
    {
        using var model = Models.Create(name);
        using var mask = masked ? Models.HoldHalf(model) : null;

        // What linking for the masks has left behind is not collected while the epoch is timed.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var options = new RetrainOptions { Epochs = 1, Device = CPU };
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], batches, options: options);
        return result.Epochs[0].TrainSeconds;
    }
}
