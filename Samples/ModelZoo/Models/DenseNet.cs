using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>DenseNet-121: every layer of a block reads what all layers before it have made.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class DenseNet : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly BatchNorm2d norm;
    private readonly Linear classifier;

    /// <summary>Creates the model.</summary>
    /// <param name="growth">Channels that each layer adds.</param>
    /// <param name="blocks">Number of layers of each block; null for those of DenseNet-121.</param>
    /// <param name="classes">Number of classes.</param>
    public DenseNet(int growth = 32, int[]? blocks = null, int classes = 1000)
        : base(nameof(DenseNet))
    {
        blocks ??= [6, 12, 24, 16];
        var channels = 2 * growth;
        var layers = new List<(string, Module<Tensor, Tensor>)>
        {
            ("conv0", Conv2d(3, channels, 7, stride: 2, padding: 3, bias: false)),
            ("norm0", BatchNorm2d(channels)),
            ("relu0", ReLU(inplace: true)),
            ("pool0", MaxPool2d(3, stride: 2, padding: 1)),
        };
        for (var i = 0; i < blocks.Length; i++)
        {
            layers.Add(($"denseblock{i + 1}", new DenseBlock(channels, growth, blocks[i])));
            channels += blocks[i] * growth;
            if (i < blocks.Length - 1)
            {
                layers.Add(($"transition{i + 1}", Transition(channels)));
                channels /= 2;
            }
        }

        features = Sequential(layers);
        norm = BatchNorm2d(channels);
        classifier = Linear(channels, classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = relu(norm.call(features.call(x)), inplace: true);
        x = adaptive_avg_pool2d(x, 1).squeeze(-1).squeeze(-1);
        return classifier.call(x).MoveToOuterDisposeScope();
    }

    private static Sequential Transition(int channels) => Sequential(
        BatchNorm2d(channels),
        ReLU(inplace: true),
        Conv2d(channels, channels / 2, 1, bias: false),
        AvgPool2d(2));
}

/// <summary>Layers that each read the block's input and what all layers before have made.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class DenseBlock : Module<Tensor, Tensor>
{
    private readonly ModuleList<DenseLayer> layers = new();

    /// <summary>Creates a block.</summary>
    public DenseBlock(int channels, int growth, int count)
        : base(nameof(DenseBlock))
    {
        for (var i = 0; i < count; i++)
        {
            layers.Add(new DenseLayer(channels + (i * growth), growth));
        }

        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        var features = new List<Tensor> { x };
        foreach (var layer in layers)
        {
            features.Add(layer.call(cat(features, 1)));
        }

        return cat(features, dim: 1);
    }
}

/// <summary>Narrows what it is given by a 1×1 convolution and filters that.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class DenseLayer : Module<Tensor, Tensor>
{
    private const int Bottleneck = 4;
    private readonly BatchNorm2d norm1;
    private readonly Conv2d conv1;
    private readonly BatchNorm2d norm2;
    private readonly Conv2d conv2;

    /// <summary>Creates a layer.</summary>
    public DenseLayer(int inputs, int growth)
        : base(nameof(DenseLayer))
    {
        norm1 = BatchNorm2d(inputs);
        conv1 = Conv2d(inputs, Bottleneck * growth, 1, bias: false);
        norm2 = BatchNorm2d(Bottleneck * growth);
        conv2 = Conv2d(Bottleneck * growth, growth, 3, padding: 1, bias: false);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var y = conv1.call(relu(norm1.call(x)));
        return conv2.call(relu(norm2.call(y))).MoveToOuterDisposeScope();
    }
}
