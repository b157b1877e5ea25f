using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Windows of which the largest number or the mean is taken, of given sizes or as many as the result needs.</summary>
internal static class PoolWriters
{
    public static void Define(WriterList list)
    {
        for (var dims = 1; dims <= 3; dims++)
        {
            var n = dims;
            list.Add(s => Max(s, n, Read(s, n))[0], $"max_pool{n}d");
            list.AddSeveral(s => Max(s, n, Read(s, n), places: true), $"max_pool{n}d_with_indices");
            list.Add(s => Mean(s, n, Read(s, n)), $"avg_pool{n}d");
            list.Add(s => Adaptive(s, n, max: false), $"adaptive_avg_pool{n}d");
            list.Add(s => Adaptive(s, n, max: true), $"adaptive_max_pool{n}d");
            list.Add(s => Unpool(s, n), $"max_unpool{n}d");
        }

        list.Add(s => Power(s, 1, Read(s, 1), s.Double(null, "norm_type")), "lp_pool1d");
        list.Add(s => Power(s, 2, Read(s, 2), s.Double(null, "norm_type")), "lp_pool2d");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<MaxPool1d>((s, layer) => Max(s, 1, Of(layer))[0]);
        list.Add<MaxPool2d>((s, layer) => Max(s, 2, Of(layer))[0]);
        list.Add<MaxPool3d>((s, layer) => Max(s, 3, Of(layer))[0]);
        list.AddSeveral<MaxPool1d>((s, layer) => Max(s, 1, Of(layer), places: true), "forward_with_indices");
        list.AddSeveral<MaxPool2d>((s, layer) => Max(s, 2, Of(layer), places: true), "forward_with_indices");
        list.AddSeveral<MaxPool3d>((s, layer) => Max(s, 3, Of(layer), places: true), "forward_with_indices");
        list.Add<AvgPool1d>((s, layer) =>
            Mean(s, 1, new([layer.kernel_size], One(layer.stride), One(layer.padding), null, layer.ceil_mode, layer.count_include_pad, null)));
        list.Add<AvgPool2d>((s, layer) =>
            Mean(s, 2, new(layer.kernel_size, layer.stride, layer.padding, null, layer.ceil_mode, layer.count_include_pad, layer.divisor_override)));
        list.Add<AvgPool3d>((s, layer) =>
            Mean(s, 3, new(layer.kernel_size, layer.stride, layer.padding, null, layer.ceil_mode, layer.count_include_pad, layer.divisor_override)));
        list.Add<AdaptiveAvgPool1d>((s, _) => Adaptive(s, 1, max: false));
        list.Add<AdaptiveAvgPool2d>((s, _) => Adaptive(s, 2, max: false));
        list.Add<AdaptiveAvgPool3d>((s, _) => Adaptive(s, 3, max: false));
        list.Add<AdaptiveMaxPool1d>((s, _) => Adaptive(s, 1, max: true));
        list.Add<AdaptiveMaxPool2d>((s, _) => Adaptive(s, 2, max: true));
        list.Add<AdaptiveMaxPool3d>((s, _) => Adaptive(s, 3, max: true));
        list.Add<MaxUnpool1d>((s, _) => Unpool(s, 1));
        list.Add<MaxUnpool2d>((s, _) => Unpool(s, 2));
        list.Add<MaxUnpool3d>((s, _) => Unpool(s, 3));
    }

    /// <summary>So many windows as the result has places; each reaches over its share of the map.</summary>
    public static OnnxValue Adaptive(OnnxStep step, int spatial, bool max)
    {
        step.Ignore("output_size", "outputSize", "output_sizes");
        return ConvolutionWriters.Batched(step, step.Input, spatial, x => AdaptiveOf(step, x, [.. step.Shape.TakeLast(spatial)], max));
    }

    /// <summary>The same to given sizes.</summary>
    public static OnnxValue AdaptiveOf(OnnxStep step, OnnxValue x, OnnxSize[] sizes, bool max)
    {
        var one = step.Graph.Size(1);
        OnnxSize[] shape = [.. x.Dims.Take(2), .. sizes];
        if (Array.TrueForAll(sizes, size => size == one))
        {
            return step.Graph.Node(max ? "GlobalMaxPool" : "GlobalAveragePool", x.Type, shape, [x]);
        }

        var pairs = x.Dims.Skip(2).Zip(sizes).ToList();
        if (pairs.TrueForAll(pair => pair.First.IsConstant && pair.Second.IsConstant && pair.First.Value % pair.Second.Value == 0))
        {
            var window = pairs.Select(pair => pair.First.Value / pair.Second.Value).ToArray();
            return step.Graph.Node(max ? "MaxPool" : "AveragePool", x.Type, shape, [x], ("kernel_shape", window), ("strides", window));
        }

        for (var i = 0; i < sizes.Length; i++)
        {
            x = Along(step, x, 2 + i, sizes[i], max);
        }

        return x;
    }

