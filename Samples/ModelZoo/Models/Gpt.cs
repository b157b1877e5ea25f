using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Decoder that predicts the next token, as GPT-2 is built, with query heads that share keys and values in groups.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Gpt : Module<Tensor, Tensor>
{
    private readonly Embedding tokens;
    private readonly Embedding positions;
    private readonly ModuleList<GptBlock> blocks = new();
    private readonly LayerNorm norm;
    private readonly Linear head;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Number of different tokens.</param>
    /// <param name="context">Longest sequence.</param>
    /// <param name="width">Width of a token.</param>
    /// <param name="depth">Number of blocks.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="sharedHeads">Key and value heads; they divide the query heads.</param>
    public Gpt(int vocabulary = 50257, int context = 1024, int width = 768, int depth = 12, int heads = 12, int sharedHeads = 4)
        : base(nameof(Gpt))
    {
        tokens = Embedding(vocabulary, width);
        positions = Embedding(context, width);
        for (var i = 0; i < depth; i++)
        {
            blocks.Add(new GptBlock(width, heads, sharedHeads));
        }

        norm = LayerNorm(width);
        head = Linear(width, vocabulary, hasBias: false);

        // Tokens are scored by the table that they are read by: one parameter under two names.
        head.weight = tokens.weight!;
        RegisterComponents();
    }

    /// <summary>Scores what may come next.</summary>
    /// <param name="ids">Token numbers, N×T.</param>
    /// <returns>Logits, N×T×vocabulary.</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var x = tokens.call(ids) + positions.call(arange(ids.shape[1], device: ids.device));
        foreach (var block in blocks)
        {
            x = block.call(x);
        }

        return head.call(norm.call(x)).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention to what came before, and a perceptron.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class GptBlock : Module<Tensor, Tensor>
{
    private readonly LayerNorm norm1;
    private readonly GroupedQueryAttention attention;
    private readonly LayerNorm norm2;
    private readonly Sequential mlp;

    /// <summary>Creates a block.</summary>
    public GptBlock(int width, int heads, int sharedHeads)
        : base(nameof(GptBlock))
    {
        norm1 = LayerNorm(width);
        attention = new GroupedQueryAttention(width, heads, sharedHeads);
        norm2 = LayerNorm(width);
        mlp = Sequential(("expand", Linear(width, 4 * width)), ("act", GELU()), ("contract", Linear(4 * width, width)), ("drop", Dropout(0.1)));
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        x = x + attention.call(norm1.call(x));
        x = x + mlp.call(norm2.call(x));
        return x;
    }
}

/// <summary>Attention in which several query heads share one head of keys and values (Ainslie et al., 2023).</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class GroupedQueryAttention : Module<Tensor, Tensor>
{
    private readonly int headWidth;
    private readonly int repeats;
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear output;

    /// <summary>Creates the layer.</summary>
    public GroupedQueryAttention(int width, int heads, int sharedHeads)
        : base(nameof(GroupedQueryAttention))
    {
        headWidth = width / heads;
        repeats = heads / sharedHeads;
        query = Linear(width, width);
        key = Linear(width, sharedHeads * headWidth);
        value = Linear(width, sharedHeads * headWidth);
        output = Linear(width, width);
        RegisterComponents();
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        var q = Heads(query.call(x));
        var k = Shared(Heads(key.call(x)));
        var v = Shared(Heads(value.call(x)));
        var y = scaled_dot_product_attention(q, k, v, is_casual: true);
        y = y.transpose(1, 2).flatten(2);
        return output.call(y).MoveToOuterDisposeScope();
    }

    /// <summary>N×T×(heads·width) to N×heads×T×width; how many heads there are is for the tensor to say.</summary>
    private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], -1, headWidth).transpose(1, 2);

    /// <summary>Each head of keys or values as often as query heads share it.</summary>
    private Tensor Shared(Tensor x) => x.unsqueeze(2).expand(-1, -1, repeats, -1, -1).flatten(1, 2);
}
