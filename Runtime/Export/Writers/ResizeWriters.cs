using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Interpolation to other sizes, and sampling at places.</summary>
internal static class ResizeWriters
{
    public static void Define(WriterList list)
    {
        list.Add(s => Functional(s, s.Choice(InterpolationMode.Nearest, "mode").ToString()), "interpolate");
        list.Add(s => Functional(s, s.Choice(UpsampleMode.Nearest, "mode").ToString()), "upsample");
        list.Add(s => Functional(s, "Nearest"), "upsample_nearest");
        list.Add(s => Functional(s, "Bilinear"), "upsample_bilinear");
        list.Add(GridSample, "grid_sample");
        list.Add(AffineGrid, "affine_grid");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<Upsample>((s, layer) => Resize(
            s,
            layer.mode.ToString(),
            layer.scale_factor.IsEmpty || layer.recompute_scale_factor == true ? null : layer.scale_factor.ToArray(),
            layer.align_corners == true));
    }

    private static OnnxValue Functional(OnnxStep step, string mode)
    {
        var spatial = step.Input.Rank - 2;
        step.Ignore("size", "outputSize");
        if (step.Flag(false, "antialias"))
        {
            throw step.Refusal("it is called with antialias: true, which is not written");
        }

        var factors = step.Has("scale_factor") ? step.Doubles(spatial, "scale_factor") : null;
        return Resize(step, mode, step.Flag(false, "recompute_scale_factor") ? null : factors, step.Flag(false, "align_corners"));
    }

    /// <summary>Resizes the dimensions of space.</summary>
    /// <param name="step">The step; the trace tells the sizes of its result.</param>
    /// <param name="mode">How numbers between others are made.</param>
    /// <param name="factors">By how much each dimension grows, where the places are computed by that; null where they are by the sizes.</param>
    /// <param name="alignCorners">Whether the first and last places stay.</param>
    private static OnnxValue Resize(OnnxStep step, string mode, double[]? factors, bool alignCorners)
    {
        var (x, shape) = (step.Input, step.Shape);
        switch (mode)
        {
            case "Area":
                return PoolWriters.AdaptiveOf(step, x, shape[2..], max: false);
            case "Nearest" or "NearestExact":
                return Nearest(step, x, shape, factors, exact: mode == "NearestExact");
            case "Bicubic" when x.Rank != 4:
                throw step.Refusal("cubic interpolation is of maps with two dimensions");
        }

        (string, object)[] attributes =
        [
            ("mode", mode == "Bicubic" ? "cubic" : "linear"), ("coordinate_transformation_mode", alignCorners ? "align_corners" : "half_pixel"),
            ("cubic_coeff_a", -0.75f),
        ];
        if (x.Rank == 3)
        {
            // A row is a map of one line.
            var line = step.Unsqueeze(x, 2);
            OnnxSize[] lineShape = [shape[0], shape[1], step.Graph.Size(1), shape[2]];
            return step.Squeeze(Resized(step, line, lineShape, factors is null ? null : [1, factors[0]], attributes), 2);
        }

        return Resized(step, x, shape, factors, attributes);
    }

    private static OnnxValue Resized(OnnxStep step, OnnxValue x, OnnxSize[] shape, double[]? factors, (string, object)[] attributes) => step.Graph.Node(
        "Resize",
        x.Type,
        shape,
        factors is null
            ? [x, null, null, step.Sizes.Vector(shape, x)]
            : [x, null, step.Graph.Constant(tensor([1f, 1f, .. factors.Select(factor => (float)factor)]))],
        attributes);

    /// <summary>Picks, along each dimension, by the places that TorchSharp itself picks by.</summary>
    private static OnnxValue Nearest(OnnxStep step, OnnxValue x, OnnxSize[] shape, double[]? factors, bool exact)
    {
        for (var dim = 2; dim < x.Rank; dim++)
        {
            if (x.Dims[dim] == shape[dim])
            {
                continue;
            }

            if (x.Dims[dim].IsConstant && shape[dim].IsConstant)
            {
                var row = arange(x.Dims[dim].Value, dtype: ScalarType.Float32).reshape(1, 1, -1);
                var mode = exact ? InterpolationMode.NearestExact : InterpolationMode.Nearest;
                var places = factors is null
                    ? nn.functional.interpolate(row, size: [shape[dim].Value], mode: mode)
                    : nn.functional.interpolate(row, scale_factor: [factors[dim - 2]], mode: mode);
                x = IndexWriters.Gather(step, x, dim, step.Graph.Constant(places.reshape(-1).to_type(ScalarType.Int64)));
                continue;
            }

            // Of a dynamic dimension: so many times each index.
            var times = shape[dim].With(x.Dims[dim], (to, from) => to % from == 0 ? to / from : 0);
            if (!times.IsConstant || times.Value == 0)
            {
                throw step.Refusal(
                    "it resizes a dynamic dimension by what is no whole number; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
            }

            OnnxSize[] made = [.. x.Dims.Select((size, i) => i == dim ? shape[dim] : size)];
            var scales = x.Dims.Select((_, i) => i == dim ? (float)times.Value : 1f).ToArray();
            x = step.Graph.Node(
                "Resize", x.Type, made, [x, null, step.Graph.Constant(tensor(scales))],
                ("mode", "nearest"), ("coordinate_transformation_mode", "asymmetric"), ("nearest_mode", "floor"));
        }

        return x;
    }

    private static OnnxValue GridSample(OnnxStep step)
    {
        var (x, grid) = (step.Tensor(0), step.Tensor(1));
        if (x.Rank != 4)
        {
            throw step.Refusal($"it samples tensors of {x.Rank} dimensions, and maps of two are written");
        }

        return step.Graph.Node(
            "GridSample", x.Type, step.Shape, [x, grid],
            ("mode", step.Choice(GridSampleMode.Bilinear, "mode") == GridSampleMode.Nearest ? "nearest" : "bilinear"),
            ("padding_mode", Lower(step.Choice(GridSamplePaddingMode.Zeros, "padding_mode"))),
            ("align_corners", step.Flag(false, "align_corners")));
    }

    private static string Lower(GridSamplePaddingMode mode) =>
        mode switch { GridSamplePaddingMode.Border => "border", GridSamplePaddingMode.Reflection => "reflection", _ => "zeros" };

    /// <summary>The corners of the map at −1 and 1, turned and scaled by the matrix of each sample.</summary>
    private static OnnxValue AffineGrid(OnnxStep step)
    {
        var theta = step.Input;
        var sizes = step.SizeList("size");
        if (sizes.Length != 4 || !sizes[2].IsConstant || !sizes[3].IsConstant)
        {
            throw step.Refusal("grids of maps with two dimensions are written, of fixed sizes");
        }

        var (height, width) = (sizes[2].Value, sizes[3].Value);
        var corners = step.Flag(false, "align_corners");
        Tensor Row(long count) => count == 1 ? zeros(1) : linspace(-1, 1, count) * (corners ? 1 : (count - 1) / (double)count);
        var (x, y) = (Row(width).reshape(1, -1).expand(height, width), Row(height).reshape(-1, 1).expand(height, width));
        var places = step.Graph.Constant(stack([x, y, ones(height, width)], -1).reshape(height * width, 3).to_type(theta.Type));
        return step.Reshape(step.MatMul(places, step.Turn(theta)), step.Shape);
    }
}
