using TorchSharp.Modules;

namespace PruneGen;

/// <summary>Operations that move, join, repeat or drop dimensions without computing.</summary>
internal static class ShapeWriters
{
    public static void Define(WriterList list)
    {
        // The same numbers in the same order: the trace tells the dimensions of the result.
        list.Add(Rearranged, "view", "reshape", "flatten", "ravel", "unflatten", "squeeze", "unsqueeze", "view_as", "reshape_as");
        list.AddSeveral(s => [.. s.Tensors().Zip(s.Shapes, (x, shape) => s.Reshape(x, shape!))], "atleast_1d", "atleast_2d", "atleast_3d");
        list.Add(s => s.Transpose(s.Input, [.. s.Longs("permutation")!.Select(s.Input.Dim)]), "permute");
        list.Add(s => Exchange(s, s.Input.Dim(s.Long(null, "dim0", "axis0")), s.Input.Dim(s.Long(null, "dim1", "axis1"))), "transpose", "swapaxes", "swapdims");
        list.Add(s => s.Input.Rank < 2 ? s.Input : Exchange(s, 0, 1), "t");
        list.Add(s => s.Transpose(s.Input, [.. Enumerable.Range(0, s.Input.Rank).Reverse()]), "T");
        list.Add(Move, "movedim", "moveaxis");
        list.Add(Cat, "cat", "concat", "concatenate");
        list.Add(Stack, "stack");
        list.Add(CatAlong, "hstack", "vstack", "row_stack", "dstack", "column_stack");
        list.AddSeveral(MeshGrid, "meshgrid");
        list.Add(Expand, "expand", "broadcast_to", "expand_as");
        list.Add(Repeat, "repeat", "tile");
        list.Add(RepeatInterleave, "repeat_interleave");
        list.Add(s => s.Longs("dims")!.Aggregate(s.Input, (x, dim) => s.Reverse(x, x.Dim(dim))), "flip");
        list.Add(s => s.Reverse(s.Input, 1), "fliplr");
        list.Add(s => s.Reverse(s.Input, 0), "flipud");
        list.Add(Turn90, "rot90");
        list.Add(Roll, "roll");
        list.Add(s => Shuffle(s, s.Long(null, "groups")), "channel_shuffle");
    }

    public static void DefineLayers(LayerList list)
    {
        list.Add<Flatten>((s, _) => s.Reshape(s.Input, s.Shape));
        list.Add<Unflatten>((s, _) => s.Reshape(s.Input, s.Shape));
        list.Add<ChannelShuffle>((s, layer) => Shuffle(s, layer.groups));
    }

    private static OnnxValue Rearranged(OnnxStep step)
    {
        // All of these only say what the trace has worked out; a second tensor stands for its shape.
        step.Ignore("shape", "start_dim", "end_dim", "dim", "sizes", "unflattened_size");
        step.Optional(1);
        return step.Reshape(step.Input, step.Shape);
    }

    private static OnnxValue Exchange(OnnxStep step, int first, int second)
    {
        var order = Enumerable.Range(0, step.Input.Rank).ToArray();
        (order[first], order[second]) = (second, first);
        return step.Transpose(step.Input, order);
    }

    private static OnnxValue Move(OnnxStep step)
    {
        var x = step.Input;
        var (from, to) = (step.Longs("source")!.Select(x.Dim).ToList(), step.Longs("destination")!.Select(x.Dim).ToList());
        var rest = new Queue<int>(Enumerable.Range(0, x.Rank).Where(place => !from.Contains(place)));
        return step.Transpose(x, [.. Enumerable.Range(0, x.Rank).Select(place => to.IndexOf(place) is var at and >= 0 ? from[at] : rest.Dequeue())]);
    }

    private static OnnxValue[] Alike(OnnxStep step)
    {
        var tensors = step.Tensors();
        var type = tensors.Select(tensor => tensor.Type).Aggregate((all, one) => TensorTypes.Promote(all, false, one, false));
        return Array.ConvertAll(tensors, tensor => step.Graph.Cast(tensor, type));
    }

    private static OnnxValue Cat(OnnxStep step)
    {
        // A tensor of one dimension without numbers is joined with any other.
        OnnxValue[] tensors = [.. Alike(step).Where(tensor => tensor.Shape is not [{ IsConstant: true, Value: 0 }])];
        return step.Concat(tensors[0].Dim(step.Long(0, "dim", "axis")), tensors);
    }

    private static OnnxValue Stack(OnnxStep step)
    {
        var tensors = Alike(step);
        var dim = (int)step.Long(0, "dim");
        dim = dim < 0 ? dim + tensors[0].Rank + 1 : dim;
        return step.Concat(dim, Array.ConvertAll(tensors, tensor => step.Unsqueeze(tensor, dim)));
    }

    private static OnnxValue CatAlong(OnnxStep step)
    {
        var tensors = Alike(step);
        var one = step.Graph.Size(1);
        OnnxValue AtLeast(OnnxValue x, int rank) => x.Rank >= rank ? x : step.Reshape(x, (x.Rank, rank) switch
        {
            (0, _) => [.. Enumerable.Repeat(one, rank)],
            (1, 2) => [one, x.Dims[0]],
            (1, _) => [one, x.Dims[0], one],
            _ => [.. x.Dims, one],
        });
        switch (step.Name)
        {
            case "hstack":
                tensors = Array.ConvertAll(tensors, x => AtLeast(x, 1));
                return step.Concat(tensors[0].Rank == 1 ? 0 : 1, tensors);
            case "column_stack":
                return step.Concat(1, Array.ConvertAll(tensors, x => x.Rank < 2 ? step.Unsqueeze(AtLeast(x, 1), 1) : x));
            case "dstack":
                return step.Concat(2, Array.ConvertAll(tensors, x => AtLeast(x, 3)));
            default:
                return step.Concat(0, Array.ConvertAll(tensors, x => AtLeast(x, 2)));
        }
    }

