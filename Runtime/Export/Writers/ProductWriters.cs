using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Products of matrices and what is made of them: linear layers, embeddings, einsum, attention scores, distances.</summary>
internal static class ProductWriters
{
    public static void Define(WriterList list)
    {
        list.Add(MatMul, "matmul", "bmm", "mm", "mv", "dot", "vdot");
        list.Add(s => s.Tensors().Aggregate(s.MatMul), "multi_dot", "chain_matmul");
        list.Add(AddMatMul, "addmm", "addmv", "addbmm");
        list.Add(s => Outer(s, s.Tensor(0), s.Tensor(1)), "outer", "ger");
        list.Add(s => Sum(s, s.Input, Outer(s, s.Tensor(1), s.Tensor(2))), "addr");
        list.Add(Inner, "inner");
        list.Add(TensorDot, "tensordot");
        list.Add(Einsum, "einsum");
        list.Add(s => Cosine(s, s.Long(1, "dim"), s.Double(1e-8, "eps")), "cosine_similarity");
        list.Add(s => Distance(s, s.Double(2, "p"), s.Double(1e-6, "eps"), s.Flag(false, "keepdim")), "pairwise_distance");
        list.Add(VecDot, "vecdot");
        list.Add(Distances, "cdist");
        list.Add(Attention, "scaled_dot_product_attention");
        list.Add(s => Linear(s, s.Input, s.Tensor(1), s.Optional(2)), "linear");
        list.Add(s => IndexWriters.Gather(s, s.Tensor(1), 0, s.Input), "embedding");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<Linear>((s, layer) => s.Input.Rank == 2
            ? Gemm(s, s.Input, s.Parameter("weight")!, s.Parameter("bias"))
            : Add(s, s.MatMul(s.Input, s.Parameter("weight", channels: 1, s.Turn)!), s.Parameter("bias")));
        list.Add<Embedding>((s, layer) => IndexWriters.Gather(s, s.Parameter("weight", channels: 1)!, 0, s.Input));
        list.Add<CosineSimilarity>((s, layer) => Cosine(s, layer.dim, layer.eps));
        list.Add<PairwiseDistance>((s, layer) => Distance(s, layer.norm, layer.eps, layer.keepdim));
    }

    /// <summary>x·Wᵀ + b.</summary>
    public static OnnxValue Linear(OnnxStep step, OnnxValue x, OnnxValue weight, OnnxValue? bias) => weight.Rank == 2 && x.Rank == 2
        ? Gemm(step, x, weight, bias)
        : Add(step, step.MatMul(x, weight.Rank == 2 ? step.Turn(weight) : weight), bias);

    /// <summary>softmax(q·kᵀ·scale + mask)·v.</summary>
    /// <param name="step">The step.</param>
    /// <param name="query">The queries.</param>
    /// <param name="key">The keys.</param>
    /// <param name="value">The values.</param>
    /// <param name="masks">What is added to the scores, or hides those where it says no.</param>
    /// <param name="scale">What the products are multiplied by.</param>
    /// <returns>The result, and the weights.</returns>
    public static (OnnxValue Result, OnnxValue Weights) Attend(
        OnnxStep step, OnnxValue query, OnnxValue key, OnnxValue value, IEnumerable<OnnxValue> masks, double scale)
    {
        var scores = step.MatMul(step.Join("Mul", query, scale), step.Turn(key));
        foreach (var mask in masks)
        {
            scores = mask.Type == ScalarType.Bool
                ? step.Where(mask, scores, step.Number(double.NegativeInfinity, scores))
                : step.Join("Add", scores, mask);
        }

        var weights = step.Softmax(scores, scores.Rank - 1);
        return (step.MatMul(weights, value), weights);
    }

    /// <summary>A square of yes where a query may look, which is at what is not behind it.</summary>
    public static OnnxValue Causal(OnnxStep step, OnnxValue query, OnnxValue key)
    {
        var (asks, answers) = (query.Dims[^2], key.Dims[^2]);
        var before = step.Unsqueeze(step.Range(asks, query), 1);
        return step.Join("GreaterOrEqual", before, step.Range(answers, key), ScalarType.Bool);
    }

    private static OnnxValue Gemm(OnnxStep step, OnnxValue x, OnnxValue weight, OnnxValue? bias) => step.Graph.Node(
        "Gemm", x.Type, [x.Dims[0], weight.Dims[0]], bias is null ? [x, weight] : [x, weight, bias], ("transB", 1));

    private static OnnxValue Add(OnnxStep step, OnnxValue product, OnnxValue? bias) => bias is null ? product : step.Join("Add", product, bias);

    private static OnnxValue VecDot(OnnxStep step)
    {
        var product = step.Join("Mul", step.Tensor(0), step.Tensor(1));
        return step.Reduce("ReduceSum", product, [product.Dim(step.Long(-1, "dim"))], keep: false);
    }

    private static OnnxValue MatMul(OnnxStep step) => step.MatMul(step.Tensor(0), step.Tensor(1));

