using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Tells how alike two images are: one encoder sees both (Koch et al., 2015).</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Siamese : Module<Tensor, Tensor, Tensor>
{
    private readonly Module<Tensor, Tensor> encoder;
    private readonly Linear likeness;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels of the first convolution.</param>
    /// <param name="features">Width of what the encoder makes of an image.</param>
    public Siamese(int width = 64, int features = 256)
        : base(nameof(Siamese))
    {
        encoder = Sequential(
            Conv2d(1, width, 5),
            BatchNorm2d(width),
            ReLU(),
            MaxPool2d(2),
            Conv2d(width, 2 * width, 3),
            BatchNorm2d(2 * width),
            ReLU(),
            AdaptiveAvgPool2d(4),
            Flatten(),
            Linear(2 * width * 4 * 4, features),
            Tanh());
        likeness = Linear(features, 1);
        RegisterComponents();
    }

    /// <summary>Compares images pair by pair.</summary>
    /// <param name="first">Images, N×1×H×W.</param>
    /// <param name="second">Images of the same shape.</param>
    /// <returns>Logits of being alike, N×1.</returns>
    public override Tensor forward(Tensor first, Tensor second)
    {
        using var scope = NewDisposeScope();
        var distance = (encoder.call(first) - encoder.call(second)).abs();
        return likeness.call(distance).MoveToOuterDisposeScope();
    }
}
