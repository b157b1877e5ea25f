using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x·min(max(0, x + 3), 6) / 6 (Howard et al., Searching for MobileNetV3).</summary>
    public sealed class Hardswish : ParameterLessModule<Tensor, Tensor>
    {
        internal Hardswish(bool inplace) : base(nameof(Hardswish)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.hardswish(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x·min(max(0, x + 3), 6) / 6 (Howard et al., Searching for MobileNetV3).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Hardswish Hardswish(bool inplace = false) => new(inplace);
        }
    }
}
