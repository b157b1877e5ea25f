using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The mean of each of the windows that cover volumes evenly, whatever their size.</summary>
    public sealed class AdaptiveAvgPool3d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveAvgPool3d(long[] output_size) : base(nameof(AdaptiveAvgPool3d)) => this.output_size = output_size;

        /// <summary>Number of windows in each dimension.</summary>
        public long[] output_size { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.adaptive_avg_pool3d(input, output_size);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the mean of each of the windows that cover volumes evenly.</summary>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static AdaptiveAvgPool3d AdaptiveAvgPool3d(long[] output_size) => new(output_size);

            /// <summary>Creates a layer that takes the mean of each of the windows that cover volumes evenly.</summary>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static AdaptiveAvgPool3d AdaptiveAvgPool3d((long, long, long) output_size) => new(output_size.ToArray());

            /// <summary>Creates a layer that takes the mean of each of the windows that cover volumes evenly.</summary>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static AdaptiveAvgPool3d AdaptiveAvgPool3d(long output_size) => new(output_size.Repeat(3));
        }
    }
}
