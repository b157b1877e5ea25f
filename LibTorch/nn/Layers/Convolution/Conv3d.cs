using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A convolution over volumes: input (N, in_channels, D, H, W) or (in_channels, D, H, W).</summary>
    public sealed class Conv3d : Convolution
    {
        internal Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long) stride, (long, long, long)? padding, Padding? padding_type, (long, long, long) dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(Conv3d), in_channels, out_channels, kernel_size.ToArray(), stride.ToArray(), padding?.ToArray(), padding_type, dilation.ToArray(), false, [0, 0, 0], groups, bias, padding_mode, device, dtype) { }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The input has another number of dimensions or channels.</exception>
        public override Tensor forward(Tensor input)
        {
            if (!ValidateShape(input, 3))
                throw new ArgumentException($"Expected 4D (unbatched) or 5D (batched) input with {in_channels} channels to Conv3d.");

            if (padding_mode != PaddingModes.Zeros)
            {
                using var padded = functional.pad(input, _reversed_padding_repeated_twice, padding_mode);
                return functional.conv3d(padded, weight, bias, stride, [0, 0, 0], dilation, groups);
            }

            return padding_type is { } kind
                ? functional.conv3d_padding(input, weight, bias, stride, kind, dilation, groups)
                : functional.conv3d(input, weight, bias, stride, padding, dilation, groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a convolution over volumes.</summary>
            /// <param name="in_channels">Channels of the input.</param>
            /// <param name="out_channels">Channels of the output.</param>
            /// <param name="kernel_size">Size of the kernel.</param>
            /// <param name="stride">Step of the kernel.</param>
            /// <param name="padding">Elements added on all sides.</param>
            /// <param name="dilation">Distance of the kernel's elements.</param>
            /// <param name="padding_mode">What the padding consists of.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            /// <param name="bias">Whether a bias is added.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static Conv3d Conv3d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size, kernel_size), (stride, stride, stride), (padding, padding, padding), null, (dilation, dilation, dilation), groups, bias, padding_mode, device, dtype);

            /// <summary>Creates a convolution over volumes, with sizes for each dimension.</summary>
            public static Conv3d Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1, 1), padding ?? (0, 0, 0), null, dilation ?? (1, 1, 1), groups, bias, padding_mode, device, dtype);

            /// <summary>Creates a convolution over volumes, with a padding that follows from the kernel's size.</summary>
            public static Conv3d Conv3d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, (kernel_size, kernel_size, kernel_size), (stride, stride, stride), null, padding, (dilation, dilation, dilation), groups, bias, padding_mode, device, dtype);

            /// <summary>Creates a convolution over volumes, with sizes for each dimension and a padding that follows from the kernel's size.</summary>
            public static Conv3d Conv3d(long in_channels, long out_channels, (long, long, long) kernel_size, Padding padding, (long, long, long)? stride = null, (long, long, long)? dilation = null, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride ?? (1, 1, 1), null, padding, dilation ?? (1, 1, 1), groups, bias, padding_mode, device, dtype);
        }
    }
}
