namespace TorchSharp;

public static partial class torch
{
    // Functions of one tensor, element by element: powers, logarithms, rounding, signs.
    public partial class Tensor
    {
        /// <summary>Absolute value of each element (modulus for complex tensors).</summary>
        public Tensor abs() => Dispatcher.Call(Ops.abs, this);

        /// <summary>In-place form of <see cref="abs()"/>.</summary>
        public Tensor abs_() => Dispatcher.CallInPlace(this, Ops.abs_);

        /// <summary>Same as <see cref="abs()"/>.</summary>
        public Tensor absolute() => abs();

        /// <summary>Same as <see cref="abs_()"/>.</summary>
        public Tensor absolute_() => abs_();

        /// <summary>Smallest integer not below each element.</summary>
        public Tensor ceil() => Dispatcher.Call(Ops.ceil, this);

        /// <summary>In-place form of <see cref="ceil()"/>.</summary>
        public Tensor ceil_() => Dispatcher.CallInPlace(this, Ops.ceil_);

        /// <summary>Largest integer not above each element.</summary>
        public Tensor floor() => Dispatcher.Call(Ops.floor, this);

        /// <summary>In-place form of <see cref="floor()"/>.</summary>
        public Tensor floor_() => Dispatcher.CallInPlace(this, Ops.floor_);

        /// <summary>Integer part of each element: rounds towards zero.</summary>
        public Tensor trunc() => Dispatcher.Call(Ops.trunc, this);

        /// <summary>In-place form of <see cref="trunc()"/>.</summary>
        public Tensor trunc_() => Dispatcher.CallInPlace(this, Ops.trunc_);

        /// <summary>Same as <see cref="trunc()"/>.</summary>
        public Tensor fix() => trunc();

        /// <summary>Same as <see cref="trunc_()"/>.</summary>
        public Tensor fix_() => trunc_();

        /// <summary>Fractional part of each element, with the element's sign.</summary>
        public Tensor frac() => Dispatcher.Call(Ops.frac, this);

        /// <summary>In-place form of <see cref="frac()"/>.</summary>
        public Tensor frac_() => Dispatcher.CallInPlace(this, Ops.frac_);

        /// <summary>
        /// Rounds each element to <paramref name="decimals"/> decimals, halves to the even neighbour; negative counts
        /// round left of the point.
        /// </summary>
        public Tensor round(long decimals = 0L) => decimals == 0
            ? Dispatcher.Call(Ops.round, this)
            : Dispatcher.Call(Ops.round_decimals, this, decimals);

        /// <summary>In-place form of <see cref="round(long)"/>.</summary>
        public Tensor round_(long decimals = 0L) => decimals == 0
            ? Dispatcher.CallInPlace(this, Ops.round_)
            : Dispatcher.CallInPlace(this, Ops.round_decimals_, decimals);

        /// <summary>e raised to each element.</summary>
        public Tensor exp() => Dispatcher.Call(Ops.exp, this);

        /// <summary>In-place form of <see cref="exp()"/>.</summary>
        public Tensor exp_() => Dispatcher.CallInPlace(this, Ops.exp_);

        /// <summary>2 raised to each element.</summary>
        public Tensor exp2() => Dispatcher.Call(Ops.exp2, this);

        /// <summary>In-place form of <see cref="exp2()"/>.</summary>
        public Tensor exp2_() => Dispatcher.CallInPlace(this, Ops.exp2_);

        /// <summary>exp(x) - 1 of each element, accurate near zero.</summary>
        public Tensor expm1() => Dispatcher.Call(Ops.expm1, this);

        /// <summary>In-place form of <see cref="expm1()"/>.</summary>
        public Tensor expm1_() => Dispatcher.CallInPlace(this, Ops.expm1_);

        /// <summary>Natural logarithm of each element.</summary>
        public Tensor log() => Dispatcher.Call(Ops.log, this);

        /// <summary>In-place form of <see cref="log()"/>.</summary>
        public Tensor log_() => Dispatcher.CallInPlace(this, Ops.log_);

        /// <summary>Base-10 logarithm of each element.</summary>
        public Tensor log10() => Dispatcher.Call(Ops.log10, this);

        /// <summary>In-place form of <see cref="log10()"/>.</summary>
        public Tensor log10_() => Dispatcher.CallInPlace(this, Ops.log10_);

