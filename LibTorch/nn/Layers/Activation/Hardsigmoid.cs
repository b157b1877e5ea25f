using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>min(max(0, x + 3), 6) / 6.</summary>
    public sealed class Hardsigmoid : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardsigmoid(bool inplace) : base(nameof(Hardsigmoid)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.hardsigmoid(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: min(max(0, x + 3), 6) / 6.</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Hardsigmoid Hardsigmoid(bool inplace = false) => new(inplace);
        }
    }
}
