using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Enlarges signals, images or volumes.</summary>
    public sealed class Upsample : ParameterLessModule<Tensor, Tensor>
    {
        private readonly long[]? _size;
        private readonly double[]? _scale_factor;

        internal Upsample(long[]? size, double[]? scale_factor, UpsampleMode mode, bool? align_corners, bool? recompute_scale_factor) : base(nameof(Upsample))
        {
            _size = size;
            _scale_factor = scale_factor;
            this.mode = mode;
            this.align_corners = align_corners;
            this.recompute_scale_factor = recompute_scale_factor;
        }

        /// <summary>The spatial sizes of the output; empty if factors are given.</summary>
        public ReadOnlySpan<long> size => _size;

        /// <summary>The factors of the spatial sizes; empty if sizes are given.</summary>
        public ReadOnlySpan<double> scale_factor => _scale_factor;

        /// <summary>How values between the given ones are found.</summary>
        public UpsampleMode mode { get; private set; }

        /// <summary>Whether the outermost elements keep their place; null for no.</summary>
        public bool? align_corners { get; private set; }

        /// <summary>Whether factors are computed anew from the sizes, which are whole numbers; null for no.</summary>
        public bool? recompute_scale_factor { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) =>
            functional.interpolate(input, _size, _scale_factor, (InterpolationMode)mode, align_corners, recompute_scale_factor ?? false);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that enlarges (N, C, L), (N, C, H, W) or (N, C, D, H, W).</summary>
            /// <param name="size">The spatial sizes of the output; null to give factors.</param>
            /// <param name="scale_factor">The factors of the spatial sizes; null to give sizes.</param>
            /// <param name="mode">How values between the given ones are found.</param>
            /// <param name="align_corners">Whether the outermost elements keep their place; null for no.</param>
            /// <param name="recompute_scale_factor">Whether factors are computed anew from the sizes, which are whole numbers; null for no.</param>
            public static Upsample Upsample(long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool? align_corners = null, bool? recompute_scale_factor = null) =>
                new(size, scale_factor, mode, align_corners, recompute_scale_factor);
        }
    }
}
