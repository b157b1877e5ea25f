using TorchSharp.Modules;

namespace PruneGen;

/// <summary>Normalisation, as layers and with numbers of their own.</summary>
internal static class NormWriters
{
    public static void Define(WriterList list)
    {
        list.Add(BatchNorm, "batch_norm");
        list.Add(InstanceNorm, "instance_norm");
        list.Add(LayerNorm, "layer_norm");
        list.Add(s => Grouped(s, s.Input, s.Long(null, "num_groups"), s.Optional(1), s.Optional(2), s.Double(1e-5, "eps")), "group_norm");
        list.Add(s => Local(s, s.Long(null, "size"), s.Double(1e-4, "alpha"), s.Double(0.75, "beta"), s.Double(1, "k")), "local_response_norm");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<BatchNorm1d>(Norm);
        list.Add<BatchNorm2d>(Norm);
        list.Add<BatchNorm3d>(Norm);
        list.Add<InstanceNorm1d>((s, layer) => ConvolutionWriters.Batched(s, s.Input, 1, x => Instance(s, layer, x)));
        list.Add<InstanceNorm2d>((s, layer) => ConvolutionWriters.Batched(s, s.Input, 2, x => Instance(s, layer, x)));
        list.Add<InstanceNorm3d>((s, layer) => ConvolutionWriters.Batched(s, s.Input, 3, x => Instance(s, layer, x)));
        list.Add<LayerNorm>((s, layer) => Normalised(s, s.Input, layer.normalized_shape.Length, s.Parameter("weight"), s.Parameter("bias"), layer.eps));
        list.Add<GroupNorm>((s, layer) => Grouped(s, s.Input, layer.num_groups, s.Parameter("weight"), s.Parameter("bias"), layer.eps));
        list.Add<LocalResponseNorm>((s, layer) => Local(s, layer.size, layer.alpha, layer.beta, layer.k));
    }

    /// <summary>Over the last dimensions.</summary>
    public static OnnxValue Normalised(OnnxStep step, OnnxValue x, int dims, OnnxValue? scale, OnnxValue? shift, double epsilon)
    {
        scale ??= Constant(step, 1, x, [.. x.Dims.Skip(x.Rank - dims).Select(size => size.Value)]);
        return step.Graph.Node(
            "LayerNormalization", x.Type, x.Shape, shift is null ? [x, scale] : [x, scale, shift], ("axis", -dims), ("epsilon", epsilon));
    }

    private static OnnxValue Norm(OnnxStep step, NormBase layer) => Running(step, layer, step.Input);

    private static OnnxValue Running(OnnxStep step, NormBase layer, OnnxValue x) => Statistics(
        step, x, step.Parameter("running_mean"), step.Parameter("running_var"), step.Parameter("weight"), step.Parameter("bias"), layer.eps);

    private static OnnxValue Instance(OnnxStep step, NormBase layer, OnnxValue x) => layer.running_mean is not null
        ? Running(step, layer, x)
        : PerSample(step, x, step.Parameter("weight"), step.Parameter("bias"), layer.eps);

    /// <summary>By the running statistics of each channel, or, without them, by those of the batch.</summary>
    private static OnnxValue Statistics(
        OnnxStep step, OnnxValue x, OnnxValue? mean, OnnxValue? variance, OnnxValue? scale, OnnxValue? shift, double epsilon)
    {
        if (mean is null || variance is null)
        {
            return OfBatch(step, x, scale, shift, epsilon);
        }

        var channels = mean.Dims[0].Value;
        return step.Graph.Node(
            "BatchNormalization",
            x.Type,
            x.Shape,
            [x, scale ?? Constant(step, 1, x, channels), shift ?? Constant(step, 0, x, channels), mean, variance],
            ("epsilon", epsilon));
    }

    private static OnnxValue OfBatch(OnnxStep step, OnnxValue x, OnnxValue? scale, OnnxValue? shift, double epsilon)
    {
        int[] places = [.. Enumerable.Range(0, x.Rank).Where(place => place != 1)];
        var deviation = step.Join("Sub", x, step.Reduce("ReduceMean", x, places, keep: true));
        var variance = step.Reduce("ReduceMean", step.Join("Mul", deviation, deviation), places, keep: true);
        return Affine(step, step.Join("Div", deviation, step.Map("Sqrt", step.Join("Add", variance, epsilon))), scale, shift);
    }

