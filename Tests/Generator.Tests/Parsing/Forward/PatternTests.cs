using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>What C# says with patterns and with <c>!</c>: of a layer, whether it is there and what it is; of a width, nothing that could be held.</summary>
public class PatternTests
{
    private const string Optional = "private readonly Linear? opt = Linear(8, 8);";
    private const string Any = "private readonly Module<Tensor, Tensor> opt = torch.nn.Linear(8, 8);";

    [Theory]
    [InlineData(Optional, "return head.call(opt!.call(up.call(x)));")]
    [InlineData(Optional, "var l = opt!; return head.call(l.call(up.call(x)));")]
    [InlineData("private Linear? opt { get; } = Linear(8, 8);", "return head.call(opt!.call(up.call(x)));")]
    [InlineData(Optional, "if (opt is { } l) x = l.call(up.call(x)); return head.call(x);")]
    [InlineData(Optional, "if (opt is not { } l) throw new System.InvalidOperationException(); return head.call(l.call(up.call(x)));")]
    [InlineData(Optional, "var h = up.call(x); if (opt is not { } l) return head.call(h); return head.call(l.call(h));")]
    [InlineData(Optional, "if (opt is not Linear l) throw new System.InvalidOperationException(); return head.call(l.call(up.call(x)));")]
    [InlineData(Any, "var h = up.call(x); if (opt is Linear l) h = l.call(h); return head.call(h);")]
    [InlineData(Any, "var h = up.call(x); if (opt is not Linear l) return head.call(h); return head.call(l.call(h));")]
    [InlineData(Any, "var h = up.call(x); if (opt is Sequential s) h = s.call(h); else h = relu(opt.call(h)); return head.call(h);")]
    public void A_layer_that_may_be_there_or_be_of_a_type_is_pruned_where_it_is(string member, string forward) =>
        Assert.Contains(Net(member, forward).Prunes([4, 6]).Model.named_parameters(), entry => entry.name.Contains("opt") && entry.parameter.size(0) == 4);

    [Theory]
    [InlineData("var h = up.call(x).chunk(2, 1) is var p && p[0] is var u ? cat(new[] { u, p[1] }, 1) : x; return head.call(h);")]
    [InlineData("if (up.call(x) is var h && h * 2 is var g) return head.call(h + g); return head.call(x);")]
    [InlineData("if (x.shape[0] is var n && n > 1) x = x * n; return head.call(up.call(x));")]
    [InlineData("var h = up.call(x); if (h.mean().item<float>() is var m && m > 0) h = h * m; return head.call(h);")]
    [InlineData("var h = up.call(x); if (h is var g && g.shape[0] > 0) { h = relu(h); return head.call(h + g); } return head.call(h);")]
    [InlineData("var h = up.call(x); h = opt.call(h) is var g && (g = relu(g)) is var r ? g + r : h; return head.call(h);")]
    [InlineData("var h = up.call(x); var i = 0; while (opt.call(h) is var g && i++ < 2) h = g + h; return head.call(h);")]
    public void What_a_pattern_names_is_that_from_there_on(string forward) =>
        Assert.Contains("up", Net(Any, forward).Prunes([4, 6]).Plan([4, 6]).Groups.Select(group => group.Name));

    [Theory]
    [InlineData("var h = up.call(x); h = h switch { _ when h.shape[0] > 2 => relu(h), _ => tanh(h) }; return head.call(h);")]
    [InlineData("var h = up.call(x); h = h.device_type switch { _ when h.shape[0] > 9 => tanh(h), DeviceType.CPU => relu(h), _ => h }; return head.call(h);")]
    public void What_stands_behind_when_decides_where_the_pattern_takes_anything(string forward) =>
        Assert.Contains("up", Net(Any, forward).Prunes([4, 6]).Plan([4, 6]).Groups.Select(group => group.Name));

    [Theory]
    [InlineData("(int X, double Y) p = new(2, 0.5); return head.call(h * p.X * p.Y);")]
    [InlineData("(Tensor X, double Y) p = new(h, 0.5); return head.call(p.X * p.Y);")]
    [InlineData("return head.call(h * Twice(new(2, 0.5)));")]
    [InlineData("var p = new System.ValueTuple<Tensor, long>(h, 2); return head.call(p.Item1 * p.Item2);")]
    public void A_tuple_may_be_created_by_its_constructor(string forward)
    {
        var net = Net(Any + " private static double Twice((int X, double Y) p) => p.X * p.Y * 2;", "var h = up.call(x); " + forward).Prunes([4, 6]);
        Assert.Empty(net.Plan([4, 6]).Trace.Gaps);
        Assert.Contains("up", net.Plan([4, 6]).Groups.Select(group => group.Name));
    }

    [Theory]
    [InlineData("shape: [_, 8]", "var h = up.call(x); if (h is { shape: [_, 8] }) h = relu(h); return head.call(h);")]
    [InlineData("out_features: 8", "var h = up.call(x); if (up is { out_features: 8 }) h = relu(h); return head.call(h);")]
    [InlineData("out_features: > 4", "var h = up.call(x); if (up is not { out_features: > 4 }) return head.call(h); return head.call(relu(h));")]
    public void A_width_in_a_pattern_is_refused(string at, string forward) => Compiled.Refused(Source("", forward)).Reported("PG0006", at);

    [Fact]
    public void A_case_that_asks_for_a_width_is_refused() =>
        Compiled.Refused(Source("", "var h = up.call(x); switch (h) { case { shape: [_, 8] }: h = relu(h); break; } return head.call(h);"));

    [Theory]
    [InlineData("h[.., 0] = 0;")]
    [InlineData("h[TensorIndex.Ellipsis, -1] = 0;")]
    [InlineData("var t = h.transpose(0, 1); t[0] = 0;")]
    [InlineData("h[ones(4, 8) > 2] = 0;")]
    [InlineData("h[places] = 0;")]
    public void Zeros_that_are_put_at_some_channels_by_their_number_hold_the_width(string put) => Assert.Contains(
        Net("private readonly TensorIndex[] places = { TensorIndex.Colon, TensorIndex.Single(0) };", $"var h = up.call(x); {put} return head.call(h);")
            .Plan([4, 6]).Unpruned,
        held => held.Layer == "up");

    [Theory]
    [InlineData("h[h < 0] = 0;")]
    [InlineData("h[h < 0] = 1;")]
    [InlineData("h[0] = 0;")]
    [InlineData("h[x.sum(1) < 0] = 0;")]
    [InlineData("h[.., 1..3] = 0;")]
    public void Numbers_that_are_put_without_regard_to_the_channel_do_not(string put) =>
        Net("", $"var h = up.call(x); {put} return head.call(h);").Prunes([4, 6]);

    private static Loaded Net(string member, string forward) => Loaded.From(Source(member, forward));

    private static string Source(string member, string forward) => $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear up = Linear(6, 8), head = Linear(8, 3);
            {{member}}

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{forward}}
            }
        }
        """;
}
