using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The logarithm of the softmax along a dimension.</summary>
    public sealed class LogSoftmax : ParameterLessModule<Tensor, Tensor>
    {
        internal LogSoftmax(long dim) : base(nameof(LogSoftmax)) => this.dim = dim;

        /// <summary>The dimension along which the exponentials sum to 1.</summary>
        public long dim { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.log_softmax(tensor, dim);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: the logarithm of the softmax along a dimension.</summary>
            /// <param name="dim">The dimension along which the exponentials sum to 1.</param>
            public static LogSoftmax LogSoftmax(long dim) => new(dim);
        }
    }
}
