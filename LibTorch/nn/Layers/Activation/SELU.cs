using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Scaled exponential linear unit (Klambauer et al., Self-normalizing neural networks).</summary>
    public sealed class SELU : ParameterLessModule<Tensor, Tensor>
    {
        internal SELU(bool inplace) : base(nameof(SELU)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.selu(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: scaled exponential linear unit (Klambauer et al., Self-normalizing neural networks).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static SELU SELU(bool inplace = false) => new(inplace);
        }
    }
}
