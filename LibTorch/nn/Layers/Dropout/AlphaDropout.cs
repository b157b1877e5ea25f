using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Dropout that keeps mean and variance of a self-normalising network (see SELU): dropped elements take the negative saturation value.</summary>
    public sealed class AlphaDropout : ParameterLessModule<Tensor, Tensor>
    {
        internal AlphaDropout(double p, bool inplace) : base(nameof(AlphaDropout))
        {
            this.p = p;
            this.inplace = inplace;
        }

        /// <summary>Probability of an element to be dropped.</summary>
        public double p { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.alpha_dropout(tensor, p, training, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: dropout that keeps mean and variance of a self-normalising network (see SELU): dropped elements take the negative saturation value.</summary>
            /// <param name="p">Probability of an element to be dropped.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static AlphaDropout AlphaDropout(double p = 0.5, bool inplace = false) => new(p, inplace);
        }
    }
}
