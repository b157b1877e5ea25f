using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Classifies texts by the last state of gated recurrent units.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class GruClassifier : Module<Tensor, Tensor>
{
    private readonly Embedding embedding;
    private readonly GRU gru;
    private readonly Linear fc;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Number of different tokens.</param>
    /// <param name="width">Width of an embedded token.</param>
    /// <param name="hidden">Width of the state.</param>
    /// <param name="classes">Number of classes.</param>
    public GruClassifier(int vocabulary = 20000, int width = 128, int hidden = 256, int classes = 4)
        : base(nameof(GruClassifier))
    {
        embedding = Embedding(vocabulary, width);
        gru = GRU(width, hidden, batchFirst: true);
        fc = Linear(hidden, classes);
        RegisterComponents();
    }

    /// <summary>Classifies texts.</summary>
    /// <param name="ids">Token numbers, N×T.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var (_, last) = gru.call(embedding.call(ids));
        return fc.call(last.squeeze(0)).MoveToOuterDisposeScope();
    }
}
