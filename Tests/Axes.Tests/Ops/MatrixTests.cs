namespace PruneGen.Axes.Tests;

/// <summary>Diagonals and square matrices.</summary>
public sealed class MatrixTests
{
    private readonly AxisGraph graph = new();

    [Theory]
    [InlineData("diag")]
    [InlineData("diag_embed")]
    public void Rows_and_columns_of_a_diagonal_go_with_its_numbers(string operation)
    {
        var x = graph.Call("sum", graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4)), ("dim", 0L));
        var matrix = graph.Call(operation, x);

        Assert.All(matrix.Dims, axis => Assert.Same(Assert.Single(graph.Groups()), axis));
        Assert.Equal(2, matrix.Dims.Count);
    }

    [Fact]
    public void Every_row_makes_a_matrix_where_a_diagonal_is_embedded()
    {
        var matrix = graph.Call("diag_embed", graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4)));
        Assert.Equal([2L, 8, 8], matrix.Dims.Select(axis => axis.Size!.Value));
        Assert.Single(graph.Groups());
    }

    [Theory]
    [InlineData("diag", "diagonal", 1L)]
    [InlineData("diag_embed", "offset", 1L)]
    [InlineData("diag_embed", "dim1", 0L)]
    public void A_diagonal_at_another_place_is_held(string operation, string argument, long value)
    {
        var x = graph.Call("sum", graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4)), ("dim", 0L));
        Assert.True(graph.Call(operation, x, (argument, value)).IsOpen);
        Assert.Equal($"{operation} mixes its indices", Assert.Single(graph.Outputs()).FixedBecause);
    }

    [Fact]
    public void The_diagonal_of_a_matrix_is_as_long_as_the_shorter_side()
    {
        var diagonal = graph.Call("diag", graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4)));
        Assert.Equal([2L], diagonal.Dims.Select(axis => axis.Size!.Value));
        Assert.Empty(graph.Groups());
    }

    [Theory]
    [InlineData("inverse", 3)]
    [InlineData("matrix_exp", 3)]
    [InlineData("cholesky", 3)]
    [InlineData("det", 1)]
    [InlineData("trace", 0)]
    public void What_mixes_a_matrix_holds_it_and_has_a_shape_still(string operation, int rank)
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 8, 4));
        var result = graph.Call(operation, x);

        Assert.Equal(x.Dims.Take(rank).Select(axis => axis.Size), result.Dims.Select(axis => axis.Size));
        Assert.False(result.IsOpen);
        Assert.Empty(graph.Groups());
    }
}
