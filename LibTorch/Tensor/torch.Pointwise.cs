namespace TorchSharp;

// Element-wise functions in their static form: torch.f(x) is x.f().
public static partial class torch
{
    /// <summary>Absolute value of each element (modulus for complex tensors).</summary>
    public static Tensor abs(Tensor input) => input.abs();

    /// <summary>In-place form of <see cref="Tensor.abs()"/>.</summary>
    public static Tensor abs_(Tensor input) => input.abs_();

    /// <summary>Same as <see cref="Tensor.abs()"/>.</summary>
    public static Tensor absolute(Tensor input) => input.absolute();

    /// <summary>Same as <see cref="Tensor.abs_()"/>.</summary>
    public static Tensor absolute_(Tensor input) => input.absolute_();

    /// <summary>Smallest integer not below each element.</summary>
    public static Tensor ceil(Tensor input) => input.ceil();

    /// <summary>In-place form of <see cref="Tensor.ceil()"/>.</summary>
    public static Tensor ceil_(Tensor input) => input.ceil_();

    /// <summary>Largest integer not above each element.</summary>
    public static Tensor floor(Tensor input) => input.floor();

    /// <summary>In-place form of <see cref="Tensor.floor()"/>.</summary>
    public static Tensor floor_(Tensor input) => input.floor_();

    /// <summary>Integer part of each element: rounds towards zero.</summary>
    public static Tensor trunc(Tensor input) => input.trunc();

    /// <summary>In-place form of <see cref="Tensor.trunc()"/>.</summary>
    public static Tensor trunc_(Tensor input) => input.trunc_();

    /// <summary>Same as <see cref="Tensor.trunc()"/>.</summary>
    public static Tensor fix(Tensor input) => input.fix();

    /// <summary>Same as <see cref="Tensor.trunc_()"/>.</summary>
    public static Tensor fix_(Tensor input) => input.fix_();

    /// <summary>Fractional part of each element, with the element's sign.</summary>
    public static Tensor frac(Tensor input) => input.frac();

    /// <summary>In-place form of <see cref="Tensor.frac()"/>.</summary>
    public static Tensor frac_(Tensor input) => input.frac_();

    /// <summary>
    /// Rounds each element to <paramref name="decimals"/> decimals, halves to the even neighbour; negative counts
    /// round left of the point.
    /// </summary>
    public static Tensor round(Tensor input, long decimals = 0) => input.round(decimals);

    /// <summary>In-place form of <see cref="Tensor.round(long)"/>.</summary>
    public static Tensor round_(Tensor input, long decimals = 0) => input.round_(decimals);

    /// <summary>e raised to each element.</summary>
    public static Tensor exp(Tensor input) => input.exp();

    /// <summary>In-place form of <see cref="Tensor.exp()"/>.</summary>
    public static Tensor exp_(Tensor input) => input.exp_();

    /// <summary>2 raised to each element.</summary>
    public static Tensor exp2(Tensor input) => input.exp2();

    /// <summary>In-place form of <see cref="Tensor.exp2()"/>.</summary>
    public static Tensor exp2_(Tensor input) => input.exp2_();

    /// <summary>exp(x) - 1 of each element, accurate near zero.</summary>
    public static Tensor expm1(Tensor input) => input.expm1();

    /// <summary>In-place form of <see cref="Tensor.expm1()"/>.</summary>
    public static Tensor expm1_(Tensor input) => input.expm1_();

    /// <summary>Natural logarithm of each element.</summary>
    public static Tensor log(Tensor input) => input.log();

    /// <summary>In-place form of <see cref="Tensor.log()"/>.</summary>
    public static Tensor log_(Tensor input) => input.log_();

    /// <summary>Base-10 logarithm of each element.</summary>
    public static Tensor log10(Tensor input) => input.log10();

    /// <summary>In-place form of <see cref="Tensor.log10()"/>.</summary>
    public static Tensor log10_(Tensor input) => input.log10_();

    /// <summary>log(1 + x) of each element, accurate near zero.</summary>
    public static Tensor log1p(Tensor input) => input.log1p();

