namespace TorchSharp;

public static partial class torch
{
    // Bitwise operators on integers and Booleans, and logical operators on anything.
    public partial class Tensor
    {
        /// <summary>Bitwise and.</summary>
        public Tensor bitwise_and(Tensor other) => Dispatcher.Call(Ops.bitwise_and, this, other);

        /// <summary>In-place form of <see cref="bitwise_and(Tensor)"/>.</summary>
        public Tensor bitwise_and_(Tensor other) => Dispatcher.CallInPlace(this, Ops.bitwise_and_, other);

        /// <summary>Bitwise or.</summary>
        public Tensor bitwise_or(Tensor other) => Dispatcher.Call(Ops.bitwise_or, this, other);

        /// <summary>In-place form of <see cref="bitwise_or(Tensor)"/>.</summary>
        public Tensor bitwise_or_(Tensor other) => Dispatcher.CallInPlace(this, Ops.bitwise_or_, other);

        /// <summary>Bitwise exclusive or.</summary>
        public Tensor bitwise_xor(Tensor other) => Dispatcher.Call(Ops.bitwise_xor, this, other);

        /// <summary>In-place form of <see cref="bitwise_xor(Tensor)"/>.</summary>
        public Tensor bitwise_xor_(Tensor other) => Dispatcher.CallInPlace(this, Ops.bitwise_xor_, other);

        /// <summary>Each integer shifted left by the matching number of bits.</summary>
        public Tensor bitwise_left_shift(Tensor other) => Dispatcher.Call(Ops.bitwise_left_shift, this, other);

        /// <summary>In-place form of <see cref="bitwise_left_shift(Tensor)"/>.</summary>
        public Tensor bitwise_left_shift_(Tensor other) => Dispatcher.CallInPlace(this, Ops.bitwise_left_shift_, other);

        /// <summary>Each integer shifted right by the matching number of bits, keeping its sign.</summary>
        public Tensor bitwise_right_shift(Tensor other) => Dispatcher.Call(Ops.bitwise_right_shift, this, other);

        /// <summary>In-place form of <see cref="bitwise_right_shift(Tensor)"/>.</summary>
        public Tensor bitwise_right_shift_(Tensor other) => Dispatcher.CallInPlace(this, Ops.bitwise_right_shift_, other);

        /// <summary>Bitwise complement; logical not for Booleans.</summary>
        public Tensor bitwise_not() => Dispatcher.Call(Ops.bitwise_not, this);

        /// <summary>In-place form of <see cref="bitwise_not()"/>.</summary>
        public Tensor bitwise_not_() => Dispatcher.CallInPlace(this, Ops.bitwise_not_);

        /// <summary>True where both elements are non-zero.</summary>
        public Tensor logical_and(Tensor other) => Dispatcher.Call(Ops.logical_and, this, other);

        /// <summary>In-place form of <see cref="logical_and(Tensor)"/>.</summary>
        public Tensor logical_and_(Tensor other) => Dispatcher.CallInPlace(this, Ops.logical_and_, other);

        /// <summary>True where either element is non-zero.</summary>
        public Tensor logical_or(Tensor other) => Dispatcher.Call(Ops.logical_or, this, other);

        /// <summary>In-place form of <see cref="logical_or(Tensor)"/>.</summary>
        public Tensor logical_or_(Tensor other) => Dispatcher.CallInPlace(this, Ops.logical_or_, other);

        /// <summary>True where exactly one element is non-zero.</summary>
        public Tensor logical_xor(Tensor other) => Dispatcher.Call(Ops.logical_xor, this, other);

        /// <summary>In-place form of <see cref="logical_xor(Tensor)"/>.</summary>
        public Tensor logical_xor_(Tensor other) => Dispatcher.CallInPlace(this, Ops.logical_xor_, other);

        /// <summary>True where the element is zero.</summary>
        public Tensor logical_not() => Dispatcher.Call(Ops.logical_not, this);

        /// <summary>In-place form of <see cref="logical_not()"/>.</summary>
        public Tensor logical_not_() => Dispatcher.CallInPlace(this, Ops.logical_not_);

        private static partial class Ops
        {
            internal static readonly Op bitwise_and = new("aten::bitwise_and", "Tensor");
            internal static readonly Op bitwise_and_ = new("aten::bitwise_and_", "Tensor");
            internal static readonly Op bitwise_or = new("aten::bitwise_or", "Tensor");
            internal static readonly Op bitwise_or_ = new("aten::bitwise_or_", "Tensor");
            internal static readonly Op bitwise_xor = new("aten::bitwise_xor", "Tensor");
            internal static readonly Op bitwise_xor_ = new("aten::bitwise_xor_", "Tensor");
            internal static readonly Op bitwise_left_shift = new("aten::bitwise_left_shift", "Tensor");
            internal static readonly Op bitwise_left_shift_ = new("aten::bitwise_left_shift_", "Tensor");
            internal static readonly Op bitwise_right_shift = new("aten::bitwise_right_shift", "Tensor");
            internal static readonly Op bitwise_right_shift_ = new("aten::bitwise_right_shift_", "Tensor");
            internal static readonly Op bitwise_not = new("aten::bitwise_not");
            internal static readonly Op bitwise_not_ = new("aten::bitwise_not_");
            internal static readonly Op logical_and = new("aten::logical_and");
            internal static readonly Op logical_and_ = new("aten::logical_and_");
            internal static readonly Op logical_or = new("aten::logical_or");
            internal static readonly Op logical_or_ = new("aten::logical_or_");
            internal static readonly Op logical_xor = new("aten::logical_xor");
            internal static readonly Op logical_xor_ = new("aten::logical_xor_");
            internal static readonly Op logical_not = new("aten::logical_not");
            internal static readonly Op logical_not_ = new("aten::logical_not_");
        }
    }
}
