using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Makes several dimensions of one.</summary>
    public sealed class Unflatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Unflatten(long dim, long[] unflattened_size) : base(nameof(Unflatten))
        {
            this.dim = dim;
            this.unflattened_size = unflattened_size;
        }

        /// <summary>The dimension that is split up.</summary>
        public long dim { get; set; }

        /// <summary>The sizes that it becomes.</summary>
        public long[] unflattened_size { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => tensor.unflatten(dim, unflattened_size);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that makes several dimensions of one.</summary>
            /// <param name="dim">The dimension that is split up.</param>
            /// <param name="unflattened_size">The sizes that it becomes.</param>
            public static Unflatten Unflatten(long dim, long[] unflattened_size) => new(dim, unflattened_size);
        }
    }
}