    /// <summary>In-place form of <see cref="Tensor.log1p()"/>.</summary>
    public static Tensor log1p_(Tensor input) => input.log1p_();

    /// <summary>Base-2 logarithm of each element.</summary>
    public static Tensor log2(Tensor input) => input.log2();

    /// <summary>In-place form of <see cref="Tensor.log2()"/>.</summary>
    public static Tensor log2_(Tensor input) => input.log2_();

    /// <summary>
    /// log(x / (1 - x)) of each element, after clamping it to [<paramref name="eps"/>, 1 - <paramref name="eps"/>]
    /// when given.
    /// </summary>
    public static Tensor logit(Tensor input, double? eps = null) => input.logit(eps);

    /// <summary>In-place form of <see cref="Tensor.logit(double?)"/>.</summary>
    public static Tensor logit_(Tensor input, double? eps = null) => input.logit_(eps);

    /// <summary>Each element with its sign turned.</summary>
    public static Tensor neg(Tensor input) => input.neg();

    /// <summary>In-place form of <see cref="Tensor.neg()"/>.</summary>
    public static Tensor neg_(Tensor input) => input.neg_();

    /// <summary>Same as <see cref="Tensor.neg()"/>.</summary>
    public static Tensor negative(Tensor input) => input.negative();

    /// <summary>The tensor itself, as a view; not defined for Boolean tensors.</summary>
    /// <exception cref="ArgumentException">The tensor is Boolean.</exception>
    public static Tensor positive(Tensor input) => input.positive();

    /// <summary>1 / x of each element; integers give floating-point results.</summary>
    public static Tensor reciprocal(Tensor input) => input.reciprocal();

    /// <summary>In-place form of <see cref="Tensor.reciprocal()"/>.</summary>
    public static Tensor reciprocal_(Tensor input) => input.reciprocal_();

    /// <summary>1 / sqrt(x) of each element.</summary>
    public static Tensor rsqrt(Tensor input) => input.rsqrt();

    /// <summary>In-place form of <see cref="Tensor.rsqrt()"/>.</summary>
    public static Tensor rsqrt_(Tensor input) => input.rsqrt_();

    /// <summary>Square root of each element.</summary>
    public static Tensor sqrt(Tensor input) => input.sqrt();

    /// <summary>In-place form of <see cref="Tensor.sqrt()"/>.</summary>
    public static Tensor sqrt_(Tensor input) => input.sqrt_();

    /// <summary>Square of each element.</summary>
    public static Tensor square(Tensor input) => input.square();

    /// <summary>-1, 0 or 1: the sign of each element.</summary>
    public static Tensor sign(Tensor input) => input.sign();

    /// <summary>In-place form of <see cref="Tensor.sign()"/>.</summary>
    public static Tensor sign_(Tensor input) => input.sign_();

    /// <summary>Sign of each element; for complex numbers x / |x|.</summary>
    public static Tensor sgn(Tensor input) => input.sgn();

    /// <summary>In-place form of <see cref="Tensor.sgn()"/>.</summary>
    public static Tensor sgn_(Tensor input) => input.sgn_();

    /// <summary>True where an element has its sign bit set (negative zero included).</summary>
    public static Tensor signbit(Tensor input) => input.signbit();

    /// <summary>Each element from degrees to radians.</summary>
    public static Tensor deg2rad(Tensor input) => input.deg2rad();

    /// <summary>In-place form of <see cref="Tensor.deg2rad()"/>.</summary>
    public static Tensor deg2rad_(Tensor input) => input.deg2rad_();

    /// <summary>Each element from radians to degrees.</summary>
    public static Tensor rad2deg(Tensor input) => input.rad2deg();

    /// <summary>In-place form of <see cref="Tensor.rad2deg()"/>.</summary>
    public static Tensor rad2deg_(Tensor input) => input.rad2deg_();

    /// <summary>1 / (1 + exp(-x)) of each element.</summary>
    public static Tensor sigmoid(Tensor input) => input.sigmoid();

