using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Alpha dropout of whole channels.</summary>
    public sealed class FeatureAlphaDropout : ParameterLessModule<Tensor, Tensor>
    {
        internal FeatureAlphaDropout(double p, bool inplace) : base(nameof(FeatureAlphaDropout))
        {
            this.p = p;
            this.inplace = inplace;
        }

        /// <summary>Probability of an element to be dropped.</summary>
        public double p { get; set; }

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.feature_alpha_dropout(input, p, training, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: alpha dropout of whole channels.</summary>
            /// <param name="p">Probability of an element to be dropped.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static FeatureAlphaDropout FeatureAlphaDropout(double p, bool inplace) => new(p, inplace);

            /// <summary>Creates a layer: alpha dropout of whole channels.</summary>
            /// <param name="p">Probability of an element to be dropped.</param>
            public static FeatureAlphaDropout FeatureAlphaDropout(double p = 0.5) => new(p, false);
        }
    }
}
