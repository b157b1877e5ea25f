namespace TorchSharp;

public static partial class torch
{
    // Views and copies of another shape.
    public partial class Tensor
    {
        /// <summary>
        /// The same elements in another shape, as a view; one size may be -1. The memory must allow it, else use
        /// <see cref="reshape(long[])"/>.
        /// </summary>
        public Tensor view(params long[] shape) => Dispatcher.Call(Ops.view, this, shape);

        /// <summary>This tensor in the shape of <paramref name="other"/>, as a view.</summary>
        public Tensor view_as(Tensor other) => view(other.shape);

        /// <summary>The same elements in another shape, as a view where possible and a copy otherwise; one size may be -1.</summary>
        public Tensor reshape(params long[] shape) => Dispatcher.Call(Ops.reshape, this, shape);

        /// <summary>Joins the dimensions from <paramref name="start_dim"/> to <paramref name="end_dim"/> into one.</summary>
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => Dispatcher.Call(Ops.flatten, this, start_dim, end_dim);

        /// <summary>Splits dimension <paramref name="dim"/> into <paramref name="sizes"/>, of which one may be -1.</summary>
        /// <exception cref="ArgumentException"><paramref name="dim"/> is not a dimension counted from the front, or no size is given.</exception>
        public Tensor unflatten(long dim, params long[] sizes)
        {
            if (dim < 0 || dim >= ndim)
                throw new ArgumentException($"unflatten: dim is {dim}, but must be between 0 and {ndim - 1}.", nameof(dim));
            if (sizes.Length == 0)
                throw new ArgumentException("unflatten: give at least one size for the new dimensions.", nameof(sizes));
            return Dispatcher.Call(Ops.unflatten, this, dim, sizes);
        }

        /// <summary>Splits dimension <paramref name="dim"/> into <paramref name="sizes"/>, of which one may be -1.</summary>
        public Tensor unflatten(long dim, Size sizes) => unflatten(dim, sizes.Shape);

        /// <summary>All elements in one dimension, as a view where possible.</summary>
        public Tensor ravel() => Dispatcher.Call(Ops.ravel, this);

        /// <summary>The dimensions in the order of <paramref name="permutation"/>, as a view.</summary>
        public Tensor permute(params long[] permutation) => Dispatcher.Call(Ops.permute, this, permutation);

        /// <summary>The dimensions in the order of <paramref name="permutation"/>, as a view.</summary>
        public Tensor permute(IEnumerable<long> permutation) => permute(permutation.ToArray());

        /// <summary>Swaps two dimensions, as a view.</summary>
        public Tensor transpose(long dim0, long dim1) => Dispatcher.Call(Ops.transpose, this, dim0, dim1);

        /// <summary>In-place form of <see cref="transpose(long, long)"/>.</summary>
        public Tensor transpose_(long dim0, long dim1) => Dispatcher.CallInPlace(this, Ops.transpose_, dim0, dim1);

        /// <summary>Same as <see cref="transpose(long, long)"/>.</summary>
        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

        /// <summary>Same as <see cref="transpose(long, long)"/>.</summary>
        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        /// <summary>A matrix transposed; vectors and scalars as they are.</summary>
        public Tensor t() => Dispatcher.Call(Ops.t, this);

        /// <summary>Conjugate transpose of the last two dimensions, as a view.</summary>
        public Tensor adjoint() => Dispatcher.Call(Ops.adjoint, this);

        /// <summary>All dimensions in reverse order, as a view.</summary>
        public Tensor T => permute(Enumerable.Range(0, (int)ndim).Reverse().Select(i => (long)i));

        /// <summary>Conjugate transpose of a matrix, as a view.</summary>
        public Tensor H => torch.is_complex(dtype) ? transpose(0, 1).conj() : transpose(0, 1);

        /// <summary>The last two dimensions swapped, as a view.</summary>
        public Tensor mT => Dispatcher.Call(Ops.mT, this);

        /// <summary>Conjugate transpose of the last two dimensions, as a view.</summary>
        public Tensor mH => Dispatcher.Call(Ops.mH, this);

        /// <summary>
        /// Moves the dimensions <paramref name="source"/> to the places <paramref name="destination"/>, as a view; the
        /// others keep their order.
        /// </summary>
        public Tensor movedim(long[] source, long[] destination) => Dispatcher.Call(Ops.movedim, this, source, destination);

        /// <summary>Same as <see cref="movedim(long[], long[])"/>.</summary>
        public Tensor moveaxis(long[] source, long[] destination) => movedim(source, destination);

