namespace PruneGen.Generator.Tests;

/// <summary>What forward may look like, and what Link makes of it.</summary>
public class ForwardTests
{
    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";

    [Fact]
    public void Calls_by_call_and_by_forward_on_members_with_and_without_this()
    {
        var link = Compiled.From(Models.WithForward($"x = this.conv1.forward(x);\nx = conv2.call(x);\n{Head}")).Clean().Link;
        Assert.Equal("x1 = link.Layer(conv1, x) // [N, conv1, H, W]", link[1]);
        Assert.Equal("x2 = link.Layer(conv2, x1) // [N, conv2, H, W]", link[2]);
    }

    [Fact]
    public void Reassigned_parameters_and_locals_become_values_of_their_own()
    {
        var link = Compiled.From(Models.WithForward($"var y = conv1.call(x);\nx = y;\ny = conv2.call(y);\nx = x + y;\n{Head}")).Clean().Link;
        Assert.Equal(
            ["x = inputs[0] // [N, C, H, W]", "y1 = link.Layer(conv1, x) // [N, conv1, H, W]", "y2 = link.Layer(conv2, y1) // [N, conv1, H, W]", "x1 = link.Op(\"add\", new[] { y1, y2 }) // [N, conv1, H, W]"],
            link.Take(4));
    }

    [Fact]
    public void An_addition_makes_one_group_of_both_producers()
    {
        var compiled = Compiled.From(Models.WithForward($"var y = conv1.call(x);\nx = y + relu(bn.call(conv2.call(y)));\n{Head}")).Clean();
        Assert.Equal(
            [
                "conv1 made by conv1: weight[0], bias[0]", "made by conv2: weight[0], bias[0]",
                "passed by bn: weight[0], bias[0], running_mean[0], running_var[0]",
                "read by conv2: weight[1]", "read by fc1: weight[1] as conv1·H·W",
                "fc1 made by fc1: weight[0], bias[0]", "read by fc2: weight[1]", "fc2 it reaches the model's result",
            ],
            compiled.Table);
    }

