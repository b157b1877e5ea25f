using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x moved towards 0 by λ, and 0 where |x| ≤ λ.</summary>
    public sealed class Softshrink : ParameterLessModule<Tensor, Tensor>
    {
        internal Softshrink(double lambda) : base(nameof(Softshrink)) => this.lambda = lambda;

        /// <summary>The λ of the formula.</summary>
        public double lambda { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.softshrink(tensor, lambda);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x moved towards 0 by λ, and 0 where |x| ≤ λ.</summary>
            /// <param name="lambda">The λ of the formula.</param>
            public static Softshrink Softshrink(double lambda = 0.5) => new(lambda);
        }
    }
}