    /// <summary>In-place form of <see cref="Tensor.sigmoid()"/>.</summary>
    public static Tensor sigmoid_(Tensor input) => input.sigmoid_();

    /// <summary>Mantissa and exponent of each element, so that x = mantissa · 2^exponent with mantissa in (-1, -0.5] or [0.5, 1).</summary>
    public static (Tensor Mantissa, Tensor Exponent) frexp(Tensor input) => input.frexp();

    /// <summary>
    /// Replaces NaN by <paramref name="nan"/>, +∞ and -∞ by the given numbers or, without them, by the dtype's
    /// largest and smallest.
    /// </summary>
    public static Tensor nan_to_num(Tensor input, double nan = 0, double? posinf = null, double? neginf = null) =>
        input.nan_to_num(nan, posinf, neginf);

    /// <summary>In-place form of <see cref="Tensor.nan_to_num(double, double?, double?)"/>.</summary>
    public static Tensor nan_to_num_(Tensor input, double nan = 0, double? posinf = null, double? neginf = null) =>
        input.nan_to_num_(nan, posinf, neginf);

    /// <summary>Error function of each element.</summary>
    public static Tensor erf(Tensor input) => input.erf();

    /// <summary>In-place form of <see cref="Tensor.erf()"/>.</summary>
    public static Tensor erf_(Tensor input) => input.erf_();

    /// <summary>1 - erf(x) of each element.</summary>
    public static Tensor erfc(Tensor input) => input.erfc();

    /// <summary>In-place form of <see cref="Tensor.erfc()"/>.</summary>
    public static Tensor erfc_(Tensor input) => input.erfc_();

    /// <summary>Inverse of the error function, on (-1, 1).</summary>
    public static Tensor erfinv(Tensor input) => input.erfinv();

    /// <summary>In-place form of <see cref="Tensor.erfinv()"/>.</summary>
    public static Tensor erfinv_(Tensor input) => input.erfinv_();

    /// <summary>Derivative of lgamma of each element.</summary>
    public static Tensor digamma(Tensor input) => input.digamma();

    /// <summary>In-place form of <see cref="Tensor.digamma()"/>.</summary>
    public static Tensor digamma_(Tensor input) => input.digamma_();

    /// <summary>Logarithm of the absolute value of the gamma function.</summary>
    public static Tensor lgamma(Tensor input) => input.lgamma();

    /// <summary>In-place form of <see cref="Tensor.lgamma()"/>.</summary>
    public static Tensor lgamma_(Tensor input) => input.lgamma_();

    /// <summary>Modified Bessel function of the first kind, order 0.</summary>
    public static Tensor i0(Tensor input) => input.i0();

    /// <summary>In-place form of <see cref="Tensor.i0()"/>.</summary>
    public static Tensor i0_(Tensor input) => input.i0_();

    /// <summary>Multivariate log-gamma function of dimension <paramref name="p"/>.</summary>
    public static Tensor mvlgamma(Tensor input, long p) => input.mvlgamma(p);

    /// <summary>In-place form of <see cref="Tensor.mvlgamma(long)"/>.</summary>
    public static Tensor mvlgamma_(Tensor input, long p) => input.mvlgamma_(p);

    /// <summary>The <paramref name="p"/>-th derivative of the digamma function of each element.</summary>
    public static Tensor polygamma(Tensor input, long p) => input.polygamma(p);

    /// <summary>In-place form of <see cref="Tensor.polygamma(long)"/>.</summary>
    public static Tensor polygamma_(Tensor input, long p) => input.polygamma_(p);

    /// <summary>In-place form of negative.</summary>
    public static Tensor negative_(Tensor input) => input.neg_();

    /// <summary>Sine of each element.</summary>
    public static Tensor sin(Tensor input) => input.sin();

    /// <summary>In-place form of <see cref="Tensor.sin()"/>.</summary>
    public static Tensor sin_(Tensor input) => input.sin_();

    /// <summary>Cosine of each element.</summary>
    public static Tensor cos(Tensor input) => input.cos();

