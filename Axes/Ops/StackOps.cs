namespace PruneGen.Axes;

/// <summary>Operations that give tensors as many dimensions as they need, and join them along one.</summary>
internal static class StackOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [CatAlong(graph, a.Name, a.Given)], "hstack", "vstack", "row_stack", "dstack", "column_stack");
        ops.AddSeveral(
            a => a.Given.Count,
            (graph, a) => [.. a.Given.Select(x => AtLeast(graph, a.Name, x, a.Name["atleast_".Length] - '0'))],
            "atleast_1d", "atleast_2d", "atleast_3d");
    }

    /// <summary>A tensor of one dimension or more, of two or of three: a row, and a map of one channel.</summary>
    public static AxisTensor AtLeast(AxisGraph graph, string name, AxisTensor x, int rank)
    {
        if (x.Dims.Count >= rank)
        {
            return x;
        }

        if (x.IsOpen)
        {
            throw new AxisException(AxisRule.UnknownShape, $"how many dimensions {name} adds to {x} is not known here; give the shape of the model's input");
        }

        Axis One() => graph.NewConstant(1);
        return x.WithDims((x.Dims.Count, rank) switch
        {
            (0, _) => Enumerable.Range(0, rank).Select(_ => One()),
            (1, 2) => [One(), x.Dims[0]],
            (1, _) => [One(), x.Dims[0], One()],
            _ => [x.Dims[0], x.Dims[1], One()],
        });
    }

    /// <summary>Joins along the first, second or third dimension, which tensors of fewer get.</summary>
    public static AxisTensor CatAlong(AxisGraph graph, string name, IReadOnlyList<AxisTensor> tensors)
    {
        AxisTensor Column(AxisTensor x) => !x.IsOpen && x.Dims.Count == 1 ? ShapeOps.Unsqueeze(graph, x, 1) : x;
        AxisTensor[] AtLeast(int rank) => [.. tensors.Select(tensor => StackOps.AtLeast(graph, name, tensor, rank))];
        return name switch
        {
            "hstack" when AtLeast(1) is var rows => ShapeOps.Cat(graph, rows, rows.All(row => !row.IsOpen && row.Dims.Count == 1) ? 0 : 1),
            "vstack" or "row_stack" => ShapeOps.Cat(graph, AtLeast(2), 0),
            "column_stack" => ShapeOps.Cat(graph, [.. AtLeast(1).Select(Column)], 1),
            _ => ShapeOps.Cat(graph, AtLeast(3), 2),
        };
    }
}
