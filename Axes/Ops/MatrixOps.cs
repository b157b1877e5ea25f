namespace PruneGen.Axes;

/// <summary>Diagonals, and what is made of square matrices by mixing all of their numbers: how much comes out of it is known all the same.</summary>
internal static class MatrixOps
{
    public static void Define(OpList ops)
    {
        ops.Add((graph, a) => [Diagonal(graph, a)], "diag", "diag_embed");
        ops.Add((graph, a) => [Mixed(graph, a, a.Input.Dims.Count)], "inverse", "inv", "matrix_exp", "matrix_power", "cholesky", "renorm");
        ops.Add((graph, a) => [Mixed(graph, a, a.Input.Dims.Count - 2)], "det", "logdet");
        ops.Add((graph, a) => [Mixed(graph, a, 0)], "trace");
    }

    /// <summary>A vector as the diagonal of a matrix, whose rows and columns go with its numbers; or the diagonal of a matrix, which stays.</summary>
    private static AxisTensor Diagonal(AxisGraph graph, OpArguments a)
    {
        var (x, isEmbedded) = (a.Input, a.Name == "diag_embed");
        var isShifted = a.Number(0, isEmbedded ? "offset" : "diagonal") != 0 || (isEmbedded && (a.Number(-2, "dim1"), a.Number(-1, "dim2")) != (-2, -1));
        if (x.IsOpen || isShifted || (!isEmbedded && x.Dims.Count > 2))
        {
            return WriteOps.Hold(graph, a, $"{a.Name} mixes its indices");
        }

        if (isEmbedded || x.Dims.Count == 1)
        {
            return x.WithDims(x.Dims.Append(x.Dims[x.Dims.Count - 1]));
        }

        graph.FixAll(x.Dims, $"{a.Name} takes the diagonal of it");
        var (rows, columns) = (x.Dims[0], x.Dims[1]);
        return x.WithDims([rows.IsSame(columns) ? rows : graph.NewConstant(rows.Size is { } r && columns.Size is { } c ? Math.Min(r, c) : null)]);
    }

    /// <summary>Every number follows from every other, so that its dimensions stay; the first ones come out.</summary>
    private static AxisTensor Mixed(AxisGraph graph, OpArguments a, int kept)
    {
        var held = WriteOps.Hold(graph, a, $"{a.Name} mixes its indices");
        return a.Input.IsOpen ? held : new AxisTensor([.. a.Input.Dims.Take(kept)]).WithZeros(false);
    }
}
