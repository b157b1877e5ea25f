using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A transposed convolution over images: input (N, in_channels, H, W) or (in_channels, H, W).</summary>
    public sealed class ConvTranspose2d : ConvolutionTranspose
    {
        internal ConvTranspose2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long) stride, (long, long) padding, (long, long) dilation, (long, long) output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(ConvTranspose2d), in_channels, out_channels, kernel_size.ToArray(), stride.ToArray(), padding.ToArray(), null, dilation.ToArray(), true, output_padding.ToArray(), groups, bias, padding_mode, device, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, long[]? output_size)
        {
            if (!ValidateShape(input, 2))
                throw new ArgumentException($"Expected 3D (unbatched) or 4D (batched) input with {in_channels} channels to ConvTranspose2d.");

            var added = _output_padding(input, output_size, kernel_size, stride, padding!, dilation, 2);
            return functional.conv_transpose2d(input, weight, bias, stride, padding, added, dilation, groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a transposed convolution over images.</summary>
            /// <param name="in_channels">Channels of the input.</param>
            /// <param name="out_channels">Channels of the output.</param>
            /// <param name="kernel_size">Size of the kernel.</param>
            /// <param name="stride">Step of the kernel over the output.</param>
            /// <param name="padding">Elements cut off on all sides of the output.</param>
            /// <param name="output_padding">Elements added to one side of the output.</param>
            /// <param name="dilation">Distance of the kernel's elements.</param>
            /// <param name="padding_mode">Zeros; there is no other.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            /// <param name="bias">Whether a bias is added.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size), (stride, stride), (padding, padding), (dilation, dilation), (output_padding, output_padding), groups, bias, padding_mode, device, dtype);

            /// <summary>Creates a transposed convolution over images, with sizes for each dimension.</summary>
            public static ConvTranspose2d ConvTranspose2d(long in_channels, long out_channels, (long, long) kernel_size, (long, long)? stride = null, (long, long)? padding = null, (long, long)? output_padding = null, (long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1), padding ?? (0, 0), dilation ?? (1, 1), output_padding ?? (0, 0), groups, bias, padding_mode, device, dtype);
        }
    }
}
