namespace PruneGen.Generator.Tests;

/// <summary>What models do that were not written for PruneGen: each must prune as any other does.</summary>
public class PublicPatternsTests
{
    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";

    private static readonly long[] Image = [2, 3, 8, 8];

    [Theory]
    [InlineData("Parts(conv1.call(x), out var first, out _); x = first;", "private static void Parts(Tensor t, out Tensor a, out long b) { a = relu(t); b = t.shape[1]; }")]
    [InlineData("Parts(conv1.call(x), x.shape[1] > 4, out x);", "private static void Parts(Tensor t, bool wide, out Tensor a) { if (wide) { a = t; } else { a = relu(t); } }")]
    [InlineData("x = conv1.call(x); Add(ref x); ", "private void Add(ref Tensor t) { t = t + conv2.call(t); }")]
    [InlineData("Early(conv1.call(x), out x, out var rows); x = x[.., .., ..(int)rows];", "private static void Early(Tensor t, out Tensor made, out long rows) { made = t; rows = t.shape[2]; if (t.shape[1] < 2) return; made = relu(t); if (rows > 100) { rows = 7; } }")]
    [InlineData("x = Parts(conv1.call(x), out _);", "private static Tensor Parts(Tensor t, out Tensor? last) { last = null; if (t.shape[1] > 2) { t = relu(t); } return t; }")]
    [InlineData("if (Try(x, out var y)) { x = y; } ", "private bool Try(Tensor t, out Tensor made) { made = conv1.call(t); return true; }")]
    public void A_helper_hands_tensors_out(string statements, string member) => Prunes(statements, member);

    [Theory]
    [InlineData("var (n, c, h, w) = x.shape;")]
    [InlineData("var (n, c, h, w) = x.size();")]
    [InlineData("long n, c, h, w; (n, c, h, w) = x.shape;")]
    public void Shapes_are_taken_apart_by_a_Deconstruct_of_the_user(string statement) =>
        Prunes($"x = conv1.call(x);\n{statement}\nx = conv2.call(x.view(n, c, h * w).view(n, c, h, w));", after: Deconstructs);

    [Fact]
    public void Lists_of_tensors_are_taken_apart_by_a_Deconstruct_of_the_user() =>
        Prunes("var (a, b) = conv1.call(x).chunk(2, 1);\nx = conv2.call(cat(new[] { a, b }, 1));", after: Deconstructs);

    [Theory]
    [InlineData("x = conv1.call(x); x = x[At(..), At(..)];")]
    [InlineData("x = conv1.call(x); var all = At(..); x = x[all, all, At(..8), At(0..)];")]
    [InlineData("x = conv1.call(x); x = x[At(..), At(..), At(^8..), At(..^0)];")]
    [InlineData("x = conv1.call(x); TensorIndex rows = training ? TensorIndex.Slice(1, null) : TensorIndex.Slice(0, 8); x = x[.., .., rows];")]
    public void Ranges_and_indices_go_through_variables_and_helpers(string statements) => Prunes(statements, """
        private static TensorIndex At(System.Range range)
        {
            long? start = !range.Start.IsFromEnd ? range.Start.Value : -1 * range.Start.Value;
            var stop = !range.End.IsFromEnd ? new long?(range.End.Value) : range.End.Value == 0 ? null : new long?(-1 * range.End.Value);
            return TensorIndex.Slice(start, stop);
        }
        """);

    [Theory]
    [InlineData("x = torch.nn.ReLU().forward(conv1.call(x));")]
    [InlineData("x = conv1.call(x); x = x * torch.nn.Softmax(-1).forward(x);")]
    [InlineData("x = conv1.call(x); x = conv2.call(x) + torch.nn.LogSoftmax(2).call(x);")]
    [InlineData("foreach (var layer in ModuleList(new Conv2d[] { conv1, conv2 })) { x = relu(layer.forward(x)); }")]
    public void Layers_without_parameters_and_lists_are_made_where_they_are_used(string statements) => Prunes(statements);

    [Theory]
    [InlineData("try { x = conv1.call(x); } catch (System.Exception e) { System.Console.WriteLine(e); throw; }")]
    [InlineData("try { x = conv1.call(x); } catch (System.ArgumentException e) { throw new System.InvalidOperationException(\"no\", e); } finally { left?.Dispose(); }")]
    public void A_catch_that_throws_again_is_no_way_of_its_own(string statements) => Prunes($"Tensor? left = null;\n{statements}\nleft = x;");

