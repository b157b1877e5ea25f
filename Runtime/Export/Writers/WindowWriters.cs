using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Sliding windows as dimensions of their own, and channels as space.</summary>
internal static class WindowWriters
{
    public static void Define(WriterList list)
    {
        list.Add(Unfolded, "unfold");
        list.Add(
            s => Folded(s, s.Longs(2, "output_size", "outputSize")!, Read(s)),
            "fold");
        list.Add(s => Shuffled(s, s.Long(null, "upscale_factor")), "pixel_shuffle");
        list.Add(s => Unshuffled(s, s.Long(null, "downscale_factor")), "pixel_unshuffle");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<PixelShuffle>((s, layer) => Shuffled(s, layer.upscale_factor));
        list.Add<PixelUnshuffle>((s, layer) => Unshuffled(s, layer.downscale_factor));
        list.Add<Unfold>((s, layer) => Windows(s, new(Two(layer.kernel_size), Two(layer.dilation), Two(layer.padding), Two(layer.stride))));
        list.Add<Fold>((s, layer) =>
            Folded(s, Two(layer.output_size), new(Two(layer.kernel_size), Two(layer.dilation), Two(layer.padding), Two(layer.stride))));
    }

    private sealed record Sliding(long[] Kernel, long[] Dilation, long[] Padding, long[] Stride);

    private static long[] Two((long First, long Second) pair) => [pair.First, pair.Second];

    private static long[] Each(OnnxStep step, string name, long otherwise) => step.Longs(2, name) ?? [otherwise, otherwise];

    private static Sliding Read(OnnxStep step) =>
        new(step.Longs(2, "kernel_size", "kernelSize")!, Each(step, "dilation", 1), Each(step, "padding", 0), Each(step, "stride", 1));

    private static OnnxValue Shuffled(OnnxStep step, long factor) => Maps(step, step.Input, x =>
    {
        OnnxSize[] space = [.. x.Dims[2..].Select(dim => dim.Map(size => size * factor))];
        OnnxSize[] shape = [x.Dims[0], x.Dims[1].Map(size => size / (factor * factor)), .. space];
        return step.Graph.Node("DepthToSpace", x.Type, shape, [x], ("blocksize", factor), ("mode", "CRD"));
    });

    private static OnnxValue Unshuffled(OnnxStep step, long factor) => Maps(step, step.Input, x =>
    {
        var r = step.Graph.Size(factor);
        var (height, width) = (x.Dims[2].Map(size => size / factor), x.Dims[3].Map(size => size / factor));
        var apart = step.Transpose(step.Reshape(x, x.Dims[0], x.Dims[1], height, r, width, r), 0, 1, 3, 5, 2, 4);
        return step.Reshape(apart, x.Dims[0], x.Dims[1].Map(size => size * factor * factor), height, width);
    });

    private static OnnxValue Maps(OnnxStep step, OnnxValue x, Func<OnnxValue, OnnxValue> write) => x.Rank is 3 or 4
        ? ConvolutionWriters.Batched(step, x, 2, write)
        : throw step.Refusal($"it takes a tensor of {x.Rank} dimensions, and maps of a batch are written");

    /// <summary>Of one dimension in a new last one, or of maps: the name of an argument tells which.</summary>
    private static OnnxValue Unfolded(OnnxStep step)
    {
        if (step.Has("kernel_size", "kernelSize"))
        {
            return Windows(step, Read(step));
        }

        var x = step.Input;
        var (dim, size, by) = (x.Dim(step.Long(null, "dimension", "dim")), step.Long(null, "size"), step.Long(null, "step"));
        var windows = IndexWriters.Gather(step, x, dim, Places(step, x.Dims[dim], size, 1, by));
        return step.MoveDim(windows, dim + 1, windows.Rank - 1);
    }

    /// <summary>Which index stands where in which window: windows first.</summary>
    private static OnnxValue Places(OnnxStep step, OnnxSize length, long kernel, long dilation, long stride)
    {
        if (!length.IsConstant)
        {
            throw step.Refusal("it slides along a dynamic dimension; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        }

        var count = ((length.Value - (dilation * (kernel - 1)) - 1) / stride) + 1;
        var starts = arange(count, dtype: ScalarType.Int64).mul(stride).reshape(-1, 1);
        return step.Graph.Constant(starts + arange(kernel, dtype: ScalarType.Int64).mul(dilation));
    }

    /// <summary>N×C×H×W as N × C·k² × windows.</summary>
    private static OnnxValue Windows(OnnxStep step, Sliding by) => ConvolutionWriters.Batched(step, step.Input, 2, x =>
    {
        x = by.Padding.Any(pad => pad != 0)
            ? PadWriters.Pad(step, x, [by.Padding[1], by.Padding[1], by.Padding[0], by.Padding[0]], TorchSharp.PaddingModes.Constant, 0)
            : x;
        x = IndexWriters.Gather(step, x, 2, Places(step, x.Dims[2], by.Kernel[0], by.Dilation[0], by.Stride[0]));
        x = IndexWriters.Gather(step, x, 4, Places(step, x.Dims[4], by.Kernel[1], by.Dilation[1], by.Stride[1]));

        // Now N, C, rows of windows, rows in one, columns of windows, columns in one.
        var (channels, windows) = (Product(x, 1, 3, 5), Product(x, 2, 4));
        return step.Reshape(step.Transpose(x, 0, 1, 3, 5, 2, 4), x.Dims[0], channels, windows);
    });

    private static OnnxSize Product(OnnxValue x, params int[] places) =>
        places.Select(place => x.Dims[place]).Aggregate((all, size) => all.With(size, (a, b) => a * b));

    private static OnnxValue Folded(OnnxStep step, long[] size, Sliding by)
    {
        var x = step.Input;
        return x.Rank == 2 ? step.Squeeze(Write(step.Unsqueeze(x, 0)), 0) : Write(x);

        OnnxValue Write(OnnxValue windows) => step.Graph.Node(
            "Col2Im",
            windows.Type,
            [windows.Dims[0], windows.Dims[1].Map(count => count / (by.Kernel[0] * by.Kernel[1])), step.Graph.Size(size[0]), step.Graph.Size(size[1])],
            [windows, step.Graph.Longs(size), step.Graph.Longs(by.Kernel)],
            ("dilations", by.Dilation), ("pads", by.Padding.Concat(by.Padding).ToArray()), ("strides", by.Stride));
    }
}