        /// <summary>log(1 + x) of each element, accurate near zero.</summary>
        public Tensor log1p() => Dispatcher.Call(Ops.log1p, this);

        /// <summary>In-place form of <see cref="log1p()"/>.</summary>
        public Tensor log1p_() => Dispatcher.CallInPlace(this, Ops.log1p_);

        /// <summary>Base-2 logarithm of each element.</summary>
        public Tensor log2() => Dispatcher.Call(Ops.log2, this);

        /// <summary>In-place form of <see cref="log2()"/>.</summary>
        public Tensor log2_() => Dispatcher.CallInPlace(this, Ops.log2_);

        /// <summary>
        /// log(x / (1 - x)) of each element, after clamping it to [<paramref name="eps"/>, 1 - <paramref name="eps"/>]
        /// when given.
        /// </summary>
        public Tensor logit(double? eps = null) => Dispatcher.Call(Ops.logit, this, eps);

        /// <summary>In-place form of <see cref="logit(double?)"/>.</summary>
        public Tensor logit_(double? eps = null) => Dispatcher.CallInPlace(this, Ops.logit_, eps);

        /// <summary>Each element with its sign turned.</summary>
        public Tensor neg() => Dispatcher.Call(Ops.neg, this);

        /// <summary>In-place form of <see cref="neg()"/>.</summary>
        public Tensor neg_() => Dispatcher.CallInPlace(this, Ops.neg_);

        /// <summary>Same as <see cref="neg()"/>.</summary>
        public Tensor negative() => neg();

        /// <summary>The tensor itself, as a view; not defined for Boolean tensors.</summary>
        /// <exception cref="ArgumentException">The tensor is Boolean.</exception>
        public Tensor positive()
        {
            if (dtype == ScalarType.Bool)
                throw new ArgumentException("positive() has no meaning for a Boolean tensor; convert it to a number type first.");
            return Dispatcher.Call(Ops.positive, this);
        }

        /// <summary>1 / x of each element; integers give floating-point results.</summary>
        public Tensor reciprocal() => Dispatcher.Call(Ops.reciprocal, this);

        /// <summary>In-place form of <see cref="reciprocal()"/>.</summary>
        public Tensor reciprocal_() => Dispatcher.CallInPlace(this, Ops.reciprocal_);

        /// <summary>1 / sqrt(x) of each element.</summary>
        public Tensor rsqrt() => Dispatcher.Call(Ops.rsqrt, this);

        /// <summary>In-place form of <see cref="rsqrt()"/>.</summary>
        public Tensor rsqrt_() => Dispatcher.CallInPlace(this, Ops.rsqrt_);

        /// <summary>Square root of each element.</summary>
        public Tensor sqrt() => Dispatcher.Call(Ops.sqrt, this);

        /// <summary>In-place form of <see cref="sqrt()"/>.</summary>
        public Tensor sqrt_() => Dispatcher.CallInPlace(this, Ops.sqrt_);

        /// <summary>Square of each element.</summary>
        public Tensor square() => Dispatcher.Call(Ops.square, this);

        /// <summary>-1, 0 or 1: the sign of each element.</summary>
        public Tensor sign() => Dispatcher.Call(Ops.sign, this);

        /// <summary>In-place form of <see cref="sign()"/>.</summary>
        public Tensor sign_() => Dispatcher.CallInPlace(this, Ops.sign_);

        /// <summary>Sign of each element; for complex numbers x / |x|.</summary>
        public Tensor sgn() => Dispatcher.Call(Ops.sgn, this);

        /// <summary>In-place form of <see cref="sgn()"/>.</summary>
        public Tensor sgn_() => Dispatcher.CallInPlace(this, Ops.sgn_);

        /// <summary>True where an element has its sign bit set (negative zero included).</summary>
        public Tensor signbit() => Dispatcher.Call(Ops.signbit, this);

        /// <summary>Each element from degrees to radians.</summary>
        public Tensor deg2rad() => Dispatcher.Call(Ops.deg2rad, this);

        /// <summary>In-place form of <see cref="deg2rad()"/>.</summary>
        public Tensor deg2rad_() => Dispatcher.CallInPlace(this, Ops.deg2rad_);

        /// <summary>Each element from radians to degrees.</summary>
        public Tensor rad2deg() => Dispatcher.Call(Ops.rad2deg, this);

