using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Makes one dimension of a range of dimensions.</summary>
    public sealed class Flatten : ParameterLessModule<Tensor, Tensor>
    {
        internal Flatten(long start_dim, long end_dim) : base(nameof(Flatten))
        {
            this.start_dim = start_dim;
            this.end_dim = end_dim;
        }

        /// <summary>The first dimension of the range.</summary>
        public long start_dim { get; set; }

        /// <summary>The last dimension of the range.</summary>
        public long end_dim { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => input.flatten(start_dim, end_dim);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that makes one dimension of a range of dimensions, by default of all but the batch's.</summary>
            /// <param name="start_dim">The first dimension of the range.</param>
            /// <param name="end_dim">The last dimension of the range.</param>
            public static Flatten Flatten(long start_dim = 1, long end_dim = -1) => new(start_dim, end_dim);
        }
    }
}
