using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Convolutions, transposed and not, as layers and with weights of their own.</summary>
internal static class ConvolutionWriters
{
    public static void Define(WriterList list)
    {
        for (var dims = 1; dims <= 3; dims++)
        {
            var spatial = dims;
            list.Add(s => Functional(s, spatial, transposed: false), $"conv{spatial}d");
            list.Add(s => Functional(s, spatial, transposed: true), $"conv_transpose{spatial}d");
        }
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<Conv1d>((s, layer) => Layer(s, layer, 1));
        list.Add<Conv2d>((s, layer) => Layer(s, layer, 2));
        list.Add<Conv3d>((s, layer) => Layer(s, layer, 3));
        list.Add<ConvTranspose1d>((s, layer) => Transposed(s, layer, 1));
        list.Add<ConvTranspose2d>((s, layer) => Transposed(s, layer, 2));
        list.Add<ConvTranspose3d>((s, layer) => Transposed(s, layer, 3));
    }

    /// <summary>Gives a tensor without a batch one of one, for what ONNX has with a batch alone.</summary>
    /// <param name="step">The step.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="spatial">How many dimensions follow the channels.</param>
    /// <param name="write">Writes it with a batch.</param>
    public static OnnxValue Batched(OnnxStep step, OnnxValue x, int spatial, Func<OnnxValue, OnnxValue> write) =>
        x.Rank == spatial + 1 ? step.Squeeze(write(step.Unsqueeze(x, 0)), 0) : write(x);

    private static OnnxValue Layer(OnnxStep step, Convolution layer, int spatial)
    {
        var (before, after) = Padding(step, layer);
        var (weight, bias) = (step.Parameter("weight")!, step.Parameter("bias"));
        return Batched(step, step.Input, spatial, x =>
        {
            if (layer.padding_mode != PaddingModes.Zeros && before.Concat(after).Any(pad => pad != 0))
            {
                x = PadWriters.Pad(step, x, [.. before.Zip(after).Reverse().SelectMany(pair => new[] { pair.First, pair.Second })], layer.padding_mode, null);
                (before, after) = (new long[spatial], new long[spatial]);
            }

            return Convolve(step, x, weight, bias, layer.stride, before, after, layer.dilation, layer.groups);
        });
    }

    private static OnnxValue Transposed(OnnxStep step, Convolution layer, int spatial)
    {
        var (weight, bias) = (step.Parameter("weight", channels: 1)!, step.Parameter("bias"));
        return Batched(step, step.Input, spatial, x => ConvolveTransposed(
            step, x, weight, bias, layer.stride, layer.padding ?? new long[spatial], layer.output_padding ?? new long[spatial], layer.dilation, layer.groups));
    }

    /// <summary>"same" pads by one more behind than before, where it must.</summary>
    private static (long[] Before, long[] After) Padding(OnnxStep step, Convolution layer)
    {
        if (layer.padding_type is not { } type)
        {
            return (layer.padding!, layer.padding!);
        }

        var total = layer.kernel_size.Zip(layer.dilation, (kernel, dilation) => type == TorchSharp.Padding.Same ? dilation * (kernel - 1) : 0).ToArray();
        return (Array.ConvertAll(total, pad => pad / 2), Array.ConvertAll(total, pad => pad - (pad / 2)));
    }

    private static OnnxValue Functional(OnnxStep step, int spatial, bool transposed)
    {
        var (weight, bias) = (step.Tensor(1), step.Optional(2));
        var stride = step.Longs(spatial, "stride", "strides") ?? Ones(spatial);
        var padding = step.Longs(spatial, "padding") ?? new long[spatial];
        var dilation = step.Longs(spatial, "dilation") ?? Ones(spatial);
        var groups = step.SizeOfOr(1, "groups");
        if (!groups.IsConstant)
        {
            throw step.Refusal("it works in as many groups as a dynamic dimension has; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        }

        return Batched(step, step.Input, spatial, x => transposed
            ? ConvolveTransposed(
                step, x, weight, bias, stride, padding, step.Longs(spatial, "output_padding", "outputPadding") ?? new long[spatial], dilation, groups.Value)
            : Convolve(step, x, weight, bias, stride, padding, padding, dilation, groups.Value));
    }

    private static long[] Ones(int count) => [.. Enumerable.Repeat(1L, count)];

    private static OnnxValue Convolve(
        OnnxStep step, OnnxValue x, OnnxValue weight, OnnxValue? bias, long[] stride, long[] before, long[] after, long[] dilation, long groups) =>
        step.Graph.Node(
        "Conv",
        x.Type,
        WithBatch(step, x),
        bias is null ? [x, weight] : [x, weight, bias],
        ("kernel_shape", Kernel(weight)), ("strides", stride), ("pads", before.Concat(after).ToArray()), ("dilations", dilation), ("group", groups));

    private static OnnxValue ConvolveTransposed(
        OnnxStep step, OnnxValue x, OnnxValue weight, OnnxValue? bias, long[] stride, long[] padding, long[] extra, long[] dilation, long groups) =>
        step.Graph.Node(
            "ConvTranspose",
            x.Type,
            WithBatch(step, x),
            bias is null ? [x, weight] : [x, weight, bias],
            ("kernel_shape", Kernel(weight)), ("strides", stride), ("pads", padding.Concat(padding).ToArray()), ("output_padding", extra),
            ("dilations", dilation), ("group", groups));

    private static OnnxSize[] WithBatch(OnnxStep step, OnnxValue x) => step.Shape.Length == x.Rank ? step.Shape : [step.Graph.Size(1), .. step.Shape];

    private static long[] Kernel(OnnxValue weight) => [.. weight.Dims.Skip(2).Select(size => size.Value)];
}
