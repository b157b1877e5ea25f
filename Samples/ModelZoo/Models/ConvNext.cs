using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>ConvNeXt: a convolutional network laid out as a transformer is. Full size is ConvNeXt-T.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ConvNext : Module<Tensor, Tensor>
{
    private readonly Sequential features;
    private readonly LayerNorm norm;
    private readonly Linear head;

    /// <summary>Creates the model.</summary>
    /// <param name="widths">Channels of each stage; null for those of ConvNeXt-T.</param>
    /// <param name="depths">Blocks of each stage; null for those of ConvNeXt-T.</param>
    /// <param name="classes">Number of classes.</param>
    public ConvNext(int[]? widths = null, int[]? depths = null, int classes = 1000)
        : base(nameof(ConvNext))
    {
        widths ??= [96, 192, 384, 768];
        depths ??= [3, 3, 9, 3];
        var layers = new List<Module<Tensor, Tensor>> { Conv2d(3, widths[0], 4, stride: 4), new ChannelNorm(widths[0]) };
        for (var stage = 0; stage < widths.Length; stage++)
        {
            if (stage > 0)
            {
                layers.Add(new ChannelNorm(widths[stage - 1]));
                layers.Add(Conv2d(widths[stage - 1], widths[stage], 2, stride: 2));
            }

            for (var i = 0; i < depths[stage]; i++)
            {
                layers.Add(new ConvNextBlock(widths[stage]));
            }
        }

        features = Sequential(layers);
        norm = LayerNorm(widths[^1], eps: 1e-6);
        head = Linear(widths[^1], classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×H×W, H and W multiples of 32.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = features.call(x).mean([-2, -1]);
        return head.call(norm.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Filters each channel by itself, then mixes the channels of each pixel through a wider layer.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ConvNextBlock : Module<Tensor, Tensor>
{
    private readonly Conv2d dwconv;
    private readonly LayerNorm norm;
    private readonly Linear pwconv1;
    private readonly GELU act;
    private readonly Linear pwconv2;
    private readonly Parameter gamma;

    /// <summary>Creates a block.</summary>
    /// <param name="width">Channels.</param>
    /// <param name="layerScale">What each channel of the result is scaled by at first.</param>
    public ConvNextBlock(int width, double layerScale = 1e-6)
        : base(nameof(ConvNextBlock))
    {
        dwconv = Conv2d(width, width, 7, padding: 3, groups: width);
        norm = LayerNorm(width, eps: 1e-6);
        pwconv1 = Linear(width, 4 * width);
        act = GELU();
        pwconv2 = Linear(4 * width, width);
        gamma = Parameter(ones(width) * layerScale);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        var x = dwconv.call(input);
        x = x.permute(0, 2, 3, 1);
        x = norm.call(x);
        x = pwconv2.call(act.call(pwconv1.call(x)));
        x = gamma * x;
        x = x.permute(0, 3, 1, 2);
        return (input + x).MoveToOuterDisposeScope();
    }
}

/// <summary>Layer normalisation over the channels of each pixel.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class ChannelNorm : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm;

    /// <summary>Creates the layer.</summary>
    public ChannelNorm(int channels)
        : base(nameof(ChannelNorm))
    {
        norm = LayerNorm(channels, eps: 1e-6);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => norm.call(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
}
