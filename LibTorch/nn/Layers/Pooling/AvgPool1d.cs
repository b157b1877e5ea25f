using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The mean of each window, over signals.</summary>
    public sealed class AvgPool1d : ParameterLessModule<Tensor, Tensor>
    {
        internal AvgPool1d(long kernel_size, long? stride, long? padding, bool ceil_mode, bool count_include_pad) : base(nameof(AvgPool1d))
        {
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.padding = padding;
            this.ceil_mode = ceil_mode;
            this.count_include_pad = count_include_pad;
        }

        /// <summary>Size of the window.</summary>
        public long kernel_size { get; set; }

        /// <summary>Step of the window; its size if null.</summary>
        public long? stride { get; set; }

        /// <summary>Elements added on all sides; 0 if null.</summary>
        public long? padding { get; set; }

        /// <summary>Whether a last, partial window counts.</summary>
        public bool ceil_mode { get; set; }

        /// <summary>Whether the added zeros count in the mean.</summary>
        public bool count_include_pad { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) =>
            functional.avg_pool1d(input, kernel_size, stride, padding, ceil_mode, count_include_pad);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the mean of each window, over signals.</summary>
            /// <param name="kernel_size">Size of the window.</param>
            /// <param name="stride">Step of the window; its size if null.</param>
            /// <param name="padding">Zeros added on all sides; 0 if null.</param>
            /// <param name="ceil_mode">Whether a last, partial window counts.</param>
            /// <param name="count_include_pad">Whether the added zeros count in the mean.</param>
            public static AvgPool1d AvgPool1d(long kernel_size, long? stride = null, long padding = 0, bool ceil_mode = false, bool count_include_pad = true) =>
                new(kernel_size, stride, padding, ceil_mode, count_include_pad);
        }
    }
}
