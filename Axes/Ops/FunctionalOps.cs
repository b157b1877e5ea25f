namespace PruneGen.Axes;

/// <summary>
/// The forms of <c>functional</c> that take their weights as tensors. A weight that nothing else has decided about makes
/// outputs of its own, as a layer's does.
/// </summary>
internal static class FunctionalOps
{
    public static void Define(OpList ops)
    {
        // The forms of functional that take their weights.
        ops.Add((graph, a) => [Linear(graph, a)], "linear");
        ops.Add((graph, a) => [Convolution(graph, a, 1, transposed: false)], "conv1d");
        ops.Add((graph, a) => [Convolution(graph, a, 2, transposed: false)], "conv2d");
        ops.Add((graph, a) => [Convolution(graph, a, 3, transposed: false)], "conv3d");
        ops.Add((graph, a) => [Convolution(graph, a, 1, transposed: true)], "conv_transpose1d");
        ops.Add((graph, a) => [Convolution(graph, a, 2, transposed: true)], "conv_transpose2d");
        ops.Add((graph, a) => [Convolution(graph, a, 3, transposed: true)], "conv_transpose3d");
        ops.Add((graph, a) => [Embedding(graph, a)], "embedding");
        ops.Add((graph, a) => [PerChannel(graph, a)], "batch_norm", "instance_norm", "prelu");
        ops.Add((graph, a) => [LayerNorm(graph, a)], "layer_norm");
        ops.Add((graph, a) => [GroupNorm(graph, a)], "group_norm");
        ops.Add((graph, a) => [NormLayers.AcrossChannels(graph, a.Name, a.Input)], "local_response_norm");
    }

