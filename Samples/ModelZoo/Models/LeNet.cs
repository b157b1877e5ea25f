using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>LeNet-5 as Caffe defines it (20-50-800-500), for 28×28 images.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class LeNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly Conv2d conv2;
    private readonly Linear fc1;
    private readonly Linear fc2;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels of the first convolution; the other layers are wider in proportion.</param>
    /// <param name="classes">Number of classes.</param>
    public LeNet(int width = 20, int classes = 10)
        : base(nameof(LeNet))
    {
        conv1 = Conv2d(1, width, 5);
        conv2 = Conv2d(width, width * 5 / 2, 5);
        fc1 = Linear(width * 5 / 2 * 4 * 4, width * 25);
        fc2 = Linear(width * 25, classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×1×28×28.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = max_pool2d(relu(conv1.call(x)), 2);
        x = max_pool2d(relu(conv2.call(x)), 2);
        x = relu(fc1.call(x.view(x.shape[0], -1)));
        return fc2.call(x).MoveToOuterDisposeScope();
    }
}
