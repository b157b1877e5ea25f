using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Operations that pick indices: an indexer, <c>narrow</c>, <c>select</c>, <c>gather</c>.</summary>
internal static class IndexWriters
{
    public static void Define(WriterList list)
    {
        list.Add(s => s.Reshape(s.Input), "item");
        list.Add(s => Pick(s, s.Input, s.Slices("indices")), "index");
        list.Add(Narrow, "narrow");
        list.Add(s => Range(s, s.Input, s.Input.Dim(s.Long(0, "dim")), s.SizeOf("start"), s.SizeOf("finish"), s.Long(1, "step")), "slice");
        list.Add(s => Select(s, s.Input, s.Input.Dim(s.Long(0, "dim")), s.SizeOf("index")), "select");
        list.Add(s => Gather(s, s.Input, s.Input.Dim(s.Long(0, "dim")), s.Tensor(1)), "index_select");
        list.Add(GatherElements, "gather");
        list.Add(TakeAlong, "take_along_dim");
        list.Add(s => Gather(s, Flat(s, s.Input), 0, s.Tensor(1)), "take");
        list.Add(s => Turned(s, Places(s, s.Input)), "nonzero", "argwhere");
        list.Add(s => s.Graph.Node("GatherND", s.Input.Type, null, [s.Input, Turned(s, Places(s, s.Tensor(1)))]), "masked_select");
        list.Add(
            s => s.Has("dim1") && s.Has("dim2")
                ? Diagonal(s, s.Long(0, "offset"), s.Long(null, "dim1"), s.Long(null, "dim2"))
                : throw s.Refusal("linalg and torch mean other dimensions where none are given; give dim1 and dim2"),
            "diagonal");
        list.Add(s => s.Reduce("ReduceSum", Diagonal(s, 0, 0, 1), [0], keep: false), "trace");
    }

    /// <summary>What an indexer picks of a tensor.</summary>
    /// <param name="step">The step.</param>
    /// <param name="x">The tensor.</param>
    /// <param name="probes">The indices, as linking came to them each time.</param>
    public static OnnxValue Pick(OnnxStep step, OnnxValue x, AxisSlice[][] probes)
    {
        var first = Array.FindIndex(probes[0], slice => slice.Kind == SliceKind.Ellipsis);
        var places = Enumerable.Range(0, probes[0].Length).Where(i => i <= first || probes[0][i].Kind != SliceKind.Ellipsis).ToList();
        var left = x.Rank - places.Sum(i => Consumed(probes[0][i]));
        var picked = new List<(int Dim, OnnxValue Indices)>();
        var at = 0;
        foreach (var i in places)
        {
            var slice = probes[0][i];
            switch (slice.Kind)
            {
                case SliceKind.Ellipsis:
                    at += left;
                    break;
                case SliceKind.NewAxis:
                    x = step.Unsqueeze(x, at++);
                    break;
                case SliceKind.All:
                    at++;
                    break;
                case SliceKind.At:
                    x = Select(step, x, at, Size(step, probes, i, one => one.Start)!.Value);
                    break;
                case SliceKind.Range:
                    x = Range(step, x, at++, Size(step, probes, i, one => one.Start), Size(step, probes, i, one => one.Stop), slice.Step);
                    break;
                default:
                    picked.Add((at, step.Value(slice.Indices!)));
                    at += Consumed(slice);
                    break;
            }
        }

        return picked.Count == 0 ? x : PickBy(step, x, picked);
    }

    public static OnnxValue Select(OnnxStep step, OnnxValue x, int dim, OnnxSize index) => step.Graph.Node(
        "Gather",
        x.Type,
        [.. x.Dims.Where((_, i) => i != dim)],
        [x, index.IsConstant ? step.Graph.Scalar(index.Value, ScalarType.Int64) : step.Sizes.Scalar(index, [x])],
        ("axis", dim));

