using PruneGen;
using TorchSharp;
using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.Mnist;

/// <summary>LeNet-5 as Caffe defines it (20-50-800-500), for 28×28 grey images of ten digits.</summary>
[Prunable(Structured, Ratio = 0.5)]
[Retrain(Epochs = 3, LearningRate = 1e-3)]
public sealed partial class LeNet5 : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1 = Conv2d(1, 20, 5);
    private readonly Conv2d conv2 = Conv2d(20, 50, 5);
    private readonly Linear fc1 = Linear(800, 500);
    [KeepWidth] private readonly Linear fc2 = Linear(500, 10);

    /// <summary>Creates the dense model with random weights.</summary>
    public LeNet5()
        : base(nameof(LeNet5))
    {
        RegisterComponents();
    }

    /// <summary>Scores the ten digits.</summary>
    /// <param name="input">Images, N×1×28×28.</param>
    /// <returns>Logits, N×10.</returns>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = max_pool2d(relu(conv1.call(input)), 2);
        x = max_pool2d(relu(conv2.call(x)), 2);
        x = relu(fc1.call(x.flatten(1)));
        return fc2.call(x).MoveToOuterDisposeScope();
    }
}
