namespace TorchSharp;

public static partial class torch
{
    // The C# operators. Numbers go to libtorch as they are; tensors broadcast.
    public partial class Tensor
    {
        /// <summary>Sum of two tensors.</summary>
        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);

        /// <summary>Sum of a tensor and a number.</summary>
        public static Tensor operator +(Tensor left, Scalar right) => Dispatcher.Call(Ops.add_scalar, left, right);

        /// <summary>Sum of a tensor and a number.</summary>
        public static Tensor operator +(Tensor left, int right) => Dispatcher.Call(Ops.add_scalar, left, right);

        /// <summary>Sum of a tensor and a number.</summary>
        public static Tensor operator +(Tensor left, long right) => Dispatcher.Call(Ops.add_scalar, left, right);

        /// <summary>Sum of a tensor and a number.</summary>
        public static Tensor operator +(Tensor left, float right) => Dispatcher.Call(Ops.add_scalar, left, right);

        /// <summary>Sum of a tensor and a number.</summary>
        public static Tensor operator +(Tensor left, double right) => Dispatcher.Call(Ops.add_scalar, left, right);

        /// <summary>Sum of a number and a tensor.</summary>
        public static Tensor operator +(Scalar left, Tensor right) => Dispatcher.Call(Ops.add_scalar, right, left);

        /// <summary>Sum of a number and a tensor.</summary>
        public static Tensor operator +(int left, Tensor right) => Dispatcher.Call(Ops.add_scalar, right, left);

        /// <summary>Sum of a number and a tensor.</summary>
        public static Tensor operator +(long left, Tensor right) => Dispatcher.Call(Ops.add_scalar, right, left);

        /// <summary>Sum of a number and a tensor.</summary>
        public static Tensor operator +(float left, Tensor right) => Dispatcher.Call(Ops.add_scalar, right, left);

        /// <summary>Sum of a number and a tensor.</summary>
        public static Tensor operator +(double left, Tensor right) => Dispatcher.Call(Ops.add_scalar, right, left);

