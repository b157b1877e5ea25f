namespace PruneGen.Axes;

/// <summary>What an operation does to axes.</summary>
/// <param name="graph">Where ties are recorded.</param>
/// <param name="arguments">The call's arguments.</param>
/// <returns>The results: one, or several for <c>chunk</c> and its like.</returns>
public delegate AxisTensor[] OpRule(AxisGraph graph, OpArguments arguments);

/// <summary>
/// Every operation on tensors that the analysis knows, by TorchSharp's name, whether it is called on a tensor, on
/// <c>torch</c> or on <c>functional</c>. A new operation is one entry here and one test.
/// </summary>
public static class OpTable
{
    private static readonly HashSet<string> ElementWise = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, Func<OpArguments, int?>> Counts = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, OpRule> Rules = Build();

    /// <summary>Whether the analysis knows the operation.</summary>
    public static bool Knows(string name) => Rules.ContainsKey(name);

    /// <summary>Whether arguments other than tensors decide about dimensions; those of an element-wise operation do not.</summary>
    public static bool TakesArguments(string name) => Knows(name) && !ElementWise.Contains(name);

    /// <summary>Every known name, sorted.</summary>
    public static IEnumerable<string> Names => Rules.Keys.OrderBy(name => name, StringComparer.Ordinal);

    /// <summary>Applies an operation.</summary>
    /// <exception cref="AxisException">The operation is not known, or its arguments do not fit.</exception>
    public static AxisTensor[] Apply(AxisGraph graph, OpArguments arguments)
    {
        if (!Rules.TryGetValue(arguments.Name, out var rule))
        {
            throw new AxisException(AxisRule.Unsupported, $"what {arguments.Name} does to the dimensions of a tensor is not known");
        }

        return arguments.Given.Any(tensor => tensor.IsDeferred)
            ? Enumerable.Repeat(AxisTensor.Deferred, ResultCount(arguments) ?? 1).ToArray()
            : rule(graph, arguments);
    }

    /// <summary>How many results a call has, or null where that depends on sizes that are not known.</summary>
    public static int? ResultCount(OpArguments arguments) => Counts.TryGetValue(arguments.Name, out var count) ? count(arguments) : 1;

