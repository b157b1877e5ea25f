using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Puts windows back where they were, and adds where they overlap: (N, C·k², L) becomes (N, C, H, W).</summary>
    public sealed class Fold : ParameterLessModule<Tensor, Tensor>
    {
        internal Fold((long, long) output_size, (long, long) kernel_size, (long, long) dilation, (long, long) padding, (long, long) stride) : base(nameof(Fold)) =>
            (this.output_size, this.kernel_size, this.dilation, this.padding, this.stride) = (output_size, kernel_size, dilation, padding, stride);

        /// <summary>Height and width of the image.</summary>
        public (long, long) output_size { get; set; }

        /// <summary>Height and width of the windows.</summary>
        public (long, long) kernel_size { get; set; }

        /// <summary>How far apart the elements of a window are.</summary>
        public (long, long) dilation { get; set; }

        /// <summary>Zeros on each side of the image.</summary>
        public (long, long) padding { get; set; }

        /// <summary>How far apart the windows are.</summary>
        public (long, long) stride { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.fold(tensor, output_size, kernel_size, dilation, padding, stride);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that puts windows back where they were.</summary>
            /// <param name="output_size">Height and width of the image.</param>
            /// <param name="kernel_size">Height and width of the windows.</param>
            /// <param name="dilation">How far apart the elements of a window are.</param>
            /// <param name="padding">Zeros on each side of the image.</param>
            /// <param name="stride">How far apart the windows are.</param>
            public static Fold Fold(long output_size, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                new((output_size, output_size), (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            /// <inheritdoc cref="Fold(long, long, long, long, long)"/>
            public static Fold Fold((long, long) output_size, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                new(output_size, kernel_size, dilation ?? (1, 1), padding ?? (0, 0), stride ?? (1, 1));
        }
    }
}
