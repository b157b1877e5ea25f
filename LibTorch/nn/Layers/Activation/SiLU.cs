using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x·sigmoid(x).</summary>
    public sealed class SiLU : ParameterLessModule<Tensor, Tensor>
    {
        internal SiLU(bool inplace) : base(nameof(SiLU)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.silu(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x·sigmoid(x).</summary>
            public static SiLU SiLU() => new(false);

            /// <summary>Creates a layer: x·sigmoid(x).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static SiLU SiLU(bool inplace) => new(inplace);
        }
    }
}
