using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>The logarithm of the sigmoid, computed without overflow.</summary>
    public sealed class LogSigmoid : ParameterLessModule<Tensor, Tensor>
    {
        internal LogSigmoid() : base(nameof(LogSigmoid)) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.logsigmoid(tensor);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: the logarithm of the sigmoid, computed without overflow.</summary>
            public static LogSigmoid LogSigmoid() => new();
        }
    }
}
