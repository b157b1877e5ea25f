namespace PruneGen.Axes;

/// <summary>The last one to three dimensions of a feature map: their sizes after pooling and convolution.</summary>
internal static class SpatialOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [Pool(graph, a, 1)], "max_pool1d", "avg_pool1d", "lp_pool1d");
        ops.Add((graph, a) => [Pool(graph, a, 2)], "max_pool2d", "avg_pool2d", "lp_pool2d");
        ops.Add((graph, a) => [Pool(graph, a, 3)], "max_pool3d", "avg_pool3d");
        for (var dims = 1; dims <= 3; dims++)
        {
            var spatial = dims;
            ops.AddTwice((graph, a) => Pool(graph, a, spatial), $"max_pool{spatial}d_with_indices");
            ops.AddTwice((graph, a) => AdaptivePool(graph, a, spatial), $"adaptive_max_pool{spatial}d_with_indices");
            ops.Add((graph, a) => [Unpool(graph, a, spatial)], $"max_unpool{spatial}d");
        }

        ops.Add((graph, a) => [AdaptivePool(graph, a, 1)], "adaptive_avg_pool1d", "adaptive_max_pool1d");
        ops.Add((graph, a) => [AdaptivePool(graph, a, 2)], "adaptive_avg_pool2d", "adaptive_max_pool2d");
        ops.Add((graph, a) => [AdaptivePool(graph, a, 3)], "adaptive_avg_pool3d", "adaptive_max_pool3d");
        ops.Add((graph, a) => [PixelShuffle(graph, a.Input, a.Number(null, "upscale_factor"))], "pixel_shuffle");
        ops.Add((graph, a) => [PixelUnshuffle(graph, a.Input, a.Number(null, "downscale_factor"))], "pixel_unshuffle");
        ops.Add((graph, a) => [Interpolate(graph, a)], "interpolate", "upsample", "upsample_nearest", "upsample_bilinear");
        ops.Add((graph, a) => [GridSample(graph, a)], "grid_sample");
        ops.Add((graph, a) => [AffineGrid(graph, a)], "affine_grid");
        ops.Add((graph, a) => [Pad(graph, a)], "pad");
        ops.Add((graph, a) => [Unfold(graph, a)], "unfold");
        ops.Add((graph, a) => [Fold(graph, a)], "fold");
        ops.TakesFraction(OpTable.Factor, "interpolate");
        ops.TakesFraction(OpTable.PadValue, "pad");
    }

    public static AxisTensor Pool(AxisGraph graph, OpArguments a, int spatial)
    {
        var kernel = a.Spatial(spatial, "kernel_size", "kernelSize");
        var stride = a.Has("stride", "strides") ? a.Spatial(spatial, "stride", "strides") : kernel;
        var padding = a.Has("padding") ? a.Spatial(spatial, "padding") : new long[spatial];
        var dilation = a.Has("dilation") ? a.Spatial(spatial, "dilation") : Enumerable.Repeat(1L, spatial).ToArray();
        return Window(graph, a.Name, a.Input, spatial, kernel, stride, padding, dilation, a.Flag(false, "ceil_mode", "ceilMode"));
    }

    public static AxisTensor AdaptivePool(AxisGraph graph, OpArguments a, int spatial)
    {
        var sizes = a.Spatial(spatial, "output_size", "outputSize", "output_sizes");
        var x = Ranked(graph, a.Name, a.Input, spatial);
        return Resize(graph, x, spatial, (_, i) => sizes?[i]);
    }

    /// <summary>Undoes a maximum over windows: each number goes back to the place in its map that the second tensor tells.</summary>
    public static AxisTensor Unpool(AxisGraph graph, OpArguments a, int spatial)
    {
        var (x, places) = (Ranked(graph, a.Name, a.Tensor(0), spatial), Ranked(graph, a.Name, a.Tensor(1), spatial));
        if (x.IsOpen || places.IsOpen || x.Dims.Count != places.Dims.Count)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} of {x} to the places {places} needs the dimensions of both");
        }

        for (var i = 0; i < x.Dims.Count; i++)
        {
            graph.Tie(x.Dims[i], places.Dims[i], $"{a.Name} puts each number to its place");
        }

        var kernel = a.Spatial(spatial, "kernel_size");
        var stride = a.Has("stride") ? a.Spatial(spatial, "stride") : kernel;
        var padding = a.Has("padding") ? a.Spatial(spatial, "padding") : new long[spatial];
        var given = a.Has("output_size") ? a.Sizes("output_size") : null;
        return Resize(graph, x, spatial, (size, i) => given is not null
            ? given.Count < spatial ? null : given[given.Count - spatial + i].AsNumber(a.Name)
            : ((size - 1) * stride?[i]) - (2 * padding?[i]) + kernel?[i]);
    }

    /// <summary>Slides a window over the last dimensions.</summary>
    public static AxisTensor Window(
        AxisGraph graph, string name, AxisTensor input, int spatial, long[]? kernel, long[]? stride, long[]? padding, long[]? dilation, bool ceil)
    {
        var x = Ranked(graph, name, input, spatial);
        return Resize(graph, x, spatial, (length, i) =>
        {
            var size = length + (2 * padding?[i]) - (dilation?[i] * (kernel?[i] - 1)) - 1;
            if (size is not long range || stride?[i] is not long step)
            {
                return null;
            }

            // With ceil_mode a window may reach over the end, the only one too.
            var reach = range + (ceil ? step - 1 : 0);
            if (reach < 0)
            {
                throw new AxisException(AxisRule.Mismatch, $"the window of {name} is larger than its input {x}");
            }

            var steps = reach / step;

            // The last one must still start inside the input or its left padding.
            return ceil && steps * step >= length + padding![i] ? steps : steps + 1;
        }, stays: i => kernel?[i] == 1 && stride?[i] == 1 && padding?[i] == 0);
    }

    /// <summary>A tensor of open rank becomes a batch of feature maps; the rank of any other is checked.</summary>
    public static AxisTensor Ranked(AxisGraph graph, string name, AxisTensor x, int spatial)
    {
        if (x.IsOpen && x.Dims.Count <= spatial + 2)
        {
            string[] names = ["N", "C", "D", "H", "W"];
            var missing = new[] { "N", "C" }.Concat(names.Skip(5 - spatial)).Take(spatial + 2 - x.Dims.Count)
                .Select(n => graph.NewFixed(n, null, x.LeadingBecause));
            return x.Lead(missing);
        }

        return x.Dims.Count == spatial + 2 || x.Dims.Count == spatial + 1
            ? x
            : throw new AxisException(AxisRule.Mismatch, $"{name} takes a tensor of {spatial + 1} or {spatial + 2} dimensions, but gets {x}");
    }

    /// <summary>
    /// Gives the last dimensions new sizes, each computed from the old one and its number; they are never pruned, but for those
    /// that stay as they are, index by index: people run 1×1 convolutions over tokens with the features as the length.
    /// </summary>
    public static AxisTensor Resize(AxisGraph graph, AxisTensor x, int spatial, Func<long?, int, long?> size, Func<int, bool>? stays = null)
    {
        var dims = x.Dims.ToArray();
        for (var i = 0; i < spatial; i++)
        {
            ref var dim = ref dims[dims.Length - spatial + i];
            if (dim.MayShrink && stays?.Invoke(i) == true)
            {
                continue;
            }

            graph.Fix(dim, "it is a dimension of space or time");
            dim = graph.NewFixed(dim.Name, size(dim.Size, i), "it is a dimension of space or time");
        }

        return x.WithDims(dims);
    }

    /// <summary>Channels become space: C·r² × H × W to C × H·r × W·r (Shi et al., 2016).</summary>
    public static AxisTensor PixelShuffle(AxisGraph graph, AxisTensor input, long factor)
    {
        var x = Ranked(graph, "pixel_shuffle", input, 2);
        var channels = x.Dims[x.Dims.Count - 3];
        var square = graph.NewFixed("", factor * factor, "pixel_shuffle turns it into space");
        var kept = graph.NewUndecided("", channels.Size / (factor * factor));
        kept.IsOutput = channels.HasPrunable;
        graph.Tie(channels, AxisGraph.MakeProduct([kept, square]), "pixel_shuffle turns channels into space");
        return Resize(graph, x.With(x.Dims.Count - 3, kept.Resolve()), 2, (size, _) => size * factor);
    }

    /// <summary>Space becomes channels: the inverse of <see cref="PixelShuffle"/>.</summary>
    public static AxisTensor PixelUnshuffle(AxisGraph graph, AxisTensor input, long factor)
    {
        var x = Ranked(graph, "pixel_unshuffle", input, 2);
        var square = graph.NewFixed("", factor * factor, "pixel_unshuffle makes it of space");
        var channels = AxisGraph.MakeProduct([x.Dims[x.Dims.Count - 3], square]);
        return Resize(graph, x.With(x.Dims.Count - 3, channels), 2, (size, _) => size / factor);
    }

    /// <summary>Interpolation to other sizes; batch and channels stay.</summary>
    public static AxisTensor Interpolate(AxisGraph graph, OpArguments a)
    {
        var spatial = a.Input.Dims.Count - 2;
        if (a.Input.IsOpen || spatial < 1)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} resizes every dimension after the channels of {a.Input}");
        }

        // A size read from another map is that map's, which it is often added to or joined with.
        var given = a.Has("size", "outputSize") ? a.Sizes("size", "outputSize") : null;
        var sizes = given is { Count: 1 } ? Enumerable.Repeat(given[0], spatial).ToArray() : given;
        var factors = a.Fractions(spatial, OpTable.Factor);
        var resized = Resize(
            graph, a.Input, spatial, (size, i) => sizes is not null ? i < sizes.Count ? sizes[i].AsNumber(a.Name) : null : (long?)(size * factors?[i]));
        for (var i = 0; i < spatial && sizes is not null && i < sizes.Count; i++)
        {
            resized = sizes[i].Axis is { } own ? resized.With(2 + i, own) : resized;
        }

        return resized.WithZeros(a.Input.KeepsZeros);
    }

    /// <summary>Samples maps at the places that a grid holds: N×C×H×W by N×h×w×2 gives N×C×h×w.</summary>
    public static AxisTensor GridSample(AxisGraph graph, OpArguments a)
    {
        var (x, grid) = (a.Tensor(0), a.Tensor(1));
        if (x.IsOpen || grid.IsOpen || grid.Dims.Count != x.Dims.Count)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} of {x} by {grid} needs the dimensions of both");
        }

        foreach (var axis in x.Dims.Skip(2).Concat(grid.Dims.Skip(1)))
        {
            graph.Fix(axis, "it is a dimension of space");
        }

        graph.Tie(x.Dims[0], grid.Dims[0], $"{a.Name} has a grid for each of the batch");
        return x.WithDims(x.Dims.Take(2).Concat(grid.Dims.Skip(1).Take(x.Dims.Count - 2)));
    }

    /// <summary>The places that a matrix for each sample asks for: N×2×3 and the shape of the result give N×h×w×2.</summary>
    public static AxisTensor AffineGrid(AxisGraph graph, OpArguments a)
    {
        var (theta, sizes) = (a.Input, a.Sizes("size"));
        if (theta.IsOpen || theta.Dims.Count != 3 || sizes.Count < 4)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} of {theta} needs its dimensions and the shape of what is to be sampled");
        }

        foreach (var axis in theta.Dims.Skip(1))
        {
            graph.Fix(axis, $"{a.Name} turns and scales by it");
        }

        var spatial = sizes.Skip(2).Select(size => size.Axis ?? graph.NewFixed("", size.AsNumber(a.Name), "it is a dimension of space"));
        return new AxisTensor([theta.Dims[0], .. spatial, graph.NewConstant(sizes.Count - 2)]).WithZeros(false);
    }

    /// <summary>Sliding windows. Of one dimension, in a new last one; of maps, each channel's window in the channels.</summary>
    public static AxisTensor Unfold(AxisGraph graph, OpArguments a)
    {
        if (a.Has("kernel_size", "kernelSize"))
        {
            var x = Ranked(graph, a.Name, a.Input, 2);
            var kernel = a.Spatial(2, "kernel_size", "kernelSize");
            var window = graph.NewConstant(kernel?[0] * kernel?[1]);
            long[]? Each(long otherwise, string name) => a.Has(name) ? a.Spatial(2, name) : [otherwise, otherwise];
            var places = Window(graph, a.Name, x, 2, kernel, Each(1, "stride"), Each(0, "padding"), Each(1, "dilation"), ceil: false);
            return x.WithDims(
                [
                    .. x.Dims.Take(x.Dims.Count - 3),
                    AxisGraph.MakeProduct([x.Dims[x.Dims.Count - 3], window]),
                    AxisGraph.MakeProduct(places.Dims.Skip(x.Dims.Count - 2).ToArray())]);
        }

        var input = a.Input;
        var index = input.IndexOf(a.Number(null, "dimension", "dim"));
        graph.Fix(input.Dims[index], $"{a.Name} slides along it");
        var (width, steps) = (a.Size(null, "size"), a.Size(null, "step"));
        var (size, step) = (width.AsNumber(a.Name), steps.AsNumber(a.Name));
        if (width.Content is null && steps.Content is null && (size is null || step is null))
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} slides by sizes that are not known here; give the shape of the model's input");
        }

        var count = graph.NewFixed(input.Dims[index].Name, ((input.Dims[index].Size - size) / step) + 1, $"{a.Name} slides along it");
        return input.WithDims(input.With(index, count).Dims.Append(graph.NewConstant(size)));
    }

    /// <summary>The inverse of unfolding maps: N × C·k² × L to N × C × H × W.</summary>
    public static AxisTensor Fold(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var (kernel, size) = (a.Spatial(2, "kernel_size", "kernelSize"), a.Spatial(2, "output_size", "outputSize"));
        if (kernel is null || x.Dims.Count < 2)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} joins the windows of {x}, whose sizes are not known here");
        }

        var index = x.Dims.Count - 2;
        var (channels, window) = (x.Dims[index], kernel[0] * kernel[1]);
        var kept = AxisPieces.WithoutFactor(channels, window);
        if (kept is null)
        {
            kept = graph.NewUndecided("", channels.Size / window);
            kept.IsOutput = channels.HasPrunable;
            graph.Tie(
                channels, AxisGraph.MakeProduct([kept, graph.NewFixed("", window, $"{a.Name} takes it for a window")]), $"{a.Name} takes windows out of it");
        }

        return x.WithDims([.. x.Dims.Take(index), kept.Resolve(), graph.NewConstant(size?[0]), graph.NewConstant(size?[1])]);
    }

    /// <summary>Padding of the last dimensions, given from the last one on as pairs.</summary>
    public static AxisTensor Pad(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;

        // How much is added may depend on sizes that nothing tells; where it is added never does.
        var pads = !a.Has("pad", "padding") ? []
            : a.Sizes("pad", "padding") is { Count: > 1 } several ? several.Select(size => size.AsNumber(a.Name)).ToArray()
            : [a.Number(null, "pad", "padding")];
        if (pads.Length == 1 ? x.Dims.Count < 2 : pads.Length / 2 > x.Dims.Count)
        {
            throw new AxisException(
                x.IsOpen ? AxisRule.UnknownShape : AxisRule.Mismatch,
                $"{a.Name} adds to {(pads.Length == 1 ? "every dimension of space" : $"the last {pads.Length / 2} dimensions")} of {x}");
        }

        var dims = x.Dims.ToArray();
        for (var i = 0; i < (pads.Length == 1 ? dims.Length - 2 : pads.Length / 2); i++)
        {
            ref var dim = ref dims[dims.Length - 1 - i];
            var added = pads.Length == 1 ? 2 * pads[0] : pads[2 * i] + pads[(2 * i) + 1];
            if (added != 0)
            {
                graph.Fix(dim, $"{a.Name} adds to it");
                dim = graph.NewFixed(dim.Name, dim.Size + added, $"{a.Name} adds to it");
            }
        }

        // Without a value for them, zeros are added, or what is there already.
        return x.WithDims(dims).WithZeros(x.KeepsZeros && (!a.Has(OpTable.PadValue) || a.Fraction(OpTable.PadValue) == 0));
    }
}
