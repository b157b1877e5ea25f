using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.Samples.ModelZoo;

/// <summary>MobileNetV2: blocks that widen, filter each channel by itself, and narrow again, by TorchVision's names.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class MobileNetV2 : Module<Tensor, Tensor>
{
    /// <summary>Expansion, outputs, number of blocks, and stride of the first block, of each stage.</summary>
    private static readonly (int Expansion, int Outputs, int Count, int Stride)[] Stages =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly Sequential features;
    private readonly Sequential classifier;

    /// <summary>Creates the model.</summary>
    /// <param name="widthMultiplier">Factor of every width; widths are rounded to multiples of eight.</param>
    /// <param name="classes">Number of classes.</param>
    public MobileNetV2(double widthMultiplier = 1, int classes = 1000)
        : base(nameof(MobileNetV2))
    {
        var inputs = Rounded(32 * widthMultiplier);
        var last = Rounded(1280 * Math.Max(1, widthMultiplier));
        features = Sequential();
        features.append("0", Conv2dNormActivation(3, inputs, 3, stride: 2));
        foreach (var stage in Stages)
        {
            var outputs = Rounded(stage.Outputs * widthMultiplier);
            for (var i = 0; i < stage.Count; i++)
            {
                features.append($"{features.Count}", new InvertedResidual(inputs, outputs, i == 0 ? stage.Stride : 1, stage.Expansion));
                inputs = outputs;
            }
        }

        features.append($"{features.Count}", Conv2dNormActivation(inputs, last, 1));
        classifier = Sequential(Dropout(0.2), Linear(last, classes));
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = features.forward(x);
        x = functional.adaptive_avg_pool2d(x, (1, 1));
        x = flatten(x, 1);
        return classifier.forward(x).MoveToOuterDisposeScope();
    }

    /// <summary>A convolution without bias, its normalisation and ReLU6.</summary>
    internal static Sequential Conv2dNormActivation(int inputs, int outputs, int kernel, int stride = 1, int groups = 1) => Sequential(
        Conv2d(inputs, outputs, kernel, stride: stride, padding: (kernel - 1) / 2, groups: groups, bias: false),
        BatchNorm2d(outputs),
        ReLU6(inplace: true));

    private static int Rounded(double width)
    {
        var rounded = Math.Max(8, (int)(width + 4) / 8 * 8);
        return rounded < 0.9 * width ? rounded + 8 : rounded;
    }
}

/// <summary>Widens by a 1×1 convolution, filters each channel by itself, narrows by another 1×1 convolution.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class InvertedResidual : Module<Tensor, Tensor>
{
    private readonly bool addsInput;
    private readonly Sequential conv;

    /// <summary>Creates a block.</summary>
    public InvertedResidual(int inputs, int outputs, int stride, int expansion)
        : base(nameof(InvertedResidual))
    {
        var hidden = inputs * expansion;
        var layers = new List<Module<Tensor, Tensor>>();
        if (expansion != 1)
        {
            layers.Add(MobileNetV2.Conv2dNormActivation(inputs, hidden, 1));
        }

        layers.Add(MobileNetV2.Conv2dNormActivation(hidden, hidden, 3, stride, groups: hidden));
        layers.Add(Conv2d(hidden, outputs, 1, bias: false));
        layers.Add(BatchNorm2d(outputs));
        conv = Sequential(layers);
        addsInput = stride == 1 && inputs == outputs;
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        if (addsInput)
        {
            return x + conv.forward(x);
        }
        else
        {
            return conv.forward(x);
        }
    }
}
