namespace PruneGen.Generator.Tests;

/// <summary>Every layer that forward calls is linked, and every operand kept, however a value is used.</summary>
public class NothingFallsThroughTests
{
    private static readonly long[] Batch = [2, 8];

    [Theory]
    [InlineData("var g = gate.call(x).mean().item<float>(); return b.call(x * g);")]
    [InlineData("var g = (float)gate.call(x).mean(); return b.call(x * g);")]
    [InlineData("var g = gate.call(x).mean().item<float>() * 2 + 1; return b.call(g - x);")]
    [InlineData("var g = gate.call(x).mean().ToSingle(); if (g > 2) { x = x * 2; } return b.call(x);")]
    [InlineData("if (gate.call(x).mean().item<float>() > 1e9f) { x = x * 2; } return b.call(x);")]
    [InlineData("if (!(gate.call(x).mean().item<float>() > 1e9f && training)) { x = x * 2; } return b.call(x);")]
    [InlineData("System.Console.Write(gate.call(x).shape[0] > 100 ? \"many\" : \"\"); return b.call(x);")]
    [InlineData("System.Diagnostics.Debug.WriteLine(gate.call(x)); return b.call(x);")]
    [InlineData("var text = $\"{gate.call(x).mean().item<float>()}\"; return b.call(x);")]
    [InlineData("Log(gate.call(x).mean().item<float>()); return b.call(x);")]
    [InlineData("if (Score(x) > 1e9) { x = x * 2; } return b.call(x);")]
    [InlineData("var many = gate.call(x).numel() > 1000; return many ? b.call(x) : b.call(x * 2);")]
    [InlineData("var kind = gate.call(x).dtype; return b.call(x.to(kind));")]
    [InlineData("while (gate.call(x).mean().item<float>() > 1e9f) { x = x / 2; } return b.call(x);")]
    [InlineData("do { x = x / 2; } while (gate.call(x).mean().item<float>() > 1e9f); return b.call(x);")]
    [InlineData("for (var i = 0; gate.call(x).mean().item<float>() > 1e9f; i++) { x = x / 2; } return b.call(x);")]
    public void A_layer_on_the_way_to_something_else_is_linked(string statements)
    {
        var net = Loaded.From(Net(statements));
        Assert.Contains(net.Plan(Batch).Parameters, parameter => parameter.Path == "gate.weight");
        net.Prunes(Batch);
    }

    [Theory]
    [InlineData("x * 2", "link.Op(\"mul\", x2, (\"other\", 2L))")]
    [InlineData("2.5 - x", "link.Op(\"sub\", x2, (\"input\", 2.5))")]
    [InlineData("3 / x", "link.Op(\"mul\", x3, (\"other\", 3L))")]
    [InlineData("x.pow(3)", "link.Op(\"pow\", x2, (\"exponent\", 3.0))")]
    [InlineData("x.clamp(-1, 0.5)", "link.Op(\"clamp\", x2, (\"min\", -1L), (\"max\", 0.5))")]
    [InlineData("x.add(x, alpha: 3)", "link.Op(\"add\", new[] { x2, x2 }, (\"alpha\", 3L))")]
    [InlineData("leaky_relu(x, 0.2)", "link.Op(\"leaky_relu\", x2, (\"negative_slope\", 0.2))")]
    [InlineData("dropout(x, 0.3, training)", "link.Op(\"dropout\", x2, (\"p\", 0.3), (\"training\", link.InTraining))")]
    [InlineData("x * settings.KnownScale", "link.Op(\"mul\", x2, (\"other\", settings.KnownScale))")]
    [InlineData("x.to(torch.float32)", "link.Op(\"to\", x2, (\"type\", global::TorchSharp.torch.")]
    [InlineData("x + tensor(4)", "link.Op(\"tensor\", new global::PruneGen.Axes.AxisTensor[0], (\"rank\", 0L), (\"data\", 4L))")]
    public void Operations_keep_their_numbers(string expression, string step)
    {
        var link = Compiled.From(Net($"gate.call(x); x = {expression}; return b.call(x);")).Clean().Link;
        Assert.Contains(link, line => line.Contains(step, StringComparison.Ordinal));
    }

