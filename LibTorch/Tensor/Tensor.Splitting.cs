namespace TorchSharp;

public static partial class torch
{
    // A tensor cut into several along a dimension; the parts are views.
    public partial class Tensor
    {
        /// <summary>
        /// <paramref name="chunks"/> equal parts along one dimension; the last may be smaller, and fewer come when there
        /// are not enough elements.
        /// </summary>
        public Tensor[] chunk(long chunks, long dim = 0L) => Dispatcher.CallList(Ops.chunk, this, chunks, dim);

        /// <summary>Parts of <paramref name="size"/> along one dimension; the last may be smaller.</summary>
        public Tensor[] split(long size, int dim = 0) => Dispatcher.CallList(Ops.split, this, size, dim);

        /// <summary>Parts of the given sizes along one dimension.</summary>
        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => Dispatcher.CallList(Ops.split_with_sizes, this, sizes, dim);

        /// <summary>Parts of the given sizes along one dimension.</summary>
        public Tensor[] split(long[] sizes, long dim = 0) => split((ReadOnlySpan<long>)sizes, dim);

        /// <summary>Parts of the given sizes along the first dimension.</summary>
        public Tensor[] split(params long[] sizes) => split((ReadOnlySpan<long>)sizes, 0);

        /// <summary><paramref name="size"/> parts along one dimension, as equal as can be; the first ones are the larger.</summary>
        public Tensor[] tensor_split(long size, long dim = 0L) => Dispatcher.CallList(Ops.tensor_split, this, size, dim);

        /// <summary>Parts along one dimension, cut before each of the positions <paramref name="sizes"/>.</summary>
        public Tensor[] tensor_split(long[] sizes, long dim = 0L) => Dispatcher.CallList(Ops.tensor_split_indices, this, sizes, dim);

        /// <summary>Parts along one dimension, as many as a number or cut before each of the positions in a vector.</summary>
        /// <exception cref="ArgumentException">The indices are not of type Int64.</exception>
        public Tensor[] tensor_split(Tensor indices, long dim = 0L)
        {
            if (indices.dtype != ScalarType.Int64)
                throw new ArgumentException($"tensor_split: the indices are of type {indices.dtype}, but must be Int64.", nameof(indices));
            return Dispatcher.CallList(Ops.tensor_split_tensor, this, indices, dim);
        }

        /// <summary><paramref name="size"/> equal parts along the first dimension.</summary>
        /// <exception cref="ArgumentException">The dimension is no multiple of <paramref name="size"/>.</exception>
        public Tensor[] vsplit(long size) => Dispatcher.CallList(Ops.vsplit, this, Divides(size, 0));

        /// <summary>Parts along the first dimension, cut before each of the positions <paramref name="sizes"/>.</summary>
        public Tensor[] vsplit(params long[] sizes) => Dispatcher.CallList(Ops.vsplit_indices, this, sizes);

        /// <summary>As <see cref="tensor_split(Tensor, long)"/> along the first dimension.</summary>
        public Tensor[] vsplit(Tensor indices) => tensor_split(indices, 0);

        /// <summary><paramref name="size"/> equal parts along the second dimension.</summary>
        /// <exception cref="ArgumentException">The dimension is no multiple of <paramref name="size"/>.</exception>
        public Tensor[] hsplit(long size) => Dispatcher.CallList(Ops.hsplit, this, Divides(size, 1));

        /// <summary>
        /// Parts along the second dimension (the first of a vector), cut before each of the positions
        /// <paramref name="sizes"/>.
        /// </summary>
        public Tensor[] hsplit(params long[] sizes) => Dispatcher.CallList(Ops.hsplit_indices, this, sizes);

        /// <summary>As <see cref="tensor_split(Tensor, long)"/> along the second dimension.</summary>
        public Tensor[] hsplit(Tensor indices) => tensor_split(indices, 1);

        /// <summary><paramref name="size"/> equal parts along the third dimension.</summary>
        /// <exception cref="ArgumentException">The dimension is no multiple of <paramref name="size"/>.</exception>
        public Tensor[] dsplit(long size) => Dispatcher.CallList(Ops.dsplit, this, Divides(size, 2));

        /// <summary>Parts along the third dimension, cut before each of the positions <paramref name="sizes"/>.</summary>
        public Tensor[] dsplit(params long[] sizes) => Dispatcher.CallList(Ops.dsplit_indices, this, sizes);

        /// <summary>Parts along the third dimension, cut before two positions.</summary>
        public Tensor[] dsplit((long, long) indices_or_sections) => dsplit(indices_or_sections.Item1, indices_or_sections.Item2);

        /// <summary>Parts along the third dimension, cut before three positions.</summary>
        public Tensor[] dsplit((long, long, long) indices_or_sections) =>
            dsplit(indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3);

        /// <summary>Parts along the third dimension, cut before four positions.</summary>
        public Tensor[] dsplit((long, long, long, long) indices_or_sections) =>
            dsplit(indices_or_sections.Item1, indices_or_sections.Item2, indices_or_sections.Item3, indices_or_sections.Item4);

        /// <summary>As <see cref="tensor_split(Tensor, long)"/> along the third dimension.</summary>
        public Tensor[] dsplit(Tensor indices) => tensor_split(indices, 2);

        private long Divides(long parts, int dim) => shape[dim] % parts == 0
            ? parts
            : throw new ArgumentException($"Dimension {dim} has size {shape[dim]}, which cannot be split into {parts} equal parts; "
                + "tensor_split allows unequal ones.");

        /// <summary>One tensor for each index of a dimension, that dimension removed.</summary>
        public Tensor[] unbind(long dimension = 0L) => Dispatcher.CallList(Ops.unbind, this, dimension);

        private static partial class Ops
        {
            internal static readonly Op chunk = new("aten::chunk");
            internal static readonly Op split = new("aten::split", "Tensor");
            internal static readonly Op split_with_sizes = new("aten::split_with_sizes");
            internal static readonly Op tensor_split = new("aten::tensor_split", "sections");
            internal static readonly Op tensor_split_indices = new("aten::tensor_split", "indices");
            internal static readonly Op tensor_split_tensor = new("aten::tensor_split", "tensor_indices_or_sections");
            internal static readonly Op vsplit = new("aten::vsplit", "int");
            internal static readonly Op vsplit_indices = new("aten::vsplit", "array");
            internal static readonly Op hsplit = new("aten::hsplit", "int");
            internal static readonly Op hsplit_indices = new("aten::hsplit", "array");
            internal static readonly Op dsplit = new("aten::dsplit", "int");
            internal static readonly Op dsplit_indices = new("aten::dsplit", "array");
            internal static readonly Op unbind = new("aten::unbind", "int");
        }
    }
}