    private static OnnxValue AddMatMul(OnnxStep step)
    {
        var product = step.MatMul(step.Tensor(1), step.Tensor(2));
        product = step.Name.StartsWith("addbmm", StringComparison.Ordinal) ? step.Reduce("ReduceSum", product, [0], keep: false) : product;
        return Sum(step, step.Input, product);
    }

    /// <summary>β·x + α·product.</summary>
    private static OnnxValue Sum(OnnxStep step, OnnxValue x, OnnxValue product)
    {
        var (beta, alpha) = (step.Double(1, "beta"), step.Double(1, "alpha"));
        product = alpha == 1 ? product : step.Join("Mul", product, alpha);
        return beta == 0 ? product : step.Join("Add", beta == 1 ? x : step.Join("Mul", x, beta), product);
    }

    private static OnnxValue Outer(OnnxStep step, OnnxValue first, OnnxValue second) => step.Join("Mul", step.Unsqueeze(first, 1), second);

    private static OnnxValue Inner(OnnxStep step)
    {
        var (first, second) = (step.Tensor(0), step.Tensor(1));
        return Contract(step, first, second, [first.Rank - 1], [second.Rank - 1]);
    }

    private static OnnxValue TensorDot(OnnxStep step)
    {
        var (first, second) = (step.Tensor(0), step.Tensor(1));
        if (step.Longs("dims1") is { } left)
        {
            return Contract(step, first, second, Array.ConvertAll(left, first.Dim), Array.ConvertAll(step.Longs("dims2")!, second.Dim));
        }

        var count = (int)step.Long(2, "dims");
        return Contract(
            step, first, second, [.. Enumerable.Range(first.Rank - count, count)], [.. Enumerable.Range(0, count)]);
    }

    /// <summary>Sums over pairs of dimensions, by letters for all of them.</summary>
    private static OnnxValue Contract(OnnxStep step, OnnxValue first, OnnxValue second, int[] left, int[] right)
    {
        var one = Enumerable.Range(0, first.Rank).Select(i => (char)('a' + i)).ToArray();
        var other = Enumerable.Range(0, second.Rank).Select(i => Array.IndexOf(right, i) is var at and >= 0 ? one[left[at]] : (char)('A' + i)).ToArray();
        var result = one.Where((_, i) => !left.Contains(i)).Concat(other.Where((_, i) => !right.Contains(i))).ToArray();
        return step.Graph.Node("Einsum", first.Type, step.Shape, [first, second], ("equation", $"{new string(one)},{new string(other)}->{new string(result)}"));
    }

    private static OnnxValue Einsum(OnnxStep step)
    {
        var equation = step.Text("equation")!.Replace(" ", "", StringComparison.Ordinal);
        return step.Graph.Node("Einsum", step.Input.Type, step.Shape, [.. step.Tensors()], ("equation", equation));
    }

    /// <summary>x·y / √max(‖x‖²·‖y‖², ε²).</summary>
    private static OnnxValue Cosine(OnnxStep step, long along, double epsilon)
    {
        var (x, y) = (step.Tensor(0), step.Tensor(1));
        var shape = step.Broadcast(x.Shape, y.Shape)!;
        (x, y) = (step.Expand(x, shape), step.Expand(y, shape));
        int[] dim = [x.Dim(along)];
        OnnxValue Length(OnnxValue value) => step.Join("Max", step.Reduce("ReduceL2", value, dim, keep: true), epsilon);
        return step.Reduce("ReduceSum", step.Join("Mul", step.Join("Div", x, Length(x)), step.Join("Div", y, Length(y))), dim, keep: false);
    }

    private static OnnxValue Distance(OnnxStep step, double p, double epsilon, bool keep)
    {
        var difference = step.Join("Add", step.Join("Sub", step.Tensor(0), step.Tensor(1)), epsilon);
        return ReductionWriters.Norm(step, difference, p, [difference.Rank - 1], keep);
    }

    /// <summary>The distance of each row of the one from each of the other.</summary>
    private static OnnxValue Distances(OnnxStep step)
    {
        step.Ignore("compute_mode");
        var (x, y) = (step.Tensor(0), step.Tensor(1));
        var difference = step.Join("Sub", step.Unsqueeze(x, x.Rank - 1), step.Unsqueeze(y, y.Rank - 2));
        return ReductionWriters.Norm(step, difference, step.Double(2, "p"), [difference.Rank - 1], keep: false);
    }

    private static OnnxValue Attention(OnnxStep step)
    {
        if (step.Double(0, "p", "dropout_p") is var dropped and > 0)
        {
            step.Note(FormattableString.Invariant($"it drops {dropped} of the weights at random whatever the mode, and the file drops none"));
        }

        var (query, key, value) = (step.Tensor(0), step.Tensor(1), step.Tensor(2));
        var masks = new List<OnnxValue>();
        if (step.Optional(3) is { } mask)
        {
            masks.Add(mask);
        }

        if (step.Flag(false, "is_casual", "is_causal"))
        {
            masks.Add(Causal(step, query, key));
        }

        return Attend(step, query, key, value, masks, 1 / Math.Sqrt(query.Dims[^1].Value)).Result;
    }
}
