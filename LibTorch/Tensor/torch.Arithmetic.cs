namespace TorchSharp;

// Arithmetic and logic in their static form: torch.f(x, y) is x.f(y).
public static partial class torch
{
    /// <summary>How a division rounds its result.</summary>
    public enum RoundingMode
    {
        /// <summary>Not at all.</summary>
        None,

        /// <summary>Towards zero.</summary>
        trunc,

        /// <summary>Towards -∞.</summary>
        floor,
    }

    /// <summary><paramref name="left"/> + <paramref name="right"/>.</summary>
    public static Tensor add(Tensor left, Scalar right) => left.add(right);

    /// <summary><paramref name="left"/> + <paramref name="alpha"/> · <paramref name="right"/>.</summary>
    public static Tensor add(Tensor left, Scalar right, Scalar alpha) => left.add(right, alpha);

    /// <summary><paramref name="left"/> + <paramref name="right"/>.</summary>
    public static Tensor add(Tensor left, Tensor right) => left.add(right);

    /// <summary><paramref name="left"/> + <paramref name="alpha"/> · <paramref name="right"/>.</summary>
    public static Tensor add(Tensor left, Tensor right, Scalar alpha) => left.add(right, alpha);

    /// <summary>Adds <paramref name="right"/> in place.</summary>
    public static Tensor add_(Tensor left, Scalar right) => left.add_(right);

    /// <summary>Adds <paramref name="alpha"/> · <paramref name="right"/> in place.</summary>
    public static Tensor add_(Tensor left, Scalar right, Scalar alpha) => left.add_(right, alpha);

    /// <summary>Adds <paramref name="right"/> in place.</summary>
    public static Tensor add_(Tensor left, Tensor right) => left.add_(right);

    /// <summary>Adds <paramref name="alpha"/> · <paramref name="right"/> in place.</summary>
    public static Tensor add_(Tensor left, Tensor right, Scalar alpha) => left.add_(right, alpha);

    /// <summary><paramref name="left"/> - <paramref name="right"/>.</summary>
    public static Tensor sub(Tensor left, Scalar right) => left.sub(right);

    /// <summary><paramref name="left"/> - <paramref name="right"/>.</summary>
    public static Tensor sub(Tensor left, Tensor right) => left.sub(right);

    /// <summary>Subtracts <paramref name="right"/> in place.</summary>
    public static Tensor sub_(Tensor left, Scalar right) => left.sub_(right);

    /// <summary>Subtracts <paramref name="right"/> in place.</summary>
    public static Tensor sub_(Tensor left, Tensor right) => left.sub_(right);

    /// <summary>Same as <see cref="Tensor.sub(Scalar)"/>.</summary>
    public static Tensor subtract(Tensor left, Scalar right) => left.subtract(right);

    /// <summary>Same as <see cref="Tensor.sub(Tensor)"/>.</summary>
    public static Tensor subtract(Tensor left, Tensor right) => left.subtract(right);

    /// <summary>Same as <see cref="Tensor.sub_(Scalar)"/>.</summary>
    public static Tensor subtract_(Tensor left, Scalar right) => left.subtract_(right);

    /// <summary>Same as <see cref="Tensor.sub_(Tensor)"/>.</summary>
    public static Tensor subtract_(Tensor left, Tensor right) => left.subtract_(right);

    /// <summary><paramref name="left"/> · <paramref name="right"/>.</summary>
    public static Tensor mul(Tensor left, Scalar right) => left.mul(right);

    /// <summary><paramref name="left"/> · <paramref name="right"/>, element by element.</summary>
    public static Tensor mul(Tensor left, Tensor right) => left.mul(right);

    /// <summary>Multiplies by <paramref name="right"/> in place.</summary>
    public static Tensor mul_(Tensor left, Scalar right) => left.mul_(right);

    /// <summary>Multiplies by <paramref name="right"/> in place.</summary>
    public static Tensor mul_(Tensor left, Tensor right) => left.mul_(right);

