using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The input, cut off below and above.</summary>
    public sealed class Hardtanh : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardtanh(double min_val, double max_val, bool inplace) : base(nameof(Hardtanh))
        {
            this.min_val = min_val;
            this.max_val = max_val;
            this.inplace = inplace;
        }

        /// <summary>The lowest output.</summary>
        public double min_val { get; set; }

        /// <summary>The highest output.</summary>
        public double max_val { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.hardtanh(tensor, min_val, max_val, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: the input, cut off below and above.</summary>
            /// <param name="min_val">The lowest output.</param>
            /// <param name="max_val">The highest output.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Hardtanh Hardtanh(double min_val = -1.0, double max_val = 1.0, bool inplace = false) => new(min_val, max_val, inplace);
        }
    }
}