    /// <summary>In-place form of <see cref="Tensor.cos()"/>.</summary>
    public static Tensor cos_(Tensor input) => input.cos_();

    /// <summary>Tangent of each element.</summary>
    public static Tensor tan(Tensor input) => input.tan();

    /// <summary>In-place form of <see cref="Tensor.tan()"/>.</summary>
    public static Tensor tan_(Tensor input) => input.tan_();

    /// <summary>Angle in [-π/2, π/2] whose sine is the element.</summary>
    public static Tensor asin(Tensor input) => input.asin();

    /// <summary>In-place form of <see cref="Tensor.asin()"/>.</summary>
    public static Tensor asin_(Tensor input) => input.asin_();

    /// <summary>Same as <see cref="Tensor.asin()"/>.</summary>
    public static Tensor arcsin(Tensor input) => input.arcsin();

    /// <summary>Same as <see cref="Tensor.asin_()"/>.</summary>
    public static Tensor arcsin_(Tensor input) => input.arcsin_();

    /// <summary>Angle in [0, π] whose cosine is the element.</summary>
    public static Tensor acos(Tensor input) => input.acos();

    /// <summary>In-place form of <see cref="Tensor.acos()"/>.</summary>
    public static Tensor acos_(Tensor input) => input.acos_();

    /// <summary>Same as <see cref="Tensor.acos()"/>.</summary>
    public static Tensor arccos(Tensor input) => input.arccos();

    /// <summary>Same as <see cref="Tensor.acos_()"/>.</summary>
    public static Tensor arccos_(Tensor input) => input.arccos_();

    /// <summary>Angle in (-π/2, π/2) whose tangent is the element.</summary>
    public static Tensor atan(Tensor input) => input.atan();

    /// <summary>In-place form of <see cref="Tensor.atan()"/>.</summary>
    public static Tensor atan_(Tensor input) => input.atan_();

    /// <summary>Same as <see cref="Tensor.atan()"/>.</summary>
    public static Tensor arctan(Tensor input) => input.arctan();

    /// <summary>Same as <see cref="Tensor.atan2(Tensor)"/>.</summary>
    public static Tensor arctan(Tensor input, Tensor other) => input.arctan(other);

    /// <summary>Same as <see cref="Tensor.atan_()"/>.</summary>
    public static Tensor arctan_(Tensor input) => input.arctan_();

    /// <summary>Same as <see cref="Tensor.atan2_(Tensor)"/>.</summary>
    public static Tensor arctan_(Tensor input, Tensor other) => input.arctan_(other);

    /// <summary>Angle of the point (<paramref name="other"/>, <paramref name="input"/>) in the plane, in (-π, π].</summary>
    public static Tensor atan2(Tensor input, Tensor other) => input.atan2(other);

    /// <summary>In-place form of <see cref="Tensor.atan2(Tensor)"/>.</summary>
    public static Tensor atan2_(Tensor input, Tensor other) => input.atan2_(other);

    /// <summary>Same as <see cref="Tensor.atan2(Tensor)"/>.</summary>
    public static Tensor arctan2(Tensor input, Tensor other) => input.arctan2(other);

    /// <summary>Same as <see cref="Tensor.atan2_(Tensor)"/>.</summary>
    public static Tensor arctan2_(Tensor input, Tensor other) => input.arctan2_(other);

    /// <summary>sin(πx) / (πx) of each element, 1 at zero.</summary>
    public static Tensor sinc(Tensor input) => input.sinc();

    /// <summary>In-place form of <see cref="Tensor.sinc()"/>.</summary>
    public static Tensor sinc_(Tensor input) => input.sinc_();

    /// <summary>Hyperbolic sine of each element.</summary>
    public static Tensor sinh(Tensor input) => input.sinh();

    /// <summary>In-place form of <see cref="Tensor.sinh()"/>.</summary>
    public static Tensor sinh_(Tensor input) => input.sinh_();

    /// <summary>Hyperbolic cosine of each element.</summary>
    public static Tensor cosh(Tensor input) => input.cosh();

    /// <summary>In-place form of <see cref="Tensor.cosh()"/>.</summary>
    public static Tensor cosh_(Tensor input) => input.cosh_();

