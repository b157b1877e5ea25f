using PruneGen.Samples.Mnist;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Mnist;

/// <summary>The dense models: each is trained once for each seed, then read from its checkpoint.</summary>
internal static class DenseModels
{
    /// <summary>Makes the network of a row, and gives it the trained weights of a seed.</summary>
    public static TModel TrainOrLoad<TModel>(Row row, Images images, int seed, string folder, CancellationToken cancellation)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        manual_seed(seed);
        var model = new TModel();
        var options = new RetrainOptions { Epochs = row.DenseEpochs, LearningRate = 2e-3, Seed = seed };
        var black = row.BlackIsZero ? "-black-0" : "";
        var checkpoint = Path.Combine(folder, $"{typeof(TModel).Name}-{options.Epochs}-epochs-shift-{row.DenseShift}{black}-seed-{seed}.dat");
        if (File.Exists(checkpoint))
        {
            model.load(checkpoint);
            return model;
        }

        var trained = Retrainer.Train(
            model,
            inputs => [model.call(inputs[0])],
            images.Train(batchSize: 128, row.DenseShift),
            images.Validation,
            options,
            cancellationToken: cancellation);
        Console.WriteLine(FormattableString.Invariant(
            $"{typeof(TModel).Name}, dense, seed {seed}: {trained.Final!.Error:p2} wrong on the validation images after {options.Epochs} epochs."));

        // Under its final name only when it is whole.
        model.save(checkpoint + ".part");
        File.Move(checkpoint + ".part", checkpoint, overwrite: true);
        return model;
    }
}
