using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The largest element of each of the windows that cover signals evenly, whatever their size.</summary>
    public sealed class AdaptiveMaxPool1d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveMaxPool1d(long output_size) : base(nameof(AdaptiveMaxPool1d)) => this.output_size = output_size;

        /// <summary>Number of windows.</summary>
        public long output_size { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.adaptive_max_pool1d(input, output_size);

        /// <summary>The largest element of each window, and where it stood.</summary>
        public (Tensor Values, Tensor Indices) forward_with_indices(Tensor input) => functional.adaptive_max_pool1d_with_indices(input, output_size);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the largest element of each of the windows that cover signals evenly.</summary>
            /// <param name="output_size">Number of windows.</param>
            public static AdaptiveMaxPool1d AdaptiveMaxPool1d(long output_size) => new(output_size);
        }
    }
}
