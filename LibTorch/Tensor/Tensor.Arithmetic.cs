namespace TorchSharp;

public static partial class torch
{
    // Arithmetic of two tensors, or of a tensor and a number, with broadcasting.
    public partial class Tensor
    {
        /// <summary>this + <paramref name="target"/>.</summary>
        public Tensor add(Tensor target) => Dispatcher.Call(Ops.add, this, target);

        /// <summary>this + <paramref name="alpha"/> · <paramref name="target"/>.</summary>
        public Tensor add(Tensor target, Scalar alpha) => Dispatcher.Call(Ops.add, this, target, alpha);

        /// <summary>this + <paramref name="scalar"/>.</summary>
        public Tensor add(Scalar scalar) => Dispatcher.Call(Ops.add_scalar, this, scalar);

        /// <summary>this + <paramref name="alpha"/> · <paramref name="scalar"/>.</summary>
        public Tensor add(Scalar scalar, Scalar alpha) => Dispatcher.Call(Ops.add_scalar, this, scalar, alpha);

        /// <summary>Adds <paramref name="target"/> in place.</summary>
        public Tensor add_(Tensor target) => Dispatcher.CallInPlace(this, Ops.add_, target);

        /// <summary>Adds <paramref name="alpha"/> · <paramref name="target"/> in place.</summary>
        public Tensor add_(Tensor target, Scalar alpha) => Dispatcher.CallInPlace(this, Ops.add_, target, alpha);

        /// <summary>Adds <paramref name="scalar"/> in place.</summary>
        public Tensor add_(Scalar scalar) => Dispatcher.CallInPlace(this, Ops.add_scalar_, scalar);

        /// <summary>Adds <paramref name="alpha"/> · <paramref name="scalar"/> in place.</summary>
        public Tensor add_(Scalar scalar, Scalar alpha) => Dispatcher.CallInPlace(this, Ops.add_scalar_, scalar, alpha);

        /// <summary>this - <paramref name="target"/>.</summary>
        public Tensor sub(Tensor target) => Dispatcher.Call(Ops.sub, this, target);

        /// <summary>this - <paramref name="target"/>.</summary>
        public Tensor sub(Scalar target) => Dispatcher.Call(Ops.sub_scalar, this, target);

        /// <summary>Subtracts <paramref name="target"/> in place.</summary>
        public Tensor sub_(Tensor target) => Dispatcher.CallInPlace(this, Ops.sub_, target);

        /// <summary>Subtracts <paramref name="target"/> in place.</summary>
        public Tensor sub_(Scalar target) => Dispatcher.CallInPlace(this, Ops.sub_scalar_, target);

        /// <summary>Same as <see cref="sub(Tensor)"/>.</summary>
        public Tensor subtract(Tensor target) => sub(target);

        /// <summary>Same as <see cref="sub(Scalar)"/>.</summary>
        public Tensor subtract(Scalar target) => sub(target);

        /// <summary>Same as <see cref="sub_(Tensor)"/>.</summary>
        public Tensor subtract_(Tensor target) => sub_(target);

        /// <summary>Same as <see cref="sub_(Scalar)"/>.</summary>
        public Tensor subtract_(Scalar target) => sub_(target);

        /// <summary>this · <paramref name="target"/>, element by element.</summary>
        public Tensor mul(Tensor target) => Dispatcher.Call(Ops.mul, this, target);

        /// <summary>this · <paramref name="target"/>.</summary>
        public Tensor mul(Scalar target) => Dispatcher.Call(Ops.mul_scalar, this, target);

        /// <summary>Multiplies by <paramref name="target"/> in place.</summary>
        public Tensor mul_(Tensor target) => Dispatcher.CallInPlace(this, Ops.mul_, target);

        /// <summary>Multiplies by <paramref name="target"/> in place.</summary>
        public Tensor mul_(Scalar target) => Dispatcher.CallInPlace(this, Ops.mul_scalar_, target);

