using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Rearranges pixels to channels: (N, C, H·r, W·r) becomes (N, C·r², H, W).</summary>
    public sealed class PixelUnshuffle : ParameterLessModule<Tensor, Tensor>
    {
        internal PixelUnshuffle(long downscale_factor) : base(nameof(PixelUnshuffle)) => this.downscale_factor = downscale_factor;

        /// <summary>The r of the formula.</summary>
        public long downscale_factor { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.pixel_unshuffle(input, downscale_factor);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: rearranges pixels to channels: (N, C, H·r, W·r) becomes (N, C·r², H, W).</summary>
            /// <param name="downscale_factor">The r of the formula.</param>
            public static PixelUnshuffle PixelUnshuffle(long downscale_factor) => new(downscale_factor);
        }
    }
}
