using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Operations that write one tensor into another. What is written is a new tensor.</summary>
internal static class WriteWriters
{
    public static void Define(WriterList list)
    {
        list.Add(IndexPut, "index_put");
        list.Add(s => s.Expand(s.Graph.Cast(s.Tensor(1), s.Input.Type), s.Input.Dims), "copy");
        list.Add(Fill, "fill");
        list.Add(s => s.Filled(s.Number(0, s.Input), s.Input.Dims, s.Input), "zero", "zeros_");
        list.Add(s => s.Filled(s.Number(1, s.Input), s.Input.Dims, s.Input), "ones_");
        list.Add(s => s.Map("EyeLike", s.Input), "eye_");
        list.Add(s => Scatter(s, "none"), "scatter");
        list.Add(s => Scatter(s, "add"), "scatter_add");
        list.Add(s => IndexAdd(s, "add"), "index_add");
        list.Add(s => IndexAdd(s, "none"), "index_copy", "index_fill");
        list.Add(SelectScatter, "select_scatter");
        list.Add(SliceScatter, "slice_scatter");
        list.Add(s => Triangle(s, upper: false), "tril");
        list.Add(s => Triangle(s, upper: true), "triu");
        list.Add(OneHot, "one_hot");
    }

    private static OnnxValue Fill(OnnxStep step)
    {
        var x = step.Input;
        return step.Filled(step.Optional(1) is { } value ? step.Graph.Cast(value, x.Type) : step.NumberValue(x.Type, "value"), x.Dims, x);
    }

    /// <summary><c>x[…] = value</c>: the places that the indexer picks get the numbers.</summary>
    private static OnnxValue IndexPut(OnnxStep step)
    {
        var x = step.Input;
        var slices = step.Slices("indices");
        var value = step.Optional(1) is { } tensor ? step.Graph.Cast(tensor, x.Type) : step.NumberValue(x.Type, "value");
        if (slices[0] is [{ Kind: SliceKind.By, Indices: { IsMask: true } by }])
        {
            var mask = step.Value(by);
            if (value.Shape is not { Length: 0 })
            {
                throw step.Refusal("a tensor of yes and no says where numbers go that are not all one; choose with where");
            }

            mask = step.Reshape(mask, [.. mask.Dims, .. Enumerable.Repeat(step.Graph.Size(1), x.Rank - mask.Rank)]);
            return step.Where(mask, value, x);
        }

        var count = step.Count(x.Dims);
        var places = IndexWriters.Pick(step, step.Reshape(step.Range(count, x), x.Dims), slices);
        var picked = step.Count(places.Dims);
        var flat = step.Graph.Node(
            "ScatterElements",
            x.Type,
            [count],
            [step.Reshape(x, count), step.Reshape(places, picked), step.Reshape(step.Expand(value, places.Dims), picked)],
            ("axis", 0));
        return step.Reshape(flat, x.Dims);
    }

    private static OnnxValue Scatter(OnnxStep step, string reduction)
    {
        var (x, indices) = (step.Input, step.Graph.Cast(step.Tensor(1), ScalarType.Int64));
        var source = step.Optional(2) ?? step.Filled(step.NumberValue(x.Type, "value", "src"), indices.Dims, indices);

        // Of a source that is longer than the indices, so much is put as these are long.
        for (var dim = 0; dim < x.Rank; dim++)
        {
            source = source.Dims[dim] == indices.Dims[dim] ? source : step.Slice(source, dim, step.Graph.Size(0), indices.Dims[dim]);
        }

        return step.Graph.Node(
            "ScatterElements", x.Type, x.Shape, [x, indices, source], ("axis", x.Dim(step.Long(0, "dim"))), ("reduction", reduction));
    }

    /// <summary>Whole slices are put, added or filled in where a row of indices says along one dimension.</summary>
    private static OnnxValue IndexAdd(OnnxStep step, string reduction)
    {
        var (x, row) = (step.Input, step.Graph.Cast(step.Tensor(1), ScalarType.Int64));
        var dim = x.Dim(step.Long(0, "dim"));
        OnnxSize[] shape = [.. x.Dims.Select((size, i) => i == dim ? row.Dims[0] : size)];
        var source = step.Optional(2) ?? step.Filled(step.NumberValue(x.Type, "value"), shape, x);
        source = step.Has("alpha") ? step.Join("Mul", source, step.NumberValue(x.Type, "alpha")) : source;
        var indices = step.Reshape(row, [.. x.Dims.Select((_, i) => i == dim ? row.Dims[0] : step.Graph.Size(1))]);
        return step.Graph.Node(
            "ScatterElements", x.Type, x.Shape, [x, step.Graph.Node("Expand", ScalarType.Int64, shape, [indices, step.Sizes.Vector(shape, source, x)]), source],
            ("axis", dim), ("reduction", reduction));
    }

    private static OnnxValue SelectScatter(OnnxStep step)
    {
        var x = step.Input;
        var (dim, index) = (x.Dim(step.Long(0, "dim")), step.SizeOf("index"));
        var at = index.With(x.Dims[dim], (place, size) => place < 0 ? place + size : place);
        return Replace(step, x, step.Unsqueeze(step.Tensor(1), dim), dim, at, at.Map(place => place + 1));
    }

    private static OnnxValue SliceScatter(OnnxStep step)
    {
        var x = step.Input;
        var dim = x.Dim(step.Long(0, "dim"));
        if (step.Long(1, "step") != 1)
        {
            throw step.Refusal("it writes every so many indices, and a range is written");
        }

        OnnxSize Within(OnnxSize place) => place.With(x.Dims[dim], (at, size) => Math.Clamp(at < 0 ? at + size : at, 0, size));
        var (from, to) = (step.Has("start") ? Within(step.SizeOf("start")) : step.Graph.Size(0), step.Has("end") ? Within(step.SizeOf("end")) : x.Dims[dim]);
        return Replace(step, x, step.Tensor(1), dim, from, to);
    }

    private static OnnxValue Replace(OnnxStep step, OnnxValue x, OnnxValue source, int dim, OnnxSize from, OnnxSize to) => step.Concat(
        dim, step.Slice(x, dim, step.Graph.Size(0), from), step.Graph.Cast(source, x.Type), step.Slice(x, dim, to, x.Dims[dim]));

    private static OnnxValue Triangle(OnnxStep step, bool upper)
    {
        var x = step.Input;
        var places = step.Graph.Scalar(step.Long(0, "diagonal"), ScalarType.Int64);
        if (x.Type == ScalarType.Bool)
        {
            var number = step.Graph.Cast(x, ScalarType.Int32);
            return step.Graph.Cast(step.Graph.Node("Trilu", ScalarType.Int32, x.Shape, [number, places], ("upper", upper)), ScalarType.Bool);
        }

        return step.Graph.Node("Trilu", x.Type, x.Shape, [x, places], ("upper", upper));
    }

    private static OnnxValue OneHot(OnnxStep step)
    {
        var x = step.Input;
        var classes = step.Long(-1, "num_classes");
        return classes > 0
            ? step.Graph.Node(
                "OneHot", ScalarType.Int64, [.. x.Dims, step.Graph.Size(classes)], [x, step.Graph.Longs(classes), step.Graph.Longs(0, 1)], ("axis", -1))
            : throw step.Refusal("how many classes there are, only the numbers tell; give num_classes");
    }
}
