namespace TorchSharp;

public static partial class torch
{
    // Comparisons, element by element (Boolean results) and of whole tensors.
    public partial class Tensor
    {
        /// <summary>True where an element equals <paramref name="target"/>; false for null.</summary>
        public Tensor eq(Tensor target) => target is null ? false : Dispatcher.Call(Ops.eq, this, target);

        /// <summary>In-place comparison: 1 where an element equals <paramref name="target"/>, else 0.</summary>
        public Tensor eq_(Tensor target) => Dispatcher.CallInPlace(this, Ops.eq_, target);

        /// <summary>True where an element equals <paramref name="target"/>; false for null.</summary>
        public Tensor eq(Scalar target) => target is null ? false : Dispatcher.Call(Ops.eq_scalar, this, target);

        /// <summary>In-place comparison: 1 where an element equals <paramref name="target"/>, else 0.</summary>
        public Tensor eq_(Scalar target) => Dispatcher.CallInPlace(this, Ops.eq_scalar_, target);

        /// <summary>Same as <see cref="eq(Tensor)"/>.</summary>
        public Tensor equal(Tensor target) => eq(target);

        /// <summary>True where an element differs from <paramref name="target"/>.</summary>
        public Tensor ne(Tensor target) => Dispatcher.Call(Ops.ne, this, target);

        /// <summary>In-place comparison: 1 where an element differs from <paramref name="target"/>, else 0.</summary>
        public Tensor ne_(Tensor target) => Dispatcher.CallInPlace(this, Ops.ne_, target);

        /// <summary>True where an element differs from <paramref name="target"/>.</summary>
        public Tensor ne(Scalar target) => Dispatcher.Call(Ops.ne_scalar, this, target);

        /// <summary>In-place comparison: 1 where an element differs from <paramref name="target"/>, else 0.</summary>
        public Tensor ne_(Scalar target) => Dispatcher.CallInPlace(this, Ops.ne_scalar_, target);

        /// <summary>Same as <see cref="ne(Tensor)"/>.</summary>
        public Tensor not_equal(Tensor target) => ne(target);

        /// <summary>True where an element is less than <paramref name="target"/>.</summary>
        public Tensor lt(Tensor target) => Dispatcher.Call(Ops.lt, this, target);

        /// <summary>In-place comparison: 1 where an element is less than <paramref name="target"/>, else 0.</summary>
        public Tensor lt_(Tensor target) => Dispatcher.CallInPlace(this, Ops.lt_, target);

        /// <summary>True where an element is less than <paramref name="target"/>.</summary>
        public Tensor lt(Scalar target) => Dispatcher.Call(Ops.lt_scalar, this, target);

        /// <summary>In-place comparison: 1 where an element is less than <paramref name="target"/>, else 0.</summary>
        public Tensor lt_(Scalar target) => Dispatcher.CallInPlace(this, Ops.lt_scalar_, target);

        /// <summary>Same as <see cref="lt(Tensor)"/>.</summary>
        public Tensor less(Tensor target) => lt(target);

        /// <summary>True where an element is at most <paramref name="target"/>.</summary>
        public Tensor le(Tensor target) => Dispatcher.Call(Ops.le, this, target);

        /// <summary>In-place comparison: 1 where an element is at most <paramref name="target"/>, else 0.</summary>
        public Tensor le_(Tensor target) => Dispatcher.CallInPlace(this, Ops.le_, target);

        /// <summary>True where an element is at most <paramref name="target"/>.</summary>
        public Tensor le(Scalar target) => Dispatcher.Call(Ops.le_scalar, this, target);

        /// <summary>In-place comparison: 1 where an element is at most <paramref name="target"/>, else 0.</summary>
        public Tensor le_(Scalar target) => Dispatcher.CallInPlace(this, Ops.le_scalar_, target);

        /// <summary>Same as <see cref="le(Tensor)"/>.</summary>
        public Tensor less_equal(Tensor target) => le(target);

        /// <summary>True where an element is greater than <paramref name="target"/>; false for null.</summary>
        public Tensor gt(Tensor target) => target is null ? false : Dispatcher.Call(Ops.gt, this, target);

