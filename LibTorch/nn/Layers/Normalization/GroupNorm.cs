using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Group normalisation (Wu and He, 2018): each group of channels of each sample by its own mean and variance.</summary>
    public sealed class GroupNorm : Module<Tensor, Tensor>
    {
        internal GroupNorm(long num_groups, long num_channels, double eps, bool affine, Device? device, ScalarType? dtype) : base(nameof(GroupNorm))
        {
            this.num_groups = num_groups;
            this.eps = eps;
            this.affine = affine;

            if (!affine) return;
            weight = Parameter(ones(num_channels, dtype: dtype, device: device));
            bias = Parameter(zeros(num_channels, dtype: dtype, device: device));
        }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The input has fewer than three dimensions.</exception>
        public override Tensor forward(Tensor tensor)
        {
            if (tensor.ndim < 3)
                throw new ArgumentException($"Invalid number of dimensions for GroupNorm argument: {tensor.ndim}");

            return functional.group_norm(tensor, num_groups, weight, bias, eps);
        }

        /// <summary>Factor of each channel. The setter releases the old one and registers the new one.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        public Parameter weight
        {
            get => _weight!;
            set { if (ParameterSlot.ReplaceRequired(ref _weight, value, nameof(weight))) ConditionallyRegisterParameter(nameof(weight), _weight); }
        }

        /// <summary>Shift of each channel, or null. The setter releases the old one and registers the new one.</summary>
        public Parameter? bias
        {
            get => _bias;
            set { if (ParameterSlot.Replace(ref _bias, value)) ConditionallyRegisterParameter(nameof(bias), _bias); }
        }

        /// <summary>Number of groups; it divides the number of channels.</summary>
        public long num_groups { get; set; }

        /// <summary>Added to the variance, so that nothing is divided by zero.</summary>
        public double eps { get; set; }

        /// <summary>Whether there are a weight and a bias.</summary>
        public bool affine { get; set; }

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
            /// <summary>Creates a group normalisation: input (N, num_channels, …).</summary>
            /// <param name="num_groups">Number of groups; it divides the number of channels.</param>
            /// <param name="num_channels">Number of channels.</param>
            /// <param name="eps">Added to the variance, so that nothing is divided by zero.</param>
            /// <param name="affine">Whether there are a weight and a bias.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static GroupNorm GroupNorm(long num_groups, long num_channels, double eps = 1e-05, bool affine = true, Device? device = null, ScalarType? dtype = null) =>
                new(num_groups, num_channels, eps, affine, device, dtype);
        }
    }
}
