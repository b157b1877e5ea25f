using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.Modules
{
    /// <summary>Hands its input on: a placeholder for a layer that is not there.</summary>
    public sealed class Identity : ParameterLessModule<Tensor, Tensor>
    {
        internal Identity() : base(nameof(Identity)) { }

        /// <summary>A second handle of the same tensor, so that input and output can be disposed independently.</summary>
        public override Tensor forward(Tensor tensor) => tensor.alias();
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer that hands its input on.</summary>
            public static Identity Identity() => new();
        }
    }
}
