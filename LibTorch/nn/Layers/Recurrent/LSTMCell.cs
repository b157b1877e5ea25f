using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>One step of a long short-term memory (Hochreiter and Schmidhuber, 1997).</summary>
    public sealed class LSTMCell : Module<Tensor, (Tensor, Tensor)?, (Tensor, Tensor)>
    {
        private static readonly Op lstm_cell = new("aten::lstm_cell");

        private RecurrentCell cell => handle!.Get<RecurrentCell>();

        internal LSTMCell(long inputSize, long hiddenSize, bool bias, Device? device, ScalarType? dtype) : base(nameof(LSTMCell)) =>
            handle = HType.Of(new RecurrentCell(this, 4, inputSize, hiddenSize, bias, device, dtype));

        /// <summary>Makes a step.</summary>
        /// <param name="input">Shape (batch, inputSize) or (inputSize).</param>
        /// <param name="h0_c0">Hidden and cell state before, each (batch, hiddenSize) or (hiddenSize); zeros if null.</param>
        /// <returns>Hidden and cell state after.</returns>
        public override (Tensor, Tensor) forward(Tensor input, (Tensor, Tensor)? h0_c0)
        {
            cell.CheckInput(input);
            using var zeros = h0_c0 is null ? cell.ZeroState(input) : null;
            var (hidden, memory) = h0_c0 ?? (zeros!, zeros!);
            var (weight_ih, weight_hh, bias_ih, bias_hh) = RecurrentCell.Parameters(this);
            return Dispatcher.Call2(lstm_cell, input, new[] { hidden, memory }, weight_ih, weight_hh, bias_ih, bias_hh);
        }

        /// <inheritdoc cref="forward"/>
        public new (Tensor, Tensor) call(Tensor input, (Tensor, Tensor)? h0_c0 = null) => base.call(input, h0_c0);

        /// <summary>The weights of the input, (4·hiddenSize, inputSize). What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? weight_ih
        {
            get => RegisteredParameter.Handle(this, nameof(weight_ih));
            set => Set(nameof(weight_ih), value);
        }

        /// <summary>The weights of the hidden state, (4·hiddenSize, hiddenSize). What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? weight_hh
        {
            get => RegisteredParameter.Handle(this, nameof(weight_hh));
            set => Set(nameof(weight_hh), value);
        }

        /// <summary>The bias of the input, (4·hiddenSize), or null. What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? bias_ih
        {
            get => RegisteredParameter.Handle(this, nameof(bias_ih));
            set => Set(nameof(bias_ih), value);
        }

        /// <summary>The bias of the hidden state, (4·hiddenSize), or null. What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? bias_hh
        {
            get => RegisteredParameter.Handle(this, nameof(bias_hh));
            set => Set(nameof(bias_hh), value);
        }

        private void Set(string name, Parameter? value)
        {
            ArgumentNullException.ThrowIfNull(value, name);
            value.DetachFromDisposeScope();
            ConditionallyRegisterParameter(name, value);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a step of a long short-term memory.</summary>
            /// <param name="inputSize">Features of an input.</param>
            /// <param name="hiddenSize">Features of the hidden state.</param>
            /// <param name="bias">Whether there are biases.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static LSTMCell LSTMCell(long inputSize, long hiddenSize, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, bias, device, dtype);
        }
    }
}
