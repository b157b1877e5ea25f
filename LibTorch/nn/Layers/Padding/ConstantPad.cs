using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>Pads signals with a constant.</summary>
    public sealed class ConstantPad1d : PadBase
    {
        internal ConstantPad1d(double value, params long[] padding) : base(nameof(ConstantPad1d), PaddingModes.Constant, value, padding) { }
    }

    /// <summary>Pads images with a constant.</summary>
    public sealed class ConstantPad2d : PadBase
    {
        internal ConstantPad2d(double value, params long[] padding) : base(nameof(ConstantPad2d), PaddingModes.Constant, value, padding) { }
    }

    /// <summary>Pads volumes with a constant.</summary>
    public sealed class ConstantPad3d : PadBase
    {
        internal ConstantPad3d(double value, params long[] padding) : base(nameof(ConstantPad3d), PaddingModes.Constant, value, padding) { }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that pads signals with a constant.</summary>
            /// <param name="padding">Elements added on every side.</param>
            /// <param name="value">The constant.</param>
            public static ConstantPad1d ConstantPad1d(long padding, double value) => new(value, padding, padding);

            /// <summary>Creates a layer that pads signals with a constant.</summary>
            /// <param name="padding">Elements added: (left, right).</param>
            /// <param name="value">The constant.</param>
            public static ConstantPad1d ConstantPad1d((long, long) padding, double value) => new(value, padding.Item1, padding.Item2);

            /// <summary>Creates a layer that pads images with a constant.</summary>
            /// <param name="padding">Elements added on every side.</param>
            /// <param name="value">The constant.</param>
            public static ConstantPad2d ConstantPad2d(long padding, double value) => new(value, padding, padding, padding, padding);

            /// <summary>Creates a layer that pads images with a constant.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom).</param>
            /// <param name="value">The constant.</param>
            public static ConstantPad2d ConstantPad2d((long, long, long, long) padding, double value) => new(value, padding.Item1, padding.Item2, padding.Item3, padding.Item4);

            /// <summary>Creates a layer that pads volumes with a constant.</summary>
            /// <param name="padding">Elements added on every side.</param>
            /// <param name="value">The constant.</param>
            public static ConstantPad3d ConstantPad3d(long padding, double value) => new(value, padding, padding, padding, padding, padding, padding);

            /// <summary>Creates a layer that pads volumes with a constant.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom, front, back).</param>
            /// <param name="value">The constant.</param>
            public static ConstantPad3d ConstantPad3d((long, long, long, long, long, long) padding, double value) => new(value, padding.Item1, padding.Item2, padding.Item3, padding.Item4, padding.Item5, padding.Item6);
        }
    }
}
