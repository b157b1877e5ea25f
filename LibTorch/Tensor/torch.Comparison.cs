namespace TorchSharp;

// Comparison, sorting and searching in their static form.
public static partial class torch
{
    /// <summary>True where an element equals <paramref name="right"/>; false for null.</summary>
    public static Tensor eq(Tensor left, Tensor right) => left.eq(right);

    /// <summary>Same as <see cref="Tensor.eq(Tensor)"/>.</summary>
    public static Tensor equal(Tensor tensor, Tensor target) => tensor.equal(target);

    /// <summary>True where an element differs from <paramref name="right"/>.</summary>
    public static Tensor ne(Tensor left, Tensor right) => left.ne(right);

    /// <summary>Same as <see cref="Tensor.ne(Tensor)"/>.</summary>
    public static Tensor not_equal(Tensor tensor, Tensor target) => tensor.not_equal(target);

    /// <summary>True where an element is less than <paramref name="right"/>.</summary>
    public static Tensor lt(Tensor left, Tensor right) => left.lt(right);

    /// <summary>Same as <see cref="Tensor.lt(Tensor)"/>.</summary>
    public static Tensor less(Tensor tensor, Tensor target) => tensor.less(target);

    /// <summary>True where an element is at most <paramref name="right"/>.</summary>
    public static Tensor le(Tensor left, Tensor right) => left.le(right);

    /// <summary>Same as <see cref="Tensor.le(Tensor)"/>.</summary>
    public static Tensor less_equal(Tensor tensor, Tensor target) => tensor.less_equal(target);

    /// <summary>True where an element is greater than <paramref name="right"/>; false for null.</summary>
    public static Tensor gt(Tensor left, Tensor right) => left.gt(right);

    /// <summary>Same as <see cref="Tensor.gt(Tensor)"/>.</summary>
    public static Tensor greater(Tensor tensor, Tensor target) => tensor.greater(target);

    /// <summary>True where an element is at least <paramref name="right"/>; false for null.</summary>
    public static Tensor ge(Tensor left, Tensor right) => left.ge(right);

    /// <summary>Same as <see cref="Tensor.ge(Tensor)"/>.</summary>
    public static Tensor greater_equal(Tensor tensor, Tensor target) => tensor.greater_equal(target);

    /// <summary>
    /// True if |<paramref name="tensor"/> - <paramref name="target"/>| ≤ <paramref name="atol"/> +
    /// <paramref name="rtol"/> · |<paramref name="target"/>| for every element; false for null.
    /// </summary>
    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
        tensor.allclose(target, rtol, atol, equal_nan);

