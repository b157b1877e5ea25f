using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>How a layer that enlarges finds values between the given ones.</summary>
    public enum UpsampleMode
    {
        /// <summary>The nearest value.</summary>
        Nearest = 0,
        /// <summary>A line between two, for signals.</summary>
        Linear = 1,
        /// <summary>A plane between four, for images.</summary>
        Bilinear = 2,
        /// <summary>A cubic through sixteen, for images.</summary>
        Bicubic = 3,
        /// <summary>A line in each of three dimensions, for volumes.</summary>
        Trilinear = 4,
    }

    /// <summary>How values between the given ones are found.</summary>
    public enum InterpolationMode
    {
        /// <summary>The nearest value; places are rounded down.</summary>
        Nearest = 0,
        /// <summary>A line between two, for signals.</summary>
        Linear = 1,
        /// <summary>A plane between four, for images.</summary>
        Bilinear = 2,
        /// <summary>A cubic through sixteen, for images.</summary>
        Bicubic = 3,
        /// <summary>A line in each of three dimensions, for volumes.</summary>
        Trilinear = 4,
        /// <summary>The mean of the windows that cover the input evenly.</summary>
        Area = 5,
        /// <summary>The nearest value; places are rounded to the nearest, as other libraries do it.</summary>
        NearestExact = 6,
    }

    public static partial class nn
    {
        public static partial class functional
        {
            private static class InterpolationOps
            {
                internal static readonly Op[] nearest = [new("aten::upsample_nearest1d", "vec"), new("aten::upsample_nearest2d", "vec"), new("aten::upsample_nearest3d", "vec")];
                internal static readonly Op[] nearest_exact = [new("aten::_upsample_nearest_exact1d", "vec"), new("aten::_upsample_nearest_exact2d", "vec"), new("aten::_upsample_nearest_exact3d", "vec")];
                internal static readonly Op linear = new("aten::upsample_linear1d", "vec");
                internal static readonly Op bilinear = new("aten::upsample_bilinear2d", "vec"), bilinear_antialiased = new("aten::_upsample_bilinear2d_aa", "vec");
                internal static readonly Op bicubic = new("aten::upsample_bicubic2d", "vec"), bicubic_antialiased = new("aten::_upsample_bicubic2d_aa", "vec");
                internal static readonly Op trilinear = new("aten::upsample_trilinear3d", "vec");
            }

            /// <summary>Gives signals, images or volumes another size.</summary>
            /// <param name="x">Shape (N, C, L), (N, C, H, W) or (N, C, D, H, W).</param>
            /// <param name="size">The spatial sizes of the result; null to give factors.</param>
            /// <param name="scale_factor">The factors of the spatial sizes; null to give sizes.</param>
            /// <param name="mode">How values between the given ones are found.</param>
            /// <param name="align_corners">Whether the outermost elements keep their place; null for no. For the linear and cubic modes only.</param>
            /// <param name="recompute_scale_factor">Whether factors are computed anew from the sizes, which are whole numbers.</param>
            /// <param name="antialias">Whether what is made smaller is smoothed first; for images only.</param>
            /// <exception cref="ExternalException">Not just one of sizes and factors is given, their number does not fit, or the mode does not.</exception>
            public static Tensor interpolate(Tensor x, long[]? size = null, double[]? scale_factor = null, InterpolationMode mode = InterpolationMode.Nearest, bool? align_corners = null, bool recompute_scale_factor = false, bool antialias = false)
            {
                var dimensions = (int)x.ndim - 2;
                if (dimensions is < 1 or > 3)
                    throw new ExternalException($"Input Error: Only 3D, 4D and 5D input Tensors supported (got {x.ndim}D) for the modes: nearest | linear | bilinear | bicubic | trilinear (got {mode})");
                if (size is null && scale_factor is null)
                    throw new ExternalException("either size or scale_factor should be defined");
                if (size is not null && scale_factor is not null)
                    throw new ExternalException("only one of size or scale_factor should be defined");
                if ((size?.Length ?? scale_factor!.Length) != dimensions)
                    throw new ExternalException($"{(size is null ? nameof(scale_factor) : nameof(size))} shape must match input shape. Input is {dimensions}D, it has {size?.Length ?? scale_factor!.Length} elements");

                var even = mode is InterpolationMode.Nearest or InterpolationMode.NearestExact or InterpolationMode.Area;
                if (even && align_corners is not null)
                    throw new ExternalException("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear");
                if (antialias && mode is not (InterpolationMode.Bilinear or InterpolationMode.Bicubic))
                    throw new ExternalException("Anti-alias option is only supported for bilinear and bicubic modes");

                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                {
                    var factors = scale_factor;
                    size = Enumerable.Range(0, dimensions).Select(i => (long)Math.Floor(x.size(i + 2) * factors[i])).ToArray();
                    scale_factor = null;
                }

                return mode switch
                {
                    InterpolationMode.Nearest => Dispatcher.Call(InterpolationOps.nearest[dimensions - 1], x, size, scale_factor),
                    InterpolationMode.NearestExact => Dispatcher.Call(InterpolationOps.nearest_exact[dimensions - 1], x, size, scale_factor),
                    InterpolationMode.Area => dimensions switch
                    {
                        1 => adaptive_avg_pool1d(x, size![0]),
                        2 => adaptive_avg_pool2d(x, size!),
                        _ => adaptive_avg_pool3d(x, size!),
                    },
                    InterpolationMode.Linear => Between(InterpolationOps.linear, 1),
                    InterpolationMode.Bilinear => Between(antialias ? InterpolationOps.bilinear_antialiased : InterpolationOps.bilinear, 2),
                    InterpolationMode.Bicubic => Between(antialias ? InterpolationOps.bicubic_antialiased : InterpolationOps.bicubic, 2),
                    _ => Between(InterpolationOps.trilinear, 3),
                };

                Tensor Between(Op op, int needed) => dimensions == needed
                    ? Dispatcher.Call(op, x, size, align_corners ?? false, scale_factor)
                    : throw new ExternalException($"Got {x.ndim}D input, but {mode} mode needs {needed + 2}D input");
            }

            /// <summary>Enlarges signals, images or volumes; see <see cref="interpolate"/>.</summary>
            public static Tensor upsample(Tensor input, long[]? size = null, double[]? scale_factor = null, UpsampleMode mode = UpsampleMode.Nearest, bool align_corners = false) =>
                interpolate(input, size, scale_factor, (InterpolationMode)mode, mode == UpsampleMode.Nearest ? null : align_corners);

            /// <summary>Enlarges by the nearest values; see <see cref="interpolate"/>.</summary>
            public static Tensor upsample_nearest(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                upsample(x, size, scale_factor, UpsampleMode.Nearest, align_corners);

            /// <summary>Enlarges by planes between four values; see <see cref="interpolate"/>.</summary>
            public static Tensor upsample_bilinear(Tensor x, long[]? size = null, double[]? scale_factor = null, bool align_corners = false) =>
                upsample(x, size, scale_factor, UpsampleMode.Bilinear, align_corners);
        }
    }
}