    [Fact]
    public void A_throw_may_stand_behind_the_last_return() => Loaded.From(Models.WithForward($$"""
        x = conv1.call(x);
        if (x.ndim == 4 && x.shape[2] == 8)
        {
            {{Head}}
        }

        throw new System.ArgumentException("Images are 8 high.");
        """)).Prunes(Image);

    [Theory]
    [InlineData("OnStart?.Invoke(this); x = conv1.call(x);")]
    [InlineData("if (OnStart != null) { OnStart(this); } x = conv1.call(x);")]
    public void An_action_that_is_handed_the_model_changes_no_tensor(string statements) =>
        Prunes(statements, "/// <summary>Told first.</summary>\npublic System.Action<Module>? OnStart { get; set; }");

    [Theory]
    [InlineData("x = conv1.call(x) * torch.max(x.shape[2] / 2, 1.0);")]
    [InlineData("x = conv1.call(x); x = x + torch.tile(Scales, new long[] { 2 }).sum();")]
    [InlineData("x = conv1.call(x); x = x * torch.log(torch.pow(2.0, 3.0));")]
    public void Numbers_and_arrays_become_tensors(string statements) => Prunes(statements, "private static readonly double[] Scales = { 0.5, 2 };");

    [Theory]
    [InlineData("x = Pad(conv1.call(x), (1, 2));", "private static Tensor Pad(Tensor t, (long left, long right) by) => pad(t, new long[] { by.left, by.right - 2, 0, by.Item1 })[.., .., ..8, ..8];")]
    [InlineData("x = Scale(conv1.call(x), times);", "private readonly int times = 2;\nprivate static Tensor Scale(Tensor t, int? by = null) => t.view(t.shape[0], t.shape[1], by ?? 1, -1).view(t.shape[0], t.shape[1], t.shape[2], t.shape[3]);")]
    [InlineData("x = Scale(conv1.call(x), x.shape[2]);", "private static Tensor Scale(Tensor t, long? by = null) => t.view(t.shape[0], t.shape[1], by.HasValue ? by.Value : 1, -1).view(t.shape);")]
    [InlineData("x = Scale(conv1.call(x), times);", "private readonly int times = 2;\nprivate static Tensor Scale(Tensor t, int? by = null) => t.view(t.shape[0], t.shape[1], by!.Value, -1).view(t.shape);")]
    [InlineData("x = Any(conv1.call(x));", "private static Tensor Any(object input) { if (input is string text) { return torch.zeros(text.Length); } else if (input is Tensor tensor) { return tensor; } throw new System.ArgumentException(); }")]
    public void A_helper_takes_more_than_it_is_given_here(string statements, string member) => Prunes(statements, member);

    [Theory]
    [InlineData("x = Join(x, (h, w));")]
    [InlineData("(long, long) size = (h, w); x = Join(x, size);")]
    [InlineData("var size = (h, w); if (training) { size = (w, h); } x = Join(x, size);")]
    [InlineData("(h, w) = (w, h); x = Join(x, (w, h));")]
    public void A_tuple_of_sizes_that_branches_gave_is_taken_apart_in_a_helper(string statements) => Prunes(
        $"x = conv1.call(x);\nlong h = 8, w = 8;\nif (x.shape[2] > 2) {{ h = x.shape[2]; w = x.shape[3]; x = x.flatten(2); }}\n{statements}",
        "private static Tensor Join(Tensor t, (long, long) size) { var (height, width) = size; return t.view(t.shape[0], -1, height, width); }");

    [Fact]
    public void A_tuple_of_sizes_is_of_the_type_that_its_variable_has() => Prunes(
        "x = conv1.call(x);\n(int, int) size = (0, 0);\nif (x.shape[2] > 2) { (x, size) = Flat(x, 2); }\nx = Join(x, size);",
        """
        private static (Tensor, (int, int)) Flat(Tensor t, int by) { int height = (int)t.shape[2], wide = (int)(t.shape[3] / by) * by; return (t.flatten(2), (height, wide)); }
        private static Tensor Join(Tensor t, (int, int) size) { (int height, int width) = size; return t.view(t.shape[0], -1, height, width); }
        """);

