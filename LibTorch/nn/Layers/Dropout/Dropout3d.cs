using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Dropout of whole channels of (N, C, D, H, W).</summary>
    public sealed class Dropout3d : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout3d(double p, bool inplace) : base(nameof(Dropout3d))
        {
            this.p = p;
            this.inplace = inplace;
        }

        /// <summary>Probability of an element to be dropped.</summary>
        public double p { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.dropout3d(input, p, training, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: dropout of whole channels of (N, C, D, H, W).</summary>
            /// <param name="p">Probability of an element to be dropped.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Dropout3d Dropout3d(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
