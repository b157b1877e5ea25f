using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>Classifies texts by two layers of LSTM cells that read them in both directions.</summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class LstmClassifier : Module<Tensor, Tensor>
{
    private readonly Embedding embedding;
    private readonly LSTM lstm;
    private readonly Dropout dropout;
    private readonly Linear fc1;
    private readonly Linear fc2;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Number of different tokens.</param>
    /// <param name="width">Width of an embedded token.</param>
    /// <param name="hidden">Width of the state of each direction.</param>
    /// <param name="layers">Number of layers.</param>
    /// <param name="classes">Number of classes.</param>
    public LstmClassifier(int vocabulary = 20000, int width = 128, int hidden = 256, int layers = 2, int classes = 2)
        : base(nameof(LstmClassifier))
    {
        embedding = Embedding(vocabulary, width);
        lstm = LSTM(width, hidden, numLayers: layers, batchFirst: true, bidirectional: true);
        dropout = Dropout(0.3);
        fc1 = Linear(2 * hidden, hidden);
        fc2 = Linear(hidden, classes);
        RegisterComponents();
    }

    /// <summary>Classifies texts.</summary>
    /// <param name="ids">Token numbers, N×T.</param>
    /// <returns>Logits, N×classes.</returns>
    public override Tensor forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        var (states, _, _) = lstm.call(embedding.call(ids));
        var x = dropout.call(states.mean([1]));
        return fc2.call(relu(fc1.call(x))).MoveToOuterDisposeScope();
    }
}
