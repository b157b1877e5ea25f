using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>
/// What models of texts, series, sounds, games, tables and graphs do: numbers computed from widths, parts that only training
/// runs, attention and recurrence in all of their ways.
/// </summary>
public class SequencePatternsTests
{
    private const string Head = "return fc2.call(fc1.call(flatten(x, 1)));";

    private static readonly long[] Image = [2, 3, 8, 8];

    [Theory]
    [InlineData("stackalloc long[] { 1, 1, 2, 2 }")]
    [InlineData("stackalloc long[] { x.shape[0] - 1, 1, 2, 2 }")]
    public void Sizes_on_the_stack_are_read(string padding) => Assert.Contains(
        Loaded.From(Models.WithForward($"x = conv1.call(x); x = torch.nn.functional.pad(x, {padding}); x = conv2.call(x)[.., .., 1..9, 2..10];\n{Head}")).Prunes(Image).Plan(Image).Groups,
        group => group.Name == "conv1");

    [Theory]
    [InlineData("x = conv2.call(x / System.Math.Sqrt(x.shape[1]));")]
    [InlineData("x = conv2.call(x / x.shape[1]);")]
    [InlineData("var scale = 1.0 / System.Math.Sqrt(x.size(1)); x = conv2.call(x * scale);")]
    [InlineData("float width = x.shape[1]; x = conv2.call(x * (1.0f / width));")]
    [InlineData("x = conv2.call(x * Scale(x));")]
    [InlineData("x = conv2.call(torch.mul(x, System.Math.Pow(x.shape[1], -0.5)));")]
    [InlineData("x *= 1.0 / x.shape[1]; x = conv2.call(x);")]
    [InlineData("x = conv2.call(x.div_(System.Math.Sqrt(x.shape[1])));")]
    [InlineData("x = conv2.call(x.clamp(-1.0, x.shape[1] / 10.0));")]
    [InlineData("x = conv2.call(x + torch.full(new long[] { 1 }, x.shape[1] * 0.1));")]
    [InlineData("x = conv2.call(x / x.numel());")]
    [InlineData("x = conv2.call(x / conv1.weight!.shape[0]);")]
    [InlineData("x = conv2.call(x / System.Math.Sqrt(conv1.out_channels));")]
    [InlineData("x = conv2.call(x / x.shape.Aggregate(1L, (a, b) => a * b));")]
    [InlineData("x = conv2.call(x / x.shape[1..].Max());")]
    [InlineData("width = x.shape[1]; x = conv2.call(x / System.Math.Sqrt(width));")]
    [InlineData("scale = 1.0 / x.shape[1]; x = conv2.call(x * this.scale);")]
    [InlineData("x = conv2.call(x - x.sum(1, keepdim: true) / x.shape[1]);")]
    public void Values_that_a_width_scales_are_inexact(string statement)
    {
        var net = Loaded.From("using System.Linq;\n" + Models.WithForward($"x = conv1.call(x);\n{statement}\n{Head}", """
            internal double scale = 1;
            internal long width = 1;
            private static double Scale(Tensor t) => 1.0 / System.Math.Sqrt(t.shape[1]);
            """));
        Assert.Equal("forward computes with its width", net.Plan(Image).Group("conv1").InexactBecause);
    }