        /// <summary>Difference of two tensors.</summary>
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);

        /// <summary>Difference of a tensor and a number.</summary>
        public static Tensor operator -(Tensor left, Scalar right) => Dispatcher.Call(Ops.sub_scalar, left, right);

        /// <summary>Difference of a tensor and a number.</summary>
        public static Tensor operator -(Tensor left, int right) => Dispatcher.Call(Ops.sub_scalar, left, right);

        /// <summary>Difference of a tensor and a number.</summary>
        public static Tensor operator -(Tensor left, long right) => Dispatcher.Call(Ops.sub_scalar, left, right);

        /// <summary>Difference of a tensor and a number.</summary>
        public static Tensor operator -(Tensor left, float right) => Dispatcher.Call(Ops.sub_scalar, left, right);

        /// <summary>Difference of a tensor and a number.</summary>
        public static Tensor operator -(Tensor left, double right) => Dispatcher.Call(Ops.sub_scalar, left, right);

        /// <summary>Difference of a number and a tensor.</summary>
        public static Tensor operator -(Scalar left, Tensor right) => Dispatcher.Call(Ops.rsub_scalar, right, left);

        /// <summary>Difference of a number and a tensor.</summary>
        public static Tensor operator -(int left, Tensor right) => Dispatcher.Call(Ops.rsub_scalar, right, left);

        /// <summary>Difference of a number and a tensor.</summary>
        public static Tensor operator -(long left, Tensor right) => Dispatcher.Call(Ops.rsub_scalar, right, left);

        /// <summary>Difference of a number and a tensor.</summary>
        public static Tensor operator -(float left, Tensor right) => Dispatcher.Call(Ops.rsub_scalar, right, left);

        /// <summary>Difference of a number and a tensor.</summary>
        public static Tensor operator -(double left, Tensor right) => Dispatcher.Call(Ops.rsub_scalar, right, left);

        /// <summary>Each element with its sign turned.</summary>
        public static Tensor operator -(Tensor tensor) => tensor.neg();

        /// <summary>Product of two tensors, element by element.</summary>
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);

        /// <summary>Product of a tensor and a number.</summary>
        public static Tensor operator *(Tensor left, Scalar right) => Dispatcher.Call(Ops.mul_scalar, left, right);

        /// <summary>Product of a tensor and a number.</summary>
        public static Tensor operator *(Tensor left, int right) => Dispatcher.Call(Ops.mul_scalar, left, right);

        /// <summary>Product of a tensor and a number.</summary>
        public static Tensor operator *(Tensor left, long right) => Dispatcher.Call(Ops.mul_scalar, left, right);

        /// <summary>Product of a tensor and a number.</summary>
        public static Tensor operator *(Tensor left, float right) => Dispatcher.Call(Ops.mul_scalar, left, right);

        /// <summary>Product of a tensor and a number.</summary>
        public static Tensor operator *(Tensor left, double right) => Dispatcher.Call(Ops.mul_scalar, left, right);

        /// <summary>Product of a number and a tensor.</summary>
        public static Tensor operator *(Scalar left, Tensor right) => Dispatcher.Call(Ops.mul_scalar, right, left);

        /// <summary>Product of a number and a tensor.</summary>
        public static Tensor operator *(int left, Tensor right) => Dispatcher.Call(Ops.mul_scalar, right, left);

        /// <summary>Product of a number and a tensor.</summary>
        public static Tensor operator *(long left, Tensor right) => Dispatcher.Call(Ops.mul_scalar, right, left);

        /// <summary>Product of a number and a tensor.</summary>
        public static Tensor operator *(float left, Tensor right) => Dispatcher.Call(Ops.mul_scalar, right, left);

        /// <summary>Product of a number and a tensor.</summary>
        public static Tensor operator *(double left, Tensor right) => Dispatcher.Call(Ops.mul_scalar, right, left);

        /// <summary>Quotient of two tensors, element by element; integers give floating-point results.</summary>
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);

        /// <summary>Quotient of a tensor and a number; integers give floating-point results.</summary>
        public static Tensor operator /(Tensor left, Scalar right) => Dispatcher.Call(Ops.div_scalar, left, right, Arg.None);

        /// <summary>Quotient of a tensor and a number; integers give floating-point results.</summary>
        public static Tensor operator /(Tensor left, int right) => Dispatcher.Call(Ops.div_scalar, left, right, Arg.None);

        /// <summary>Quotient of a tensor and a number; integers give floating-point results.</summary>
        public static Tensor operator /(Tensor left, long right) => Dispatcher.Call(Ops.div_scalar, left, right, Arg.None);

        /// <summary>Quotient of a tensor and a number; integers give floating-point results.</summary>
        public static Tensor operator /(Tensor left, float right) => Dispatcher.Call(Ops.div_scalar, left, right, Arg.None);

        /// <summary>Quotient of a tensor and a number; integers give floating-point results.</summary>
        public static Tensor operator /(Tensor left, double right) => Dispatcher.Call(Ops.div_scalar, left, right, Arg.None);

        /// <summary>Quotient of a number and a tensor; integers give floating-point results.</summary>
        public static Tensor operator /(Scalar left, Tensor right) => Divide(left, right);

        /// <summary>Quotient of a number and a tensor; integers give floating-point results.</summary>
        public static Tensor operator /(int left, Tensor right) => Divide(left, right);

        /// <summary>Quotient of a number and a tensor; integers give floating-point results.</summary>
        public static Tensor operator /(long left, Tensor right) => Divide(left, right);

        /// <summary>Quotient of a number and a tensor; integers give floating-point results.</summary>
        public static Tensor operator /(float left, Tensor right) => Divide(left, right);

        /// <summary>Quotient of a number and a tensor; integers give floating-point results.</summary>
        public static Tensor operator /(double left, Tensor right) => Divide(left, right);

        private static Tensor Divide(Arg left, Tensor right)
        {
            using var reciprocal = right.reciprocal();
            return Dispatcher.Call(Ops.mul_scalar, reciprocal, left);
        }

        /// <summary>Remainder of the division with the divisor's sign.</summary>
        public static Tensor operator %(Tensor left, Tensor right) => left.remainder(right);

        /// <summary>Remainder of the division with the divisor's sign.</summary>
        public static Tensor operator %(Tensor left, Scalar right) => Dispatcher.Call(Ops.remainder_scalar, left, right);

        /// <summary>Remainder of the division with the divisor's sign.</summary>
        public static Tensor operator %(Tensor left, int right) => Dispatcher.Call(Ops.remainder_scalar, left, right);

        /// <summary>Remainder of the division with the divisor's sign.</summary>
        public static Tensor operator %(Tensor left, long right) => Dispatcher.Call(Ops.remainder_scalar, left, right);

        /// <summary>Remainder of the division with the divisor's sign.</summary>
        public static Tensor operator %(Tensor left, float right) => Dispatcher.Call(Ops.remainder_scalar, left, right);

        /// <summary>Remainder of the division with the divisor's sign.</summary>
        public static Tensor operator %(Tensor left, double right) => Dispatcher.Call(Ops.remainder_scalar, left, right);

        /// <summary>Bitwise and.</summary>
        public static Tensor operator &(Tensor left, Tensor right) => left.bitwise_and(right);

        /// <summary>Bitwise or.</summary>
        public static Tensor operator |(Tensor left, Tensor right) => left.bitwise_or(right);

        /// <summary>Bitwise exclusive or.</summary>
        public static Tensor operator ^(Tensor left, Tensor right) => left.bitwise_xor(right);

        /// <summary>Bitwise complement; logical not for Booleans.</summary>
        public static Tensor operator ~(Tensor left) => left.bitwise_not();

        /// <summary>True where an element of <paramref name="left"/> equals its partner.</summary>
        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        /// <summary>True where an element of <paramref name="left"/> equals a number.</summary>
        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        /// <summary>True where a number equals an element of <paramref name="right"/>.</summary>
        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);

        /// <summary>True where an element of <paramref name="left"/> differs from its partner.</summary>
        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        /// <summary>True where an element of <paramref name="left"/> differs from a number.</summary>
        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        /// <summary>True where a number differs from an element of <paramref name="right"/>.</summary>
        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);

        /// <summary>True where an element of <paramref name="left"/> is less than its partner.</summary>
        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        /// <summary>True where an element of <paramref name="left"/> is less than a number.</summary>
        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        /// <summary>True where a number is less than an element of <paramref name="right"/>.</summary>
        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);

        /// <summary>True where an element of <paramref name="left"/> is at most its partner.</summary>
        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        /// <summary>True where an element of <paramref name="left"/> is at most a number.</summary>
        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        /// <summary>True where a number is at most an element of <paramref name="right"/>.</summary>
        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);

        /// <summary>True where an element of <paramref name="left"/> is greater than its partner.</summary>
        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        /// <summary>True where an element of <paramref name="left"/> is greater than a number.</summary>
        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        /// <summary>True where a number is greater than an element of <paramref name="right"/>.</summary>
        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);

        /// <summary>True where an element of <paramref name="left"/> is at least its partner.</summary>
        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        /// <summary>True where an element of <paramref name="left"/> is at least a number.</summary>
        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        /// <summary>True where a number is at least an element of <paramref name="right"/>.</summary>
        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        private static partial class Ops
        {
            internal static readonly Op rsub_scalar = new("aten::rsub", "Scalar");
        }
    }
}
