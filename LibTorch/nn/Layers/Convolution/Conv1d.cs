using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>A convolution over signals: input (N, in_channels, L) or (in_channels, L).</summary>
    public sealed class Conv1d : Convolution
    {
        internal Conv1d(long in_channels, long out_channels, long kernel_size, long stride, long? padding, Padding? padding_type, long dilation, long groups, bool bias, PaddingModes padding_mode, Device? device, ScalarType? dtype)
            : base(nameof(Conv1d), in_channels, out_channels, [kernel_size], [stride], padding is { } p ? [p] : null, padding_type, [dilation], false, [0], groups, bias, padding_mode, device, dtype) { }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The input has another number of dimensions or channels.</exception>
        public override Tensor forward(Tensor input)
        {
            if (!ValidateShape(input, 1))
                throw new ArgumentException($"Expected 2D (unbatched) or 3D (batched) input with {in_channels} channels to Conv1d.");

            if (padding_mode != PaddingModes.Zeros)
            {
                using var padded = functional.pad(input, _reversed_padding_repeated_twice, padding_mode);
                return functional.conv1d(padded, weight, bias, stride[0], 0, dilation[0], groups);
            }

            return padding_type is { } kind
                ? functional.conv1d_padding(input, weight, bias, stride[0], kind, dilation[0], groups)
                : functional.conv1d(input, weight, bias, stride[0], padding![0], dilation[0], groups);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a convolution over signals.</summary>
            /// <param name="in_channels">Channels of the input.</param>
            /// <param name="out_channels">Channels of the output.</param>
            /// <param name="kernel_size">Size of the kernel.</param>
            /// <param name="stride">Step of the kernel.</param>
            /// <param name="padding">Elements added on both sides.</param>
            /// <param name="dilation">Distance of the kernel's elements.</param>
            /// <param name="padding_mode">What the padding consists of.</param>
            /// <param name="groups">Groups of channels that do not see each other.</param>
            /// <param name="bias">Whether a bias is added.</param>
            /// <param name="device">Where the parameters live; the default device if null.</param>
            /// <param name="dtype">Type of the parameters; the default type if null.</param>
            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, long stride = 1, long padding = 0, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, padding, null, dilation, groups, bias, padding_mode, device, dtype);

            /// <summary>Creates a convolution over signals, with a padding that follows from the kernel's size.</summary>
            public static Conv1d Conv1d(long in_channels, long out_channels, long kernel_size, Padding padding, long stride = 1, long dilation = 1, PaddingModes padding_mode = PaddingModes.Zeros, long groups = 1, bool bias = true, Device? device = null, ScalarType? dtype = null) =>
                new(in_channels, out_channels, kernel_size, stride, null, padding, dilation, groups, bias, padding_mode, device, dtype);
        }
    }
}
