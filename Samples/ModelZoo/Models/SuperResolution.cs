using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Residual network that enlarges images four times; pixel shuffles turn channels into resolution.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class SuperResolution : Module<Tensor, Tensor>
{
    private readonly Conv2d head;
    private readonly PReLU activation;
    private readonly Sequential body;
    private readonly Conv2d joint;
    private readonly BatchNorm2d norm;
    private readonly Sequential upsampler;
    private readonly Conv2d tail;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels throughout.</param>
    /// <param name="blocks">Number of residual blocks.</param>
    public SuperResolution(int width = 64, int blocks = 16)
        : base(nameof(SuperResolution))
    {
        head = Conv2d(3, width, 9, padding: 4);
        activation = PReLU(1);
        body = Sequential(Enumerable.Range(0, blocks).Select(_ => (Module<Tensor, Tensor>)new SuperResolutionBlock(width)).ToArray());
        joint = Conv2d(width, width, 3, padding: 1, bias: false);
        norm = BatchNorm2d(width);
        upsampler = Sequential(
            Conv2d(width, 4 * width, 3, padding: 1),
            PixelShuffle(2),
            PReLU(width),
            Conv2d(width, 4 * width, 3, padding: 1),
            PixelShuffle(2),
            PReLU(width));
        tail = Conv2d(width, 3, 9, padding: 4);
        RegisterComponents();
    }

    /// <summary>Enlarges images.</summary>
    /// <param name="x">Images, N×3×H×W.</param>
    /// <returns>Images, N×3×4H×4W.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var first = activation.call(head.call(x));
        var features = norm.call(joint.call(body.call(first))) + first;
        return tail.call(upsampler.call(features)).MoveToOuterDisposeScope();
    }
}

/// <summary>Two convolutions with normalisation, added to their input.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class SuperResolutionBlock : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    /// <summary>Creates a block.</summary>
    public SuperResolutionBlock(int width)
        : base(nameof(SuperResolutionBlock))
    {
        layers = Sequential(
            Conv2d(width, width, 3, padding: 1, bias: false),
            BatchNorm2d(width),
            PReLU(width),
            Conv2d(width, width, 3, padding: 1, bias: false),
            BatchNorm2d(width));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => x + layers.call(x);
}