    /// <summary>Rows of a dimension by their numbers.</summary>
    public static OnnxValue Gather(OnnxStep step, OnnxValue x, int dim, OnnxValue indices) => step.Graph.Node(
        "Gather",
        x.Type,
        indices.Shape is { } shape ? [.. x.Dims.Take(dim), .. shape, .. x.Dims.Skip(dim + 1)] : null,
        [x, step.Graph.Cast(indices, ScalarType.Int64)],
        ("axis", dim));

    private static int Consumed(AxisSlice slice) => slice.Kind switch
    {
        SliceKind.Ellipsis or SliceKind.NewAxis => 0,
        SliceKind.By when slice.Indices!.IsMask => slice.Indices.Dims.Count,
        _ => 1,
    };

    private static OnnxSize? Size(OnnxStep step, AxisSlice[][] probes, int place, Func<AxisSlice, AxisSize?> of)
    {
        var sizes = Array.ConvertAll(probes, slices => of(slices[place]));
        return sizes[0] is null ? null
            : Array.TrueForAll(sizes, size => size?.Value is not null) ? new OnnxSize(Array.ConvertAll(sizes, size => size!.Value.Value!.Value))
            : throw step.Refusal($"its index {sizes[0]} is told by the numbers in a tensor alone");
    }

    /// <summary>A range, whose ends count from the end where they are negative, and reach no further than the tensor.</summary>
    private static OnnxValue Range(OnnxStep step, OnnxValue x, int dim, OnnxSize? start, OnnxSize? stop, long by)
    {
        if (by < 1)
        {
            throw step.Refusal($"it goes by steps of {by}");
        }

        var size = x.Dims[dim];
        OnnxSize Within(OnnxSize place) => place.With(size, (at, length) => Math.Clamp(at < 0 ? at + length : at, 0, length));
        var (from, to) = (start is { } a ? Within(a) : step.Graph.Size(0), stop is { } b ? Within(b) : size);
        if (from == step.Graph.Size(0) && to == size && by == 1)
        {
            return x;
        }

        OnnxSize[] shape = [.. x.Dims.Select((one, i) => i == dim ? to.With(from, (last, begin) => Math.Max(0, last - begin + by - 1) / by) : one)];

        // As it is written: a constant that counts from the end stays one where the length is not known.
        var (first, last) = (start ?? step.Graph.Size(0), stop ?? step.Graph.Size(long.MaxValue));
        return step.Graph.Node(
            "Slice",
            x.Type,
            shape,
            [x, step.Sizes.Vector([first], x), step.Sizes.Vector([last], x), step.Graph.Longs(dim), step.Graph.Longs(by)]);
    }

    private static OnnxValue Narrow(OnnxStep step)
    {
        var x = step.Input;
        var (dim, start, length) = (x.Dim(step.Long(0, "dim")), step.SizeOf("start"), step.SizeOf("length"));
        start = start.With(x.Dims[dim], (at, size) => at < 0 ? at + size : at);
        return Range(step, x, dim, start, start.With(length, (from, count) => from + count), 1);
    }

    private static OnnxValue GatherElements(OnnxStep step)
    {
        step.Ignore("sparse_grad");
        var (x, indices) = (step.Input, step.Tensor(1));
        return step.Graph.Node(
            "GatherElements", x.Type, indices.Shape, [x, step.Graph.Cast(indices, ScalarType.Int64)], ("axis", x.Dim(step.Long(0, "dim"))));
    }

    private static OnnxValue TakeAlong(OnnxStep step)
    {
        var (x, indices, dim) = (step.Input, step.Tensor(1), step.Input.Dim(step.Long(null, "dim")));
        OnnxSize[] Others(OnnxValue one) => [.. one.Dims.Select((size, i) => i == dim ? step.Graph.Size(1) : size)];
        var shape = step.Broadcast(Others(x), Others(indices))!;
        OnnxValue Spread(OnnxValue one) => step.Expand(one, [.. shape.Select((size, i) => i == dim ? one.Dims[dim] : size)]);
        var spread = Spread(step.Graph.Cast(indices, ScalarType.Int64));
        return step.Graph.Node("GatherElements", x.Type, spread.Shape, [Spread(x), spread], ("axis", dim));
    }

