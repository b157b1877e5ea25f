namespace PruneGen.Generator.Tests;

/// <summary>Methods that are handed on by their names, to whatever calls them for each tensor of several.</summary>
public class MethodGroupTests
{
    [Theory]
    [InlineData("var all = parts.ConvertAll(One); return head.call(all[0] + all[1]);")]
    [InlineData("var all = parts.ConvertAll(this.One); return head.call(all[0] + all[1]);")]
    [InlineData("var all = System.Linq.Enumerable.ToArray(System.Linq.Enumerable.Select(x.chunk(2, 0), One)); return head.call(cat(all, 0));")]
    [InlineData("var all = parts.ConvertAll<Tensor>(up.call).ConvertAll(Act); return head.call(all[0] + all[1]);")]
    [InlineData("var all = parts.ConvertAll(One); return all.ConvertAll(Last)[1];")]
    public void A_method_is_called_for_each(string statements)
    {
        var plan = Net(statements).Prunes([4, 8]).Plan([4, 8]);
        Assert.Equal(["up"], plan.Groups.Select(group => group.Name));
    }

    /// <summary>What cannot be written into one expression is refused where it is handed on.</summary>
    [Fact]
    public void PG0006_a_method_that_branches_by_what_it_is_given() =>
        Compiled.From(Source("var all = parts.ConvertAll(Branches); return head.call(all[0]);")).Reported("PG0006", "parts.ConvertAll(Branches)");

    private static Loaded Net(string statements) => Loaded.From(Source(statements));

    private static string Source(string statements) => $$"""
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear up = Linear(8, 12), head = Linear(12, 3);
            public Net() : base("net") => RegisterComponents();
            private Tensor One(Tensor x) => relu(up.call(x));
            private Tensor Last(Tensor x) { x = x * 2; return head.call(x); }
            private static Tensor Act(Tensor x) => relu(x);
            private Tensor Branches(Tensor x) { if (x.sum().item<float>() > 0) { return up.call(x); } return up.call(x * 2); }

            public override Tensor forward(Tensor x)
            {
                var parts = new System.Collections.Generic.List<Tensor> { x, x * 2 };
                {{statements}}
            }
        }
        """;
}