    /// <summary>Same as <see cref="Tensor.mul(Scalar)"/>.</summary>
    public static Tensor multiply(Tensor left, Scalar right) => left.multiply(right);

    /// <summary>Same as <see cref="Tensor.mul(Tensor)"/>.</summary>
    public static Tensor multiply(Tensor left, Tensor right) => left.multiply(right);

    /// <summary><paramref name="left"/> / <paramref name="right"/>, rounded as asked.</summary>
    public static Tensor div(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.div(right, rounding_mode);

    /// <summary>
    /// <paramref name="left"/> / <paramref name="right"/>, rounded as asked; integers divide to floating point when
    /// not rounded.
    /// </summary>
    public static Tensor div(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.div(right, rounding_mode);

    /// <summary>Divides by <paramref name="right"/> in place, rounded as asked.</summary>
    public static Tensor div_(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.div_(right, rounding_mode);

    /// <summary>Divides by <paramref name="right"/> in place, rounded as asked.</summary>
    public static Tensor div_(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.div_(right, rounding_mode);

    /// <summary>Same as <see cref="Tensor.div(Scalar, RoundingMode)"/>.</summary>
    public static Tensor divide(Tensor left, Scalar right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.divide(right, rounding_mode);

    /// <summary>Same as <see cref="Tensor.div(Tensor, RoundingMode)"/>.</summary>
    public static Tensor divide(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.divide(right, rounding_mode);

    /// <summary>Same as <see cref="Tensor.div_(Tensor, RoundingMode)"/>.</summary>
    public static Tensor divide_(Tensor left, Scalar right) => left.div_(right);

    /// <summary>Same as <see cref="Tensor.div_(Tensor, RoundingMode)"/>.</summary>
    public static Tensor divide_(Tensor left, Tensor right, RoundingMode rounding_mode = RoundingMode.None) =>
        left.divide_(right, rounding_mode);

    /// <summary>Division that never rounds.</summary>
    public static Tensor true_divide(Tensor dividend, Tensor divisor) => dividend.true_divide(divisor);

    /// <summary>In-place division that never rounds; the tensor must be able to hold fractions.</summary>
    public static Tensor true_divide_(Tensor dividend, Tensor divisor) => dividend.true_divide_(divisor);

    /// <summary>Quotient rounded towards -∞.</summary>
    public static Tensor floor_divide(Tensor input, Tensor other) => input.floor_divide(other);

    /// <summary>In-place form of <see cref="Tensor.floor_divide(Tensor)"/>.</summary>
    public static Tensor floor_divide_(Tensor input, Tensor other) => input.floor_divide_(other);

    /// <summary>Remainder of the division with the divisor's sign, as Python's % has it.</summary>
    public static Tensor remainder(Tensor left, Scalar right) => left.remainder(right);

    /// <summary>Remainder of the division with the divisor's sign, as Python's % has it.</summary>
    public static Tensor remainder(Tensor left, Tensor right) => left.remainder(right);

    /// <summary>In-place form of <see cref="Tensor.remainder(Scalar)"/>.</summary>
    public static Tensor remainder_(Tensor left, Scalar right) => left.remainder_(right);

    /// <summary>In-place form of <see cref="Tensor.remainder(Tensor)"/>.</summary>
    public static Tensor remainder_(Tensor left, Tensor right) => left.remainder_(right);

    /// <summary>Remainder of the division with the dividend's sign, as C's fmod has it.</summary>
    public static Tensor fmod(Tensor left, Scalar right) => left.fmod(right);

    /// <summary>Remainder of the division with the dividend's sign, as C's fmod has it.</summary>
    public static Tensor fmod(Tensor left, Tensor right) => left.fmod(right);

    /// <summary>In-place form of <see cref="Tensor.fmod(Scalar)"/>.</summary>
    public static Tensor fmod_(Tensor left, Scalar right) => left.fmod_(right);

    /// <summary>In-place form of <see cref="Tensor.fmod(Tensor)"/>.</summary>
    public static Tensor fmod_(Tensor left, Tensor right) => left.fmod_(right);

    /// <summary>Each element raised to <paramref name="exponent"/>.</summary>
    public static Tensor pow(Tensor left, Scalar exponent) => left.pow(exponent);

    /// <summary>Each element raised to the matching <paramref name="exponent"/>.</summary>
    public static Tensor pow(Tensor left, Tensor exponent) => left.pow(exponent);

    /// <summary>In-place form of <see cref="Tensor.pow(Scalar)"/>.</summary>
    public static Tensor pow_(Tensor left, Scalar exponent) => left.pow_(exponent);

    /// <summary>In-place form of <see cref="Tensor.pow(Tensor)"/>.</summary>
    public static Tensor pow_(Tensor left, Tensor exponent) => left.pow_(exponent);

    /// <summary>Power computed in double precision, whatever the dtypes.</summary>
    public static Tensor float_power(Tensor input, Tensor target) => input.float_power(target);

    /// <summary>In-place form of <see cref="Tensor.float_power(Tensor)"/>.</summary>
    public static Tensor float_power_(Tensor input, Tensor target) => input.float_power_(target);

    /// <summary><paramref name="input"/> + <paramref name="value"/> · <paramref name="tensor1"/> / <paramref name="tensor2"/>.</summary>
    public static Tensor addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        input.addcdiv(tensor1, tensor2, value);

    /// <summary>Adds <paramref name="value"/> · <paramref name="tensor1"/> / <paramref name="tensor2"/> in place.</summary>
    public static Tensor addcdiv_(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        input.addcdiv_(tensor1, tensor2, value);

    /// <summary><paramref name="input"/> + <paramref name="value"/> · <paramref name="tensor1"/> · <paramref name="tensor2"/>.</summary>
    public static Tensor addcmul(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        input.addcmul(tensor1, tensor2, value);

    /// <summary>Adds <paramref name="value"/> · <paramref name="tensor1"/> · <paramref name="tensor2"/> in place.</summary>
    public static Tensor addcmul_(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) =>
        input.addcmul_(tensor1, tensor2, value);

    /// <summary>
    /// Linear interpolation: <paramref name="input"/> + <paramref name="weight"/> · (<paramref name="end"/> -
    /// <paramref name="input"/>).
    /// </summary>
    public static Tensor lerp(Tensor input, Tensor end, Tensor weight) => input.lerp(end, weight);

    /// <summary>Greatest common divisor of integers.</summary>
    public static Tensor gcd(Tensor left, Tensor right) => left.gcd(right);

    /// <summary>In-place form of <see cref="Tensor.gcd(Tensor)"/>.</summary>
    public static Tensor gcd_(Tensor left, Tensor right) => left.gcd_(right);

    /// <summary>Least common multiple of integers.</summary>
    /// <exception cref="ArgumentException">A tensor is not of an integer type.</exception>
    public static Tensor lcm(Tensor input, Tensor other) => input.lcm(other);

    /// <summary>In-place form of <see cref="Tensor.lcm(Tensor)"/>.</summary>
    /// <exception cref="ArgumentException">A tensor is not of an integer type.</exception>
    public static Tensor lcm_(Tensor input, Tensor other) => input.lcm_(other);

    /// <summary>sqrt(this² + <paramref name="right"/>²) without overflow on the way.</summary>
    public static Tensor hypot(Tensor left, Tensor right) => left.hypot(right);

    /// <summary><paramref name="input"/> · 2^<paramref name="other"/>.</summary>
    public static Tensor ldexp(Tensor input, Tensor other) => input.ldexp(other);

    /// <summary>In-place form of <see cref="Tensor.ldexp(Tensor)"/>.</summary>
    public static Tensor ldexp_(Tensor input, Tensor other) => input.ldexp_(other);

    /// <summary>log(exp(<paramref name="left"/>) + exp(<paramref name="right"/>)), computed without overflow.</summary>
    public static Tensor logaddexp(Tensor left, Tensor right) => left.logaddexp(right);

    /// <summary>log2(2^<paramref name="left"/> + 2^<paramref name="right"/>), computed without overflow.</summary>
    public static Tensor logaddexp2(Tensor left, Tensor right) => left.logaddexp2(right);

    /// <summary><paramref name="x"/> · log(<paramref name="y"/>), zero where <paramref name="x"/> is zero.</summary>
    public static Tensor xlogy(Tensor x, Scalar y) => x.xlogy(y);

    /// <summary><paramref name="x"/> · log(<paramref name="y"/>), zero where <paramref name="x"/> is zero.</summary>
    public static Tensor xlogy(Tensor x, Tensor y) => x.xlogy(y);

    /// <summary>In-place form of <see cref="Tensor.xlogy(Scalar)"/>.</summary>
    public static Tensor xlogy_(Tensor x, Scalar y) => x.xlogy_(y);

    /// <summary>In-place form of <see cref="Tensor.xlogy(Tensor)"/>.</summary>
    public static Tensor xlogy_(Tensor x, Tensor y) => x.xlogy_(y);

    /// <summary>Magnitude of <paramref name="input"/> with the sign of <paramref name="other"/>.</summary>
    public static Tensor copysign(Tensor input, Tensor other) => input.copysign(other);

    /// <summary>In-place form of <see cref="Tensor.copysign(Tensor)"/>.</summary>
    public static Tensor copysign_(Tensor input, Tensor other) => input.copysign_(other);

    /// <summary>0 below zero, 1 above, and the matching one of <paramref name="values"/> at zero.</summary>
    public static Tensor heaviside(Tensor input, Tensor values) => input.heaviside(values);

    /// <summary>In-place form of <see cref="Tensor.heaviside(Tensor)"/>.</summary>
    public static Tensor heaviside_(Tensor input, Tensor values) => input.heaviside_(values);

    /// <summary>Next floating-point number after <paramref name="input"/> towards <paramref name="other"/>.</summary>
    public static Tensor nextafter(Tensor input, Tensor other) => input.nextafter(other);

    /// <summary>In-place form of <see cref="Tensor.nextafter(Tensor)"/>.</summary>
    public static Tensor nextafter_(Tensor input, Tensor other) => input.nextafter_(other);

    /// <summary>Regularized lower incomplete gamma function, with <paramref name="input"/> as its shape.</summary>
    public static Tensor igamma(Tensor input, Tensor other) => input.igamma(other);

    /// <summary>Regularized upper incomplete gamma function, with <paramref name="input"/> as its shape.</summary>
    public static Tensor igammac(Tensor input, Tensor other) => input.igammac(other);

    /// <summary>Element-wise limits; either may be absent.</summary>
    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);

    /// <summary>Element-wise limits given as tensors; either may be absent.</summary>
    public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp(min, max);

    /// <summary>In-place form of <see cref="Tensor.clamp(Scalar?, Scalar?)"/>.</summary>
    public static Tensor clamp_(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp_(min, max);

    /// <summary>In-place form of <see cref="Tensor.clamp(Tensor?, Tensor?)"/>.</summary>
    public static Tensor clamp_(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp_(min, max);

    /// <summary>Same as <see cref="Tensor.clamp(Scalar?, Scalar?)"/>.</summary>
    public static Tensor clip(Tensor input, Scalar? min = null, Scalar? max = null) => input.clip(min, max);

    /// <summary>Upper limit for each element.</summary>
    public static Tensor clamp_max(Tensor input, Scalar max) => input.clamp_max(max);

    /// <summary>In-place form of <see cref="Tensor.clamp_max(Scalar)"/>.</summary>
    public static Tensor clamp_max_(Tensor input, Scalar max) => input.clamp_max_(max);

    /// <summary>Lower limit for each element.</summary>
    public static Tensor clamp_min(Tensor input, Scalar min) => input.clamp_min(min);

    /// <summary>In-place form of <see cref="Tensor.clamp_min(Scalar)"/>.</summary>
    public static Tensor clamp_min_(Tensor input, Scalar min) => input.clamp_min_(min);

    /// <summary>Multiplies <paramref name="left"/> in place.</summary>
    public static Tensor multiply_(Tensor left, Scalar right) => left.mul_(right);

    /// <summary>Multiplies <paramref name="left"/> in place.</summary>
    public static Tensor multiply_(Tensor left, Tensor right) => left.mul_(right);

    /// <summary>Bitwise and.</summary>
    public static Tensor bitwise_and(Tensor left, Tensor right) => left.bitwise_and(right);

    /// <summary>In-place form of <see cref="Tensor.bitwise_and(Tensor)"/>.</summary>
    public static Tensor bitwise_and_(Tensor left, Tensor right) => left.bitwise_and_(right);

    /// <summary>Bitwise or.</summary>
    public static Tensor bitwise_or(Tensor left, Tensor right) => left.bitwise_or(right);

    /// <summary>In-place form of <see cref="Tensor.bitwise_or(Tensor)"/>.</summary>
    public static Tensor bitwise_or_(Tensor left, Tensor right) => left.bitwise_or_(right);

    /// <summary>Bitwise exclusive or.</summary>
    public static Tensor bitwise_xor(Tensor left, Tensor right) => left.bitwise_xor(right);

    /// <summary>In-place form of <see cref="Tensor.bitwise_xor(Tensor)"/>.</summary>
    public static Tensor bitwise_xor_(Tensor left, Tensor right) => left.bitwise_xor_(right);

    /// <summary>Each integer shifted left by the matching number of bits.</summary>
    public static Tensor bitwise_left_shift(Tensor left, Tensor right) => left.bitwise_left_shift(right);

    /// <summary>In-place form of <see cref="Tensor.bitwise_left_shift(Tensor)"/>.</summary>
    public static Tensor bitwise_left_shift_(Tensor left, Tensor right) => left.bitwise_left_shift_(right);

    /// <summary>Each integer shifted right by the matching number of bits, keeping its sign.</summary>
    public static Tensor bitwise_right_shift(Tensor left, Tensor right) => left.bitwise_right_shift(right);

    /// <summary>In-place form of <see cref="Tensor.bitwise_right_shift(Tensor)"/>.</summary>
    public static Tensor bitwise_right_shift_(Tensor left, Tensor right) => left.bitwise_right_shift_(right);

    /// <summary>Bitwise complement; logical not for Booleans.</summary>
    public static Tensor bitwise_not(Tensor input) => input.bitwise_not();

    /// <summary>In-place form of <see cref="Tensor.bitwise_not()"/>.</summary>
    public static Tensor bitwise_not_(Tensor input) => input.bitwise_not_();

    /// <summary>True where both elements are non-zero.</summary>
    public static Tensor logical_and(Tensor left, Tensor right) => left.logical_and(right);

    /// <summary>In-place form of <see cref="Tensor.logical_and(Tensor)"/>.</summary>
    public static Tensor logical_and_(Tensor left, Tensor right) => left.logical_and_(right);

    /// <summary>True where either element is non-zero.</summary>
    public static Tensor logical_or(Tensor left, Tensor right) => left.logical_or(right);

    /// <summary>In-place form of <see cref="Tensor.logical_or(Tensor)"/>.</summary>
    public static Tensor logical_or_(Tensor left, Tensor right) => left.logical_or_(right);

    /// <summary>True where exactly one element is non-zero.</summary>
    public static Tensor logical_xor(Tensor left, Tensor right) => left.logical_xor(right);

    /// <summary>In-place form of <see cref="Tensor.logical_xor(Tensor)"/>.</summary>
    public static Tensor logical_xor_(Tensor left, Tensor right) => left.logical_xor_(right);

    /// <summary>True where the element is zero.</summary>
    public static Tensor logical_not(Tensor input) => input.logical_not();
}
