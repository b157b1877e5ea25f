using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The largest element of each of the windows that cover images evenly, whatever their size.</summary>
    public sealed class AdaptiveMaxPool2d : ParameterLessModule<Tensor, Tensor>
    {
        internal AdaptiveMaxPool2d(long[] output_size) : base(nameof(AdaptiveMaxPool2d)) => this.output_size = output_size;

        /// <summary>Number of windows in each dimension.</summary>
        public long[] output_size { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.adaptive_max_pool2d(input, output_size);

        /// <summary>The largest element of each window, and where it stood.</summary>
        public (Tensor output, Tensor indices) forward_with_indices(Tensor input) => functional.adaptive_max_pool2d_with_indices(input, output_size);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that takes the largest element of each of the windows that cover images evenly.</summary>
            /// <param name="output_size">Number of windows in each dimension.</param>
            public static AdaptiveMaxPool2d AdaptiveMaxPool2d(long[] output_size) => new(output_size);
        }
    }
}
