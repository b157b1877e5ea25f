namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class FoldingOps
            {
                internal static readonly Op unfold = new("aten::im2col");
                internal static readonly Op fold = new("aten::col2im");
            }

            /// <summary>Every window of an image as a column: (N, C, H, W) becomes (N, C·k², L).</summary>
            /// <param name="input">Shape (N, C, H, W).</param>
            /// <param name="kernel_size">Height and width of the windows.</param>
            /// <param name="dilation">How far apart the elements of a window are.</param>
            /// <param name="padding">Zeros on each side of the image.</param>
            /// <param name="stride">How far apart the windows are.</param>
            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                unfold(input, (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            /// <inheritdoc cref="unfold(Tensor, long, long, long, long)"/>
            public static Tensor unfold(Tensor input, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                Dispatcher.Call(FoldingOps.unfold, input, Pair(kernel_size), Pair(dilation ?? (1, 1)), Pair(padding ?? (0, 0)), Pair(stride ?? (1, 1)));

            /// <summary>Puts windows back where they were, and adds where they overlap: (N, C·k², L) becomes (N, C, H, W).</summary>
            /// <param name="input">Shape (N, C·k², L).</param>
            /// <param name="output_size">Height and width of the image.</param>
            /// <param name="kernel_size">Height and width of the windows.</param>
            /// <param name="dilation">How far apart the elements of a window are.</param>
            /// <param name="padding">Zeros on each side of the image.</param>
            /// <param name="stride">How far apart the windows are.</param>
            public static Tensor fold(Tensor input, long output_size, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                fold(input, (output_size, output_size), (kernel_size, kernel_size), (dilation, dilation), (padding, padding), (stride, stride));

            /// <inheritdoc cref="fold(Tensor, long, long, long, long, long)"/>
            public static Tensor fold(Tensor input, (long, long) output_size, (long, long) kernel_size, (long, long)? dilation = null, (long, long)? padding = null, (long, long)? stride = null) =>
                Dispatcher.Call(FoldingOps.fold, input, Pair(output_size), Pair(kernel_size), Pair(dilation ?? (1, 1)), Pair(padding ?? (0, 0)), Pair(stride ?? (1, 1)));

            private static long[] Pair((long, long) sizes) => [sizes.Item1, sizes.Item2];
        }
    }
}
