using TorchSharp.Modules;

namespace TorchSharp.Modules
{
    /// <summary>Pads images with zeros.</summary>
    public sealed class ZeroPad2d : PadBase
    {
        internal ZeroPad2d(params long[] padding) : base(nameof(ZeroPad2d), PaddingModes.Zeros, 0, padding) { }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that pads images with zeros.</summary>
            /// <param name="padding">Elements added on every side.</param>
            public static ZeroPad2d ZeroPad2d(long padding) => new(padding, padding, padding, padding);

            /// <summary>Creates a layer that pads images with zeros.</summary>
            /// <param name="padding">Elements added: (left, right, top, bottom).</param>
            public static ZeroPad2d ZeroPad2d((long, long, long, long) padding) => new(padding.Item1, padding.Item2, padding.Item3, padding.Item4);
        }
    }
}
