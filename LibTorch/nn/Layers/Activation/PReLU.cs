using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>x where positive, else weight·x, with a weight that is learned (He et al., Delving deep into rectifiers).</summary>
    public sealed class PReLU : Module<Tensor, Tensor>
    {
        internal PReLU(long num_parameters, double init, Device? device, ScalarType? dtype) : base(nameof(PReLU))
        {
            this.num_parameters = num_parameters;
            this.init = init;
            weight = Parameter(full(num_parameters, init, dtype: dtype ?? get_default_dtype(), device: device));
        }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => functional.prelu(tensor, weight);

        /// <summary>The slopes for negative inputs: one for all, or one per channel. The setter releases the old ones and registers the new ones.</summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        public Parameter weight
        {
            get => _weight!;
            set { if (ParameterSlot.ReplaceRequired(ref _weight, value, nameof(weight))) ConditionallyRegisterParameter(nameof(weight), _weight); }
        }

        /// <summary>Number of slopes.</summary>
        public long num_parameters { get; private set; }

        /// <summary>The slope to begin with.</summary>
        public double init { get; private set; }

        [ComponentName(Name = nameof(weight))]
        private Parameter? _weight;
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a rectified linear unit whose slope for negative inputs is learned.</summary>
            /// <param name="num_parameters">1 for one slope, or the number of channels.</param>
            /// <param name="init">The slope to begin with.</param>
            /// <param name="device">Where the parameter lives; the default device if null.</param>
            /// <param name="dtype">Type of the parameter; the default type if null.</param>
            public static PReLU PReLU(long num_parameters, double init = 0.25, Device? device = null, ScalarType? dtype = null) =>
                new(num_parameters, init, device, dtype);
        }
    }
}
