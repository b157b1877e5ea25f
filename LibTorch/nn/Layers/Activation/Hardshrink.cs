using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x where |x| &gt; λ, else 0.</summary>
    public sealed class Hardshrink : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardshrink(double lambda) : base(nameof(Hardshrink)) => this.lambda = lambda;

        /// <summary>The λ of the formula.</summary>
        public double lambda { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.hardshrink(tensor, lambda);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x where |x| &gt; λ, else 0.</summary>
            /// <param name="lambda">The λ of the formula.</param>
            public static Hardshrink Hardshrink(double lambda = 0.5) => new(lambda);
        }
    }
}
