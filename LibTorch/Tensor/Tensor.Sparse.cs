namespace TorchSharp;

public static partial class torch
{
    // Tensors of which only the elements other than zero are stored, with their positions.
    public partial class Tensor
    {
        /// <summary>The positions of the stored elements: one row per dimension, one column per element.</summary>
        public Tensor SparseIndices => Dispatcher.Call(Ops.indices, this);

        /// <summary>The stored elements.</summary>
        public Tensor SparseValues => Dispatcher.Call(Ops.values, this);

        /// <summary>The same elements with all zeros stored.</summary>
        public Tensor to_dense() => Dispatcher.Call(Ops.to_dense, this);

        /// <summary>The same elements with only those other than zero stored.</summary>
        public Tensor to_sparse() => Dispatcher.Call(Ops.to_sparse, this);

        /// <summary>The same elements, stored where not all of the last dimensions' are zero.</summary>
        /// <param name="sparse_dim">How many dimensions, from the first, have positions; the others are stored whole.</param>
        public Tensor to_sparse(int sparse_dim) => Dispatcher.Call(Ops.to_sparse_dim, this, sparse_dim);

        private static partial class Ops
        {
            internal static readonly Op indices = new("aten::indices");
            internal static readonly Op values = new("aten::values");
            internal static readonly Op to_dense = new("aten::to_dense");
            internal static readonly Op to_sparse = new("aten::to_sparse");
            internal static readonly Op to_sparse_dim = new("aten::to_sparse", "sparse_dim");
        }
    }

    /// <summary>A sparse tensor.</summary>
    /// <param name="indices">The positions of the elements: one row per dimension, one column per element.</param>
    /// <param name="values">The elements.</param>
    /// <param name="size">The shape.</param>
    /// <param name="dtype">The element type; that of the elements for null.</param>
    /// <param name="device">The device; the default one for null.</param>
    /// <param name="requires_grad">Whether gradients are recorded.</param>
    /// <param name="names">Names of the dimensions.</param>
    public static Tensor sparse_coo_tensor(
        Tensor indices, Tensor values, long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        Finish(
            Create(
                FactoryOps.sparse_coo_tensor, indices, values, size, dtype ?? values.dtype, Arg.None, InitializeDevice(device)),
            requires_grad, names);

    private static partial class FactoryOps
    {
        internal static readonly Op sparse_coo_tensor = new("aten::sparse_coo_tensor", "indices_size");
    }
}