    [Theory]
    [InlineData("x = attention.forward(q.forward(x), k.forward(x), v.forward(x), null, true, null).Item1 + x;")]
    [InlineData("var (y, _) = attention.call(q.call(x), k.call(x), v.call(x)); x = y + x;")]
    [InlineData("var pair = attention.call(q.call(x), k.call(x), v.call(x)); if (x.shape[0] > 2) { x = pair.Item1 + x; } else { x = x + pair.Item1; }")]
    [InlineData("x = Attend(x).Item1 + x;")]
    [InlineData("foreach (var one in several) { x = one.call(x, x, x).Item1 + x; }")]
    public void The_tuple_that_attention_gives_is_two_results(string statements)
    {
        Loaded.From($$"""
            using System;

            /// <summary>Under test.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(12, 16), q = Linear(16, 16), k = Linear(16, 16), v = Linear(16, 16), hidden = Linear(16, 24), last = Linear(24, 4);
                private readonly MultiheadAttention attention = MultiheadAttention(16, 2);
                private readonly ModuleList<MultiheadAttention> several = ModuleList(MultiheadAttention(16, 2), MultiheadAttention(16, 4));

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    x = first.call(x);
                    {{statements}}
                    return last.call(relu(hidden.call(x)));
                }

                private System.Tuple<Tensor, Tensor> Attend(Tensor x)
                {
                    if (x.shape[0] > 100)
                    {
                        return attention.call(x, x, x);
                    }

                    return attention.call(q.call(x), k.call(x), v.call(x));
                }
            }
            """).Prunes([5, 2, 12]);
    }

    [Theory]
    [InlineData("x = x / System.Math.Sqrt(x.shape[1]);")]
    [InlineData("x = x * (1.0 / System.Math.Sqrt(x.size(1)));")]
    [InlineData("var width = x.shape[1]; var scale = System.Math.Pow(width, -0.5); x = x.mul(scale);")]
    [InlineData("x = x / x.shape[1];")]
    [InlineData("x = x.div(x.shape[1]);")]
    [InlineData("long n = 1; if (training) { n = x.shape[1]; } else { n = x.shape[1] / 2; } x = x / n;")]
    [InlineData("x = x + x.sum(1, true) / x.shape[1];")]
    public void A_number_that_is_computed_from_a_width_makes_its_group_inexact(string statements)
    {
        var loaded = Loaded.From(Models.WithForward($"x = conv1.call(x);\n{statements}\n{Head}"));
        Assert.Equal("forward computes with its width", loaded.Plan(Image).Groups.First(group => group.Name == "conv1").InexactBecause);
    }

    [Fact]
    public void A_width_that_a_variable_holds_after_a_branch_stays_for_it_may_become_a_size_again()
    {
        var loaded = Loaded.From(Models.WithForward($"x = conv1.call(x);\ndouble scale = 1; if (!training) {{ scale = (float)x.shape[1] / 2; }} x = x * scale;\n{Head}"));
        Assert.DoesNotContain("conv1", loaded.Plan(Image).Groups.Select(group => group.Name));
        loaded.Prunes(Image);
    }

    [Theory]
    [InlineData("x = x / System.Math.Sqrt(x.shape[2]);")]
    [InlineData("x = x * (x.size(0) / 2.0);")]
    [InlineData("x = x / x.shape[3];")]
    [InlineData("var (n, c, h) = (x.shape[0], x.shape[1], x.shape[2]); x = x.view(n, c, -1).view(n, c, h, -1);")]
    public void A_number_that_is_computed_from_other_sizes_does_not(string statements)
    {
        var loaded = Loaded.From(Models.WithForward($"x = conv1.call(x);\n{statements}\n{Head}"));
        Assert.True(loaded.Plan(Image).Groups.First(group => group.Name == "conv1").Exact);
        loaded.Prunes(Image);
    }

    [Theory]
    [InlineData("for (var i = 0; i < 2; i++) { x = ((Module<Tensor, Tensor>)parts[i]).forward(x); }")]
    [InlineData("for (var i = 0; i < 2; i++) { x = ((Module<Tensor, Tensor>)(Module)parts[i]).call(x); }")]
    [InlineData("x = parts[1].call(parts[0].call(x));")]
    public void Parts_of_a_Sequential_are_called_as_modules(string statements) =>
        Prunes($"x = conv1.call(x);\n{statements}", "private readonly Sequential parts = Sequential(Conv2d(16, 24, 1), Conv2d(24, 16, 1));");

    [Fact]
    public void A_loop_as_long_as_a_tensor_says() =>
        Prunes("x = conv1.call(x);\nvar rounds = (x[0, 0, 0, 0] * 0).to(ScalarType.Int64).item<long>() + 1;\nfor (var i = 0; i < rounds; i++) { x = relu(conv2.call(x)); }");

