using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Local response normalisation (Krizhevsky et al., 2012): each channel by the mean square of the channels around it.</summary>
    public sealed class LocalResponseNorm : ParameterLessModule<Tensor, Tensor>
    {
        internal LocalResponseNorm(long size, double alpha, double beta, double k) : base(nameof(LocalResponseNorm))
        {
            this.size = size;
            this.alpha = alpha;
            this.beta = beta;
            this.k = k;
        }

        /// <summary>Channels that take part.</summary>
        public long size { get; set; }

        /// <summary>The α of the formula.</summary>
        public double alpha { get; set; }

        /// <summary>The β of the formula.</summary>
        public double beta { get; set; }

        /// <summary>The k of the formula.</summary>
        public double k { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor input) => functional.local_response_norm(input, size, alpha, beta, k);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a local response normalisation: x / (k + α·m)^β, m the mean square of the channels around each one.</summary>
            /// <param name="size">Channels that take part.</param>
            /// <param name="alpha">The α of the formula.</param>
            /// <param name="beta">The β of the formula.</param>
            /// <param name="k">The k of the formula.</param>
            public static LocalResponseNorm LocalResponseNorm(long size, double alpha = 0.0001, double beta = 0.75, double k = 1.0) =>
                new(size, alpha, beta, k);
        }
    }
}
