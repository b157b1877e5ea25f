using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
    public sealed class GELU : ParameterLessModule<Tensor, Tensor>
    {
        internal GELU(bool inplace) : base(nameof(GELU)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.gelu(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
            public static GELU GELU() => new(false);

            /// <summary>Creates a layer: gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static GELU GELU(bool inplace) => new(inplace);
        }
    }
}