    [Fact]
    public void An_object_that_forward_makes_runs_its_own_methods() => Prunes(
        "x = conv1.call(x);\nvar maker = new Maker(2, causal: true);\nx = x * maker.Make(x, (int)x.shape[3]);",
        after: """
        internal sealed class Maker
        {
            private readonly bool causal;
            private readonly int? times;

            public Maker(int? times, bool causal)
            {
                this.causal = causal;
                this.times = times;
            }

            public Tensor Make(Tensor x, int length)
            {
                if (!causal)
                {
                    throw new System.InvalidOperationException();
                }

                var mask = torch.ones(new long[] { length, length }, dtype: x.dtype);
                return times is null ? mask : mask * 2;
            }
        }
        """);

    [Theory]
    [InlineData("private int times;", "this.times = times;", "public void More() => times++;")]
    [InlineData("private readonly int times;", "times += 1; this.times = times;", "")]
    [InlineData("private readonly int times;", "this.times = times; this.times *= 2;", "")]
    [InlineData("public int times { get; set; }", "this.times = times;", "")]
    public void What_may_change_in_an_object_is_not_what_it_was_made_with(string member, string constructor, string more)
    {
        const string Cut = "x.view(x.shape[0], times, -1, 8, 8).flatten(1, 2)";
        var source = Models.WithForward($"x = conv1.call(x);\nx = new Maker(2).Make(x);\n{Head}") + $$"""

            internal sealed class Maker
            {
                {{member}}
                public Maker(int times) { {{constructor}} }
                {{more}}
                public Tensor Make(Tensor x) => {{Cut}};
            }
            """;
        Compiled.From(source).Reported("PG0006", "times");
    }

