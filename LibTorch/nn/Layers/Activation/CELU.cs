using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Continuously differentiable exponential linear unit: max(0, x) + min(0, α·(exp(x/α) − 1)).</summary>
    public sealed class CELU : ParameterLessModule<Tensor, Tensor>
    {
        internal CELU(double alpha, bool inplace) : base(nameof(CELU))
        {
            this.alpha = alpha;
            this.inplace = inplace;
        }

        /// <summary>The α of the formula.</summary>
        public double alpha { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.celu(tensor, alpha, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: continuously differentiable exponential linear unit: max(0, x) + min(0, α·(exp(x/α) − 1)).</summary>
            /// <param name="alpha">The α of the formula.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static CELU CELU(double alpha = 1.0, bool inplace = false) => new(alpha, inplace);
        }
    }
}
