namespace TorchSharp;

public static partial class torch
{
    // Elements and slices picked out, or written, by position or by mask.
    public partial class Tensor
    {
        /// <summary>The slice at one index of a dimension, that dimension removed; a view.</summary>
        public Tensor select(long dim, long index) => Dispatcher.Call(Ops.select, this, dim, index);

        /// <summary><paramref name="length"/> slices of a dimension from <paramref name="start"/> on; a view.</summary>
        public Tensor narrow(long dim, long start, long length) => Dispatcher.Call(Ops.narrow, this, dim, start, length);

        /// <summary>
        /// The slices of a dimension from <paramref name="start"/> to before <paramref name="finish"/>, every
        /// <paramref name="step"/>; a view.
        /// </summary>
        /// <exception cref="ArgumentException">The step is not positive.</exception>
        public Tensor slice(long dim, long start, long finish, long step)
        {
            if (step < 1)
                throw new ArgumentException($"slice: step is {step}, but must be positive.", nameof(step));
            return Dispatcher.Call(Ops.slice, this, dim, start, finish, step);
        }

        /// <summary>The slices of a dimension at the positions in a vector, as a copy.</summary>
        public Tensor index_select(long dim, Tensor index) => Dispatcher.Call(Ops.index_select, this, dim, index);

        /// <summary>Elements at positions of the flattened tensor, in the shape of <paramref name="index"/>.</summary>
        public Tensor take(Tensor index) => Dispatcher.Call(Ops.take, this, index);

        /// <summary>Elements at positions of the flattened tensor.</summary>
        public Tensor take_along_dim(Tensor indices) => Dispatcher.Call(Ops.take_along_dim, this, indices);

        /// <summary>Elements at positions of the flattened tensor.</summary>
        public Tensor take_along_dim(IEnumerable<long> indices) => take_along_dim(tensor(indices.ToArray()));

        /// <summary>Elements at positions along one dimension, as <see cref="argsort(long, bool)"/> gives them.</summary>
        public Tensor take_along_dim(Tensor indices, long dim) => Dispatcher.Call(Ops.take_along_dim, this, indices, dim);

        /// <summary>Elements at positions along one dimension.</summary>
        public Tensor take_along_dim(IEnumerable<long> indices, long dim) => take_along_dim(tensor(indices.ToArray()), dim);

        /// <summary>Elements at positions along one dimension: out[i][j] = this[index[i][j]][j] for dimension 0.</summary>
        public Tensor gather(long dim, Tensor index) => Dispatcher.Call(Ops.gather, this, dim, index);

        /// <summary>
        /// A copy with the elements of <paramref name="src"/> written to positions along one dimension; the inverse
        /// of gather.
        /// </summary>
        public Tensor scatter(long dim, Tensor index, Tensor src) => Dispatcher.Call(Ops.scatter, this, dim, index, src);

        /// <summary>In-place form of <see cref="scatter(long, Tensor, Tensor)"/>.</summary>
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Dispatcher.CallInPlace(this, Ops.scatter_, dim, index, src);

        /// <summary>A copy with the elements of <paramref name="src"/> added at positions along one dimension.</summary>
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Dispatcher.Call(Ops.scatter_add, this, dim, index, src);

        /// <summary>In-place form of <see cref="scatter_add(long, Tensor, Tensor)"/>.</summary>
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) =>
            Dispatcher.CallInPlace(this, Ops.scatter_add_, dim, index, src);

        /// <summary>A copy with <paramref name="src"/> as its slice at one index.</summary>
        public Tensor select_scatter(Tensor src, long dim, long index) => Dispatcher.Call(Ops.select_scatter, this, src, dim, index);

        /// <summary>
        /// A copy with <paramref name="src"/> as its slices from <paramref name="start"/> to before
        /// <paramref name="end"/>, every <paramref name="step"/>.
        /// </summary>
        public Tensor slice_scatter(Tensor src, long dim = 0L, long? start = null, long? end = null, long step = 1L) =>
            Dispatcher.Call(Ops.slice_scatter, this, src, dim, start, end, step);

        /// <summary>
        /// A copy with <paramref name="alpha"/> times the slices of <paramref name="source"/> added at the positions
        /// in a vector.
        /// </summary>
        /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Dispatcher.Call(Ops.index_add, this, dim, Positions(index), source, alpha);

        /// <summary>In-place form of <see cref="index_add(long, Tensor, Tensor, Scalar)"/>.</summary>
        /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Dispatcher.CallInPlace(this, Ops.index_add_, dim, Positions(index), source, alpha);

        /// <summary>A copy with the slices of <paramref name="source"/> written at the positions in a vector.</summary>
        /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
        public Tensor index_copy(long dim, Tensor index, Tensor source) =>
            Dispatcher.Call(Ops.index_copy, this, dim, Positions(index), source);

