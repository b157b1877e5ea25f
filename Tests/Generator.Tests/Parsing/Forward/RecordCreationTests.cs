namespace PruneGen.Generator.Tests;

/// <summary>Objects that hand tensors around and compute something where they are created, or are given nothing there.</summary>
public class RecordCreationTests
{
    private const string Gaussian = """
        internal sealed class Gaussian
        {
            private readonly Tensor mean, deviation;
            public readonly long Width;
            public Gaussian(Tensor moments) { var parts = moments.chunk(2, dim: 1); mean = parts[0]; var log = clamp(parts[1], -30.0, 20.0); this.deviation = exp(0.5 * log); Width = this.mean.shape[1]; }
            public Tensor Mode() => mean;
            public Tensor Sample() => mean + deviation * 0.5;
        }
        """;

    [Theory]
    [InlineData("var made = new Gaussian(mid.call(h)); return head.call(made.Sample()) + head.call(made.Mode());")]
    [InlineData("var made = new Gaussian(mid.call(h)); return head.call(made.Sample().view(-1, made.Width));")]
    [InlineData("return head.call(new Gaussian(mid.call(h)).Mode()) - head.call(new Gaussian(mid.call(h * 2)).Sample());")]
    public void A_constructor_that_computes_is_read(string statements)
    {
        var plan = Net(Gaussian, statements).Prunes([4, 8]).Plan([4, 8]);
        Assert.Equal(["up", "mid"], plan.Groups.Select(group => group.Name));
    }

    [Theory]
    [InlineData("public Gaussian(Tensor x, bool twice) { if (x.sum().item<float>() > 0) { mean = x * 2; } else { mean = x; } }")]
    [InlineData("public Gaussian(Tensor x, bool twice) : this(x) { mean = x * 2; } private Gaussian(Tensor x) { mean = x; }")]
    [InlineData("public Gaussian(Tensor x, bool twice) { Fill(x * 2); mean = x + 1; } private void Fill(Tensor x) { mean = x; }")]
    public void PG0006_a_constructor_that_does_not_tell_what_it_leaves(string constructor) => Compiled.From(
        Source("internal sealed class Gaussian { private Tensor mean = null!; " + constructor + " public Tensor Mode() => mean; }", "return head.call(new Gaussian(mid.call(h), true).Mode());").Replace("Linear(4, 3)", "Linear(8, 3)", StringComparison.Ordinal))
        .Reports.First(report => report.Id == "PG0006");

    /// <summary>What no one gives a value has that of its declaration.</summary>
    [Theory]
    [InlineData("var y = head.call(made.X!); if (made.Three > 2) { y = y + other.call(made.X!); } return y + made.Zero;", true)]
    [InlineData("var y = head.call(made.X!); if (made.Zero > 2) { y = y + other.call(made.X!); } return y * made.Three;", false)]
    [InlineData("var y = head.call(made.X!); if (made.No) { y = y + other.call(made.X!); } return made.None is null ? y : head.call(made.None);", false)]
    public void A_member_that_is_given_nothing_is_what_its_declaration_says(string statements, bool callsOther)
    {
        const string Options = "internal sealed class Options { public Tensor? X { get; set; } public Tensor? None { get; set; } public int Three { get; set; } = 3; public int Zero { get; set; } public bool No { get; set; } }";
        var net = Net(Options, "var made = new Options { X = narrow.call(h) };\n" + statements).Prunes([4, 8]);
        Assert.Equal(callsOther, string.Join(' ', net.Groups([4, 8])).Contains("other", StringComparison.Ordinal));
    }

    /// <summary>The same where another model is handed the object.</summary>
    [Theory]
    [InlineData("internal sealed class Options { public Tensor? X { get; set; } public int Times { get; set; } = 2; public bool Plain { get; set; } = true; }", "new Options { X = narrow.call(h) }")]
    [InlineData("internal sealed class Options { public readonly Tensor? X; public readonly long Times; public readonly bool Plain; public Options(Tensor x) { X = x; Times = 2; Plain = true; } }", "new Options(narrow.call(h))")]
    public void What_a_declaration_or_a_constructor_says_is_handed_on(string options, string made)
    {
        var inner = """

            [Prunable] internal partial class Inner : Module<Options, Tensor>
            {
                private readonly Linear first = Linear(4, 6), second = Linear(6, 4), never = Linear(4, 4);
                public Inner() : base("inner") => RegisterComponents();
                public override Tensor forward(Options options)
                {
                    var x = options.X!;
                    for (var i = 0; i < options.Times; i++) { x = second.call(relu(first.call(x))); }
                    return options.Plain ? x : never.call(x);
                }
            }
            """;
        var plan = Loaded.From(Source(options + inner, $"return head.call(inner.call({made}));").Replace("other = Linear(4, 3);", "other = Linear(4, 3); private readonly Inner inner = new();", StringComparison.Ordinal)).Prunes([4, 8]).Plan([4, 8]);
        Assert.Equal(["up", "inner.first"], plan.Groups.Where(group => group.Name is "up" or "inner.first").Select(group => group.Name));
        Assert.DoesNotContain(plan.Trace.Steps, step => step.Name == "inner.never");
        Assert.Equal(2, plan.Trace.Steps.Count(step => step.Name == "inner.first"));
    }

    private static Loaded Net(string classes, string statements) => Loaded.From(Source(classes, statements));

    private static string Source(string classes, string statements) => $$"""
        {{classes}}
        [Prunable] internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear up = Linear(8, 12), mid = Linear(12, 8), narrow = Linear(12, 4), head = Linear(4, 3), other = Linear(4, 3);
            public Net() : base("net") => RegisterComponents();

            public override Tensor forward(Tensor x)
            {
                var h = relu(up.call(x));
                {{statements}}
            }
        }
        """;
}
