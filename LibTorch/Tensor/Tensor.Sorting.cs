namespace TorchSharp;

public static partial class torch
{
    // Sorting, ranking and distinct values.
    public partial class Tensor
    {
        /// <summary>Sorted values along one dimension, and the positions they came from.</summary>
        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Dispatcher.Call2(Ops.sort, this, stable, dim, descending);

        /// <summary>Positions that sort the tensor along one dimension.</summary>
        public Tensor argsort(long dim = -1, bool descending = false) => Dispatcher.Call(Ops.argsort, this, dim, descending);

        /// <summary>Values sorted along the first dimension.</summary>
        public Tensor msort() => Dispatcher.Call(Ops.msort, this);

        /// <summary>The <paramref name="k"/> greatest (or smallest) values along one dimension, and where they are.</summary>
        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Dispatcher.Call2(Ops.topk, this, k, dim, largest, sorted);

        /// <summary>
        /// The <paramref name="k"/>-th smallest value (from 1) along one dimension, by default the last, and where
        /// it is.
        /// </summary>
        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
            Dispatcher.Call2(Ops.kthvalue, this, k, dim ?? -1, keepdim);

        /// <summary>Same as <see cref="kthvalue(long, long?, bool)"/> of <paramref name="input"/>.</summary>
        [Obsolete("Use torch.kthvalue instead.", false)]
        public static (Tensor values, Tensor indices) kthvalue(Tensor input, long k, long? dim, bool keepdim = false) =>
            input.kthvalue(k, dim, keepdim);

        /// <summary>
        /// Distinct elements (or slices along <paramref name="dim"/>); on request, where each went and how often it
        /// stood.
        /// </summary>
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var found = dim is { } d
                ? Dispatcher.Call3(Ops.unique_dim, this, d, sorted, return_inverse, return_counts)
                : Dispatcher.Call3(Ops.unique, this, sorted, return_inverse, return_counts);
            return Requested(found, return_inverse, return_counts);
        }

        /// <summary>
        /// Drops each element (or slice along <paramref name="dim"/>) that equals the one before; on request, where each
        /// went and how long its run was.
        /// </summary>
        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(
            bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var found = Dispatcher.Call3(Ops.unique_consecutive, this, return_inverse, return_counts, dim);
            return Requested(found, return_inverse, return_counts);
        }

        /// <summary>libtorch fills the parts nobody asked for with empty tensors; TorchSharp says null.</summary>
        private static (Tensor, Tensor?, Tensor?) Requested(
            (Tensor output, Tensor inverse, Tensor counts) found, bool inverse, bool counts)
        {
            if (!inverse) found.inverse.Dispose();
            if (!counts) found.counts.Dispose();
            return (found.output, inverse ? found.inverse : null, counts ? found.counts : null);
        }

        /// <summary>Indices of the non-zero elements, one row each: shape [count, dimensions].</summary>
        public Tensor nonzero() => Dispatcher.Call(Ops.nonzero, this);

        /// <summary>Indices of the non-zero elements, one row each: shape [count, dimensions].</summary>
        public Tensor argwhere() => Dispatcher.Call(Ops.argwhere, this);

        /// <summary>Indices of the non-zero elements, one [count, 1] tensor for each dimension.</summary>
        public IList<Tensor> nonzero_as_list()
        {
            using var indices = nonzero();
            return indices.chunk(indices.shape[1], dim: 1);
        }

        private static partial class Ops
        {
            internal static readonly Op sort = new("aten::sort", "stable");
            internal static readonly Op argsort = new("aten::argsort");
            internal static readonly Op msort = new("aten::msort");
            internal static readonly Op topk = new("aten::topk");
            internal static readonly Op kthvalue = new("aten::kthvalue");
            internal static readonly Op unique_dim = new("aten::unique_dim");
            internal static readonly Op unique = new("aten::_unique2");
            internal static readonly Op unique_consecutive = new("aten::unique_consecutive");
            internal static readonly Op nonzero = new("aten::nonzero");
            internal static readonly Op argwhere = new("aten::argwhere");
        }
    }
}
