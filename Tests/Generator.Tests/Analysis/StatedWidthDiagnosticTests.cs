using System.Globalization;
using Microsoft.CodeAnalysis;

namespace PruneGen.Generator.Tests;

/// <summary>Numbers that state a width: refused where the source tells that it shrinks (PG0009), said where the live model would keep it (PG0033).</summary>
public class StatedWidthDiagnosticTests
{
    [Theory]
    [InlineData("x.view(-1, 16 * 8 * 8)", "16 * 8 * 8")]
    [InlineData("x.view(x.shape[0], 1024)", "1024")]
    [InlineData("x.reshape(new long[] { x.shape[0], 1024 })", "1024")]
    [InlineData("torch.reshape(x, -1, Width)", "Width")]
    [InlineData("x.unflatten(1, 4, 2, 2)", "4")]
    public void PG0009_a_constant_that_states_a_width(string view, string at)
    {
        var report = Compiled.Refused(Models.WithForward($"x = conv1.call(x);\nx = {view};\nreturn fc2.call(fc1.call(x));", "    private const int Width = 1024;")).Reported("PG0009", at);
        Assert.Contains("as a constant", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x.view(-1, 16 * 8 * 8)")]
    [InlineData("x.view(x.shape[0], 1024)")]
    [InlineData("x.unflatten(1, 4, 4).flatten(1)")]
    public void PG0009_is_not_said_of_a_width_that_is_kept(string view) =>
        Compiled.From(Models.WithForward($"x = conv1.call(x);\nx = {view};\nreturn fc2.call(fc1.call(x));").Replace("private readonly Conv2d conv1", "[KeepWidth] private readonly Conv2d conv1", StringComparison.Ordinal)).Clean();

    /// <summary>The sizes of what a model gives are its own: constants may state them.</summary>
    [Theory]
    [InlineData("head.call(y).view(-1, 3, 5)")]
    [InlineData("head.call(y).reshape(x.shape[0], 3, 5).softmax(-1).transpose(1, 2)")]
    [InlineData("relu(head.call(y)).view(new long[] { -1, 3, 5 }).sigmoid().chunk(3, 1)[0]")]
    [InlineData("head.call(y).unflatten(1, 3, 5)")]
    public void Constants_that_state_the_sizes_of_a_result_are_no_mistake(string result)
    {
        var net = Loaded.From(Headed(result));
        Assert.Equal(["a"], net.Plan([2, 4, 3, 3]).Groups.Select(group => group.Name));
        Assert.Contains(net.Plan([2, 4, 3, 3]).Unpruned, held => held.Layer == "head");
        net.Prunes([2L, 4, 3, 3]);
    }

    [Theory]
    [InlineData("last.call(head.call(y).view(-1, 3, 5))")]
    [InlineData("Both(head.call(y).view(-1, 3, 5))")]
    [InlineData("head.call(y).view(-1, 3, 5) * offset")]
    public void PG0009_a_constant_of_what_meets_something_on_the_way_to_the_result(string result) => Compiled.Refused(Headed(result)).Reported("PG0009", "3");

    private static string Headed(string result) => $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d a = Conv2d(4, 8, 1);
            private readonly Linear head = Linear(8, 15), last = Linear(5, 2);
            private readonly Parameter offset = Parameter(ones(5));

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var y = a.call(x).mean(new long[] { 2, 3 });
                return {{result}};
            }

            private Tensor Both(Tensor t) => last.call(t) + t.sum(2, keepdim: true);
        }
        """;

    [Theory]
    [InlineData("Heads, Width", "Width")]
    [InlineData("4, 8", "8")]
    [InlineData("heads, 32 / heads", "32 / heads")]
    public void PG0033_heads_of_a_number_and_a_width_that_are_both_stated(string sizes, string at)
    {
        var compiled = Compiled.From(Attention(sizes));
        var report = compiled.Reported("PG0033", at);
        Assert.Equal("view states its sizes by numbers alone, so 'query' keeps its width; let this one follow (-1)", report.GetMessage(CultureInfo.InvariantCulture));
        Assert.Equal(DiagnosticSeverity.Warning, report.DefaultSeverity);
        Assert.Single(compiled.Files);
    }

    [Theory]
    [InlineData("heads, -1")]
    [InlineData("heads, width")]
    [InlineData("-1, width")]
    [InlineData("heads, q.shape[2] / heads")]
    public void PG0033_is_not_said_where_a_size_follows_the_tensor(string sizes) => Assert.Empty(Compiled.From(Attention(sizes)).Reports);

    [Theory]
    [InlineData("n, c, 1, 1", null)]
    [InlineData("n, -1, 1, 1", null)]
    [InlineData("n, channels, 1, 1", null)]
    [InlineData("n, channels * 1, 1, 1", "channels * 1")]
    public void PG0033_a_width_that_is_read_from_an_input_is_none_that_numbers_state(string sizes, string? at)
    {
        var compiled = Compiled.From($$"""
            [Prunable]
            internal partial class Gate : Module<Tensor, Tensor>
            {
                private readonly int channels;
                private readonly Linear fc1 = Linear(16, 8);
                private readonly Linear fc2 = Linear(8, 16);
                public Gate(int channels) : base("gate")
                {
                    this.channels = channels;
                    RegisterComponents();
                }

