namespace PruneGen.Generator.Tests;

/// <summary>What generated code cannot name: private numbers of a base class, which it reads all the same, and tensors that all models share.</summary>
public class HiddenMembersTests
{
    [Theory]
    [InlineData("private readonly int heads = 2;", "x.view(x.shape[0], heads, -1).flatten(1)")]
    [InlineData("private int heads { get; } = 3;", "x.view(x.shape[0], this.heads, -1).flatten(1)")]
    [InlineData("private static readonly int heads = 4;", "x.view(x.shape[0], -1, heads).flatten(1)")]
    [InlineData("private readonly int[] shape = { 3, 4 };", "x.unflatten(1, shape[0], -1).flatten(1)")]
    [InlineData("private readonly bool twice = true;", "twice ? x * 2 : x")]
    [InlineData("", "Apart.Made(x)")]
    public void A_number_that_a_base_class_keeps_to_itself_is_read_from_the_live_model(string member, string made)
    {
        var net = Loaded.From($$"""
            internal static class Apart { private static readonly int Heads = 2; public static Tensor Made(Tensor x) => x.view(x.shape[0], Heads, -1).flatten(1); }
            internal abstract class Base : Module<Tensor, Tensor>
            {
                {{member}}
                protected Base() : base("base") { }
                protected Tensor Made(Tensor x) => {{made}};
            }

            [Prunable] internal partial class Net : Base
            {
                private readonly Linear inside = Linear(8, 6), up = Linear(6, 12), head = Linear(12, 3);
                public Net() => RegisterComponents();
                public override Tensor forward(Tensor x) => head.call(Made(relu(up.call(relu(inside.call(x))))));
            }
            """).Prunes([4, 8]);
        Assert.Contains(net.Plan([4, 8]).Groups, group => group.Name == "inside");
    }

    [Fact]
    public void PG0006_a_cache_of_tensors_that_all_models_share_and_forward_fills() => Compiled.From("""
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private sealed record Entry(Tensor Value, long Length);
            private static readonly System.Collections.Generic.Dictionary<int, Entry> Cache = new();
            private readonly Linear up = Linear(8, 12), head = Linear(12, 3);
            public Net() : base("net") => RegisterComponents();
            public override Tensor forward(Tensor x)
            {
                if (!Cache.ContainsKey(3)) { Cache[3] = new Entry(torch.ones(3), 3); }
                return head.call(up.call(x)) * Cache[3].Value;
            }
        }
        """).Reported("PG0006", "Cache");
}