    [Fact]
    public void A_child_that_registers_nothing_is_refused_when_it_is_linked()
    {
        var net = Loaded.From("""
            #pragma warning disable PG0028
            /// <summary>A part that forgets to register what it has.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Part : Module<Tensor, Tensor>
            {
                private readonly Linear? first = Linear(4, 8);

                /// <summary>Creates it.</summary>
                public Part() : base("part") { }

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => Run(x);

                /// <summary>Runs it.</summary>
                public Tensor Run(Tensor x) => first is not null ? first.call(x) : x;
            }

            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear stem = Linear(4, 4);
                private readonly Part part = new();

                /// <summary>Creates it.</summary>
                public Net() : base("net") => register_module("stem", stem);

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => part.Run(stem.call(x));
            }
            """);
        var thrown = Assert.ThrowsAny<Exception>(() => net.Groups([2, 4]));
        Assert.Contains("RegisterComponents()", (thrown.InnerException ?? thrown).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_child_keeps_to_itself_is_found_by_its_name() => Loaded.From(Input.Read("PrivateOfAChild")).Prunes(Image);

    [Fact]
    public void Parameters_stand_in_lists_and_dictionaries() => Loaded.From("""
        /// <summary>Convolutions with normalised weights.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly ParameterDict weights = new();
            private readonly ParameterList shifts;

            /// <summary>Creates it.</summary>
            public Net() : base("net")
            {
                weights.Add("in.v", Parameter(randn(8, 3, 3)));
                weights.Add("in.g", Parameter(randn(8, 1, 1)));
                weights.Add("out", Parameter(randn(4, 8, 1)));
                shifts = ParameterList(Parameter(randn(8)), Parameter(randn(4)));
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var v = weights["in.v"];
                var norm = v.pow(2).sum(new long[] { 1, 2 }, keepdim: true).sqrt();
                x = relu(conv1d(x, v / (norm + 1e-3) * weights["in.g"], shifts[0], padding: 1));
                return conv1d(x, weights["out"], shifts[1]);
            }
        }
        """).Prunes([2, 3, 16]);

    [Fact]
    public void A_class_that_only_fills_a_Sequential_is_one() => Loaded.From("""
        internal class ConvBlock : Sequential
        {
            public ConvBlock(long from, long to) : base(("conv", Conv2d(from, to, 3, padding: 1)), ("norm", BatchNorm2d(to)), ("act", ReLU())) { }
        }

        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> first = new ConvBlock(3, 8);
            private readonly Conv2d head = Conv2d(8, 4, 1);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => head.call(first.call(x));
        }
        """).Prunes(Image);

    [Theory]
    [InlineData("forward(Tensor x, bool twice = true)")]
    [InlineData("Forward(Tensor x, bool twice = true)")]
    [InlineData("call(Tensor x, bool twice = true)")]
    public void A_forward_that_only_throws_gives_way_to_the_method_that_is_meant(string signature)
    {
        var compiled = Compiled.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <summary>Runs it.</summary>
                public Tensor {{signature}} => fc2.call(twice ? fc1.call(x) * 2 : fc1.call(x));

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => throw new System.NotImplementedException();
            }
            """).Clean();
        Assert.Contains(compiled.Table, line => line.StartsWith("fc1 made by fc1", StringComparison.Ordinal));
    }

    /// <summary>What a base class asks for may hand on to an overload, without something that it cannot do without.</summary>
    [Theory]
    [InlineData("=> forward(x, null);")]
    [InlineData("{ x = x * 2; return forward(x, scale: null); }")]
    public void A_forward_that_always_throws_leaves_it_to_the_overload_that_does_not(string body)
    {
        var compiled = Compiled.From($$"""
            #nullable enable
            /// <summary>Under test.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) {{body}}

                /// <summary>Runs it.</summary>
                public Tensor forward(Tensor x, Tensor? scale)
                {
                    if (scale is null)
                    {
                        throw new System.ArgumentNullException(nameof(scale));
                    }

                    return fc2.call(relu(fc1.call(x)) * scale);
                }
            }
            """).Clean();
        Assert.Contains(compiled.Table, line => line.StartsWith("fc1 made by fc1", StringComparison.Ordinal));
    }

    [Fact]
    public void An_overload_of_a_childs_forward_is_not_taken_for_the_one_that_it_is_linked_by()
    {
        var net = Loaded.From("""
            /// <summary>A part with two ways in.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Part : Module<Tensor, Tensor>
            {
                private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 8);

                /// <summary>Creates it.</summary>
                public Part() : base("part") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => relu(fc1.call(x));

                /// <summary>Another way in.</summary>
                public Tensor forward(Tensor x, int times)
                {
                    x = fc1.call(x);
                    for (var i = 0; i < times; i++)
                    {
                        x = x + relu(fc2.call(x));
                    }

                    return x;
                }
            }

            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Part part = new();
                private readonly Linear head = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => head.call(part.forward(x, 2));
            }
            """);
        Assert.Contains(net.Groups([2, 4]), group => group.Contains("part.fc2.weight[0]", StringComparison.Ordinal) && group.Contains("part.fc1.weight[0]", StringComparison.Ordinal));
        net.Prunes([2, 4]);
    }

    /// <summary>From the eighth element on, a tuple is one tuple inside of another.</summary>
    [Theory]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(16)]
    public void A_tuple_may_have_more_elements_than_ValueTuple_has_parameters(int count)
    {
        string Each(string text) => string.Join(", ", Enumerable.Range(1, count).Select(i => text.Replace("#", $"{i}", StringComparison.Ordinal)));
        var source = $$"""
            /// <summary>Gives many.</summary>
            [Prunable(Structured)]
            public partial class Many : Module<Tensor, ({{Each("Tensor")}})>
            {
                private readonly Linear body = Linear(8, 16), head = Linear(16, 4);

                /// <summary>Creates it.</summary>
                public Many() : base("many") => RegisterComponents();

                /// <inheritdoc/>
                public override ({{Each("Tensor")}}) forward(Tensor x)
                {
                    var h = head.call(relu(body.call(x)));
                    return ({{Each("h * #")}});
                }
            }

            /// <summary>Takes many.</summary>
            [Prunable(Structured)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Many many = new();
                private readonly Linear fc = Linear(4, 2);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    var ({{Each("a#")}}) = many.call(x);
                    var all = many.call(x);
                    var (first, last) = Ends(all);
                    return fc.call(a1 + a{{count}} + all.Item{{count}} + first - last);
                }

                private static (Tensor, Tensor) Ends(({{Each("Tensor t#")}}) all) => (all.t1, all.t{{count}});
            }
            """;
        Loaded.From(source).Prunes([2, 8]);
        Loaded.From(source.Replace("class Net ", "class User ", StringComparison.Ordinal).Replace("Net()", "User()", StringComparison.Ordinal).Replace("class Many ", "class Net ", StringComparison.Ordinal).Replace("Many()", "Net()", StringComparison.Ordinal).Replace("Many many", "Net many", StringComparison.Ordinal)).Prunes([2, 8]);
    }

    private static void Prunes(string statements, string member = "", string after = "") =>
        Loaded.From($"{Models.WithForward($"{statements}\n{Head}", member)}\n{after}").Prunes(Image);

    private const string Deconstructs = """
        internal static class Extensions
        {
            public static void Deconstruct<T>(this T[] list, out T a, out T b)
            {
                if (list == null || list.Length != 2)
                {
                    throw new System.ArgumentException(nameof(list));
                }

                a = list[0];
                b = list[1];
            }

            public static void Deconstruct<T>(this T[] list, out T a, out T b, out T c, out T d)
            {
                (a, b) = (list[0], list[1]);
                c = list[2];
                d = list[^1];
            }
        }
        """;
}