    /// <summary>
    /// True where |<paramref name="tensor"/> - <paramref name="other"/>| ≤ <paramref name="atol"/> +
    /// <paramref name="rtol"/> · |<paramref name="other"/>|.
    /// </summary>
    public static Tensor isclose(Tensor tensor, Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
        tensor.isclose(other, rtol, atol, nanEqual);

    /// <summary>
    /// True where an element is one of <paramref name="test_elements"/> (is none of them with
    /// <paramref name="invert"/>).
    /// </summary>
    public static Tensor isin(Tensor tensor, Tensor test_elements, bool assumeUnique = false, bool invert = false) =>
        tensor.isin(test_elements, assumeUnique, invert);

    /// <summary>True where an element is neither infinite nor NaN.</summary>
    public static Tensor isfinite(Tensor tensor) => tensor.isfinite();

    /// <summary>True where an element is +∞ or -∞.</summary>
    public static Tensor isinf(Tensor tensor) => tensor.isinf();

    /// <summary>True where an element is +∞.</summary>
    public static Tensor isposinf(Tensor tensor) => tensor.isposinf();

    /// <summary>True where an element is -∞.</summary>
    public static Tensor isneginf(Tensor tensor) => tensor.isneginf();

    /// <summary>True where an element is NaN.</summary>
    public static Tensor isnan(Tensor input) => input.isnan();

    /// <summary>True where an element has no imaginary part.</summary>
    public static Tensor isreal(Tensor tensor) => tensor.isreal();

    /// <summary>The greater of each pair; NaN if either is NaN.</summary>
    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    /// <summary>The smaller of each pair; NaN if either is NaN.</summary>
    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    /// <summary>The greater of each pair; NaN if either is NaN.</summary>
    public static Tensor max(Tensor input, Tensor other) => input.max(other);

    /// <summary>The smaller of each pair; NaN if either is NaN.</summary>
    public static Tensor min(Tensor input, Tensor other) => input.min(other);

    /// <summary>The greater of each pair; a NaN loses against a number.</summary>
    public static Tensor fmax(Tensor input, Tensor other) => input.fmax(other);

    /// <summary>The smaller of each pair; a NaN loses against a number.</summary>
    public static Tensor fmin(Tensor input, Tensor other) => input.fmin(other);

    /// <summary>Sorted values along one dimension, and the positions they came from.</summary>
    public static (Tensor values, Tensor indices) sort(Tensor input, long dim = -1, bool descending = false, bool stable = false) =>
        input.sort(dim, descending, stable);

    /// <summary>Positions that sort the tensor along one dimension.</summary>
    public static Tensor argsort(Tensor input, long dim = -1, bool descending = false) => input.argsort(dim, descending);

    /// <summary>Values sorted along the first dimension.</summary>
    public static Tensor msort(Tensor tensor) => tensor.msort();

    /// <summary>The <paramref name="k"/> greatest (or smallest) values along one dimension, and where they are.</summary>
    public static (Tensor values, Tensor indices) topk(Tensor tensor, int k, int dim = -1, bool largest = true, bool sorted = true) =>
        tensor.topk(k, dim, largest, sorted);

    /// <summary>The <paramref name="k"/>-th smallest value (from 1) along one dimension, by default the last, and where it is.</summary>
    public static (Tensor values, Tensor indices) kthvalue(Tensor input, long k, long? dim, bool keepdim = false) =>
        input.kthvalue(k, dim, keepdim);

    /// <summary>Distinct elements (or slices along <paramref name="dim"/>); on request, where each went and how often it stood.</summary>
    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
        Tensor input, bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique(sorted, return_inverse, return_counts, dim);

    /// <summary>
    /// Drops each element (or slice along <paramref name="dim"/>) that equals the one before; on request, where each
    /// went and how long its run was.
    /// </summary>
    public static (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(
        Tensor input, bool return_inverse = false, bool return_counts = false, int? dim = null) =>
        input.unique_consecutive(return_inverse, return_counts, dim);

    /// <summary>Indices of the non-zero elements, one row each: shape [count, dimensions].</summary>
    public static Tensor nonzero(Tensor input) => input.nonzero();

    /// <summary>Indices of the non-zero elements, one row each: shape [count, dimensions].</summary>
    public static Tensor argwhere(Tensor input) => input.argwhere();

    /// <summary>
    /// Positions at which <paramref name="values"/> would keep <paramref name="sorted_sequence"/> sorted: the first,
    /// or the last with <paramref name="right"/>.
    /// </summary>
    public static Tensor searchsorted(
        Tensor sorted_sequence, Tensor values, bool out_int32 = false, bool right = false, Tensor? sorter = null) =>
        Dispatcher.Call(Ops.searchsorted, sorted_sequence, values, out_int32, right, Arg.None, sorter);

    /// <summary>
    /// Position at which a number would keep <paramref name="sorted_sequence"/> sorted: the first, or the last with
    /// <paramref name="right"/>.
    /// </summary>
    public static Tensor searchsorted(Tensor sorted_sequence, Scalar values, bool out_int32, bool right, Tensor sorter) =>
        Dispatcher.Call(Ops.searchsorted_scalar, sorted_sequence, values, out_int32, right, Arg.None, sorter);

    /// <summary>True where <paramref name="condition"/> holds: the indices, one vector for each dimension.</summary>
    /// <exception cref="ArgumentException">The condition is not Boolean.</exception>
    public static Tensor[] where(Tensor condition) => Dispatcher.CallList(Ops.where_indices, Tensor.Condition(condition));

    /// <summary><paramref name="x"/> where <paramref name="condition"/> is true, else <paramref name="y"/>.</summary>
    /// <exception cref="ArgumentException">The condition is not Boolean.</exception>
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => x.where(condition, y);

    private static partial class Ops
    {
        internal static readonly Op searchsorted = new("aten::searchsorted", "Tensor");
        internal static readonly Op searchsorted_scalar = new("aten::searchsorted", "Scalar");
        internal static readonly Op where_indices = new("aten::where");
    }
}
