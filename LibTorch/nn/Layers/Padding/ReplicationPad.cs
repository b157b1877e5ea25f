using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>Pads signals with the input's outermost elements.</summary>
    public sealed class ReplicationPad1d : PadBase
    {
        internal ReplicationPad1d(params long[] padding) : base(nameof(ReplicationPad1d), PaddingModes.Replicate, 0, padding) { }
    }

    /// <summary>Pads images with the input's outermost elements.</summary>
    public sealed class ReplicationPad2d : PadBase
    {
        internal ReplicationPad2d(params long[] padding) : base(nameof(ReplicationPad2d), PaddingModes.Replicate, 0, padding) { }
    }

    /// <summary>Pads volumes with the input's outermost elements.</summary>
    public sealed class ReplicationPad3d : PadBase
    {
        internal ReplicationPad3d(params long[] padding) : base(nameof(ReplicationPad3d), PaddingModes.Replicate, 0, padding) { }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that pads signals with the input's outermost elements.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ReplicationPad1d ReplicationPad1d(long padding) => new(padding, padding);

            /// <summary>Creates a layer that pads signals with the input's outermost elements.</summary>
            /// <param name="padding">Elements added: (left, right).</param>
            public static ReplicationPad1d ReplicationPad1d((long, long) padding) => new(padding.Item1, padding.Item2);

            /// <summary>Creates a layer that pads images with the input's outermost elements.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ReplicationPad2d ReplicationPad2d(long padding) => new(padding, padding, padding, padding);

            /// <summary>Creates a layer that pads images with the input's outermost elements.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom).</param>
            public static ReplicationPad2d ReplicationPad2d((long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);

            /// <summary>Creates a layer that pads volumes with the input's outermost elements.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ReplicationPad3d ReplicationPad3d(long padding) => new(padding, padding, padding, padding, padding, padding);

            /// <summary>Creates a layer that pads volumes with the input's outermost elements.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom, front, back).</param>
            public static ReplicationPad3d ReplicationPad3d((long, long, long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4, padding.Item5, padding.Item6);
        }
    }
}