        /// <summary>Same as <see cref="mul(Tensor)"/>.</summary>
        public Tensor multiply(Tensor target) => mul(target);

        /// <summary>Same as <see cref="mul(Scalar)"/>.</summary>
        public Tensor multiply(Scalar target) => mul(target);

        /// <summary>this / <paramref name="target"/>, rounded as asked; integers divide to floating point when not rounded.</summary>
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Dispatcher.Call(Ops.div, this, target, NameOf(rounding_mode));

        /// <summary>this / <paramref name="target"/>, rounded as asked.</summary>
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Dispatcher.Call(Ops.div_scalar, this, target, NameOf(rounding_mode));

        /// <summary>Divides by <paramref name="target"/> in place, rounded as asked.</summary>
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Dispatcher.CallInPlace(this, Ops.div_, target, NameOf(rounding_mode));

        /// <summary>Divides by <paramref name="target"/> in place, rounded as asked.</summary>
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Dispatcher.CallInPlace(this, Ops.div_scalar_, target, NameOf(rounding_mode));

        /// <summary>Same as <see cref="div(Tensor, RoundingMode)"/>.</summary>
        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        /// <summary>Same as <see cref="div(Scalar, RoundingMode)"/>.</summary>
        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        /// <summary>Same as <see cref="div_(Tensor, RoundingMode)"/>.</summary>
        public Tensor divide_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        /// <summary>Same as <see cref="div_(Scalar, RoundingMode)"/>.</summary>
        public Tensor divide_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div_(target, rounding_mode);

        /// <summary>libtorch's name of a rounding mode; none is no rounding.</summary>
        private static Arg NameOf(RoundingMode mode) => mode switch
        {
            RoundingMode.trunc => "trunc",
            RoundingMode.floor => "floor",
            _ => Arg.None,
        };

        /// <summary>Division that never rounds.</summary>
        public Tensor true_divide(Tensor other) => div(other);

        /// <summary>Division that never rounds.</summary>
        public Tensor true_divide(Scalar other) => div(other);

        /// <summary>In-place division that never rounds; the tensor must be able to hold fractions.</summary>
        public Tensor true_divide_(Tensor other) => div_(other);

        /// <summary>In-place division that never rounds; the tensor must be able to hold fractions.</summary>
        public Tensor true_divide_(Scalar other) => div_(other);

        /// <summary>Quotient rounded towards -∞.</summary>
        public Tensor floor_divide(Tensor other) => Dispatcher.Call(Ops.floor_divide, this, other);

        /// <summary>Quotient rounded towards -∞.</summary>
        public Tensor floor_divide(Scalar other) => Dispatcher.Call(Ops.floor_divide_scalar, this, other);

        /// <summary>In-place form of <see cref="floor_divide(Tensor)"/>.</summary>
        public Tensor floor_divide_(Tensor other) => Dispatcher.CallInPlace(this, Ops.floor_divide_, other);

        /// <summary>In-place form of <see cref="floor_divide(Scalar)"/>.</summary>
        public Tensor floor_divide_(Scalar other) => Dispatcher.CallInPlace(this, Ops.floor_divide_scalar_, other);

        /// <summary>Remainder of the division with the divisor's sign, as Python's % has it.</summary>
        public Tensor remainder(Tensor target) => Dispatcher.Call(Ops.remainder, this, target);

        /// <summary>Remainder of the division with the divisor's sign, as Python's % has it.</summary>
        public Tensor remainder(Scalar scalar) => Dispatcher.Call(Ops.remainder_scalar, this, scalar);

        /// <summary>In-place form of <see cref="remainder(Tensor)"/>.</summary>
        public Tensor remainder_(Tensor target) => Dispatcher.CallInPlace(this, Ops.remainder_, target);

        /// <summary>In-place form of <see cref="remainder(Scalar)"/>.</summary>
        public Tensor remainder_(Scalar scalar) => Dispatcher.CallInPlace(this, Ops.remainder_scalar_, scalar);