        /// <summary>Drops dimension <paramref name="dim"/> if its size is 1, or all such dimensions; a view.</summary>
        public Tensor squeeze(long? dim = null) => dim is { } d
            ? Dispatcher.Call(Ops.squeeze_dim, this, d)
            : Dispatcher.Call(Ops.squeeze, this);

        /// <summary>In-place form of <see cref="squeeze(long?)"/>.</summary>
        public Tensor squeeze_(long? dim = null) => dim is { } d
            ? Dispatcher.CallInPlace(this, Ops.squeeze_dim_, d)
            : Dispatcher.CallInPlace(this, Ops.squeeze_);

        /// <summary>Inserts a dimension of size 1 before <paramref name="dim"/>, as a view.</summary>
        public Tensor unsqueeze(long dim) => Dispatcher.Call(Ops.unsqueeze, this, dim);

        /// <summary>In-place form of <see cref="unsqueeze(long)"/>.</summary>
        public Tensor unsqueeze_(long dim) => Dispatcher.CallInPlace(this, Ops.unsqueeze_, dim);

        /// <summary>Dimensions of size 1 repeated to <paramref name="sizes"/> without a copy; -1 keeps a size.</summary>
        public Tensor expand(params long[] sizes) => expand((ReadOnlySpan<long>)sizes);

        /// <summary>Dimensions of size 1 repeated to <paramref name="sizes"/> without a copy; -1 keeps a size.</summary>
        public Tensor expand(long[] sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)sizes, isImplicit);

        /// <summary>Dimensions of size 1 repeated to <paramref name="sizes"/> without a copy; -1 keeps a size.</summary>
        public Tensor expand(Size sizes, bool isImplicit = false) => expand((ReadOnlySpan<long>)sizes.Shape, isImplicit);

