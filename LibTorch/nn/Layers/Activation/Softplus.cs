using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>log(1 + exp(β·x)) / β, a smooth rectified linear unit.</summary>
    public sealed class Softplus : ParameterLessModule<Tensor, Tensor>
    {
        internal Softplus(double beta, double threshold) : base(nameof(Softplus))
        {
            this.beta = beta;
            this.threshold = threshold;
        }

        /// <summary>The β of the formula.</summary>
        public double beta { get; set; }

        /// <summary>Where β·x exceeds it, the output is x.</summary>
        public double threshold { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.softplus(tensor, beta, threshold);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: log(1 + exp(β·x)) / β, a smooth rectified linear unit.</summary>
            /// <param name="beta">The β of the formula.</param>
            /// <param name="threshold">Where β·x exceeds it, the output is x.</param>
            public static Softplus Softplus(double beta = 1, double threshold = 20) => new(beta, threshold);
        }
    }
}