        /// <summary>Remainder of the division with the dividend's sign, as C's fmod has it.</summary>
        public Tensor fmod(Tensor target) => Dispatcher.Call(Ops.fmod, this, target);

        /// <summary>Remainder of the division with the dividend's sign, as C's fmod has it.</summary>
        public Tensor fmod(Scalar scalar) => Dispatcher.Call(Ops.fmod_scalar, this, scalar);

        /// <summary>In-place form of <see cref="fmod(Tensor)"/>.</summary>
        public Tensor fmod_(Tensor target) => Dispatcher.CallInPlace(this, Ops.fmod_, target);

        /// <summary>In-place form of <see cref="fmod(Scalar)"/>.</summary>
        public Tensor fmod_(Scalar scalar) => Dispatcher.CallInPlace(this, Ops.fmod_scalar_, scalar);

        /// <summary>Each element raised to the matching <paramref name="exponent"/>.</summary>
        public Tensor pow(Tensor exponent) => Dispatcher.Call(Ops.pow, this, exponent);

        /// <summary>Each element raised to <paramref name="exponent"/>.</summary>
        public Tensor pow(Scalar exponent) => Dispatcher.Call(Ops.pow_scalar, this, exponent);

        /// <summary>In-place form of <see cref="pow(Tensor)"/>.</summary>
        public Tensor pow_(Tensor exponent) => Dispatcher.CallInPlace(this, Ops.pow_, exponent);

        /// <summary>In-place form of <see cref="pow(Scalar)"/>.</summary>
        public Tensor pow_(Scalar exponent) => Dispatcher.CallInPlace(this, Ops.pow_scalar_, exponent);

        /// <summary>Power computed in double precision, whatever the dtypes.</summary>
        public Tensor float_power(Tensor target) => Dispatcher.Call(Ops.float_power, this, target);

        /// <summary>In-place form of <see cref="float_power(Tensor)"/>: this is in double precision already.</summary>
        public Tensor float_power_(Tensor target) => Dispatcher.CallInPlace(this, Ops.float_power_, target);

        /// <summary>this + <paramref name="value"/> · <paramref name="tensor1"/> / <paramref name="tensor2"/>.</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Dispatcher.Call(Ops.addcdiv, this, tensor1, tensor2, value);

        /// <summary>this + <paramref name="tensor1"/> / <paramref name="tensor2"/>.</summary>
        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => Dispatcher.Call(Ops.addcdiv, this, tensor1, tensor2);

        /// <summary>Adds <paramref name="value"/> · <paramref name="tensor1"/> / <paramref name="tensor2"/> in place.</summary>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Dispatcher.CallInPlace(this, Ops.addcdiv_, tensor1, tensor2, value);

        /// <summary>Adds <paramref name="tensor1"/> / <paramref name="tensor2"/> in place.</summary>
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => Dispatcher.CallInPlace(this, Ops.addcdiv_, tensor1, tensor2);

        /// <summary>this + <paramref name="value"/> · <paramref name="tensor1"/> · <paramref name="tensor2"/>.</summary>
        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Dispatcher.Call(Ops.addcmul, this, tensor1, tensor2, value);

        /// <summary>Adds <paramref name="value"/> · <paramref name="tensor1"/> · <paramref name="tensor2"/> in place.</summary>
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) =>
            Dispatcher.CallInPlace(this, Ops.addcmul_, tensor1, tensor2, value);

        /// <summary>Linear interpolation: this + <paramref name="weight"/> · (<paramref name="end"/> - this).</summary>
        public Tensor lerp(Tensor end, Tensor weight) => Dispatcher.Call(Ops.lerp, this, end, weight);

        /// <summary>In-place form of <see cref="lerp(Tensor, Tensor)"/>.</summary>
        public Tensor lerp_(Tensor end, Tensor weight) => Dispatcher.CallInPlace(this, Ops.lerp_, end, weight);

