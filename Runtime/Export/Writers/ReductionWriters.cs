using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Operations whose results depend on whole dimensions: sums, means, maxima, norms, softmax, ranking.</summary>
internal static class ReductionWriters
{
    private static readonly string[] DimNames = ["dimensions", "dimension", "dim", "dims"];
    private static readonly string[] KeepNames = ["keepdim", "keepDimension"];

    public static void Define(WriterList list)
    {
        list.Add(Sum, "sum");
        list.Add(s => Over(s, "ReduceMean", s.Fraction(Typed(s))), "mean");
        list.Add(Product, "prod");
        list.Add(s => Over(s, "ReduceMax", s.Input), "amax");
        list.Add(s => Over(s, "ReduceMin", s.Input), "amin");
        list.AddSeveral(s => [Over(s, "ReduceMin", s.Input), Over(s, "ReduceMax", s.Input)], "aminmax");
        list.Add(LogSumExp, "logsumexp");
        list.Add(s => Variance(s).Variance, "var");
        list.Add(s => s.Map("Sqrt", Variance(s).Variance), "std");
        list.AddSeveral(s => Variance(s) is var (variance, mean) ? [variance, mean] : [], "var_mean");
        list.AddSeveral(s => Variance(s) is var (variance, mean) ? [s.Map("Sqrt", variance), mean] : [], "std_mean");
        list.Add(s => Norm(s, s.Double(2, "p")), "norm");
        list.Add(s => Norm(s, s.Double(2, "ord", "p")), "vector_norm");
        list.Add(s => AnyOf(s, "ReduceMax"), "any");
        list.Add(s => AnyOf(s, "ReduceMin"), "all");
        list.Add(CountNonzero, "count_nonzero");
        list.Add(s => Which(s, "ArgMax"), "argmax");
        list.Add(s => Which(s, "ArgMin"), "argmin");
        list.AddSeveral(s => Extreme(s, "Max"), "max");
        list.AddSeveral(s => Extreme(s, "Min"), "min");
        list.AddSeveral(TopK, "topk");
        list.AddSeveral(Sort, "sort");
        list.Add(s => Sort(s)[1], "argsort");
        list.Add(s => Sorted(s, s.Input, 0, descending: false)[0], "msort");
        list.AddSeveral(KthValue, "kthvalue");
        list.Add(Median, "median");
        list.Add(s => Over(s, "ReduceSum", WithoutNan(s, s.Input)), "nansum");
        list.Add(NanMean, "nanmean");
        list.Add(Diff, "diff");
        list.Add(s => s.Softmax(Typed(s), s.Input.Dim(s.Long(null, "dim"))), "softmax");
        list.Add(s => s.Softmax(Typed(s), s.Input.Dim(s.Long(null, "dim")), "LogSoftmax"), "log_softmax");
        list.Add(s => s.Softmax(s.Map("Neg", s.Input), s.Input.Dim(s.Long(null, "dim"))), "softmin");
        list.Add(s => s.Softmax(s.Input, s.Input.Rank - 3), "softmax2d");
        list.Add(Normalize, "normalize");
        list.Add(CumSum, "cumsum");
        list.Add(s => Glu(s, s.Long(-1, "dim")), "glu");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<Softmax>((s, layer) => s.Softmax(s.Input, s.Input.Dim(layer.dim)));
        list.Add<LogSoftmax>((s, layer) => s.Softmax(s.Input, s.Input.Dim(layer.dim), "LogSoftmax"));
        list.Add<Softmin>((s, layer) => s.Softmax(s.Map("Neg", s.Input), s.Input.Dim(layer.dim)));
        list.Add<Softmax2d>((s, _) => s.Softmax(s.Input, s.Input.Rank - 3));
        list.Add<GLU>((s, layer) => Glu(s, layer.dim));
    }

    private static OnnxValue Glu(OnnxStep step, long along)
    {
        var x = step.Input;
        var dim = x.Dim(along);
        var half = x.Dims[dim].Map(size => size / 2);
        return step.Join("Mul", step.Slice(x, dim, step.Graph.Size(0), half), step.Map("Sigmoid", step.Slice(x, dim, half, x.Dims[dim])));
    }

    /// <summary>The p-norm over some dimensions.</summary>
    public static OnnxValue Norm(OnnxStep step, OnnxValue x, double p, int[] places, bool keep) => p switch
    {
        2 => step.Reduce("ReduceL2", x, places, keep),
        1 => step.Reduce("ReduceL1", x, places, keep),
        double.PositiveInfinity => step.Reduce("ReduceMax", step.Map("Abs", x), places, keep),
        double.NegativeInfinity => step.Reduce("ReduceMin", step.Map("Abs", x), places, keep),
        0 => step.Reduce(
            "ReduceSum", step.Graph.Cast(step.Map("Not", step.Join("Equal", x, step.Number(0, x), ScalarType.Bool)), x.Type), places, keep),
        _ => step.Join("Pow", step.Reduce("ReduceSum", step.Join("Pow", step.Map("Abs", x), p), places, keep), 1 / p),
    };

