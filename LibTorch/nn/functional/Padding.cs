namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            private static readonly Op pad_op = new("aten::pad");

            private static string NameOf(PaddingModes mode) => mode switch
            {
                PaddingModes.Reflect => "reflect",
                PaddingModes.Replicate => "replicate",
                PaddingModes.Circular => "circular",
                _ => "constant",
            };

            /// <summary>Adds elements around a tensor.</summary>
            /// <param name="input">A tensor of any shape.</param>
            /// <param name="pad">How many before and after the last dimension, then before and after the one before it, and so on.</param>
            /// <param name="mode">What they are.</param>
            /// <param name="value">Their value, for a constant.</param>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Dispatcher.Call(pad_op, input, pad, NameOf(mode), value);

            /// <summary>Adds elements around a tensor.</summary>
            /// <param name="input">A tensor of any shape.</param>
            /// <param name="pad">How many before and after the last dimension, then before and after the one before it, and so on.</param>
            /// <param name="mode">What they are.</param>
            /// <param name="value">Their value, for a constant.</param>
            public static Tensor pad(Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                Dispatcher.Call(pad_op, input, pad, NameOf(mode), value);

            /// <summary>Adds elements before and after the last dimension.</summary>
            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            /// <summary>Adds elements before and after the last dimension, and before and after the one before it.</summary>
            public static Tensor pad(Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            /// <summary>Adds as many elements before and after every dimension.</summary>
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, Modules.TupleExtensions.Repeat(pad, 2 * (int)input.ndim), mode, value);
        }
    }
}
