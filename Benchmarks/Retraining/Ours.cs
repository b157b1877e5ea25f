using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>PruneGen's side of the benchmark: the retraining that <c>PruneAndRetrain</c> runs, an epoch a round.</summary>
internal sealed class Ours(string name, Data data, bool masked) : ISide
{
    private readonly nn.Module<Tensor, Tensor> model = Models.Create(name);
    private readonly TrainingData batches = TrainingData.FromTensors(data.X, data.Y, data.BatchSize);

    public double Round()
    {
        var options = new RetrainOptions { Epochs = 1, Device = CPU };
        var result = Retrainer.Train(model, inputs => model.call(inputs[0]), batches, options: options, hold: masked ? HoldHalf : null);
        return result.Epochs[0].TrainSeconds;
    }

    public void Dispose() => model.Dispose();

    /// <summary>Holds half of the weights of every layer at zero.</summary>
    private Action HoldHalf()
    {
        using var noGradients = no_grad();
        var weights = model.parameters().Where(parameter => parameter.dim() > 1);
        var held = weights.Select(weight => (Weight: weight, Mask: rand_like(weight).gt(0.5).to(float32))).ToArray();
        return () =>
        {
            foreach (var (weight, mask) in held)
            {
                weight.mul_(mask);
            }
        };
    }
}
