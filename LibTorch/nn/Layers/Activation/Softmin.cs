using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The softmax of −x along a dimension.</summary>
    public sealed class Softmin : ParameterLessModule<Tensor, Tensor>
    {
        internal Softmin(long dim) : base(nameof(Softmin)) => this.dim = dim;

        /// <summary>The dimension along which the outputs sum to 1.</summary>
        public long dim { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.softmin(tensor, dim);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: the softmax of −x along a dimension.</summary>
            /// <param name="dim">The dimension along which the outputs sum to 1.</param>
            public static Softmin Softmin(long dim) => new(dim);
        }
    }
}
