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
    /// <summary>By how much <c>interpolate</c> enlarges.</summary>
    public const string Factor = "scale_factor";

    /// <summary>What <c>pad</c> adds.</summary>
    internal const string PadValue = "value";

    private const string Exponent = "exponent";

    private static readonly HashSet<string> ElementWise = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, Func<OpArguments, int?>> Counts = new(StringComparer.Ordinal);
    private static readonly Dictionary<string, OpRule> Rules = Build();

    /// <summary>Whether the analysis knows the operation.</summary>
    public static bool Knows(string name) => Rules.ContainsKey(name);

    /// <summary>Whether arguments other than tensors decide about dimensions; those of an element-wise operation do not.</summary>
    public static bool TakesArguments(string name) => Knows(name) && !ElementWise.Contains(name);

    /// <summary>Whether a fraction among the arguments decides about sizes or zeros. Where it is not told the worse is assumed.</summary>
    public static bool TakesFraction(string name, string argument) => (name.TrimEnd('_'), argument)
        is ("interpolate", Factor)
        or ("pow" or "float_power", Exponent)
        or ("pad", PadValue)
        or ("pad_sequence" or "pad_packed_sequence", SequenceOps.PadValue)
        or ("norm" or "vector_norm" or "matrix_norm", "p" or "ord");

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

        arguments.Read();
        if (arguments.Given.Any(tensor => tensor.IsDeferred))
        {
            return Enumerable.Repeat(AxisTensor.Deferred, ResultCount(arguments) ?? 1).ToArray();
        }

        var untracked = arguments.Given.Select(tensor => tensor.UntrackedBecause).FirstOrDefault(because => because is not null);
        try
        {
            var results = rule(graph, arguments);
            return untracked is null ? results : [.. results.Select(result => result.IsOpen ? result.AsUntracked(untracked) : result)];
        }
        catch (DivideByZeroException)
        {
            throw new AxisException(AxisRule.Mismatch, $"{arguments.Name} is asked for pieces, windows or steps of 0");
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape
            && (!arguments.MayShrink
                || untracked is not null
                || graph.ShapesTold
                || arguments.Content is not null && arguments.Given.All(tensor => !tensor.IsOpen)))
        {
            if (ResultCount(arguments) is not int count)
            {
                throw;
            }

            // Nothing in it can be pruned, whatever its shape is; or the numbers alone tell it, and what meets them stays as it is.
            var because = untracked
                ?? (arguments.Content is { } content ? ByContent(arguments.Name, content) : null)
                ?? $"{arguments.Name} depends on sizes that only the numbers in its tensors tell";
            arguments.Hold(because);
            return Enumerable.Repeat(
                untracked is null && !graph.ShapesTold && arguments.Content is null ? AxisTensor.Open() : AxisTensor.Untracked(because), count).ToArray();
        }
    }

    /// <summary>Why what an operation cuts or picks of stays, where only the content of a tensor tells how.</summary>
    internal static string ByContent(string name, string content) => $"{name} goes by {content}, which only the content of a tensor tells";

    /// <summary>How many results a call has, or null where that depends on sizes that are not known.</summary>
    public static int? ResultCount(OpArguments arguments) => Counts.TryGetValue(arguments.Name, out var count) ? count(arguments) : 1;

    private static AxisTensor[] Twice(AxisTensor result) => [result, result];

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

        // What fills a tensor that is there already.
        void AddInitialiser(Zeros zeros, params string[] names)
        {
            ElementWise.UnionWith(names);
            Add((graph, a) => [PointwiseOps.Pointwise(graph, a.Name, a.Given, zeros)], names);
        }

        AddPointwise(
            Zeros.Kept,
            "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "Mish", "SiLU", "tanh", "softsign", "Softsign",
            "hardswish", "hardshrink", "Hardshrink", "softshrink", "Softshrink", "tanhshrink", "Tanhshrink", "rrelu",
            "sin", "tan", "asin", "arcsin", "atan", "arctan", "sinh", "asinh", "arcsinh", "atanh", "arctanh", "erf", "erfinv",
            "abs", "absolute", "neg", "negative", "positive", "expm1", "log1p", "sqrt", "square", "sign", "sgn",
            "floor", "ceil", "round", "trunc", "fix", "frac", "nan_to_num", "deg2rad", "rad2deg",
            "dropout", "dropout1d", "dropout2d", "dropout3d",
            "to_type", "type", "cpu", "cuda", "mps", "contiguous", "clone", "detach", "alias", "pin_memory",
            "half", "bfloat16", "float", "double", "int", "long", "short", "byte", "char", "bool", "requires_grad", "with_requires_grad",
            "conj", "resolve_conj", "resolve_neg", "real", "zero",
            "DetachFromDisposeScope", "MoveToOuterDisposeScope", "MoveToOtherDisposeScope");
        AddPointwise(Zeros.Joined, "add", "sub", "subtract", "maximum", "minimum", "fmax", "fmin", "hypot");
        AddPointwise(Zeros.Absorbing, "mul", "multiply");
        AddPointwise(
            Zeros.Pole,
            "div",
            "divide",
            "true_divide",
            "floor_divide",
            "remainder",
            "fmod",
            "log",
            "log2",
            "log10",
            "rsqrt",
            "reciprocal",
            "logit",
            "digamma",
            "lgamma",
            "xlogy");
        AddPointwise(
            Zeros.Lost,
            "sigmoid",
                "expit",
                "softplus",
                "hardsigmoid",
                "hardtanh",
                "Hardtanh",
                "threshold",
                "Threshold",
                "log_sigmoid",
                "logsigmoid",
                "alpha_dropout",
                "feature_alpha_dropout",
            "exp", "exp2", "cos", "cosh", "acos", "arccos", "acosh", "arccosh", "erfc", "sinc", "atan2", "arctan2",
            "clamp",
                "clip",
                "clamp_min",
                "clamp_max",
                "lerp",
                "addcmul",
                "addcdiv",
                "masked_fill",
                "logaddexp",
                "logaddexp2",
                "copysign",
                "heaviside",
                "ldexp",
                "nextafter",
            "bernoulli", "poisson", "uniform", "random", "exponential", "fill", "angle", "imag", "polar", "complex",
            "bitwise_left_shift", "bitwise_right_shift");

        // Of a mean and a deviation as tensors; of numbers it is a new tensor of a stated size.
        AddInitialiser(Zeros.Kept, "zeros_");
        AddInitialiser(Zeros.Lost, "ones_", "normal_");
        Add((graph, a) => [a.Has("size") ? CreationOps.OfSizes(graph, a) : PointwiseOps.Pointwise(graph, a.Name, a.Given, Zeros.Lost)], "normal");

        // A second tensor tells the element type and the device, and nothing else.
        ElementWise.UnionWith(["to", "type_as"]);
        Add((graph, a) => [a.Input], "to", "type_as");

        // By a number: below zero, or where it is not told, nothing says that zeros stay finite.
        string[] powers = ["pow", "pow_", "float_power", "float_power_"];
        ElementWise.UnionWith(powers);
        Add(
            (graph, a) =>
                [
                    PointwiseOps.Pointwise(
                        graph,
                        a.Name,
                        a.Given,
                        a.Given.Count > 1 ? Zeros.Lost
                            : a.Fraction(Exponent) is not { } exponent || exponent < 0 ? Zeros.Pole
                            : exponent > 0 ? Zeros.Kept
                            : Zeros.Lost)],
            powers);
        string[] comparisons =
        [
            "eq", "ne", "not_equal", "lt", "le", "gt", "ge", "less", "less_equal", "greater", "greater_equal",
            "logical_and", "logical_or", "logical_xor", "logical_not", "bitwise_and", "bitwise_or", "bitwise_xor", "bitwise_not",
            "isnan", "isinf", "isfinite", "isposinf", "isneginf", "isreal", "isclose", "signbit",
        ];
        ElementWise.UnionWith(comparisons);
        Add((graph, a) => [PointwiseOps.Pointwise(graph, a.Name, a.Given, Zeros.Lost).AsMask()], comparisons);

        // A condition alone makes as many tensors of places as it has dimensions.
        ElementWise.Add("where");
        AddSeveral(
            a => a.Given.Count > 1 ? 1 : null,
            (graph, a) => a.Given.Count > 1
                ? [PointwiseOps.Pointwise(graph, a.Name, a.Given, Zeros.Lost)]
                : throw new AxisException(
                    AxisRule.Unsupported,
                    "where of a condition alone makes places of the numbers in it",
                    remedy: "give it what to choose from, or use it outside of forward"),
            "where");

        // Windows over space and time.
        Add((graph, a) => [SpatialOps.Pool(graph, a, 1)], "max_pool1d", "avg_pool1d", "lp_pool1d");
        Add((graph, a) => [SpatialOps.Pool(graph, a, 2)], "max_pool2d", "avg_pool2d", "lp_pool2d");
        Add((graph, a) => [SpatialOps.Pool(graph, a, 3)], "max_pool3d", "avg_pool3d");
        for (var dims = 1; dims <= 3; dims++)
        {
            var spatial = dims;
            AddSeveral(_ => 2, (graph, a) => Twice(SpatialOps.Pool(graph, a, spatial)), $"max_pool{spatial}d_with_indices");
            AddSeveral(_ => 2, (graph, a) => Twice(SpatialOps.AdaptivePool(graph, a, spatial)), $"adaptive_max_pool{spatial}d_with_indices");
            Add((graph, a) => [SpatialOps.Unpool(graph, a, spatial)], $"max_unpool{spatial}d");
        }

        Add((graph, a) => [SpatialOps.AdaptivePool(graph, a, 1)], "adaptive_avg_pool1d", "adaptive_max_pool1d");
        Add((graph, a) => [SpatialOps.AdaptivePool(graph, a, 2)], "adaptive_avg_pool2d", "adaptive_max_pool2d");
        Add((graph, a) => [SpatialOps.AdaptivePool(graph, a, 3)], "adaptive_avg_pool3d", "adaptive_max_pool3d");
        Add((graph, a) => [SpatialOps.PixelShuffle(graph, a.Input, a.Number(null, "upscale_factor"))], "pixel_shuffle");
        Add((graph, a) => [SpatialOps.PixelUnshuffle(graph, a.Input, a.Number(null, "downscale_factor"))], "pixel_unshuffle");
        Add((graph, a) => [SpatialOps.Interpolate(graph, a)], "interpolate", "upsample", "upsample_nearest", "upsample_bilinear");
        Add((graph, a) => [SpatialOps.GridSample(graph, a)], "grid_sample");
        Add((graph, a) => [SpatialOps.AffineGrid(graph, a)], "affine_grid");
        Add((graph, a) => [SpatialOps.Pad(graph, a)], "pad");
        Add((graph, a) => [SpatialOps.Unfold(graph, a)], "unfold");
        Add((graph, a) => [SpatialOps.Fold(graph, a)], "fold");

        // Dimensions moved, joined or dropped.
        Add((graph, a) => [ShapeOps.Flatten(graph, a)], "flatten", "ravel");
        Add((graph, a) => [ViewOps.View(graph, a.Name, a.Input, a.Sizes("shape"))], "view", "reshape");
        Add((graph, a) => [ViewOps.View(graph, a.Name, a.Tensor(0), a.Tensor(1).Shape)], "view_as", "reshape_as");
        Add((graph, a) => [ShapeOps.Unflatten(graph, a)], "unflatten");
        Add((graph, a) => [ShapeOps.Squeeze(graph, a.Input, a.Has("dim") ? a.Number(null, "dim") : null)], "squeeze", "squeeze_");
        Add((graph, a) => [ShapeOps.Unsqueeze(graph, a.Input, a.Number(null, "dim"))], "unsqueeze", "unsqueeze_");
        Add((graph, a) => [ShapeOps.Permute(graph, a.Input, a.Numbers("permutation") ?? [])], "permute");
        Add(
            (graph, a) => [ShapeOps.Transpose(a.Input, a.Number(null, "dim0", "axis0"), a.Number(null, "dim1", "axis1"))],
            "transpose",
            "transpose_",
            "swapaxes",
            "swapdims");
        Add((graph, a) => [a.Input is { IsOpen: false, Dims.Count: < 2 } ? a.Input : ShapeOps.Transpose(ShapeOps.Ranked(graph, a.Input, 2), 0, 1)], "t");
        Add((graph, a) => [ShapeOps.Move(a.Input, a.Numbers("source") ?? [], a.Numbers("destination") ?? [])], "movedim", "moveaxis");
        Add((graph, a) => [ShapeOps.Cat(graph, a.Given, a.Number(0, "dim", "axis"))], "cat", "concat", "concatenate");
        Add((graph, a) => [StackOps.CatAlong(graph, a.Name, a.Given)], "hstack", "vstack", "row_stack", "dstack", "column_stack");
        Add((graph, a) => [ShapeOps.Stack(graph, a.Given, a.Number(0, "dim"))], "stack");
        AddSeveral(
            a => a.Given.Count,
            (graph, a) => [.. a.Given.Select(x => StackOps.AtLeast(graph, a.Name, x, a.Name["atleast_".Length] - '0'))],
            "atleast_1d", "atleast_2d", "atleast_3d");
        Add((graph, a) => [SequenceOps.Pad(graph, a)], "pad_sequence");
        Add((graph, a) => [SequenceOps.Pack(graph, a)], "pack_padded_sequence");
        Add((graph, a) => [SequenceOps.PackSequence(graph, a)], "pack_sequence");
        AddSeveral(_ => 2, SequenceOps.Unpack, "pad_packed_sequence");
        Add((graph, a) => [ShapeOps.Expand(graph, a.Input, a.Sizes("sizes", "shape", "size"))], "expand", "broadcast_to");
        Add((graph, a) => [ShapeOps.ExpandAs(graph, a.Tensor(0), a.Tensor(1))], "expand_as");
        Add((graph, a) => [RepeatOps.Repeat(graph, a)], "repeat", "tile");
        Add((graph, a) => [RepeatOps.RepeatInterleave(graph, a)], "repeat_interleave");
        Add((graph, a) => [RepeatOps.Turn(graph, a)], "flip", "fliplr", "flipud", "rot90", "roll", "fftshift", "ifftshift");
        Add((graph, a) => [RepeatOps.ChannelShuffle(graph, a.Input, a.Number(null, "groups"))], "channel_shuffle");
        Add((graph, a) => [WriteOps.Complex(graph, a)], "view_as_real", "view_as_complex");

        // Pieces.
        AddSeveral(SplitOps.ChunkCount, SplitOps.Chunk, "chunk");
        AddSeveral(SplitOps.SplitCount, SplitOps.Split, "split", "split_with_sizes");
        AddSeveral(SplitOps.TensorSplitCount, SplitOps.TensorSplit, "tensor_split", "hsplit", "vsplit", "dsplit");
        AddSeveral(SplitOps.UnbindCount, SplitOps.Unbind, "unbind");
        Add((graph, a) => [new AxisTensor()], "item");
        Add((graph, a) => [IndexOps.Index(graph, a)], "index");
        Add((graph, a) => [IndexOps.Narrow(graph, a)], "narrow", "slice");
        Add((graph, a) => [IndexOps.Select(graph, a)], "select");
        Add((graph, a) => [IndexOps.IndexSelect(graph, a)], "index_select");
        Add((graph, a) => [IndexOps.Gather(graph, a)], "gather", "take_along_dim");
        Add((graph, a) => [WriteOps.IndexPut(graph, a)], "index_put", "index_put_");
        Add((graph, a) => [WriteOps.Copy(graph, a)], "copy", "copy_");
        Add((graph, a) => [WriteOps.Scatter(graph, a)], "scatter", "scatter_", "scatter_add", "scatter_add_");
        Add((graph, a) => [WriteOps.IndexAdd(graph, a)], "index_add", "index_add_", "index_copy", "index_copy_", "index_reduce", "index_fill", "index_fill_");
        Add((graph, a) => [WriteOps.SelectScatter(graph, a)], "select_scatter");
        Add((graph, a) => [WriteOps.SliceScatter(graph, a)], "slice_scatter");
        Add((graph, a) => [WriteOps.DiagonalScatter(graph, a)], "diagonal_scatter");
        Add((graph, a) => [WriteOps.MaskedScatter(graph, a)], "masked_scatter", "masked_scatter_");
        Add((graph, a) => [WriteOps.Triangle(graph, a)], "tril", "tril_", "triu", "triu_");
        Add((graph, a) => [WriteOps.OneHot(graph, a)], "one_hot");
        Add((graph, a) => [WriteOps.Identity(graph, a)], "eye_");

        // New tensors.
        Add(
            (graph, a) => [CreationOps.OfSizes(graph, a)],
            "zeros",
            "ones",
            "empty",
            "full",
            "rand",
            "randn",
            "randint",
            "new_zeros",
            "new_ones",
            "new_empty",
            "new_full",
            "eye");
        Add((graph, a) => [CreationOps.Like(a)], "zeros_like", "ones_like", "empty_like", "full_like", "rand_like", "randn_like", "randint_like");
        Add(
            (graph, a) => [CreationOps.Row(graph, a)],
            "arange",
            "linspace",
            "logspace",
            "randperm",
            "hann_window",
            "hamming_window",
            "blackman_window",
            "bartlett_window",
            "kaiser_window",
            "fftfreq",
            "rfftfreq");
        Add((graph, a) => [CreationOps.OfValues(graph, a)], "tensor", "as_tensor", "from_array", "scalar_tensor", "new_tensor", "frombuffer");

        // Products.
        Add((graph, a) => [ProductOps.MatMul(graph, a.Name, a.Tensor(0), a.Tensor(1))], "matmul", "bmm", "mm", "mv", "dot", "vdot");
        Add((graph, a) => [ProductOps.AddMatMul(graph, a)], "addmm", "addmm_", "addmv", "addmv_", "addbmm", "addbmm_");
        Add(
            (_, _) =>
                throw new AxisException(
                    AxisRule.Unsupported,
                    "baddbmm adds its last argument in TorchSharp 0.107, and its first by its documentation",
                    remedy: "write bmm and + instead"),
            "baddbmm");
        Add((graph, a) => [ProductOps.Outer(graph, a)], "outer", "ger", "addr", "addr_");
        Add((graph, a) => [ProductOps.Inner(graph, a)], "inner");
        Add((graph, a) => [ProductOps.TensorDot(graph, a)], "tensordot");
        Add((graph, a) => [a.Given.Aggregate((x, y) => ProductOps.MatMul(graph, a.Name, x, y))], "multi_dot", "chain_matmul");
        Add((graph, a) => [ProductOps.Compare(graph, a)], "cosine_similarity", "pairwise_distance", "vecdot");
        Add((graph, a) => [ProductOps.Distances(graph, a)], "cdist");
        Add((graph, a) => [EinsumOps.Einsum(graph, a)], "einsum");
        AddSeveral(a => DescribedCalls.ResultCount(a), DescribedCalls.Call, DescribedCalls.Operation);
        Add((graph, a) => [ProductOps.Attention(graph, a)], "scaled_dot_product_attention");

        // The forms of functional that take their weights.
        Add((graph, a) => [FunctionalOps.Linear(graph, a)], "linear");
        Add((graph, a) => [FunctionalOps.Convolution(graph, a, 1, transposed: false)], "conv1d");
        Add((graph, a) => [FunctionalOps.Convolution(graph, a, 2, transposed: false)], "conv2d");
        Add((graph, a) => [FunctionalOps.Convolution(graph, a, 3, transposed: false)], "conv3d");
        Add((graph, a) => [FunctionalOps.Convolution(graph, a, 1, transposed: true)], "conv_transpose1d");
        Add((graph, a) => [FunctionalOps.Convolution(graph, a, 2, transposed: true)], "conv_transpose2d");
        Add((graph, a) => [FunctionalOps.Convolution(graph, a, 3, transposed: true)], "conv_transpose3d");
        Add((graph, a) => [FunctionalOps.Embedding(graph, a)], "embedding");
        Add((graph, a) => [FunctionalOps.PerChannel(graph, a)], "batch_norm", "instance_norm", "prelu");
        Add((graph, a) => [FunctionalOps.LayerNorm(graph, a)], "layer_norm");
        Add((graph, a) => [FunctionalOps.GroupNorm(graph, a)], "group_norm");
        Add((graph, a) => [NormLayers.AcrossChannels(graph, a.Name, a.Input)], "local_response_norm");

        // Whole dimensions.
        Add(
            (graph, a) => [ReductionOps.Reduce(graph, a)],
            "mean",
            "sum",
            "nanmean",
            "nansum",
            "amax",
            "amin",
            "logsumexp",
            "var",
            "std",
            "prod",
            "norm",
            "vector_norm",
            "any",
            "all",
            "count_nonzero",
            "median",
            "nanmedian");
        AddSeveral(_ => 2, (graph, a) => Twice(ReductionOps.Reduce(graph, a)), "std_mean", "var_mean", "aminmax");
        Add((graph, a) => [ReductionOps.Which(graph, a)], "argmax", "argmin");
        AddSeveral(ReductionOps.ExtremeCount, ReductionOps.Extreme, "max", "min");
        AddSeveral(_ => 2, ReductionOps.WithPlaces, "kthvalue", "mode");
        AddSeveral(_ => 2, (graph, a) => Twice(ReductionOps.Ranked(graph, a)), "topk", "sort", "cummax", "cummin");
        Add((graph, a) => [ReductionOps.Ranked(graph, a)], "argsort", "msort");
        Add(
            (graph, a) => [ReductionOps.AlongAxis(graph, a)],
            "softmax",
            "log_softmax",
            "softmin",
            "gumbel_softmax",
            "softmax2d",
            "normalize",
            "cumsum",
            "cumprod",
            "logcumsumexp");
        Add((graph, a) => [ReductionOps.Glu(graph, a.Input, a.Number(-1, "dim"))], "glu");

        // What depends on the numbers in the tensors, and what moves numbers between dimensions in ways of its own.
        void AddHeld(int results, string because, params string[] names) =>
            AddSeveral(_ => results, (graph, a) => Enumerable.Repeat(WriteOps.Hold(graph, a, $"{a.Name} {because}"), results).ToArray(), names);
        const string ByValue = "picks by the numbers in it";
        AddHeld(1, ByValue, "multinomial", "histc", "searchsorted", "quantile", "nanquantile", "cartesian_prod", "combinations");
        AddHeld(3, ByValue, "unique", "unique_consecutive");
        Add((graph, a) => [WriteOps.ByValue(graph, a)], "masked_select", "nonzero", "argwhere", "take", "bincount", "bucketize", "isin");
        Add(
            (graph, a) => [FourierOps.Transform(graph, a)],
            "fft", "fft_", "ifft", "rfft", "irfft", "hfft", "ihfft", "fft2", "ifft2", "rfft2", "irfft2", "hfft2", "ihfft2",
            "fftn", "ifftn", "rfftn", "irfftn", "hfftn", "ihfftn");
        const string Mixes = "mixes its indices";
        AddHeld(
            1,
            Mixes,
            "stft", "istft", "diag", "diagonal", "diag_embed", "diagflat", "trace", "block_diag", "as_strided", "kron", "cross", "bilinear",
            "renorm", "diff", "cov", "corrcoef",
            "det",
                "logdet",
                "inverse",
                "inv",
                "pinv",
                "pinverse",
                "matrix_exp",
                "matrix_power",
                "matrix_norm",
                "cholesky",
                "solve",
                "eigvals",
                "eigvalsh",
                "svdvals",
                "vander",
            "trapezoid", "trapz", "cumulative_trapezoid", "fractional_max_pool2d", "fractional_max_pool3d");
        AddHeld(2, Mixes, "slogdet", "eig", "eigh", "qr", "fractional_max_pool2d_with_indices", "fractional_max_pool3d_with_indices");
        AddHeld(3, Mixes, "svd");
        AddSeveral(a => a.Given.Count, (graph, a) => a.Given.Select(_ => WriteOps.Hold(graph, a, $"{a.Name} spreads it over a grid")).ToArray(), "meshgrid");
        Add(
            (graph, a) => [WriteOps.Loss(graph, a)],
            "mse_loss",
                "l1_loss",
                "smooth_l1_loss",
                "huber_loss",
                "cross_entropy",
                "nll_loss",
                "binary_cross_entropy",
                "binary_cross_entropy_with_logits",
                "kl_div",
                "ctc_loss",
            "cosine_embedding_loss",
                "gaussian_nll_loss", "hinge_embedding_loss", "margin_ranking_loss", "multi_label_margin_loss", "multilabel_margin_loss", "multi_margin_loss",
            "multilabel_soft_margin_loss", "poisson_nll_loss", "soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss");
        return rules;
    }
}
