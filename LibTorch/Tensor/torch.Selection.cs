namespace TorchSharp;

// Selection and writing by position in their static form: torch.f(x, ...) is x.f(...).
public static partial class torch
{
    /// <summary>The slice at one index of a dimension, that dimension removed; a view.</summary>
    public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);

    /// <summary><paramref name="length"/> slices of a dimension from <paramref name="start"/> on; a view.</summary>
    public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);

    /// <summary>The slices of a dimension at the positions in a vector, as a copy.</summary>
    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);

    /// <summary>Elements at positions of the flattened tensor, in the shape of <paramref name="index"/>.</summary>
    public static Tensor take(Tensor input, Tensor index) => input.take(index);

    /// <summary>Elements at positions along one dimension, as <see cref="Tensor.argsort(long, bool)"/> gives them.</summary>
    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim = 0) => input.take_along_dim(indices, dim);

    /// <summary>Elements at positions along one dimension.</summary>
    public static Tensor take_along_dim(Tensor input, IEnumerable<long> indices, long dim = 0L) => input.take_along_dim(indices, dim);

    /// <summary>Elements at positions along one dimension: out[i][j] = <paramref name="input"/>[index[i][j]][j] for dimension 0.</summary>
    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

    /// <summary>Elements at positions along one dimension: out[i][j] = <paramref name="input"/>[index[i][j]][j] for dimension 0.</summary>
    public static Tensor gather(Tensor input, long dim, Tensor index, bool sparse_grad = false) => input.gather(dim, index);

    /// <summary>
    /// A copy with the elements of <paramref name="src"/> written to positions along one dimension; the inverse
    /// of gather.
    /// </summary>
    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);

    /// <summary>In-place form of <see cref="Tensor.scatter(long, Tensor, Tensor)"/>.</summary>
    public static Tensor scatter_(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_(dim, index, src);

    /// <summary>A copy with the elements of <paramref name="src"/> added at positions along one dimension.</summary>
    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);

    /// <summary>In-place form of <see cref="Tensor.scatter_add(long, Tensor, Tensor)"/>.</summary>
    public static Tensor scatter_add_(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add_(dim, index, src);

    /// <summary>A copy with <paramref name="src"/> as its slice at one index.</summary>
    public static Tensor select_scatter(Tensor input, Tensor src, long dim, long index) => input.select_scatter(src, dim, index);

    /// <summary>
    /// A copy with <paramref name="src"/> as its slices from <paramref name="start"/> to before
    /// <paramref name="end"/>, every <paramref name="step"/>.
    /// </summary>
    public static Tensor slice_scatter(Tensor input, Tensor src, long dim = 0, long? start = null, long? end = null, long step = 1) =>
        input.slice_scatter(src, dim, start, end, step);

    /// <summary>
    /// A copy with <paramref name="alpha"/> times the slices of <paramref name="source"/> added at the positions
    /// in a vector.
    /// </summary>
    /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
        input.index_add(dim, index, source, alpha);

    /// <summary>In-place form of <see cref="Tensor.index_add(long, Tensor, Tensor, Scalar)"/>.</summary>
    /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
    public static Tensor index_add_(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
        input.index_add_(dim, index, source, alpha);

    /// <summary>A copy with the slices of <paramref name="source"/> written at the positions in a vector.</summary>
    /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
    public static Tensor index_copy(Tensor input, long dim, Tensor index, Tensor source) => input.index_copy(dim, index, source);

    /// <summary>In-place form of <see cref="Tensor.index_copy(long, Tensor, Tensor)"/>.</summary>
    /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
    public static Tensor index_copy_(Tensor input, long dim, Tensor index, Tensor source) =>
        input.index_copy_(dim, index, source);

    /// <summary>A copy with <paramref name="value"/> in the slices at the positions in a vector.</summary>
    /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
    public static Tensor index_fill(Tensor input, long dim, Tensor index, Scalar value) => input.index_fill(dim, index, value);

    /// <summary>In-place form of <see cref="Tensor.index_fill(long, Tensor, Scalar)"/>.</summary>
    /// <exception cref="ArgumentException">The index is not of type Int64.</exception>
    public static Tensor index_fill_(Tensor input, long dim, Tensor index, Scalar value) => input.index_fill_(dim, index, value);

    /// <summary>The elements where <paramref name="mask"/> is true, as a vector.</summary>
    /// <exception cref="ArgumentException">The mask is not Boolean.</exception>
    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);
}
