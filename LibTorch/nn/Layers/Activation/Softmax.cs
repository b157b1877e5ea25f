using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>exp(x) over its sum along a dimension.</summary>
    public sealed class Softmax : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmax(long dim) : base(nameof(Softmax)) => this.dim = dim;

        /// <summary>The dimension along which the outputs sum to 1.</summary>
        public long dim { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.softmax(tensor, dim);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: exp(x) over its sum along a dimension.</summary>
            /// <param name="dim">The dimension along which the outputs sum to 1.</param>
            public static Softmax Softmax(long dim) => new(dim);
        }
    }
}
