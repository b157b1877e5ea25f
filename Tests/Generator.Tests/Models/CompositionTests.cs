namespace PruneGen.Generator.Tests;

/// <summary>Models made of models, lists of layers, and whatever else hands tensors around.</summary>
public class CompositionTests
{
    /// <summary>A U-Net that keeps its skips in a list.</summary>
    internal static readonly string UNet = Input.Read("UNet");

    internal const string AnyInputs = """
            /// <summary>A block that asks for more than a tensor.</summary>
            [Prunable]
            public sealed partial class Block : Module<Tensor, Tensor?, long, bool, Tensor>
            {
                private readonly Linear fc1 = Linear(12, 12), fc2 = Linear(12, 12);

                /// <summary>Creates it.</summary>
                public Block() : base("block") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x, Tensor? bias, long batch, bool deep)
                {
                    var y = relu(fc1.call(x)).view(batch, -1);
                    if (bias is not null)
                    {
                        y = y + bias;
                    }

                    return deep ? fc2.call(y) : y;
                }
            }

            /// <summary>Under test.</summary>
            [Prunable]
            public sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(8, 12), last = Linear(12, 3);
                private readonly Block block = new();

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    x = first.call(x);
                    var y = block.call(x, null, x.shape[0], true);
                    return last.call(block.call(y, x, y.shape[0], y.dim() == 2));
                }
            }
            """;

    private static readonly long[][] Row = [[4, 8]];

    [Fact]
    public Task ResNet() => Verify(Compiled.From(Compiled.Parse("#nullable enable\n" + Compiled.Usings + ControlFlowTests.ResNet, "ResNet.cs")).Clean().Driver);

    [Fact]
    public Task UNetWithASkipList() => Verify(Compiled.From(Compiled.Parse("#nullable enable\n" + Compiled.Usings + UNet, "UNet.cs")).Clean().Driver);

    [Theory]
    [InlineData(16)]
    [InlineData(18)]
    public void Skips_in_a_list_join_what_they_skip(int side)
    {
        var net = Loaded.From(UNet);
        Assert.Contains(net.Groups(), group => group.StartsWith("down.0.conv2: down.0.conv2.weight[0]", StringComparison.Ordinal) && group.Contains("up.1.conv1.weight[1]", StringComparison.Ordinal));
        net.Prunes([1, 3, side, side]);
    }

    [Fact]
    public void Inputs_of_any_kind_go_to_a_nested_model()
    {
        var net = Loaded.From(AnyInputs);
        Assert.Contains(net.Groups([4, 8]), group => group.Contains("block.fc1.weight[0]", StringComparison.Ordinal));
        net.Prunes(Row);
    }

    [Fact]
    public void Records_carry_tensors_between_models()
    {
        var net = Loaded.From(Input.Read("RecordOfTensors"));
        Assert.Contains("first: first.weight[0] first.bias[0] block.fc.weight[0] block.fc.weight[1] block.fc.bias[0] last.weight[1]", net.Prunes(Row).Groups());
    }

    [Fact]
    public void A_model_of_two_inputs_and_two_results() => Loaded.From("""
        /// <summary>Under test.</summary>
        [Prunable]
        public sealed partial class Net : Module<Tensor, Tensor, (Tensor, Tensor)>
        {
            private readonly Linear left = Linear(8, 12), right = Linear(6, 12), up = Linear(12, 3), down = Linear(12, 4);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override (Tensor, Tensor) forward(Tensor a, Tensor b)
            {
                var (x, y) = Both(a, b);
                return (up.call(x + y), down.call(x));
            }

            private (Tensor X, Tensor Y) Both(Tensor a, Tensor b) => (relu(left.call(a)), relu(right.call(b)));
        }
        """).Prunes([4, 8], [4, 6]);

