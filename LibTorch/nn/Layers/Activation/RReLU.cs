using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Leaky rectified linear unit with the mean of a range of slopes.</summary>
    public sealed class RReLU : ParameterLessModule<Tensor, Tensor>
    {
        internal RReLU(double lower, double upper, bool inplace) : base(nameof(RReLU))
        {
            this.lower = lower;
            this.upper = upper;
            this.inplace = inplace;
        }

        /// <summary>The lower end of the range of slopes.</summary>
        public double lower { get; set; }

        /// <summary>The upper end of the range of slopes.</summary>
        public double upper { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.rrelu(tensor, lower, upper, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            // The bounds of Xu et al., Empirical evaluation of rectified activations in convolution network.
            private const double one_eighth = 1.0 / 8.0;
            private const double one_third = 1.0 / 3.0;

            /// <summary>Creates a layer: leaky rectified linear unit with the mean of a range of slopes.</summary>
            /// <param name="lower">The lower end of the range of slopes.</param>
            /// <param name="upper">The upper end of the range of slopes.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static RReLU RReLU(double lower = one_eighth, double upper = one_third, bool inplace = false) => new(lower, upper, inplace);
        }
    }
}