        /// <summary>In-place form of <see cref="rad2deg()"/>.</summary>
        public Tensor rad2deg_() => Dispatcher.CallInPlace(this, Ops.rad2deg_);

        /// <summary>1 / (1 + exp(-x)) of each element.</summary>
        public Tensor sigmoid() => Dispatcher.Call(Ops.sigmoid, this);

        /// <summary>In-place form of <see cref="sigmoid()"/>.</summary>
        public Tensor sigmoid_() => Dispatcher.CallInPlace(this, Ops.sigmoid_);

        /// <summary>
        /// Mantissa and exponent of each element, so that x = mantissa · 2^exponent with mantissa in (-1, -0.5] or
        /// [0.5, 1).
        /// </summary>
        public (Tensor Mantissa, Tensor Exponent) frexp() => Dispatcher.Call2(Ops.frexp, this);

        /// <summary>
        /// Replaces NaN by <paramref name="nan"/>, +∞ and -∞ by the given numbers or, without them, by the dtype's
        /// largest and smallest.
        /// </summary>
        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) =>
            Dispatcher.Call(Ops.nan_to_num, this, nan, posinf, neginf);

        /// <summary>In-place form of <see cref="nan_to_num(double, double?, double?)"/>.</summary>
        public Tensor nan_to_num_(double nan = 0d, double? posinf = null, double? neginf = null) =>
            Dispatcher.CallInPlace(this, Ops.nan_to_num_, nan, posinf, neginf);

        /// <summary>Error function of each element.</summary>
        public Tensor erf() => Dispatcher.Call(Ops.erf, this);

        /// <summary>In-place form of <see cref="erf()"/>.</summary>
        public Tensor erf_() => Dispatcher.CallInPlace(this, Ops.erf_);

        /// <summary>1 - erf(x) of each element.</summary>
        public Tensor erfc() => Dispatcher.Call(Ops.erfc, this);

        /// <summary>In-place form of <see cref="erfc()"/>.</summary>
        public Tensor erfc_() => Dispatcher.CallInPlace(this, Ops.erfc_);

        /// <summary>Inverse of the error function, on (-1, 1).</summary>
        public Tensor erfinv() => Dispatcher.Call(Ops.erfinv, this);

        /// <summary>In-place form of <see cref="erfinv()"/>.</summary>
        public Tensor erfinv_() => Dispatcher.CallInPlace(this, Ops.erfinv_);

        /// <summary>Derivative of lgamma of each element.</summary>
        public Tensor digamma() => Dispatcher.Call(Ops.digamma, this);

        /// <summary>In-place form of <see cref="digamma()"/>.</summary>
        public Tensor digamma_() => Dispatcher.CallInPlace(this, Ops.digamma_);

        /// <summary>Logarithm of the absolute value of the gamma function.</summary>
        public Tensor lgamma() => Dispatcher.Call(Ops.lgamma, this);

        /// <summary>In-place form of <see cref="lgamma()"/>.</summary>
        public Tensor lgamma_() => Dispatcher.CallInPlace(this, Ops.lgamma_);

        /// <summary>Modified Bessel function of the first kind, order 0.</summary>
        public Tensor i0() => Dispatcher.Call(Ops.i0, this);

        /// <summary>In-place form of <see cref="i0()"/>.</summary>
        public Tensor i0_() => Dispatcher.CallInPlace(this, Ops.i0_);

        /// <summary>Multivariate log-gamma function of dimension <paramref name="p"/>.</summary>
        public Tensor mvlgamma(long p) => Dispatcher.Call(Ops.mvlgamma, this, p);

        /// <summary>In-place form of <see cref="mvlgamma(long)"/>.</summary>
        public Tensor mvlgamma_(long p) => Dispatcher.CallInPlace(this, Ops.mvlgamma_, p);

        /// <summary>The <paramref name="p"/>-th derivative of the digamma function of each element.</summary>
        public Tensor polygamma(long p) => Dispatcher.Call(Ops.polygamma, p, this);

        /// <summary>In-place form of <see cref="polygamma(long)"/>.</summary>
        public Tensor polygamma_(long p) => Dispatcher.CallInPlace(this, Ops.polygamma_, p);

