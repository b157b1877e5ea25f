using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>The networks that are trained; <c>eager.py</c> has the same ones under the same names.</summary>
internal static class Models
{
    public static readonly string[] Names = ["LeNet-300-100", "LeNet-5", "ResNet-18"];

    public static Module<Tensor, Tensor> Create(string name) => name switch
    {
        "LeNet-300-100" => new LeNet300100(),
        "LeNet-5" => new LeNet5(),
        _ => new ResNet18(),
    };

    /// <summary>Holds half of the weights of every layer at zero.</summary>
    public static PruneMask HoldHalf(Module<Tensor, Tensor> model) => model switch
    {
        LeNet300100 lenet => lenet.Mask(),
        LeNet5 lenet => lenet.Mask(),
        _ => ((ResNet18)model).Mask(),
    };

    /// <summary>The shape of one image.</summary>
    public static long[] ImageOf(string name) => name == "ResNet-18" ? [3, 32, 32] : [1, 28, 28];
}

[Prunable(Granularity.Unstructured, Ratio = 0.5)]
internal sealed partial class LeNet300100 : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential(Flatten(), Linear(784, 300), ReLU(), Linear(300, 100), ReLU(), Linear(100, 10));

    public LeNet300100()
        : base(nameof(LeNet300100)) => RegisterComponents();

    public override Tensor forward(Tensor input) => layers.call(input);
}

[Prunable(Granularity.Unstructured, Ratio = 0.5)]
internal sealed partial class LeNet5 : Module<Tensor, Tensor>
{
    private readonly Sequential layers = Sequential(
        Conv2d(1, 20, 5), ReLU(), MaxPool2d(2), Conv2d(20, 50, 5), ReLU(), MaxPool2d(2), Flatten(), Linear(800, 500), ReLU(), Linear(500, 10));

    public LeNet5()
        : base(nameof(LeNet5)) => RegisterComponents();

    public override Tensor forward(Tensor input) => layers.call(input);
}

/// <summary>ResNet-18 as it is used on CIFAR-10: a 3x3 stem and no pooling before the first block.</summary>
[Prunable(Granularity.Unstructured, Ratio = 0.5)]
internal sealed partial class ResNet18 : Module<Tensor, Tensor>
{
    private readonly Sequential stem = Sequential(Conv2d(3, 64, 3, padding: 1, bias: false), BatchNorm2d(64), ReLU());
    private readonly ModuleList<BasicBlock> blocks = new();
    private readonly Linear fc = Linear(512, 10);

    public ResNet18()
        : base(nameof(ResNet18))
    {
        foreach (var (from, to, stride) in new[] { (64, 64, 1), (64, 128, 2), (128, 256, 2), (256, 512, 2) })
        {
            blocks.Add(new BasicBlock(from, to, stride));
            blocks.Add(new BasicBlock(to, to, 1));
        }

        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = stem.call(input);
        foreach (var block in blocks)
        {
            x = block.call(x);
        }

        return fc.call(x.mean([2, 3])).MoveToOuterDisposeScope();
    }

    [Prunable]
    internal sealed partial class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly Conv2d conv1;
        private readonly BatchNorm2d bn1;
        private readonly Conv2d conv2;
        private readonly BatchNorm2d bn2;
        private readonly Sequential? downsample;

        public BasicBlock(int from, int to, int stride)
            : base(nameof(BasicBlock))
        {
            conv1 = Conv2d(from, to, 3, stride, padding: 1, bias: false);
            bn1 = BatchNorm2d(to);
            conv2 = Conv2d(to, to, 3, padding: 1, bias: false);
            bn2 = BatchNorm2d(to);
            downsample = stride == 1 ? null : Sequential(Conv2d(from, to, 1, stride, bias: false), BatchNorm2d(to));
            RegisterComponents();
        }

        public override Tensor forward(Tensor input)
        {
            using var scope = NewDisposeScope();
            var x = relu(bn1.call(conv1.call(input)));
            return relu(bn2.call(conv2.call(x)) + (downsample?.call(input) ?? input)).MoveToOuterDisposeScope();
        }
    }
}
