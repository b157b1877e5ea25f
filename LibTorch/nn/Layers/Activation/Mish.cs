using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x·tanh(softplus(x)) (Misra, Mish: a self regularized non-monotonic activation function).</summary>
    public sealed class Mish : ParameterLessModule<Tensor, Tensor>
    {
        internal Mish(bool inplace) : base(nameof(Mish)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.mish(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x·tanh(softplus(x)) (Misra, Mish: a self regularized non-monotonic activation function).</summary>
            public static Mish Mish() => new(false);

            /// <summary>Creates a layer: x·tanh(softplus(x)) (Misra, Mish: a self regularized non-monotonic activation function).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Mish Mish(bool inplace) => new(inplace);
        }
    }
}
