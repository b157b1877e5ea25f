using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>PruneGen's side of the benchmark: the retraining that <c>PruneAndRetrain</c> runs, an epoch a round.</summary>
internal sealed class Ours
{
    private readonly LeNet5 model;
    private readonly TrainingData data;

    public Ours(Settings settings, Widths widths)
    {
        manual_seed(0);
        model = new LeNet5(widths);
        data = TrainingData.FromTensors(rand(settings.Images, 1, 28, 28), randint(0, 10, settings.Images, dtype: ScalarType.Int64), settings.BatchSize);
    }

    /// <summary>Trains one round.</summary>
    /// <param name="masked">Whether half of the weights of every layer are held at zero.</param>
    /// <returns>The seconds that it took, evaluation and set-up left out.</returns>
    public double Round(bool masked = false)
    {
        var options = new RetrainOptions { Epochs = 1, Device = CPU };
        return Retrainer.Train(model, inputs => model.call(inputs[0]), data, options: options, hold: masked ? HoldHalf : null).Epochs[0].TrainSeconds;
    }

    private Action HoldHalf()
    {
        using var noGradients = no_grad();
        var held = model.parameters().Where(parameter => parameter.dim() > 1).Select(weight => (Weight: weight, Mask: rand_like(weight).gt(0.5).to(float32))).ToArray();
        return () =>
        {
            foreach (var (weight, mask) in held)
            {
                weight.mul_(mask);
            }
        };
    }
}
