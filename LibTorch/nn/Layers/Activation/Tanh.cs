using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The hyperbolic tangent.</summary>
    public sealed class Tanh : ParameterLessModule<Tensor, Tensor>
    {
        internal Tanh(bool inplace) : base(nameof(Tanh)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.tanh(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: the hyperbolic tangent.</summary>
            public static Tanh Tanh() => new(false);

            /// <summary>Creates a layer: the hyperbolic tangent.</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Tanh Tanh(bool inplace = false) => new(inplace);
        }
    }
}