    private static int[] Places(OnnxStep step, OnnxValue x) => step.Longs(DimNames) is { Length: > 0 } dims ? Array.ConvertAll(dims, x.Dim)
        : step.Has("dim0") ? [.. new[] { "dim0", "dim1", "dim2" }.Where(name => step.Has(name)).Select(name => x.Dim(step.Long(null, name)))]
        : [.. Enumerable.Range(0, x.Rank)];

    private static bool Keep(OnnxStep step) => step.Flag(false, KeepNames);

    /// <summary>The input, under the element type that is asked for.</summary>
    private static OnnxValue Typed(OnnxStep step) => step.Type("type", "dtype") is { } type ? step.Graph.Cast(step.Input, type) : step.Input;

    private static OnnxValue Over(OnnxStep step, string op, OnnxValue x) => step.Reduce(op, x, Places(step, x), Keep(step));

    /// <summary>Sums and products of whole numbers are of 64 bits.</summary>
    private static OnnxValue Widened(OnnxStep step) =>
        !step.Has("type", "dtype") && !TensorTypes.IsFloating(step.Input.Type) ? step.Graph.Cast(step.Input, ScalarType.Int64) : Typed(step);

    private static OnnxValue Sum(OnnxStep step) => Over(step, "ReduceSum", Widened(step));

    private static OnnxValue Product(OnnxStep step) => Over(step, "ReduceProd", Widened(step));

    /// <summary>m + log Σ exp(x − m), with the largest number for m.</summary>
    private static OnnxValue LogSumExp(OnnxStep step)
    {
        var x = step.Fraction(step.Input);
        var places = Places(step, x);
        var most = step.Reduce("ReduceMax", x, places, keep: true);
        var sum = step.Join("Add", most, step.Map("Log", step.Reduce("ReduceSum", step.Map("Exp", step.Join("Sub", x, most)), places, keep: true)));
        return Keep(step) ? sum : step.Squeeze(sum, places);
    }

    private static (OnnxValue Variance, OnnxValue Mean) Variance(OnnxStep step)
    {
        var x = Typed(step);
        var (places, keep) = (Places(step, x), Keep(step));
        var mean = step.Reduce("ReduceMean", x, places, keep: true);
        var deviation = step.Join("Sub", x, mean);
        var variance = step.Reduce("ReduceMean", step.Join("Mul", deviation, deviation), places, keep);
        if (step.Flag(true, "unbiased"))
        {
            var count = step.Count(places.Select(place => x.Dims[place]));
            variance = count.IsConstant
                ? step.Join("Mul", variance, count.Value / (double)(count.Value - 1))
                : Bessel(step, variance, step.Graph.Cast(step.Sizes.Scalar(count, [x]), x.Type));
        }

        return (variance, keep ? mean : step.Squeeze(mean, places));
    }

    private static OnnxValue Bessel(OnnxStep step, OnnxValue variance, OnnxValue count) =>
        step.Join("Div", step.Join("Mul", variance, count), step.Join("Sub", count, 1));

    private static OnnxValue Norm(OnnxStep step, double p)
    {
        var x = step.Input;
        return Norm(step, x, p, Places(step, x), Keep(step));
    }

    private static OnnxValue AnyOf(OnnxStep step, string op)
    {
        var yes = step.Graph.Cast(step.Graph.Cast(step.Input, ScalarType.Bool), ScalarType.Int32);
        return step.Graph.Cast(Over(step, op, yes), ScalarType.Bool);
    }

    private static OnnxValue CountNonzero(OnnxStep step) =>
        Over(step, "ReduceSum", step.Graph.Cast(step.Graph.Cast(step.Input, ScalarType.Bool), ScalarType.Int64));

    private static OnnxValue Which(OnnxStep step, string op)
    {
        var x = step.Input;
        if (step.Longs(DimNames) is not { Length: > 0 } dims)
        {
            var flat = step.Reshape(x, step.Count(x.Dims));
            return step.Graph.Node(op, ScalarType.Int64, [], [flat], ("axis", 0), ("keepdims", 0));
        }

        return Place(step, op, x, x.Dim(dims[0]), Keep(step));
    }

    private static OnnxValue Place(OnnxStep step, string op, OnnxValue x, int dim, bool keep) => step.Graph.Node(
        op, ScalarType.Int64, [.. x.Dims.Select((size, i) => i != dim ? (OnnxSize?)size : keep ? step.Graph.Size(1) : null).OfType<OnnxSize>()], [x],
        ("axis", dim), ("keepdims", keep));

