using System.Globalization;
using System.Reflection;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.Generator.Tests;

/// <summary>What is declared as dynamic: read where its class is in sight, left to the live layer where it is not, and refused where neither tells.</summary>
public class DynamicCallTests
{
    private static readonly long[][] Row = [[2, 8]];

    private const string Blocks = """
        /// <summary>One result.</summary>
        [Prunable] internal partial class Block : Module<Tensor, Tensor>
        {
            private readonly Linear up = Linear(12, 16), down = Linear(16, 12);
            public Block() : base("block") => RegisterComponents();
            public override Tensor forward(Tensor x) => down.call(relu(up.call(x)));
            public Tensor Encode(Tensor x) => down.call(tanh(up.call(x)));
        }

        /// <summary>Two.</summary>
        [Prunable] internal partial class Pair : Module<Tensor, (Tensor, Tensor)>
        {
            private readonly Linear up = Linear(12, 16), down = Linear(16, 12), side = Linear(16, 12);
            public Pair() : base("pair") => RegisterComponents();
            public override (Tensor, Tensor) forward(Tensor x) { x = relu(up.call(x)); return (down.call(x), side.call(x)); }
        }

        /// <summary>Takes a tuple.</summary>
        [Prunable] internal partial class Sum : Module<(Tensor, Tensor, Tensor?), Tensor>
        {
            private readonly Linear up = Linear(12, 16), down = Linear(16, 12);
            public Sum() : base("sum") => RegisterComponents();
            public override Tensor forward((Tensor, Tensor, Tensor?) inputs)
            {
                var (x, y, bias) = inputs;
                x = x + y;
                if (bias is not null) x = x + bias;
                return down.call(relu(up.call(x)));
            }
        }

        """;

