namespace TorchSharp;

public static partial class torch
{
    // Activation functions, element by element, and the softmax family.
    public partial class Tensor
    {
        /// <summary>max(0, x).</summary>
        public Tensor relu() => Dispatcher.Call(Ops.relu, this);

        /// <summary>In-place form of <see cref="relu()"/>.</summary>
        public Tensor relu_() => Dispatcher.CallInPlace(this, Ops.relu_);

        /// <summary>min(max(0, x), 6).</summary>
        public Tensor relu6() => Dispatcher.Call(Ops.relu6, this);

        /// <summary>In-place form of <see cref="relu6()"/>.</summary>
        public Tensor relu6_() => Dispatcher.CallInPlace(this, Ops.relu6_);

        /// <summary>
        /// Leaky ReLU with a slope drawn for each negative element; here the mean of the two bounds, as outside
        /// training.
        /// </summary>
        public Tensor rrelu(double lower = one_eighth, double upper = one_third) => Dispatcher.Call(Ops.rrelu, this, lower, upper);

        /// <summary>In-place form of <see cref="rrelu(double, double)"/>.</summary>
        public Tensor rrelu_(double lower = one_eighth, double upper = one_third) =>
            Dispatcher.CallInPlace(this, Ops.rrelu_, lower, upper);

        private const double one_eighth = 1.0 / 8.0;
        private const double one_third = 1.0 / 3.0;

        /// <summary>max(0, x) + min(0, exp(x) - 1).</summary>
        public Tensor celu() => Dispatcher.Call(Ops.celu, this);

        /// <summary>In-place form of <see cref="celu()"/>.</summary>
        public Tensor celu_() => Dispatcher.CallInPlace(this, Ops.celu_);

        /// <summary>max(0, x) + min(0, α · (exp(x / α) - 1)).</summary>
        public Tensor celu(Scalar alpha) => Dispatcher.Call(Ops.celu, this, alpha);

        /// <summary>In-place form of <see cref="celu(Scalar)"/>.</summary>
        public Tensor celu_(Scalar alpha) => Dispatcher.CallInPlace(this, Ops.celu_, alpha);

        /// <summary>x where positive, else α · (exp(x) - 1).</summary>
        public Tensor elu(double alpha = 1) => Dispatcher.Call(Ops.elu, this, alpha);

        /// <summary>In-place form of <see cref="elu(double)"/>.</summary>
        public Tensor elu_(double alpha = 1) => Dispatcher.CallInPlace(this, Ops.elu_, alpha);

