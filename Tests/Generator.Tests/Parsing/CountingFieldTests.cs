using System.Reflection;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>A field that a view cuts a width by, such as the number of heads, follows what is pruned.</summary>
public class CountingFieldTests
{
    private static readonly long[] Batch = [2, 5, 32];

    [Theory]
    [InlineData("private readonly int heads = 8, width = 4;", "heads", "heads, width", "qkv.0:8")]
    [InlineData("private readonly long heads = 8, width = 4;", "heads", "heads, width", "qkv.0:8")]
    [InlineData("private int heads = 8; private readonly int width = 4;", "heads", "this.heads, width", "qkv.0:8")]
    [InlineData("private int Heads { get; set; } = 8; private readonly int width = 4;", "Heads", "Heads, width", "qkv.0:8")]
    [InlineData("private readonly int heads = 8;", "heads", "heads, 4", "qkv.0:8")]
    [InlineData("private readonly int width = 4;", "width", "8, width", "qkv:4")]
    [InlineData("private const int Heads = 8; private readonly int width = 4;", "width", "Heads, width", "qkv:4")]
    public void Attention_loses_whole_heads_or_the_width_of_all(string fields, string written, string sizes, string group)
    {
        var net = Loaded.From(Fused(fields, sizes));
        Assert.Equal([group], net.Plan(Batch).Groups.Select(each => $"{each.Name}:{each.Width}"));
        var before = Number(net.Model, written);
        net.Prunes(Batch);
        Assert.Equal(before / 2, Number(net.Model, written));
        Assert.Equal([48L, 32], net.Model.state_dict()["qkv.weight"].shape);
    }

    [Theory]
    [InlineData("heads, width", "")]
    [InlineData("heads, -1", "8")]
    [InlineData("heads, 4", "8")]
    [InlineData("-1, width", "4")]
    [InlineData("heads, x.shape[2] / heads", "8")]
    public void Queries_keys_and_values_lose_the_same(string sizes, string number)
    {
        var net = Loaded.From(Apart(sizes.Contains("heads", StringComparison.Ordinal) && sizes.Contains("width", StringComparison.Ordinal) ? "private readonly int heads = 8, width = 4;" : $"private readonly int {(sizes.Contains("heads", StringComparison.Ordinal) ? "heads" : "width")} = {number};", sizes));
        var group = Assert.Single(net.Plan(Batch).Groups, group => group.Producers.Contains("query"));

        // The scale of attention is computed from how wide a head is.
        Assert.Equal(!sizes.StartsWith("heads", StringComparison.Ordinal) || sizes is "heads, width" or "heads, 4", group.Exact);
        if (group.Exact)
        {
            net.Prunes(Batch);
        }
    }

    /// <summary>A member that is computed from the number is the number in other words: what it scales is called inexact, and what it decides keeps the number.</summary>
    [Theory]
    [InlineData("private double Scale => 1.0 / heads;", "x = x * Scale;", false)]
    [InlineData("private double Scale() => 1.0 / heads;", "x = x * Scale();", false)]
    [InlineData("private double Scale { get { return 1.0 / heads; } }", "x = x * Scale;", false)]
    [InlineData("private (int H, float S) Info => (heads, 1f / heads);", "x = x * Info.S;", false)]
    [InlineData("private bool Many => heads > 3;", "if (Many) { x = x * 2; }", true)]
    [InlineData("private int Times => heads;", "for (var i = 0; i < Times; i++) { x = x * 1.1; }", true)]
    [InlineData("private float F() => heads switch { > 3 => 2f, _ => 1f };", "x = x * F();", true)]
    public void A_member_that_is_computed_from_the_number_follows_it(string member, string statement, bool stays)
    {
        var groups = Loaded.From("#pragma warning disable PG0033\n" + Fused("private readonly int heads = 8, width = 4; " + member, "heads, width", statement))
            .Plan(Batch).Groups;
        if (stays)
        {
            Assert.Empty(groups);
        }
        else
        {
            Assert.False(Assert.Single(groups).Exact);
        }
    }

