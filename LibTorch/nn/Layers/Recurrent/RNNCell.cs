using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>One step of Elman's recurrent network: h = tanh(W·x + U·h + b).</summary>
    public sealed class RNNCell : Module<Tensor, Tensor, Tensor>
    {
        private static readonly Op rnn_tanh_cell = new("aten::rnn_tanh_cell");
        private static readonly Op rnn_relu_cell = new("aten::rnn_relu_cell");

        private RecurrentCell cell => handle!.Get<RecurrentCell>();

        internal RNNCell(long inputSize, long hiddenSize, NonLinearities nonLinearity, bool bias, Device? device, ScalarType? dtype) : base(nameof(RNNCell))
        {
            handle = HType.Of(new RecurrentCell(this, 1, inputSize, hiddenSize, bias, device, dtype) { IsRelu = nonLinearity == NonLinearities.ReLU });
        }

        /// <summary>Makes a step.</summary>
        /// <param name="input">Shape (batch, inputSize) or (inputSize).</param>
        /// <param name="h0">The hidden state before, (batch, hiddenSize) or (hiddenSize); zeros if null.</param>
        /// <returns>The hidden state after.</returns>
        public override Tensor forward(Tensor input, Tensor? h0 = null)
        {
            cell.CheckInput(input);
            using var zeros = h0 is null ? cell.ZeroState(input) : null;
            return cell.Step(this, cell.IsRelu ? rnn_relu_cell : rnn_tanh_cell, input, h0 ?? zeros!);
        }

        /// <summary>The weights of the input, (hiddenSize, inputSize). What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? weight_ih
        {
            get => RegisteredParameter.Handle(this, nameof(weight_ih));
            set => Set(nameof(weight_ih), value);
        }

        /// <summary>The weights of the hidden state, (hiddenSize, hiddenSize). What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? weight_hh
        {
            get => RegisteredParameter.Handle(this, nameof(weight_hh));
            set => Set(nameof(weight_hh), value);
        }

        /// <summary>The bias of the input, (hiddenSize), or null. What is got is a handle of its own, which the caller may dispose.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        [DisallowNull]
        public Parameter? bias_ih
        {
            get => RegisteredParameter.Handle(this, nameof(bias_ih));
            set => Set(nameof(bias_ih), value);
        }

        /// <summary>The bias of the hidden state, (hiddenSize), or null. What is got is a handle of its own, which the caller may dispose.</summary>
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
            /// <summary>Creates a step of a plain recurrent network.</summary>
            /// <param name="inputSize">Features of an input.</param>
            /// <param name="hiddenSize">Features of the hidden state.</param>
            /// <param name="nonLinearity">Its function.</param>
            /// <param name="bias">Whether there are biases.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static RNNCell RNNCell(long inputSize, long hiddenSize, NonLinearities nonLinearity = NonLinearities.Tanh, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, hiddenSize, nonLinearity, bias, device, dtype);
        }
    }
}
