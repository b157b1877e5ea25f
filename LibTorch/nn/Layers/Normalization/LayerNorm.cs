using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Layer normalisation (Ba et al., 2016): the last dimensions of each sample by their own mean and variance.</summary>
    public sealed class LayerNorm : Module<Tensor, Tensor>
    {
        internal LayerNorm(long[] normalized_shape, double eps, bool elementwise_affine, bool bias, Device? device, ScalarType? dtype) : base(nameof(LayerNorm))
        {
            this.normalized_shape = normalized_shape;
            this.eps = eps;
            this.elementwise_affine = elementwise_affine;

            if (!elementwise_affine) return;
            weight = Parameter(ones(normalized_shape, dtype: dtype, device: device));
            if (bias) this.bias = Parameter(zeros(normalized_shape, dtype: dtype, device: device));
        }

        /// <summary>Sets the weight to 1 and the bias to 0.</summary>
        public void reset_parameters()
        {
            if (elementwise_affine) init.ones_(weight);
            if (bias is not null) init.zeros_(bias);
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.layer_norm(tensor, normalized_shape, weight, bias, eps);

        /// <summary>Factors, of shape <see cref="normalized_shape"/>. The setter releases the old ones and registers the new ones.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        public Parameter weight
        {
            get => _weight!;
            set { if (ParameterSlot.ReplaceRequired(ref _weight, value, nameof(weight))) ConditionallyRegisterParameter(nameof(weight), _weight); }
        }

        /// <summary>Shifts, of shape <see cref="normalized_shape"/>, or null. The setter releases the old ones and registers the new ones.</summary>
        public Parameter? bias
        {
            get => _bias;
            set { if (ParameterSlot.Replace(ref _bias, value)) ConditionallyRegisterParameter(nameof(bias), _bias); }
        }

        /// <summary>The sizes of the dimensions that are normalised together.</summary>
        public long[] normalized_shape { get; set; }

        /// <summary>Added to the variance, so that nothing is divided by zero.</summary>
        public double eps { get; set; }

        /// <summary>Whether there is a weight, and perhaps a bias.</summary>
        public bool elementwise_affine { get; set; }

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
            /// <summary>Creates a layer normalisation over the last dimensions.</summary>
            /// <param name="normalized_shape">The sizes of the last dimensions.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="elementwise_affine">Whether there are a weight and a bias.</param>
            /// <param name="bias">False to leave the bias out.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static LayerNorm LayerNorm(long[] normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(normalized_shape, eps, elementwise_affine, bias, device, dtype);

            /// <summary>Creates a layer normalisation over the last dimension.</summary>
            public static LayerNorm LayerNorm(long normalized_shape, double eps = 1e-05, bool elementwise_affine = true, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new([normalized_shape], eps, elementwise_affine, bias, device, dtype);
        }
    }
}
