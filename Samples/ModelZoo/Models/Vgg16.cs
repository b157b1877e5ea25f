using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.Samples.ModelZoo;

/// <summary>VGG-16 with batch normalisation: thirteen 3×3 convolutions in five stages and three linear layers, by TorchVision's names.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Vgg16 : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly AdaptiveAvgPool2d avgpool;
    private readonly Sequential classifier;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels of the first stage.</param>
    /// <param name="hidden">Width of the two hidden linear layers.</param>
    /// <param name="classes">Number of classes.</param>
    public Vgg16(int width = 64, int hidden = 4096, int classes = 1000)
        : base(nameof(Vgg16))
    {
        features = MakeFeatures(width);
        avgpool = AdaptiveAvgPool2d((7, 7));
        classifier = Sequential(
            Linear(8 * width * 7 * 7, hidden),
            ReLU(inplace: true),
            Dropout(),
            Linear(hidden, hidden),
            ReLU(inplace: true),
            Dropout(),
            Linear(hidden, classes));
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W with H and W at least 32.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = features.call(x);
        x = avgpool.call(x);
        x = x.flatten(1);
        return classifier.call(x).MoveToOuterDisposeScope();
    }

    private static Sequential MakeFeatures(int width)
    {
        int[] convolutions = [2, 2, 3, 3, 3];
        int[] factors = [1, 2, 4, 8, 8];
        var layers = new List<Module<Tensor, Tensor>>();
        var channels = 3;
        for (var stage = 0; stage < convolutions.Length; stage++)
        {
            for (var i = 0; i < convolutions[stage]; i++)
            {
                layers.Add(Conv2d(channels, width * factors[stage], 3, padding: 1));
                layers.Add(BatchNorm2d(width * factors[stage]));
                layers.Add(ReLU(inplace: true));
                channels = width * factors[stage];
            }

            layers.Add(MaxPool2d(2));
        }

        return Sequential(layers);
    }
}
