using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x − tanh(x).</summary>
    public sealed class Tanhshrink : ParameterLessModule<Tensor, Tensor>
    {
        internal Tanhshrink(bool inplace) : base(nameof(Tanhshrink)) => this.inplace = inplace;

        /// <summary>Whether the input itself is overwritten.</summary>
        public bool inplace { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.tanhshrink(tensor, inplace);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: x − tanh(x).</summary>
            public static Tanhshrink Tanhshrink() => new(false);

            /// <summary>Creates a layer: x − tanh(x).</summary>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Tanhshrink Tanhshrink(bool inplace = false) => new(inplace);
        }
    }
}
