using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Rearranges channels to pixels: (N, C·r², H, W) becomes (N, C, H·r, W·r) (Shi et al., 2016).</summary>
    public sealed class PixelShuffle : ParameterLessModule<Tensor, Tensor>
    {
        internal PixelShuffle(long upscale_factor) : base(nameof(PixelShuffle)) => this.upscale_factor = upscale_factor;

        /// <summary>The r of the formula.</summary>
        public long upscale_factor { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.pixel_shuffle(input, upscale_factor);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: rearranges channels to pixels: (N, C·r², H, W) becomes (N, C, H·r, W·r) (Shi et al., 2016).</summary>
            /// <param name="upscale_factor">The r of the formula.</param>
            public static PixelShuffle PixelShuffle(long upscale_factor) => new(upscale_factor);
        }
    }
}
