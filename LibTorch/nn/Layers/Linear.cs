using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>An affine map of the last dimension: y = x·Wᵀ + b.</summary>
    public sealed class Linear : Module<Tensor, Tensor>
    {
        internal Linear(Parameter weight, Parameter? bias = null) : base(nameof(Linear))
        {
            in_features = weight.size(1);
            out_features = weight.size(0);
            this.weight = weight;
            this.bias = bias;
        }

        internal Linear(long inputSize, long outputSize, bool hasBias, Device? device, ScalarType? dtype) : base(nameof(Linear))
        {
            in_features = inputSize;
            out_features = outputSize;
            weight = Parameter(empty(outputSize, inputSize, dtype: dtype, device: device));
            if (hasBias) bias = Parameter(empty(outputSize, dtype: dtype, device: device));
            LayerDefaults.Reset(weight, bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.linear(tensor, _weight!, _bias);

        /// <summary>Weight of shape (out_features, in_features). The setter releases the old one and registers the new one.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        public Parameter weight
        {
            get => _weight!;
            set { if (ParameterSlot.ReplaceRequired(ref _weight, value, nameof(weight))) ConditionallyRegisterParameter(nameof(weight), _weight); }
        }

        /// <summary>Bias of shape (out_features), or null. The setter releases the old one and registers the new one.</summary>
        public Parameter? bias
        {
            get => _bias;
            set { if (ParameterSlot.Replace(ref _bias, value)) ConditionallyRegisterParameter(nameof(bias), _bias); }
        }

        /// <summary>Features of each input sample. Descriptive: <see cref="forward"/> goes by the weight's shape.</summary>
        public long in_features { get; set; }

        /// <summary>Features of each output sample. Descriptive: <see cref="forward"/> goes by the weight's shape.</summary>
        public long out_features { get; set; }

        [ComponentName(Name = nameof(bias))]
        private Parameter? _bias;

        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a fully connected layer, its weight and bias drawn from U(−1/√inputSize, 1/√inputSize).</summary>
            /// <param name="inputSize">Features of each input sample.</param>
            /// <param name="outputSize">Features of each output sample.</param>
            /// <param name="hasBias">Whether a bias is added.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static Linear Linear(long inputSize, long outputSize, bool hasBias = true, Device? device = null, ScalarType? dtype = null) =>
                new(inputSize, outputSize, hasBias, device, dtype);

            /// <summary>Creates a fully connected layer from existing parameters, which the layer then owns.</summary>
            /// <param name="weight">Weight of shape (out_features, in_features).</param>
            /// <param name="bias">Bias of shape (out_features), or null.</param>
            public static Linear Linear(Parameter weight, Parameter? bias = null) => new(weight, bias);
        }
    }
}
