using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>
/// A residual network for image classification. ResNet-18 is of basic blocks, ResNet-50 of bottlenecks; ResNeXt-50 32×4d is
/// of bottlenecks whose middle convolution works in 32 groups.
/// </summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ResNet : Module<Tensor, Tensor>
{
    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly MaxPool2d maxpool;
    private readonly Sequential layer1;
    private readonly Sequential layer2;
    private readonly Sequential layer3;
    private readonly Sequential layer4;
    private readonly AdaptiveAvgPool2d avgpool;
    private readonly Linear fc;

    /// <summary>Creates a model.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="block">Makes a block from its inputs, its planes and its stride.</param>
    /// <param name="expansion">Outputs of a block for each of its planes.</param>
    /// <param name="blocks">Number of blocks of each of the four stages.</param>
    /// <param name="width">Channels of the stem, and planes of the first stage.</param>
    /// <param name="classes">Number of classes.</param>
    public ResNet(string name, Func<int, int, int, Module<Tensor, Tensor>> block, int expansion, int[] blocks, int width, int classes)
        : base(name)
    {
        conv1 = Conv2d(3, width, 7, stride: 2, padding: 3, bias: false);
        bn1 = BatchNorm2d(width);
        maxpool = MaxPool2d(3, stride: 2, padding: 1);
        layer1 = MakeLayer(block, width, width, expansion, blocks[0], stride: 1);
        layer2 = MakeLayer(block, width * expansion, 2 * width, expansion, blocks[1], stride: 2);
        layer3 = MakeLayer(block, 2 * width * expansion, 4 * width, expansion, blocks[2], stride: 2);
        layer4 = MakeLayer(block, 4 * width * expansion, 8 * width, expansion, blocks[3], stride: 2);
        avgpool = AdaptiveAvgPool2d(1);
        fc = Linear(8 * width * expansion, classes);
        RegisterComponents();
    }

    /// <summary>Eighteen layers of basic blocks.</summary>
    public static ResNet ResNet18(int width = 64, int classes = 1000) =>
        new(nameof(ResNet18), (inputs, planes, stride) => new BasicBlock(inputs, planes, stride), BasicBlock.Expansion, [2, 2, 2, 2], width, classes);

    /// <summary>Fifty layers of bottlenecks.</summary>
    public static ResNet ResNet50(int width = 64, int classes = 1000) =>
        new(
            nameof(ResNet50),
            (inputs, planes, stride) => new Bottleneck(inputs, planes, stride, planes, groups: 1),
            Bottleneck.Expansion,
            [3, 4, 6, 3],
            width,
            classes);

    /// <summary>Fifty layers of bottlenecks, whose middle convolutions are half as narrow again and work in groups.</summary>
    public static ResNet ResNeXt50(int width = 64, int groups = 32, int classes = 1000) =>
        new(
            nameof(ResNeXt50),
            (inputs, planes, stride) => new Bottleneck(inputs, planes, stride, 2 * planes, groups),
            Bottleneck.Expansion,
            [3, 4, 6, 3],
            width,
            classes);

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = maxpool.call(relu(bn1.call(conv1.call(x))));
        x = layer1.call(x);
        x = layer2.call(x);
        x = layer3.call(x);
        x = layer4.call(x);
        x = avgpool.call(x).flatten(1);
        return fc.call(x).MoveToOuterDisposeScope();
    }

    private static Sequential MakeLayer(Func<int, int, int, Module<Tensor, Tensor>> block, int inputs, int planes, int expansion, int count, int stride)
    {
        var blocks = new List<Module<Tensor, Tensor>> { block(inputs, planes, stride) };
        for (var i = 1; i < count; i++)
        {
            blocks.Add(block(planes * expansion, planes, 1));
        }

        return Sequential(blocks);
    }
}

/// <summary>Two 3×3 convolutions and a way around them.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class BasicBlock : Module<Tensor, Tensor>
{
    /// <summary>Outputs for each plane.</summary>
    public const int Expansion = 1;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Sequential? downsample;

    /// <summary>Creates a block.</summary>
    /// <param name="inputs">Channels that it is given.</param>
    /// <param name="planes">Channels inside.</param>
    /// <param name="stride">Step of its first convolution.</param>
    public BasicBlock(int inputs, int planes, int stride)
        : base(nameof(BasicBlock))
    {
        conv1 = Conv2d(inputs, planes, 3, stride: stride, padding: 1, bias: false);
        bn1 = BatchNorm2d(planes);
        conv2 = Conv2d(planes, planes, 3, padding: 1, bias: false);
        bn2 = BatchNorm2d(planes);
        if (stride != 1 || inputs != planes * Expansion)
        {
            downsample = Sequential(Conv2d(inputs, planes * Expansion, 1, stride: stride, bias: false), BatchNorm2d(planes * Expansion));
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var identity = x;
        var y = relu(bn1.call(conv1.call(x)));
        y = bn2.call(conv2.call(y));
        if (downsample != null)
        {
            identity = downsample.call(x);
        }

        return relu(y + identity).MoveToOuterDisposeScope();
    }
}

/// <summary>A 3×3 convolution between two 1×1 ones, and a way around them.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Bottleneck : Module<Tensor, Tensor>
{
    /// <summary>Outputs for each plane.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm2d bn3;
    private readonly ReLU relu;
    private readonly Module<Tensor, Tensor>? downsample;

    /// <summary>Creates a block.</summary>
    /// <param name="inputs">Channels that it is given.</param>
    /// <param name="planes">A quarter of the channels that it returns.</param>
    /// <param name="stride">Step of its middle convolution.</param>
    /// <param name="width">Channels of the middle convolution.</param>
    /// <param name="groups">Groups of the middle convolution.</param>
    public Bottleneck(int inputs, int planes, int stride, int width, int groups)
        : base(nameof(Bottleneck))
    {
        conv1 = Conv2d(inputs, width, 1, bias: false);
        bn1 = BatchNorm2d(width);
        conv2 = Conv2d(width, width, 3, stride: stride, padding: 1, groups: groups, bias: false);
        bn2 = BatchNorm2d(width);
        conv3 = Conv2d(width, planes * Expansion, 1, bias: false);
        bn3 = BatchNorm2d(planes * Expansion);
        relu = ReLU(inplace: true);
        if (stride != 1 || inputs != planes * Expansion)
        {
            downsample = Sequential(Conv2d(inputs, planes * Expansion, 1, stride: stride, bias: false), BatchNorm2d(planes * Expansion));
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var identity = downsample is null ? x : downsample.call(x);
        var y = relu.call(bn1.call(conv1.call(x)));
        y = relu.call(bn2.call(conv2.call(y)));
        y = bn3.call(conv3.call(y));
        y += identity;
        return relu.call(y).MoveToOuterDisposeScope();
    }
}
