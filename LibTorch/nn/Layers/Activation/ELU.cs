using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Exponential linear unit: x where positive, else α·(exp(x) − 1).</summary>
    public sealed class ELU : ParameterLessModule<Tensor, Tensor>
    {
        internal ELU(double alpha, bool inplace) : base(nameof(ELU))
        {
            this.alpha = alpha;
            this.inplace = inplace;
        }

        /// <summary>The α of the formula.</summary>
        public double alpha { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.elu(tensor, alpha, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: exponential linear unit: x where positive, else α·(exp(x) − 1).</summary>
            /// <param name="alpha">The α of the formula.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static ELU ELU(double alpha = 1.0, bool inplace = false) => new(alpha, inplace);
        }
    }
}
