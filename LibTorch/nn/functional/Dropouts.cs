namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static class DropoutOps
            {
                internal static readonly Op dropout = new("aten::dropout"), dropout_ = new("aten::dropout_");
                internal static readonly Op feature_dropout = new("aten::feature_dropout"), feature_dropout_ = new("aten::feature_dropout_");
                internal static readonly Op alpha_dropout = new("aten::alpha_dropout"), alpha_dropout_ = new("aten::alpha_dropout_");
                internal static readonly Op feature_alpha_dropout = new("aten::feature_alpha_dropout"), feature_alpha_dropout_ = new("aten::feature_alpha_dropout_");
                internal static readonly Op unsqueeze = new("aten::unsqueeze"), squeeze = new("aten::squeeze", "dim");
            }

            /// <summary>Sets elements to zero with probability <paramref name="p"/> and scales the others by 1 / (1 − p).</summary>
            /// <param name="input">A tensor of any shape.</param>
            /// <param name="p">Probability of an element to be dropped.</param>
            /// <param name="training">False to hand the input on as it is.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                Dispatcher.Call(inplace ? DropoutOps.dropout_ : DropoutOps.dropout, input, p, training);

            /// <summary>Dropout of whole channels of (N, C, L) or (C, L).</summary>
            public static Tensor dropout1d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                feature_dropout(input, 3, p, training, inplace);

            /// <summary>Dropout of whole channels of (N, C, H, W) or (C, H, W).</summary>
            public static Tensor dropout2d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                feature_dropout(input, 4, p, training, inplace);

            /// <summary>Dropout of whole channels of (N, C, D, H, W) or (C, D, H, W).</summary>
            public static Tensor dropout3d(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                feature_dropout(input, 5, p, training, inplace);

            // aten's operator takes dimension 1 for the channels, so a sample without a batch is made a batch of one.
            private static Tensor feature_dropout(Tensor input, long batched_ndim, double p, bool training, bool inplace)
            {
                var op = inplace ? DropoutOps.feature_dropout_ : DropoutOps.feature_dropout;
                if (input.ndim == batched_ndim) return Dispatcher.Call(op, input, p, training);

                using var batch = Dispatcher.Call(DropoutOps.unsqueeze, input, 0L);
                using var result = Dispatcher.Call(op, batch, p, training);
                return Dispatcher.Call(DropoutOps.squeeze, result, 0L);
            }

            /// <summary>Dropout that keeps mean and variance of a self-normalising network: dropped elements take the negative saturation value of <see cref="selu"/>.</summary>
            public static Tensor alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                Dispatcher.Call(inplace ? DropoutOps.alpha_dropout_ : DropoutOps.alpha_dropout, input, p, training);

            /// <summary>Alpha dropout of whole channels.</summary>
            public static Tensor feature_alpha_dropout(Tensor input, double p = 0.5, bool training = false, bool inplace = false) =>
                Dispatcher.Call(inplace ? DropoutOps.feature_alpha_dropout_ : DropoutOps.feature_alpha_dropout, input, p, training);
        }
    }
}
