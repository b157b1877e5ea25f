namespace PruneGen.Axes;

/// <summary>Operations that write one tensor into another, and those of which only their inputs can be spoken for.</summary>
internal static class WriteOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [Complex(graph, a)], "view_as_real", "view_as_complex");
        ops.Add((graph, a) => [IndexPut(graph, a)], "index_put", "index_put_");
        ops.Add((graph, a) => [Copy(graph, a)], "copy", "copy_");
        ops.Add((graph, a) => [Scatter(graph, a)], "scatter", "scatter_", "scatter_add", "scatter_add_");
        ops.Add((graph, a) => [IndexAdd(graph, a)], "index_add", "index_add_", "index_copy", "index_copy_", "index_reduce", "index_fill", "index_fill_");
        ops.Add((graph, a) => [SelectScatter(graph, a)], "select_scatter");
        ops.Add((graph, a) => [SliceScatter(graph, a)], "slice_scatter");
        ops.Add((graph, a) => [DiagonalScatter(graph, a)], "diagonal_scatter");
        ops.Add((graph, a) => [MaskedScatter(graph, a)], "masked_scatter", "masked_scatter_");
        ops.Add((graph, a) => [Triangle(graph, a)], "tril", "tril_", "triu", "triu_");
        ops.Add((graph, a) => [OneHot(graph, a)], "one_hot");
        ops.Add((graph, a) => [Identity(graph, a)], "eye_");

        // What depends on the numbers in the tensors, and what moves numbers between dimensions in ways of its own.
        void AddKept(int results, string because, params string[] names) =>
            ops.AddSeveral(_ => results, (graph, a) => Enumerable.Repeat(Hold(graph, a, $"{a.Name} {because}"), results).ToArray(), names);
        const string PicksByValue = "picks by the numbers in it";
        AddKept(1, PicksByValue, "multinomial", "histc", "searchsorted", "quantile", "nanquantile", "cartesian_prod", "combinations");
        AddKept(3, PicksByValue, "unique", "unique_consecutive");
        ops.Add((graph, a) => [ByValue(graph, a)], "masked_select", "nonzero", "argwhere", "take", "bincount", "bucketize", "isin");
        const string Mixes = "mixes its indices";
        AddKept(
            1,
            Mixes,
            "stft", "istft", "diagonal", "diagflat", "block_diag", "as_strided", "kron", "cross", "bilinear", "diff", "cov", "corrcoef", "pinv", "pinverse",
            "matrix_norm", "solve", "eigvals", "eigvalsh", "svdvals", "vander", "trapezoid", "trapz", "cumulative_trapezoid", "fractional_max_pool2d",
            "fractional_max_pool3d");
        AddKept(2, Mixes, "slogdet", "eig", "eigh", "qr", "fractional_max_pool2d_with_indices", "fractional_max_pool3d_with_indices");
        AddKept(3, Mixes, "svd");
        ops.AddSeveral(a => a.Given.Count, (graph, a) => a.Given.Select(_ => Hold(graph, a, $"{a.Name} spreads it over a grid")).ToArray(), "meshgrid");
        ops.Add(
            (graph, a) => [Loss(graph, a)],
            "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss", "cross_entropy", "nll_loss", "binary_cross_entropy",
            "binary_cross_entropy_with_logits", "kl_div", "ctc_loss", "cosine_embedding_loss", "gaussian_nll_loss", "hinge_embedding_loss",
            "margin_ranking_loss", "multi_label_margin_loss", "multilabel_margin_loss", "multi_margin_loss", "multilabel_soft_margin_loss",
            "poisson_nll_loss", "soft_margin_loss", "triplet_margin_loss", "triplet_margin_with_distance_loss");
    }

    /// <summary><c>x[…] = value</c>, a tensor or a number. Zeros leave what a mask switches off as it is; where they are put counts all the same.</summary>
    public static AxisTensor IndexPut(AxisGraph graph, OpArguments a)
    {
        var isZero = a.Fraction("value") == 0;
        if (!a.HasSlices("indices"))
        {
            Hold(graph, a, $"{a.Name} puts {(isZero ? "zeros" : "numbers")} at places that are not known here");
            return a.Input.WithZeros(isZero && a.Input.KeepsZeros);
        }

        var slices = a.Slices("indices");
        if (a.Optional(1) is null && slices.Count == 1 && slices[0] is { Kind: SliceKind.By, Indices: { IsMask: true } mask })
        {
            // The mask's dimensions are the first ones of the tensor. Where not all are known, the last ones of both are compared.
            if (mask.IsOpen || a.Input.IsOpen)
            {
                PointwiseOps.Pointwise(graph, a.Name, [a.Input, mask], Zeros.Joined);
            }
            else
            {
                foreach (var (axis, masked) in a.Input.Dims.Zip(mask.Dims, (axis, masked) => (axis, masked)))
                {
                    graph.Tie(axis, masked, $"{a.Name} goes by a mask of it");
                }
            }

            return isZero ? a.Input : a.Input.WithZeros(false);
        }

        var slice = IndexOps.Index(graph, a);
        return isZero
            ? a.Input
            : a.Input.WithZeros(a.Optional(1) is { } value && PointwiseOps.Pointwise(graph, a.Name, [slice, value], Zeros.Joined).KeepsZeros);
    }

    /// <summary>Another tensor's numbers, in the shape of the first.</summary>
    public static AxisTensor Copy(AxisGraph graph, OpArguments a)
    {
        return a.Input.WithZeros(PointwiseOps.Pointwise(graph, a.Name, [a.Tensor(0).WithZeros(true), a.Tensor(1)], Zeros.Joined).KeepsZeros);
    }

    /// <summary>Each number of a tensor is put where a tensor of indices, of as many dimensions, says along one of them.</summary>
    public static AxisTensor Scatter(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = Numbered(graph, a);
        foreach (var other in a.Given.Skip(1))
        {
            if (other.IsOpen || other.Dims.Count != x.Dims.Count)
            {
                graph.FixAll([.. x.Dims, .. other.Dims], $"{a.Name} puts a part of it");
                continue;
            }

            for (var i = 0; i < x.Dims.Count; i++)
            {
                // The indices may be fewer than what they pick of, along any dimension.
                if (i != index && x.Dims[i].Size == other.Dims[i].Size)
                {
                    graph.Tie(x.Dims[i], other.Dims[i], $"{a.Name} puts index to index");
                }
                else
                {
                    graph.FixAll(i == index ? [other.Dims[i]] : [x.Dims[i], other.Dims[i]], $"{a.Name} puts a part of it");
                }
            }
        }

        return Written(a, a.Given.Skip(2));
    }

    /// <summary>Whole slices are put, added or filled in where a row of indices says along one dimension.</summary>
    public static AxisTensor IndexAdd(AxisGraph graph, OpArguments a)
    {
        var index = Numbered(graph, a);
        foreach (var source in a.Given.Skip(2))
        {
            graph.FixAll(source.IsOpen ? [] : [source.Dims[source.IndexOf(a.Number(0, "dim"))]], $"{a.Name} puts each of it by its number");
            Meet(graph, a, a.Input.Dims.Where((_, i) => i != index), source, source.Dims.Where((_, i) => i != index));
        }

        // What it fills in without a source is a number.
        return a.Given.Count > 2 ? Written(a, a.Given.Skip(2)) : a.Input.WithZeros(false);
    }

    /// <summary>One slice of a dimension is replaced.</summary>
    public static AxisTensor SelectScatter(AxisGraph graph, OpArguments a)
    {
        var index = Numbered(graph, a);
        Meet(graph, a, a.Input.Dims.Where((_, i) => i != index), a.Tensor(1), a.Tensor(1).Dims);
        return Written(a, a.Given.Skip(1));
    }

    /// <summary>A range of a dimension is replaced.</summary>
    public static AxisTensor SliceScatter(AxisGraph graph, OpArguments a)
    {
        var (index, source) = (Numbered(graph, a), a.Tensor(1));
        graph.FixAll(source.IsOpen ? [] : [source.Dims[source.IndexOf(a.Number(0, "dim"))]], $"{a.Name} puts it by number");
        Meet(graph, a, a.Input.Dims.Where((_, i) => i != index), source, source.Dims.Where((_, i) => i != index));
        return Written(a, a.Given.Skip(1));
    }

    /// <summary>A diagonal of two dimensions is replaced; it is the last dimension of what is written.</summary>
    public static AxisTensor DiagonalScatter(AxisGraph graph, OpArguments a)
    {
        var (x, source) = (a.Input, a.Tensor(1));
        int[] cut = [x.IndexOf(a.Number(0, "dim1")), x.IndexOf(a.Number(1, "dim2"))];
        graph.FixAll([.. cut.Select(dim => x.Dims[dim]), .. source.Dims.Skip(source.Dims.Count - 1)], $"{a.Name} writes a diagonal of it");
        Meet(graph, a, x.Dims.Where((_, i) => !cut.Contains(i)), source, source.Dims.Take(source.Dims.Count - 1));
        return Written(a, a.Given.Skip(1));
    }

    /// <summary>Numbers are put in their order where a tensor of yes and no says so.</summary>
    public static AxisTensor MaskedScatter(AxisGraph graph, OpArguments a)
    {
        graph.FixAll([.. a.Given.SelectMany(tensor => tensor.Dims)], $"{a.Name} puts number by number into it");
        return a.Input.WithZeros(false);
    }

    /// <summary>The place of the dimension that is written to by number, which stays as it is.</summary>
    private static int Numbered(AxisGraph graph, OpArguments a)
    {
        var index = a.Input.IndexOf(a.Number(0, "dim"));
        graph.Fix(a.Input.Dims[index], $"{a.Name} puts into it by number");
        return index;
    }

    /// <summary>What is written has the width of what it is written into, in every other dimension.</summary>
    private static void Meet(AxisGraph graph, OpArguments a, IEnumerable<Axis> into, AxisTensor source, IEnumerable<Axis> written)
    {
        var (left, right) = (into.ToList(), written.ToList());
        if (source.IsOpen || left.Count != right.Count)
        {
            graph.FixAll([.. left, .. right], $"{a.Name} writes a tensor into it whose dimensions are not known");
            return;
        }

        for (var i = 0; i < left.Count; i++)
        {
            graph.Tie(left[i], right[i], $"{a.Name} puts index to index");
        }
    }

    /// <summary>The tensor that is written into: zeros stay where all that is written is zero there too.</summary>
    private static AxisTensor Written(OpArguments a, IEnumerable<AxisTensor> written) =>
        a.Input.WithZeros(a.Input.KeepsZeros && written.All(tensor => !tensor.IsOpen && tensor.KeepsZeros));

    /// <summary>A triangle of the last two dimensions: zeros stay zeros, but where the edge runs depends on the indices.</summary>
    public static AxisTensor Triangle(AxisGraph graph, OpArguments a)
    {
        graph.FixAll(a.Input.Dims.Skip(Math.Max(0, a.Input.Dims.Count - 2)), $"{a.Name} cuts a triangle out of it");
        return a.Input;
    }

    /// <summary>One dimension more or less at the end that holds the parts of complex numbers.</summary>
    public static AxisTensor Complex(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        if (a.Name == "view_as_real")
        {
            return x.WithDims(x.Dims.Append(graph.NewFixed("", 2, "it holds a complex number")));
        }

        graph.Fix(x.Dims[x.IndexOf(-1)], "it holds a complex number");
        return x.WithDims(x.Dims.Take(x.Dims.Count - 1));
    }

    /// <summary>A dimension of yes and no for each number of classes.</summary>
    public static AxisTensor OneHot(AxisGraph graph, OpArguments a) =>
        a.Input.WithDims(
            a.Input.Dims.Append(graph.NewConstant(a.Has("num_classes") && a.Size(null, "num_classes").AsNumber(a.Name) is long count and >= 0 ? count : null)))
                .WithZeros(false);

    /// <summary>Ones on the diagonal of a matrix that is there already.</summary>
    public static AxisTensor Identity(AxisGraph graph, OpArguments a)
    {
        graph.FixAll(a.Input.Dims, $"{a.Name} writes a diagonal of it");
        return a.Input.WithZeros(false);
    }

    /// <summary>What it makes of its inputs is not followed, so that they stay as they are and nothing of the result is pruned.</summary>
    public static AxisTensor Hold(AxisGraph graph, OpArguments a, string because)
    {
        graph.FixAll([.. a.Given.SelectMany(tensor => tensor.Dims)], because);
        return AxisTensor.Untracked(because);
    }

    /// <summary>Picks by the numbers in its tensors, which stay as they are; how many it finds they alone tell.</summary>
    public static AxisTensor ByValue(AxisGraph graph, OpArguments a)
    {
        var because = $"{a.Name} picks by the numbers in it";
        var held = Hold(graph, a, because);
        AxisTensor Like(int place) => a.Tensor(place) is { IsOpen: false } tensor ? tensor.Over([.. tensor.Dims]).WithZeros(false) : held;
        var found = graph.NewFixed("", null, because);
        return a.Name switch
        {
            "nonzero" or "argwhere" => new AxisTensor(found, graph.NewConstant(a.Input.IsOpen ? null : a.Input.Dims.Count)).WithZeros(false),
            "masked_select" or "bincount" => new AxisTensor(found).WithZeros(false),
            "take" => Like(1),
            "isin" => Like(0).AsMask(),
            _ => Like(0),
        };
    }

    /// <summary>One number of everything: a loss.</summary>
    public static AxisTensor Loss(AxisGraph graph, OpArguments a)
    {
        var result = Hold(graph, a, $"{a.Name} compares it with what is wanted");
        return a.Has("reduction") && a.Text("reduction") is null or "None" ? result : new AxisTensor();
    }
}
