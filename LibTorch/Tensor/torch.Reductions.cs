namespace TorchSharp;

// Reductions and statistics in their static form: torch.f(x, ...) is x.f(...).
public static partial class torch
{
    /// <summary>Sum over the given dimensions.</summary>
    public static Tensor sum(Tensor input, ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
        input.sum(dim, keepdim, type);

    /// <summary>Sum of all elements.</summary>
    public static Tensor sum(Tensor input, ScalarType? type = null) => input.sum(type);

    /// <summary>Sum over one dimension.</summary>
    public static Tensor sum(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) =>
        input.sum(dim, keepdim, type);

    /// <summary>Mean of all elements; floating-point tensors only.</summary>
    public static Tensor mean(Tensor input) => input.mean();

    /// <summary>Mean over the given dimensions, computed in <paramref name="type"/> when given.</summary>
    public static Tensor mean(Tensor input, long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
        input.mean(dimensions, keepdim, type);

    /// <summary>Product of all elements.</summary>
    public static Tensor prod(Tensor input, ScalarType? type = null) => input.prod(type);

    /// <summary>Product over one dimension.</summary>
    public static Tensor prod(Tensor input, long dim, bool keepdim = false, ScalarType? type = null) =>
        input.prod(dim, keepdim, type);

    /// <summary>Mean of the elements that are not NaN, of all or over one dimension.</summary>
    public static Tensor nanmean(Tensor input, int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
        input.nanmean(dim, keepdim, dtype);

    /// <summary>Sum of the elements that are not NaN.</summary>
    public static Tensor nansum(Tensor input) => input.nansum();

    /// <summary>Median of all elements; the lower one of two.</summary>
    public static Tensor median(Tensor input) => input.median();

    /// <summary>Median of the elements that are not NaN; the lower one of two.</summary>
    public static Tensor nanmedian(Tensor input) => input.nanmedian();

    /// <summary>Greatest elements along one dimension, and where they are.</summary>
    public static (Tensor values, Tensor indexes) max(Tensor input, long dim, bool keepdim = false) => input.max(dim, keepdim);

    /// <summary>Greatest of all elements.</summary>
    public static Tensor max(Tensor input) => input.max();

    /// <summary>Smallest elements along one dimension, and where they are.</summary>
    public static (Tensor values, Tensor indexes) min(Tensor input, long dim, bool keepdim = false) => input.min(dim, keepdim);

    /// <summary>Smallest of all elements.</summary>
    public static Tensor min(Tensor input) => input.min();

    /// <summary>Greatest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
    public static Tensor amax(Tensor input, ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
        input.amax(dims, keepdim, @out);

    /// <summary>Greatest elements over the given dimensions; all of them when none is given.</summary>
    public static Tensor amax(Tensor input, long[] dims) => input.amax(dims);

    /// <summary>Greatest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
    public static Tensor amax(Tensor input, long[] dims, bool keepdim = false, Tensor? @out = null) =>
        input.amax(dims, keepdim, @out);

    /// <summary>Smallest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
    public static Tensor amin(Tensor input, ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) =>
        input.amin(dims, keepdim, @out);

    /// <summary>Smallest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
    public static Tensor amin(Tensor input, long[] dims, bool keepdim = false, Tensor? @out = null) =>
        input.amin(dims, keepdim, @out);

    /// <summary>Smallest and greatest elements, of all (also for dimension -1) or over one dimension.</summary>
    public static (Tensor min, Tensor max) aminmax(Tensor input, long? dim = null, bool keepdim = false) =>
        input.aminmax(dim, keepdim);

    /// <summary>Position of the greatest element of the flattened tensor.</summary>
    public static Tensor argmax(Tensor input) => input.argmax();

    /// <summary>Positions of the greatest elements along one dimension.</summary>
    public static Tensor argmax(Tensor input, long dim, bool keepdim = false) => input.argmax(dim, keepdim);

    /// <summary>Position of the smallest element of the flattened tensor.</summary>
    public static Tensor argmin(Tensor input) => input.argmin();

    /// <summary>Positions of the smallest elements along one dimension.</summary>
    public static Tensor argmin(Tensor input, long dim, bool keepdim = false) => input.argmin(dim, keepdim);

    /// <summary>True if every element is non-zero.</summary>
    public static Tensor all(Tensor input) => input.all();

    /// <summary>True where every element along one dimension is non-zero.</summary>
    public static Tensor all(Tensor input, long dim, bool keepdim = false) => input.all(dim, keepdim);

    /// <summary>True if any element is non-zero.</summary>
    public static Tensor any(Tensor input) => input.any();

    /// <summary>True where any element along one dimension is non-zero.</summary>
    public static Tensor any(Tensor input, long dim, bool keepdim = false) => input.any(dim, keepdim);

    /// <summary>How many elements are non-zero, of all or over the given dimensions.</summary>
    public static Tensor count_nonzero(Tensor input, long[]? dims = null) => input.count_nonzero(dims);

    /// <summary>log Σ exp(x) along one dimension, computed without overflow.</summary>
    public static Tensor logsumexp(Tensor input, long dim, bool keepdim = false) => input.logsumexp(dim, keepdim);

    /// <summary>p-norm of all elements: (Σ |x|^p)^(1/p).</summary>
    public static Tensor norm(Tensor input) => input.norm();

    /// <summary>p-norm of all elements: (Σ |x|^p)^(1/p).</summary>
    public static Tensor norm(Tensor input, float p = 2) => input.norm(p);

    /// <summary>p-norm along one dimension.</summary>
    public static Tensor norm(Tensor input, int dimension, bool keepdim = false, float p = 2) =>
        input.norm(dimension, keepdim, p);

    /// <summary>p-norm of <paramref name="input"/> - <paramref name="other"/>.</summary>
    public static Tensor dist(Tensor input, Tensor other, float p = 2) => input.dist(other, p);

    /// <summary>
    /// Scales down each slice along <paramref name="dim"/> whose p-norm exceeds <paramref name="maxnorm"/>, to
    /// that norm.
    /// </summary>
    public static Tensor renorm(Tensor input, float p, long dim, float maxnorm) => input.renorm(p, dim, maxnorm);

    /// <summary>Running sum along one dimension.</summary>
    public static Tensor cumsum(Tensor input, long dim, ScalarType? type = null) => input.cumsum(dim, type);

    /// <summary>Running product along one dimension.</summary>
    public static Tensor cumprod(Tensor input, long dim, ScalarType? dtype = null) => input.cumprod(dim, dtype);

    /// <summary>Running maximum along one dimension, and where it was reached.</summary>
    public static (Tensor values, Tensor indices) cummax(Tensor input, long dim) => input.cummax(dim);

    /// <summary>Running minimum along one dimension, and where it was reached.</summary>
    public static (Tensor values, Tensor indices) cummin(Tensor input, long dim) => input.cummin(dim);

    /// <summary>Running log Σ exp along one dimension.</summary>
    public static Tensor logcumsumexp(Tensor input, long dim) => input.logcumsumexp(dim);

    /// <summary>
    /// Differences of neighbours along one dimension, <paramref name="n"/> times over, with rows to put before
    /// and after.
    /// </summary>
    public static Tensor diff(Tensor input, long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
        input.diff(n, dim, prepend, append);

    /// <summary>Integral along one dimension by the trapezoid rule, at the points <paramref name="x"/>.</summary>
    public static Tensor trapezoid(Tensor y, Tensor x, long dim = -1) => y.trapezoid(x, dim);

    /// <summary>Integral along one dimension by the trapezoid rule, with points <paramref name="dx"/> apart.</summary>
    public static Tensor trapezoid(Tensor y, double dx = 1, long dim = -1) => y.trapezoid(dx, dim);

    /// <summary>Running integral along one dimension by the trapezoid rule, at the points <paramref name="x"/>.</summary>
    public static Tensor cumulative_trapezoid(Tensor y, Tensor x, long dim = -1) => y.cumulative_trapezoid(x, dim);

    /// <summary>Running integral along one dimension by the trapezoid rule, with points <paramref name="dx"/> apart.</summary>
    public static Tensor cumulative_trapezoid(Tensor y, double dx = 1, long dim = -1) => y.cumulative_trapezoid(dx, dim);

    /// <summary>Standard deviation over two dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor std(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation over three dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor std(
        Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation of all elements; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor std(Tensor input, bool unbiased = true) => input.std(unbiased);

    /// <summary>Standard deviation over one dimension; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor std(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation over the given dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor std(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std(dimensions, unbiased, keepdim, type);

    /// <summary>Variance over two dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor var(Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var(dimensions, unbiased, keepdim, type);

    /// <summary>Variance over three dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor var(
        Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var(dimensions, unbiased, keepdim, type);

    /// <summary>Variance of all elements; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor var(Tensor input, bool unbiased = true) => input.var(unbiased);

    /// <summary>Variance over one dimension; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor var(Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var(dimensions, unbiased, keepdim, type);

    /// <summary>Variance over the given dimensions; <paramref name="unbiased"/> divides by n - 1 rather than n.</summary>
    public static Tensor var(Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation and mean over two dimensions.</summary>
    public static (Tensor std, Tensor mean) std_mean(
        Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation and mean over three dimensions.</summary>
    public static (Tensor std, Tensor mean) std_mean(
        Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation and mean over the given dimensions.</summary>
    public static (Tensor std, Tensor mean) std_mean(
        Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation and mean of all elements.</summary>
    public static (Tensor std, Tensor mean) std_mean(Tensor input, bool unbiased = true) => input.std_mean(unbiased);

    /// <summary>Standard deviation and mean over one dimension.</summary>
    public static (Tensor std, Tensor mean) std_mean(
        Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Standard deviation and mean over the given dimensions.</summary>
    public static (Tensor std, Tensor mean) std_mean(
        Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.std_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Variance and mean over two dimensions.</summary>
    public static (Tensor @var, Tensor mean) var_mean(
        Tensor input, (long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Variance and mean over three dimensions.</summary>
    public static (Tensor @var, Tensor mean) var_mean(
        Tensor input, (long, long, long) dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Variance and mean over the given dimensions.</summary>
    public static (Tensor @var, Tensor mean) var_mean(
        Tensor input, ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Variance and mean of all elements.</summary>
    public static (Tensor @var, Tensor mean) var_mean(Tensor input, bool unbiased = true) => input.var_mean(unbiased);

    /// <summary>Variance and mean over one dimension.</summary>
    public static (Tensor @var, Tensor mean) var_mean(
        Tensor input, long dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var_mean(dimensions, unbiased, keepdim, type);

    /// <summary>Variance and mean over the given dimensions.</summary>
    public static (Tensor @var, Tensor mean) var_mean(
        Tensor input, long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
        input.var_mean(dimensions, unbiased, keepdim, type);

    /// <summary>
    /// The <paramref name="q"/>-quantiles with linear interpolation, of all elements (dimension -1) or along one
    /// dimension.
    /// </summary>
    public static Tensor quantile(Tensor input, Tensor q, long dim = -1, bool keepdim = false) =>
        input.quantile(q, dim, keepdim);

    /// <summary>As <see cref="Tensor.quantile(Tensor, long, bool)"/>, leaving NaN out.</summary>
    public static Tensor nanquantile(Tensor input, Tensor q, long dim = -1, bool keepdim = false) =>
        input.nanquantile(q, dim, keepdim);

    /// <summary>Most frequent elements along one dimension (the smallest of equals), and where one stands.</summary>
    public static (Tensor values, Tensor indices) mode(Tensor input, long dim = -1, bool keepdim = false) =>
        input.mode(dim, keepdim);

    /// <summary>
    /// Covariance matrix of variables in rows and observations in columns, with optional counts and weights of the
    /// observations.
    /// </summary>
    public static Tensor cov(Tensor input, long correction = 1, Tensor? fweights = null, Tensor? aweights = null) =>
        input.cov(correction, fweights, aweights);

    /// <summary>Pearson correlation matrix of variables in rows and observations in columns.</summary>
    public static Tensor corrcoef(Tensor input) => input.corrcoef();

    /// <summary>Counts (or sums of <paramref name="weights"/>) of the values 0, 1, 2, ... in a vector of non-negative integers.</summary>
    public static Tensor bincount(Tensor input, Tensor? weights = null, long minlength = 0) =>
        input.bincount(weights, minlength);

    /// <summary>
    /// Counts of elements in equal bins of [<paramref name="min"/>, <paramref name="max"/>]; both 0 take the tensor's
    /// own range.
    /// </summary>
    public static Tensor histc(Tensor input, long bins = 100, long min = 0, long max = 0) => input.histc(bins, min, max);

    /// <summary>Index of the bucket each element falls into, between increasing <paramref name="boundaries"/>.</summary>
    public static Tensor bucketize(Tensor input, Tensor boundaries, bool outInt32 = false, bool right = false) =>
        input.bucketize(boundaries, outInt32, right);

    /// <summary>Same as trapezoid, at the points <paramref name="x"/>.</summary>
    public static Tensor trapz(Tensor y, Tensor x, long dim = -1) => y.trapezoid(x, dim);

    /// <summary>Same as trapezoid, with points <paramref name="dx"/> apart.</summary>
    public static Tensor trapz(Tensor y, double dx = 1, long dim = -1) => y.trapezoid(dx, dim);

    /// <summary>Counts of elements in the bins whose edges are given, or their density with <paramref name="density"/>.</summary>
    public static (Tensor hist, Tensor bin_edges) histogram(Tensor input, Tensor bins, Tensor? weight = null, bool density = false) =>
        Dispatcher.Call2(Ops.histogram_edges, input, bins, weight, density);

    /// <summary>
    /// Counts of elements in <paramref name="bins"/> equal bins of <paramref name="range"/> (by default the input's
    /// own), or their density.
    /// </summary>
    public static (Tensor hist, Tensor bin_edges) histogram(
        Tensor input, long bins, (double min, double max)? range = null, Tensor? weight = null, bool density = false) =>
        Dispatcher.Call2(Ops.histogram, input, bins, range is { } r ? new[] { r.min, r.max } : Arg.None, weight, density);

    private static partial class Ops
    {
        internal static readonly Op histogram_edges = new("aten::histogram", "bins_tensor");
        internal static readonly Op histogram = new("aten::histogram", "bin_ct");
    }
}