    [Theory]
    [InlineData("var n = (long)System.Math.Ceiling(x.shape[1] / 2.0); x = torch.cat(new[] { x.narrow(1, 0, n), relu(x.narrow(1, n, x.shape[1] - n)) }, 1);")]
    [InlineData("var n = (int)(x.shape[1] * 0.5); x = torch.cat(new[] { x[.., ..n], relu(x[.., n..]) }, 1);")]
    [InlineData("x = x.view(x.shape[0], System.Math.Max(x.shape[1], 4), 8, 8);")]
    [InlineData("if (System.Math.Sqrt(x.shape[1]) > 3.5) { x = relu(x); }")]
    [InlineData("var half = x.shape[1] / 2.0; if (half > 7) { x = relu(x); }")]
    [InlineData("x = x + torch.linspace(0, 1, x.shape[1]).view(1, -1, 1, 1);")]
    [InlineData("x = x + torch.arange(x.shape[1]).view(1, -1, 1, 1);")]
    public void What_decides_by_a_number_computed_from_a_width_keeps_it(string statement)
    {
        var groups = Loaded.From(Models.WithForward($"x = conv1.call(x);\n{statement}\nx = conv2.call(x);\n{Head}")).Prunes(Image).Groups(Image);
        Assert.DoesNotContain(groups, group => group.StartsWith("conv1", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x = (torch.sigmoid(x).unsqueeze(2) * relu(conv1.call(y)).unsqueeze(1)).sum(1);", false)]
    [InlineData("x = x + y.mean(new long[] { 1 }, keepdim: true); x = x * x.sum(1, keepdim: true);", false)]
    [InlineData("x = x + y.mean(new long[] { 1 }, keepdim: true).expand_as(x); x = x * x.sum(1, keepdim: true);", false)]
    [InlineData("x = x + y.mean(new long[] { 1 }, keepdim: true).expand(-1, x.shape[1], -1, -1); x = x * x.sum(1, keepdim: true);", false)]
    [InlineData("x = x + y.mean(new long[] { 1 }, keepdim: true).repeat(1, x.shape[1], 1, 1); x = x * x.sum(1, keepdim: true);", false)]
    [InlineData("x[.., .., 0] = y.mean(new long[] { 1, 2 }).unsqueeze(1); x = x * x.sum(1, keepdim: true);", false)]
    [InlineData("for (var i = 0; i < 2; i++) { x[.., .., i] = 1; } x = x * x.sum(1, keepdim: true);", false)]
    [InlineData("x[.., .., 0] = 0; x = x * x.sum(1, keepdim: true);", true)]
    [InlineData("x = pad(x, new long[] { 0, 0, 1, 1 }, value: 1.0); x = (x * x.sum(1, keepdim: true))[.., .., 1..^1];", false)]
    [InlineData("x = pad(x, new long[] { 0, 0, 1, 1 }); x = (x * x.sum(1, keepdim: true))[.., .., 1..^1];", true)]
    [InlineData("x = 1 / x;", false)]
    [InlineData("x = x.pow(-1);", false)]
    [InlineData("x = x / x.pow(2).sum(1, keepdim: true).sqrt();", true)]
    [InlineData("x = x / 3; x = x * x.sum(1, keepdim: true);", true)]
    [InlineData("x = (torch.sigmoid(x) * relu(x)); x = x * x.sum(1, keepdim: true);", true)]
    public void Sums_are_exact_where_a_mask_leaves_zeros_along_them(string statement, bool exact)
    {
        var net = Loaded.From(Models.WithForward($"var y = x;\nx = conv1.call(x);\n{statement}\nx = conv2.call(x);\n{Head}"));
        Assert.Equal(exact, net.Plan(Image).Group("conv1").Exact);
        if (exact)
        {
            net.Prunes(Image);
        }
    }

    [Theory]
    [InlineData("torch.sigmoid(shift)", false)]
    [InlineData("relu(shift)", true)]
    public void A_sum_over_what_weights_make_is_as_exact_as_their_shift(string shift, bool exact)
    {
        var net = Loaded.From(Models.WithForward(
            $"x = torch.nn.functional.conv2d(x, filter, {shift}, padding: new long[] {{ 1, 1 }});\nx = conv2.call(x * x.sum(1, keepdim: true));\n{Head}",
            "private readonly Parameter filter = Parameter(randn(16, 3, 3, 3)), shift = Parameter(randn(16));"));
        Assert.Equal(exact, net.Plan(Image).Group("filter").Exact);
    }

    [Theory]
    [InlineData("if (training) { x = bn.call(x); }")]
    [InlineData("if (!this.training) { x = bn.call(x); }")]
    [InlineData("x = training ? bn.call(x) : x;")]
    [InlineData("if (on && training) { x = bn.call(x); }")]
    [InlineData("x = Way(x, training);")]
    [InlineData("if (bn.training) { x = x * scale; }")]
    [InlineData("if (training) { x = x * scale + torch.randn_like(x); } else { x = x * 0.5; }")]
    public void What_only_training_or_only_use_runs_shrinks_with_the_rest(string statement)
    {
        var net = Loaded.From(Models.WithForward($"x = conv1.call(x);\n{statement}\nx = conv2.call(x);\n{Head}", """
            internal readonly bool on = true;
            private readonly Parameter scale = Parameter(ones(1, 16, 1, 1));
            private Tensor Way(Tensor t, bool train) => train ? bn.call(t) : t;
            """));
        net.Prunes(Image).Trains(randn(Image)).Returns(Image);
    }

    [Theory]
    [InlineData("x = x.type_as(x.mean(new long[] { 1 }));")]
    [InlineData("x = x.to(x.flatten(1));")]
    public void An_element_type_is_taken_from_a_tensor_of_any_shape(string statement) => Prunes(statement);

    [Fact]
    public void Gates_of_a_convolutional_cell_are_one_group_with_its_state()
    {
        var net = Loaded.From(ConvLstm);
        Assert.Contains("cell.conv: cell.conv.weight[0] cell.conv.weight[1] cell.conv.bias[0] head.weight[1]", net.Groups([2, 3, 2, 6, 6]));
        var input = randn([2, 3, 2, 6, 6]);
        net.Prunes(input).Trains(input).Returns(input);
    }

    [Theory]
    [InlineData("bag.call(ids)")]
    [InlineData("bag.call(ids.flatten(), torch.arange(0, 12, 4))")]
    public void Bags_of_embeddings_join_numbers(string call)
    {
        var net = Loaded.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public sealed partial class Net : Module<Tensor, Tensor, Tensor>
            {
                private readonly EmbeddingBag bag = EmbeddingBag(20, 8);
                private readonly Linear wide = Linear(6, 1), deep = Linear(14, 12), head = Linear(12, 1);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor ids, Tensor numbers) =>
                    torch.sigmoid(wide.call(numbers) + head.call(relu(deep.call(cat(new[] { {{call}}, numbers }, 1)))));
            }
            """);
        Tensor[] inputs = [randint(0, 20, [3, 4]), randn(3, 6)];
        Assert.Contains("bag: bag.weight[1] deep.weight[1]", net.Groups([3, 4], [3, 6]));
        net.Prunes(inputs).Trains(inputs).Returns(inputs);
    }

    [Theory]
    [InlineData("x = x.view(x.shape[0], conv1.out_channels, x.shape[2], x.shape[3]);")]
    [InlineData("x = x.view(-1, conv2.in_channels, x.shape[2], x.shape[3]);")]
    [InlineData("width = x.shape[1]; x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    public void Sizes_come_from_layers_and_from_fields_that_forward_sets(string statement)
    {
        var net = Loaded.From(Models.WithForward($"x = conv1.call(x);\n{statement}\nx = conv2.call(x);\n{Head}", "internal long width = 1;")).Prunes(Image);
        Assert.Equal(8, net.Model.get_parameter("conv1.weight")!.shape[0]);
    }

    [Fact]
    public void A_number_that_another_class_keeps_to_itself_is_told_by_it()
    {
        Loaded.From(ConvLstm.Replace("var width = conv.weight!.shape[0] / 4;", "var width = hidden;", StringComparison.Ordinal)
            .Replace("private readonly Conv2d conv =", "private readonly int hidden = 6;\n    private readonly Conv2d conv =", StringComparison.Ordinal)).Groups([2, 3, 2, 6, 6]);
    }

    [Theory]
    [InlineData("x = x * gate.call(x.mean(new long[] { 2, 3 })).unsqueeze(-1).unsqueeze(-1);")]
    [InlineData("x = x + gate.call(x.mean(new long[] { 2, 3 })).expand(-1, x.shape[1]).unsqueeze(-1).unsqueeze(-1);")]
    public void One_output_that_meets_many_is_repeated(string statement) => Prunes(statement, "private readonly Linear gate = Linear(16, 1);");

    [Fact]
    public void A_lambda_takes_several_steps() => Prunes("x = new[] { conv2, conv2 }.Select(layer => Pool(x, layer)).Aggregate((a, b) => a + b);", """
        private static Tensor Pool(Tensor t, Conv2d layer)
        {
            t = relu(layer.call(t));
            return max_pool2d(t, t.shape[2] / t.shape[3]);
        }
        """);

    [Theory]
    [InlineData("var (y, _) = attention.call(x, x, x); x = y;")]
    [InlineData("x = attention.call(x, x, x).Item1;")]
    [InlineData("var both = attention.call(x, x, x); x = both.Item1 * both.Item2.sum();")]
    [InlineData("x = Attend(x).Item1;")]
    public void Attention_of_torch_keeps_its_width_beside_layers_that_do_not(string statement)
    {
        var net = Loaded.From($$"""
            using System;
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly MultiheadAttention attention = MultiheadAttention(8, 2);
                private readonly Linear first = Linear(6, 8), wide = Linear(8, 12), narrow = Linear(12, 8), head = Linear(8, 3);

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    x = first.call(x);
                    {{statement}}
                    return head.call(x + narrow.call(relu(wide.call(x))));
                }

                private System.Tuple<Tensor, Tensor> Attend(Tensor t) => attention.call(t, t, t);
            }
            """);
        Assert.Equal(["wide: wide.weight[0] wide.bias[0] narrow.weight[1]"], net.Groups([5, 2, 6]));
        net.Prunes([5, 2, 6]).Trains(randn(5, 2, 6)).Returns([5, 2, 6]);
    }

    [Theory]
    [InlineData("x = x + table[..(int)x.shape[1]];", "x = first.call(x);")]
    [InlineData("x = x.view(x.shape[0], x.shape[1], 2, -1).flatten(2);", "x = first.call(x);")]
    [InlineData("x = x.view(-1, times, 6).flatten(1).view(-1, 4, 12);", "x = first.call(x);")]
    public void A_model_that_needs_its_inputs_shape_says_so(string statement, string first)
    {
        var net = Loaded.From($$"""
            /// <summary>Under test.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear first = Linear(6, 12), wide = Linear(12, 8), head = Linear(8, 3);
                private readonly Parameter table = Parameter(zeros(16, 12));
                internal readonly int times = 2;

                /// <summary>Creates it.</summary>
                public Net() : base("net") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    {{first}}
                    {{statement}}
                    return head.call(relu(wide.call(x)));
                }
            }
            """);
        var thrown = Assert.ThrowsAny<Exception>(() => net.Groups());
        Assert.StartsWith("Net cannot be linked without the shape of its input: ", thrown.InnerException!.Message, StringComparison.Ordinal);
        net.Prunes([2, 4, 6]);
    }

    [Fact]
    public void A_decoder_with_rotary_positions_shared_heads_and_gates()
    {
        var net = Loaded.From(Llama);
        var ids = randint(0, 40, [2, 6]);
        var plan = net.Plan(ids.shape);
        Assert.Equal("mean is taken over it", plan.Group("tokens").InexactBecause);
        Assert.True(plan.Group("blocks.0.gate").Exact);
        var made = net.Groups(ids.shape);
        Assert.Contains("blocks.0.gate: blocks.0.gate.weight[0] blocks.0.up.weight[0] blocks.0.down.weight[1]", made);
        Assert.Contains(made, group => group.Contains("norm.weight[0]", StringComparison.Ordinal) && group.Contains("blocks.1.down.weight[0]", StringComparison.Ordinal) && group.Contains("head.weight[1]", StringComparison.Ordinal));
        Assert.Contains("blocks.0.value: blocks.0.value.weight[0] blocks.0.output.weight[1]", made);
        var before = net.Model.parameters().Sum(parameter => parameter.numel());
        using (var compacted = (IDisposable)net.Call("Compact", null, null, ids.shape)!)
        {
        }

        Assert.InRange(net.Model.parameters().Sum(parameter => parameter.numel()), 1, before / 2);
        net.Trains(ids).Returns(ids);
    }

    private static void Prunes(string statement, string member = "") =>
        Loaded.From($"using System.Linq;\n{Models.WithForward($"x = conv1.call(x);\n{statement}\nx = conv2.call(x);\n{Head}", member)}").Prunes(Image);

    /// <summary>A cell whose state begins as wide as its weight says.</summary>
    private static readonly string ConvLstm = Input.Read("ConvLstm");

    private static readonly string Llama = Input.Read("Llama");
}
