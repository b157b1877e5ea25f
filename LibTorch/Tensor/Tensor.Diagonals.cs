namespace TorchSharp;

public static partial class torch
{
    // Diagonals and triangles of matrices.
    public partial class Tensor
    {
        /// <summary>A vector on a diagonal of a square matrix, or the diagonal of a matrix as a vector.</summary>
        public Tensor diag(long diagonal = 0) => Dispatcher.Call(Ops.diag, this, diagonal);

        /// <summary>
        /// The last dimension on a diagonal of new matrices in the planes <paramref name="dim1"/>,
        /// <paramref name="dim2"/>.
        /// </summary>
        public Tensor diag_embed(long offset = 0L, long dim1 = -2L, long dim2 = -1L) =>
            Dispatcher.Call(Ops.diag_embed, this, offset, dim1, dim2);

        /// <summary>All elements on a diagonal of one square matrix.</summary>
        public Tensor diagflat(long offset = 0) => Dispatcher.Call(Ops.diagflat, this, offset);

        /// <summary>The diagonal of the planes <paramref name="dim1"/>, <paramref name="dim2"/> as a last dimension; a view.</summary>
        /// <exception cref="ArgumentException">The two dimensions are the same.</exception>
        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L)
        {
            if (dim1 == dim2)
                throw new ArgumentException($"diagonal: dim1 and dim2 are both {dim1}, but a plane needs two dimensions.");
            return Dispatcher.Call(Ops.diagonal, this, offset, dim1, dim2);
        }

        /// <summary>Sum of a matrix's diagonal.</summary>
        /// <exception cref="ArgumentException">The tensor is not a matrix.</exception>
        public Tensor trace()
        {
            if (ndim != 2)
                throw new ArgumentException($"trace: the tensor has {ndim} dimensions, but must be a matrix.");
            return Dispatcher.Call(Ops.trace, this);
        }

        /// <summary>The lower triangle up to <paramref name="diagonal"/>, zero elsewhere.</summary>
        public Tensor tril(long diagonal = 0) => Dispatcher.Call(Ops.tril, this, diagonal);

        /// <summary>In-place form of <see cref="tril(long)"/>.</summary>
        public Tensor tril_(long diagonal = 0) => Dispatcher.CallInPlace(this, Ops.tril_, diagonal);

        /// <summary>The upper triangle from <paramref name="diagonal"/> on, zero elsewhere.</summary>
        public Tensor triu(long diagonal = 0) => Dispatcher.Call(Ops.triu, this, diagonal);

        /// <summary>In-place form of <see cref="triu(long)"/>.</summary>
        public Tensor triu_(long diagonal = 0) => Dispatcher.CallInPlace(this, Ops.triu_, diagonal);

        /// <summary>A copy whose diagonal is <paramref name="src"/>.</summary>
        public Tensor diagonal_scatter(Tensor src, long offset = 0L, long dim1 = 0L, long dim2 = 1L) =>
            Dispatcher.Call(Ops.diagonal_scatter, this, src, offset, dim1, dim2);

        /// <summary>The diagonal matrices of all given ones in a single matrix, zero elsewhere.</summary>
        public static Tensor block_diag(params Tensor[] tensors) => torch.block_diag(tensors);

        private static partial class Ops
        {
            internal static readonly Op diag = new("aten::diag");
            internal static readonly Op diag_embed = new("aten::diag_embed");
            internal static readonly Op diagflat = new("aten::diagflat");
            internal static readonly Op diagonal = new("aten::diagonal");
            internal static readonly Op trace = new("aten::trace");
            internal static readonly Op tril = new("aten::tril");
            internal static readonly Op tril_ = new("aten::tril_");
            internal static readonly Op triu = new("aten::triu");
            internal static readonly Op triu_ = new("aten::triu_");
            internal static readonly Op diagonal_scatter = new("aten::diagonal_scatter");
        }
    }
}
