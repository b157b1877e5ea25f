using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Dropout of whole channels of (N, C, L).</summary>
    public sealed class Dropout1d : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout1d(double p, bool inplace) : base(nameof(Dropout1d))
        {
            this.p = p;
            this.inplace = inplace;
        }

        /// <summary>Probability of an element to be dropped.</summary>
        public double p { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        /// <exception cref="ArgumentException">The input does not have three dimensions.</exception>
        public override Tensor forward(Tensor tensor)
        {
            if (tensor.ndim != 3)
                throw new ArgumentException("tensor passed to Dropout1d must be of the shape (N,C,L");

            return functional.dropout1d(tensor, p, training, inplace);
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: dropout of whole channels of (N, C, L).</summary>
            /// <param name="p">Probability of an element to be dropped.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Dropout1d Dropout1d(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
