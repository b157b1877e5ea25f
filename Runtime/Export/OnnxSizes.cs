using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Sizes as tensors of the graph. What depends on a dynamic dimension is read from the shape of a tensor, or computed from such a size; where no such
/// computation gives the number that linking came to each time, the step is refused.
/// </summary>
internal sealed class OnnxSizes(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs, IReadOnlyDictionary<string, OnnxSize> dimensions)
{
    private readonly Dictionary<OnnxSize, OnnxValue> known = [];

    /// <summary>A size as a tensor without dimensions.</summary>
    /// <param name="size">The size.</param>
    /// <param name="near">Tensors that may have it among their dimensions.</param>
    public OnnxValue Scalar(OnnxSize size, IEnumerable<OnnxValue> near) => size.IsConstant
        ? graph.Scalar(size.Value, ScalarType.Int64)
        : graph.Node("Squeeze", ScalarType.Int64, [], [One(size, [.. near]), graph.Longs(0)]);

    /// <summary>Sizes as a tensor of one dimension.</summary>
    /// <param name="sizes">The sizes.</param>
    /// <param name="near">Tensors that may have them among their dimensions.</param>
    public OnnxValue Vector(IReadOnlyList<OnnxSize> sizes, params OnnxValue[] near)
    {
        if (sizes.All(size => size.IsConstant))
        {
            return graph.Longs([.. sizes.Select(size => size.Value)]);
        }

        var parts = new List<OnnxValue>();
        for (var i = 0; i < sizes.Count;)
        {
            var constants = sizes.Skip(i).TakeWhile(size => size.IsConstant).Select(size => size.Value).ToArray();
            parts.Add(constants.Length > 0 ? graph.Longs(constants) : One(sizes[i], near));
            i += Math.Max(1, constants.Length);
        }

        return parts.Count == 1 ? parts[0] : graph.Node("Concat", ScalarType.Int64, [graph.Size(sizes.Count)], [.. parts], ("axis", 0));
    }

    /// <summary>The name of the dynamic dimension that a size is, or null.</summary>
    public string? NameOf(OnnxSize size) => dimensions.FirstOrDefault(dimension => dimension.Value == size).Key;

    /// <summary>A size as a tensor of one number.</summary>
    private OnnxValue One(OnnxSize size, OnnxValue[] near)
    {
        if (known.TryGetValue(size, out var value))
        {
            return value;
        }

        // What is a dimension of an input is read there, so that it stays the same tensor wherever it is asked for.
        value = FromShape(size, inputs) ?? FromShape(size, near) ?? FromDimensions(size) ?? FromProduct(size, near) ?? throw new OnnxExportException(
            $"a size that it takes ({size}) depends on {string.Join(" and ", dimensions.Keys)} in a way that is not written; read it from the shape of a "
                + $"tensor, or give the dimension a fixed size (OnnxOptions.DynamicDimensions)");
        known.Add(size, value);
        return value;
    }

    private OnnxValue? FromShape(OnnxSize size, IEnumerable<OnnxValue> tensors)
    {
        foreach (var tensor in tensors.Where(tensor => tensor.Shape is not null))
        {
            var place = Array.IndexOf(tensor.Shape!, size);
            if (place >= 0)
            {
                return Dimension(tensor, place);
            }
        }

        return null;
    }

    private OnnxValue Dimension(OnnxValue tensor, int place) =>
        graph.Node("Shape", ScalarType.Int64, [graph.Size(1)], [tensor], ("start", place), ("end", place + 1));

    /// <summary>(p·d + r) / q of a dynamic dimension, or of a product of several.</summary>
    private OnnxValue? FromDimensions(OnnxSize size)
    {
        var names = dimensions.Keys.ToList();
        for (var chosen = 1; chosen < 1 << names.Count; chosen++)
        {
            var factors = names.Where((_, i) => (chosen >> i & 1) != 0).Select(name => dimensions[name]).ToList();
            var product = factors.Aggregate((all, factor) => all.With(factor, (x, y) => x * y));
            if (Line(product, size) is var (p, r, q))
            {
                var value = factors.Select(factor => One(factor, [])).Aggregate((all, factor) => Compute("Mul", all, factor));
                value = p == 1 ? value : Compute("Mul", value, graph.Longs(p));
                value = r == 0 ? value : Compute("Add", value, graph.Longs(r));
                return q == 1 ? value : Compute("Div", value, graph.Longs(q));
            }
        }

        return null;
    }

    /// <summary>A constant times some dimensions of a tensor that is there: as many numbers as flatten joins.</summary>
    private OnnxValue? FromProduct(OnnxSize size, OnnxValue[] near)
    {
        foreach (var tensor in near.Where(tensor => tensor.Shape is { Length: <= 8 }))
        {
            for (var chosen = 1; chosen < 1 << tensor.Shape!.Length; chosen++)
            {
                var places = Enumerable.Range(0, tensor.Shape.Length).Where(i => (chosen >> i & 1) != 0 && !tensor.Shape[i].IsConstant).ToList();
                if (places.Count == 0)
                {
                    continue;
                }

                var product = places.Select(place => tensor.Shape[place]).Aggregate((all, factor) => all.With(factor, (x, y) => x * y));
                if (Line(product, size) is var (p, r, q))
                {
                    var value = places.Select(place => One(tensor.Shape[place], near)).Aggregate((all, factor) => Compute("Mul", all, factor));
                    value = p == 1 ? value : Compute("Mul", value, graph.Longs(p));
                    value = r == 0 ? value : Compute("Add", value, graph.Longs(r));
                    return q == 1 ? value : Compute("Div", value, graph.Longs(q));
                }
            }
        }

        return null;
    }

    private OnnxValue Compute(string op, OnnxValue left, OnnxValue right) => graph.Node(op, ScalarType.Int64, [graph.Size(1)], [left, right]);

    /// <summary>The whole numbers with (p·x + r) / q = y, rounded down, for all that is known of x and y; null where there are none.</summary>
    private static (long P, long R, long Q)? Line(OnnxSize x, OnnxSize y)
    {
        var (xs, ys) = (x.Values.ToArray(), y.Values.ToArray());
        var other = Array.FindIndex(xs, value => value != xs[0]);
        if (other < 0)
        {
            return null;
        }

        // A whole slope first; then halves, thirds and quarters, with each remainder that division may drop.
        foreach (var q in new long[] { 1, 2, 3, 4, 8, 16, 32 })
        {
            for (var p = q == 1 ? Slope() : 1; p is not null && p <= (q == 1 ? p : 1); p++)
            {
                var rests = q == 1 ? [ys[0] - (p.Value * xs[0])] : Enumerable.Range(0, (int)q).Select(rest => (q * ys[0]) - (p.Value * xs[0]) + rest);
                foreach (var r in rests)
                {
                    if (xs.Zip(ys).All(pair => Math.DivRem((p.Value * pair.First) + r, q).Quotient == pair.Second))
                    {
                        return (p.Value, r, q);
                    }
                }
            }
        }

        return null;

        long? Slope() => (ys[other] - ys[0]) % (xs[other] - xs[0]) == 0 ? (ys[other] - ys[0]) / (xs[other] - xs[0]) : null;
    }
}
