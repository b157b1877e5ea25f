using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>Pads signals with the input mirrored at its border, which is not repeated.</summary>
    public sealed class ReflectionPad1d : PadBase
    {
        internal ReflectionPad1d(params long[] padding) : base(nameof(ReflectionPad1d), PaddingModes.Reflect, 0, padding) { }
    }

    /// <summary>Pads images with the input mirrored at its border, which is not repeated.</summary>
    public sealed class ReflectionPad2d : PadBase
    {
        internal ReflectionPad2d(params long[] padding) : base(nameof(ReflectionPad2d), PaddingModes.Reflect, 0, padding) { }
    }

    /// <summary>Pads volumes with the input mirrored at its border, which is not repeated.</summary>
    public sealed class ReflectionPad3d : PadBase
    {
        internal ReflectionPad3d(params long[] padding) : base(nameof(ReflectionPad3d), PaddingModes.Reflect, 0, padding) { }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that pads signals with the input mirrored at its border, which is not repeated.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ReflectionPad1d ReflectionPad1d(long padding) => new(padding, padding);

            /// <summary>Creates a layer that pads signals with the input mirrored at its border, which is not repeated.</summary>
            /// <param name="padding">Elements added: (left, right).</param>
            public static ReflectionPad1d ReflectionPad1d((long, long) padding) => new(padding.Item1, padding.Item2);

            /// <summary>Creates a layer that pads images with the input mirrored at its border, which is not repeated.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ReflectionPad2d ReflectionPad2d(long padding) => new(padding, padding, padding, padding);

            /// <summary>Creates a layer that pads images with the input mirrored at its border, which is not repeated.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom).</param>
            public static ReflectionPad2d ReflectionPad2d((long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);

            /// <summary>Creates a layer that pads volumes with the input mirrored at its border, which is not repeated.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ReflectionPad3d ReflectionPad3d(long padding) => new(padding, padding, padding, padding, padding, padding);

            /// <summary>Creates a layer that pads volumes with the input mirrored at its border, which is not repeated.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom, front, back).</param>
            public static ReflectionPad3d ReflectionPad3d((long, long, long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4, padding.Item5, padding.Item6);
        }
    }
}
