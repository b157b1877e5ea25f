using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>1 / (1 + exp(−x)).</summary>
    public sealed class Sigmoid : ParameterLessModule<Tensor, Tensor>
    {
        internal Sigmoid(bool inplace) : base(nameof(Sigmoid)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.sigmoid(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: 1 / (1 + exp(−x)).</summary>
            public static Sigmoid Sigmoid() => new(false);

            /// <summary>Creates a layer: 1 / (1 + exp(−x)).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Sigmoid Sigmoid(bool inplace) => new(inplace);
        }
    }
}
