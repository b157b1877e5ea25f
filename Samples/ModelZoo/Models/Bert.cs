using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Encoder that reads a text in both directions, as BERT is built, with a classifier of the whole text.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Bert : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly LayerNorm norm;
    private readonly Dropout dropout;
    private readonly ModuleList<BertLayer> layers;
    private readonly Linear pooler;
    private readonly Linear classifier;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Number of different tokens.</param>
    /// <param name="longest">Longest text.</param>
    /// <param name="width">Width of a token.</param>
    /// <param name="depth">Number of layers.</param>
    /// <param name="heads">Attention heads of a layer.</param>
    /// <param name="classes">Number of classes.</param>
    public Bert(int vocabulary = 30522, int longest = 512, int width = 768, int depth = 12, int heads = 12, int classes = 2)
        : base(nameof(Bert))
    {
        words = Embedding(vocabulary, width);
        positions = Embedding(longest, width);
        norm = LayerNorm(width, eps: 1e-12);
        dropout = Dropout(0.1);
        layers = new ModuleList<BertLayer>();
        for (var i = 0; i < depth; i++)
        {
            layers.Add(new BertLayer(width, heads));
        }

        pooler = Linear(width, width);
        classifier = Linear(width, classes);
        RegisterComponents();
    }

    /// <summary>Classifies texts.</summary>
    /// <param name="ids">Token numbers, N×T.</param>
    /// <param name="mask">One for a token, zero for what fills a text up, N×T.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor ids, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var length = ids.shape[1];
        var x = words.call(ids) + positions.call(arange(length, device: ids.device).unsqueeze(0));
        x = dropout.call(norm.call(x));
        var hidden = (1 - mask).unsqueeze(1).unsqueeze(2) * -1e4;
        foreach (var layer in layers)
        {
            x = layer.call(x, hidden);
        }

        var first = x.select(1, 0);
        return classifier.call(tanh(pooler.call(first))).MoveToOuterDisposeScope();
    }
}

/// <summary>Attention and a perceptron, each followed by a normalisation of its sum with what it was given.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class BertLayer : Module<Tensor, Tensor, Tensor>
{
    private readonly int heads;
    private readonly double scale;
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear dense;
    private readonly LayerNorm norm1;
    private readonly Linear intermediate;
    private readonly Linear output;
    private readonly LayerNorm norm2;
    private readonly Dropout dropout;

    /// <summary>Creates a layer.</summary>
    public BertLayer(int width, int heads)
        : base(nameof(BertLayer))
    {
        this.heads = heads;
        scale = 1 / Math.Sqrt(width / heads);
        query = Linear(width, width);
        key = Linear(width, width);
        value = Linear(width, width);
        dense = Linear(width, width);
        norm1 = LayerNorm(width, eps: 1e-12);
        intermediate = Linear(width, 4 * width);
        output = Linear(4 * width, width);
        norm2 = LayerNorm(width, eps: 1e-12);
        dropout = Dropout(0.1);
        RegisterComponents();
    }

    /// <summary>Works on the tokens of a text.</summary>
    /// <param name="x">Tokens, N×T×width.</param>
    /// <param name="hidden">What is added to the scores of each token that is looked at, N×1×1×T.</param>
    public override Tensor forward(Tensor x, Tensor hidden)
    {
        using var scope = NewDisposeScope();
        x = norm1.call(x + dropout.call(dense.call(Attend(x, hidden))));
        var y = output.call(gelu(intermediate.call(x)));
        return norm2.call(x + dropout.call(y)).MoveToOuterDisposeScope();
    }

    private Tensor Attend(Tensor x, Tensor hidden)
    {
        var q = SplitHeads(query.call(x));
        var k = SplitHeads(key.call(x));
        var v = SplitHeads(value.call(x));
        var scores = matmul(q, k.transpose(-2, -1)) * scale + hidden;
        var weights = dropout.call(softmax(scores, dim: -1));
        var context = matmul(weights, v).permute(0, 2, 1, 3).contiguous();
        return context.view(context.shape[0], context.shape[1], -1);
    }

    private Tensor SplitHeads(Tensor x) => x.view(x.shape[0], x.shape[1], heads, -1).permute(0, 2, 1, 3);
}