        /// <summary>Greatest common divisor of integers.</summary>
        public Tensor gcd(Tensor other) => Dispatcher.Call(Ops.gcd, this, other);

        /// <summary>In-place form of <see cref="gcd(Tensor)"/>.</summary>
        public Tensor gcd_(Tensor other) => Dispatcher.CallInPlace(this, Ops.gcd_, other);

        /// <summary>Least common multiple of integers.</summary>
        /// <exception cref="ArgumentException">A tensor is not of an integer type.</exception>
        public Tensor lcm(Tensor other) => Dispatcher.Call(Ops.lcm, Integers(this), Integers(other));

        /// <summary>In-place form of <see cref="lcm(Tensor)"/>.</summary>
        /// <exception cref="ArgumentException">A tensor is not of an integer type.</exception>
        public Tensor lcm_(Tensor other) => Dispatcher.CallInPlace(Integers(this), Ops.lcm_, Integers(other));

        private static Tensor Integers(Tensor tensor) => torch.is_integral(tensor.dtype)
            ? tensor
            : throw new ArgumentException($"lcm needs integers, but got a tensor of type {tensor.dtype}; convert it first.");

        /// <summary>sqrt(this² + <paramref name="other"/>²) without overflow on the way.</summary>
        public Tensor hypot(Tensor other) => Dispatcher.Call(Ops.hypot, this, other);

        /// <summary>this · 2^<paramref name="other"/>.</summary>
        public Tensor ldexp(Tensor other) => Dispatcher.Call(Ops.ldexp, this, other);

        /// <summary>In-place form of <see cref="ldexp(Tensor)"/>.</summary>
        public Tensor ldexp_(Tensor other) => Dispatcher.CallInPlace(this, Ops.ldexp_, other);

        /// <summary>log(exp(this) + exp(<paramref name="other"/>)), computed without overflow.</summary>
        public Tensor logaddexp(Tensor other) => Dispatcher.Call(Ops.logaddexp, this, other);

        /// <summary>log2(2^this + 2^<paramref name="other"/>), computed without overflow.</summary>
        public Tensor logaddexp2(Tensor other) => Dispatcher.Call(Ops.logaddexp2, this, other);

        /// <summary>this · log(<paramref name="y"/>), zero where this is zero.</summary>
        public Tensor xlogy(Tensor y) => Dispatcher.Call(Ops.xlogy, this, y);

        /// <summary>this · log(<paramref name="y"/>), zero where this is zero.</summary>
        public Tensor xlogy(Scalar y) => Dispatcher.Call(Ops.xlogy_scalar, this, y);

        /// <summary>In-place form of <see cref="xlogy(Tensor)"/>.</summary>
        public Tensor xlogy_(Tensor y) => Dispatcher.CallInPlace(this, Ops.xlogy_, y);

        /// <summary>In-place form of <see cref="xlogy(Scalar)"/>.</summary>
        public Tensor xlogy_(Scalar y) => Dispatcher.CallInPlace(this, Ops.xlogy_scalar_, y);

        /// <summary>Magnitude of this with the sign of <paramref name="other"/>.</summary>
        public Tensor copysign(Tensor other) => Dispatcher.Call(Ops.copysign, this, other);

        /// <summary>In-place form of <see cref="copysign(Tensor)"/>.</summary>
        public Tensor copysign_(Tensor other) => Dispatcher.CallInPlace(this, Ops.copysign_, other);

        /// <summary>0 below zero, 1 above, and the matching value of <paramref name="other"/> at zero.</summary>
        public Tensor heaviside(Tensor other) => Dispatcher.Call(Ops.heaviside, this, other);

        /// <summary>In-place form of <see cref="heaviside(Tensor)"/>.</summary>
        public Tensor heaviside_(Tensor other) => Dispatcher.CallInPlace(this, Ops.heaviside_, other);

