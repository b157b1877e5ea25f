namespace PruneGen.Axes;

/// <summary>What an element-wise operation makes of zeros.</summary>
internal enum Zeros
{
    /// <summary>Zero where every operand is zero: relu, abs.</summary>
    Kept,

    /// <summary>Zero where every operand is zero, but not with a number for one of them: addition.</summary>
    Joined,

    /// <summary>Zero where any operand is zero: multiplication.</summary>
    Absorbing,

    /// <summary>Something else: sigmoid, exp.</summary>
    Lost,

    /// <summary>Infinity or no number at all: a logarithm, a division by it.</summary>
    Pole,
}

/// <summary>Operations that act element by element, with broadcasting.</summary>
internal static class PointwiseOps
{
    /// <summary>The name of what forward does when it makes a number of widths, which is no operation of TorchSharp's.</summary>
    public const string Width = "width";

    /// <summary>A number that is computed from a width, such as the square root that attention divides by, is another one once channels are removed.</summary>
    public static AxisTensor ComputeWithWidths(AxisGraph graph, OpArguments a)
    {
        foreach (var axis in a.Sizes("sizes").Select(size => size.ReadFrom).OfType<Axis>())
        {
            graph.MarkInexact(axis, "forward computes with its width");
        }

        return AxisTensor.Open();
    }

    public static AxisTensor Pointwise(AxisGraph graph, string name, IReadOnlyList<AxisTensor> tensors, Zeros zeros)
    {
        if (tensors.Count == 0)
        {
            throw new AxisException(AxisRule.Unsupported, $"{name} is called with no tensor that the model has: one that a field holds must be registered, by RegisterComponents or register_buffer");
        }

        var result = tensors[0];
        for (var i = 1; i < tensors.Count; i++)
        {
            result = Broadcast(graph, name, result, tensors[i]);
        }

        // What a mask switches off would become infinite, and infinity times a weight of zero is no number.
        var poles = zeros != Zeros.Pole ? [] : name is "div" or "div_" or "divide" or "divide_" or "true_divide" or "true_divide_" or "floor_divide" or "floor_divide_" or "remainder" or "remainder_" or "fmod" or "fmod_" ? tensors.Skip(1) : tensors.Take(1);
        foreach (var pole in poles.Where(tensor => tensor.KeepsZeros))
        {
            foreach (var axis in pole.Dims)
            {
                graph.MarkInexact(axis, $"{name} of the zeros that a mask leaves is not finite");
            }
        }

        return result.WithZeros(zeros switch
        {
            Zeros.Kept => tensors.All(tensor => tensor.KeepsZeros),
            Zeros.Joined => tensors.Count > 1 && tensors.All(tensor => tensor.KeepsZeros),
            Zeros.Absorbing => tensors.Any(tensor => tensor.KeepsZeros && tensor.Dims.Any(dim => dim.HasPrunable)),
            _ => false,
        });
    }

    private static AxisTensor Broadcast(AxisGraph graph, string name, AxisTensor first, AxisTensor second)
    {
        var count = Math.Max(first.Dims.Count, second.Dims.Count);
        var dims = new Axis[count];
        for (var fromEnd = 1; fromEnd <= count; fromEnd++)
        {
            dims[count - fromEnd] = Dim(graph, name, first, second, fromEnd);
        }

        return first.IsOpen || second.IsOpen ? AxisTensor.Open(dims) : new AxisTensor(dims);
    }

    private static Axis Dim(AxisGraph graph, string name, AxisTensor first, AxisTensor second, int fromEnd)
    {
        var a = fromEnd <= first.Dims.Count ? first.Dims[first.Dims.Count - fromEnd] : null;
        var b = fromEnd <= second.Dims.Count ? second.Dims[second.Dims.Count - fromEnd] : null;
        if (a is null || b is null)
        {
            // A dimension of one tensor that the other lacks is repeated; one that an open rank hides is fixed, and a
            // single index takes the size of whatever is hidden.
            var alone = (a ?? b)!;
            if ((a is null && first.IsOpen) || (b is null && second.IsOpen))
            {
                var because = $"{name} meets it with a dimension that is not known";
                if (alone.Size == 1 && !alone.MayShrink)
                {
                    return graph.NewFixed("", null, because);
                }

                graph.Fix(alone, because);
            }

            return alone;
        }

        if (a.Size == 1 && !a.MayShrink)
        {
            return b;
        }

        if (b.Size == 1 && !b.MayShrink)
        {
            return a;
        }

        graph.Tie(a, b, $"{name} works element by element");
        return a.Resolve();
    }
}
