using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x / (1 + |x|).</summary>
    public sealed class Softsign : ParameterLessModule<Tensor, Tensor>
    {
        internal Softsign(bool inplace) : base(nameof(Softsign)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.softsign(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x / (1 + |x|).</summary>
            public static Softsign Softsign() => new(false);

            /// <summary>Creates a layer: x / (1 + |x|).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Softsign Softsign(bool inplace) => new(inplace);
        }
    }
}
