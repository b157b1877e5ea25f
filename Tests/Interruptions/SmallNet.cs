using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Interruptions;

/// <summary>A small net with what has a state of its own: running statistics, and random numbers while it is trained.</summary>
[Prunable]
internal sealed partial class SmallNet : Module<Tensor, Tensor>
{
    private readonly Conv2d first = Conv2d(1, 16, 3, padding: 1);
    private readonly BatchNorm2d norm = BatchNorm2d(16);
    private readonly Conv2d second = Conv2d(16, 24, 3);
    private readonly Dropout dropout = Dropout(0.1);
    private readonly Linear head = Linear(24 * 9, 2);

    public SmallNet()
        : base(nameof(SmallNet)) => RegisterComponents();

    /// <summary>The same weights in each process.</summary>
    public static SmallNet New()
    {
        set_num_threads(1);
        manual_seed(1);
        return new SmallNet();
    }

    /// <summary>The same images in each process: bright and dark ones.</summary>
    public static TrainingData Data()
    {
        using var generator = new Generator(7);
        var x = randn(512, 1, 8, 8, generator: generator);
        var y = x.mean([1, 2, 3]).gt(0).to_type(ScalarType.Int64);
        return TrainingData.FromTensors(x, y, batchSize: 16);
    }

    public override Tensor forward(Tensor x)
    {
        x = relu(norm.call(first.call(x)));
        x = max_pool2d(relu(second.call(x)), 2);
        return head.call(dropout.call(x.flatten(1)));
    }
}