                public override Tensor forward(Tensor x)
                {
                    var (n, c) = (x.shape[0], x.shape[1]);
                    var gate = fc2.call(relu(fc1.call(adaptive_avg_pool2d(x, 1).view(n, c)))).sigmoid();
                    return x * gate.view({{sizes}});
                }
            }
            """);
        if (at is null)
        {
            Assert.Empty(compiled.Reports);
        }
        else
        {
            Assert.Single(compiled.Reports);
            compiled.Reported("PG0033", at);
        }
    }

    [Theory]
    [InlineData("4, 8", false)]
    [InlineData("heads, width", true)]
    [InlineData("heads, -1", true)]
    public void PG0033_tells_what_a_live_model_does(string sizes, bool shrinks) =>
        Assert.Equal(shrinks, Loaded.From("#pragma warning disable PG0033\n" + Attention(sizes), 4).Plan([2, 5, 32]).Groups.Any(group => group.Producers.Contains("query")));

    [Theory]
    [InlineData("view(n, t, 32)", "32", "let this one follow (-1)")]
    [InlineData("view(n, t, width * heads)", "width * heads", "let this one follow (-1)")]
    [InlineData("reshape(new long[] { n, t, Whole })", "Whole", "let this one follow (-1)")]
    [InlineData("view(n, -1, 32)", "32", "read the other one from the tensor, and let this one follow (-1)")]
    [InlineData("view(n, t, -1)", null, null)]
    [InlineData("view(n, t, y.shape[1] * y.shape[3])", null, null)]
    [InlineData("flatten(2)", null, null)]
    public void PG0033_a_width_that_is_stated_behind_attention(string view, string? at, string? remedy)
    {
        foreach (var attend in new[] { "scaled_dot_product_attention(q, k, v)", "matmul(softmax(matmul(q, k.transpose(-2, -1)), -1), v)" })
        {
            var source = Behind(attend, view);
            if (at is null)
            {
                Assert.Empty(Compiled.From(source).Reports);
                Assert.Contains(Loaded.From(source, 4).Plan([2, 5, 32]).Groups, group => group.Producers.Contains("value"));
                continue;
            }

            var report = Compiled.From(source).Reported("PG0033", at);
            Assert.Equal($"{(view[0] == 'v' ? "view" : "reshape")} states its sizes by numbers alone, so 'value' keeps its width; {remedy}", report.GetMessage(CultureInfo.InvariantCulture));
            Assert.DoesNotContain(Loaded.From("#pragma warning disable PG0033\n" + source, 4).Plan([2, 5, 32]).Groups, group => group.Producers.Contains("value"));
        }
    }

    [Theory]
    [InlineData("[KeepWidth] private readonly Linear value", "scaled_dot_product_attention(q, k, v)")]
    [InlineData("private readonly Linear value", "matmul(q, k.transpose(-2, -1))")]
    public void PG0033_is_not_said_of_what_is_kept_anyway_or_not_there_any_more(string declared, string attend) =>
        Assert.Empty(Compiled.From(Behind(attend, "view(n, t, 20)").Replace("private readonly Linear value", declared, StringComparison.Ordinal)).Reports);

    /// <summary>Of channels, rows and columns it is the channels that follow; and what the message says works.</summary>
    [Theory]
    [InlineData("y.view(x.shape[0], 12, 2, 2)", "12", "let this one follow (-1)", "y.view(x.shape[0], -1, 2, 2)")]
    [InlineData("y.view(-1, 12, 2, 2)", "12", "read the other one from the tensor, and let this one follow (-1)", "y.view(x.shape[0], -1, 2, 2)")]
    [InlineData("y.reshape(x.shape[0], channels * 1, 2, 2)", "channels * 1", "let this one follow (-1)", "y.reshape(x.shape[0], -1, 2, 2)")]
    [InlineData("y.unflatten(1, 12, 2, 2)", "12", "let this one follow (-1)", "y.unflatten(1, -1, 2, 2)")]
    [InlineData("cut.call(y)", "cut.call(y)", "let size 1 follow (-1)", "following.call(y)")]
    [InlineData("all.call(y)", "all.call(y)", "let size 1 follow (-1)", "allFollowing.call(y)")]
    public void PG0033_a_decoder_that_states_channels_rows_and_columns(string view, string at, string remedy, string instead)
    {
        var report = Compiled.From(Decoder(view)).Reported("PG0033", at);
        Assert.EndsWith($"states its sizes by numbers alone, so 'fc' keeps its width; {remedy}", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.DoesNotContain(Loaded.From("#pragma warning disable PG0033\n" + Decoder(view)).Plan([2, 10]).Groups, group => group.Producers.Contains("fc"));
        var net = Loaded.From(Decoder(instead));
        Assert.Contains(net.Plan([2, 10]).Groups, group => group.Producers.Contains("fc"));
        net.Prunes([2, 10]);
    }

    private static string Decoder(string view)
    {
        var parts = new Dictionary<string, string>
        {
            ["cut"] = "Unflatten cut = Unflatten(1, new long[] { 12, 2, 2 })",
            ["following"] = "Unflatten following = Unflatten(1, new long[] { -1, 2, 2 })",
            ["all"] = "Sequential all = Sequential(ReLU(), Unflatten(1, new long[] { 12, 2, 2 }))",
            ["allFollowing"] = "Sequential allFollowing = Sequential(ReLU(), Unflatten(1, new long[] { -1, 2, 2 }))",
        };
        return $$"""
            [Prunable]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                internal readonly int channels = 12;
                private readonly Linear fc = Linear(10, 48);
                {{(parts.TryGetValue(view.Split('.')[0], out var member) ? $"private readonly {member};" : "")}}
                private readonly ConvTranspose2d up = ConvTranspose2d(12, 8, 2, stride: 2), rgb = ConvTranspose2d(8, 3, 2, stride: 2);
                public Net() : base("generator") => RegisterComponents();

