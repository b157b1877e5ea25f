namespace TorchSharp;

public static partial class torch
{
    /// <summary>How values between the given ones are found where a grid asks for them.</summary>
    public enum GridSampleMode
    {
        /// <summary>The nearest value.</summary>
        Nearest = 0,
        /// <summary>A plane between four.</summary>
        Bilinear = 2,
    }

    /// <summary>What a grid finds outside of its input.</summary>
    public enum GridSamplePaddingMode
    {
        /// <summary>Zeros.</summary>
        Zeros = 0,
        /// <summary>The input, mirrored at its border.</summary>
        Reflection = 1,
        /// <summary>The value at the border.</summary>
        Border = 2,
    }

    public static partial class nn
    {
        public static partial class functional
        {
            private static class SamplingOps
            {
                internal static readonly Op grid_sample = new("aten::grid_sampler");
                internal static readonly Op affine_grid = new("aten::affine_grid_generator");
            }

            /// <summary>Samples images or volumes at the places that a grid holds.</summary>
            /// <param name="input">Shape (N, C, H, W) or (N, C, D, H, W).</param>
            /// <param name="grid">Places from −1 to 1, shape (N, h, w, 2) or (N, d, h, w, 3).</param>
            /// <param name="mode">How values between the given ones are found.</param>
            /// <param name="padding_mode">What is found outside of the input.</param>
            /// <param name="align_corners">Whether −1 and 1 are the centres of the outermost elements and not their edges; null for no.</param>
            public static Tensor grid_sample(Tensor input, Tensor grid, GridSampleMode mode = GridSampleMode.Bilinear, GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros, bool? align_corners = null)
            {
                // The operator numbers them in its own way.
                var how = mode == GridSampleMode.Nearest ? 1 : 0;
                var outside = padding_mode switch { GridSamplePaddingMode.Border => 1, GridSamplePaddingMode.Reflection => 2, _ => 0 };
                return Dispatcher.Call(SamplingOps.grid_sample, input, grid, how, outside, align_corners ?? false);
            }

            /// <summary>The grid that turns, scales and shifts images or volumes.</summary>
            /// <param name="theta">A matrix for each, shape (N, 2, 3) or (N, 3, 4).</param>
            /// <param name="size">The shape of the result of <see cref="grid_sample"/>.</param>
            /// <param name="align_corners">Whether −1 and 1 are the centres of the outermost elements and not their edges.</param>
            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) =>
                Dispatcher.Call(SamplingOps.affine_grid, theta, size ?? [], align_corners);
        }
    }
}
