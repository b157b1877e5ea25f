using System.CommandLine;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist;

/// <summary>Shows that a saved model needs nothing of the process that saved it.</summary>
internal static class ReloadCheck
{
    private const int Images = 1000;

    /// <summary>Loads the saved model in a new process, which compares its outputs with this one's.</summary>
    /// <returns>0 when they are the same to the last bit.</returns>
    public static int InNewProcess(LeNet5 model, MnistData mnist, string file, string? data)
    {
        var outputs = Path.GetTempFileName();
        try
        {
            using var expected = Outputs(model, mnist);
            expected.save(outputs);
            string[] arguments = ["reload", file, outputs, get_num_threads().ToString(), .. data is null ? (string[])[] : ["--data", data]];
            return ThisProgram.InNewProcess(arguments);
        }
        finally
        {
            File.Delete(outputs);
        }
    }

    /// <summary>What the new process runs: <c>reload MODEL OUTPUTS THREADS</c>.</summary>
    public static Command Command(Option<string?> data)
    {
        var file = new Argument<string>("model");
        var outputs = new Argument<string>("outputs");
        var threads = new Argument<int>("threads");
        var command = new Command("reload", "Loads a pruned model and compares its outputs with saved ones.") { file, outputs, threads, data };
        command.SetAction(async (arguments, cancellation) =>
        {
            set_num_threads(arguments.GetValue(threads));
            using var mnist = await MnistData.LoadAsync(arguments.GetValue(data), cancellation: cancellation);
            using var model = LeNet5.LoadPruned(arguments.GetValue(file)!);
            using var expected = Tensor.load(arguments.GetValue(outputs)!);
            using var actual = Outputs(model, mnist);
            var difference = (actual - expected).abs().max().item<float>();
            Console.WriteLine($"Reloaded in a new process: max abs difference of the outputs of {Images} images: {difference:R}");
            return difference == 0 ? 0 : 1;
        });
        return command;
    }

    private static Tensor Outputs(LeNet5 model, MnistData mnist)
    {
        model.eval();
        using var mode = no_grad();
        using var images = mnist.TestImages.narrow(0, 0, Images);
        return model.call(images);
    }
}
