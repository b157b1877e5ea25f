using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
    public sealed class GELU : ParameterLessModule<Tensor, Tensor>
    {
        /// <summary>How Φ is computed.</summary>
        public enum Approximate
        {
            /// <summary>Exactly, by the error function.</summary>
            none,

            /// <summary>As (1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2.</summary>
            tanh,
        }

        internal GELU(bool inplace, Approximate approximate = Approximate.none) : base(nameof(GELU))
        {
            this.inplace = inplace;
            this.approximate = approximate;
        }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <summary>How Φ is computed.</summary>
        public Approximate approximate { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.gelu(tensor, approximate, inplace);
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

            /// <summary>Creates a layer: gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
            /// <param name="approximate">How Φ is computed.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static GELU GELU(GELU.Approximate approximate, bool inplace = false) => new(inplace, approximate);
        }
    }
}