    private static OnnxValue PerSample(OnnxStep step, OnnxValue x, OnnxValue? scale, OnnxValue? shift, double epsilon)
    {
        var channels = x.Dims[1].Value;
        return step.Graph.Node(
            "InstanceNormalization",
            x.Type,
            x.Shape,
            [x, scale ?? Constant(step, 1, x, channels), shift ?? Constant(step, 0, x, channels)],
            ("epsilon", epsilon));
    }

    /// <summary>Each group of channels of each sample by itself: as a channel of its own.</summary>
    private static OnnxValue Grouped(OnnxStep step, OnnxValue x, long groups, OnnxValue? scale, OnnxValue? shift, double epsilon)
    {
        var rest = x.Dims.Skip(1).Aggregate((all, size) => all.With(size, (a, b) => a * b)).Map(count => count / groups);
        var apart = step.Reshape(x, x.Dims[0], step.Graph.Size(groups), rest);
        return Affine(step, step.Reshape(PerSample(step, apart, null, null, epsilon), x.Dims), scale, shift);
    }

    /// <summary>A scale and a shift for each channel, the second dimension.</summary>
    private static OnnxValue Affine(OnnxStep step, OnnxValue x, OnnxValue? scale, OnnxValue? shift)
    {
        OnnxValue PerChannel(OnnxValue value) => step.Reshape(value, [value.Dims[0], .. Enumerable.Repeat(step.Graph.Size(1), x.Rank - 2)]);
        x = scale is null ? x : step.Join("Mul", x, PerChannel(scale));
        return shift is null ? x : step.Join("Add", x, PerChannel(shift));
    }

    /// <summary>x / (k + α/n · the squares of n neighbouring channels)^β, with one neighbour more before than behind where n is even.</summary>
    private static OnnxValue Local(OnnxStep step, long size, double alpha, double beta, double k)
    {
        var x = step.Input;
        if (size % 2 == 1)
        {
            return step.Map("LRN", x, ("size", size), ("alpha", alpha), ("beta", beta), ("bias", k));
        }

        OnnxSize[] places = [x.Dims[0], step.Graph.Size(1), x.Dims[1], step.Count(x.Dims.Skip(2))];
        var mean = step.Graph.Node(
            "AveragePool", x.Type, places, [step.Reshape(step.Join("Mul", x, x), places)], ("kernel_shape", new[] { size, 1 }),
            ("pads", new[] { size / 2, 0, (size - 1) / 2, 0 }), ("strides", new long[] { 1, 1 }), ("count_include_pad", 1));
        return step.Join("Div", x, step.Join("Pow", step.Join("Add", step.Join("Mul", step.Reshape(mean, x.Dims), alpha), k), beta));
    }

    private static OnnxValue BatchNorm(OnnxStep step)
    {
        step.Ignore("momentum");
        return step.Flag(false, "training")
            ? throw step.Refusal("it is called with training: true, and then it goes by the statistics of the batch and changes the running ones")
            : Statistics(step, step.Input, step.Optional(1), step.Optional(2), step.Optional(3), step.Optional(4), step.Double(1e-5, "eps"));
    }

    private static OnnxValue InstanceNorm(OnnxStep step)
    {
        step.Ignore("momentum");
        var (mean, variance, scale, shift, epsilon) = (step.Optional(1), step.Optional(2), step.Optional(3), step.Optional(4), step.Double(1e-5, "eps"));
        return step.Flag(true, "use_input_stats")
            ? PerSample(step, step.Input, scale, shift, epsilon)
            : Statistics(step, step.Input, mean, variance, scale, shift, epsilon);
    }

    private static OnnxValue LayerNorm(OnnxStep step) => Normalised(
        step, step.Input, step.SizeList("normalized_shape", "shape").Length, step.Optional(1), step.Optional(2), step.Double(1e-5, "eps"));

    private static OnnxValue Constant(OnnxStep step, double number, OnnxValue like, params long[] shape) =>
        step.Graph.Constant(TorchSharp.torch.full(shape, number, dtype: like.Type));
}