        /// <summary>In-place form of <see cref="index_copy(long, Tensor, Tensor)"/>.</summary>
        /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
        public Tensor index_copy_(long dim, Tensor index, Tensor source) =>
            Dispatcher.CallInPlace(this, Ops.index_copy_, dim, Positions(index), source);

        /// <summary>A copy with <paramref name="value"/> in the slices at the positions in a vector.</summary>
        /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
        public Tensor index_fill(long dim, Tensor index, Scalar value) =>
            Dispatcher.Call(Ops.index_fill, this, dim, Positions(index), value);

        /// <summary>In-place form of <see cref="index_fill(long, Tensor, Scalar)"/>.</summary>
        /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
        public Tensor index_fill_(long dim, Tensor index, Scalar value) =>
            Dispatcher.CallInPlace(this, Ops.index_fill_, dim, Positions(index), value);

        private static Tensor Positions(Tensor index) => index.dtype == ScalarType.Int64
            ? index
            : throw new ArgumentException($"The index is of type {index.dtype}, but must be Int64; convert it with to(torch.int64).", nameof(index));

        /// <summary>A copy with <paramref name="value"/> where <paramref name="mask"/> is true.</summary>
        public Tensor masked_fill(Tensor mask, Scalar value) => Dispatcher.Call(Ops.masked_fill, this, mask, value);

        /// <summary>In-place form of <see cref="masked_fill(Tensor, Scalar)"/>.</summary>
        public Tensor masked_fill_(Tensor mask, Scalar value) => Dispatcher.CallInPlace(this, Ops.masked_fill_, mask, value);

        /// <summary>A copy with the elements of <paramref name="value"/>, in their order, where <paramref name="mask"/> is true.</summary>
        public Tensor masked_scatter(Tensor mask, Tensor value) => Dispatcher.Call(Ops.masked_scatter, this, mask, value);

        /// <summary>In-place form of <see cref="masked_scatter(Tensor, Tensor)"/>.</summary>
        public Tensor masked_scatter_(Tensor mask, Tensor value) => Dispatcher.CallInPlace(this, Ops.masked_scatter_, mask, value);

        /// <summary>The elements where <paramref name="mask"/> is true, as a vector.</summary>
        /// <exception cref="ArgumentException">The mask is not Boolean.</exception>
        public Tensor masked_select(Tensor mask)
        {
            if (mask.dtype != ScalarType.Bool)
                throw new ArgumentException($"masked_select: the mask is of type {mask.dtype}, but must be Boolean.", nameof(mask));
            return Dispatcher.Call(Ops.masked_select, this, mask);
        }

        /// <summary>This where <paramref name="condition"/> is true, else <paramref name="y"/>.</summary>
        /// <exception cref="ArgumentException">The condition is not Boolean.</exception>
        public Tensor where(Tensor condition, Tensor y) => Dispatcher.Call(Ops.where, Condition(condition), this, y);

        /// <summary>The condition of a <c>where</c>, checked.</summary>
        internal static Tensor Condition(Tensor condition) => condition.dtype == ScalarType.Bool
            ? condition
            : throw new ArgumentException($"where: the condition is of type {condition.dtype}, but must be Boolean.", nameof(condition));

        private static partial class Ops
        {
            internal static readonly Op select = new("aten::select", "int");
            internal static readonly Op narrow = new("aten::narrow");
            internal static readonly Op slice = new("aten::slice", "Tensor");
            internal static readonly Op index_select = new("aten::index_select");
            internal static readonly Op take = new("aten::take");
            internal static readonly Op take_along_dim = new("aten::take_along_dim");
            internal static readonly Op gather = new("aten::gather");
            internal static readonly Op scatter = new("aten::scatter", "src");
            internal static readonly Op scatter_ = new("aten::scatter_", "src");
            internal static readonly Op scatter_add = new("aten::scatter_add");
            internal static readonly Op scatter_add_ = new("aten::scatter_add_");
            internal static readonly Op select_scatter = new("aten::select_scatter");
            internal static readonly Op slice_scatter = new("aten::slice_scatter");
            internal static readonly Op index_add = new("aten::index_add");
            internal static readonly Op index_add_ = new("aten::index_add_");
            internal static readonly Op index_copy = new("aten::index_copy");
            internal static readonly Op index_copy_ = new("aten::index_copy_");
            internal static readonly Op index_fill = new("aten::index_fill", "int_Scalar");
            internal static readonly Op index_fill_ = new("aten::index_fill_", "int_Scalar");
            internal static readonly Op masked_fill = new("aten::masked_fill", "Scalar");
            internal static readonly Op masked_fill_ = new("aten::masked_fill_", "Scalar");
            internal static readonly Op masked_scatter = new("aten::masked_scatter");
            internal static readonly Op masked_scatter_ = new("aten::masked_scatter_");
            internal static readonly Op masked_select = new("aten::masked_select");
            internal static readonly Op where = new("aten::where", "self");
        }
    }
}
