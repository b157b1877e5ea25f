namespace TorchSharp;

// Views, cuts and diagonals in their static form: torch.f(x, ...) is x.f(...).
public static partial class torch
{
    /// <summary>The same elements in another shape, as a view where possible and a copy otherwise; one size may be -1.</summary>
    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);

    /// <summary>Joins the dimensions from <paramref name="start_dim"/> to <paramref name="end_dim"/> into one.</summary>
    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);

    /// <summary>Splits dimension <paramref name="dim"/> into <paramref name="sizes"/>, of which one may be -1.</summary>
    public static Tensor unflatten(Tensor input, long dim, Size sizes) => input.unflatten(dim, sizes);

    /// <summary>Splits dimension <paramref name="dim"/> into <paramref name="sizes"/>, of which one may be -1.</summary>
    /// <exception cref="ArgumentException"><paramref name="dim"/> is not a dimension counted from the front, or no size is given.</exception>
    public static Tensor unflatten(Tensor input, long dim, params long[] sizes) => input.unflatten(dim, sizes);

    /// <summary>All elements in one dimension, as a view where possible.</summary>
    public static Tensor ravel(Tensor input) => input.ravel();

    /// <summary>The dimensions in the order of <paramref name="permutation"/>, as a view.</summary>
    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);

    /// <summary>Swaps two dimensions, as a view.</summary>
    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);

    /// <summary>Same as <see cref="Tensor.transpose(long, long)"/>.</summary>
    public static Tensor swapdims(Tensor input, long dim0, long dim1) => input.swapdims(dim0, dim1);

    /// <summary>Same as <see cref="Tensor.transpose(long, long)"/>.</summary>
    public static Tensor swapaxes(Tensor input, long axis0, long axis1) => input.swapaxes(axis0, axis1);

    /// <summary>A matrix transposed; vectors and scalars as they are.</summary>
    public static Tensor t(Tensor input) => input.t();

    /// <summary>Conjugate transpose of the last two dimensions, as a view.</summary>
    public static Tensor adjoint(Tensor input) => input.adjoint();

    /// <summary>
    /// Moves the dimensions <paramref name="source"/> to the places <paramref name="destination"/>, as a view; the
    /// others keep their order.
    /// </summary>
    public static Tensor movedim(Tensor input, long source, long destination) => input.movedim([source], [destination]);

    /// <summary>
    /// Moves the dimensions <paramref name="source"/> to the places <paramref name="destination"/>, as a view; the
    /// others keep their order.
    /// </summary>
    public static Tensor movedim(Tensor input, long[] source, long[] destination) => input.movedim(source, destination);

    /// <summary>Same as <see cref="Tensor.movedim(long[], long[])"/>.</summary>
    public static Tensor moveaxis(Tensor input, (long, long) source, (long, long) destination) =>
        input.moveaxis([source.Item1, source.Item2], [destination.Item1, destination.Item2]);

    /// <summary>Same as <see cref="Tensor.movedim(long[], long[])"/>.</summary>
    public static Tensor moveaxis(Tensor input, (long, long, long) source, (long, long, long) destination) =>
        input.moveaxis([source.Item1, source.Item2, source.Item3], [destination.Item1, destination.Item2, destination.Item3]);

    /// <summary>Same as <see cref="Tensor.movedim(long[], long[])"/>.</summary>
    public static Tensor moveaxis(Tensor input, (long, long, long, long) source, (long, long, long, long) destination) =>
        input.moveaxis(
            [source.Item1, source.Item2, source.Item3, source.Item4],
            [destination.Item1, destination.Item2, destination.Item3, destination.Item4]);

    /// <summary>Same as <see cref="Tensor.movedim(long[], long[])"/>.</summary>
    public static Tensor moveaxis(Tensor input, long source, long destination) => input.moveaxis([source], [destination]);

    /// <summary>Same as <see cref="Tensor.movedim(long[], long[])"/>.</summary>
    public static Tensor moveaxis(Tensor input, long[] source, long[] destination) => input.moveaxis(source, destination);

    /// <summary>Drops dimension <paramref name="dim"/> if its size is 1, or all such dimensions; a view.</summary>
    public static Tensor squeeze(Tensor input, long? dim = null) => input.squeeze(dim);

    /// <summary>In-place form of <see cref="Tensor.squeeze(long?)"/>.</summary>
    public static Tensor squeeze_(Tensor input, long? dim = null) => input.squeeze_(dim);

    /// <summary>Inserts a dimension of size 1 before <paramref name="dim"/>, as a view.</summary>
    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);

    /// <summary>In-place form of <see cref="Tensor.unsqueeze(long)"/>.</summary>
    public static Tensor unsqueeze_(Tensor input, long dim) => input.unsqueeze_(dim);

    /// <summary>Broadcast to <paramref name="shape"/>, as a view.</summary>
    public static Tensor broadcast_to(Tensor input, params long[] shape) => input.broadcast_to(shape);

    /// <summary>As <see cref="Tensor.repeat(long[])"/>; missing leading counts are 1.</summary>
    public static Tensor tile(Tensor input, long[] dims) => input.tile(dims);

    /// <summary>Each element (or slice along <paramref name="dim"/>) repeated its own number of times in a row.</summary>
    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    /// <summary>Each element (or slice along <paramref name="dim"/>) repeated <paramref name="repeats"/> times in a row.</summary>
    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    /// <summary>Rolls two dimensions, around the end.</summary>
    public static Tensor roll(Tensor input, (long, long) shifts, (long, long) dims) => input.roll(shifts, dims);

    /// <summary>Rolls three dimensions, around the end.</summary>
    public static Tensor roll(Tensor input, (long, long, long) shifts, (long, long, long) dims) => input.roll(shifts, dims);

    /// <summary>Rolls dimensions (none given: the flattened tensor) by <paramref name="shifts"/> places, around the end.</summary>
    public static Tensor roll(Tensor input, ReadOnlySpan<long> shifts, ReadOnlySpan<long> dims = default) =>
        input.roll(shifts, dims);

    /// <summary>Rolls the flattened tensor (or one dimension) by <paramref name="shifts"/> places, around the end.</summary>
    public static Tensor roll(Tensor input, long shifts, long? dims = null) => input.roll(shifts, dims);

    /// <summary>Rolls the first dimension, around the end.</summary>
    public static Tensor roll(Tensor input, long[] shifts) => input.roll(shifts);

    /// <summary>Rolls dimensions by <paramref name="shifts"/> places, around the end.</summary>
    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);

    /// <summary>The given dimensions in reverse order of their elements.</summary>
    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);

    /// <summary>The second dimension in reverse order.</summary>
    public static Tensor fliplr(Tensor input) => input.fliplr();

    /// <summary>The first dimension in reverse order.</summary>
    public static Tensor flipud(Tensor input) => input.flipud();

    /// <summary>
    /// Turned by 90 degrees <paramref name="k"/> times in the plane of two dimensions, by default from the first to
    /// the second.
    /// </summary>
    public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => input.rot90(k, dims);

    /// <summary>A vector on a diagonal of a square matrix, or the diagonal of a matrix as a vector.</summary>
    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);

    /// <summary>The last dimension on a diagonal of new matrices in the planes <paramref name="dim1"/>, <paramref name="dim2"/>.</summary>
    public static Tensor diag_embed(Tensor input, long offset = 0, long dim1 = -2, long dim2 = -1) =>
        input.diag_embed(offset, dim1, dim2);

    /// <summary>All elements on a diagonal of one square matrix.</summary>
    public static Tensor diagflat(Tensor input, long offset = 0) => input.diagflat(offset);

    /// <summary>The diagonal of the planes <paramref name="dim1"/>, <paramref name="dim2"/> as a last dimension; a view.</summary>
    /// <exception cref="ArgumentException">The two dimensions are the same.</exception>
    public static Tensor diagonal(Tensor input, long offset = 0, long dim1 = 0, long dim2 = 1) =>
        input.diagonal(offset, dim1, dim2);

    /// <summary>Sum of a matrix's diagonal.</summary>
    /// <exception cref="ArgumentException">The tensor is not a matrix.</exception>
    public static Tensor trace(Tensor input) => input.trace();

    /// <summary>The lower triangle up to <paramref name="diagonal"/>, zero elsewhere.</summary>
    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);

    /// <summary>In-place form of <see cref="Tensor.tril(long)"/>.</summary>
    public static Tensor tril_(Tensor input, long diagonal = 0) => input.tril_(diagonal);

    /// <summary>The upper triangle from <paramref name="diagonal"/> on, zero elsewhere.</summary>
    public static Tensor triu(Tensor input, long diagonal = 0) => input.triu(diagonal);

    /// <summary>In-place form of <see cref="Tensor.triu(long)"/>.</summary>
    public static Tensor triu_(Tensor input, long diagonal = 0) => input.triu_(diagonal);

    /// <summary>A copy whose diagonal is <paramref name="src"/>.</summary>
    public static Tensor diagonal_scatter(Tensor input, Tensor src, long offset = 0, long dim1 = 0, long dim2 = 1) =>
        input.diagonal_scatter(src, offset, dim1, dim2);

    /// <summary>
    /// <paramref name="chunks"/> equal parts along one dimension; the last may be smaller, and fewer come when there
    /// are not enough elements.
    /// </summary>
    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => input.chunk(chunks, dim);

    /// <summary>Parts of the given sizes along one dimension.</summary>
    public static Tensor[] split(Tensor tensor, long[] split_size_or_sections, long dim = 0) =>
        tensor.split(split_size_or_sections, dim);

    /// <summary>Parts along one dimension, as many as a number or cut before each of the positions in a vector.</summary>
    /// <exception cref="ArgumentException">The indices are not of type Int64.</exception>
    public static Tensor[] tensor_split(Tensor input, Tensor indices_or_sections, long dim = 0) =>
        input.tensor_split(indices_or_sections, dim);

    /// <summary>
    /// <paramref name="indices_or_sections"/> parts along one dimension, as equal as can be; the first ones are
    /// the larger.
    /// </summary>
    public static Tensor[] tensor_split(Tensor input, long indices_or_sections, long dim = 0) =>
        input.tensor_split(indices_or_sections, dim);

    /// <summary>Parts along one dimension, cut before each of the positions <paramref name="indices_or_sections"/>.</summary>
    public static Tensor[] tensor_split(Tensor input, long[] indices_or_sections, long dim = 0) =>
        input.tensor_split(indices_or_sections, dim);

    /// <summary>Parts along the first dimension, cut before each of the positions <paramref name="indices_or_sections"/>.</summary>
    public static Tensor[] vsplit(Tensor input, long[] indices_or_sections) => input.vsplit(indices_or_sections);

    /// <summary>size equal parts along the second dimension.</summary>
    public static Tensor[] hsplit(Tensor input, (long, long) indices_or_sections) =>
        input.hsplit(indices_or_sections.Item1, indices_or_sections.Item2);

    /// <summary>size equal parts along the second dimension.</summary>
    public static Tensor[] hsplit(Tensor input, (long, long, long) indices_or_sections) =>
        input.hsplit(indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3);

    /// <summary>size equal parts along the second dimension.</summary>
    public static Tensor[] hsplit(Tensor input, (long, long, long, long) indices_or_sections) =>
        input.hsplit(indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3, indices_or_sections.Item4);

    /// <summary>As <see cref="Tensor.tensor_split(Tensor, long)"/> along the second dimension.</summary>
    public static Tensor[] hsplit(Tensor input, Tensor indices_or_sections) => input.hsplit(indices_or_sections);

    /// <summary><paramref name="indices_or_sections"/> equal parts along the second dimension.</summary>
    /// <exception cref="ArgumentException">The dimension is no multiple of <paramref name="indices_or_sections"/>.</exception>
    public static Tensor[] hsplit(Tensor input, long indices_or_sections) => input.hsplit(indices_or_sections);

    /// <summary>
    /// Parts along the second dimension (the first of a vector), cut before each of the positions
    /// <paramref name="indices_or_sections"/>.
    /// </summary>
    public static Tensor[] hsplit(Tensor input, long[] indices_or_sections) => input.hsplit(indices_or_sections);

    /// <summary>Parts along the third dimension, cut before two positions.</summary>
    public static Tensor[] dsplit(Tensor input, (long, long) indices_or_sections) => input.dsplit(indices_or_sections);

    /// <summary>Parts along the third dimension, cut before three positions.</summary>
    public static Tensor[] dsplit(Tensor input, (long, long, long) indices_or_sections) => input.dsplit(indices_or_sections);

    /// <summary>Parts along the third dimension, cut before four positions.</summary>
    public static Tensor[] dsplit(Tensor input, (long, long, long, long) indices_or_sections) =>
        input.dsplit(indices_or_sections);

    /// <summary>As <see cref="Tensor.tensor_split(Tensor, long)"/> along the third dimension.</summary>
    public static Tensor[] dsplit(Tensor input, Tensor indices_or_sections) => input.dsplit(indices_or_sections);

    /// <summary><paramref name="size"/> equal parts along the third dimension.</summary>
    /// <exception cref="ArgumentException">The dimension is no multiple of <paramref name="size"/>.</exception>
    public static Tensor[] dsplit(Tensor input, long size) => input.dsplit(size);

    /// <summary>Parts along the third dimension, cut before each of the positions <paramref name="indices_or_sections"/>.</summary>
    public static Tensor[] dsplit(Tensor input, long[] indices_or_sections) => input.dsplit(indices_or_sections);

    /// <summary>One tensor for each index of a dimension, that dimension removed.</summary>
    public static Tensor[] unbind(Tensor input, long dim = 0) => input.unbind(dim);

    /// <summary>One tensor for each index of a dimension, that dimension removed.</summary>
    public static Tensor[] unbind(Tensor tensor, int dim = 0) => tensor.unbind(dim);

    /// <summary>Row and column numbers of the lower triangle of a matrix, shape [2, count].</summary>
    /// <exception cref="ArgumentException">The dtype is not an integer type.</exception>
    public static Tensor tril_indices(long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device? device = null)
    {
        if (!is_integral(dtype))
            throw new ArgumentException($"tril_indices: the dtype is {dtype}, but must be an integer type.", nameof(dtype));
        return Dispatcher.Call(Ops.tril_indices, row, col, offset, dtype, Arg.None, device ?? CPU);
    }

    /// <summary>Row and column numbers of the upper triangle of a matrix, shape [2, count].</summary>
    /// <exception cref="ArgumentException">The dtype is not an integer type.</exception>
    public static Tensor triu_indices(long row, long col, long offset = 0L, ScalarType dtype = ScalarType.Int64, Device? device = null)
    {
        if (!is_integral(dtype))
            throw new ArgumentException($"triu_indices: the dtype is {dtype}, but must be an integer type.", nameof(dtype));
        return Dispatcher.Call(Ops.triu_indices, row, col, offset, dtype, Arg.None, device ?? CPU);
    }

    private static partial class Ops
    {
        internal static readonly Op tril_indices = new("aten::tril_indices");
        internal static readonly Op triu_indices = new("aten::triu_indices");
    }
}