    [Theory]
    [InlineData("x += conv2.call(x);", "add")]
    [InlineData("x -= conv2.call(x);", "sub")]
    [InlineData("x *= conv2.call(x);", "mul")]
    [InlineData("x /= conv2.call(x);", "div")]
    [InlineData("x = x - conv2.call(x);", "sub")]
    [InlineData("x = x.mul(conv2.call(x));", "mul")]
    [InlineData("x = torch.maximum(x, conv2.call(x));", "maximum")]
    [InlineData("x.add_(conv2.call(x));", "add_")]
    public void Element_wise_arithmetic_ties_its_operands(string statement, string op)
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\n{statement}\n{Head}")).Clean().Link;
        Assert.Contains(link, line => line.Contains($"link.Op(\"{op}\", new[] {{ x1, x2 }}) // [N, conv1, H, W]", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x = x * 2;")]
    [InlineData("x = 0.5f * x;")]
    [InlineData("x = x / System.Math.Sqrt(2.0);")]
    [InlineData("x = 1 - x;")]
    [InlineData("x = -x;")]
    [InlineData("x = x.clamp(-1, 1);")]
    [InlineData("x = relu(x, inplace: true);")]
    [InlineData("x = dropout(x, 0.5, training);")]
    [InlineData("x = leaky_relu(x, 0.1);")]
    [InlineData("x = gelu(x, TorchSharp.Modules.GELU.Approximate.tanh);")]
    [InlineData("x = GELU(TorchSharp.Modules.GELU.Approximate.tanh).call(x);")]
    [InlineData("x = x.to(torch.float32);")]
    [InlineData("x = x.to(DeviceType.CPU);")]
    public void Numbers_flags_and_element_types_leave_dimensions_alone(string statement)
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\n{statement}\n{Head}")).Clean().Link;
        Assert.Matches("^x2 = link.Op\\(\"[a-z_0-9]+\", x1(, \\(\"[a-z_]+\", .*\\))?\\) // \\[N, conv1, H, W\\]$", link[2]);
    }

    [Theory]
    [InlineData("x = x.pow(2);", "2.0")]
    [InlineData("x = torch.pow(x, 0.5);", "0.5")]
    [InlineData("x = x.pow_(-1);", "-1.0")]
    public void An_exponent_tells_what_becomes_of_zeros(string statement, string exponent)
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\n{statement}\n{Head}")).Clean().Link;
        Assert.Contains($"x1, (\"exponent\", {exponent})) // [N, conv1, H, W]", link[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("using var y = conv1.call(x);\nx = y;")]
    [InlineData("using (var y = conv1.call(x)) { x = relu(y); }")]
    [InlineData("using var scope = NewDisposeScope();\nx = conv1.call(x);")]
    [InlineData("using (torch.NewDisposeScope()) { x = conv1.call(x).MoveToOuterDisposeScope(); }")]
    [InlineData("using (var scope = torch.NewDisposeScope()) { x = scope.MoveToOuter(conv1.call(x)); }")]
    [InlineData("using (torch.no_grad()) { x = conv1.call(x); }")]
    [InlineData("var y = conv1.call(x);\nx.Dispose();\nx = y.DetachFromDisposeScope();")]
    [InlineData("var y = x;\ntry { x = conv1.call(y); } finally { y.Dispose(); }")]
    [InlineData("{ var y = conv1.call(x); { x = y; } }")]
    public void Scopes_and_disposals_change_nothing(string statements) =>
        Assert.Contains(Compiled.From("using System;\n" + Models.WithForward($"{statements}\n{Head}")).Clean().Link, line => line.EndsWith("link.Layer(conv1, x) // [N, conv1, H, W]", StringComparison.Ordinal));

    [Theory]
    [InlineData("if (x is null) throw new ArgumentNullException(nameof(x));")]
    [InlineData("if (x.dim() != 4) { throw new ArgumentException(\"rank\"); }")]
    [InlineData("ArgumentNullException.ThrowIfNull(x);")]
    [InlineData("System.Diagnostics.Debug.Assert(x.shape[1] == 3);")]
    [InlineData("Console.WriteLine($\"{x.shape[0]} images\");")]
    [InlineData("var message = $\"{x.shape[0]} images\"; ")]
    [InlineData("var wide = x.shape[3] > 100 ? \"wide\" : \"narrow\";")]
    [InlineData("x = x ?? throw new ArgumentNullException(nameof(x));")]
    [InlineData(";")]
    public void Guards_and_messages_change_nothing(string statement)
    {
        var link = Compiled.From("using System;\n" + Models.WithForward($"{statement}\nx = conv1.call(x);\n{Head}")).Sound().Link;
        Assert.Equal("x1 = link.Layer(conv1, x) // [N, conv1, H, W]", link[1]);
    }

    [Theory]
    [InlineData("x = x.view(x.shape[0], -1);", "link.Sizes(x1.Size(0), -1)")]
    [InlineData("x = x.view(x.size(0), -1);", "link.Sizes(x1.Size(0), -1)")]
    [InlineData("var n = x.shape[0];\nx = x.reshape(n, x.shape[1] * x.shape[2] * x.shape[3]);", "link.Sizes(x1.Size(0), x1.Size(1) * x1.Size(2) * x1.Size(3))")]
    [InlineData("long c = x.shape[1], s = x.shape[^1] * x.shape[^2];\nx = x.view(-1, c * s);", "link.Sizes(-1, x1.Size(1) * (x1.Size(-1) * x1.Size(-2)))")]
    [InlineData("x = x.view(new long[] { x.shape[0], -1 });", "link.Sizes(x1.Size(0), -1)")]
    [InlineData("int n = (int)x.shape[0];\nx = x.view(n, -1);", "link.Sizes(x1.Size(0), -1)")]
    [InlineData("var shape = x.shape;\nx = x.view(shape[0], -1);", "link.Sizes(x1.Size(0), -1)")]
    [InlineData("x = torch.reshape(x, x.shape[0], -1);", "link.Sizes(x1.Size(0), -1)")]
    public void A_view_follows_sizes_read_from_a_tensor(string statements, string sizes)
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(x));")).Clean().Link;
        Assert.EndsWith($"(\"shape\", {sizes})) // [N, conv1·H·W]", link[2], StringComparison.Ordinal);
    }