    /// <summary>Each row of numbers along a dimension of its own.</summary>
    private static OnnxValue[] MeshGrid(OnnxStep step)
    {
        var rows = step.Tensors();
        var order = Enumerable.Range(0, rows.Length).ToArray();
        if (step.Text("indexing") == "xy" && rows.Length > 1)
        {
            (order[0], order[1]) = (1, 0);
        }

        OnnxSize Length(OnnxValue row) => row.Rank == 0 ? step.Graph.Size(1) : row.Dims[0];
        OnnxSize[] shape = [.. order.Select(place => Length(rows[place]))];
        return [.. rows.Select((row, i) => step.Expand(
            step.Reshape(row, [.. order.Select(place => place == i ? Length(row) : step.Graph.Size(1))]), shape))];
    }

    private static OnnxValue Expand(OnnxStep step)
    {
        step.Ignore("sizes", "shape", "size", "isImplicit");
        return step.Optional(1) is { } like
            ? step.Graph.Node("Expand", step.Input.Type, step.Shape, [step.Input, step.Sizes.Vector(step.Shape, like, step.Input)])
            : step.Expand(step.Input, step.Shape);
    }

    private static OnnxValue Repeat(OnnxStep step)
    {
        var x = step.Input;
        var counts = step.SizeList("sizes", "repeats", "reps", "dims").ToList();
        while (counts.Count < x.Rank)
        {
            counts.Insert(0, step.Graph.Size(1));
        }

        x = step.Reshape(x, [.. Enumerable.Repeat(step.Graph.Size(1), counts.Count - x.Rank), .. x.Dims]);
        return counts.TrueForAll(count => count == step.Graph.Size(1)) ? x
            : step.Graph.Node("Tile", x.Type, step.Shape, [x, step.Sizes.Vector(counts, x)]);
    }

    /// <summary>Each index so many times in a row: a new dimension behind it that is joined with it.</summary>
    private static OnnxValue RepeatInterleave(OnnxStep step)
    {
        var x = step.Input;
        step.Ignore("output_size");
        if (step.TensorCount > 1)
        {
            throw step.Refusal("how often each index is repeated stands in a tensor, and a constant number is written");
        }

        var count = step.SizeOf("repeats");
        if (!step.Has("dim"))
        {
            x = step.Reshape(x, step.Count(x.Dims));
        }

        var dim = x.Dim(step.Long(0, "dim"));
        var apart = step.Unsqueeze(x, dim + 1);
        OnnxSize[] repeated = [.. apart.Dims.Select((size, i) => i == dim + 1 ? count : size)];
        var spread = step.Graph.Node("Expand", x.Type, repeated, [apart, step.Sizes.Vector(repeated, apart, x)]);
        return step.Reshape(spread, step.Shape);
    }

    private static OnnxValue Turn90(OnnxStep step)
    {
        var x = step.Input;
        var dims = step.Longs("dims") ?? [0, 1];
        var (first, second) = (x.Dim(dims[0]), x.Dim(dims[1]));
        return (((step.Long(1, "k") % 4) + 4) % 4) switch
        {
            0 => x,
            1 => Exchange(step.Reverse(x, second)),
            2 => step.Reverse(step.Reverse(x, first), second),
            _ => step.Reverse(Exchange(x), second),
        };

        OnnxValue Exchange(OnnxValue value)
        {
            var order = Enumerable.Range(0, value.Rank).ToArray();
            (order[first], order[second]) = (second, first);
            return step.Transpose(value, order);
        }
    }

    private static OnnxValue Roll(OnnxStep step)
    {
        var x = step.Input;
        var shifts = step.Longs("shifts")!;
        if (step.Longs("dims") is not { Length: > 0 } dims)
        {
            var flat = step.Reshape(x, step.Count(x.Dims));
            return step.Reshape(Rolled(step, flat, 0, shifts[0]), x.Dims);
        }

        return shifts.Zip(dims).Aggregate(x, (value, pair) => Rolled(step, value, value.Dim(pair.Second), pair.First));
    }

    /// <summary>The last ones first.</summary>
    private static OnnxValue Rolled(OnnxStep step, OnnxValue x, int dim, long shift)
    {
        var size = x.Dims[dim];
        if (!size.IsConstant && Array.Exists(size.Values.ToArray(), one => one <= Math.Abs(shift)))
        {
            throw step.Refusal("it rolls a dynamic dimension further than it may be long; give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        }

        // Where it is cut, counted from the front.
        var cut = size.Map(one => (((-shift) % one) + one) % one);
        return step.Concat(dim, step.Slice(x, dim, cut, size), step.Slice(x, dim, step.Graph.Size(0), cut));
    }

    private static OnnxValue Shuffle(OnnxStep step, long groups)
    {
        var x = step.Input;
        var apart = step.Reshape(x, [x.Dims[0], step.Graph.Size(groups), x.Dims[1].Map(size => size / groups), .. x.Dims[2..]]);
        return step.Reshape(step.Transpose(apart, [0, 2, 1, .. Enumerable.Range(3, apart.Rank - 3)]), x.Dims);
    }
}