                public override Tensor forward(Tensor x)
                {
                    var y = relu(fc.call(x));
                    return rgb.call(relu(up.call({{view}})));
                }
            }
            """;
    }

    private static string Behind(string attend, string view) => $$"""
        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private const int Whole = 32;
            private readonly int heads, width;
            private readonly Linear query = Linear(32, 32), key = Linear(32, 32);
            private readonly Linear value = Linear(32, 32), project = Linear(32, 32), last = Linear(32, 3);
            public Net(int heads) : base("net")
            {
                this.heads = heads;
                width = 32 / heads;
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                var (n, t) = (x.shape[0], x.shape[1]);
                var q = query.call(x).view(n, t, heads, -1).transpose(1, 2);
                var k = key.call(x).view(n, t, heads, -1).permute(0, 2, 1, 3);
                var v = value.call(x).view(n, t, heads, -1).transpose(1, 2);
                var y = {{attend}};
                return last.call(relu(project.call(dropout(y, 0.1).transpose(1, 2).contiguous().{{view}})));
            }
        }
        """;

    private static string Attention(string sizes) => $$"""
        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private const int Heads = 4, Width = 8;
            private readonly int heads;
            private readonly int width;
            private readonly Linear query = Linear(32, 32);
            private readonly Linear project = Linear(32, 32);
            public Net(int heads) : base("net")
            {
                this.heads = heads;
                width = 32 / heads;
                RegisterComponents();
            }

            public override Tensor forward(Tensor x)
            {
                var q = query.call(x);
                q = q.view(x.shape[0], x.shape[1], {{sizes}}).transpose(1, 2);
                q = scaled_dot_product_attention(q, q, q).transpose(1, 2).contiguous().view(x.shape[0], x.shape[1], -1);
                return project.call(q);
            }
        }
        """;
}
