using System.Diagnostics.CodeAnalysis;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The largest element of each window, over volumes.</summary>
    public sealed class MaxPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal MaxPool3d(long[] kernel_size, long[]? stride, long[]? padding, long[]? dilation, bool ceil_mode) : base(nameof(MaxPool3d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.dilation = dilation;
            this.ceil_mode = ceil_mode;
        }

        /// <summary>Size of the window.</summary>
        public long[] kernel_size { get; set; }

        /// <summary>Step of the window; its size if null.</summary>
        [AllowNull]
        public long[] stride { get; set; }

        /// <summary>Elements added on all sides; 0 if null.</summary>
        [AllowNull]
        public long[] padding { get; set; }

        /// <summary>Distance of the window's elements; 1 if null.</summary>
        [AllowNull]
        public long[] dilation { get; set; }

        /// <summary>Whether a last, partial window counts.</summary>
        public bool ceil_mode { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) =>
            functional.max_pool3d(input, kernel_size, stride, padding, dilation, ceil_mode);

        /// <summary>The largest element of each window, and where it stood.</summary>
        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor input) =>
            functional.max_pool3d_with_indices(input, kernel_size, stride, padding, dilation, ceil_mode);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the largest element of each window, over volumes.</summary>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Negative infinity added on all sides; 0 if null.</param>
            /// <param name="dilation">Distance of the window's elements; 1 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            public static MaxPool3d MaxPool3d(long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                new(kernel_size.Repeat(3), stride.Repeat(3), padding.Repeat(3), dilation.Repeat(3), ceil_mode);

            /// <summary>Creates a layer that takes the largest element of each window, over volumes.</summary>
            public static MaxPool3d MaxPool3d((long, long, long) kernel_size, (long, long, long)? stride = null, (long, long, long)? padding = null, (long, long, long)? dilation = null, bool ceil_mode = false) =>
                new(kernel_size.ToArray(), stride?.ToArray(), padding?.ToArray(), dilation?.ToArray(), ceil_mode);

            /// <summary>Creates a layer that takes the largest element of each window, over volumes.</summary>
            public static MaxPool3d MaxPool3d(long[] kernel_size, long[]? stride = null, long[]? padding = null, long[]? dilation = null, bool ceil_mode = false) =>
                new(kernel_size, stride, padding, dilation, ceil_mode);
        }
    }
}