    /// <summary>Of everything, of two tensors, or of a dimension with its place.</summary>
    private static OnnxValue[] Extreme(OnnxStep step, string op)
    {
        if (step.TensorCount > 1)
        {
            var (left, right) = PointwiseWriters.Operands(step);
            return [step.Join(op, left, right)];
        }

        var x = step.Input;
        if (!step.Has(DimNames))
        {
            return [step.Reduce("Reduce" + op, x, [.. Enumerable.Range(0, x.Rank)], keep: false)];
        }

        var (dim, keep) = (x.Dim(step.Long(null, DimNames)), Keep(step));
        return [step.Reduce("Reduce" + op, x, [dim], keep), Place(step, "Arg" + op, x, dim, keep)];
    }

    private static OnnxValue[] TopK(OnnxStep step)
    {
        step.Ignore("sorted");
        var x = step.Input;
        return Best(step, x, x.Dim(step.Long(-1, "dim")), step.SizeOf("k"), step.Flag(true, "largest"));
    }

    private static OnnxValue[] Best(OnnxStep step, OnnxValue x, int dim, OnnxSize count, bool largest)
    {
        OnnxSize[] shape = [.. x.Dims.Select((size, i) => i == dim ? count : size)];
        return step.Graph.Nodes(
            "TopK", [(x.Type, shape), (ScalarType.Int64, shape)], [x, step.Sizes.Vector([count], x)], ("axis", dim), ("largest", largest));
    }

    private static OnnxValue[] Sort(OnnxStep step)
    {
        step.Ignore("stable");
        return Sorted(step, step.Input, step.Input.Dim(step.Long(-1, "dim")), step.Flag(false, "descending"));
    }

    private static OnnxValue[] Sorted(OnnxStep step, OnnxValue x, int dim, bool descending) => Best(step, x, dim, x.Dims[dim], descending);

    private static OnnxValue[] KthValue(OnnxStep step)
    {
        var x = step.Input;
        var (dim, k, keep) = (x.Dim(step.Long(-1, "dim")), step.Long(null, "k"), Keep(step));
        return Array.ConvertAll(Best(step, x, dim, step.Graph.Size(k), largest: false), best =>
        {
            var last = step.Slice(best, dim, k - 1, k);
            return keep ? last : step.Squeeze(last, dim);
        });
    }

    /// <summary>Of an even number of them the lower of the two in the middle.</summary>
    private static OnnxValue Median(OnnxStep step)
    {
        var count = Count(step, step.Input);
        if (!count.IsConstant)
        {
            throw step.Refusal("it is taken over a dynamic dimension; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        }

        var ranked = Best(step, step.Reshape(step.Input, count), 0, count, largest: false)[0];
        return IndexWriters.Select(step, ranked, 0, step.Graph.Size((count.Value - 1) / 2));
    }

    private static OnnxSize Count(OnnxStep step, OnnxValue x) => x.Dims.Aggregate(step.Graph.Size(1), (all, size) => all.With(size, (a, b) => a * b));

    private static OnnxValue WithoutNan(OnnxStep step, OnnxValue x) => TensorTypes.IsFloating(x.Type)
        ? step.Where(step.Graph.Node("IsNaN", ScalarType.Bool, x.Shape, [x]), step.Number(0, x), x)
        : step.Graph.Cast(x, ScalarType.Int64);

    private static OnnxValue NanMean(OnnxStep step)
    {
        var x = Typed(step);
        var numbers = step.Graph.Cast(step.Map("Not", step.Graph.Node("IsNaN", ScalarType.Bool, x.Shape, [x])), x.Type);
        return step.Join("Div", Over(step, "ReduceSum", WithoutNan(step, x)), Over(step, "ReduceSum", numbers));
    }

    /// <summary>Each minus the one before it, as often as is asked.</summary>
    private static OnnxValue Diff(OnnxStep step)
    {
        if (step.TensorCount > 1)
        {
            throw step.Refusal("what is put before or behind it is not written; join it with cat");
        }

        var x = step.Input;
        var dim = x.Dim(step.Long(-1, "dim"));
        for (var times = step.Long(1, "n"); times > 0; times--)
        {
            var one = step.Graph.Size(1);
            x = step.Join("Sub", step.Slice(x, dim, one, x.Dims[dim]), step.Slice(x, dim, step.Graph.Size(0), x.Dims[dim].Map(size => size - 1)));
        }

        return x;
    }

    /// <summary>x / max(‖x‖, ε).</summary>
    private static OnnxValue Normalize(OnnxStep step)
    {
        var x = step.Input;
        var norm = Norm(step, x, step.Double(2, "p"), [x.Dim(step.Long(1, "dim"))], keep: true);
        return step.Join("Div", x, step.Join("Max", norm, step.Double(1e-12, "eps")));
    }

    private static OnnxValue CumSum(OnnxStep step)
    {
        var x = Widened(step);
        return step.Graph.Node("CumSum", x.Type, x.Shape, [x, step.Graph.Scalar((long)x.Dim(step.Long(null, "dim")), ScalarType.Int64)]);
    }
}