        /// <summary>scale · x where positive, else scale · α · (exp(input_scale · x) - 1).</summary>
        public Tensor elu(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Dispatcher.Call(Ops.elu, this, alpha, scale, input_scale);

        /// <summary>In-place form of <see cref="elu(Scalar, Scalar, Scalar)"/>.</summary>
        public Tensor elu_(Scalar alpha, Scalar scale, Scalar input_scale) =>
            Dispatcher.CallInPlace(this, Ops.elu_, alpha, scale, input_scale);

        /// <summary>x · Φ(x), with the standard normal distribution function Φ.</summary>
        public Tensor gelu() => Dispatcher.Call(Ops.gelu, this);

        /// <summary>In-place form of <see cref="gelu()"/>.</summary>
        public Tensor gelu_() => Dispatcher.CallInPlace(this, Ops.gelu_);

        /// <summary>x · Φ(x), with the standard normal distribution function Φ.</summary>
        /// <param name="approximate">How Φ is computed.</param>
        public Tensor gelu(Modules.GELU.Approximate approximate) => Dispatcher.Call(Ops.gelu, this, Name(approximate));

        /// <summary>In-place form of <see cref="gelu(Modules.GELU.Approximate)"/>.</summary>
        public Tensor gelu_(Modules.GELU.Approximate approximate) => Dispatcher.CallInPlace(this, Ops.gelu_, Name(approximate));

        private static string Name(Modules.GELU.Approximate approximate) => approximate switch
        {
            Modules.GELU.Approximate.none => "none",
            Modules.GELU.Approximate.tanh => "tanh",
            _ => throw new ArgumentOutOfRangeException(nameof(approximate), approximate, "Unsupported GELU approximation method."),
        };

        /// <summary>First half of <paramref name="dim"/> times the sigmoid of its second half.</summary>
        public Tensor glu(long dim = -1) => Dispatcher.Call(Ops.glu, this, dim);

        /// <summary>min(max(0, x / 6 + 1/2), 1).</summary>
        public Tensor hardsigmoid() => Dispatcher.Call(Ops.hardsigmoid, this);

        /// <summary>In-place form of <see cref="hardsigmoid()"/>.</summary>
        public Tensor hardsigmoid_() => Dispatcher.CallInPlace(this, Ops.hardsigmoid_);

        /// <summary>x · hardsigmoid(x).</summary>
        public Tensor hardswish() => Dispatcher.Call(Ops.hardswish, this);

        /// <summary>In-place form of <see cref="hardswish()"/>.</summary>
        public Tensor hardswish_() => Dispatcher.CallInPlace(this, Ops.hardswish_);

        /// <summary>Limits each element to [<paramref name="min"/>, <paramref name="max"/>].</summary>
        public Tensor hardtanh(Scalar min, Scalar max) => Dispatcher.Call(Ops.hardtanh, this, min, max);

        /// <summary>In-place form of <see cref="hardtanh(Scalar, Scalar)"/>.</summary>
        public Tensor hardtanh_(Scalar min, Scalar max) => Dispatcher.CallInPlace(this, Ops.hardtanh_, min, max);

        /// <summary>x where positive, else <paramref name="negative_slope"/> · x.</summary>
        public Tensor leaky_relu(Scalar negative_slope) => Dispatcher.Call(Ops.leaky_relu, this, negative_slope);

        /// <summary>In-place form of <see cref="leaky_relu(Scalar)"/>.</summary>
        public Tensor leaky_relu_(Scalar negative_slope) => Dispatcher.CallInPlace(this, Ops.leaky_relu_, negative_slope);

        /// <summary>
        /// x where positive, else the channel's learned slope times x; <paramref name="target"/> has one slope, or one
        /// for each channel.
        /// </summary>
        public Tensor prelu(Tensor target) => Dispatcher.Call(Ops.prelu, this, target);

        /// <summary>ELU with the scales that keep mean 0 and variance 1 (Klambauer et al., 2017).</summary>
        public Tensor selu() => Dispatcher.Call(Ops.selu, this);

        /// <summary>In-place form of <see cref="selu()"/>.</summary>
        public Tensor selu_() => Dispatcher.CallInPlace(this, Ops.selu_);

        /// <summary>x · sigmoid(x).</summary>
        public Tensor silu() => Dispatcher.Call(Ops.silu, this);

        /// <summary>In-place form of <see cref="silu()"/>.</summary>
        public Tensor silu_() => Dispatcher.CallInPlace(this, Ops.silu_);

        /// <summary>log(sigmoid(x)), computed without underflow.</summary>
        public Tensor log_sigmoid() => Dispatcher.Call(Ops.log_sigmoid, this);

        /// <summary>log(1 + exp(β · x)) / β, linear where β · x exceeds <paramref name="threshold"/>.</summary>
        public Tensor softplus(double beta = 1, double threshold = 20) => Dispatcher.Call(Ops.softplus, this, beta, threshold);

        /// <summary>x where it exceeds <paramref name="threshold"/>, else <paramref name="value"/>.</summary>
        public Tensor threshold(Scalar threshold, Scalar value) => Dispatcher.Call(Ops.threshold, this, threshold, value);

        /// <summary>In-place form of <see cref="threshold(Scalar, Scalar)"/>.</summary>
        public Tensor threshold_(Scalar threshold, Scalar value) => Dispatcher.CallInPlace(this, Ops.threshold_, threshold, value);

        /// <summary>exp(x) / Σ exp(x) along <paramref name="dim"/>, computed in <paramref name="dtype"/> when given.</summary>
        public Tensor softmax(long dim, ScalarType? dtype = null) => Dispatcher.Call(Ops.softmax, this, dim, dtype);

        /// <summary>Logarithm of the softmax along <paramref name="dim"/>, computed in <paramref name="dtype"/> when given.</summary>
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Dispatcher.Call(Ops.log_softmax, this, dim, dtype);

        /// <summary>
        /// Channels [N, C, ...] regrouped so that each of the <paramref name="groups"/> groups holds channels of all
        /// the others.
        /// </summary>
        public Tensor channel_shuffle(long groups)
        {
            if (!requires_grad) return Dispatcher.Call(Ops.channel_shuffle, this, groups);

            // libtorch 1.13 has no derivative of that operator, but has those of what it is made of.
            var sizes = shape;
            using var grouped = reshape([sizes[0], groups, sizes[1] / groups, .. sizes[2..]]);
            using var turned = grouped.transpose(1, 2);
            return turned.reshape(sizes);
        }

        private static partial class Ops
        {
            internal static readonly Op relu = new("aten::relu");
            internal static readonly Op relu_ = new("aten::relu_");
            internal static readonly Op relu6 = new("aten::relu6");
            internal static readonly Op relu6_ = new("aten::relu6_");
            internal static readonly Op rrelu = new("aten::rrelu");
            internal static readonly Op rrelu_ = new("aten::rrelu_");
            internal static readonly Op celu = new("aten::celu");
            internal static readonly Op celu_ = new("aten::celu_");
            internal static readonly Op elu = new("aten::elu");
            internal static readonly Op elu_ = new("aten::elu_");
            internal static readonly Op gelu = new("aten::gelu");
            internal static readonly Op gelu_ = new("aten::gelu_");
            internal static readonly Op glu = new("aten::glu");
            internal static readonly Op hardsigmoid = new("aten::hardsigmoid");
            internal static readonly Op hardsigmoid_ = new("aten::hardsigmoid_");
            internal static readonly Op hardswish = new("aten::hardswish");
            internal static readonly Op hardswish_ = new("aten::hardswish_");
            internal static readonly Op hardtanh = new("aten::hardtanh");
            internal static readonly Op hardtanh_ = new("aten::hardtanh_");
            internal static readonly Op leaky_relu = new("aten::leaky_relu");
            internal static readonly Op leaky_relu_ = new("aten::leaky_relu_");
            internal static readonly Op prelu = new("aten::prelu");
            internal static readonly Op selu = new("aten::selu");
            internal static readonly Op selu_ = new("aten::selu_");
            internal static readonly Op silu = new("aten::silu");
            internal static readonly Op silu_ = new("aten::silu_");
            internal static readonly Op log_sigmoid = new("aten::log_sigmoid");
            internal static readonly Op softplus = new("aten::softplus");
            internal static readonly Op threshold = new("aten::threshold");
            internal static readonly Op threshold_ = new("aten::threshold_");
            internal static readonly Op softmax = new("aten::softmax", "int");
            internal static readonly Op log_softmax = new("aten::log_softmax", "int");
            internal static readonly Op channel_shuffle = new("aten::channel_shuffle");
        }
    }
}
