using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Vision transformer: an image is a sequence of patches. Full size is ViT-B/16.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class VisionTransformer : Module<Tensor, Tensor>
{
    private readonly Conv2d patches;
    private readonly Parameter classToken;
    private readonly Parameter positions;
    private readonly Dropout dropout;
    private readonly ModuleList<VisionBlock> blocks = new();
    private readonly LayerNorm norm;
    private readonly Linear head;

    /// <summary>Creates the model.</summary>
    /// <param name="imageSize">Height and width of the images.</param>
    /// <param name="patch">Height and width of a patch.</param>
    /// <param name="width">Width of a token.</param>
    /// <param name="depth">Number of blocks.</param>
    /// <param name="heads">Attention heads of a block.</param>
    /// <param name="classes">Number of classes.</param>
    public VisionTransformer(int imageSize = 224, int patch = 16, int width = 768, int depth = 12, int heads = 12, int classes = 1000)
        : base(nameof(VisionTransformer))
    {
        var count = imageSize / patch * (imageSize / patch);
        patches = Conv2d(3, width, patch, stride: patch);
        classToken = Parameter(zeros(1, 1, width));
        positions = Parameter(randn(1, count + 1, width) * 0.02);
        dropout = Dropout(0.1);
        for (var i = 0; i < depth; i++)
        {
            blocks.Add(new VisionBlock(width, heads));
        }

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
        x = patches.call(x).flatten(2).transpose(1, 2);
        x = cat([classToken.expand(x.shape[0], -1, -1), x], 1);
        x = dropout.call(x + positions);
        foreach (var block in blocks)
        {
            x = block.call(x);
        }

        x = norm.call(x);
        return head.call(x[.., 0]).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention and a perceptron, each normalised first and beside a way around.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class VisionBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly SelfAttention attention;
    private readonly LayerNorm norm2;
    private readonly Perceptron mlp;

    /// <summary>Creates a block.</summary>
    public VisionBlock(int width, int heads)
        : base(nameof(VisionBlock))
    {
        norm1 = LayerNorm(width, eps: 1e-6);
        attention = new SelfAttention(width, heads);
        norm2 = LayerNorm(width, eps: 1e-6);
        mlp = new Perceptron(width, 4 * width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        x = x + attention.call(norm1.call(x));
        x = x + mlp.call(norm2.call(x));
        return x.MoveToOuterDisposeScope();
    }
}

/// <summary>Multi-head attention whose queries, keys and values come from one layer.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class SelfAttention : Module<Tensor, Tensor>
{
    private readonly int heads;
    private readonly Linear qkv;
    private readonly Linear proj;

    /// <summary>Creates the layer.</summary>
    public SelfAttention(int width, int heads)
        : base(nameof(SelfAttention))
    {
        this.heads = heads;
        qkv = Linear(width, 3 * width);
        proj = Linear(width, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var (n, t) = (x.shape[0], x.shape[1]);
        var parts = qkv.call(x).reshape(n, t, 3, heads, -1).permute(2, 0, 3, 1, 4);
        var (q, k, v) = (parts[0], parts[1], parts[2]);
        x = scaled_dot_product_attention(q, k, v);
        x = x.transpose(1, 2).reshape(n, t, -1);
        return proj.call(x).MoveToOuterDisposeScope();
    }
}
