using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The mean of each of the windows that cover signals evenly, whatever their size.</summary>
    public sealed class AdaptiveAvgPool1d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveAvgPool1d(long output_size) : base(nameof(AdaptiveAvgPool1d)) => this.output_size = output_size;

        /// <summary>Number of windows.</summary>
        public long output_size { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.adaptive_avg_pool1d(input, output_size);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the mean of each of the windows that cover signals evenly.</summary>
            /// <param name="output_size">Number of windows.</param>
            public static AdaptiveAvgPool1d AdaptiveAvgPool1d(long output_size) => new(output_size);
        }
    }
}