    /// <summary>x·Wᵀ + b.</summary>
    public static AxisTensor Linear(AxisGraph graph, OpArguments a)
    {
        var (x, weight) = (a.Input, a.Tensor(1));
        if (weight.IsOpen || weight.Dims.Count is not (1 or 2) || x.Dims.Count == 0)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} of {x} and {weight} needs the dimensions of both");
        }

        ProductOps.Contract(graph, a.Name, x.Dims[x.Dims.Count - 1], x, weight.Dims[weight.Dims.Count - 1], weight);
        weight.ReadBy(weight.Dims.Count - 1);
        if (weight.Dims.Count == 1)
        {
            return x.WithDims(x.Dims.Take(x.Dims.Count - 1)).WithZeros(false);
        }

        var output = weight.Dims[0];
        graph.StartOutput(output);
        Add(graph, a, output, a.Optional(2));
        graph.Mac(a.Name, x, x.Dims.Skip(1).Take(x.Dims.Count - 2).Concat(weight.Dims));
        return x.With(x.Dims.Count - 1, output.Resolve()).WithZeros(KeepsZeros(x, x.Dims.Count - 1, weight, a.Optional(2)));
    }

    /// <summary>
    /// A convolution, in one group or in several. Their number may be that of the channels, for filters that all channels share,
    /// or of the batch, for filters that each sample has made for itself.
    /// </summary>
    public static AxisTensor Convolution(AxisGraph graph, OpArguments a, int spatial, bool transposed)
    {
        var weight = a.Tensor(1);
        var x = SpatialOps.Ranked(graph, a.Name, a.Input, spatial);
        if (weight.IsOpen || weight.Dims.Count != spatial + 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} needs the dimensions of its weight, which are {weight} here");
        }

        var place = x.Dims.Count - spatial - 1;
        var channels = x.Dims[place];
        var (first, second) = (weight.Dims[0], weight.Dims[1]);
        Axis output;
        if (a.Size(1, "groups") is { IsConstant: true, Value: 1 })
        {
            graph.Tie(channels, transposed ? first : second, $"{a.Name} sums over it");
            weight.ReadBy(transposed ? 0 : 1);
            output = transposed ? second : first;
        }
        else
        {
            output = Grouped(graph, a, channels, first, second, transposed);
        }

        graph.StartOutput(output);
        foreach (var kernel in weight.Dims.Skip(2))
        {
            graph.Fix(kernel, "it is a dimension of a kernel");
        }

        Add(graph, a, output, a.Optional(2));
        var sizes = weight.Dims.Skip(2).Select(dim => dim.Size ?? -1).ToArray();
        var kernels = sizes.All(size => size >= 0) ? sizes : null;
        long[]? Each(long otherwise, params string[] names) => a.Has(names) ? a.Spatial(spatial, names) : Enumerable.Repeat(otherwise, spatial).ToArray();
        var (stride, padding, dilation, extra) = (
            Each(1, "stride", "strides"), Each(0, "padding"), Each(1, "dilation"), Each(0, "output_padding", "outputPadding"));
        var result = transposed
            ? SpatialOps.Resize(
                graph, x, spatial, (size, i) => ((size - 1) * stride?[i]) - (2 * padding?[i]) + (dilation?[i] * (kernels?[i] - 1)) + extra?[i] + 1)
            : SpatialOps.Window(graph, a.Name, x, spatial, kernels, stride, padding, dilation, ceil: false);
        var shaped = result.With(place, output.Resolve()).WithZeros(KeepsZeros(result, place, weight, a.Optional(2)));
        graph.Mac(a.Name, (transposed ? x : shaped).Dims.Skip(place + 1).Concat(weight.Dims));
        return shaped;
    }

    /// <summary>Each group reads its own part of the channels and makes its own part of the outputs, all of one width.</summary>
    private static Axis Grouped(AxisGraph graph, OpArguments a, Axis channels, Axis first, Axis second, bool transposed)
    {
        var size = a.Size(1, "groups");
        if (size.Value is not long count
            || channels.Size is not long width
            || first.Size is not long filters
            || count < 1
            || width % count != 0
            || filters % count != 0)
        {
            throw new AxisException(
                AxisRule.UnknownShape,
                $"{a.Name} works in {size} groups of {channels}, and how wide these are is not known here; give the shape of the model's input");
        }

        var groups = size.Axis;
        if (groups is null)
        {
            size.AsNumber(a.Name);
            groups = graph.NewFixed("", count, $"{a.Name} states {count} groups");
        }

        Axis Within(Axis whole)
        {
            var within = graph.NewUndecided("", whole.Size / count);
            graph.Tie(whole, AxisGraph.MakeProduct([groups, within]), $"{a.Name} works in {count} groups");
            return within.Resolve();
        }

        var (reads, makes) = (Within(channels), Within(first));
        if (transposed)
        {
            graph.Tie(reads, makes, $"{a.Name} sums over it");
            makes = second;
        }
        else
        {
            graph.Tie(reads, second, $"{a.Name} sums over it");
        }

        return AxisGraph.MakeProduct([groups.Resolve(), makes.Resolve()]);
    }

    /// <summary>Rows of a table: <c>embedding(x, weight)</c>.</summary>
    public static AxisTensor Embedding(AxisGraph graph, OpArguments a)
    {
        var weight = a.Tensor(1);
        if (weight.Dims.Count != 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} needs the dimensions of its weight, which are {weight} here");
        }

        graph.Fix(weight.Dims[0], "its entries are looked up by number");
        graph.StartOutput(weight.Dims[1]);
        return a.Input.WithDims([.. a.Input.Dims, weight.Dims[1].Resolve()]).WithZeros(weight.KeepsZeros);
    }

    /// <summary>A number or more a channel: <c>batch_norm</c>, <c>instance_norm</c>, <c>prelu</c>.</summary>
    public static AxisTensor PerChannel(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var given = a.Given.Skip(1).Where(tensor => tensor.Dims.Count == 1 && !(tensor.Dims[0].Size == 1 && !tensor.Dims[0].MayShrink)).ToList();
        if (x.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} works on the channels of {x}, whose dimensions are not known here");
        }

        foreach (var tensor in given)
        {
            graph.Tie(x.Dims[1], tensor.Dims[0], $"{a.Name} has a number for each channel");
        }

        if (a.Name == "instance_norm")
        {
            NormLayers.MarkBehind(graph, a.Name, x, 2);
        }

        return x.WithZeros(a.Name == "prelu" ? x.KeepsZeros : a.Given.Count > 1 && a.Given.Skip(1).All(tensor => tensor.KeepsZeros) && !x.ShrinksBesides(1));
    }

    /// <summary>Normalises over the last dimensions, whose sizes the source gives.</summary>
    public static AxisTensor LayerNorm(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var shape = a.Sizes("normalized_shape", "shape");
        if (shape.Count > x.Dims.Count)
        {
            throw new AxisException(x.IsOpen ? AxisRule.UnknownShape : AxisRule.Mismatch, $"{a.Name} normalises the last {shape.Count} dimensions of {x}");
        }

        for (var i = 0; i < shape.Count; i++)
        {
            var axis = x.Dims[x.Dims.Count - shape.Count + i];
            if (shape[i].Axis is { } own)
            {
                graph.Tie(axis, own, $"{a.Name} normalises over it");
            }
            else
            {
                shape[i].AsNumber(a.Name);
                graph.Fix(axis, $"{a.Name} states its width, {shape[i]}");
            }

            graph.MarkInexact(axis, $"{a.Name} normalises over it");
            foreach (var tensor in a.Given.Skip(1).Where(tensor => tensor.Dims.Count == shape.Count))
            {
                graph.Tie(axis, tensor.Dims[i], $"{a.Name} scales it");
            }
        }

        return x.WithZeros(
            a.Given.Count > 1 && a.Given.Skip(1).All(tensor => tensor.KeepsZeros) && !x.Dims.Take(x.Dims.Count - shape.Count).Any(dim => dim.MayShrink));
    }

    public static AxisTensor GroupNorm(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var count = a.Size(null, "num_groups");
        if (x.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} normalises groups of channels, but which dimension of {x} is the channels is not known");
        }

        var channels = x.Dims[1];
        if (count.Axis is { } own)
        {
            graph.Tie(channels, own, $"{a.Name} has a group for each channel");
        }
        else if (channels.MayShrink)
        {
            var groups = count.AsNumber(a.Name) ?? throw new AxisException(AxisRule.Unsupported, $"the groups of {a.Name} cannot be told from the source");
            graph.MarkInexact(
                groups == 1 ? channels : AxisPieces.Equal(graph, channels, groups, $"{a.Name} works in {groups} groups"), $"{a.Name} normalises over it");
        }

        foreach (var tensor in a.Given.Skip(1).Where(tensor => tensor.Dims.Count == 1))
        {
            graph.Tie(channels, tensor.Dims[0], $"{a.Name} scales it");
        }

        NormLayers.MarkBehind(graph, a.Name, x, 2);
        return x.WithZeros(a.Given.Count > 1 && a.Given.Skip(1).All(tensor => tensor.KeepsZeros) && !x.ShrinksBesides(1));
    }

    /// <summary>
    /// Whether what a mask switches off is zero in a weighted sum: along its outputs as in the weights, along any other dimension as in the input.
    /// </summary>
    private static bool KeepsZeros(AxisTensor x, int place, AxisTensor weight, AxisTensor? bias) =>
        weight.KeepsZeros && bias?.KeepsZeros != false && (!x.ShrinksBesides(place) || (x.KeepsZeros && bias is null));

    private static void Add(AxisGraph graph, OpArguments a, Axis output, AxisTensor? bias)
    {
        if (bias is { Dims.Count: 1 })
        {
            graph.Tie(output, bias.Dims[0], $"{a.Name} adds to it");
        }
    }
}