    private static Dictionary<string, OpRule> Build()
    {
        var rules = new Dictionary<string, OpRule>(StringComparer.Ordinal);
        void Add(OpRule rule, params string[] names)
        {
            foreach (var name in names)
            {
                rules.Add(name, rule);
            }
        }

        // Operations with several results: how many, and what they are.
        void AddSeveral(Func<OpArguments, int?> count, OpRule rule, params string[] names)
        {
            Add(rule, names);
            foreach (var name in names)
            {
                Counts.Add(name, count);
            }
        }

        // Element by element: index i of every operand meets index i of the others. Each also in place (relu_).
        void AddPointwise(Zeros zeros, params string[] names)
        {
            string[] all = [.. names, .. names.Select(name => name + "_")];
            ElementWise.UnionWith(all);
            Add((graph, a) => [PointwiseOps.Pointwise(graph, a.Name, a.Given, zeros)], all);
        }

        AddPointwise(
            Zeros.Kept,
            "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "Mish", "SiLU", "tanh", "softsign",
            "hardswish", "hardshrink", "softshrink", "tanhshrink", "rrelu", "sin", "erf",
            "abs", "neg", "expm1", "log1p", "sqrt", "square", "sign", "floor", "ceil", "round", "nan_to_num",
            "dropout", "dropout1d", "dropout2d", "dropout3d",
            "to", "to_type", "type_as", "cpu", "cuda", "contiguous", "clone", "detach", "alias", "half", "bfloat16", "requires_grad",
            "DetachFromDisposeScope", "MoveToOuterDisposeScope", "MoveToOtherDisposeScope");
        AddPointwise(Zeros.Joined, "add", "sub", "subtract", "maximum", "minimum", "copy");
        AddPointwise(Zeros.Absorbing, "mul", "multiply");
        AddPointwise(
            Zeros.Lost,
            "sigmoid", "softplus", "hardsigmoid", "hardtanh", "threshold", "log_sigmoid", "alpha_dropout", "feature_alpha_dropout",
            "exp", "log", "log2", "log10", "rsqrt", "pow", "reciprocal", "cos",
            "clamp", "clip", "clamp_min", "clamp_max", "div", "divide", "remainder", "lerp", "addcmul", "addcdiv", "where");
        string[] comparisons = ["eq", "ne", "not_equal", "lt", "le", "gt", "ge", "less", "less_equal", "greater", "greater_equal", "logical_and", "logical_or", "logical_xor", "logical_not", "isnan", "isinf", "isfinite"];
        ElementWise.UnionWith(comparisons);
        Add((graph, a) => [PointwiseOps.Pointwise(graph, a.Name, a.Given, Zeros.Lost).AsMask()], comparisons);

        Add((graph, a) => [SpatialOps.Pool(graph, a, 1)], "max_pool1d", "avg_pool1d");
        Add((graph, a) => [SpatialOps.Pool(graph, a, 2)], "max_pool2d", "avg_pool2d");
        Add((graph, a) => [SpatialOps.Pool(graph, a, 3)], "max_pool3d", "avg_pool3d");
        Add((graph, a) => [SpatialOps.AdaptivePool(graph, a, 1)], "adaptive_avg_pool1d", "adaptive_max_pool1d");
        Add((graph, a) => [SpatialOps.AdaptivePool(graph, a, 2)], "adaptive_avg_pool2d", "adaptive_max_pool2d");
        Add((graph, a) => [SpatialOps.AdaptivePool(graph, a, 3)], "adaptive_avg_pool3d", "adaptive_max_pool3d");

        Add((graph, a) => [ShapeOps.Flatten(graph, a.Input, a.Number(0, "start_dim"), a.Number(-1, "end_dim"))], "flatten");
        Add((graph, a) => [ViewOps.View(graph, a.Name, a.Input, a.Sizes("shape"))], "view", "reshape");
        Add((graph, a) => [ShapeOps.Unflatten(graph, a)], "unflatten");
        Add((graph, a) => [ShapeOps.Squeeze(graph, a.Input, a.Has("dim") ? a.Number(null, "dim") : null)], "squeeze");
        Add((graph, a) => [ShapeOps.Unsqueeze(graph, a.Input, a.Number(null, "dim"))], "unsqueeze");
        Add((graph, a) => [ShapeOps.Permute(a.Input, a.Numbers("permutation") ?? [])], "permute");
        Add((graph, a) => [ShapeOps.Transpose(a.Input, a.Number(null, "dim0", "axis0"), a.Number(null, "dim1", "axis1"))], "transpose", "swapaxes");
        Add((graph, a) => [ShapeOps.Transpose(a.Input, 0, 1)], "t");
        Add((graph, a) => [ShapeOps.Cat(graph, a.Given, a.Number(0, "dim"))], "cat", "concat");

        Add((graph, a) => [ShapeOps.Stack(graph, a.Given, a.Number(0, "dim"))], "stack");
        AddSeveral(SplitOps.ChunkCount, SplitOps.Chunk, "chunk");
        AddSeveral(SplitOps.SplitCount, SplitOps.Split, "split", "split_with_sizes");
        AddSeveral(SplitOps.TensorSplitCount, SplitOps.TensorSplit, "tensor_split", "hsplit", "vsplit", "dsplit");
        AddSeveral(SplitOps.UnbindCount, SplitOps.Unbind, "unbind");
        Add((graph, a) => [IndexOps.Index(graph, a)], "index");
        Add((graph, a) => [IndexOps.Narrow(graph, a)], "narrow", "slice");
        Add((graph, a) => [IndexOps.Select(graph, a)], "select");
        Add((graph, a) => [IndexOps.IndexSelect(graph, a)], "index_select");
        Add((graph, a) => [IndexOps.Gather(graph, a)], "gather", "take_along_dim");
        Add((graph, a) => [IndexOps.ByValue(graph, a)], "masked_select", "nonzero", "argwhere", "take", "bincount", "unique_dim");
        AddSeveral(_ => 3, (graph, a) => Enumerable.Repeat(IndexOps.ByValue(graph, a), 3).ToArray(), "unique", "unique_consecutive");

        Add((graph, a) => [CreationOps.OfSizes(graph, a)], "zeros", "ones", "empty", "full", "rand", "randn", "randint", "new_zeros", "new_ones", "new_empty", "new_full", "eye");
        Add((graph, a) => [CreationOps.Like(a)], "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like");
        Add((graph, a) => [CreationOps.Row(graph, a)], "arange", "linspace", "logspace", "randperm");
        Add((graph, a) => [CreationOps.OfValues(graph, a)], "tensor", "as_tensor", "from_array", "scalar_tensor", "new_tensor");
        Add((graph, a) => [ShapeOps.Expand(graph, a.Input, a.Sizes("sizes", "shape"))], "expand", "broadcast_to");
        Add((graph, a) => [a.Input], "flip", "roll");

        Add((graph, a) => [SpatialOps.PixelShuffle(graph, a.Input, a.Number(null, "upscale_factor"))], "pixel_shuffle");
        Add((graph, a) => [SpatialOps.PixelUnshuffle(graph, a.Input, a.Number(null, "downscale_factor"))], "pixel_unshuffle");
        Add((graph, a) => [SpatialOps.Interpolate(graph, a)], "interpolate");
        Add((graph, a) => [SpatialOps.Pad(graph, a)], "pad");

        Add((graph, a) => [ProductOps.MatMul(graph, a.Name, a.Tensor(0), a.Tensor(1))], "matmul", "bmm", "mm");
        Add((graph, a) => [ProductOps.Attention(graph, a)], "scaled_dot_product_attention");

        Add((graph, a) => [ReductionOps.Reduce(graph, a)], "mean", "sum", "amax", "amin", "logsumexp", "var", "std");
        Add((graph, a) => [ReductionOps.AlongAxis(graph, a)], "softmax", "log_softmax", "softmin", "normalize", "cumsum");
        return rules;
    }
}
