using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Gated linear unit: the first half of a dimension times the sigmoid of the second half.</summary>
    public sealed class GLU : ParameterLessModule<Tensor, Tensor>
    {
        internal GLU(long dim) : base(nameof(GLU)) => this.dim = dim;

        /// <summary>The dimension that is halved.</summary>
        public long dim { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.glu(tensor, dim);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: gated linear unit: the first half of a dimension times the sigmoid of the second half.</summary>
            /// <param name="dim">The dimension that is halved.</param>
            public static GLU GLU(long dim = -1) => new(dim);
        }
    }
}
