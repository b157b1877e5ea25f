using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Sets elements to zero with probability p in training and scales the others by 1 / (1 − p); hands its input on in evaluation.</summary>
    public sealed class Dropout : ParameterLessModule<Tensor, Tensor>
    {
        internal Dropout(double p, bool inplace) : base(nameof(Dropout))
        {
            this.p = p;
            this.inplace = inplace;
        }

        /// <summary>Probability of an element to be dropped.</summary>
        public double p { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.dropout(tensor, p, training, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: sets elements to zero with probability p in training and scales the others by 1 / (1 − p); hands its input on in evaluation.</summary>
            /// <param name="p">Probability of an element to be dropped.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Dropout Dropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