    [Fact]
    public void A_number_of_the_base_class_is_what_it_says_where_a_derived_model_reads_it()
    {
        var plan = Loaded.From("#pragma warning disable PG0033\n" + """
            /// <summary>Has heads.</summary>
            [Prunable(Structured)] public partial class Base : Module<Tensor, Tensor>
            {
                /// <summary>Heads.</summary>
                protected readonly int heads = 4;
                /// <summary>Makes them.</summary>
                protected readonly Linear q = Linear(3, 12);
                /// <summary>Creates it.</summary>
                public Base() : base("base") { RegisterComponents(); }
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => q.call(x.mean([2, 3])).view(x.shape[0], heads, 3).flatten(1);
            }
            /// <summary>Under test.</summary>
            [Prunable(Structured)] public partial class Net : Base
            {
                private readonly Linear a = Linear(3, 8), fc = Linear(8, 4);
                /// <summary>Creates it.</summary>
                public Net() { }
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => fc.call(a.call(x.mean([2, 3]))) + q.call(x.mean([2, 3])).view(x.shape[0], heads, 3).sum(2);
            }
            """).Prunes([2, 3, 8, 8]).Plan([2, 3, 8, 8]);
        Assert.Contains(plan.Groups, group => group.Name == "a");
    }

    /// <summary>The number of a child is the same for its parent, by whichever of its members it is asked.</summary>
    [Theory]
    [InlineData("y / c.Heads", false)]
    [InlineData("y / c.Asked", false)]
    [InlineData("y * (1 / Math.Sqrt(c.Heads))", false)]
    [InlineData("c.Scaled(y)", false)]
    [InlineData("y * (c.Heads > 2 ? 2 : 3)", true)]
    public void The_parent_of_a_model_sees_its_number_follow(string result, bool stays)
    {
        var plan = Loaded.From("#pragma warning disable PG0033\nusing System;\n" + $$"""
            /// <summary>Has heads.</summary>
            [Prunable(Structured)] public partial class Child : Module<Tensor, Tensor>
            {
                /// <summary>Heads.</summary>
                public readonly int Heads = 4;
                private readonly Linear q = Linear(3, 12), o = Linear(12, 6);
                /// <summary>Creates it.</summary>
                public Child() : base("c") { RegisterComponents(); }
                /// <summary>Heads.</summary>
                public int Asked => Heads;
                /// <summary>Scales.</summary>
                public Tensor Scaled(Tensor y) => y / Heads;
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => o.call(torch.nn.functional.relu(q.call(x).view(x.shape[0], Heads, 3)).flatten(1));
            }
            /// <summary>Under test.</summary>
            [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Child c = new(); private readonly Linear fc = Linear(6, 5);
                /// <summary>Creates it.</summary>
                public Net() : base("net") { RegisterComponents(); }
                /// <inheritdoc/>
                public override Tensor forward(Tensor x) { var y = c.call(x.mean([2, 3])); return fc.call({{result}}); }
            }
            """).Plan([2, 3, 8, 8]);
        Assert.Equal(stays ? null : false, plan.Groups.FirstOrDefault(group => group.Producers.Contains("c.q"))?.Exact);
        Assert.Contains(plan.Groups, group => group.Producers.Contains("c.o"));
    }

    /// <summary>What is computed from the number otherwise would no longer be what it was.</summary>
    [Theory]
    [InlineData("for (var i = 0; i < heads; i++) { x = x + i; }")]
    [InlineData("if (heads > 4) { x = relu(x); }")]
    [InlineData("x = x.repeat(1, heads, 1);")]
    [InlineData("var text = $\"{heads}\"; if (text.Length > 3) { x = relu(x); }")]
    [InlineData("x = x.chunk(heads, 2)[0].repeat(1, 1, 8);")]
    public void A_number_that_is_used_otherwise_stays(string statement)
    {
        var net = Loaded.From("#pragma warning disable PG0033\n" + Fused("private readonly int heads = 8, width = 4;", "heads, width", statement));
        Assert.Empty(net.Plan(Batch).Groups);
        Assert.Contains(net.Plan(Batch).Unpruned, held => held.Layer == "qkv");
    }

    [Fact]
    public void A_scale_that_is_computed_from_the_number_makes_the_group_inexact()
    {
        var net = Loaded.From(Fused("private readonly int heads = 8, width = 4;", "heads, width", "x = x * (1.0 / heads);"));
        Assert.NotNull(Assert.Single(net.Plan(Batch).Groups).InexactBecause);
    }