    private static OnnxValue Flat(OnnxStep step, OnnxValue x) =>
        step.Reshape(x, step.Count(x.Dims));

    private static OnnxValue Places(OnnxStep step, OnnxValue x) =>
        step.Graph.Node("NonZero", ScalarType.Int64, null, [x.Type == ScalarType.Bool ? x : step.Graph.Cast(x, ScalarType.Bool)]);

    /// <summary>The places of two dimensions that are alike, or by so many apart, as the last dimension.</summary>
    private static OnnxValue Diagonal(OnnxStep step, long offset, long first, long second)
    {
        var x = step.Input;
        var (rows, columns) = (x.Dim(first), x.Dim(second));
        if (!x.Dims[rows].IsConstant || !x.Dims[columns].IsConstant)
        {
            throw step.Refusal("it goes along a dynamic dimension; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        }

        var (height, width) = (x.Dims[rows].Value, x.Dims[columns].Value);
        var (down, right) = (Math.Max(0, -offset), Math.Max(0, offset));
        var count = Math.Max(0, Math.Min(height - down, width - right));
        var behind = step.Transpose(x, [.. Enumerable.Range(0, x.Rank).Where(dim => dim != rows && dim != columns), rows, columns]);
        var flat = step.Reshape(behind, [.. behind.Dims[..^2], step.Graph.Size(height * width)]);
        return Gather(step, flat, flat.Rank - 1, step.Graph.Longs([.. Enumerable.Range(0, (int)count).Select(i => ((i + down) * width) + i + right)]));
    }

    /// <summary>What tensors of indices pick together; a tensor of yes and no picks where it says yes.</summary>
    private static OnnxValue PickBy(OnnxStep step, OnnxValue x, List<(int Dim, OnnxValue Indices)> picked)
    {
        if (picked.Exists(pick => pick.Indices.Type == ScalarType.Bool))
        {
            var (dim, mask) = picked[0];
            return picked.Count == 1 && dim == 0
                ? step.Graph.Node("GatherND", x.Type, null, [x, Turned(step, step.Graph.Node("NonZero", ScalarType.Int64, null, [mask]))])
                : throw step.Refusal("a tensor of yes and no picks beside others, or of a dimension that is not the first");
        }

        if (picked.Count == 1)
        {
            return Gather(step, x, picked[0].Dim, picked[0].Indices);
        }

        // The dimensions that are picked of go to the front, and one tensor has the indices of each.
        var dims = picked.ConvertAll(pick => pick.Dim);
        var shape = picked.Select(pick => pick.Indices.Dims).Aggregate((all, one) => step.Broadcast(all, one)!);
        var indices = step.Concat(
            shape.Length,
            [.. picked.Select(pick => step.Unsqueeze(step.Expand(step.Graph.Cast(pick.Indices, ScalarType.Int64), shape), shape.Length))]);
        var front = step.Transpose(x, [.. dims, .. Enumerable.Range(0, x.Rank).Except(dims)]);
        var found = step.Graph.Node("GatherND", x.Type, [.. shape, .. front.Dims.Skip(dims.Count)], [front, indices]);
        var together = dims[^1] - dims[0] == dims.Count - 1;
        if (!together || dims[0] == 0)
        {
            return found;
        }

        var first = shape.Length + dims[0];
        var (before, behind) = (Enumerable.Range(shape.Length, dims[0]), Enumerable.Range(first, found.Rank - first));
        return step.Transpose(found, [.. before, .. Enumerable.Range(0, shape.Length), .. behind]);
    }

    private static OnnxValue Turned(OnnxStep step, OnnxValue places) =>
        step.Graph.Node("Transpose", ScalarType.Int64, null, [places], ("perm", new long[] { 1, 0 }));
}
