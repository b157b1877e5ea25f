using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Padding of the last dimensions, given from the last one on as pairs.</summary>
internal static class PadWriters
{
    public static void Define(WriterList list)
    {
        list.Add(Functional, "pad");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<ZeroPad2d>((s, layer) => Layer(s, layer, PaddingModes.Constant, 0));
        list.Add<ConstantPad1d>((s, layer) => Layer(s, layer, PaddingModes.Constant, layer.value));
        list.Add<ConstantPad2d>((s, layer) => Layer(s, layer, PaddingModes.Constant, layer.value));
        list.Add<ConstantPad3d>((s, layer) => Layer(s, layer, PaddingModes.Constant, layer.value));
        list.Add<ReflectionPad1d>((s, layer) => Layer(s, layer, PaddingModes.Reflect, null));
        list.Add<ReflectionPad2d>((s, layer) => Layer(s, layer, PaddingModes.Reflect, null));
        list.Add<ReflectionPad3d>((s, layer) => Layer(s, layer, PaddingModes.Reflect, null));
        list.Add<ReplicationPad1d>((s, layer) => Layer(s, layer, PaddingModes.Replicate, null));
        list.Add<ReplicationPad2d>((s, layer) => Layer(s, layer, PaddingModes.Replicate, null));
        list.Add<ReplicationPad3d>((s, layer) => Layer(s, layer, PaddingModes.Replicate, null));
    }

    /// <summary>Pads a tensor.</summary>
    /// <param name="step">The step.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="pads">Before and behind the last dimension, before and behind the one in front of it, and so on; a number alone for all of space.</param>
    /// <param name="mode">What is put there.</param>
    /// <param name="value">The constant that is, as a number or a tensor of one.</param>
    public static OnnxValue Pad(OnnxStep step, OnnxValue x, long[] pads, PaddingModes mode, object? value)
    {
        pads = pads.Length == 1 ? [.. Enumerable.Repeat(pads[0], 2 * (x.Rank - 2))] : pads;
        var (before, after) = (new long[x.Rank], new long[x.Rank]);
        for (var i = 0; i < pads.Length / 2; i++)
        {
            (before[^(i + 1)], after[^(i + 1)]) = (pads[2 * i], pads[(2 * i) + 1]);
        }

        if (mode == PaddingModes.Circular)
        {
            return Enumerable.Range(0, x.Rank).Aggregate(x, (all, dim) => Around(step, all, dim, before[dim], after[dim]));
        }

        if (mode is PaddingModes.Reflect or PaddingModes.Replicate && pads.Any(pad => pad < 0))
        {
            throw step.Refusal("it takes away where it should reflect or repeat");
        }

        OnnxSize[] shape = [.. x.Dims.Select((size, dim) => size.Map(length => length + before[dim] + after[dim]))];
        var filling = value switch
        {
            null or 0 or 0.0 => null,
            OnnxValue tensor => tensor,
            _ => step.Number(Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture), x),
        };
        return step.Graph.Node(
            "Pad",
            x.Type,
            shape,
            filling is null ? [x, step.Graph.Longs([.. before, .. after])] : [x, step.Graph.Longs([.. before, .. after]), filling],
            ("mode", mode switch { PaddingModes.Reflect => "reflect", PaddingModes.Replicate => "edge", _ => "constant" }));
    }

    private static OnnxValue Around(OnnxStep step, OnnxValue x, int dim, long before, long after)
    {
        if (before == 0 && after == 0)
        {
            return x;
        }

        var size = x.Dims[dim];
        OnnxValue Last() => step.Slice(x, dim, step.Graph.Size(-before), step.Graph.Size(long.MaxValue)) with { Shape = With(x, dim, before, step) };
        return step.Concat(
            dim,
            [
                .. before > 0 ? new[] { Last() } : [],
                before < 0 || after < 0 ? step.Slice(x, dim, step.Graph.Size(Math.Max(0, -before)), size.Map(length => length + Math.Min(0, after))) : x,
                .. after > 0 ? new[] { step.Slice(x, dim, 0, after) } : [],
            ]);
    }

    private static OnnxSize[] With(OnnxValue x, int dim, long size, OnnxStep step) => [.. x.Dims.Select((one, i) => i == dim ? step.Graph.Size(size) : one)];

    private static OnnxValue Layer(OnnxStep step, PadBase layer, PaddingModes mode, double? value) => Pad(step, step.Input, layer.padding, mode, value);

    private static OnnxValue Functional(OnnxStep step)
    {
        var pads = step.Longs("pad", "padding")!;
        var mode = step.Choice(PaddingModes.Constant, "mode");
        var value = step.Has("value") ? step.NumberValue(step.Input.Type, "value") : null;
        return Pad(step, step.Input, pads, mode, value);
    }
}
