namespace PruneGen.Axes;

/// <summary>
/// <c>view</c> and <c>reshape</c>: the same elements in row-major order under other dimensions. Sizes read from a
/// tensor follow their axis; a constant is fine where nothing can be pruned, and bakes in a width where something can.
/// </summary>
internal static class ViewOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [View(graph, a.Name, a.Input, a.Sizes("shape"))], "view", "reshape");
        ops.Add((graph, a) => [View(graph, a.Name, a.Tensor(0), a.Tensor(1).Shape)], "view_as", "reshape_as");
    }

    public static AxisTensor View(AxisGraph graph, string name, AxisTensor x, IReadOnlyList<AxisSize> sizes)
    {
        if (!x.MayShrink)
        {
            return Fixed(graph, name, x, sizes);
        }

        if (x.IsOpen)
        {
            throw new AxisException(
                AxisRule.UnknownShape, $"{name} rearranges a tensor whose leading dimensions are not known here ({x}); give the shape of the model's input");
        }

        // One size that only the content of a tensor tells is what the others leave.
        if (sizes.Count(size => size.Content is not null || size is { IsConstant: true, Value: -1 }) == 1
            && sizes.FirstOrDefault(size => size.Content is not null) is { Content: { } content } open)
        {
            open.AsNumber(name);
            var at = sizes.ToList().FindIndex(size => size.Content is not null);
            var result = View(graph, name, x, [.. sizes.Select((size, i) => i == at ? -1 : size)]);
            graph.Fix(result.Dims[at], OpTable.ByContent(name, content));
            return result;
        }

        if (sizes.Any(size => size is { IsConstant: true, Value: null } || size.Content is not null))
        {
            throw new AxisException(
                graph.IsLive ? AxisRule.UnknownShape : AxisRule.Unsupported,
                $"{name} rearranges {x} by a size that is not known here{(graph.IsLive ? "; give the shape of the model's input" : "")}");
        }

        try
        {
            return new Arrangement(graph, name, x, sizes).Run();
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.Mismatch || (graph.IsLive && exception.Rule == AxisRule.BakedWidth))
        {
            if (Total(x) is not long total || Known(sizes) is not long known)
            {
                // Of a live model it may well be right.
                throw graph.IsLive ? new AxisException(AxisRule.UnknownShape, $"{exception.Message}; or give the shape of the model's input") : exception;
            }

            if (Inferred(name, sizes) < 0 ? known != total : known == 0 || total % known != 0)
            {
                throw;
            }

            // The numbers fit the live tensor: the source mixes what is pruned with something else, so it stays.
            foreach (var dim in x.Dims)
            {
                graph.Fix(dim, exception.Message);
            }

            return Fixed(graph, name, x, sizes);
        }
    }

    private static long? Total(AxisTensor x) => x.IsOpen ? null : x.Dims.Aggregate((long?)1, (n, dim) => n * dim.Size);

    private static long? Known(IReadOnlyList<AxisSize> sizes) =>
        sizes.Where(size => size is not { IsConstant: true, Value: -1 }).Aggregate((long?)1, (n, size) => n * size.Value);

    /// <summary>The place of the size that is inferred (-1), or -1 for none.</summary>
    private static int Inferred(string name, IReadOnlyList<AxisSize> sizes)
    {
        var places = Enumerable.Range(0, sizes.Count).Where(i => sizes[i] is { IsConstant: true, Value: -1 }).ToList();
        return places.Count switch
        {
            0 => -1,
            1 => places[0],
            _ => throw new AxisException(AxisRule.Mismatch, $"{name} infers more than one size (-1)"),
        };
    }

    /// <summary>Nothing in the tensor is pruned, so nothing that tells its sizes may be either.</summary>
    private static AxisTensor Fixed(AxisGraph graph, string name, AxisTensor x, IReadOnlyList<AxisSize> sizes)
    {
        var (total, known) = (Total(x), Known(sizes));
        return x.Over(sizes.Select(size =>
        {
            if (size is { IsConstant: true, Value: -1 })
            {
                return graph.NewFixed("", known > 0 ? total / known : null, "nothing in it is pruned");
            }

            size.AsNumber(name);
            return size.Axis ?? graph.NewFixed("", size.Value, "nothing in it is pruned");
        }).ToArray());
    }

    /// <summary>The factors of the old dimensions, taken off from the left and from the right until the size that is inferred.</summary>
    private sealed class Arrangement(AxisGraph graph, string name, AxisTensor x, IReadOnlyList<AxisSize> sizes)
    {
        private readonly LinkedList<Axis> factors = new(x.Dims.SelectMany(AxisPieces.Factors).Where(factor => factor.Size != 1 || factor.MayShrink));

        public AxisTensor Run()
        {
            var dims = new Axis[sizes.Count];
            var infer = Inferred(name, sizes);
            for (var i = 0; i < (infer < 0 ? sizes.Count : infer); i++)
            {
                dims[i] = Take(i, fromLeft: true);
            }

            for (var i = sizes.Count - 1; infer >= 0 && i > infer; i--)
            {
                dims[i] = Take(i, fromLeft: false);
            }

            if (infer >= 0)
            {
                dims[infer] = factors.Count == 0 ? graph.NewConstant(1) : AxisGraph.MakeProduct(factors.ToArray());
            }
            else if (factors.Any(factor => factor.Size != 1))
            {
                throw new AxisException(
                    factors.All(factor => factor.Size is not null) ? AxisRule.Mismatch : AxisRule.UnknownShape,
                    $"{name}({string.Join(", ", sizes)}) leaves out {string.Join("·", factors)} of {x}");
            }

            return x.WithDims(dims);
        }

        private Axis Take(int place, bool fromLeft)
        {
            var size = sizes[place];
            if (size is { IsConstant: true, Value: 1 })
            {
                return graph.NewConstant(1);
            }

            if (size.Part is var (whole, count) && factors.Count > 0 && Next(fromLeft).IsSame(whole))
            {
                return TakePart(whole, count, fromLeft);
            }

            return size.Axis is { } axis ? TakeAxis(size, axis, fromLeft) : TakeNumber(place, fromLeft);
        }

        /// <summary>The next factor, as <c>c / 8</c>: what is left of it is 8.</summary>
        private Axis TakePart(Axis whole, long count, bool fromLeft)
        {
            Pop(fromLeft);
            var rest = graph.NewFixed("", count, $"{name} cuts it into as many parts");
            Axis part;
            if (whole.MayShrink)
            {
                part = graph.NewUndecided("", whole.Size / count);
                part.IsOutput = whole.HasPrunable;
                graph.Tie(whole, AxisGraph.MakeProduct(fromLeft ? [part, rest] : [rest, part]), $"{name} cuts it into {count} parts");
            }
            else
            {
                part = graph.FixedPart(whole, count);
            }

            Push(rest, fromLeft);
            return part.Resolve();
        }

        /// <summary>A product of sizes is the same in any order; the tensor's own order counts.</summary>
        private Axis TakeAxis(AxisSize size, Axis axis, bool fromLeft)
        {
            var wanted = AxisPieces.Factors(axis).Where(factor => factor.Size != 1 || factor.MayShrink).ToList();
            var taken = new List<Axis>();
            while (wanted.Count > 0 && factors.Count > 0)
            {
                var next = Next(fromLeft);
                var index = wanted.FindIndex(factor => factor.IsSame(next) || factor.IsSameConstant(next));
                if (index < 0)
                {
                    break;
                }

                wanted.RemoveAt(index);
                taken.Add(Pop(fromLeft));
            }

            if (wanted.Count == 0)
            {
                return Product(taken, fromLeft, 1);
            }

            // Other axes of the same size: the source relies on it, so they are one.
            foreach (var factor in Enumerable.Reverse(taken))
            {
                Push(factor, fromLeft);
            }

            var same = TakeWidth(size.Value ?? throw Untold(size), size, fromLeft);
            graph.Tie(same, axis, $"{name} takes {size} for the width of {same}");
            return same.Resolve();
        }

        /// <summary>As many leading or trailing indices as a width says, whatever they are.</summary>
        private Axis TakeWidth(long width, AxisSize size, bool fromLeft)
        {
            var taken = new List<Axis>();
            var covered = 1L;
            while (covered < width && factors.Count > 0)
            {
                var next = Pop(fromLeft);
                var (length, need) = (next.Size ?? throw Untold(size), width / covered);
                if (length > need && length % need == 0 && width % covered == 0)
                {
                    var (outer, inner) = fromLeft ? (need, length / need) : (length / need, need);
                    var pieces = next.MayShrink ? AxisTies.SplitProduct(graph, next, outer) : (graph.NewConstant(outer), graph.NewConstant(inner));
                    var (head, tail) = pieces ?? throw new AxisException(AxisRule.Mismatch, $"{name} takes {size} for a part of {next}");
                    (next, var rest) = fromLeft ? (head, tail) : (tail, head);
                    if (size.Axis is { IsNumber: true })
                    {
                        graph.Fix(rest, $"{name} cuts it by a number that follows instead");
                    }

                    Push(rest, fromLeft);
                    length = need;
                }

                taken.Add(next);
                covered *= length;
            }

            return covered == width
                ? Product(taken, fromLeft, width)
                : throw new AxisException(AxisRule.Mismatch, $"{name} takes {size}, {width} wide, where {x} does not divide so");
        }

        /// <summary>A bare number may state sizes that nothing changes, or cut a group into a fixed count and a rest.</summary>
        private Axis TakeNumber(int place, bool fromLeft)
        {
            var size = sizes[place];
            var aim = size.AsNumber(name) ?? throw Untold(size);
            var taken = new List<Axis>();
            var covered = 1L;
            while (factors.Count > 0 && covered != aim)
            {
                var next = Next(fromLeft);
                if (next.MayShrink)
                {
                    if (next.Kind == AxisKind.Concat && next.Size is null && !graph.IsLive)
                    {
                        // Whether so many equal pieces end where its parts do is for the live model to say.
                        throw Untold(size);
                    }

                    if (aim % covered == 0 && MayCut(place, next, aim / covered, fromLeft))
                    {
                        Pop(fromLeft);
                        taken.Add(Cut(next, aim / covered, fromLeft));
                        return Product(taken, fromLeft, aim);
                    }

                    if (aim % covered == 0 && next.Kind == AxisKind.Concat && MayCut(place, next, aim / covered, fromLeft))
                    {
                        // Where the cut falls depends on the widths of all that was joined.
                        graph.Fix(next, $"{name} cuts it into {size} parts across its joints");
                        continue;
                    }

                    if (aim % covered != 0 && LeavesARest(place, fromLeft) && (next.Size ?? throw Untold(size)) * covered % aim == 0)
                    {
                        // It stands several times in a row, and the pieces do not end where its repeats do.
                        graph.Fix(next, $"{name} cuts it into {size} parts across its repeats");
                        Pop(fromLeft);
                        Push(graph.NewConstant(covered * next.Size.Value), fromLeft);
                        taken.Clear();
                        covered = 1;
                        continue;
                    }

                    var shrinking = x.Dims.SelectMany(dim => dim.Leaves()).Where(leaf => leaf.MayShrink && leaf.Name.Length > 0);
                    var names = shrinking.Select(leaf => leaf.Name).Distinct();
                    var baked =
                        $"{name} states {size} as a constant, but pruning makes "
                            + $"{string.Join(" and ", names)} smaller, which it is a part of ({x}); read the size from the tensor, or let it be inferred (-1)";
                    if (graph.IsLive && next.Size is long stated && aim % covered == 0 && aim / covered % stated == 0)
                    {
                        // It is the size of the live model, and of nothing else in the tensor.
                        graph.Fix(next, baked);
                        continue;
                    }

                    throw new AxisException(AxisRule.BakedWidth, baked);
                }

                if (next is { Kind: AxisKind.Concat, Size: null })
                {
                    throw Untold(size);
                }

                if (next.Size is not long length)
                {
                    throw new AxisException(
                        AxisRule.BakedWidth,
                        $"{name} states {size} as a constant, and which dimensions of {x} it counts cannot be told; read the size from the tensor or "
                            + $"let it be inferred (-1)");
                }

                Pop(fromLeft);
                var need = aim / covered;
                if (length > need && length % need == 0 && aim % covered == 0)
                {
                    Push(graph.NewConstant(length / need), fromLeft);
                    next = graph.NewConstant(need);
                    length = need;
                }

                taken.Add(next);
                covered *= length;
            }

            return covered == aim
                ? Product(taken, fromLeft, aim)
                : throw new AxisException(AxisRule.Mismatch, $"{name} states {size} where {x} does not divide so");
        }

        /// <summary>Whether a number of a group's indices may be cut off: something that is not a number must take the rest.</summary>
        private bool MayCut(int place, Axis next, long count, bool fromLeft)
        {
            if (Following(place, fromLeft).Any(size => size.Part is var (whole, parts) && parts == count && whole.IsSame(next)))
            {
                return true;
            }

            return LeavesARest(place, fromLeft)
                && (next.Size is long width ? width % count == 0 && (count < width || factors.Count == 1) : factors.Count == 1);
        }

        private IEnumerable<AxisSize> Following(int place, bool fromLeft) => fromLeft ? sizes.Skip(place + 1) : sizes.Take(place);

        /// <summary>Whether something that is not a number takes what a number at this place leaves.</summary>
        private bool LeavesARest(int place, bool fromLeft) => Inferred(name, sizes) >= 0 || Following(place, fromLeft).Any(size => !size.IsConstant);

        private Axis Cut(Axis group, long count, bool fromLeft)
        {
            var because = $"{name} counts {count} of them by a constant";
            var constant = graph.NewFixed("", count, because);
            var rest = graph.NewUndecided("", group.Size / count);
            rest.IsOutput = group.HasPrunable;
            graph.Tie(group, AxisGraph.MakeProduct(fromLeft ? [constant, rest] : [rest, constant]), because);
            Push(rest.Resolve(), fromLeft);
            return constant;
        }

        private Axis Product(List<Axis> taken, bool fromLeft, long size)
        {
            if (!fromLeft)
            {
                taken.Reverse();
            }

            return taken.Count == 0 ? graph.NewConstant(size) : AxisGraph.MakeProduct(taken);
        }

        private AxisException Untold(AxisSize size) =>
            new(
                AxisRule.UnknownShape,
                $"{name} asks for {size} where {x} has {string.Join("·", factors)}, and whether they are of one size is not known here; give the shape "
                    + $"of the model's input");

        private Axis Next(bool fromLeft)
        {
            // An earlier cut may have given the factor parts of its own.
            var next = Pop(fromLeft);
            Push(next, fromLeft);
            return (fromLeft ? factors.First! : factors.Last!).Value;
        }

        private Axis Pop(bool fromLeft)
        {
            var end = (fromLeft ? factors.First! : factors.Last!).Value;
            if (fromLeft)
            {
                factors.RemoveFirst();
            }
            else
            {
                factors.RemoveLast();
            }

            if (AxisPieces.Factors(end) is { Count: 1 } alone)
            {
                return alone[0];
            }

            Push(end, fromLeft);
            return Pop(fromLeft);
        }

        private void Push(Axis axis, bool fromLeft)
        {
            var parts = AxisPieces.Factors(axis);
            foreach (var part in fromLeft ? parts.Reverse() : parts)
            {
                if (fromLeft)
                {
                    factors.AddFirst(part);
                }
                else
                {
                    factors.AddLast(part);
                }
            }
        }
    }
}
