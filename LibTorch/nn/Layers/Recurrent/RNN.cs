using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Elman's recurrent network: h = tanh(W·x + U·h + b), in one or more layers, in one direction or both.</summary>
    public sealed class RNN : Module<Tensor, Tensor?, (Tensor, Tensor)>
    {
        private static readonly Op rnn_tanh = new("aten::rnn_tanh", "input");
        private static readonly Op rnn_relu = new("aten::rnn_relu", "input");

        private readonly bool _batch_first;
        private readonly long _hidden_size;

        private RecurrentWeights weights => handle!.Get<RecurrentWeights>();

        internal RNN(long inputSize, long hiddenSize, long numLayers, NonLinearities nonLinearity, bool bias, bool batchFirst, double dropout, bool bidirectional, Device? device, ScalarType? dtype) : base(nameof(RNN))
        {
            _batch_first = batchFirst;
            _hidden_size = hiddenSize;
            handle = HType.Of(new RecurrentWeights(this, nonLinearity == NonLinearities.ReLU ? RecurrentWeights.Kind.Relu : RecurrentWeights.Kind.Tanh, inputSize, hiddenSize, numLayers, bias, batchFirst, dropout, bidirectional, device, dtype));
        }

        /// <summary>Runs through sequences.</summary>
        /// <param name="input">Shape (time, batch, inputSize), or (batch, time, inputSize) with batchFirst.</param>
        /// <param name="h0">Hidden state to begin with, (layers · directions, batch, hiddenSize); zeros if null.</param>
        /// <returns>The hidden states of the last layer at all times, and the hidden state in the end.</returns>
        public override (Tensor, Tensor) forward(Tensor input, Tensor? h0) =>
            weights.Run(this, _batch_first, _hidden_size, weights.IsRelu ? rnn_relu : rnn_tanh, input, h0);

        /// <inheritdoc cref="forward"/>
        public new (Tensor, Tensor) call(Tensor input, Tensor? h0 = null) => base.call(input, h0);

        /// <summary>Lays the parameters side by side in memory, as cuDNN wants them; does nothing where it is not used.</summary>
        public void flatten_parameters() => weights.Flatten(this);

        /// <summary>The weights of the inputs of a layer: a handle that the caller may dispose.</summary>
        public Parameter? get_weight_ih(long idx) => RegisteredParameter.Handle(this, $"weight_ih_l{idx}");

        /// <summary>The weights of the hidden state of a layer: a handle that the caller may dispose.</summary>
        public Parameter? get_weight_hh(long idx) => RegisteredParameter.Handle(this, $"weight_hh_l{idx}");

        /// <summary>The bias of the inputs of a layer, or null: a handle that the caller may dispose.</summary>
        public Parameter? get_bias_ih(long idx) => RegisteredParameter.Handle(this, $"bias_ih_l{idx}");

        /// <summary>The bias of the hidden state of a layer, or null: a handle that the caller may dispose.</summary>
        public Parameter? get_bias_hh(long idx) => RegisteredParameter.Handle(this, $"bias_hh_l{idx}");
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>The functions of a plain recurrent network.</summary>
            public enum NonLinearities
            {
                /// <summary>The rectified linear unit.</summary>
                ReLU = 0,
                /// <summary>The hyperbolic tangent.</summary>
                Tanh = 1,
            }

            /// <summary>Creates a plain recurrent network.</summary>
            /// <param name="inputSize">Features of an input.</param>
            /// <param name="hiddenSize">Features of the hidden state.</param>
            /// <param name="numLayers">Layers on top of each other.</param>
            /// <param name="nonLinearity">Its function.</param>
            /// <param name="bias">Whether there are biases.</param>
            /// <param name="batchFirst">Whether the batch is the first dimension, rather than time.</param>
            /// <param name="dropout">Probability of dropout between the layers.</param>
            /// <param name="bidirectional">Whether the sequence is read in both directions.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static RNN RNN(long inputSize, long hiddenSize, long numLayers = 1, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true, bool batchFirst = false, double dropout = 0.0, bool bidirectional = false, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, numLayers, nonLinearity, bias, batchFirst, dropout, bidirectional, device, dtype);
        }
    }
}
