namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class ConvolutionOps
            {
                internal static readonly Op conv1d = new("aten::conv1d");
                internal static readonly Op conv2d = new("aten::conv2d");
                internal static readonly Op conv3d = new("aten::conv3d");
                internal static readonly Op conv1d_padding = new("aten::conv1d", "padding");
                internal static readonly Op conv2d_padding = new("aten::conv2d", "padding");
                internal static readonly Op conv3d_padding = new("aten::conv3d", "padding");
                internal static readonly Op conv_transpose1d = new("aten::conv_transpose1d");
                internal static readonly Op conv_transpose2d = new("aten::conv_transpose2d", "input");
                internal static readonly Op conv_transpose3d = new("aten::conv_transpose3d", "input");
                internal static readonly Op linear = new("aten::linear");
            }

            private static readonly long[] Zero = [0];
            private static readonly long[] One = [1];

            private static string NameOf(Padding padding) => padding == Padding.Same ? "same" : "valid";

            /// <summary>y = x·Wᵀ + b over the last dimension.</summary>
            /// <param name="input">Shape (…, in_features).</param>
            /// <param name="weights">Shape (out_features, in_features).</param>
            /// <param name="bias">Shape (out_features), or null.</param>
            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) =>
                Dispatcher.Call(ConvolutionOps.linear, input, weights, bias);

            /// <summary>Convolution over signals.</summary>
            /// <param name="input">Shape (N, C, L) or (C, L).</param>
            /// <param name="weight">Shape (out_channels, C / groups, kernel).</param>
            /// <param name="bias">Shape (out_channels), or null.</param>
            /// <param name="stride">Step of the kernel; 1 if null.</param>
            /// <param name="padding">Zeros added on both sides; 0 if null.</param>
            /// <param name="dilation">Distance of the kernel's elements; 1 if null.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            public static Tensor conv1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv1d, input, weight, bias, stride ?? 1, padding ?? 0, dilation ?? 1, groups);

            /// <summary>Convolution over signals, with a padding that follows from the kernel's size.</summary>
            public static Tensor conv1d_padding(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, Padding padding = Padding.Valid, long? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv1d_padding, input, weight, bias, stride ?? 1, NameOf(padding), dilation ?? 1, groups);

            /// <summary>Convolution over images.</summary>
            /// <param name="input">Shape (N, C, H, W) or (C, H, W).</param>
            /// <param name="weight">Shape (out_channels, C / groups, kernel height, kernel width).</param>
            /// <param name="bias">Shape (out_channels), or null.</param>
            /// <param name="strides">Step of the kernel; 1 if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="dilation">Distance of the kernel's elements; 1 if null.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            public static Tensor conv2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv2d, input, weight, bias, strides ?? One, padding ?? Zero, dilation ?? One, groups);

            /// <summary>Convolution over images, with a padding that follows from the kernel's size.</summary>
            public static Tensor conv2d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv2d_padding, input, weight, bias, strides ?? One, NameOf(padding), dilation ?? One, groups);

            /// <summary>Convolution over volumes.</summary>
            /// <param name="input">Shape (N, C, D, H, W) or (C, D, H, W).</param>
            /// <param name="weight">Shape (out_channels, C / groups, kernel depth, kernel height, kernel width).</param>
            /// <param name="bias">Shape (out_channels), or null.</param>
            /// <param name="strides">Step of the kernel; 1 if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="dilation">Distance of the kernel's elements; 1 if null.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            public static Tensor conv3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv3d, input, weight, bias, strides ?? One, padding ?? Zero, dilation ?? One, groups);

            /// <summary>Convolution over volumes, with a padding that follows from the kernel's size.</summary>
            public static Tensor conv3d_padding(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, Padding padding = Padding.Valid, long[]? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv3d_padding, input, weight, bias, strides ?? One, NameOf(padding), dilation ?? One, groups);

            /// <summary>Transposed convolution over signals: the gradient of a convolution by its input.</summary>
            /// <param name="input">Shape (N, C, L) or (C, L).</param>
            /// <param name="weight">Shape (C, out_channels / groups, kernel).</param>
            /// <param name="bias">Shape (out_channels), or null.</param>
            /// <param name="stride">Step of the kernel over the output; 1 if null.</param>
            /// <param name="padding">Elements cut off on both sides of the output; 0 if null.</param>
            /// <param name="output_padding">Elements added to one side of the output; 0 if null.</param>
            /// <param name="dilation">Distance of the kernel's elements; 1 if null.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            public static Tensor conv_transpose1d(Tensor input, Tensor weight, Tensor? bias = null, long? stride = null, long? padding = null, long? output_padding = null, long? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv_transpose1d, input, weight, bias, stride ?? 1, padding ?? 0, output_padding ?? 0, groups, dilation ?? 1);

            /// <summary>Transposed convolution over images; the parameters are those of <see cref="conv_transpose1d"/>, per dimension.</summary>
            public static Tensor conv_transpose2d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv_transpose2d, input, weight, bias, strides ?? One, padding ?? Zero, output_padding ?? Zero, groups, dilation ?? One);

            /// <summary>Transposed convolution over volumes; the parameters are those of <see cref="conv_transpose1d"/>, per dimension.</summary>
            public static Tensor conv_transpose3d(Tensor input, Tensor weight, Tensor? bias = null, long[]? strides = null, long[]? padding = null, long[]? output_padding = null, long[]? dilation = null, long groups = 1) =>
                Dispatcher.Call(ConvolutionOps.conv_transpose3d, input, weight, bias, strides ?? One, padding ?? Zero, output_padding ?? Zero, groups, dilation ?? One);
        }
    }
}
