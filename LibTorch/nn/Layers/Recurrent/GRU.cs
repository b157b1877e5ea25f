using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Gated recurrent units (Cho et al., 2014), in one or more layers, in one direction or both.</summary>
    public sealed class GRU : Module<Tensor, Tensor, (Tensor, Tensor)>
    {
        private static readonly Op gru = new("aten::gru", "input");

        private readonly bool _batch_first;
        private readonly long _hidden_size;

        private RecurrentWeights weights => handle!.Get<RecurrentWeights>();

        internal GRU(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype) : base(nameof(GRU))
        {
            _batch_first = batchFirst;
            _hidden_size = hiddenSize;
            handle = HType.Of(new RecurrentWeights(this, RecurrentWeights.Kind.Gru, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype));
        }

        /// <summary>Runs through sequences.</summary>
        /// <param name="input">Shape (time, batch, inputSize), or (batch, time, inputSize) with batchFirst.</param>
        /// <param name="h0">Hidden state to begin with, (layers · directions, batch, hiddenSize); zeros if null.</param>
        /// <returns>The hidden states of the last layer at all times, and the hidden state in the end.</returns>
        public override (Tensor, Tensor) forward(Tensor input, Tensor? h0 = null) => weights.Run(this, _batch_first, _hidden_size, gru, input, h0);

        /// <inheritdoc cref="forward"/>
        public new (Tensor, Tensor) call(Tensor input, Tensor? h0 = null) => base.call(input, h0!);

        /// <summary>Lays the parameters side by side in memory, as cuDNN wants them; does nothing where it is not used.</summary>
        public void flatten_parameters() => weights.Flatten(this);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates gated recurrent units.</summary>
            /// <param name="inputSize">Features of an input.</param>
            /// <param name="hiddenSize">Features of the hidden state.</param>
            /// <param name="numLayers">Layers on top of each other.</param>
            /// <param name="bias">Whether there are biases.</param>
            /// <param name="batchFirst">Whether the batch is the first dimension, rather than time.</param>
            /// <param name="dropout">Probability of dropout between the layers.</param>
            /// <param name="bidirectional">Whether the sequence is read in both directions.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static GRU GRU(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}