    /// <summary>Hyperbolic tangent of each element.</summary>
    public static Tensor tanh(Tensor input) => input.tanh();

    /// <summary>In-place form of <see cref="Tensor.tanh()"/>.</summary>
    public static Tensor tanh_(Tensor input) => input.tanh_();

    /// <summary>Inverse hyperbolic sine of each element.</summary>
    public static Tensor arcsinh(Tensor input) => input.arcsinh();

    /// <summary>In-place form of <see cref="Tensor.arcsinh()"/>.</summary>
    public static Tensor arcsinh_(Tensor input) => input.arcsinh_();

    /// <summary>Same as <see cref="Tensor.arcsinh()"/>.</summary>
    public static Tensor asinh(Tensor input) => input.asinh();

    /// <summary>Same as <see cref="Tensor.arcsinh_()"/>.</summary>
    public static Tensor asinh_(Tensor input) => input.asinh_();

    /// <summary>Inverse hyperbolic cosine of each element.</summary>
    public static Tensor arccosh(Tensor input) => input.arccosh();

    /// <summary>In-place form of <see cref="Tensor.arccosh()"/>.</summary>
    public static Tensor arccosh_(Tensor input) => input.arccosh_();

    /// <summary>Same as <see cref="Tensor.arccosh()"/>.</summary>
    public static Tensor acosh(Tensor input) => input.acosh();

    /// <summary>Same as <see cref="Tensor.arccosh_()"/>.</summary>
    public static Tensor acosh_(Tensor input) => input.acosh_();

    /// <summary>Inverse hyperbolic tangent of each element.</summary>
    public static Tensor arctanh(Tensor input) => input.arctanh();

    /// <summary>In-place form of <see cref="Tensor.arctanh()"/>.</summary>
    public static Tensor arctanh_(Tensor input) => input.arctanh_();

    /// <summary>Same as <see cref="Tensor.arctanh()"/>.</summary>
    public static Tensor atanh(Tensor input) => input.atanh();

    /// <summary>Same as <see cref="Tensor.arctanh_()"/>.</summary>
    public static Tensor atanh_(Tensor input) => input.atanh_();

    /// <summary>Argument of each element: 0 or π for real numbers.</summary>
    public static Tensor angle(Tensor input) => input.angle();

    /// <summary>Complex conjugate as a view with its conjugate bit turned.</summary>
    public static Tensor conj(Tensor input) => input.conj();

    /// <summary>Complex conjugate, computed at once.</summary>
    public static Tensor conj_physical(Tensor input) => input.conj_physical();

    /// <summary>In-place form of <see cref="Tensor.conj_physical()"/>.</summary>
    public static Tensor conj_physical_(Tensor input) => input.conj_physical_();

    /// <summary>True if <paramref name="input"/> is a lazily conjugated view.</summary>
    public static bool is_conj(Tensor input) => input.is_conj();

    /// <summary>The tensor itself, or a copy with the pending conjugation carried out.</summary>
    public static Tensor resolve_conj(Tensor input) => input.resolve_conj();

    /// <summary>True if <paramref name="input"/> is a lazily negated view.</summary>
    public static Tensor is_neg(Tensor input) => input.is_neg();

    /// <summary>The tensor itself, or a copy with the pending negation carried out.</summary>
    public static Tensor resolve_neg(Tensor input) => input.resolve_neg();

    /// <summary>A real tensor of shape [..., 2] seen as complex numbers of shape [...].</summary>
    public static Tensor view_as_complex(Tensor input) => input.view_as_complex();

    /// <summary>A complex tensor of shape [...] seen as real numbers of shape [..., 2].</summary>
    public static Tensor view_as_real(Tensor input) => input.view_as_real();

    /// <summary>The real parts of <paramref name="input"/>, as a view.</summary>
    public static Tensor real(Tensor input) => input.real;

    /// <summary>The imaginary parts of <paramref name="input"/>, as a view.</summary>
    public static Tensor imag(Tensor input) => input.imag;
}
