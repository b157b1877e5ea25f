namespace TorchSharp;

public static partial class torch
{
    // Spread, quantiles, covariance and histograms.
    public partial class Tensor
    {
        /// <summary>Standard deviation of all elements; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor std(bool unbiased = true) => Dispatcher.Call(Ops.std, this, unbiased);

        /// <summary>Standard deviation over one dimension; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.std_dim, this, dim, unbiased, keepdim);

        /// <summary>Standard deviation over two dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor std((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim.Item1, dim.Item2], unbiased, keepdim, type);

        /// <summary>Standard deviation over three dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor std((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        /// <summary>Standard deviation over the given dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.std_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Standard deviation over the given dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.std_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Variance of all elements; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor var(bool unbiased = true) => Dispatcher.Call(Ops.var, this, unbiased);

        /// <summary>Variance over one dimension; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.var_dim, this, dim, unbiased, keepdim);

        /// <summary>Variance over two dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor var((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim.Item1, dim.Item2], unbiased, keepdim, type);

        /// <summary>Variance over three dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor var((long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        /// <summary>Variance over the given dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.var_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Variance over the given dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.var_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Standard deviation and mean of all elements.</summary>
        public (Tensor std, Tensor mean) std_mean(bool unbiased = true) => Dispatcher.Call2(Ops.std_mean, this, unbiased);

        /// <summary>Standard deviation and mean over one dimension.</summary>
        public (Tensor std, Tensor mean) std_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call2(Ops.std_mean_dim, this, dim, unbiased, keepdim);

        /// <summary>Standard deviation and mean over two dimensions.</summary>
        public (Tensor std, Tensor mean) std_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std_mean([dim.Item1, dim.Item2], unbiased, keepdim, type);

        /// <summary>Standard deviation and mean over three dimensions.</summary>
        public (Tensor std, Tensor mean) std_mean(
            (long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std_mean([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        /// <summary>Standard deviation and mean over the given dimensions.</summary>
        public (Tensor std, Tensor mean) std_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call2(Ops.std_mean_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Standard deviation and mean over the given dimensions.</summary>
        public (Tensor std, Tensor mean) std_mean(
            ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call2(Ops.std_mean_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Variance and mean of all elements.</summary>
        public (Tensor @var, Tensor mean) var_mean(bool unbiased = true) => Dispatcher.Call2(Ops.var_mean, this, unbiased);

        /// <summary>Variance and mean over one dimension.</summary>
        public (Tensor @var, Tensor mean) var_mean(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call2(Ops.var_mean_dim, this, dim, unbiased, keepdim);

        /// <summary>Variance and mean over two dimensions.</summary>
        public (Tensor @var, Tensor mean) var_mean((long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var_mean([dim.Item1, dim.Item2], unbiased, keepdim, type);

        /// <summary>Variance and mean over three dimensions.</summary>
        public (Tensor @var, Tensor mean) var_mean(
            (long, long, long) dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var_mean([dim.Item1, dim.Item2, dim.Item3], unbiased, keepdim, type);

        /// <summary>Variance and mean over the given dimensions.</summary>
        public (Tensor std, Tensor mean) var_mean(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call2(Ops.var_mean_dim, this, dimensions, unbiased, keepdim);

        /// <summary>Variance and mean over the given dimensions.</summary>
        public (Tensor std, Tensor mean) var_mean(
            ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call2(Ops.var_mean_dim, this, dimensions, unbiased, keepdim);

        /// <summary>
        /// The <paramref name="q"/>-quantiles with linear interpolation, of all elements (dimension -1) or along one
        /// dimension.
        /// </summary>
        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) =>
            Dispatcher.Call(Ops.quantile, this, q, AllIfLast(dim), keepdim);

        /// <summary>As <see cref="quantile(Tensor, long, bool)"/>, leaving NaN out.</summary>
        public Tensor nanquantile(Tensor q, long dim = -1, bool keepdim = false) =>
            Dispatcher.Call(Ops.nanquantile, this, q, AllIfLast(dim), keepdim);

        /// <summary>Most frequent elements along one dimension (the smallest of equals), and where one stands.</summary>
        public (Tensor values, Tensor indices) mode(long dim = -1L, bool keepdim = false) =>
            Dispatcher.Call2(Ops.mode, this, dim, keepdim);

        /// <summary>
        /// Covariance matrix of variables in rows and observations in columns, with optional counts and weights of the
        /// observations.
        /// </summary>
        public Tensor cov(long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
            Dispatcher.Call(Ops.cov, this, correction, fweights, aweights);

        /// <summary>Pearson correlation matrix of variables in rows and observations in columns.</summary>
        public Tensor corrcoef() => Dispatcher.Call(Ops.corrcoef, this);

        /// <summary>
        /// Counts (or sums of <paramref name="weights"/>) of the values 0, 1, 2, ... in a vector of non-negative
        /// integers.
        /// </summary>
        public Tensor bincount(Tensor? weights, long minlength = 0) => Dispatcher.Call(Ops.bincount, this, weights, minlength);

        /// <summary>
        /// Counts of elements in equal bins of [<paramref name="min"/>, <paramref name="max"/>]; both 0 take the tensor's
        /// own range.
        /// </summary>
        public Tensor histc(long bins = 100, long min = 0, long max = 0) => Dispatcher.Call(Ops.histc, this, bins, min, max);

        /// <summary>Index of the bucket each element falls into, between increasing <paramref name="boundaries"/>.</summary>
        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            Dispatcher.Call(Ops.bucketize, this, boundaries, outInt32, right);

        private static partial class Ops
        {
            internal static readonly Op std = new("aten::std");
            internal static readonly Op std_dim = new("aten::std", "dim");
            internal static readonly Op var = new("aten::var");
            internal static readonly Op var_dim = new("aten::var", "dim");
            internal static readonly Op std_mean = new("aten::std_mean");
            internal static readonly Op std_mean_dim = new("aten::std_mean", "dim");
            internal static readonly Op var_mean = new("aten::var_mean");
            internal static readonly Op var_mean_dim = new("aten::var_mean", "dim");
            internal static readonly Op quantile = new("aten::quantile");
            internal static readonly Op nanquantile = new("aten::nanquantile");
            internal static readonly Op mode = new("aten::mode");
            internal static readonly Op cov = new("aten::cov");
            internal static readonly Op corrcoef = new("aten::corrcoef");
            internal static readonly Op bincount = new("aten::bincount");
            internal static readonly Op histc = new("aten::histc");
            internal static readonly Op bucketize = new("aten::bucketize", "Tensor");
        }
    }
}
