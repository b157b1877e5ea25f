using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A transposed convolution over signals: input (N, in_channels, L) or (in_channels, L).</summary>
    public sealed class ConvTranspose1d : ConvolutionTranspose
    {
        internal ConvTranspose1d(long in_channels, long out_channels, long kernel_size, long stride, long padding, long dilation, long output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(ConvTranspose1d), in_channels, out_channels, [kernel_size], [stride], [padding], null, [dilation], true, [output_padding], groups, bias, padding_mode, device, dtype) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input, long[]? output_size)
        {
            if (!ValidateShape(input, 1))
                throw new ArgumentException($"Expected 2D (unbatched) or 3D (batched) input with {in_channels} channels to ConvTranspose1d.");

            var added = _output_padding(input, output_size, kernel_size, stride, padding!, dilation, 1);
            return functional.conv_transpose1d(input, weight, bias, stride[0], padding![0], added[0], dilation[0], groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a transposed convolution over signals.</summary>
            /// <param name="in_channels">Channels of the input.</param>
            /// <param name="out_channels">Channels of the output.</param>
            /// <param name="kernel_size">Size of the kernel.</param>
            /// <param name="stride">Step of the kernel over the output.</param>
            /// <param name="padding">Elements cut off on both sides of the output.</param>
            /// <param name="output_padding">Elements added to one side of the output.</param>
            /// <param name="dilation">Distance of the kernel's elements.</param>
            /// <param name="padding_mode">Zeros; there is no other.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            /// <param name="bias">Whether a bias is added.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static ConvTranspose1d ConvTranspose1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long output_padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, dilation, output_padding, groups, bias, padding_mode, device, dtype);
        }
    }
}
