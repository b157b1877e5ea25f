using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Every window of an image as a column: (N, C, H, W) becomes (N, C·k², L).</summary>
    public sealed class Unfold : ParameterLessModule<Tensor, Tensor>
    {
        internal Unfold((long, long) kernel_size, (long, long) dilation, (long, long) padding, (long, long) stride) : base(nameof(Unfold)) =>
            (this.kernel_size, this.dilation, this.padding, this.stride) = (kernel_size, dilation, padding, stride);

        /// <summary>Height and width of the windows.</summary>
        public (long, long) kernel_size { get; set; }

        /// <summary>How far apart the elements of a window are.</summary>
        public (long, long) dilation { get; set; }

        /// <summary>Zeros on each side of the image.</summary>
        public (long, long) padding { get; set; }

        /// <summary>How far apart the windows are.</summary>
        public (long, long) stride { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.unfold(tensor, kernel_size, dilation, padding, stride);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that makes a column of every window of an image.</summary>
            /// <param name="kernel_size">Height and width of the windows.</param>
            /// <param name="dilation">How far apart the elements of a window are.</param>
            /// <param name="padding">Zeros on each side of the image.</param>
            /// <param name="stride">How far apart the windows are.</param>
            public static Unfold Unfold(long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                new((kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            /// <inheritdoc cref="Unfold(long, long, long, long)"/>
            public static Unfold Unfold((long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                new(kernel_size, dilation ?? (1, 1), padding ?? (0, 0), stride ?? (1, 1));
        }
    }
}
