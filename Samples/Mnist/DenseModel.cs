using PruneGen;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist;

/// <summary>The dense LeNet-5: trained once, then read from its checkpoint.</summary>
internal static class DenseModel
{
    /// <summary>Loads the checkpoint that an earlier run with the same epochs and seed left, or trains and leaves one.</summary>
    /// <exception cref="InvalidDataException">The checkpoint cannot be read.</exception>
    public static LeNet5 TrainOrLoad(string folder, TrainingData train, TrainingData test, int epochs, int seed, CancellationToken cancellation)
    {
        manual_seed(seed);
        var model = new LeNet5();
        var checkpoint = Path.Combine(folder, $"lenet5-dense-{epochs}-epochs-seed-{seed}.dat");
        if (File.Exists(checkpoint))
        {
            Load(model, checkpoint);
            Console.WriteLine($"Dense model: {checkpoint}");
            return model;
        }

        Console.WriteLine($"Training the dense model for {epochs} epochs.");
        var options = new RetrainOptions { Epochs = epochs, LearningRate = 2e-3, Seed = seed };
        Retrainer.Train(model, inputs => [model.call(inputs[0])], train, test, options, progress: PruneProgress.ForConsole(), cancellationToken: cancellation);

        // Under its final name only when it is whole.
        model.save(checkpoint + ".part");
        File.Move(checkpoint + ".part", checkpoint, overwrite: true);
        return model;
    }

    private static void Load(LeNet5 model, string checkpoint)
    {
        try
        {
            model.load(checkpoint);
        }
        catch (Exception error)
        {
            throw new InvalidDataException(
                $"The checkpoint {checkpoint} cannot be read ({error.Message}). Delete it, and the dense model is trained anew.", error);
        }
    }
}