        /// <summary>In-place comparison: 1 where an element is greater than <paramref name="target"/>, else 0.</summary>
        public Tensor gt_(Tensor target) => Dispatcher.CallInPlace(this, Ops.gt_, target);

        /// <summary>True where an element is greater than <paramref name="target"/>; false for null.</summary>
        public Tensor gt(Scalar target) => target is null ? false : Dispatcher.Call(Ops.gt_scalar, this, target);

        /// <summary>In-place comparison: 1 where an element is greater than <paramref name="target"/>, else 0.</summary>
        public Tensor gt_(Scalar target) => Dispatcher.CallInPlace(this, Ops.gt_scalar_, target);

        /// <summary>Same as <see cref="gt(Tensor)"/>.</summary>
        public Tensor greater(Tensor target) => gt(target);

        /// <summary>True where an element is at least <paramref name="target"/>; false for null.</summary>
        public Tensor ge(Tensor target) => target is null ? false : Dispatcher.Call(Ops.ge, this, target);

        /// <summary>In-place comparison: 1 where an element is at least <paramref name="target"/>, else 0.</summary>
        public Tensor ge_(Tensor target) => Dispatcher.CallInPlace(this, Ops.ge_, target);

        /// <summary>True where an element is at least <paramref name="target"/>; false for null.</summary>
        public Tensor ge(Scalar target) => target is null ? false : Dispatcher.Call(Ops.ge_scalar, this, target);

        /// <summary>In-place comparison: 1 where an element is at least <paramref name="target"/>, else 0.</summary>
        public Tensor ge_(Scalar target) => Dispatcher.CallInPlace(this, Ops.ge_scalar_, target);

        /// <summary>Same as <see cref="ge(Tensor)"/>.</summary>
        public Tensor greater_equal(Tensor target) => ge(target);

        /// <summary>In-place comparison: 1 where this differs from <paramref name="target"/>, else 0.</summary>
        public Tensor not_equal_(Tensor target) => ne_(target);

        /// <summary>In-place comparison: 1 where this is at most <paramref name="target"/>, else 0.</summary>
        public Tensor less_equal_(Tensor target) => le_(target);

        /// <summary>True if both tensors have the same shape and the same elements; false for null.</summary>
        public bool Equals(Tensor target) => target is not null && Dispatcher.CallBool(Ops.equal, this, target);

        /// <summary>True if the object is a tensor with the same shape and the same elements.</summary>
        public override bool Equals(object? obj) => obj is Tensor tensor && Equals(tensor);

        /// <summary>A hash of the object's identity, not of the elements, which may change.</summary>
        public override int GetHashCode() => base.GetHashCode();

        /// <summary>
        /// True if |this - <paramref name="target"/>| ≤ <paramref name="atol"/> + <paramref name="rtol"/> ·
        /// |<paramref name="target"/>| for every element; false for null.
        /// </summary>
        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            target is not null && Dispatcher.CallBool(Ops.allclose, this, target, rtol, atol, equal_nan);

        /// <summary>
        /// True where |this - <paramref name="other"/>| ≤ <paramref name="atol"/> + <paramref name="rtol"/> ·
        /// |<paramref name="other"/>|.
        /// </summary>
        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            Dispatcher.Call(Ops.isclose, this, other, rtol, atol, nanEqual);

