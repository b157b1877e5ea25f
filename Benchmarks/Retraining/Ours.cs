using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>PruneGen's side of the benchmark: the retraining that <c>PruneAndRetrain</c> runs, an epoch a round.</summary>
/// <param name="name">The network.</param>
/// <param name="data">What it is trained on.</param>
/// <param name="masked">Whether half of the weights are held at zero.</param>
/// <param name="updates">How often more weights are held at zero in the epoch, which begins with none.</param>
internal sealed class Ours(string name, Data data, bool masked = false, int updates = 0) : ISide
{
    private readonly TrainingData batches = TrainingData.FromTensors(data.X, data.Y, data.BatchSize);

    public double Round()
    {
        using var model = Models.Create(name);
        using var mask = masked ? Models.HoldHalf(model) : null;

        // What linking for the masks has left behind is not collected while the epoch is timed.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var options = new RetrainOptions { Epochs = 1, Device = CPU, Callbacks = updates == 0 ? [] : [Gradual()] };
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], batches, options: options);
        return result.Epochs[0].TrainSeconds;
    }

    private WeightPruning Gradual() => new(new PruneOptions
    {
        Granularity = Granularity.Unstructured, Criterion = Criterion.L1, Ratio = 0.5, Schedule = PruneSchedule.Gradual(updates),
    });
}
