namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>Layers and losses as plain functions.</summary>
        /// <remarks>Where a function has an in-place form, its result is a second handle of the tensor that was overwritten.</remarks>
        public static partial class functional
        {
            private static class ActivationOps
            {
                internal static readonly Op celu = new("aten::celu"), celu_ = new("aten::celu_");
                internal static readonly Op elu = new("aten::elu"), elu_ = new("aten::elu_");
                internal static readonly Op gelu = new("aten::gelu"), gelu_ = new("aten::gelu_");
                internal static readonly Op glu = new("aten::glu");
                internal static readonly Op hardshrink = new("aten::hardshrink");
                internal static readonly Op hardsigmoid = new("aten::hardsigmoid"), hardsigmoid_ = new("aten::hardsigmoid_");
                internal static readonly Op hardswish = new("aten::hardswish"), hardswish_ = new("aten::hardswish_");
                internal static readonly Op hardtanh = new("aten::hardtanh"), hardtanh_ = new("aten::hardtanh_");
                internal static readonly Op leaky_relu = new("aten::leaky_relu"), leaky_relu_ = new("aten::leaky_relu_");
                internal static readonly Op log_sigmoid = new("aten::log_sigmoid");
                internal static readonly Op log_softmax = new("aten::log_softmax", "int");
                internal static readonly Op mish = new("aten::mish"), mish_ = new("aten::mish_");
                internal static readonly Op prelu = new("aten::prelu");
                internal static readonly Op relu = new("aten::relu"), relu_ = new("aten::relu_");
                internal static readonly Op relu6 = new("aten::relu6"), relu6_ = new("aten::relu6_");
                internal static readonly Op rrelu = new("aten::rrelu"), rrelu_ = new("aten::rrelu_");
                internal static readonly Op selu = new("aten::selu"), selu_ = new("aten::selu_");
                internal static readonly Op sigmoid = new("aten::sigmoid"), sigmoid_ = new("aten::sigmoid_");
                internal static readonly Op silu = new("aten::silu"), silu_ = new("aten::silu_");
                internal static readonly Op softmax = new("aten::softmax", "int");
                internal static readonly Op softplus = new("aten::softplus");
                internal static readonly Op softshrink = new("aten::softshrink");
                internal static readonly Op tanh = new("aten::tanh"), tanh_ = new("aten::tanh_");
                internal static readonly Op threshold = new("aten::threshold"), threshold_ = new("aten::threshold_");
                internal static readonly Op abs = new("aten::abs"), neg = new("aten::neg");
                internal static readonly Op add = new("aten::add", "Scalar");
                internal static readonly Op div = new("aten::div", "Tensor"), div_ = new("aten::div_", "Tensor");
                internal static readonly Op sub = new("aten::sub", "Tensor"), sub_ = new("aten::sub_", "Tensor");
            }

            /// <summary>Continuously differentiable exponential linear unit: max(0, x) + min(0, α·(exp(x/α) − 1)).</summary>
            public static Tensor celu(Tensor x, double alpha, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.celu_ : ActivationOps.celu, x, alpha);

            /// <summary>Exponential linear unit: x where positive, else α·(exp(x) − 1).</summary>
            public static Tensor elu(Tensor x, double alpha, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.elu_ : ActivationOps.elu, x, alpha);

            /// <summary>Gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
            public static Tensor gelu(Tensor x, bool inplace) =>
                Dispatcher.Call(inplace ? ActivationOps.gelu_ : ActivationOps.gelu, x);

            /// <summary>Gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
            /// <param name="x">The input.</param>
            /// <param name="approximate">How Φ is computed.</param>
            /// <param name="inplace">Whether the input itself is overwritten.</param>
            public static Tensor gelu(Tensor x, Modules.GELU.Approximate approximate, bool inplace = false) =>
                inplace ? x.gelu_(approximate).alias() : x.gelu(approximate);

            /// <summary>Gaussian error linear unit: x·Φ(x), Φ the standard normal distribution function.</summary>
            public static Tensor gelu(Tensor x) => gelu(x, false);

            /// <summary>Gated linear unit: the first half of <paramref name="dim"/> times the sigmoid of the second half.</summary>
            public static Tensor glu(Tensor input, long dim = -1) => Dispatcher.Call(ActivationOps.glu, input, dim);

            /// <summary>x where |x| &gt; λ, else 0.</summary>
            public static Tensor hardshrink(Tensor x, double lambda = 0.5) => Dispatcher.Call(ActivationOps.hardshrink, x, lambda);

            /// <summary>The former name of <see cref="hardshrink"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Hardshrink(Tensor x, double lambda = 0.5) => hardshrink(x, lambda);

            /// <summary>min(max(0, x + 3), 6) / 6.</summary>
            public static Tensor hardsigmoid(Tensor input, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.hardsigmoid_ : ActivationOps.hardsigmoid, input);

            /// <summary>x·min(max(0, x + 3), 6) / 6 (Howard et al., Searching for MobileNetV3).</summary>
            public static Tensor hardswish(Tensor input, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.hardswish_ : ActivationOps.hardswish, input);

            /// <summary>x, cut off at <paramref name="min_val"/> and <paramref name="max_val"/>.</summary>
            public static Tensor hardtanh(Tensor x, double min_val = -1.0, double max_val = 1.0, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.hardtanh_ : ActivationOps.hardtanh, x, min_val, max_val);

            /// <summary>The former name of <see cref="hardtanh"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Hardtanh(Tensor x, double min_val = -1.0, double max_val = 1.0, bool inplace = false) => hardtanh(x, min_val, max_val, inplace);

            /// <summary>x where positive, else <paramref name="negative_slope"/>·x.</summary>
            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.leaky_relu_ : ActivationOps.leaky_relu, input, negative_slope);

            /// <summary>The logarithm of the sigmoid, computed without overflow.</summary>
            public static Tensor logsigmoid(Tensor x) => Dispatcher.Call(ActivationOps.log_sigmoid, x);

            /// <summary>The logarithm of the softmax along <paramref name="dim"/>.</summary>
            public static Tensor log_softmax(Tensor x, long dim) => Dispatcher.Call(ActivationOps.log_softmax, x, dim);

            /// <summary>x·tanh(softplus(x)) (Misra, Mish: a self regularized non-monotonic activation function).</summary>
            public static Tensor mish(Tensor x, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.mish_ : ActivationOps.mish, x);

            /// <summary>The former name of <see cref="mish"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Mish(Tensor x) => mish(x, false);

            /// <summary>x where positive, else weight·x, with one weight for all or one per channel (dimension 1).</summary>
            public static Tensor prelu(Tensor input, Tensor weight) => Dispatcher.Call(ActivationOps.prelu, input, weight);

            /// <summary>Rectified linear unit: max(0, x).</summary>
            public static Tensor relu(Tensor x, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.relu_ : ActivationOps.relu, x);

            /// <summary>min(max(0, x), 6).</summary>
            public static Tensor relu6(Tensor x, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.relu6_ : ActivationOps.relu6, x);

            /// <summary>x where positive, else x·(lower + upper) / 2: the randomised leaky unit as it is in evaluation.</summary>
            public static Tensor rrelu(Tensor x, double lower = one_eighth, double upper = one_third, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.rrelu_ : ActivationOps.rrelu, x, lower, upper);

            /// <summary>Scaled exponential linear unit (Klambauer et al., Self-normalizing neural networks).</summary>
            public static Tensor selu(Tensor x, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.selu_ : ActivationOps.selu, x);

            /// <summary>x·sigmoid(x).</summary>
            public static Tensor silu(Tensor x, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.silu_ : ActivationOps.silu, x);

            /// <summary>The former name of <see cref="silu"/>.</summary>
            [Obsolete("Incorrect name capitalization", false)]
            public static Tensor SiLU(Tensor x, bool inplace = false) => silu(x, inplace);

            /// <summary>1 / (1 + exp(−x)).</summary>
            public static Tensor sigmoid(Tensor x, bool inplace) =>
                Dispatcher.Call(inplace ? ActivationOps.sigmoid_ : ActivationOps.sigmoid, x);

            /// <summary>1 / (1 + exp(−x)).</summary>
            public static Tensor sigmoid(Tensor x) => sigmoid(x, false);

            /// <summary>exp(x) over its sum along <paramref name="dim"/>, computed in <paramref name="dtype"/> if that is given.</summary>
            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) =>
                Dispatcher.Call(ActivationOps.softmax, input, dim, dtype);

            /// <summary>The softmax over the channels of (N, C, H, W) or (C, H, W).</summary>
            public static Tensor softmax2d(Tensor x) => softmax(x, -3);

            /// <summary>The softmax of −x along <paramref name="dim"/>.</summary>
            public static Tensor softmin(Tensor x, long dim)
            {
                using var negated = Dispatcher.Call(ActivationOps.neg, x);
                return softmax(negated, dim);
            }

            /// <summary>log(1 + exp(β·x)) / β, and x itself where β·x &gt; <paramref name="threshold"/>.</summary>
            public static Tensor softplus(Tensor x, double beta = 1, double threshold = 20) =>
                Dispatcher.Call(ActivationOps.softplus, x, beta, threshold);

            /// <summary>x moved towards 0 by λ, and 0 where |x| ≤ λ.</summary>
            public static Tensor softshrink(Tensor x, double lambda = 0.5) => Dispatcher.Call(ActivationOps.softshrink, x, lambda);

            /// <summary>The former name of <see cref="softshrink"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Softshrink(Tensor x, double lambda = 0.5) => softshrink(x, lambda);

            /// <summary>x / (1 + |x|).</summary>
            public static Tensor softsign(Tensor x, bool inplace = false)
            {
                using var magnitude = Dispatcher.Call(ActivationOps.abs, x);
                using var divisor = Dispatcher.Call(ActivationOps.add, magnitude, 1L);
                return Dispatcher.Call(inplace ? ActivationOps.div_ : ActivationOps.div, x, divisor);
            }

            /// <summary>The former name of <see cref="softsign"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Softsign(Tensor x) => softsign(x, false);

            /// <summary>The hyperbolic tangent.</summary>
            public static Tensor tanh(Tensor x, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.tanh_ : ActivationOps.tanh, x);

            /// <summary>x − tanh(x).</summary>
            public static Tensor tanhshrink(Tensor x, bool inplace = false)
            {
                using var tanh_x = Dispatcher.Call(ActivationOps.tanh, x);
                return Dispatcher.Call(inplace ? ActivationOps.sub_ : ActivationOps.sub, x, tanh_x);
            }

            /// <summary>The former name of <see cref="tanhshrink"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Tanhshrink(Tensor x) => tanhshrink(x, false);

            /// <summary>x where it exceeds <paramref name="threshold"/>, else <paramref name="value"/>.</summary>
            public static Tensor threshold(Tensor x, double threshold, double value, bool inplace = false) =>
                Dispatcher.Call(inplace ? ActivationOps.threshold_ : ActivationOps.threshold, x, threshold, value);

            /// <summary>The former name of <see cref="threshold"/>.</summary>
            [Obsolete("Not using the PyTorch naming convention.", false)]
            public static Tensor Threshold(Tensor x, double threshold, double value, bool inplace = false) => functional.threshold(x, threshold, value, inplace);
        }
    }
}
