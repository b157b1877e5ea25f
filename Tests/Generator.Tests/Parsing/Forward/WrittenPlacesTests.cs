namespace PruneGen.Generator.Tests;

/// <summary>Numbers that forward puts into a tensor at places, however it names these.</summary>
public class WrittenPlacesTests
{
    [Theory]
    [InlineData("var m = x.gt(0); m.index_put_(m.sum(-1).eq(0).unsqueeze(-1).expand(-1, 8), true); return head.call(relu(up.call(x * m)));", true)]
    [InlineData("var m = zeros_like(x); m.index_put_(torch.tensor(2f), TensorIndex.Single(1)); return head.call(relu(up.call(x + m)));", true)]
    [InlineData("var m = zeros_like(x); m.index_put_(torch.tensor(2f), new TensorIndex[] { TensorIndex.Tensor(torch.tensor(new long[] { 1, 1 })) }, accumulate: true); return head.call(relu(up.call(x + m)));", true)]
    [InlineData("var m = zeros(4, 8); for (int i = 0; i < 4; i++) { for (int j = 2; j < 5; j++) { m[i, j] = i + j; } } return head.call(relu(up.call(x + m)));", true)]
    [InlineData("var h = relu(up.call(x)); h.index_put_(torch.tensor(0.5f), h.gt(1)); return head.call(h);", false)]
    [InlineData("var h = relu(up.call(x)); h.index_put_(torch.tensor(0.5f), TensorIndex.Bool(true)); return head.call(h);", false)]
    public void What_is_written_at_places_is_read_or_keeps_its_width(string statements, bool shrinks)
    {
        var net = Loaded.From($$"""
            [Prunable] internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear inside = Linear(8, 6), back = Linear(6, 8), up = Linear(8, 12), head = Linear(12, 3);
                public Net() : base("net") => RegisterComponents();

                public override Tensor forward(Tensor x)
                {
                    x = back.call(relu(inside.call(x)));
                    {{statements}}
                }
            }
            """).Prunes([4, 8]);
        Assert.Equal(shrinks, net.Plan([4, 8]).Groups.Any(group => group.Name == "up"));
    }
}
