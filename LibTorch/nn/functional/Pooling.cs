namespace TorchSharp;

using TorchSharp.Modules;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class PoolingOps
            {
                internal static readonly Op avg_pool1d = new("aten::avg_pool1d"), max_pool1d = new("aten::max_pool1d"), max_pool1d_with_indices = new("aten::max_pool1d_with_indices");
                internal static readonly Op avg_pool2d = new("aten::avg_pool2d"), max_pool2d = new("aten::max_pool2d"), max_pool2d_with_indices = new("aten::max_pool2d_with_indices");
                internal static readonly Op avg_pool3d = new("aten::avg_pool3d"), max_pool3d = new("aten::max_pool3d"), max_pool3d_with_indices = new("aten::max_pool3d_with_indices");
                internal static readonly Op adaptive_avg_pool1d = new("aten::adaptive_avg_pool1d"), adaptive_max_pool1d = new("aten::adaptive_max_pool1d");
                internal static readonly Op adaptive_avg_pool2d = new("aten::adaptive_avg_pool2d"), adaptive_max_pool2d = new("aten::adaptive_max_pool2d");
                internal static readonly Op adaptive_avg_pool3d = new("aten::adaptive_avg_pool3d"), adaptive_max_pool3d = new("aten::adaptive_max_pool3d");
            }

            /// <summary>The mean of each window.</summary>
            /// <param name="input">Shape (N, C, L) or (C, L).</param>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            /// <param name="count_include_pad">Whether the added zeros count in the mean.</param>
            public static Tensor avg_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true) =>
                Dispatcher.Call(PoolingOps.avg_pool1d, input, kernel_size, stride ?? kernel_size, padding ?? 0, ceil_mode, count_include_pad);

            /// <summary>The mean of each window.</summary>
            /// <param name="input">Shape (N, C, H, W) or (C, H, W).</param>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            /// <param name="count_include_pad">Whether the added zeros count in the mean.</param>
            /// <param name="divisor_override">What the sum is divided by; the number of elements if null.</param>
            public static Tensor avg_pool2d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Dispatcher.Call(PoolingOps.avg_pool2d, input, kernel_size, stride ?? kernel_size, padding ?? Zero, ceil_mode, count_include_pad, divisor_override is 0 ? null : divisor_override);

            /// <summary>The mean of each square window.</summary>
            public static Tensor avg_pool2d(Tensor input, long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Dispatcher.Call(PoolingOps.avg_pool2d, input, kernel_size, stride ?? kernel_size, padding, ceil_mode, count_include_pad, divisor_override is 0 ? null : divisor_override);

            /// <summary>The mean of each window.</summary>
            public static Tensor avg_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                avg_pool2d(input, kernel_size.ToArray(), stride?.ToArray(), padding?.ToArray(), ceil_mode, count_include_pad, divisor_override);

            /// <summary>The mean of each window.</summary>
            /// <param name="input">Shape (N, C, D, H, W) or (C, D, H, W).</param>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            /// <param name="count_include_pad">Whether the added zeros count in the mean.</param>
            /// <param name="divisor_override">What the sum is divided by; the number of elements if null.</param>
            public static Tensor avg_pool3d(Tensor input, long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                Dispatcher.Call(PoolingOps.avg_pool3d, input, kernel_size, stride ?? kernel_size, padding ?? Zero, ceil_mode, count_include_pad, divisor_override is 0 ? null : divisor_override);

            /// <summary>The largest element of each window.</summary>
            /// <param name="input">Shape (N, C, L) or (C, L).</param>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Negative infinity added on all sides; 0 if null.</param>
            /// <param name="dilation">Distance of the window's elements; 1 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            public static Tensor max_pool1d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call(PoolingOps.max_pool1d, input, kernel_size, stride ?? kernel_size, padding ?? 0, dilation ?? 1, ceil_mode);

            /// <summary>The largest element of each window, and where it stood.</summary>
            public static (Tensor output, Tensor indices) max_pool1d_with_indices(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call2(PoolingOps.max_pool1d_with_indices, input, kernel_size, stride ?? kernel_size, padding ?? 0, dilation ?? 1, ceil_mode);

            /// <summary>The largest element of each window.</summary>
            /// <param name="input">Shape (N, C, H, W) or (C, H, W).</param>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="strides">Step of the window; its size if null.</param>
            /// <param name="padding">Negative infinity added on all sides; 0 if null.</param>
            /// <param name="dilation">Distance of the window's elements; 1 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            public static Tensor max_pool2d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call(PoolingOps.max_pool2d, input, kernel_size, strides ?? kernel_size, padding ?? Zero, dilation ?? One, ceil_mode);

            /// <summary>The largest element of each square window.</summary>
            public static Tensor max_pool2d(Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call(PoolingOps.max_pool2d, input, kernel_size, stride ?? kernel_size, padding ?? 0, dilation ?? 1, ceil_mode);

            /// <summary>The largest element of each window.</summary>
            public static Tensor max_pool2d(Tensor input, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, kernel_size.ToArray(), stride?.ToArray(), padding?.ToArray(), dilation?.ToArray(), ceil_mode);

            /// <summary>The largest element of each window, and where it stood.</summary>
            public static (Tensor output, Tensor indices) max_pool2d_with_indices(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call2(PoolingOps.max_pool2d_with_indices, input, kernel_size, strides ?? kernel_size, padding ?? Zero, dilation ?? One, ceil_mode);

            /// <summary>The largest element of each window.</summary>
            /// <param name="input">Shape (N, C, D, H, W) or (C, D, H, W).</param>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="strides">Step of the window; its size if null.</param>
            /// <param name="padding">Negative infinity added on all sides; 0 if null.</param>
            /// <param name="dilation">Distance of the window's elements; 1 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            public static Tensor max_pool3d(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call(PoolingOps.max_pool3d, input, kernel_size, strides ?? kernel_size, padding ?? Zero, dilation ?? One, ceil_mode);

            /// <summary>The largest element of each window, and where it stood.</summary>
            public static (Tensor output, Tensor indices) max_pool3d_with_indices(Tensor input, long[] kernel_size, long[]? strides = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                Dispatcher.Call2(PoolingOps.max_pool3d_with_indices, input, kernel_size, strides ?? kernel_size, padding ?? Zero, dilation ?? One, ceil_mode);

            /// <summary>The mean of each of the windows that cover the input evenly.</summary>
            /// <param name="input">Shape (N, C, L) or (C, L).</param>
            /// <param name="output_size">Number of windows.</param>
            public static Tensor adaptive_avg_pool1d(Tensor input, long output_size) =>
                Dispatcher.Call(PoolingOps.adaptive_avg_pool1d, input, output_size);

            /// <summary>The mean of each of the windows that cover the input evenly.</summary>
            /// <param name="input">Shape (N, C, H, W) or (C, H, W).</param>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) =>
                Dispatcher.Call(PoolingOps.adaptive_avg_pool2d, input, output_size);

            /// <summary>The mean of each of the windows that cover the input evenly.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) => adaptive_avg_pool2d(input, output_size.ToArray());

            /// <summary>The mean of each of the windows that cover the input evenly, as many in every dimension.</summary>
            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => Dispatcher.Call(PoolingOps.adaptive_avg_pool2d, input, output_size);

            /// <summary>The mean of each of the windows that cover the input evenly.</summary>
            /// <param name="input">Shape (N, C, D, H, W) or (C, D, H, W).</param>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static Tensor adaptive_avg_pool3d(Tensor input, long[] output_size) =>
                Dispatcher.Call(PoolingOps.adaptive_avg_pool3d, input, output_size);

            /// <summary>The mean of each of the windows that cover the input evenly.</summary>
            public static Tensor adaptive_avg_pool3d(Tensor input, (long, long, long) output_size) => adaptive_avg_pool3d(input, output_size.ToArray());

            /// <summary>The mean of each of the windows that cover the input evenly, as many in every dimension.</summary>
            public static Tensor adaptive_avg_pool3d(Tensor input, long output_size) => Dispatcher.Call(PoolingOps.adaptive_avg_pool3d, input, output_size);

            /// <summary>The largest element of each of the windows that cover the input evenly.</summary>
            /// <param name="input">Shape (N, C, L) or (C, L).</param>
            /// <param name="output_size">Number of windows.</param>
            public static Tensor adaptive_max_pool1d(Tensor input, long output_size) =>
                Dispatcher.Call(PoolingOps.adaptive_max_pool1d, input, output_size);

            /// <summary>The largest element of each of the windows that cover the input evenly, and where it stood.</summary>
            public static (Tensor Values, Tensor Indices) adaptive_max_pool1d_with_indices(Tensor input, long output_size) =>
                Dispatcher.Call2(PoolingOps.adaptive_max_pool1d, input, output_size);

            /// <summary>The largest element of each of the windows that cover the input evenly.</summary>
            /// <param name="input">Shape (N, C, H, W) or (C, H, W).</param>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static Tensor adaptive_max_pool2d(Tensor input, long[] output_size) =>
                Dispatcher.Call(PoolingOps.adaptive_max_pool2d, input, output_size);

            /// <summary>The largest element of each of the windows that cover the input evenly, and where it stood.</summary>
            public static (Tensor Values, Tensor Indices) adaptive_max_pool2d_with_indices(Tensor input, long[] output_size) =>
                Dispatcher.Call2(PoolingOps.adaptive_max_pool2d, input, output_size);

            /// <summary>The largest element of each of the windows that cover the input evenly.</summary>
            /// <param name="input">Shape (N, C, D, H, W) or (C, D, H, W).</param>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static Tensor adaptive_max_pool3d(Tensor input, long[] output_size) =>
                Dispatcher.Call(PoolingOps.adaptive_max_pool3d, input, output_size);

            /// <summary>The largest element of each of the windows that cover the input evenly, and where it stood.</summary>
            public static (Tensor Values, Tensor Indices) adaptive_max_pool3d_with_indices(Tensor input, long[] output_size) =>
                Dispatcher.Call2(PoolingOps.adaptive_max_pool3d, input, output_size);
        }
    }
}
