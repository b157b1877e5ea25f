namespace PruneGen.Axes;

/// <summary>Operations that pick indices: an indexer, <c>narrow</c>, <c>select</c>, <c>index_select</c>, <c>gather</c>.</summary>
internal static class IndexOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [new AxisTensor()], "item");
        ops.Add((graph, a) => [Index(graph, a)], "index");
        ops.Add((graph, a) => [Narrow(graph, a)], "narrow", "slice");
        ops.Add((graph, a) => [Select(graph, a)], "select");
        ops.Add((graph, a) => [IndexSelect(graph, a)], "index_select");
        ops.Add((graph, a) => [Gather(graph, a)], "gather", "take_along_dim");
    }

    /// <summary><c>x[…]</c>.</summary>
    public static AxisTensor Index(AxisGraph graph, OpArguments a)
    {
        if (!a.HasSlices("indices"))
        {
            return WriteOps.Hold(graph, a, "an index that is not known here picks of it");
        }

        // A second ellipsis finds no dimensions that the first has left.
        var x = a.Input;
        var slices = a.Slices("indices").ToList();
        var first = slices.FindIndex(slice => slice.Kind == SliceKind.Ellipsis);
        slices = slices.Where((slice, i) => i <= first || slice.Kind != SliceKind.Ellipsis).ToList();
        var ellipsis = slices.Count(slice => slice.Kind == SliceKind.Ellipsis);
        var consumed = slices.Sum(Consumed);

        // Without an ellipsis the indices count from the front.
        if (x.IsOpen && (ellipsis == 0 || consumed > x.Dims.Count))
        {
            throw new AxisException(
                AxisRule.UnknownShape, $"[{string.Join(", ", slices)}] of a tensor whose rank is not known here ({x}); give the shape of the model's input");
        }

        if (consumed > x.Dims.Count)
        {
            throw new AxisException(AxisRule.Mismatch, $"[{string.Join(", ", slices)}] has more indices than {x} has dimensions");
        }

        var whole = x.Dims.Count - consumed;
        var dims = new List<Axis>();
        var picked = new List<(int Position, AxisTensor Indices)>();
        var at = 0;
        foreach (var slice in ellipsis == 0 ? slices.Append(AxisSlice.Ellipsis) : slices)
        {
            switch (slice.Kind)
            {
                case SliceKind.Ellipsis:
                    dims.AddRange(x.Dims.Skip(at).Take(whole));
                    at += whole;
                    break;
                case SliceKind.NewAxis:
                    dims.Add(graph.NewConstant(1));
                    break;
                case SliceKind.All:
                    dims.Add(x.Dims[at++]);
                    break;
                case SliceKind.At:
                    slice.Start?.AsNumber("an index");
                    graph.Fix(
                        x.Dims[at++], slice.Start?.Content is { } content ? OpTable.ByContent("an index", content) : "an index picks one of it by its number");
                    break;
                case SliceKind.Range:
                    dims.Add(Range(graph, x.Dims[at++], slice.Start, slice.Stop, slice.Step, "the range"));
                    break;
                default:
                    foreach (var axis in x.Dims.Skip(at).Take(Consumed(slice)))
                    {
                        graph.Fix(axis, "another tensor picks of it by number");
                    }

                    at += Consumed(slice);
                    picked.Add((dims.Count, slice.Indices!));
                    break;
            }
        }

        if (picked.Count > 0)
        {
            // Tensors that pick together are broadcast; the result stands where the first did, or in front where others stand between.
            var together = picked.All(pick => pick.Position == picked[0].Position);
            var found = picked.Select(pick => pick.Indices.IsMask ? new AxisTensor(graph.NewConstant(null)) : pick.Indices).ToList();
            var result = found.Count == 1 ? found[0] : PointwiseOps.Pointwise(graph, "an index", found, Zeros.Lost);
            if (result.IsOpen && together && picked[0].Position == 0)
            {
                // However many dimensions they have, those of what they pick of follow.
                var behind = AxisTensor.Open([.. dims]).WithZeros(x.KeepsZeros);
                return result.UntrackedBecause is { } untracked ? behind.AsUntracked(untracked) : behind;
            }

            if (result.IsOpen)
            {
                throw new AxisException(
                    AxisRule.UnknownShape,
                    $"how many dimensions [{string.Join(", ", slices)}] leaves depends on a tensor whose rank is not known here; give the shape of the "
                        + $"model's input");
            }

            dims.InsertRange(together ? picked[0].Position : 0, result.Dims);
        }

        return x.WithDims(dims);
    }

    public static AxisTensor Narrow(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(0, "dim"));
        var start = a.Size(0, "start");
        if (a.Name == "narrow" && start.Content is { } content && a.Size(null, "length") is { Content: null } length)
        {
            start.AsNumber(a.Name);
            length.AsNumber(a.Name);
            graph.Fix(x.Dims[index], OpTable.ByContent(a.Name, content));
            return x.With(index, length.Axis ?? graph.NewFixed(x.Dims[index].Name, length.Value, OpTable.ByContent(a.Name, content)));
        }

        AxisSize? stop = a.Name == "narrow" ? start + a.Size(null, "length") : a.Has("finish", "end") ? a.Size(null, "finish", "end") : null;
        if (a.Name == "narrow" && start is { Value: 0, Axis: null })
        {
            stop = a.Size(null, "length");
        }

        return x.With(index, Range(graph, x.Dims[index], start, stop, a.Number(1, "step"), a.Name));
    }

    public static AxisTensor Select(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(0, "dim"));
        var place = a.Size(0, "index");
        place.AsNumber(a.Name);
        graph.Fix(x.Dims[index], place.Content is { } content ? OpTable.ByContent(a.Name, content) : $"{a.Name} picks one of it by its number");
        return x.WithDims(x.Dims.Where((_, i) => i != index));
    }

    public static AxisTensor IndexSelect(AxisGraph graph, OpArguments a)
    {
        var x = a.Input;
        var index = x.IndexOf(a.Number(0, "dim"));
        graph.Fix(x.Dims[index], $"{a.Name} picks of it by number");
        return x.With(index, a.Optional(1) is { IsOpen: false, Dims.Count: 1 } picks ? picks.Dims[0] : graph.NewConstant(null));
    }

    /// <summary>Picks along one dimension; every other one is as long as that of the indices.</summary>
    public static AxisTensor Gather(AxisGraph graph, OpArguments a)
    {
        var (x, picks) = (a.Input, a.Tensor(1));
        if (a.Name == "take_along_dim" && !a.Has("dim"))
        {
            return WriteOps.Hold(graph, a, $"{a.Name} does not say along which dimension it takes");
        }

        var index = x.IndexOf(a.Number(0, "dim"));
        graph.Fix(x.Dims[index], $"{a.Name} picks of it by number");
        if (picks.IsOpen || picks.Dims.Count != x.Dims.Count)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{a.Name} picks of {x} by {picks}, whose dimensions are not known here");
        }

        for (var i = 0; i < x.Dims.Count; i++)
        {
            if (i != index && x.Dims[i].MayShrink)
            {
                graph.Tie(x.Dims[i], picks.Dims[i], $"{a.Name} picks along another dimension");
            }
        }

        return x.WithDims(picks.Dims);
    }

    /// <summary>The indices from one until before another.</summary>
    public static Axis Range(AxisGraph graph, Axis axis, AxisSize? start, AxisSize? stop, long step, string name)
    {
        var from = start is { Value: 0, Axis: null } ? null : start;

        // An index ends with what there is, so one that takes everything of the live model does so of a narrower one too.
        var to = stop is { IsConstant: true, Value: long end } && (end == long.MaxValue || end >= axis.Size) && !(name == "narrow" && axis.MayShrink)
            ? null
            : stop;
        if (from is null && (to is null || to.Value.Axis?.IsSame(axis) == true))
        {
            return step == 1 ? axis : Strided(graph, axis, step, name);
        }

        if ((from?.Content ?? to?.Content) is { } content)
        {
            from?.AsNumber(name);
            to?.AsNumber(name);
            graph.Fix(axis, OpTable.ByContent(name, content));
            return graph.NewFixed(axis.Name, null, OpTable.ByContent(name, content));
        }

        var before = Position(from, axis);
        var after = Position(to, axis);
        if (step != 1 || new[] { before, after }.Any(place => place is { IsComputed: true }))
        {
            before?.AsNumber(name);
            after?.AsNumber(name);
            graph.Fix(axis, $"{name} picks of it by a step or by a number that is computed from a width");
        }

        if (!axis.MayShrink)
        {
            var length = (after is null ? axis.Size : after.Value.Value) - (before is null ? 0 : before.Value.Value);
            var own = after is { Axis: { } whole } && before is null && step == 1 ? whole : null;
            return own
                ?? graph.NewFixed(
                    axis.Name, length is null ? null : (Math.Max(0, length.Value) + step - 1) / step, axis.FixedBecause ?? "nothing in it is pruned");
        }

        var sizes = new List<AxisSize?>();
        if (before is not null)
        {
            sizes.Add(before);
        }

        // From a start until an end: what lies before, what is taken, what lies behind.
        sizes.Add(after is null ? null : before is null ? after : after - before);
        if (after is not null)
        {
            sizes.Add(null);
        }

        return AxisPieces.Cut(graph, axis, sizes, name)[before is null ? 0 : 1];
    }

    private static Axis Strided(AxisGraph graph, Axis axis, long step, string name)
    {
        graph.Fix(axis, $"{name} takes every {step}th of it");
        return graph.NewFixed(axis.Name, (axis.Size + step - 1) / step, axis.FixedBecause ?? "nothing in it is pruned");
    }

    /// <summary>A place counted from the end, as one counted from the front.</summary>
    private static AxisSize? Position(AxisSize? place, Axis axis) =>
        place is { Axis: null, Value: long n and < 0 } ? AxisSize.Of(axis) - -n : place;

    /// <summary>How many dimensions an index takes up.</summary>
    private static int Consumed(AxisSlice slice) => slice.Kind switch
    {
        SliceKind.Ellipsis or SliceKind.NewAxis => 0,
        SliceKind.By when slice.Indices!.IsMask => slice.Indices.Dims.Count,
        _ => 1,
    };
}
