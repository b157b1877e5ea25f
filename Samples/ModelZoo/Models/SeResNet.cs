using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>ResNet-50 whose blocks weigh each of their channels by a look at all of them (squeeze and excitation).</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class SeResNet : Module<Tensor, Tensor>
{
    private readonly Sequential stem;
    private readonly ModuleList<Module<Tensor, Tensor>> blocks;
    private readonly Linear fc;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels of the stem.</param>
    /// <param name="classes">Number of classes.</param>
    /// <param name="reduction">How much narrower the squeezed channels are.</param>
    public SeResNet(int width = 64, int classes = 1000, int reduction = 16)
        : base(nameof(SeResNet))
    {
        stem = Sequential(
            Conv2d(3, width, 7, stride: 2, padding: 3, bias: false),
            BatchNorm2d(width),
            ReLU(),
            MaxPool2d(3, stride: 2, padding: 1));
        blocks = new ModuleList<Module<Tensor, Tensor>>();
        var inputs = width;
        foreach (var (planes, count) in new[] { (width, 3), (2 * width, 4), (4 * width, 6), (8 * width, 3) })
        {
            for (var i = 0; i < count; i++)
            {
                blocks.Add(new SeBottleneck(inputs, planes, i == 0 && planes != width ? 2 : 1, reduction));
                inputs = planes * SeBottleneck.Expansion;
            }
        }

        fc = Linear(inputs, classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = stem.call(x);
        foreach (var block in blocks)
        {
            x = block.call(x);
        }

        x = x.mean([2, 3]);
        return fc.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>A bottleneck of a residual network with a gate for each channel.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class SeBottleneck : Module<Tensor, Tensor>
{
    /// <summary>Outputs for each plane.</summary>
    public const int Expansion = 4;

    private readonly Conv2d conv1;
    private readonly BatchNorm2d bn1;
    private readonly Conv2d conv2;
    private readonly BatchNorm2d bn2;
    private readonly Conv2d conv3;
    private readonly BatchNorm2d bn3;
    private readonly SqueezeExcitation se;
    private readonly Module<Tensor, Tensor> shortcut;

    /// <summary>Creates a block.</summary>
    public SeBottleneck(int inputs, int planes, int stride, int reduction)
        : base(nameof(SeBottleneck))
    {
        var outputs = planes * Expansion;
        conv1 = Conv2d(inputs, planes, 1, bias: false);
        bn1 = BatchNorm2d(planes);
        conv2 = Conv2d(planes, planes, 3, stride: stride, padding: 1, bias: false);
        bn2 = BatchNorm2d(planes);
        conv3 = Conv2d(planes, outputs, 1, bias: false);
        bn3 = BatchNorm2d(outputs);
        se = new SqueezeExcitation(outputs, reduction);
        shortcut = stride == 1 && inputs == outputs
            ? Identity()
            : Sequential(Conv2d(inputs, outputs, 1, stride: stride, bias: false), BatchNorm2d(outputs));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = relu(bn1.call(conv1.call(x)));
        y = relu(bn2.call(conv2.call(y)));
        y = se.call(bn3.call(conv3.call(y)));
        return relu(y + shortcut.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Weighs each channel by a gate that is computed from the means of all channels.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class SqueezeExcitation : Module<Tensor, Tensor>
{
    private readonly Linear fc1;
    private readonly Linear fc2;

    /// <summary>Creates the gate.</summary>
    public SqueezeExcitation(int channels, int reduction)
        : base(nameof(SqueezeExcitation))
    {
        fc1 = Linear(channels, channels / reduction);
        fc2 = Linear(channels / reduction, channels);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        var (n, c) = (x.shape[0], x.shape[1]);
        var gate = adaptive_avg_pool2d(x, 1).view(n, c);
        gate = fc2.call(relu(fc1.call(gate))).sigmoid();
        return x * gate.view(n, c, 1, 1);
    }
}