    /// <summary>What is created in sight and stays is what it is created as.</summary>
    [Theory]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = way.call(x);", "way")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = relu(way.forward(x));", "way")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "double size = way.call(x).abs().max().item<float>(); x = x / size;", null)]
    [InlineData("", "dynamic way = second; x = way.call(x);", "second")]
    [InlineData("private dynamic Way => second;", "x = Other(Way, x);", "second")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = x[.., ..(int)way.call(x).shape[1]];", null)]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "if (way.call(x).abs().max().item<float>() > 1) { x = -x; }", null)]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "x = x / Size(x); double Size(Tensor y) => way.call(y).abs().max().item<float>();", null)]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "System.Console.WriteLine(way.call(x).ToString());", null)]
    [InlineData("private readonly dynamic way = Sequential(Linear(12, 16), ReLU(), Linear(16, 12));", "x = way.forward(x);", "way.0")]
    [InlineData("private readonly dynamic way = Linear(12, 16); private readonly dynamic back = Linear(16, 12);", "x = back.call(relu(way.call(x)));", "way")]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "var y = way.call(x); y = y.relu().view(-1, 12); x = x + y;", null)]
    [InlineData("private readonly dynamic way = Linear(12, 12);", "var y = way.call(x); x = cat(new[] { x, (Tensor)y }, 1)[.., ..12];", null)]
    [InlineData("private readonly dynamic way = LSTM(12, 12, batchFirst: true);", "x = way.call(x.unsqueeze(1)).Item1.squeeze(1);", "way")]
    [InlineData("private readonly dynamic way = LSTM(12, 12, batchFirst: true);", "var both = way.call(x.unsqueeze(1)); x = both.Item1.squeeze(1) + both.Item2.squeeze(0);", "way")]
    [InlineData("private readonly dynamic way = new Block();", "x = way.call(x);", "way.up")]
    [InlineData("private readonly dynamic way = new Block();", "x = way.Encode(x);", "way.up")]
    [InlineData("private readonly dynamic way = new Pair();", "var both = way.call(x); x = both.Item1 + both.Item2;", "way.up")]
    [InlineData("private readonly object way = new Block();", "x = ((dynamic)way).call(x);", "way.up")]
    [InlineData("private readonly object way = new Block();", "x = ((Block)way).call(x);", "way.up")]
    [InlineData("private readonly dynamic ways = ModuleList<Module<Tensor, Tensor>>(Linear(12, 12), ReLU(), Linear(12, 12));", "for (var i = 0; i < ways.Count; i++) { x = ways[i].call(x); }", "ways.0")]
    [InlineData("private readonly dynamic ways = ModuleList<Module<Tensor, Tensor>>(Linear(12, 12), ReLU(), Linear(12, 12));", "foreach (var way in ways) { x = way.call(x); }", "ways.0")]
    [InlineData("private readonly dynamic drop = Dropout(0.1); private readonly dynamic way = Linear(12, 12);", "x = x + 0.5 * drop.forward(way.forward(x));", "way")]
    public void A_layer_that_is_created_in_sight(string member, string statements, string? group)
    {
        var net = Loaded.From(Blocks + Source(member + " public Net() : base(\"net\") => RegisterComponents();", statements));
        Assert.True(group is null || net.Groups(Row).Any(one => one.Contains($"{group}.weight", StringComparison.Ordinal)), string.Join(' ', net.Groups(Row)));
        net.Prunes(Row);
    }

    /// <summary>What comes from outside, or is one of several, is what the live model holds.</summary>
    [Theory]
    [InlineData("dynamic", "Linear(12, 12)", "x = way.call(x);", "way")]
    [InlineData("dynamic", "new Block()", "x = relu(way.forward(x));", "way.up")]
    [InlineData("dynamic", "new Block()", "Tensor y = way.forward(x); x = x + y;", "way.up")]
    [InlineData("dynamic", "new Block()", "var y = way.forward(x); x = x + y.relu();", "way.up")]
    [InlineData("dynamic", "new Block()", "x = x + 0.5 * drop.forward(way.forward(x));", "way.up")]
    [InlineData("dynamic", "new Block()", "if (way != null) { x = way.forward(x); }", "way.up")]
    [InlineData("dynamic", "new Block()", "if (way is not null) { x = way.forward(x); }", "way.up")]
    [InlineData("dynamic", "new Pair()", "x = way.forward(x).Item2;", "way.up")]
    [InlineData("dynamic", "new Pair()", "var both = way.forward(x); x = both.Item1 + both.Item2;", "way.up")]
    [InlineData("dynamic", "new Pair()", "dynamic both; both = way.forward(x); x = both.Item1 + drop.forward(both.Item2);", "way.up")]
    [InlineData("dynamic", "new Pair()", "(Tensor, Tensor) both = way.forward(x); x = both.Item1 + both.Item2;", "way.up")]
    [InlineData("dynamic", "new Pair()", "var (left, right) = ((Tensor, Tensor))way.forward(x); x = left + right;", "way.up")]
    [InlineData("dynamic", "new Sum()", "x = way.forward((x, x, (Tensor?)null));", "way.up")]
    [InlineData("dynamic", "LSTM(12, 12)", "x = way.forward(x.unsqueeze(0)).Item1.squeeze(0);", "way")]
    [InlineData("Module", "new Block()", "x = ((dynamic)way).forward(x);", "way.up")]
    [InlineData("Module", "new Pair()", "var both = ((dynamic)way).forward(x); Tensor left = both.Item1; x = left + both.Item2;", "way.up")]
    [InlineData("object", "new Block()", "x = ((dynamic)way).forward(x);", "way.up")]
    [InlineData("Module", "ModuleList<Module>(new Block(), ReLU(), Linear(12, 12))", "foreach (dynamic each in (ModuleList<Module>)way) x = each.forward(x);", "way.0.up")]
    [InlineData("ModuleList<Module>", "ModuleList<Module>(new Block(), ReLU(), Linear(12, 12))", "foreach (dynamic each in way) { x = each.forward(x); }", "way.0.up")]
    [InlineData("ModuleList<Module>", "ModuleList<Module>(new Block(), ReLU(), Linear(12, 12))", "for (var i = 0; i < way.Count; i++) { x = ((dynamic)way[i]).forward(x); }", "way.0.up")]
    public void A_layer_that_the_model_is_given(string type, string live, string statements, string group)
    {
        var net = Loaded.From(Blocks + Source($"private readonly Dropout drop = Dropout(0.1); private readonly {type} way; public Net({type}? way = null) : base(\"net\") {{ this.way = way ?? {live}; RegisterComponents(); }}", statements));
        Assert.True(net.Groups(Row).Any(one => one.Contains($"{group}.weight", StringComparison.Ordinal)), string.Join(' ', net.Groups(Row)));
        net.Prunes(Row);
    }

    /// <summary>Which method runs when forward runs must be certain when the model is linked.</summary>
    [Theory]
    [InlineData("public override Tensor forward(Tensor x) => fc.call(x); public Tensor forward(Tensor x, double gain = 2) => fc.call(x) * gain;", "Tensor, Tensor", "x = way.forward(x);", "several methods forward")]
    [InlineData("public override Tensor forward(Tensor x) => fc.call(x); public new Tensor call(Tensor x) => x;", "Tensor, Tensor", "x = way.call(x);", "several methods call")]
    [InlineData("public override Tensor forward(Tensor x, Tensor y) => fc.call(x + y);", "Tensor, Tensor, Tensor", "x = way.forward(x);", "takes 1 inputs")]
    [InlineData("public override (Tensor, Tensor) forward(Tensor x) => (fc.call(x), x);", "Tensor, (Tensor, Tensor)", "x = way.forward(x);", "has 2 results where one tensor is used")]
    [InlineData("public override Tensor forward(Tensor x) => fc.call(x);", "Tensor, Tensor", "x = way.forward(x).Item2;", "missing")]
    public void A_layer_of_which_the_live_model_does_not_tell_what_runs(string methods, string types, string statements, string message)
    {
        var net = Loaded.From($$"""
            [Prunable] internal partial class Given : Module<{{types}}>
            {
                private readonly Linear fc = Linear(12, 12);
                public Given() : base("given") => RegisterComponents();
                {{methods}}
            }

            """ + Source("private readonly dynamic way; public Net(dynamic? way = null) : base(\"net\") { this.way = way ?? new Given(); RegisterComponents(); }", statements));
        Assert.Contains(message, Refusal(net), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("new object()", "that is a System.Object, no module")]
    [InlineData("null!", "that is null")]
    public void What_is_no_layer_is_refused_when_the_model_is_linked(string given, string message)
    {
        var net = Loaded.From(Source($"private readonly dynamic way; public Net(dynamic? way = null) : base(\"net\") {{ this.way = way ?? {given}; RegisterComponents(); }}", "x = way.forward(x);"));
        Assert.Contains(message, Refusal(net), StringComparison.Ordinal);
    }

    private static string Refusal(Loaded net) => Assert.IsType<InvalidOperationException>(
        Assert.Throws<TargetInvocationException>(() => net.Model.GetType().GetMethod("PruningPlan")!.Invoke(net.Model, [Row[0]])).InnerException).Message;

    /// <summary>A pattern asks what the live layer is, and each way is of a class of its own.</summary>
    [Theory]
    [InlineData("x = way switch { Block block => block.Encode(x), Pair pair => pair.call(x).Item1, _ => ((dynamic)way).forward(x) };")]
    [InlineData("x = way switch { Block block when wide => block.Encode(x), Block => x, Pair pair => pair.call(x).Item1, _ => throw new System.NotSupportedException() };")]
    [InlineData("x = way switch { Pair pair => pair.call(x).Item1, Module<Tensor, Tensor> any => any.call(x), _ => throw new System.NotSupportedException() };")]
    [InlineData("switch (way) { case Block block: x = block.Encode(x); break; case Pair pair: { var both = pair.call(x); x = both.Item1 + both.Item2; break; } default: x = ((dynamic)way).forward(x); break; }")]
    [InlineData("switch (way) { default: throw new System.NotSupportedException(); case Block block when wide: x = block.Encode(x); break; case Pair pair: x = pair.call(x).Item2; break; case Linear linear: x = linear.call(x); break; }")]
    [InlineData("if (way is Block block) { x = block.Encode(x); } else if (way is Pair pair) { x = pair.call(x).Item1; } else { x = ((dynamic)way).forward(x); }")]
    [InlineData("x = Twice(x).Item2; (Tensor, Tensor) Twice(Tensor y) { return way switch { Block block => (y, block.Encode(y)), Pair pair => pair.call(y), _ => (y, ((dynamic)way).forward(y)) }; }")]
    [InlineData("x = Twice(x).Item2; (Tensor, Tensor) Twice(Tensor y) { return way switch { Block block => (y, block.Encode(y)), Linear linear => (y, linear.call(y)), _ => ((dynamic)way).forward(y) }; }")]
    public void A_switch_over_what_a_layer_is(string statements)
    {
        foreach (var type in new[] { "Module", "dynamic", "object" })
        {
            if (type != "Module" && statements.Contains("((dynamic)way).forward(y) }", StringComparison.Ordinal))
            {
                continue;
            }

            foreach (var (live, group) in new[] { ("new Block()", "way.up"), ("new Pair()", "way.up"), ("Linear(12, 12)", "way") })
            {
                var net = Loaded.From(Blocks + Source($"internal readonly bool wide = true; private readonly {type} way; public Net({type}? way = null) : base(\"net\") {{ this.way = way ?? {live}; RegisterComponents(); }}", statements));
                if (statements.Contains("throw", StringComparison.Ordinal) && live[0] == 'L' && !statements.Contains("Linear", StringComparison.Ordinal) && !statements.Contains("any", StringComparison.Ordinal))
                {
                    continue;
                }

                Assert.True(net.Groups(Row).Any(one => one.Contains($"{group}.weight", StringComparison.Ordinal)), $"{type} {live}: {string.Join(' ', net.Groups(Row))}");
                net.Prunes(Row);
            }
        }
    }

    /// <summary>What a name that is declared as dynamic holds behind a branch is what either way left there.</summary>
    [Theory]
    [InlineData("dynamic y = x; if (wide) { y = other.call(x); } x = y;")]
    [InlineData("dynamic y = x; if (x.sum().item<float>() > 0) { y = other.call(x); } x = y;")]
    [InlineData("dynamic y = x; for (var i = 0; i < 2; i++) { y = other.call(y); } x = y;")]
    [InlineData("dynamic y = x; if (wide) { y.add_(other.call(x)); } x = y;")]
    [InlineData("dynamic y = wide ? other.call(x) : x; x = x + y;")]
    [InlineData("dynamic y = other.call(x); x = wide ? y : x;")]
    [InlineData("dynamic y = other; x = wide ? y.call(x) : x;")]
    [InlineData("System.Console.WriteLine(((dynamic)x).unsqueeze_(0).ToString()); if (wide) { x = other.call(x); } x = x.squeeze(0);")]
    public void A_tensor_that_is_declared_as_dynamic_in_branches_and_loops(string statements)
    {
        foreach (var wide in new[] { "true", "false" })
        {
            var net = Loaded.From(Source($"internal readonly bool wide = {wide}; private readonly Linear other = Linear(12, 12); public Net() : base(\"net\") => RegisterComponents();", statements));
            net.Prunes(Row);
        }
    }

    /// <summary>A method that returns from its middle changes what it changes, or does not.</summary>
    [Theory]
    [InlineData("Step(); void Step() { if (wide) { return; } x = other.call(x); }")]
    [InlineData("Step(); void Step() { if (wide) { x = relu(x); return; } x = other.call(x); }")]
    [InlineData("Step(); x = x + 1; void Step() { for (var i = 0; i < 2; i++) { if (wide) { return; } } x = other.call(x); }")]
    [InlineData("var y = Step(); x = x + y; Tensor Step() { for (var i = 0; i < 2; i++) { if (wide) { return x; } x = other.call(x); } return x * 2; }")]
    [InlineData("kept = x; Keep(x); x = kept;")]
    public void What_a_method_changes_that_returns_from_its_middle(string statements)
    {
        foreach (var wide in new[] { "true", "false" })
        {
            var net = Loaded.From(Source(
                $"internal readonly bool wide = {wide}; private Tensor kept = zeros(1); private readonly Linear other = Linear(12, 12); private void Keep(Tensor x) {{ if (wide) {{ return; }} kept = other.call(x); }} public Net() : base(\"net\") => RegisterComponents();",
                statements));
            net.Prunes(Row);
        }
    }

    /// <summary>What neither the source nor the live layer tells is refused where it stands, and nothing of it is taken for a number.</summary>
    [Theory]
    [InlineData("private dynamic way = null!;", "x = way.Encode(x);", "way.Encode(x)")]
    [InlineData("private dynamic way = null!;", "x = way(x);", "way(x)")]
    [InlineData("private dynamic way = null!;", "x = x + way.Scale;", "way.Scale")]
    [InlineData("private dynamic way = null!;", "dynamic scale = way; x = x * scale;", "scale")]
    [InlineData("private dynamic way = null!;", "x = way.forward(y: x);", "way.forward(y: x)")]
    [InlineData("private dynamic way = null!;", "var both = way.forward(x); x = both.Item1 + both;", "both")]
    [InlineData("private dynamic way = null!;", "List<Tensor> both = way.forward(x); x = both[0];", "way.forward(x)")]
    [InlineData("private dynamic way = null!;", "dynamic y = way.forward(x).Item1; if (wide) { y = 3; } x = x * y;", "y = way.forward(x).Item1")]
    [InlineData("", "System.Func<Tensor, Tensor> way = relu; if (wide) { way = y => softmax(y, 1); } x = way(x);", "way(x)")]
    [InlineData("", "dynamic y; if (wide) { y = second.call(x); } else { y = x; } x = y;", "y")]
    public void What_nothing_tells(string member, string statements, string at)
    {
        var reports = Compiled.From("using System.Collections.Generic;\n" + Source(member + " internal readonly bool wide; public Net(bool wide = false) : base(\"net\") { this.wide = wide; RegisterComponents(); }", statements))
            .Reports.Where(one => one.Id == "PG0006").ToList();
        Assert.Equal([at], reports.Select(report => report.Location.SourceTree!.GetText().ToString(report.Location.SourceSpan)).Distinct());
        Assert.All(reports, report => Assert.DoesNotContain("default(", report.GetMessage(CultureInfo.InvariantCulture), StringComparison.Ordinal));
    }

    /// <summary>What a statement does that is not understood is not passed by where it may change a tensor.</summary>
    [Theory]
    [InlineData("try { ((dynamic)x).unsqueeze_(0); } catch (System.InvalidOperationException) { }")]
    [InlineData("dynamic y = x; try { y.unsqueeze_(0); } catch (System.InvalidOperationException) { }")]
    public void A_statement_that_may_change_a_tensor(string statements)
    {
        var reports = Compiled.From(Source("public Net() : base(\"net\") => RegisterComponents();", statements)).Reports;
        Assert.Equal(["PG0005"], reports.Select(report => report.Id).Where(id => id is "PG0005" or "PG0006"));
    }

    [Fact]
    public void What_several_overrides_are_refused_for_is_said_once()
    {
        var compiled = Compiled.From("""
            internal class Block : Module<Tensor, Tensor>
            {
                protected readonly dynamic way;
                public Block(dynamic way) : base("block") { this.way = way; RegisterComponents(); }
                public override Tensor forward(Tensor x) => Encode(x);
                public virtual Tensor Encode(Tensor x) => way.Run(x);
            }

            internal sealed class Other : Block
            {
                public Other(dynamic way) : base((object)way) { }
                public override Tensor Encode(Tensor x) => relu((Tensor)way.Run(x));
            }

            [Prunable]
            internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 12), last = Linear(12, 3);
                private readonly Block block;
                public Net(Block block) : base("net") { this.block = block; RegisterComponents(); }
                public override Tensor forward(Tensor x) => last.call(block.Encode(first.call(x)));
            }
            """);
        var reports = compiled.Reports.Where(one => one.Id == "PG0006").ToList();
        Assert.Equal(reports.Count, reports.Select(report => report.ToString()).Distinct().Count());
        Assert.NotEmpty(reports);
    }

    /// <summary>What generated code cannot name is no way of a switch, and a layer all the same.</summary>
    [Theory]
    [InlineData("x = way switch { Local local => local.call(x), _ => x };", "Local local")]
    [InlineData("if (way is Local local) { x = local.call(x); }", "local")]
    [InlineData("x = ((dynamic)way).forward(x);", null)]
    public void A_class_of_one_file(string statements, string? at)
    {
        var source = "file sealed class Local : Module<Tensor, Tensor> { private readonly Linear up = Linear(12, 12); public Local() : base(\"local\") => RegisterComponents(); public override Tensor forward(Tensor x) => up.call(x); }\n"
            + Source("private readonly Module way; public Net(Module? way = null) : base(\"net\") { this.way = way ?? Linear(12, 12); _ = new Local(); RegisterComponents(); }", statements);
        if (at is null)
        {
            Loaded.From(source).Prunes(Row);
        }
        else
        {
            Compiled.From(source).Reported("PG0006", at);
        }
    }

    private static string Source(string member, string statements) => $$"""
        [Prunable]
        internal partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(8, 12), second = Linear(12, 12), last = Linear(12, 3);
            {{member}}
            private static Tensor Other(dynamic way, Tensor x) => way.call(x);

            public override Tensor forward(Tensor x)
            {
                x = first.call(x);
                {{statements}}
                return last.call(relu(second.call(x)));
            }
        }
        """;
}
