using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The softmax over the channels of (N, C, H, W) or (C, H, W).</summary>
    public sealed class Softmax2d : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmax2d() : base(nameof(Softmax2d)) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.softmax2d(tensor);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: the softmax over the channels of (N, C, H, W) or (C, H, W).</summary>
            public static Softmax2d Softmax2d() => new();
        }
    }
}