        /// <summary>Next floating-point number after this towards <paramref name="other"/>.</summary>
        public Tensor nextafter(Tensor other) => Dispatcher.Call(Ops.nextafter, this, other);

        /// <summary>In-place form of <see cref="nextafter(Tensor)"/>.</summary>
        public Tensor nextafter_(Tensor other) => Dispatcher.CallInPlace(this, Ops.nextafter_, other);

        /// <summary>Regularized lower incomplete gamma function, with this as its shape.</summary>
        public Tensor igamma(Tensor other) => Dispatcher.Call(Ops.igamma, this, other);

        /// <summary>Regularized upper incomplete gamma function, with this as its shape.</summary>
        public Tensor igammac(Tensor other) => Dispatcher.Call(Ops.igammac, this, other);

        /// <summary>Element-wise limits; either may be absent.</summary>
        public Tensor clamp(Scalar? min = null, Scalar? max = null) => Dispatcher.Call(Ops.clamp, this, min, max);

        /// <summary>Element-wise limits given as tensors; either may be absent.</summary>
        public Tensor clamp(Tensor? min = null, Tensor? max = null) => Dispatcher.Call(Ops.clamp_tensor, this, min, max);

        /// <summary>In-place form of <see cref="clamp(Scalar?, Scalar?)"/>.</summary>
        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Dispatcher.CallInPlace(this, Ops.clamp_, min, max);

        /// <summary>In-place form of <see cref="clamp(Tensor?, Tensor?)"/>.</summary>
        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Dispatcher.CallInPlace(this, Ops.clamp_tensor_, min, max);

        /// <summary>Same as <see cref="clamp(Scalar?, Scalar?)"/>.</summary>
        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        /// <summary>Upper limit for each element.</summary>
        public Tensor clamp_max(Scalar max) => Dispatcher.Call(Ops.clamp_max, this, max);

        /// <summary>In-place form of <see cref="clamp_max(Scalar)"/>.</summary>
        public Tensor clamp_max_(Scalar max) => Dispatcher.CallInPlace(this, Ops.clamp_max_, max);

        /// <summary>Lower limit for each element.</summary>
        public Tensor clamp_min(Scalar min) => Dispatcher.Call(Ops.clamp_min, this, min);

        /// <summary>In-place form of <see cref="clamp_min(Scalar)"/>.</summary>
        public Tensor clamp_min_(Scalar min) => Dispatcher.CallInPlace(this, Ops.clamp_min_, min);

