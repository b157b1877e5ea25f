using TorchSharp.Modules;
using TorchSharp.Utils;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp
{
    /// <summary>What stands beyond the border of a tensor that is padded.</summary>
    public enum PaddingModes
    {
        /// <summary>Zeros.</summary>
        Zeros = 0,
        /// <summary>The tensor mirrored at its outermost element, which is not repeated.</summary>
        Reflect = 1,
        /// <summary>The outermost element, repeated.</summary>
        Replicate = 2,
        /// <summary>The tensor again, from its other end.</summary>
        Circular = 3,
        /// <summary>A constant.</summary>
        Constant = 4,
    }

    /// <summary>Paddings of a convolution that follow from its other sizes.</summary>
    public enum Padding
    {
        /// <summary>No padding.</summary>
        Valid = 0,
        /// <summary>As much as makes the output as large as the input; for stride 1 only.</summary>
        Same = 1,
    }
}

namespace TorchSharp.Modules
{
    /// <summary>What the convolutions, transposed or not, in one to three dimensions have in common.</summary>
    public abstract class Convolution : Module<Tensor, Tensor>
    {
        /// <summary>Creates the layer and draws its parameters; see <see cref="reset_parameters"/>.</summary>
        /// <exception cref="ArgumentException">A transposed convolution with a padding mode other than zeros.</exception>
        protected Convolution(string name, long in_channels, long out_channels, long[] kernel_size, long[] stride, long[]? padding, Padding? padding_type, long[] dilation, bool transposed, long[] output_padding, long groups, bool bias, PaddingModes padding_mode, Device? device = null, ScalarType? dtype = null) : base(name)
        {
            if (transposed && padding_mode != PaddingModes.Zeros)
                throw new ArgumentException("Only PaddingModes.Zeros is supported for ConvTransposeND", nameof(padding_mode));

            this.in_channels = in_channels;
            this.out_channels = out_channels;
            this.kernel_size = kernel_size;
            this.stride = stride;
            this.dilation = dilation;
            this.transposed = transposed;
            this.output_padding = output_padding;
            this.groups = groups;
            this.padding_mode = padding_mode;

            _reversed_padding_repeated_twice = [];
            if (padding_type.HasValue) SetPadding(padding_type.Value);
            else SetPadding(padding ?? new long[kernel_size.Length]);

            long[] channels = transposed ? [in_channels, out_channels / groups] : [out_channels, in_channels / groups];
            weight = Parameter(empty([.. channels, .. kernel_size], dtype: dtype, device: device));
            if (bias) this.bias = Parameter(empty(out_channels, dtype: dtype, device: device));

            reset_parameters();
        }

        /// <summary>Draws weight and bias anew from U(−1/√fanIn, 1/√fanIn), fanIn = in_channels / groups · kernel elements.</summary>
        public void reset_parameters() => LayerDefaults.Reset(weight, bias);

        /// <summary>Sets explicit amounts of padding, one per spatial dimension.</summary>
        /// <param name="padding">Elements added on both sides of each spatial dimension.</param>
        public void SetPadding(long[] padding)
        {
            padding_type = null;
            this.padding = padding;
            UpdateReversedPadding();
        }

        /// <summary>Sets a padding that follows from the kernel's size.</summary>
        /// <param name="padding">The kind of padding.</param>
        /// <exception cref="ArgumentException">The convolution is transposed, or padding is Same and a stride is not 1.</exception>
        public void SetPadding(Padding padding)
        {
            if (transposed) throw new ArgumentException("Cannot set padding type on ConvTransposeND");

            this.padding = null;
            padding_type = padding;
            UpdateReversedPadding();
        }

        /// <summary>True for an input of <paramref name="dimensions"/> spatial dimensions, batched or not, with the layer's number of channels.</summary>
        protected bool ValidateShape(Tensor input, long dimensions)
        {
            var ndim = input.ndim;
            return (ndim == dimensions + 2 && input.size(1) == in_channels)
                || (ndim == dimensions + 1 && input.size(0) == in_channels);
        }

        // functional.pad counts dimensions from the last one and takes the amount before and after each.
        private void UpdateReversedPadding()
        {
            var dimensions = kernel_size.Length;
            var pads = new long[2 * dimensions];
            if (padding_type == Padding.Same && stride.Any(step => step != 1))
                throw new ArgumentException("padding='same' is not supported for strided convolutions");

            for (var i = 0; i < dimensions; i++)
            {
                var dimension = dimensions - 1 - i;
                var total = padding is not null ? 2 * padding[dimension]
                    : padding_type == Padding.Same ? dilation[dimension] * (kernel_size[dimension] - 1)
                    : 0;
                pads[2 * i] = total / 2;
                pads[2 * i + 1] = total - total / 2;
            }
            _reversed_padding_repeated_twice = pads;
        }

        /// <summary>
        /// Weight of shape (out_channels, in_channels / groups, kernel…), for a transposed convolution
        /// (in_channels, out_channels / groups, kernel…). The setter releases the old one and registers the new one.
        /// </summary>
        /// <exception cref="ArgumentNullException">Set to null.</exception>
        public Parameter weight
        {
            get => _weight!;
            set { if (ParameterSlot.ReplaceRequired(ref _weight, value, nameof(weight))) ConditionallyRegisterParameter(nameof(weight), _weight); }
        }

        /// <summary>Bias of shape (out_channels), or null. The setter releases the old one and registers the new one.</summary>
        public Parameter? bias
        {
            get => _bias;
            set { if (ParameterSlot.Replace(ref _bias, value)) ConditionallyRegisterParameter(nameof(bias), _bias); }
        }

        /// <summary>Channels of the input; an input with another number is refused.</summary>
        public long in_channels { get; }

        /// <summary>Channels of the output.</summary>
        public long out_channels { get; }

        /// <summary>Whether this is a transposed convolution.</summary>
        public bool transposed { get; }

        /// <summary>The padding, where it follows from the kernel's size; else null.</summary>
        public Padding? padding_type { get; private set; }

        /// <summary>Elements added on both sides of each spatial dimension; null where <see cref="padding_type"/> says it.</summary>
        public long[]? padding { get; private set; }

        /// <summary>What the padding consists of.</summary>
        public PaddingModes padding_mode { get; set; }

        /// <summary>Groups of channels that do not see each other.</summary>
        public long groups { get; set; }

        /// <summary>Size of the kernel, one number per spatial dimension.</summary>
        public long[] kernel_size { get; set; }

        /// <summary>Step of the kernel, one number per spatial dimension.</summary>
        public long[] stride { get; set; }

        /// <summary>Distance of the kernel's elements, one number per spatial dimension.</summary>
        public long[] dilation { get; set; }

        /// <summary>Elements added to one side of the output of a transposed convolution, one number per spatial dimension.</summary>
        public long[] output_padding { get; set; }

        /// <summary>The bias, registered as "bias".</summary>
        [ComponentName(Name = nameof(bias))]
        protected Parameter? _bias;

        /// <summary>The weight, registered as "weight".</summary>
        [ComponentName(Name = nameof(weight))]
        protected Parameter? _weight;

        /// <summary>The padding as functional.pad takes it, for the modes other than zeros, which are two operations: pad, then convolve.</summary>
        protected long[] _reversed_padding_repeated_twice;
    }
}
