namespace PruneGen.Axes;

/// <summary>
/// <c>view</c> and <c>reshape</c>: the same elements in row-major order under other dimensions. Sizes read from a
/// tensor follow their axis; a constant is fine where nothing can be pruned, and bakes in a width where something can.
/// </summary>
internal static class ViewOps
{
    public static AxisTensor View(AxisGraph graph, string name, AxisTensor x, IReadOnlyList<AxisSize> sizes)
    {
        if (!x.Dims.Any(dim => dim.HasPrunable))
        {
            return ViewFixed(graph, x, sizes);
        }

        if (x.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"{name} rearranges a tensor whose leading dimensions are not known here ({x}); give the shape of the model's input");
        }

        // Leaves from the left and from the right until the one size that is inferred (-1); it takes what is between.
        var factors = new LinkedList<Axis>(x.Dims.SelectMany(dim => dim.Kind == AxisKind.Product ? dim.Parts : [dim]).Select(part => part.Resolve()).Where(part => part.Size != 1 || part.IsPrunable));
        var infer = -1;
        for (var i = 0; i < sizes.Count; i++)
        {
            if (sizes[i].Axis is null && sizes[i].Value == -1)
            {
                infer = infer < 0 ? i : throw new AxisException(AxisRule.Mismatch, $"{name} infers more than one size (-1)");
            }
        }

        var dims = new Axis?[sizes.Count];
        for (var i = 0; i < (infer < 0 ? sizes.Count : infer); i++)
        {
            dims[i] = Take(graph, name, x, factors, sizes[i], fromLeft: true, others: infer >= 0);
        }

        for (var i = sizes.Count - 1; infer >= 0 && i > infer; i--)
        {
            dims[i] = Take(graph, name, x, factors, sizes[i], fromLeft: false, others: true);
        }

        if (infer >= 0)
        {
            dims[infer] = factors.Count == 0 ? graph.NewConstant(1) : AxisGraph.MakeProduct(factors.ToArray());
        }
        else if (factors.Any(factor => factor.Size != 1))
        {
            throw new AxisException(AxisRule.Mismatch, $"{name}({string.Join(", ", sizes)}) leaves out {string.Join("·", factors)} of {x}");
        }

        return x.WithDims(dims.Select(dim => dim!));
    }

    private static AxisTensor ViewFixed(AxisGraph graph, AxisTensor x, IReadOnlyList<AxisSize> sizes)
    {
        long? total = x.IsOpen ? null : x.Dims.Aggregate((long?)1, (n, dim) => n * dim.Size);
        var known = sizes.Where(size => size.Value != -1).Aggregate((long?)1, (n, size) => n * size.Value);
        return new AxisTensor(sizes.Select(size => size.Axis ?? graph.NewFixed("", size.Value == -1 ? known > 0 ? total / known : null : size.Value, "nothing in it is pruned")).ToArray());
    }

    /// <summary>Takes the leaves that one target size covers off one end.</summary>
    private static Axis Take(AxisGraph graph, string name, AxisTensor x, LinkedList<Axis> factors, AxisSize size, bool fromLeft, bool others)
    {
        if (size.Axis is null && size.Value == 1)
        {
            return graph.NewConstant(1);
        }

        // A product of sizes is the same in any order; the tensor's own order counts.
        var wanted = size.Axis?.Leaves().Where(leaf => leaf.Size != 1 || leaf.IsPrunable).ToList();
        var taken = new List<Axis>();
        long? covered = 1;
        while (factors.Count > 0)
        {
            var next = fromLeft ? factors.First!.Value : factors.Last!.Value;
            if (wanted is not null)
            {
                if (wanted.Count == 0)
                {
                    break;
                }

                if (!wanted.Remove(next.Resolve()))
                {
                    throw new AxisException(AxisRule.Unsupported, $"{name} asks for {size} where {x} has {next}");
                }
            }
            else
            {
                // A bare number: it may state sizes that nothing changes, or cut a group into a fixed count and a rest.
                if (covered is long done && size.Value is long aim)
                {
                    if (done == aim)
                    {
                        break;
                    }

                    if (next.IsPrunable && next.Size is long width && others && taken.Count == 0 && aim < width && width % aim == 0)
                    {
                        var group = next.Name;
                        var pieces = AxisTies.SplitProduct(graph, next, fromLeft ? aim : width / aim)!.Value;
                        var (constant, rest) = fromLeft ? (pieces.Head, pieces.Tail) : (pieces.Tail, pieces.Head);
                        graph.Fix(constant, $"{name} counts {aim} of them by a constant");
                        rest.Name = group;
                        RemoveEnd(factors, fromLeft);
                        AddEnd(factors, rest, fromLeft);
                        return constant;
                    }
                }

                if (next.HasPrunable)
                {
                    throw new AxisException(AxisRule.BakedWidth, $"{name} states {size} as a constant, but it counts {x}, which pruning makes smaller; read the size from the tensor or let it be inferred (-1)");
                }
            }

            if (wanted is null && next.Size is null && factors.Any(factor => factor.HasPrunable))
            {
                throw new AxisException(AxisRule.BakedWidth, $"{name} states {size} as a constant, and which dimensions of {x} it counts cannot be told; read the size from the tensor or let it be inferred (-1)");
            }

            taken.Add(next);
            covered *= next.Size;
            RemoveEnd(factors, fromLeft);
        }

        if (!fromLeft)
        {
            taken.Reverse();
        }

        return taken.Count == 0 ? graph.NewConstant(size.Value) : AxisGraph.MakeProduct(taken);
    }

    private static void RemoveEnd(LinkedList<Axis> factors, bool fromLeft)
    {
        if (fromLeft)
        {
            factors.RemoveFirst();
        }
        else
        {
            factors.RemoveLast();
        }
    }

    private static void AddEnd(LinkedList<Axis> factors, Axis axis, bool fromLeft)
    {
        if (fromLeft)
        {
            factors.AddFirst(axis);
        }
        else
        {
            factors.AddLast(axis);
        }
    }
}