        private static partial class Ops
        {
            internal static readonly Op add = new("aten::add", "Tensor");
            internal static readonly Op add_scalar = new("aten::add", "Scalar");
            internal static readonly Op add_ = new("aten::add_", "Tensor");
            internal static readonly Op add_scalar_ = new("aten::add_", "Scalar");
            internal static readonly Op sub = new("aten::sub", "Tensor");
            internal static readonly Op sub_scalar = new("aten::sub", "Scalar");
            internal static readonly Op sub_ = new("aten::sub_", "Tensor");
            internal static readonly Op sub_scalar_ = new("aten::sub_", "Scalar");
            internal static readonly Op mul = new("aten::mul", "Tensor");
            internal static readonly Op mul_scalar = new("aten::mul", "Scalar");
            internal static readonly Op mul_ = new("aten::mul_", "Tensor");
            internal static readonly Op mul_scalar_ = new("aten::mul_", "Scalar");
            internal static readonly Op div = new("aten::div", "Tensor_mode");
            internal static readonly Op div_scalar = new("aten::div", "Scalar_mode");
            internal static readonly Op div_ = new("aten::div_", "Tensor_mode");
            internal static readonly Op div_scalar_ = new("aten::div_", "Scalar_mode");
            internal static readonly Op floor_divide = new("aten::floor_divide");
            internal static readonly Op floor_divide_scalar = new("aten::floor_divide", "Scalar");
            internal static readonly Op floor_divide_ = new("aten::floor_divide_", "Tensor");
            internal static readonly Op floor_divide_scalar_ = new("aten::floor_divide_", "Scalar");
            internal static readonly Op remainder = new("aten::remainder", "Tensor");
            internal static readonly Op remainder_scalar = new("aten::remainder", "Scalar");
            internal static readonly Op remainder_ = new("aten::remainder_", "Tensor");
            internal static readonly Op remainder_scalar_ = new("aten::remainder_", "Scalar");
            internal static readonly Op fmod = new("aten::fmod", "Tensor");
            internal static readonly Op fmod_scalar = new("aten::fmod", "Scalar");
            internal static readonly Op fmod_ = new("aten::fmod_", "Tensor");
            internal static readonly Op fmod_scalar_ = new("aten::fmod_", "Scalar");
            internal static readonly Op pow = new("aten::pow", "Tensor_Tensor");
            internal static readonly Op pow_scalar = new("aten::pow", "Tensor_Scalar");
            internal static readonly Op pow_ = new("aten::pow_", "Tensor");
            internal static readonly Op pow_scalar_ = new("aten::pow_", "Scalar");
            internal static readonly Op float_power = new("aten::float_power", "Tensor_Tensor");
            internal static readonly Op float_power_ = new("aten::float_power_", "Tensor");
            internal static readonly Op addcdiv = new("aten::addcdiv");
            internal static readonly Op addcdiv_ = new("aten::addcdiv_");
            internal static readonly Op addcmul = new("aten::addcmul");
            internal static readonly Op addcmul_ = new("aten::addcmul_");
            internal static readonly Op lerp = new("aten::lerp", "Tensor");
            internal static readonly Op lerp_ = new("aten::lerp_", "Tensor");
            internal static readonly Op gcd = new("aten::gcd");
            internal static readonly Op gcd_ = new("aten::gcd_");
            internal static readonly Op lcm = new("aten::lcm");
            internal static readonly Op lcm_ = new("aten::lcm_");
            internal static readonly Op hypot = new("aten::hypot");
            internal static readonly Op ldexp = new("aten::ldexp", "Tensor");
            internal static readonly Op ldexp_ = new("aten::ldexp_");
            internal static readonly Op logaddexp = new("aten::logaddexp");
            internal static readonly Op logaddexp2 = new("aten::logaddexp2");
            internal static readonly Op xlogy = new("aten::xlogy", "Tensor");
            internal static readonly Op xlogy_scalar = new("aten::xlogy", "Scalar_Other");
            internal static readonly Op xlogy_ = new("aten::xlogy_", "Tensor");
            internal static readonly Op xlogy_scalar_ = new("aten::xlogy_", "Scalar_Other");
            internal static readonly Op copysign = new("aten::copysign", "Tensor");
            internal static readonly Op copysign_ = new("aten::copysign_", "Tensor");
            internal static readonly Op heaviside = new("aten::heaviside");
            internal static readonly Op heaviside_ = new("aten::heaviside_");
            internal static readonly Op nextafter = new("aten::nextafter");
            internal static readonly Op nextafter_ = new("aten::nextafter_");
            internal static readonly Op igamma = new("aten::igamma");
            internal static readonly Op igammac = new("aten::igammac");
            internal static readonly Op clamp = new("aten::clamp");
            internal static readonly Op clamp_tensor = new("aten::clamp", "Tensor");
            internal static readonly Op clamp_ = new("aten::clamp_");
            internal static readonly Op clamp_tensor_ = new("aten::clamp_", "Tensor");
            internal static readonly Op clamp_max = new("aten::clamp_max");
            internal static readonly Op clamp_max_ = new("aten::clamp_max_");
            internal static readonly Op clamp_min = new("aten::clamp_min");
            internal static readonly Op clamp_min_ = new("aten::clamp_min_");
        }
    }
}
