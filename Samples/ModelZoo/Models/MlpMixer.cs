using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>MLP-Mixer: two-layer perceptrons over the patches and over the channels in turn. Full size is Mixer-B/16.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class MlpMixer : Module<Tensor, Tensor>
{
    private readonly Conv2d stem;
    private readonly ModuleList<MixerBlock> blocks;
    private readonly LayerNorm norm;
    private readonly Linear head;

    /// <summary>Creates the model.</summary>
    /// <param name="imageSize">Height and width of the images.</param>
    /// <param name="patch">Height and width of a patch.</param>
    /// <param name="width">Channels of a patch.</param>
    /// <param name="depth">Number of blocks.</param>
    /// <param name="classes">Number of classes.</param>
    public MlpMixer(int imageSize = 224, int patch = 16, int width = 768, int depth = 12, int classes = 1000)
        : base(nameof(MlpMixer))
    {
        var patches = imageSize / patch * (imageSize / patch);
        stem = Conv2d(3, width, patch, stride: patch);
        blocks = new ModuleList<MixerBlock>(Enumerable.Range(0, depth).Select(_ => new MixerBlock(patches, width)).ToArray());
        norm = LayerNorm(width, eps: 1e-6);
        head = Linear(width, classes);
        RegisterComponents();
    }

    /// <summary>Scores the classes.</summary>
    /// <param name="x">Images, N×3×size×size.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = stem.call(x).flatten(2).transpose(1, 2);
        for (var i = 0; i < blocks.Count; i++)
        {
            x = blocks[i].call(x);
        }

        x = norm.call(x).mean([1]);
        return head.call(x).MoveToOuterDisposeScope();
    }
}

/// <summary>Mixes the patches, then the channels; each beside a way around.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class MixerBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly Perceptron tokens;
    private readonly LayerNorm norm2;
    private readonly Perceptron channels;

    /// <summary>Creates a block.</summary>
    public MixerBlock(int patches, int width)
        : base(nameof(MixerBlock))
    {
        norm1 = LayerNorm(width, eps: 1e-6);
        tokens = new Perceptron(patches, width / 2);
        norm2 = LayerNorm(width, eps: 1e-6);
        channels = new Perceptron(width, 4 * width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = x + tokens.call(norm1.call(x).transpose(1, 2)).transpose(1, 2);
        x = x + channels.call(norm2.call(x));
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>Two linear layers with a GELU between, over the last dimension.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Perceptron : Module<Tensor, Tensor>
{
    private readonly Linear fc1;
    private readonly Linear fc2;

    /// <summary>Creates the perceptron.</summary>
    public Perceptron(int width, int hidden)
        : base(nameof(Perceptron))
    {
        fc1 = Linear(width, hidden);
        fc2 = Linear(hidden, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x) => fc2.call(gelu(fc1.call(x)));
}
