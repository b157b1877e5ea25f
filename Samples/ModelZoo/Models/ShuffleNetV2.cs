using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>ShuffleNetV2: half of the channels pass each block untouched, and a shuffle mixes the halves.</summary>
/// <remarks>
/// At a ratio of 0.5 it keeps more of its parameters than others. A shuffle deals out two halves in turn, and the next block
/// cuts at the middle: both stay right when channel i of one half goes with channel i of the other, so every block halves the
/// channels of its stage that can be chosen by themselves. The last stage has 464 = 16·29 channels and four blocks: one group
/// of 29, each index of which stands for 16 channels. The first two have 116 = 4·29 channels with four blocks and
/// 232 = 8·29 with eight; 29 cannot be halved again, so all of their channels are tied to each other and stay. What is left to
/// choose is the stem, the inner width of each block, the last stage and the last convolution: 19 groups.
/// </remarks>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ShuffleNetV2 : Module<Tensor, Tensor>
{
    private readonly Sequential conv1;
    private readonly MaxPool2d maxpool;
    private readonly Sequential stage2;
    private readonly Sequential stage3;
    private readonly Sequential stage4;
    private readonly Sequential conv5;
    private readonly Linear fc;

    /// <summary>Creates the model.</summary>
    /// <param name="widths">Channels of the stem, of the three stages and of the last convolution; null for those of ×1.0.</param>
    /// <param name="classes">Number of classes.</param>
    public ShuffleNetV2(int[]? widths = null, int classes = 1000)
        : base(nameof(ShuffleNetV2))
    {
        widths ??= [24, 116, 232, 464, 1024];
        conv1 = Sequential(
            ("0", Conv2d(3, widths[0], 3, stride: 2, padding: 1, bias: false)),
            ("1", BatchNorm2d(widths[0])),
            ("2", ReLU(inplace: true)));
        maxpool = MaxPool2d(3, stride: 2, padding: 1);
        stage2 = Stage(widths[0], widths[1], 4);
        stage3 = Stage(widths[1], widths[2], 8);
        stage4 = Stage(widths[2], widths[3], 4);
        conv5 = Sequential(
            ("0", Conv2d(widths[3], widths[4], 1, bias: false)),
            ("1", BatchNorm2d(widths[4])),
            ("2", ReLU(inplace: true)));
        fc = Linear(widths[4], classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = maxpool.call(conv1.call(x));
        x = stage4.call(stage3.call(stage2.call(x)));
        x = conv5.call(x).mean([2, 3]);
        return fc.call(x).MoveToOuterDisposeScope();
    }

    private static Sequential Stage(int inputs, int outputs, int count)
    {
        var blocks = new List<Module<Tensor, Tensor>> { new ShuffleBlock(inputs, outputs, stride: 2) };
        for (var i = 1; i < count; i++)
        {
            blocks.Add(new ShuffleBlock(outputs, outputs, stride: 1));
        }

        return Sequential(blocks);
    }
}

/// <summary>Works on one half of the channels, or, at a stride, on all of them in two branches, and shuffles the halves.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ShuffleBlock : Module<Tensor, Tensor>
{
    private readonly int stride;
    private readonly Sequential? branch1;
    private readonly Sequential branch2;

    /// <summary>Creates a block.</summary>
    public ShuffleBlock(int inputs, int outputs, int stride)
        : base(nameof(ShuffleBlock))
    {
        this.stride = stride;
        var half = outputs / 2;
        if (stride > 1)
        {
            branch1 = Sequential(
                Conv2d(inputs, inputs, 3, stride: stride, padding: 1, groups: inputs, bias: false),
                BatchNorm2d(inputs),
                Conv2d(inputs, half, 1, bias: false),
                BatchNorm2d(half),
                ReLU(inplace: true));
        }

        branch2 = Sequential(
            Conv2d(stride > 1 ? inputs : half, half, 1, bias: false),
            BatchNorm2d(half),
            ReLU(inplace: true),
            Conv2d(half, half, 3, stride: stride, padding: 1, groups: half, bias: false),
            BatchNorm2d(half),
            Conv2d(half, half, 1, bias: false),
            BatchNorm2d(half),
            ReLU(inplace: true));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        Tensor y;
        if (stride == 1)
        {
            var halves = x.chunk(2, dim: 1);
            y = cat([halves[0], branch2.call(halves[1])], 1);
        }
        else
        {
            y = cat([branch1!.call(x), branch2.call(x)], 1);
        }

        return Shuffle(y, 2).MoveToOuterDisposeScope();
    }

    /// <summary>Deals the channels of so many groups out in turn.</summary>
    private static Tensor Shuffle(Tensor x, int groups)
    {
        var (batch, channels, height, width) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        x = x.view(batch, groups, channels / groups, height, width);
        x = x.transpose(1, 2).contiguous();
        return x.view(batch, channels, height, width);
    }
}