    [Fact]
    public void A_batch_size_may_be_read_from_the_input()
    {
        var link = Compiled.From(Models.WithForward("var n = x.shape[0];\nx = conv1.call(x);\nreturn fc2.call(fc1.call(x.view(n, -1)));")).Clean().Link;
        Assert.Equal("result1 = link.Op(\"view\", x1, (\"shape\", link.Sizes(x.Size(0), -1))) // [N, conv1·H·W]", link[2]);
    }

    [Theory]
    [InlineData("torch.cat(new[] { x, y }, 1)")]
    [InlineData("torch.cat([x, y], 1)")]
    [InlineData("torch.cat(new Tensor[] { x, y }, dim: 1)")]
    [InlineData("torch.cat(both, 1)")]
    public void Joined_tensors_stand_side_by_side(string call)
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\nvar y = conv2.call(x);\nvar both = new[] {{ x, y }};\nx = {call};\n{Head}")).Clean().Link;
        Assert.Equal("x2 = link.Op(\"cat\", new[] { x1, y }, (\"dim\", 1L)) // [N, [conv1 | conv2], H, W]", link[3]);
    }

    [Theory]
    [InlineData("max_pool2d(x, 2)", "(\"kernel_size\", 2L)")]
    [InlineData("max_pool2d(x, (2, 2), stride: (2, 1))", "(\"kernel_size\", link.Sizes(2, 2)), (\"stride\", link.Sizes(2, 1))")]
    [InlineData("max_pool2d(x, new long[] { 2, 2 })", "(\"kernel_size\", link.Sizes(2, 2))")]
    [InlineData("avg_pool2d(x, kernel_size: size)", "(\"kernel_size\", size)")]
    [InlineData("avg_pool2d(x, size * 2 - 1)", "(\"kernel_size\", size * 2 - 1)")]
    [InlineData("adaptive_avg_pool2d(x, 8)", "(\"output_size\", 8L)")]
    public void Arguments_go_by_TorchSharps_names(string call, string arguments)
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\nx = {call};\n{Head}", "    private readonly int size = 2;")).Clean().Link;
        Assert.Contains($", x1, {arguments}) //", link[2], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x = Features(x);", "private Tensor Features(Tensor t) => relu(conv1.call(t));")]
    [InlineData("x = Features(x);", "private Tensor Features(Tensor t) { using var u = conv1.call(t); return relu(u); }")]
    [InlineData("x = this.Features(t: x, on: true);", "private Tensor Features(Tensor t, bool on, double rate = 0.5) => relu(conv1.call(t));")]
    [InlineData("x = Activate(conv1.call(x));", "private static Tensor Activate(Tensor t) => relu(t);")]
    [InlineData("x = Through(conv1, x);", "private static Tensor Through(Module<Tensor, Tensor> layer, Tensor t) => relu(layer.call(t));")]
    [InlineData("x = Local(x);\nTensor Local(Tensor t) => relu(conv1.call(t));", "")]
    [InlineData("x = conv1.call(x).Activated();", "}\ninternal static class Extensions\n{\n    public static Tensor Activated(this Tensor t) => relu(t);")]
    public void Helper_methods_are_read_in_place(string call, string helper)
    {
        var compiled = Compiled.From(Models.WithForward($"{call}\n{Head}", "    " + helper)).Clean();
        Assert.Contains(compiled.Link, line => line.Contains("link.Layer(conv1, x) // [N, conv1, H, W]", StringComparison.Ordinal));
        Assert.Contains(compiled.Link, line => line.Contains("link.Op(\"relu\", ", StringComparison.Ordinal) && line.EndsWith("// [N, conv1, H, W]", StringComparison.Ordinal));
    }

    [Fact]
    public void A_helper_called_twice_is_read_twice()
    {
        var link = Compiled.From(Models.WithForward($"x = conv1.call(x);\nx = Twice(Twice(x));\n{Head}", "    private static Tensor Twice(Tensor t) { t = relu(t); return t * 2; }")).Clean().Link;
        Assert.Equal(["t1 = link.Op(\"relu\", x1)", "x2 = link.Op(\"mul\", t1, (\"other\", 2L))", "t2 = link.Op(\"relu\", x2)", "x3 = link.Op(\"mul\", t2, (\"other\", 2L))"], link.Skip(2).Take(4).Select(line => line.Split(" //")[0]));
    }

    [Fact]
    public void The_override_that_the_model_runs_is_the_one_that_is_read()
    {
        var link = Compiled.From("""
            /// <summary>A base.</summary>
            public abstract class Base : Module<Tensor, Tensor>
            {
                /// <summary>A layer.</summary>
                protected readonly Linear fc1 = Linear(8, 8);

                /// <summary>Creates it.</summary>
                protected Base() : base("base") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x) => Last(relu(fc1.call(x)));

                /// <summary>Ends it.</summary>
                protected virtual Tensor Last(Tensor x) => x;
            }

            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Net : Base
            {
                private readonly Linear fc2 = Linear(8, 2);

                /// <inheritdoc/>
                protected override Tensor Last(Tensor x) => fc2.call(x);
            }
            """).Clean().Link;
        Assert.Equal("result3 = link.Layer(fc2, result2) // […, fc2]", link[^1]);
    }

    [Fact]
    public void A_model_may_take_several_tensors()
    {
        var compiled = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Two : Module<Tensor, Tensor, Tensor>
            {
                private readonly Linear left = Linear(4, 8), right = Linear(6, 8), last = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Two() : base("two") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor a, Tensor b) => last.call(relu(left.call(a) + right.call(b)));
            }
            """).Clean();
        Assert.Equal(["a = inputs[0] // […]", "b = inputs[1] // […]"], compiled.Link.Take(2));
        Assert.Contains("inputs => new[] { call(inputs[0], inputs[1]) }", compiled.Text, StringComparison.Ordinal);
        Assert.Contains("params long[][] inputShapes", compiled.Text, StringComparison.Ordinal);
        Assert.Equal("left made by left: weight[0], bias[0]", compiled.Table[0]);
        Assert.Equal("made by right: weight[0], bias[0]", compiled.Table[1]);
    }

    [Fact]
    public void A_module_without_a_call_of_its_own_is_run_by_forward()
    {
        var compiled = Compiled.From("""
            /// <summary>Under test.</summary>
            [Prunable]
            public partial class Plain : Module
            {
                private readonly Linear fc1 = Linear(4, 8), fc2 = Linear(8, 2);

                /// <summary>Creates it.</summary>
                public Plain() : base("plain") => RegisterComponents();

                /// <summary>Runs it.</summary>
                public Tensor forward(Tensor x) => fc2.call(fc1.call(x));
            }
            """).Clean();
        Assert.Contains("inputs => new[] { forward(inputs[0]) }", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_local_does_not_hide_the_layer_of_its_name()
    {
        var link = Compiled.From(Models.WithForward("var conv1 = this.conv1.call(x);\nvar link = conv2.call(conv1);\nvar inputs = flatten(link, 1);\nreturn fc2.call(fc1.call(inputs));")).Clean().Link;
        Assert.Equal(["conv1 = link.Layer(this.conv1, x)", "link1 = link.Layer(conv2, conv1)", "inputs1 = link.Op(\"flatten\", link1, (\"start_dim\", 1L))"], link.Skip(1).Take(3).Select(line => line.Split(" //")[0]));
    }

    [Fact]
    public void Statements_are_quoted_on_one_line_without_their_comments()
    {
        var compiled = Compiled.From(Models.WithForward($"x = conv1 // first\n    .call(\n        x /* the input */);\n{Head}")).Clean();
        Assert.Contains("        // x = conv1.call(x);\n", compiled.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_layer_called_twice_is_one_group()
    {
        var table = Compiled.From(Models.WithForward($"x = conv1.call(x);\nx = relu(conv2.call(x));\nx = relu(conv2.call(x));\n{Head}")).Clean().Table;
        Assert.Equal(["conv1 made by conv1: weight[0], bias[0]", "made by conv2: weight[0], bias[0]", "read by conv2: weight[1]"], table.Take(3));
    }

    [Fact]
    public void A_mean_over_a_group_is_marked_inexact_or_not_as_its_zeros_tell()
    {
        var text = Compiled.From(Models.WithForward("var gate = torch.sigmoid(conv1.call(x));\nx = conv2.call(gate) * gate.mean(new long[] { 1 }, true);\n" + Head)).Clean().Text;
        Assert.Contains("inexact: mean is taken over it", text, StringComparison.Ordinal);
    }
}