        /// <summary>Dimensions of size 1 repeated to <paramref name="sizes"/> without a copy; -1 keeps a size.</summary>
        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) =>
            Dispatcher.Call(Ops.expand, this, sizes, isImplicit);

        /// <summary>Expanded to the shape of <paramref name="other"/>.</summary>
        public Tensor expand_as(Tensor other) => expand(other.shape);

        /// <summary>Broadcast to <paramref name="shape"/>, as a view.</summary>
        public Tensor broadcast_to(params long[] shape) => Dispatcher.Call(Ops.broadcast_to, this, shape);

        /// <summary>Copies of the tensor laid side by side, <paramref name="sizes"/> times along each dimension.</summary>
        public Tensor repeat(params long[] sizes) => Dispatcher.Call(Ops.repeat, this, sizes);

        /// <summary>As <see cref="repeat(long[])"/>; missing leading counts are 1.</summary>
        public Tensor tile(long[] reps) => Dispatcher.Call(Ops.tile, this, reps);

        /// <summary>Each element (or slice along <paramref name="dim"/>) repeated <paramref name="repeats"/> times in a row.</summary>
        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Dispatcher.Call(Ops.repeat_interleave, this, repeats, dim, output_size);

        /// <summary>Each element (or slice along <paramref name="dim"/>) repeated its own number of times in a row.</summary>
        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Dispatcher.Call(Ops.repeat_interleave_tensor, this, repeats, dim, output_size);

        /// <summary>Rolls the flattened tensor (or one dimension) by <paramref name="shifts"/> places, around the end.</summary>
        public Tensor roll(long shifts, long? dims = null) => roll(new[] { shifts }, dims is { } d ? new[] { d } : []);

        /// <summary>Rolls two dimensions, around the end.</summary>
        public Tensor roll((long, long) shifts, (long, long) dims) =>
            roll(new[] { shifts.Item1, shifts.Item2 }, new[] { dims.Item1, dims.Item2 });

        /// <summary>Rolls three dimensions, around the end.</summary>
        public Tensor roll((long, long, long) shifts, (long, long, long) dims) =>
            roll(new[] { shifts.Item1, shifts.Item2, shifts.Item3 }, new[] { dims.Item1, dims.Item2, dims.Item3 });

        /// <summary>Rolls the first dimension, around the end.</summary>
        public Tensor roll(long[] shifts) => roll(shifts, new[] { 0L });

        /// <summary>Rolls dimensions by <paramref name="shifts"/> places, around the end.</summary>
        public Tensor roll(long[] shifts, long[] dims) => roll((ReadOnlySpan<long>)shifts, (ReadOnlySpan<long>)dims);

        /// <summary>Rolls dimensions (none given: the flattened tensor) by <paramref name="shifts"/> places, around the end.</summary>
        public Tensor roll(ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
            Dispatcher.Call(Ops.roll, this, shifts, dims);

        /// <summary>The given dimensions in reverse order of their elements.</summary>
        public Tensor flip(params long[] dims) => Dispatcher.Call(Ops.flip, this, dims);

        /// <summary>The second dimension in reverse order.</summary>
        public Tensor fliplr() => Dispatcher.Call(Ops.fliplr, this);

        /// <summary>The first dimension in reverse order.</summary>
        public Tensor flipud() => Dispatcher.Call(Ops.flipud, this);

        /// <summary>
        /// Turned by 90 degrees <paramref name="k"/> times in the plane of two dimensions, by default from the first to
        /// the second.
        /// </summary>
        public Tensor rot90(long k = 1, (long, long)? dims = null)
        {
            var (from, to) = dims ?? (0, 1);
            return Dispatcher.Call(Ops.rot90, this, k, new[] { from, to });
        }

        /// <summary>The tensor itself if its memory is in row-major order, else a copy that is.</summary>
        public Tensor contiguous() => Dispatcher.Call(Ops.contiguous, this);

        /// <summary>A view of the storage with the given sizes and strides, from <paramref name="storageOffset"/> on.</summary>
        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            Dispatcher.Call(Ops.as_strided, this, size, strides, storageOffset);

        /// <summary>
        /// Windows of <paramref name="size"/> elements every <paramref name="step"/>, as a view whose last dimension is
        /// the window.
        /// </summary>
        public Tensor unfold(long dimension, long size, long step) => Dispatcher.Call(Ops.unfold, this, dimension, size, step);

        /// <summary>The tensor with at least one dimension.</summary>
        public Tensor atleast_1d() => Dispatcher.Call(Ops.atleast_1d, this);

        /// <summary>The tensor with at least two dimensions.</summary>
        public Tensor atleast_2d() => Dispatcher.Call(Ops.atleast_2d, this);

        /// <summary>The tensor with at least three dimensions.</summary>
        public Tensor atleast_3d() => Dispatcher.Call(Ops.atleast_3d, this);

        private static partial class Ops
        {
            internal static readonly Op view = new("aten::view");
            internal static readonly Op reshape = new("aten::reshape");
            internal static readonly Op flatten = new("aten::flatten", "using_ints");
            internal static readonly Op unflatten = new("aten::unflatten", "int");
            internal static readonly Op ravel = new("aten::ravel");
            internal static readonly Op permute = new("aten::permute");
            internal static readonly Op transpose = new("aten::transpose", "int");
            internal static readonly Op transpose_ = new("aten::transpose_");
            internal static readonly Op t = new("aten::t");
            internal static readonly Op adjoint = new("aten::adjoint");
            internal static readonly Op mT = new("aten::mT");
            internal static readonly Op mH = new("aten::mH");
            internal static readonly Op movedim = new("aten::movedim", "intlist");
            internal static readonly Op squeeze_dim = new("aten::squeeze", "dim");
            internal static readonly Op squeeze = new("aten::squeeze");
            internal static readonly Op squeeze_dim_ = new("aten::squeeze_", "dim");
            internal static readonly Op squeeze_ = new("aten::squeeze_");
            internal static readonly Op unsqueeze = new("aten::unsqueeze");
            internal static readonly Op unsqueeze_ = new("aten::unsqueeze_");
            internal static readonly Op expand = new("aten::expand");
            internal static readonly Op broadcast_to = new("aten::broadcast_to");
            internal static readonly Op repeat = new("aten::repeat");
            internal static readonly Op tile = new("aten::tile");
            internal static readonly Op repeat_interleave = new("aten::repeat_interleave", "self_int");
            internal static readonly Op repeat_interleave_tensor = new("aten::repeat_interleave", "self_Tensor");
            internal static readonly Op roll = new("aten::roll");
            internal static readonly Op flip = new("aten::flip");
            internal static readonly Op fliplr = new("aten::fliplr");
            internal static readonly Op flipud = new("aten::flipud");
            internal static readonly Op rot90 = new("aten::rot90");
            internal static readonly Op contiguous = new("aten::contiguous");
            internal static readonly Op as_strided = new("aten::as_strided");
            internal static readonly Op unfold = new("aten::unfold");
            internal static readonly Op atleast_1d = new("aten::atleast_1d");
            internal static readonly Op atleast_2d = new("aten::atleast_2d");
            internal static readonly Op atleast_3d = new("aten::atleast_3d");
        }
    }
}
