using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Long short-term memory (Hochreiter and Schmidhuber, 1997), in one or more layers, in one direction or both.</summary>
    public sealed class LSTM : Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor, Tensor)>
    {
        private static readonly Op lstm = new("aten::lstm", "input");

        private readonly bool _batch_first;
        private readonly long _hidden_size;

        private RecurrentWeights weights => handle!.Get<RecurrentWeights>();

        internal LSTM(long inputSize, long hiddenSize, long numLayers, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype) : base(nameof(LSTM))
        {
            _batch_first = batchFirst;
            _hidden_size = hiddenSize;
            handle = HType.Of(new RecurrentWeights(this, RecurrentWeights.Kind.Lstm, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype));
        }

        /// <summary>Runs through sequences.</summary>
        /// <param name="input">Shape (time, batch, inputSize), or (batch, time, inputSize) with batchFirst.</param>
        /// <param name="h0_c0">Hidden and cell state to begin with, each (layers · directions, batch, hiddenSize); zeros if null.</param>
        /// <returns>The hidden states of the last layer at all times, and hidden and cell state in the end.</returns>
        public override (Tensor, Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0 = null)
        {
            var weights = this.weights;
            weights.CheckInput(input);
            using var zeros = h0_c0 is null ? weights.ZeroState(input, _batch_first, _hidden_size) : null;
            var (hidden, cell) = h0_c0 ?? (zeros!, zeros!);
            weights.CheckState(input, hidden, "hidden[0]");
            weights.CheckState(input, cell, "hidden[1]");

            var (parameters, bias, layers, dropout, train, bidirectional, batchFirst) = weights.Arguments(this);
            return Dispatcher.Call3(lstm, input, new[] { hidden, cell }, parameters, bias, layers, dropout, train, bidirectional, batchFirst);
        }

        /// <inheritdoc cref="forward"/>
        public new (Tensor, Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

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
            /// <summary>Creates a long short-term memory.</summary>
            /// <param name="inputSize">Features of an input.</param>
            /// <param name="hiddenSize">Features of the hidden state.</param>
            /// <param name="numLayers">Layers on top of each other.</param>
            /// <param name="bias">Whether there are biases.</param>
            /// <param name="batchFirst">Whether the batch is the first dimension, rather than time.</param>
            /// <param name="dropout">Probability of dropout between the layers.</param>
            /// <param name="bidirectional">Whether the sequence is read in both directions.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static LSTM LSTM(long inputSize, long hiddenSize, long numLayers = 1, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}