        /// <summary>
        /// True where an element is one of <paramref name="test_elements"/> (is none of them with
        /// <paramref name="invert"/>).
        /// </summary>
        public Tensor isin(Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
            Dispatcher.Call(Ops.isin, this, test_elements, assumeUnique, invert);

        /// <summary>True where an element is neither infinite nor NaN.</summary>
        public Tensor isfinite() => Dispatcher.Call(Ops.isfinite, this);

        /// <summary>True where an element is +∞ or -∞.</summary>
        public Tensor isinf() => Dispatcher.Call(Ops.isinf, this);

        /// <summary>True where an element is +∞.</summary>
        public Tensor isposinf() => Dispatcher.Call(Ops.isposinf, this);

        /// <summary>True where an element is -∞.</summary>
        public Tensor isneginf() => Dispatcher.Call(Ops.isneginf, this);

        /// <summary>True where an element is NaN.</summary>
        public Tensor isnan() => Dispatcher.Call(Ops.isnan, this);

        /// <summary>True where an element has no imaginary part.</summary>
        public Tensor isreal() => Dispatcher.Call(Ops.isreal, this);

        /// <summary>The greater of each pair; NaN if either is NaN.</summary>
        public Tensor maximum(Tensor other) => Dispatcher.Call(Ops.maximum, this, other);

        /// <summary>The smaller of each pair; NaN if either is NaN.</summary>
        public Tensor minimum(Tensor other) => Dispatcher.Call(Ops.minimum, this, other);

        /// <summary>The greater of each pair; NaN if either is NaN.</summary>
        public Tensor max(Tensor other) => maximum(other);

        /// <summary>The smaller of each pair; NaN if either is NaN.</summary>
        public Tensor min(Tensor other) => minimum(other);

        /// <summary>The greater of each pair; a NaN loses against a number.</summary>
        public Tensor fmax(Tensor other) => Dispatcher.Call(Ops.fmax, this, other);

        /// <summary>The smaller of each pair; a NaN loses against a number.</summary>
        public Tensor fmin(Tensor other) => Dispatcher.Call(Ops.fmin, this, other);

        private static partial class Ops
        {
            internal static readonly Op eq = new("aten::eq", "Tensor");
            internal static readonly Op eq_ = new("aten::eq_", "Tensor");
            internal static readonly Op eq_scalar = new("aten::eq", "Scalar");
            internal static readonly Op eq_scalar_ = new("aten::eq_", "Scalar");
            internal static readonly Op ne = new("aten::ne", "Tensor");
            internal static readonly Op ne_ = new("aten::ne_", "Tensor");
            internal static readonly Op ne_scalar = new("aten::ne", "Scalar");
            internal static readonly Op ne_scalar_ = new("aten::ne_", "Scalar");
            internal static readonly Op lt = new("aten::lt", "Tensor");
            internal static readonly Op lt_ = new("aten::lt_", "Tensor");
            internal static readonly Op lt_scalar = new("aten::lt", "Scalar");
            internal static readonly Op lt_scalar_ = new("aten::lt_", "Scalar");
            internal static readonly Op le = new("aten::le", "Tensor");
            internal static readonly Op le_ = new("aten::le_", "Tensor");
            internal static readonly Op le_scalar = new("aten::le", "Scalar");
            internal static readonly Op le_scalar_ = new("aten::le_", "Scalar");
            internal static readonly Op gt = new("aten::gt", "Tensor");
            internal static readonly Op gt_ = new("aten::gt_", "Tensor");
            internal static readonly Op gt_scalar = new("aten::gt", "Scalar");
            internal static readonly Op gt_scalar_ = new("aten::gt_", "Scalar");
            internal static readonly Op ge = new("aten::ge", "Tensor");
            internal static readonly Op ge_ = new("aten::ge_", "Tensor");
            internal static readonly Op ge_scalar = new("aten::ge", "Scalar");
            internal static readonly Op ge_scalar_ = new("aten::ge_", "Scalar");
            internal static readonly Op equal = new("aten::equal");
            internal static readonly Op allclose = new("aten::allclose");
            internal static readonly Op isclose = new("aten::isclose");
            internal static readonly Op isin = new("aten::isin", "Tensor_Tensor");
            internal static readonly Op isfinite = new("aten::isfinite");
            internal static readonly Op isinf = new("aten::isinf");
            internal static readonly Op isposinf = new("aten::isposinf");
            internal static readonly Op isneginf = new("aten::isneginf");
            internal static readonly Op isnan = new("aten::isnan");
            internal static readonly Op isreal = new("aten::isreal");
            internal static readonly Op maximum = new("aten::maximum");
            internal static readonly Op minimum = new("aten::minimum");
            internal static readonly Op fmax = new("aten::fmax");
            internal static readonly Op fmin = new("aten::fmin");
        }
    }
}