    [Fact]
    public void An_identity_is_its_input_and_no_copy()
    {
        var link = Compiled.From(Net("gate.call(x); return b.call(torch.nn.Identity().call(x));")).Clean().Text;
        Assert.DoesNotContain("\"clone\"", link, StringComparison.Ordinal);
    }

    /// <summary>Whether the second question is asked hangs on the first: each way has layers of its own.</summary>
    [Theory]
    [InlineData("if (x.sum().item<float>() > 1e9f) { return one.call(x); } else if (x.sum().item<float>() > 1e8f) { return two.call(x); } else { return b.call(x); }")]
    [InlineData("if (x.sum().item<float>() > 1e9f) { x = one.call(x); } else if (x.sum().item<float>() > 1e8f) { x = two.call(x); } else { x = b.call(x); } return x;")]
    [InlineData("var (p, q) = (x.sum().item<float>() > 1e9f, x.mean().item<float>() > 1e9f); if (!p && !q) { return b.call(x); } if (p) { return one.call(x); } return two.call(x);")]
    [InlineData("return Pick(x);")]
    [InlineData("var s = x.sum().item<float>(); return s > 1e9f ? one.call(x) : s > 1e8f ? two.call(x) : b.call(x);")]
    [InlineData("var s = x.sum().item<float>(); switch (s) { case > 1e9f: return one.call(x); case > 1e8f: return two.call(x); default: return b.call(x); }")]
    public void Each_way_through_questions_on_values_is_linked(string statements)
    {
        var net = Loaded.From(Net(statements, "private readonly Linear one = Linear(16, 3), two = Linear(16, 3);\nprivate Tensor Pick(Tensor t) { if (t.sum().item<float>() > 1e9f) { return one.call(t); } if (t.max().item<float>() > 1e9f) { return two.call(t); } return b.call(t); }").Replace("gate = Linear(16, 1), ", "", StringComparison.Ordinal));
        Assert.Equal(["a.weight", "b.weight", "one.weight", "two.weight"], net.Plan(Batch).Parameters.Select(parameter => parameter.Path).Where(path => path.EndsWith("weight", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        net.Prunes(Batch);
    }

    /// <summary>The second choice reads what the first one left, whichever way both went.</summary>
    [Fact]
    public void What_one_choice_leaves_meets_what_another_reads_on_every_way()
    {
        var net = Loaded.From(Net("""
            var y = x;
            if (x.sum().item<float>() > 0) { y = one.call(x); } else { y = two.call(x); }
            return x.mean().item<float>() > 0 ? b.call(x) : last.call(y);
            """, "private readonly Linear one = Linear(16, 16), two = Linear(16, 16), last = Linear(16, 3);").Replace("gate = Linear(16, 1), ", "", StringComparison.Ordinal));
        Assert.Contains(net.Groups(Batch), group => group.Contains("one.weight[0]", StringComparison.Ordinal) && group.Contains("two.weight[0]", StringComparison.Ordinal) && group.Contains("last.weight[1]", StringComparison.Ordinal));
        net.Prunes(Batch);
    }

    [Theory]
    [InlineData("if (x.shape[1] != 16) { throw new System.ArgumentException(\"width\"); }", "x.shape[1] != 16")]
    [InlineData("if (x.shape[1] < 10 || x.shape[0] > 100) { throw new System.ArgumentException(\"width\"); }", "x.shape[1] < 10")]
    [InlineData("if (!(x.shape[1] == 16)) { throw new System.ArgumentException(\"width\"); }", "not x.shape[1] == 16")]
    [InlineData("System.ArgumentOutOfRangeException.ThrowIfNotEqual(x.shape[1], 16);", "x.shape[1] != 16")]
    [InlineData("System.ArgumentOutOfRangeException.ThrowIfLessThan(x.shape[^1], 10);", "x.shape[^1] < 10")]
    [InlineData("System.Diagnostics.Debug.Assert(x.shape[1] % 16 == 0);", "not x.shape[1] % 16 == 0")]
    [InlineData("Check(x, 16);", "t.shape[1] != width")]
    [InlineData("var c = x.shape[1]; if (c != 16) { throw new System.ArgumentException(\"width\"); }", "c != 16")]
    [InlineData("var one = x.shape[1] == 16 ? 1 : throw new System.ArgumentException(\"width\");", "not x.shape[1] == 16")]
    [InlineData("var width = x.shape[1] < 10 ? throw new System.ArgumentException(\"width\") : x.shape[1]; x = x.view(-1, width);", "x.shape[1] < 10")]
    [InlineData("_ = x.shape[1] == 16 ? x : throw new System.ArgumentException(\"width\");", "not x.shape[1] == 16")]
    [InlineData("if (x.shape is not [_, 16]) { throw new System.ArgumentException(\"width\"); }", "x.shape is not [_, 16]")]
    [InlineData("if (!(x.shape is [.., 16])) { throw new System.ArgumentException(\"width\"); }", "not x.shape is [.., 16]")]
    [InlineData("if (x.size() is [_, < 10 or > 20]) { throw new System.ArgumentException(\"width\"); }", "x.size() is [_, < 10 or > 20]")]
    [InlineData("var s = x.shape; if (s is not { Length: 2 } or not [_, 16]) { throw new System.ArgumentException(\"width\"); }", "s is not { Length: 2 } or not [_, 16]")]
    [InlineData("if (x.shape is [_, var c] && c != 16) { throw new System.ArgumentException(\"width\"); }", "x.shape is [_, var c] && c != 16")]
    public void A_guard_keeps_the_width_that_it_asks_for(string guard, string text)
    {
        var net = Net($"{guard} gate.call(x); return b.call(x);", "private static void Check(Tensor t, long width) { if (t.shape[1] != width) { throw new System.ArgumentException(\"width\"); } }");
        var plan = Loaded.From(net).Plan(Batch);
        Assert.Empty(plan.Groups);
        Assert.Contains(plan.Unpruned, held => held.Layer == "a" && held.Because == $"forward throws where {text}");
    }

    /// <summary>What the input adds to a width is not known where its shape is not given; the rest of the width is asked for all the same.</summary>
    [Theory]
    [InlineData("if (c.shape[1] != 19) { throw new System.ArgumentException(\"width\"); }")]
    [InlineData("System.ArgumentOutOfRangeException.ThrowIfNotEqual(c.shape[1], 19);")]
    [InlineData("if (c.shape[1] == 19) { c = c * 2; }")]
    [InlineData("c = c.shape[1] > 18 ? c * 2 : c;")]
    [InlineData("if (c.shape[1] - x.shape[3] == 15) { c = c * 2; }")]
    [InlineData("while (c.shape[1] < 19) { c = c * 2; }")]
    [InlineData("if (c.shape is [_, 19, ..]) { c = c * 2; }")]
    public void A_condition_on_a_width_that_an_unseen_input_is_part_of_keeps_the_rest_of_it(string condition)
    {
        var net = Loaded.From($$"""
            /// <summary>It.</summary>
            [Prunable]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d a = Conv2d(3, 16, 1), wide = Conv2d(19, 4, 1);
                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    var c = cat([x, a.call(x)], 1);
                    {{condition}}
                    return wide.call(c);
                }
            }
            """);
        foreach (var plan in new[] { net.Plan(), net.Plan([2, 3, 4, 4]) })
        {
            Assert.Empty(plan.Groups);
            Assert.Contains(plan.Unpruned, held => held.Layer == "a");
        }
    }

    /// <summary>What a pattern passes by, or only gives a name to, shrinks like anything else.</summary>
    [Theory]
    [InlineData("if (x.shape is not [var n, var c]) { throw new System.ArgumentException(\"rank\"); } x = x.view(n, 1, c).view(n, c);")]
    [InlineData("if (x.shape is [var n, var c]) { x = x.view(n, 1, c).view(n, c); }")]
    [InlineData("x = x.shape switch { [_] => x.unsqueeze(0), [_, _] => x, _ => throw new System.ArgumentException(\"rank\") };")]
    [InlineData("switch (x.shape) { case [var c]: x = x.view(1, c); break; case [< 0, ..]: throw new System.ArgumentException(\"batch\"); default: x = x * 2; break; }")]
    public void A_pattern_of_a_shape_keeps_no_width_that_it_does_not_ask_for(string statement)
    {
        var net = Loaded.From(Net($"{statement} gate.call(x); return b.call(x);"));
        Assert.Contains(net.Groups(Batch), group => group.StartsWith("a: ", StringComparison.Ordinal));
        net.Prunes(Batch);
    }

    [Theory]
    [InlineData("return x.shape switch { [_, 16] => b.call(x), _ => b.call(x.neg()) };")]
    [InlineData("return x.shape switch { [_, > 20] => b.call(x.neg()), [_, > 12] => b.call(x), _ => b.call(x * 2) };")]
    [InlineData("switch (x.shape) { case [_, 16]: x = x.neg(); break; default: x = x * 2; break; } return b.call(x);")]
    [InlineData("return b.call(x.shape is [_, 16] ? x.neg() : x);")]
    [InlineData("return b.call(x * ((int)x.shape[1] switch { 16 => 2.0, _ => throw new System.ArgumentException(\"width\") }));")]
    public void A_way_that_a_width_chooses_holds_it(string statement)
    {
        var plan = Loaded.From(Net($"gate.call(x); {statement}")).Plan(Batch);
        Assert.Empty(plan.Groups);
        Assert.Contains(plan.Unpruned, held => held.Layer == "a");
    }

    /// <summary>What a guard's condition declares is there behind it.</summary>
    [Theory]
    [InlineData("if (version is not System.Version v) { throw new System.ArgumentException(\"settings\"); } return b.call(x * v.Major);")]
    [InlineData("return b.call(x * (version is System.Version v ? v.Major : throw new System.ArgumentException(\"settings\")));")]
    public void What_a_guard_declares_is_known_behind_it(string statement)
    {
        var net = Loaded.From(Net($"gate.call(x); {statement}", "private readonly object version = new System.Version(2, 1);"));
        Assert.Contains(net.Groups(Batch), group => group.StartsWith("a: ", StringComparison.Ordinal));
        net.Prunes(Batch);
    }

    [Fact]
    public void A_guard_that_two_widths_are_equal_makes_them_shrink_together()
    {
        var net = Loaded.From(Net("""
            var y = other.call(x0);
            if (x.shape[1] != y.shape[1]) { throw new System.ArgumentException("widths"); }
            gate.call(x);
            return b.call(x) + last.call(y);
            """, "private readonly Linear other = Linear(8, 16), last = Linear(16, 3);"));
        Assert.Contains(net.Groups(Batch), group => group.StartsWith("a: ", StringComparison.Ordinal) && group.Contains("other.weight[0]", StringComparison.Ordinal));
        net.Prunes(Batch);
    }

    /// <summary>A number that a width decides is as it was only while the width is.</summary>
    [Theory]
    [InlineData("var scale = x.shape[1] > 10 ? 2.0 : 1.0; return b.call(x * scale);")]
    [InlineData("return b.call(x * (x.shape[1] > 10 ? 2.0 : 1.0));")]
    [InlineData("var scale = a.out_features > 10 ? 2.0 : 1.0; return b.call(x * scale);")]
    [InlineData("var scale = x.numel() > 20 ? 2.0 : 1.0; return b.call(x * scale);")]
    [InlineData("var scale = 1.0; if (x.shape[1] > 10) { scale = 2.0; } return b.call(x * scale);")]
    [InlineData("return b.call(group_norm(x, x.shape[1] >= 16 ? 4 : 1));")]
    public void A_number_chosen_by_a_width_holds_it_or_is_inexact(string statements)
    {
        var plan = Loaded.From(Net("gate.call(x); " + statements)).Plan(Batch);
        Assert.True(plan.Groups.All(group => group.Name != "a" || group.InexactBecause is not null), string.Join(", ", plan.Groups.Select(group => group.Name)));
    }

    [Theory]
    [InlineData("bool all = false", "y[.., all ? TensorIndex.Slice(1, null) : TensorIndex.Slice(0, 1)]", "body.weight head.weight", "head")]
    [InlineData("bool all = true", "y[.., all ? TensorIndex.Slice(1, null) : TensorIndex.Slice(0, 1)]", "body.weight head.weight", "head")]
    [InlineData("bool all = false", "all ? more.call(y) : y", "body.weight head.weight more.weight", "head")]
    [InlineData("System.DayOfWeek day = System.DayOfWeek.Monday", "day switch { System.DayOfWeek.Monday => y, System.DayOfWeek.Friday => more.call(y), _ => y * 2 }", "body.weight head.weight more.weight", "more")]
    public void A_setting_that_may_be_left_out_is_linked_with_each_value(string parameter, string result, string weights, string held)
    {
        var plan = Loaded.From($$"""
            /// <summary>It.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, {{parameter.Split(' ')[0]}}, Tensor>
            {
                private readonly Linear body = Linear(8, 16), head = Linear(16, 4){{(result.Contains("more", StringComparison.Ordinal) ? ", more = Linear(4, 4)" : "")}};
                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();
                /// <inheritdoc/>
                public override Tensor forward(Tensor x, {{parameter}})
                {
                    var y = head.call(relu(body.call(x)));
                    return {{result}};
                }
            }
            """).Plan(Batch);
        Assert.Equal(weights, string.Join(" ", plan.Parameters.Select(parameter => parameter.Path).Where(path => path.EndsWith("weight", StringComparison.Ordinal)).Order(StringComparer.Ordinal)));
        Assert.Contains(plan.Unpruned, layer => layer.Layer == held);
        Assert.Equal("body", Assert.Single(plan.Groups).Name);
    }

    [Theory]
    [InlineData("return Later(x).Result;", "private async System.Threading.Tasks.Task<Tensor> Later(Tensor y) { await System.Threading.Tasks.Task.Yield(); return b.call(y); }")]
    [InlineData("return Later(x).GetAwaiter().GetResult();", "private async System.Threading.Tasks.ValueTask<Tensor> Later(Tensor y) { await System.Threading.Tasks.Task.Yield(); return b.call(y); }")]
    [InlineData("return b.call(x * Later(x).Result);", "private static async System.Threading.Tasks.Task<long> Later(Tensor y) { await System.Threading.Tasks.Task.Yield(); return y.shape[0]; }")]
    [InlineData("System.Func<Tensor, System.Threading.Tasks.Task<Tensor>> later = async y => { await System.Threading.Tasks.Task.Yield(); return b.call(y); }; return later(x).Result;", "")]
    public void What_is_awaited_is_refused(string statements, string members) =>
        Assert.Contains("is awaited", Compiled.Refused(Net(statements, members)).Reports.Single(report => report.Id == "PG0006").GetMessage(), StringComparison.Ordinal);

    private static string Net(string statements, string members = "") => $$"""
        #nullable enable
        /// <summary>What a class may hold.</summary>
        public class Settings
        {
            /// <summary>A number.</summary>
            public double KnownScale { get; } = 2;
        }

        /// <summary>It.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear a = Linear(8, 16), gate = Linear(16, 1), b = Linear(16, 3);
            {{(statements.Contains("settings", StringComparison.Ordinal) ? "private readonly Settings settings = new();" : "")}}
            {{members}}
            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();
            /// <inheritdoc/>
            public override Tensor forward(Tensor x0)
            {
                var x = relu(a.call(x0));
                {{statements}}
            }
            private static void Log(float value) { if (value > 1e9f) { System.Console.WriteLine(value); } }
            {{(statements.Contains("Score", StringComparison.Ordinal) ? "private float Score(Tensor t) => gate.call(t).max().item<float>();" : "")}}
        }
        """;
}
