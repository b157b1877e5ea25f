using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x where it exceeds a threshold, else a value.</summary>
    public sealed class Threshold : ParameterLessModule<Tensor, Tensor>
    {
        internal Threshold(double threshold, double value, bool inplace) : base(nameof(Threshold))
        {
            this.threshold = threshold;
            this.value = value;
            this.inplace = inplace;
        }

        /// <summary>What the input must exceed.</summary>
        public double threshold { get; set; }

        /// <summary>The output elsewhere.</summary>
        public double value { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.threshold(tensor, threshold, value, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x where it exceeds a threshold, else a value.</summary>
            /// <param name="threshold">What the input must exceed.</param>
            /// <param name="value">The output elsewhere.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Threshold Threshold(double threshold, double value, bool inplace = false) => new(threshold, value, inplace);
        }
    }
}
