namespace PruneGen.Generator.Tests;

/// <summary>Models of tables, whose columns are normalised before anything else: the source alone does not tell whether they are rows or sequences.</summary>
public class TabularPatternsTests
{
    private static readonly long[] Rows = [4, 10];
    private static readonly long[] Sequences = [4, 10, 10];

    [Theory]
    [InlineData("x = wide.call(norm.call(x)); var parts = x.chunk(2, 1); return last.call(parts[0] * parts[1].sigmoid());")]
    [InlineData("x = norm.call(x); return third.call(cat([x, first.call(x).relu()], 1));")]
    [InlineData("x = first.call(norm.call(x)); return last.call(x.relu());")]
    [InlineData("x = first.call(plain.call(x)); return last.call(x.relu());")]
    [InlineData("x = inner.call(first.call(norm.call(x)).relu()); return last.call(x);")]
    [InlineData("var h = Glu(step, Glu(wide, norm.call(x))); for (var i = 0; i < 2; i++) { h = h + Glu(step, Glu(wide, x * softmax(back.call(h), 1))); } return last.call(h);")]
    public void What_is_normalised_first_may_be_rows(string statements) =>
        Assert.NotEmpty(Net(statements).Prunes(Rows).Plan(Rows).Groups);

    [Theory]
    [InlineData("x = first.call(norm.call(x)); return last.call(x.relu());", "first")]
    [InlineData("x = conv.call(norm.call(x)); return close.call(x.relu());", "conv")]
    public void Or_sequences(string statements, string group) =>
        Assert.Equal([group], Net(statements).Prunes(Sequences).Plan(Sequences).Groups.Select(one => one.Name));

    /// <summary>What a softmax runs over is told by the shape: of rows it is the features, of sequences it is not.</summary>
    [Theory]
    [InlineData(false, "4,10")]
    [InlineData(true, "4,10,10")]
    public void The_shape_tells_what_is_exact(bool isExact, string shape)
    {
        long[] input = [.. shape.Split(',').Select(long.Parse)];
        Assert.Equal(isExact, Net("x = softmax(first.call(norm.call(x)), 1); return last.call(x);").Plan(input).Groups[0].Exact);
    }

    private static Loaded Net(string statements) => Loaded.From($$"""
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly BatchNorm1d norm = BatchNorm1d(10), plain = BatchNorm1d(10, affine: false), inner = BatchNorm1d(12);
            private readonly Linear wide = Linear(10, 24), step = Linear(12, 24), first = Linear(10, 12), back = Linear(12, 10), last = Linear(12, 2), third = Linear(22, 2);
            private readonly Conv1d conv = Conv1d(10, 12, 3), close = Conv1d(12, 2, 1);
            public Net() : base("net") => RegisterComponents();
            private static Tensor Glu(Linear layer, Tensor x) { var parts = layer.call(x).chunk(2, 1); return parts[0] * parts[1].sigmoid(); }
            public override Tensor forward(Tensor x)
            {
                {{statements}}
            }
        }
        """);
}