    [Fact]
    public void The_number_is_saved_and_comes_back()
    {
        var net = Loaded.From(Fused("private readonly int heads = 8, width = 4;", "heads, width"));
        net.Prunes(Batch);
        var file = Path.GetTempFileName();
        try
        {
            net.Model.GetType().GetMethod("SavePruned")!.Invoke(net.Model, [file]);
            var again = (nn.Module<Tensor, Tensor>)net.Model.GetType().GetMethod("LoadPruned")!.Invoke(null, [file])!;
            again.eval();
            var x = randn(Batch);
            Assert.Equal(4, Number(again, "heads"));
            Assert.Equal(0, (again.call(x) - ((nn.Module<Tensor, Tensor>)net.Model).call(x)).abs().max().item<float>());
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void A_field_of_each_model_is_its_own()
    {
        var block = Fused("private readonly int heads; private readonly int width;", "heads, width").Replace("class Net", "class Block", StringComparison.Ordinal).Replace("public Net()", "public Block(int heads)", StringComparison.Ordinal)
            .Replace("RegisterComponents();", "this.heads = heads; width = 32 / heads; RegisterComponents();", StringComparison.Ordinal);
        var net = Loaded.From($$"""
            {{block}}

            [Prunable(Structured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Block one = new(8), two = new(4);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => two.call(one.call(x));
            }
            """);
        net.Prunes(Batch);
        Assert.Equal((4, 2), (Number(Field(net.Model, "one"), "heads"), Number(Field(net.Model, "two"), "heads")));
    }

    [Fact]
    public void A_decoder_loses_channels()
    {
        var net = Loaded.From("""
            [Prunable(Structured, Ratio = 0.5)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly int channels = 12, side = 2;
                private readonly Linear fc = Linear(10, 48);
                private readonly ConvTranspose2d up = ConvTranspose2d(12, 8, 2, stride: 2), rgb = ConvTranspose2d(8, 3, 2, stride: 2);
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x) => rgb.call(relu(up.call(relu(fc.call(x)).view(-1, channels, side, side))));
            }
            """);
        Assert.Contains(net.Plan([2, 10]).Groups, group => group.Producers.Contains("fc"));
        net.Prunes([2, 10]);
        Assert.Equal(6, Number(net.Model, "channels"));
    }

    private static long Number(nn.Module model, string member) => Convert.ToInt64(
        model.GetType().GetField(member, BindingFlags.Instance | BindingFlags.NonPublic) is { } field ? field.GetValue(model)
        : model.GetType().GetProperty(member, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(model),
        System.Globalization.CultureInfo.InvariantCulture);

    private static nn.Module Field(nn.Module model, string member) => (nn.Module)model.GetType().GetField(member, BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(model)!;

    private static string Fused(string fields, string sizes, string first = "") => $$"""
        [Prunable(Structured, Ratio = 0.5)]
        internal sealed partial class Net : Module<Tensor, Tensor>
        {
            {{fields}}
            private readonly Linear qkv = Linear(32, 96), proj = Linear(32, 32);
            public Net() : base("net")
            {
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                {{first}}
                var (b, n) = (x.shape[0], x.shape[1]);
                var t = qkv.call(x).reshape(b, n, 3, {{sizes}}).permute(2, 0, 3, 1, 4);
                var y = matmul(softmax(matmul(t[0], t[1].transpose(-2, -1)) * 0.5, dim: -1), t[2]);
                return proj.call(y.transpose(1, 2).reshape(b, n, -1));
            }
        }
        """;

    private static string Apart(string fields, string sizes) => $$"""
        [Prunable(Structured, Ratio = 0.5)]
        internal sealed partial class Net : Module<Tensor, Tensor>
        {
            {{fields}}
            private readonly Linear query = Linear(32, 32), key = Linear(32, 32), value = Linear(32, 32), proj = Linear(32, 32);
            public Net() : base("net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                var q = Split(query.call(x));
                var k = Split(key.call(x));
                var y = scaled_dot_product_attention(q, k, Split(value.call(x)));
                return proj.call(y.transpose(1, 2).contiguous().view(x.shape[0], x.shape[1], -1));
            }

            private Tensor Split(Tensor x) => x.view(x.shape[0], x.shape[1], {{sizes}}).transpose(1, 2);
        }
        """;
}
