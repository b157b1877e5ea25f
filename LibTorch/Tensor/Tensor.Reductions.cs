namespace TorchSharp;

public static partial class torch
{
    // Reductions: sums, means, extremes, norms and cumulative forms.
    public partial class Tensor
    {
        /// <summary>Sum of all elements.</summary>
        /// <remarks>C# takes the literal 0 for an element type: write <c>sum(0L)</c> to sum over the first dimension.</remarks>
        public Tensor sum(ScalarType? type = null) => Dispatcher.Call(Ops.sum, this, type);

        /// <summary>Sum over the given dimensions.</summary>
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.sum_dim, this, dim, keepdim, type);

        /// <summary>Sum over the given dimensions.</summary>
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.sum_dim, this, dim, keepdim, type);

        /// <summary>Sum over one dimension.</summary>
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum(new[] { dim }, keepdim, type);

        /// <summary>Sum over two dimensions.</summary>
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) =>
            sum(new[] { dim0, dim1 }, keepdim, type);

        /// <summary>Sum over three dimensions.</summary>
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            sum(new[] { dim0, dim1, dim2 }, keepdim, type);

        /// <summary>Mean of all elements; floating-point tensors only.</summary>
        public Tensor mean() => Dispatcher.Call(Ops.mean, this);

        /// <summary>Mean over the given dimensions, computed in <paramref name="type"/> when given.</summary>
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.mean_dim, this, dimensions, keepdim, type);

        /// <summary>Product of all elements.</summary>
        /// <remarks>C# takes the literal 0 for an element type: write <c>prod(0L)</c> for the product over the first dimension.</remarks>
        public Tensor prod(ScalarType? type = null) => Dispatcher.Call(Ops.prod, this, type);

        /// <summary>Product over one dimension.</summary>
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) =>
            Dispatcher.Call(Ops.prod_dim, this, dim, keepdim, type);

        /// <summary>Mean of the elements that are not NaN, of all or over one dimension.</summary>
        public Tensor nanmean(int? dim = null, bool keepdim = false, ScalarType? dtype = null) =>
            Dispatcher.Call(Ops.nanmean, this, dim is { } d ? new long[] { d } : Arg.None, keepdim, dtype);

        /// <summary>Sum of the elements that are not NaN.</summary>
        public Tensor nansum() => Dispatcher.Call(Ops.nansum, this);

        /// <summary>Median of all elements; the lower one of two.</summary>
        public Tensor median() => Dispatcher.Call(Ops.median, this);

        /// <summary>Median of the elements that are not NaN; the lower one of two.</summary>
        public Tensor nanmedian() => Dispatcher.Call(Ops.nanmedian, this);

        /// <summary>Greatest of all elements.</summary>
        public Tensor max() => Dispatcher.Call(Ops.max, this);

        /// <summary>Smallest of all elements.</summary>
        public Tensor min() => Dispatcher.Call(Ops.min, this);

        /// <summary>Greatest elements along one dimension, and where they are.</summary>
        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Dispatcher.Call2(Ops.max_dim, this, dim, keepdim);

        /// <summary>Smallest elements along one dimension, and where they are.</summary>
        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) =>
            Dispatcher.Call2(Ops.min_dim, this, dim, keepdim);

        /// <summary>Greatest elements over the given dimensions; all of them when none is given.</summary>
        public Tensor amax(params long[] dims) => amax((ReadOnlySpan<long>)dims);

        /// <summary>Greatest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => amax((ReadOnlySpan<long>)dims, keepdim, @out);

        /// <summary>Greatest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => @out is null
            ? Dispatcher.Call(Ops.amax, this, dims, keepdim)
            : Dispatcher.Call(Ops.amax_out, this, dims, keepdim, @out);

        /// <summary>Smallest elements over the given dimensions; all of them when none is given.</summary>
        public Tensor amin(params long[] dims) => amin((ReadOnlySpan<long>)dims);

        /// <summary>Smallest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => amin((ReadOnlySpan<long>)dims, keepdim, @out);

        /// <summary>Smallest elements over the given dimensions, written to <paramref name="out"/> when given.</summary>
        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => @out is null
            ? Dispatcher.Call(Ops.amin, this, dims, keepdim)
            : Dispatcher.Call(Ops.amin_out, this, dims, keepdim, @out);

        /// <summary>Smallest and greatest elements, of all (also for dimension -1) or over one dimension.</summary>
        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) =>
            Dispatcher.Call2(Ops.aminmax, this, AllIfLast(dim), keepdim);

        /// <summary>TorchSharp reads dimension -1 as "all elements" where libtorch has an optional dimension.</summary>
        private static long? AllIfLast(long? dim) => dim == -1 ? null : dim;

        /// <summary>Position of the greatest element of the flattened tensor.</summary>
        public Tensor argmax() => Dispatcher.Call(Ops.argmax, this);

        /// <summary>Positions of the greatest elements along one dimension.</summary>
        public Tensor argmax(long dim, bool keepdim = false) => Dispatcher.Call(Ops.argmax, this, dim, keepdim);

        /// <summary>Position of the smallest element of the flattened tensor.</summary>
        public Tensor argmin() => Dispatcher.Call(Ops.argmin, this);

        /// <summary>Positions of the smallest elements along one dimension.</summary>
        public Tensor argmin(long dim, bool keepdim = false) => Dispatcher.Call(Ops.argmin, this, dim, keepdim);

        /// <summary>True if every element is non-zero.</summary>
        public Tensor all() => Dispatcher.Call(Ops.all, this);

        /// <summary>True where every element along one dimension is non-zero.</summary>
        public Tensor all(long dim, bool keepdim = false) => Dispatcher.Call(Ops.all_dim, this, dim, keepdim);

        /// <summary>True if any element is non-zero.</summary>
        public Tensor any() => Dispatcher.Call(Ops.any, this);

        /// <summary>True where any element along one dimension is non-zero.</summary>
        public Tensor any(long dim, bool keepdim = false) => Dispatcher.Call(Ops.any_dim, this, dim, keepdim);

        /// <summary>How many elements are non-zero, of all or over the given dimensions.</summary>
        public Tensor count_nonzero(long[]? dims = null) => Dispatcher.Call(Ops.count_nonzero, this, dims ?? []);

        /// <summary>log Σ exp(x) along one dimension, computed without overflow.</summary>
        public Tensor logsumexp(long dim, bool keepdim = false) => Dispatcher.Call(Ops.logsumexp, this, new[] { dim }, keepdim);

        /// <summary>p-norm of all elements: (Σ |x|^p)^(1/p).</summary>
        public Tensor norm(float p = 2.0f) => Dispatcher.Call(Ops.norm, this, p);

        /// <summary>p-norm along one dimension.</summary>
        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) =>
            Dispatcher.Call(Ops.norm_dim, this, p, new long[] { dim }, keepdim);

        /// <summary>p-norm of this - <paramref name="other"/>.</summary>
        public Tensor dist(Tensor other, float p = 2.0f) => Dispatcher.Call(Ops.dist, this, other, p);

        /// <summary>
        /// Scales down each slice along <paramref name="dim"/> whose p-norm exceeds <paramref name="maxnorm"/>, to
        /// that norm.
        /// </summary>
        public Tensor renorm(float p, long dim, float maxnorm) => Dispatcher.Call(Ops.renorm, this, p, dim, maxnorm);

        /// <summary>Running sum along one dimension.</summary>
        public Tensor cumsum(long dim, ScalarType? type = null) => Dispatcher.Call(Ops.cumsum, this, dim, type);

        /// <summary>Running product along one dimension.</summary>
        public Tensor cumprod(long dim, ScalarType? type = null) => Dispatcher.Call(Ops.cumprod, this, dim, type);

        /// <summary>Running maximum along one dimension, and where it was reached.</summary>
        public (Tensor values, Tensor indexes) cummax(long dim) => Dispatcher.Call2(Ops.cummax, this, dim);

        /// <summary>Running minimum along one dimension, and where it was reached.</summary>
        public (Tensor values, Tensor indexes) cummin(long dim) => Dispatcher.Call2(Ops.cummin, this, dim);

        /// <summary>Running log Σ exp along one dimension.</summary>
        public Tensor logcumsumexp(long dim) => Dispatcher.Call(Ops.logcumsumexp, this, dim);

        /// <summary>
        /// Differences of neighbours along one dimension, <paramref name="n"/> times over, with rows to put before
        /// and after.
        /// </summary>
        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
            Dispatcher.Call(Ops.diff, this, n, dim, prepend, append);

        /// <summary>Integral along one dimension by the trapezoid rule, with points <paramref name="dx"/> apart.</summary>
        public Tensor trapezoid(double dx = 1, long dim = -1) => Dispatcher.Call(Ops.trapezoid_dx, this, dx, dim);

        /// <summary>Integral along one dimension by the trapezoid rule, at the points <paramref name="x"/>.</summary>
        public Tensor trapezoid(Tensor x, long dim = -1) => Dispatcher.Call(Ops.trapezoid_x, this, x, dim);

        /// <summary>Running integral along one dimension by the trapezoid rule, with points <paramref name="dx"/> apart.</summary>
        public Tensor cumulative_trapezoid(double dx = 1, long dim = -1) =>
            Dispatcher.Call(Ops.cumulative_trapezoid_dx, this, dx, dim);

        /// <summary>Running integral along one dimension by the trapezoid rule, at the points <paramref name="x"/>.</summary>
        public Tensor cumulative_trapezoid(Tensor x, long dim = -1) => Dispatcher.Call(Ops.cumulative_trapezoid_x, this, x, dim);

        private static partial class Ops
        {
            internal static readonly Op sum = new("aten::sum");
            internal static readonly Op sum_dim = new("aten::sum", "dim_IntList");
            internal static readonly Op mean = new("aten::mean");
            internal static readonly Op mean_dim = new("aten::mean", "dim");
            internal static readonly Op prod = new("aten::prod");
            internal static readonly Op prod_dim = new("aten::prod", "dim_int");
            internal static readonly Op nanmean = new("aten::nanmean");
            internal static readonly Op nansum = new("aten::nansum");
            internal static readonly Op median = new("aten::median");
            internal static readonly Op nanmedian = new("aten::nanmedian");
            internal static readonly Op max = new("aten::max");
            internal static readonly Op min = new("aten::min");
            internal static readonly Op max_dim = new("aten::max", "dim");
            internal static readonly Op min_dim = new("aten::min", "dim");
            internal static readonly Op amax = new("aten::amax");
            internal static readonly Op amax_out = new("aten::amax", "out");
            internal static readonly Op amin = new("aten::amin");
            internal static readonly Op amin_out = new("aten::amin", "out");
            internal static readonly Op aminmax = new("aten::aminmax");
            internal static readonly Op argmax = new("aten::argmax");
            internal static readonly Op argmin = new("aten::argmin");
            internal static readonly Op all = new("aten::all");
            internal static readonly Op all_dim = new("aten::all", "dim");
            internal static readonly Op any = new("aten::any");
            internal static readonly Op any_dim = new("aten::any", "dim");
            internal static readonly Op count_nonzero = new("aten::count_nonzero", "dim_IntList");
            internal static readonly Op logsumexp = new("aten::logsumexp");
            internal static readonly Op norm = new("aten::norm", "Scalar");
            internal static readonly Op norm_dim = new("aten::norm", "ScalarOpt_dim");
            internal static readonly Op dist = new("aten::dist");
            internal static readonly Op renorm = new("aten::renorm");
            internal static readonly Op cumsum = new("aten::cumsum");
            internal static readonly Op cumprod = new("aten::cumprod");
            internal static readonly Op cummax = new("aten::cummax");
            internal static readonly Op cummin = new("aten::cummin");
            internal static readonly Op logcumsumexp = new("aten::logcumsumexp");
            internal static readonly Op diff = new("aten::diff");
            internal static readonly Op trapezoid_dx = new("aten::trapezoid", "dx");
            internal static readonly Op trapezoid_x = new("aten::trapezoid", "x");
            internal static readonly Op cumulative_trapezoid_dx = new("aten::cumulative_trapezoid", "dx");
            internal static readonly Op cumulative_trapezoid_x = new("aten::cumulative_trapezoid", "x");
        }
    }
}