    private static OnnxValue Along(OnnxStep step, OnnxValue x, int dim, OnnxSize size, bool max)
    {
        var from = x.Dims[dim];
        if (from == size)
        {
            return x;
        }

        if (size == step.Graph.Size(1))
        {
            return step.Reduce(max ? "ReduceMax" : "ReduceMean", x, [dim], keep: true);
        }

        if (!from.IsConstant || !size.IsConstant)
        {
            throw step.Refusal("it makes so many windows of a dynamic dimension; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        }

        // Window i reaches from floor(i·n/m) to ceil((i+1)·n/m).
        var (n, m) = (from.Value, size.Value);
        var windows = Enumerable.Range(0, (int)m).Select(i => (From: i * n / m, To: (((i + 1) * n) + m - 1) / m)).ToList();
        if (max)
        {
            return step.Concat(dim, [.. windows.Select(window => step.Reduce("ReduceMax", step.Slice(x, dim, window.From, window.To), [dim], keep: true))]);
        }

        // Means are a product with a matrix that has each window's weights in a column.
        var weights = new float[n * m];
        for (var i = 0; i < windows.Count; i++)
        {
            for (var at = windows[i].From; at < windows[i].To; at++)
            {
                weights[(at * m) + i] = 1f / (windows[i].To - windows[i].From);
            }
        }

        var matrix = step.Graph.Constant(tensor(weights, [n, m]).to_type(x.Type));
        var last = x.Rank - 1;
        return step.MoveDim(step.MatMul(step.MoveDim(x, dim, last), matrix), last, dim);
    }

    private sealed record Window(long[] Kernel, long[]? Stride, long[]? Padding, long[]? Dilation, bool Ceil, bool CountsPadding, long? Divisor);

    private static long[]? One(long? number) => number is { } value ? [value] : null;

    private static Window Of(MaxPool1d layer) =>
        new([layer.kernel_size], One(layer.stride), One(layer.padding), One(layer.dilation), layer.ceil_mode, true, null);

    private static Window Of(MaxPool2d layer) => new(layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode, true, null);

    private static Window Of(MaxPool3d layer) => new(layer.kernel_size, layer.stride, layer.padding, layer.dilation, layer.ceil_mode, true, null);

    private static Window Read(OnnxStep step, int spatial) => new(
        step.Longs(spatial, "kernel_size", "kernelSize")!,
        step.Longs(spatial, "stride", "strides"),
        step.Longs(spatial, "padding"),
        step.Longs(spatial, "dilation"),
        step.Flag(false, "ceil_mode", "ceilMode"),
        step.Flag(true, "count_include_pad", "countIncludePad"),
        step.Has("divisor_override") ? step.Long(null, "divisor_override") : null);

    private static long[] Spread(long[]? numbers, int count, long otherwise) => numbers switch
    {
        null or [] => [.. Enumerable.Repeat(otherwise, count)],
        [var one] => [.. Enumerable.Repeat(one, count)],
        _ => numbers,
    };

    private static (long[] Kernel, long[] Stride, long[] Padding, long[] Dilation) Spread(Window window, int count)
    {
        var kernel = Spread(window.Kernel, count, 1);
        var stride = window.Stride is null or [] ? kernel : Spread(window.Stride, count, 1);
        return (kernel, stride, Spread(window.Padding, count, 0), Spread(window.Dilation, count, 1));
    }

    /// <summary>How far the last windows reach beyond the padding; with ceil_mode they may.</summary>
    private static long[] Beyond(OnnxStep step, OnnxValue x, Window window, int spatial)
    {
        var (kernel, stride, padding, dilation) = Spread(window, spatial);
        return !window.Ceil ? new long[spatial] : [.. Enumerable.Range(0, spatial).Select(i =>
        {
            var (size, made) = (x.Dims[x.Rank - spatial + i], step.Shape[^(spatial - i)]);
            return size.IsConstant && made.IsConstant
                ? Math.Max(0, ((made.Value - 1) * stride[i]) + (dilation[i] * (kernel[i] - 1)) + 1 - size.Value - (2 * padding[i]))
                : throw step.Refusal("ceil_mode goes by the size of a dynamic dimension; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        })];
    }

    private static OnnxSize[] Made(OnnxStep step, OnnxValue x, int spatial) => [.. x.Dims.Take(x.Rank - spatial), .. step.Shape.TakeLast(spatial)];

    private static OnnxValue[] Max(OnnxStep step, int spatial, Window window, bool places = false)
    {
        var (kernel, stride, padding, dilation) = Spread(window, spatial);
        OnnxValue? found = null;
        var maxima = ConvolutionWriters.Batched(step, step.Input, spatial, x =>
        {
            var pads = padding.Concat(padding.Zip(Beyond(step, x, window, spatial), (pad, more) => pad + more)).ToArray();
            var shape = Made(step, x, spatial);
            var outputs = step.Graph.Nodes(
                "MaxPool",
                places ? [(x.Type, shape), (ScalarType.Int64, shape)] : [(x.Type, shape)],
                [x],
                ("kernel_shape", kernel), ("strides", stride), ("pads", pads), ("dilations", dilation));
            if (places)
            {
                // ONNX counts places through the whole tensor, TorchSharp within each map.
                var map = x.Dims.TakeLast(spatial).Aggregate((all, size) => all.With(size, (a, b) => a * b));
                found = step.Join("Mod", outputs[1], step.Sizes.Scalar(map, [x]));
            }

            return outputs[0];
        });
        return found is null ? [maxima] : [maxima, maxima.Rank == found.Rank ? found : step.Squeeze(found, 0)];
    }

    private static OnnxValue Mean(OnnxStep step, int spatial, Window window) => ConvolutionWriters.Batched(step, step.Input, spatial, x =>
    {
        var (kernel, stride, padding, _) = Spread(window, spatial);
        var beyond = Beyond(step, x, window, spatial);
        if ((window.CountsPadding || window.Divisor is not null) && padding.Concat(beyond).Any(pad => pad != 0))
        {
            // Zeros that count are put there before; what a window reaches beyond them does not count.
            x = padding.Any(pad => pad != 0) ? PadWriters.Pad(step, x, Both(padding, padding), TorchSharp.PaddingModes.Constant, 0) : x;
            if (window.Divisor is not null && beyond.Any(pad => pad != 0))
            {
                x = PadWriters.Pad(step, x, Both(new long[spatial], beyond), TorchSharp.PaddingModes.Constant, 0);
                beyond = new long[spatial];
            }

            padding = new long[spatial];
        }

        var mean = step.Graph.Node(
            "AveragePool",
            x.Type,
            Made(step, x, spatial),
            [x],
            ("kernel_shape", kernel), ("strides", stride), ("pads", padding.Concat(padding.Zip(beyond, (pad, more) => pad + more)).ToArray()),
            ("count_include_pad", 0));
        return window.Divisor is { } divisor ? step.Join("Mul", mean, kernel.Aggregate(1L, (all, one) => all * one) / (double)divisor) : mean;
    });

    private static long[] Both(long[] before, long[] after) => [.. before.Zip(after).Reverse().SelectMany(pair => new[] { pair.First, pair.Second })];

    /// <summary>The p-th root of the sum of p-th powers, as TorchSharp takes it of the mean.</summary>
    private static OnnxValue Power(OnnxStep step, int spatial, Window window, double p) => ConvolutionWriters.Batched(step, step.Input, spatial, x =>
    {
        var (kernel, stride, _, _) = Spread(window, spatial);
        var mean = step.Graph.Node(
            "AveragePool", x.Type, Made(step, x, spatial), [step.Join("Pow", x, p)], ("kernel_shape", kernel), ("strides", stride),
            ("pads", new long[spatial].Concat(Beyond(step, x, window, spatial)).ToArray()), ("count_include_pad", 0));
        var signed = step.Join("Mul", step.Map("Sign", mean), step.Map("Relu", step.Map("Abs", mean)));
        return step.Join("Pow", step.Join("Mul", signed, kernel.Aggregate(1L, (all, one) => all * one)), 1 / p);
    });

    /// <summary>Each number goes back to its place in a map of zeros.</summary>
    private static OnnxValue Unpool(OnnxStep step, int spatial)
    {
        step.Ignore("kernel_size", "stride", "padding");
        if (step.Step.Kind == TraceStepKind.Operation)
        {
            step.Ignore("output_size");
        }

        var (x, places) = (step.Input, step.Tensor(1));
        OnnxSize Count(IEnumerable<OnnxSize> sizes) => sizes.Aggregate((all, size) => all.With(size, (a, b) => a * b));
        var (few, many) = (Count(x.Dims.TakeLast(spatial)), Count(step.Shape.TakeLast(spatial)));
        OnnxSize[] leading = [.. x.Dims.SkipLast(spatial)];
        var zeros = step.Filled(step.Number(0, x), [.. leading, many], x);
        var map = step.Graph.Node(
            "ScatterElements", x.Type, [.. leading, many], [zeros, step.Reshape(places, [.. leading, few]), step.Reshape(x, [.. leading, few])],
            ("axis", leading.Length));
        return step.Reshape(map, step.Shape);
    }
}