        private static partial class Ops
        {
            internal static readonly Op abs = new("aten::abs");
            internal static readonly Op abs_ = new("aten::abs_");
            internal static readonly Op ceil = new("aten::ceil");
            internal static readonly Op ceil_ = new("aten::ceil_");
            internal static readonly Op floor = new("aten::floor");
            internal static readonly Op floor_ = new("aten::floor_");
            internal static readonly Op trunc = new("aten::trunc");
            internal static readonly Op trunc_ = new("aten::trunc_");
            internal static readonly Op frac = new("aten::frac");
            internal static readonly Op frac_ = new("aten::frac_");
            internal static readonly Op round = new("aten::round");
            internal static readonly Op round_decimals = new("aten::round", "decimals");
            internal static readonly Op round_ = new("aten::round_");
            internal static readonly Op round_decimals_ = new("aten::round_", "decimals");
            internal static readonly Op exp = new("aten::exp");
            internal static readonly Op exp_ = new("aten::exp_");
            internal static readonly Op exp2 = new("aten::exp2");
            internal static readonly Op exp2_ = new("aten::exp2_");
            internal static readonly Op expm1 = new("aten::expm1");
            internal static readonly Op expm1_ = new("aten::expm1_");
            internal static readonly Op log = new("aten::log");
            internal static readonly Op log_ = new("aten::log_");
            internal static readonly Op log10 = new("aten::log10");
            internal static readonly Op log10_ = new("aten::log10_");
            internal static readonly Op log1p = new("aten::log1p");
            internal static readonly Op log1p_ = new("aten::log1p_");
            internal static readonly Op log2 = new("aten::log2");
            internal static readonly Op log2_ = new("aten::log2_");
            internal static readonly Op logit = new("aten::logit");
            internal static readonly Op logit_ = new("aten::logit_");
            internal static readonly Op neg = new("aten::neg");
            internal static readonly Op neg_ = new("aten::neg_");
            internal static readonly Op positive = new("aten::positive");
            internal static readonly Op reciprocal = new("aten::reciprocal");
            internal static readonly Op reciprocal_ = new("aten::reciprocal_");
            internal static readonly Op rsqrt = new("aten::rsqrt");
            internal static readonly Op rsqrt_ = new("aten::rsqrt_");
            internal static readonly Op sqrt = new("aten::sqrt");
            internal static readonly Op sqrt_ = new("aten::sqrt_");
            internal static readonly Op square = new("aten::square");
            internal static readonly Op sign = new("aten::sign");
            internal static readonly Op sign_ = new("aten::sign_");
            internal static readonly Op sgn = new("aten::sgn");
            internal static readonly Op sgn_ = new("aten::sgn_");
            internal static readonly Op signbit = new("aten::signbit");
            internal static readonly Op deg2rad = new("aten::deg2rad");
            internal static readonly Op deg2rad_ = new("aten::deg2rad_");
            internal static readonly Op rad2deg = new("aten::rad2deg");
            internal static readonly Op rad2deg_ = new("aten::rad2deg_");
            internal static readonly Op sigmoid = new("aten::sigmoid");
            internal static readonly Op sigmoid_ = new("aten::sigmoid_");
            internal static readonly Op frexp = new("aten::frexp", "Tensor");
            internal static readonly Op nan_to_num = new("aten::nan_to_num");
            internal static readonly Op nan_to_num_ = new("aten::nan_to_num_");
            internal static readonly Op erf = new("aten::erf");
            internal static readonly Op erf_ = new("aten::erf_");
            internal static readonly Op erfc = new("aten::erfc");
            internal static readonly Op erfc_ = new("aten::erfc_");
            internal static readonly Op erfinv = new("aten::erfinv");
            internal static readonly Op erfinv_ = new("aten::erfinv_");
            internal static readonly Op digamma = new("aten::digamma");
            internal static readonly Op digamma_ = new("aten::digamma_");
            internal static readonly Op lgamma = new("aten::lgamma");
            internal static readonly Op lgamma_ = new("aten::lgamma_");
            internal static readonly Op i0 = new("aten::i0");
            internal static readonly Op i0_ = new("aten::i0_");
            internal static readonly Op mvlgamma = new("aten::mvlgamma");
            internal static readonly Op mvlgamma_ = new("aten::mvlgamma_");
            internal static readonly Op polygamma = new("aten::polygamma");
            internal static readonly Op polygamma_ = new("aten::polygamma_");
        }
    }
}
