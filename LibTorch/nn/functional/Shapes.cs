namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class ShapeOps
            {
                internal static readonly Op pixel_shuffle = new("aten::pixel_shuffle");
                internal static readonly Op pixel_unshuffle = new("aten::pixel_unshuffle");
                internal static readonly Op one_hot = new("aten::one_hot");
                internal static readonly Op cosine_similarity = new("aten::cosine_similarity");
            }

            /// <summary>Rearranges channels to pixels: (N, C·r², H, W) becomes (N, C, H·r, W·r) (Shi et al., 2016).</summary>
            /// <param name="input">Shape (N, C·r², H, W).</param>
            /// <param name="upscale_factor">The r of the formula.</param>
            public static Tensor pixel_shuffle(Tensor input, long upscale_factor) => Dispatcher.Call(ShapeOps.pixel_shuffle, input, upscale_factor);

            /// <summary>Rearranges pixels to channels: (N, C, H·r, W·r) becomes (N, C·r², H, W).</summary>
            /// <param name="input">Shape (N, C, H·r, W·r).</param>
            /// <param name="downscale_factor">The r of the formula.</param>
            public static Tensor pixel_unshuffle(Tensor input, long downscale_factor) => Dispatcher.Call(ShapeOps.pixel_unshuffle, input, downscale_factor);

            /// <summary>Class numbers as vectors that are 1 at that number and 0 elsewhere: one dimension more.</summary>
            /// <param name="x">Class numbers, 64-bit integers.</param>
            /// <param name="num_classes">Number of classes; −1 for one more than the largest number.</param>
            /// <exception cref="ArgumentException">The numbers are no 64-bit integers.</exception>
            public static Tensor one_hot(Tensor x, long num_classes = -1)
            {
                if (x.dtype != ScalarType.Int64) throw new ArgumentException("OneHot input tensor must have elements of type Int64");
                return Dispatcher.Call(ShapeOps.one_hot, x, num_classes);
            }

            /// <summary>The cosine of the angle between vectors.</summary>
            /// <param name="x1">Vectors along <paramref name="dim"/>.</param>
            /// <param name="x2">Vectors along <paramref name="dim"/>.</param>
            /// <param name="dim">The dimension of the vectors.</param>
            /// <param name="eps">The smallest divisor.</param>
            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) =>
                Dispatcher.Call(ShapeOps.cosine_similarity, x1, x2, dim, eps);
        }
    }
}