    [Fact]
    public void An_optional_input_and_defaults()
    {
        var compiled = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public sealed partial class Net : Module
            {
                private readonly Linear fc1 = Linear(8, 12), fc2 = Linear(12, 3);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <summary>Runs it.</summary>
                public Tensor forward(Tensor x, Tensor? mask = null, int times = 2, string mode = "plain")
                {
                    x = fc1.call(x);
                    for (var i = 0; i < times; i++)
                    {
                        x = mode == "plain" ? relu(x) : x;
                    }

                    return fc2.call(mask is null ? x : x * mask);
                }
            }
            """).Clean();
        Assert.Contains("inputs => new[] { forward(inputs[0], inputs.Length > 1 ? inputs[1] : null, 2, \"plain\") }", compiled.Text, StringComparison.Ordinal);
        Assert.Contains("int global::PruneGen.IPrunable.OptionalInputCount => 1;", compiled.Text, StringComparison.Ordinal);
        Assert.Contains("A batch may bring <c>mask</c> behind the other inputs; what it does not bring is null.", compiled.Text, StringComparison.Ordinal);
        Assert.Contains("LinkInputs global::PruneGen.IPrunable.BatchInputs(global::PruneGen.Axes.AxisTensor[] tensors) => new(new object?[] { tensors[0], tensors.Length > 1 ? tensors[1] : null, 2, \"plain\" });", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_that_asks_for_more_than_tensors_is_linked_by_others_only()
    {
        var text = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public sealed partial class Net : Module<Tensor, int, Tensor>
            {
                private readonly Linear fc = Linear(8, 8);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x, int times)
                {
                    for (var i = 0; i < times; i++)
                    {
                        x = fc.call(x);
                    }

                    return x;
                }
            }
            """).Sound().Text;
        Assert.DoesNotContain("Compact(", text, StringComparison.Ordinal);
        Assert.Contains("for (int i = 0; link.Again(() => i < times); i++)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("private readonly ModuleDict<Linear> parts = ModuleDict(new (string, Linear)[] { (\"a\", Linear(8, 12)), (\"b\", Linear(12, 12)) });", "x = relu(parts[\"a\"].call(x));\nx = relu(parts[\"b\"].call(x));")]
    [InlineData("private readonly ModuleDict<Linear> parts = ModuleDict(new (string, Linear)[] { (\"a\", Linear(8, 12)), (\"b\", Linear(12, 12)) });", "foreach (var (name, part) in parts) { x = relu(part.call(x)); }")]
    [InlineData("private readonly Sequential parts = Sequential(Linear(8, 12), ReLU(), Linear(12, 12));", "foreach (var part in parts.children()) { x = ((Module<Tensor, Tensor>)part).call(x); }")]
    [InlineData("private readonly Sequential parts = Sequential(Linear(8, 12), ReLU(), Linear(12, 12));", "for (var i = 0; i < parts.Count; i++) { x = parts[i].call(x); }")]
    [InlineData("private readonly ModuleList<Module<Tensor, Tensor>> parts = ModuleList<Module<Tensor, Tensor>>(Linear(8, 12), ReLU(), Linear(12, 12));", "x = parts.Aggregate(x, (h, part) => part.call(h));")]
    [InlineData("private readonly ModuleList<Module> parts = new() { Linear(8, 12), ReLU(), Linear(12, 12) };", "foreach (var part in parts) { x = part switch { Linear fc => relu(fc.call(x)), Module<Tensor, Tensor> other => other.call(x), _ => throw new InvalidOperationException() }; }")]
    [InlineData("private readonly ModuleList<Module> parts = new() { Linear(8, 12), ReLU(), Linear(12, 12) };", "foreach (var part in parts) { x = part is Linear fc ? relu(fc.call(x)) : ((Module<Tensor, Tensor>)part).call(x); }")]
    [InlineData("private readonly ModuleList<Module> parts = new() { Linear(8, 12), ReLU(), Linear(12, 12) };", "foreach (var part in parts) { switch (part) { case Linear { bias: not null } fc when fc.out_features > 3: x = fc.call(x); break; case Module<Tensor, Tensor> other: x = other.call(x); break; } }")]
    [InlineData("private readonly ModuleList<Linear> parts = new() { Linear(8, 12), Linear(8, 12) };", "x = parts.Select(part => relu(part.call(x))).Aggregate((a, b) => a + b);")]
    [InlineData("private readonly ModuleList<Linear> parts = new() { Linear(8, 6), Linear(8, 6) };", "x = torch.cat(parts.Select(part => part.call(x)).ToArray(), 1);")]
    [InlineData("private readonly ModuleList<Linear> parts = new() { Linear(8, 6), Linear(8, 6) };", "var all = new List<Tensor>();\nforeach (var part in parts) all.Add(part.call(x));\nall.Reverse();\nx = torch.cat(all, 1);")]
    [InlineData("private readonly Linear one = Linear(8, 12);\n    private Module<Tensor, Tensor> Pick(bool first) => first ? one : one;", "x = Pick(training).call(x);")]
    [InlineData("private readonly Linear one = Linear(8, 12);\n    private readonly Func<Tensor, Tensor> act = t => relu(t);", "x = act(one.call(x));")]
    [InlineData("private readonly Linear one = Linear(8, 12);\n    private readonly Func<Tensor, Tensor> act;\n    private static Tensor Gate(Tensor t) => torch.sigmoid(t) * t;", "x = act(one.call(x));", "act = Gate;")]
    [InlineData("private readonly LSTM lstm = LSTM(8, 12, batchFirst: true);", "var (y, _, _) = lstm.call(x.unsqueeze(1));\nx = y[.., -1];")]
    [InlineData("private readonly Linear qkv = Linear(8, 36);", "var parts = qkv.call(x).chunk(3, -1);\nvar (q, k, v) = (parts[0], parts[1], parts[2]);\nx = q * k + v;")]
    [InlineData("private readonly Linear one = Linear(8, 12);\n    private readonly Parameter scale = torch.nn.Parameter(torch.ones(12)), token = torch.nn.Parameter(torch.zeros(1, 12));", "x = one.call(x) * scale + token.expand(x.shape[0], -1);")]
    [InlineData("private readonly Linear one = Linear(8, 12), two = Linear(12, 12);", "x = linear(one.call(x), two.weight, two.bias);")]
    [InlineData("private readonly Linear one = Linear(8, 12);\n    private Tensor? seen;", "x = one.call(x);\nseen = x;\nx = relu(seen) + x;")]
    [InlineData("private readonly Linear one = Linear(8, 12), two = Linear(8, 12);", "var (a, b) = (one.call(x), two.call(x));\n(a, b) = (b, a);\nfor (var i = 0; i < 3; i++) { (a, b) = (b + 1, a); }\nx = a - b;")]
    [InlineData("private readonly Linear one = Linear(8, 12);", "Tensor Twice(Tensor t, Func<Tensor, Tensor> f) => f(f(t));\nx = Twice(one.call(x), t => relu(t) * 2);")]
    public void Layers_in_every_container_and_every_way_to_call_them(string members, string statements, string create = "") => Loaded.From($$"""
        using System;
        using System.Linq;
        using System.Collections.Generic;

        /// <summary>Under test.</summary>
        [Prunable]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            {{members}}
            private readonly Linear head = Linear(12, 12), last = Linear(12, 3);

            /// <summary>Creates it.</summary>
            public Net() : base("net")
            {
                {{create}}
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                {{statements}}
                return last.call(head.call(x));
            }
        }
        """).Prunes(Row);

    [Fact]
    public void The_hooks_of_a_derived_class_are_read_in_the_forward_of_its_base() => Loaded.From("""
        /// <summary>Above it.</summary>
        public abstract class Base : Module<Tensor, Tensor>
        {
            /// <summary>Creates it.</summary>
            protected Base() : base("base") { }

            /// <summary>Its layers.</summary>
            protected abstract Module<Tensor, Tensor> Body { get; }

            /// <summary>Its end.</summary>
            protected abstract Tensor End(Tensor x);

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => End(relu(Body.call(x)));
        }

        /// <summary>Under test.</summary>
        [Prunable]
        public sealed partial class Net : Base
        {
            private readonly Linear fc1 = Linear(8, 12), fc2 = Linear(12, 3);

            /// <summary>Creates it.</summary>
            public Net() => RegisterComponents();

            /// <inheritdoc/>
            protected override Module<Tensor, Tensor> Body => fc1;

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => base.forward(x) * 2;

            /// <inheritdoc/>
            protected override Tensor End(Tensor x) => fc2.call(x);
        }
        """).Prunes(Row);

    [Fact]
    public void Modules_given_to_a_constructor_are_found_where_they_are() => Loaded.From("""
        /// <summary>Adds what a module makes of its input.</summary>
        [Prunable]
        public sealed partial class Residual : Module<Tensor, Tensor>
        {
            private readonly Module<Tensor, Tensor> inner;

            /// <summary>Creates it.</summary>
            public Residual(System.Func<Module<Tensor, Tensor>> create) : base("residual")
            {
                inner = create();
                RegisterComponents();
            }

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => x + inner.call(x);
        }

        /// <summary>Under test.</summary>
        [Prunable]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear fc1 = Linear(8, 12), fc2 = Linear(12, 3);
            private readonly Residual residual = new(() => Sequential(Linear(12, 20), ReLU(), Linear(20, 12)));

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => fc2.call(relu(residual.call(fc1.call(x))));
        }
        """).Prunes(Row);

    [Fact]
    public void A_forward_that_replaces_another_of_the_users_is_no_call_of_TorchSharps()
    {
        var text = Compiled.From("""
            internal class Base : Module
            {
                protected readonly Linear fc1 = Linear(8, 8);
                public Base() : base("base") { }
                public virtual Tensor forward(Tensor x) => fc1.call(x);
            }

            [Prunable]
            internal sealed partial class Net : Base
            {
                private readonly Linear fc2 = Linear(8, 8);
                public Net() => RegisterComponents();
                public override Tensor forward(Tensor x) => fc2.call(base.forward(x));
            }
            """).Clean().Text;
        Assert.Contains("inputs => new[] { forward(inputs[0]) }", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = ((Block)inner).fc.call(x) * ((Block)inner).Gain;")]
    [InlineData("x = (inner as Block)!.fc.call(x) * (inner as Block)!.Gain;")]
    [InlineData("var block = (Block)inner; x = block.fc.call(x) * block.Gain;")]
    [InlineData("if (inner is Block block) { x = block.fc.call(x) * block.Gain; }")]
    public void The_parts_of_a_layer_that_is_cast_to_its_class(string statements)
    {
        var net = Loaded.From($$"""
            [Prunable] internal partial class Block : Module<Tensor, Tensor>
            {
                public readonly Linear fc = Linear(8, 12);
                public Tensor Gain { get; } = rand(12);
                public Block() : base("block") => RegisterComponents();
                public override Tensor forward(Tensor x) => fc.call(x);
            }

            [Prunable] internal partial class Net : Module<Tensor, Tensor>
            {
                private readonly Module<Tensor, Tensor> inner;
                private readonly Linear last = Linear(12, 3);
                public Net() : this(new Block()) { }
                private Net(Module<Tensor, Tensor> inner) : base("net") { this.inner = inner; RegisterComponents(); }
                public override Tensor forward(Tensor x) { {{statements}} return last.call(x); }
            }
            """);
        Assert.Equal(["inner.fc: inner.fc.weight[0] inner.fc.bias[0] inner.<Gain>k__BackingField[0] last.weight[1]"], net.Groups([4, 8]));
        net.Prunes([4, 8]);
    }

    /// <summary>RegisterComponents passes over them, which matters only of layers that have something to register.</summary>
    [Theory]
    [InlineData("private static readonly ReLU relu = ReLU();", "relu.call(x)")]
    [InlineData("private static readonly Sequential tail = Sequential(ReLU(), Tanh());", "tail.call(x)")]
    [InlineData("private readonly System.Collections.Generic.List<Module<Tensor, Tensor>> tail = new() { ReLU(), Flatten() };", "tail[1].call(tail[0].call(x))")]
    [InlineData("private static class Shared { public static readonly GELU Gelu = GELU(); }", "Shared.Gelu.call(x)")]
    public void Layers_that_are_not_registered_and_have_nothing_to_register(string member, string call)
    {
        var net = Loaded.From($"[Prunable] internal partial class Net : Module<Tensor, Tensor> {{ private readonly Linear first = Linear(8, 12), last = Linear(12, 3); {member} public Net() : base(\"net\") => RegisterComponents(); public override Tensor forward(Tensor x) {{ x = first.call(x); return last.call({call}); }} }}");
        net.Prunes([4, 8]).Returns([4, 8]);
    }

    /// <summary>What is in a sequence that is filled after it was created only the live one tells.</summary>
    [Theory]
    [InlineData("= Sequential(Conv2d(8, 64, 1));", "foreach (var width in new[] { 16, 8 }) { stage.append(Conv2d(width == 16 ? 64 : 16, width, 1)); }")]
    [InlineData(";", "stage = Sequential(Conv2d(8, 64, 1)); this.stage.append(ReLU()).append(Conv2d(64, 8, 1));")]
    [InlineData(";", "stage = Sequential(Conv2d(8, 64, 1)).append(ReLU()).append(Conv2d(64, 8, 1));")]
    [InlineData(";", "var parts = Sequential((\"a\", Conv2d(8, 64, 1))); parts.append(\"b\", Conv2d(64, 8, 1)); stage = parts;")]
    [InlineData(";", "var parts = Sequential(Conv2d(8, 64, 1)); parts.append(Conv2d(64, 8, 1)); stage = Sequential(parts, ReLU());")]
    [InlineData("= Sequential(Conv2d(8, 64, 1)); private static void Fill(Sequential parts) => parts.append(Conv2d(64, 8, 1));", "Fill(stage);")]
    public void A_sequence_that_is_filled_later_is_linked_as_it_is_by_then(string declaration, string statement)
    {
        var net = Loaded.From($$"""
            /// <summary>A stage between two layers.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv2d first = Conv2d(3, 8, 1), last = Conv2d(8, 4, 1);
                private readonly Sequential stage {{declaration}}

                /// <summary>Creates it.</summary>
                public Net() : base("net")
                {
                    {{statement}}
                    RegisterComponents();
                }

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => last.call(stage.call(first.call(x)));
            }
            """);
        Assert.True(net.Groups([2, 3, 4, 4]).Count >= 3);
        net.Prunes([2, 3, 4, 4]);
    }
}
