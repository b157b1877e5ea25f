using TorchSharp.Modules;
using static PruneGen.Granularity;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torch.nn.functional;

namespace PruneGen.Samples.ModelZoo;

/// <summary>
/// Translates one sequence into another: an encoder and a decoder of gated recurrent units, and attention from the one to the
/// other by dot products (Luong et al., 2015).
/// </summary>
[Prunable(Structured, Ratio = 0.5)]
public sealed partial class Translator : Module<Tensor, Tensor, Tensor>
{
    private readonly Embedding sourceWords;
    private readonly Embedding targetWords;
    private readonly GRU encoder;
    private readonly GRU decoder;
    private readonly Linear combined;
    private readonly Linear output;

    /// <summary>Creates the model.</summary>
    /// <param name="vocabulary">Number of different tokens of either language.</param>
    /// <param name="width">Width of an embedded token.</param>
    /// <param name="hidden">Width of the states.</param>
    public Translator(int vocabulary = 10000, int width = 256, int hidden = 512)
        : base(nameof(Translator))
    {
        sourceWords = Embedding(vocabulary, width);
        targetWords = Embedding(vocabulary, width);
        encoder = GRU(width, hidden, batchFirst: true);
        decoder = GRU(width, hidden, batchFirst: true);
        combined = Linear(2 * hidden, hidden);
        output = Linear(hidden, vocabulary);
        RegisterComponents();
    }

    /// <summary>Scores each next token of the translation.</summary>
    /// <param name="source">Token numbers, N×S.</param>
    /// <param name="target">Token numbers of the translation so far, N×T.</param>
    /// <returns>Logits, N×T×vocabulary.</returns>
    public override Tensor forward(Tensor source, Tensor target)
    {
        using var scope = NewDisposeScope();
        var (memory, state) = encoder.call(sourceWords.call(source));
        var (states, _) = decoder.call(targetWords.call(target), state);
        var weights = softmax(bmm(states, memory.transpose(1, 2)), -1);
        var context = bmm(weights, memory);
        var x = tanh(combined.call(cat([context, states], dim: -1)));
        return output.call(x).MoveToOuterDisposeScope();
    }
}
