using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The mean of each window, over volumes.</summary>
    public sealed class AvgPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal AvgPool3d(long[] kernel_size, long[]? stride, long[]? padding, bool ceil_mode, bool count_include_pad, long? divisor_override) : base(nameof(AvgPool3d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.ceil_mode = ceil_mode;
            this.count_include_pad = count_include_pad;
            this.divisor_override = divisor_override;
        }

        /// <summary>Size of the window.</summary>
        public long[] kernel_size { get; set; }

        /// <summary>Step of the window; its size if null.</summary>
        [AllowNull]
        public long[] stride { get; set; }

        /// <summary>Elements added on all sides; 0 if null.</summary>
        [AllowNull]
        public long[] padding { get; set; }

        /// <summary>Whether a last, partial window counts.</summary>
        public bool ceil_mode { get; set; }

        /// <summary>Whether the added zeros count in the mean.</summary>
        public bool count_include_pad { get; set; }

        /// <summary>What the sum is divided by; the number of elements if null.</summary>
        public long? divisor_override { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) =>
            functional.avg_pool3d(input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the mean of each window, over volumes.</summary>
            public static AvgPool3d AvgPool3d(long[] kernel_size, long[]? stride = null, long[]? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override);

            /// <summary>Creates a layer that takes the mean of each window, over volumes.</summary>
            public static AvgPool3d AvgPool3d((long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(kernel_size.ToArray(), stride?.ToArray(), padding?.ToArray(), ceil_mode, count_include_pad, divisor_override);

            /// <summary>Creates a layer that takes the mean of each window, over volumes.</summary>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            /// <param name="count_include_pad">Whether the added zeros count in the mean.</param>
            /// <param name="divisor_override">What the sum is divided by; the number of elements if null.</param>
            public static AvgPool3d AvgPool3d(long kernel_size, long? stride = null, long? padding = null, bool ceil_mode = false, bool count_include_pad = true, long? divisor_override = null) =>
                new(kernel_size.Repeat(3), stride.Repeat(3), padding.Repeat(3), ceil_mode, count_include_pad, divisor_override);
        }
    }
}
