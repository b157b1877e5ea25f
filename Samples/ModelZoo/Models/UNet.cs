using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>U-Net: goes down to few large features and up again, and at each height takes over what it saw on the way down.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class UNet : Module<Tensor, Tensor>
{
    private readonly DoubleConv first;
    private readonly ModuleList<DoubleConv> downs = new();
    private readonly ModuleList<ConvTranspose2d> ups = new();
    private readonly ModuleList<DoubleConv> joins = new();
    private readonly Conv2d last;

    /// <summary>Creates the model.</summary>
    /// <param name="width">Channels at full resolution; each of the steps down doubles them.</param>
    /// <param name="depth">Number of steps down.</param>
    /// <param name="channels">Channels of the image.</param>
    /// <param name="classes">Number of classes of a pixel.</param>
    public UNet(int width = 64, int depth = 4, int channels = 3, int classes = 2)
        : base(nameof(UNet))
    {
        first = new DoubleConv(channels, width);
        for (var i = 0; i < depth; i++)
        {
            downs.Add(new DoubleConv(width << i, width << (i + 1)));
        }

        for (var i = depth; i > 0; i--)
        {
            ups.Add(ConvTranspose2d(width << i, width << (i - 1), 2, stride: 2));
            joins.Add(new DoubleConv(width << i, width << (i - 1)));
        }

        last = Conv2d(width, classes, 1);
        RegisterComponents();
    }

    /// <summary>Classifies each pixel.</summary>
    /// <param name="x">Images, N×channels×H×W, H and W multiples of 2 to the depth.</param>
    /// <returns>Logits, N×classes×H×W.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var skips = new Stack<Tensor>();
        x = first.call(x);
        foreach (var down in downs)
        {
            skips.Push(x);
            x = down.call(max_pool2d(x, 2));
        }

        for (var i = 0; i < ups.Count; i++)
        {
            x = ups[i].call(x);
            x = cat([skips.Pop(), x], dim: 1);
            x = joins[i].call(x);
        }

        return last.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>Two 3×3 convolutions, each normalised and rectified.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class DoubleConv : Module<Tensor, Tensor>
{
    private readonly Sequential layers;

    /// <summary>Creates the pair.</summary>
    public DoubleConv(int inputs, int outputs)
        : base(nameof(DoubleConv))
    {
        layers = Sequential(
            Conv2d(inputs, outputs, 3, padding: 1, bias: false),
            BatchNorm2d(outputs),
            ReLU(inplace: true),
            Conv2d(outputs, outputs, 3, padding: 1, bias: false),
            BatchNorm2d(outputs),
            ReLU(inplace: true));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => layers.call(x);
}
