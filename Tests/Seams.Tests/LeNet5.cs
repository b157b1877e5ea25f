using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Seams.Tests;

/// <summary>LeNet-5 (20-50-800-500), which each test prunes in its own way.</summary>
public abstract class LeNet5 : Module<Tensor, Tensor>
{
    internal readonly Conv2d conv1 = Conv2d(1, 20, 5);
    internal readonly Conv2d conv2 = Conv2d(20, 50, 5);
    internal readonly Linear fc1 = Linear(800, 500);
    internal readonly Linear fc2 = Linear(500, 10);

    /// <summary>Creates it with random weights, the same each time.</summary>
    protected LeNet5()
        : base(nameof(LeNet5))
    {
        RegisterComponents();
        using var generator = new Generator(1, CPU);
        using var noGradients = no_grad();
        foreach (var parameter in parameters())
        {
            parameter.copy_(rand(parameter.shape, generator: generator).sub(0.5).mul(0.2));
        }
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = max_pool2d(relu(conv1.call(input)), 2);
        x = max_pool2d(relu(conv2.call(x)), 2);
        x = relu(fc1.call(x.flatten(1)));
        return fc2.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>As the attributes have it by default.</summary>
[Prunable]
[Retrain(Epochs = 1)]
public sealed partial class PlainLeNet5 : LeNet5;

/// <summary>What the tests train and measure on: it is enough that it runs.</summary>
internal static class Digits
{
    public static TrainingData Some { get; } = TrainingData.FromTensors(
        randn(48, 1, 28, 28, generator: new Generator(1, CPU)).DetachFromDisposeScope(), arange(48).remainder(10).DetachFromDisposeScope(), batchSize: 16);

    /// <summary>Prunes and retrains, and sees that what is saved loads as the same model.</summary>
    public static PruneReport Prune(PlainLeNet5 model, PruneOptions options)
    {
        var report = model.PruneAndRetrain(Some, Some, options, PruneProgress.Quiet);
        var path = Path.GetTempFileName();
        try
        {
            model.SavePruned(path);
            using var again = PlainLeNet5.LoadPruned(path);
            using var input = randn(3, 1, 28, 28);
            Assert.Equal(model.call(input).data<float>().ToArray(), again.call(input).data<float>().ToArray());
        }
        finally
        {
            File.Delete(path);
        }

        return report;
    }
}
