using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>Operations whose arguments or results are easily misread, each in a model that is pruned, masked and compacted.</summary>
public class OperationPatternsTests
{
    /// <summary>A graph network's edges, scaled by how many each node has: they are not pruned, and what is multiplied by them is all the same.</summary>
    [Theory]
    [InlineData("diag(edges.sum(1).rsqrt())")]
    [InlineData("edges.sum(1).rsqrt().diag()")]
    [InlineData("diag_embed(edges.sum(1).rsqrt())")]
    [InlineData("diag(edges.sum(1)).inverse()")]
    [InlineData("matrix_power(edges, 2)")]
    [InlineData("eye(5) / edges.trace()")]
    public void What_becomes_of_the_edges_of_a_graph_leaves_the_features_alone(string scale)
    {
        var net = Loaded.From($$"""
            [Prunable] internal partial class Net : Module<Tensor, Tensor, Tensor>
            {
                private readonly Parameter first = Parameter(randn(6, 24)), second = Parameter(randn(24, 4));
                public Net() : base("net") => RegisterComponents();
                public override Tensor forward(Tensor x, Tensor edges)
                {
                    var d = {{scale}};
                    var to = d.mm(edges).mm(d);
                    return to.mm(relu(to.mm(x.mm(first))).mm(second));
                }
            }
            """);
        net.Prunes(randn(5, 6), (rand(5, 5) + 0.5) / 5);
        Assert.Equal(["first"], net.Plan([5, 6], [5, 5]).Groups.Select(group => group.Name));
    }

    [Theory]
    [InlineData("zeros(3, 8).index_add(0, to, h, 1)")]
    [InlineData("torch.index_add(zeros(3, 8), 0, to, h, 1)")]
    [InlineData("zeros(4, 8).index_copy(0, places, h)")]
    [InlineData("zeros(4, 8).scatter(0, cells, h)")]
    [InlineData("zeros(6, 8).scatter(0, cells, h)")]
    [InlineData("zeros(4, 8).scatter_add(0, cells, h)")]
    [InlineData("zeros(3, 4, 8).select_scatter(h, 0, 1)")]
    [InlineData("zeros(4, 8).slice_scatter(h[..2], 0, 1, 3)")]
    [InlineData("zeros(4, 4, 8).diagonal_scatter(h.transpose(0, 1), 0, 0, 1)")]
    [InlineData("zeros(4, 8).masked_scatter(ones(4, 8) > 0, h)")]
    [InlineData("state.index_add_(0, to, h, 1)")]
    [InlineData("state.index_copy_(0, places, h)")]
    [InlineData("state.scatter_(0, cells, h)")]
    [InlineData("state.scatter_add_(0, cells, h)")]
    [InlineData("state.masked_scatter_(ones(4, 8) > 0, h)")]
    [InlineData("state.copy_(h)")]
    public void What_is_written_into_a_tensor_of_a_stated_width_keeps_it(string written) =>
        Assert.Contains(Written(written, "zeros(4, 8)").Unpruned, held => held.Layer == "up");

    [Theory]
    [InlineData("zeros(3, h.shape[1]).index_add(0, to, h, 1)")]
    [InlineData("zeros(4, h.shape[1]).index_copy(0, places, h)")]
    [InlineData("zeros(3, 4, h.shape[1]).select_scatter(h, 0, 1)")]
    [InlineData("zeros(4, h.shape[1]).slice_scatter(h[..2], 0, 1, 3)")]
    [InlineData("zeros(4, 4, h.shape[1]).diagonal_scatter(h.transpose(0, 1), 0, 0, 1)")]
    [InlineData("h.index_fill(0, to, 0.5)")]
    [InlineData("state.index_add_(0, to, h, 1)")]
    [InlineData("state.scatter_add_(0, zeros_like(h).to_type(int64), h)")]
    public void Where_the_width_is_read_both_shrink(string written) => Assert.Contains(Written(written, "zeros_like(h)").Groups, group => group.Name == "up");

    /// <summary>Which dimension is the width then depends on how many there are.</summary>
    [Theory]
    [InlineData("x = x.T.permute(3, 2, 1, 0);")]
    [InlineData("x = x.T; x = x.T;")]
    [InlineData("x = x.mean(new long[] { 2, 3 }).T.T.unsqueeze(2).unsqueeze(3).expand(-1, -1, 8, 8);")]
    public void The_property_T_takes_all_dimensions_in_the_opposite_order(string statements) => Assert.Contains(
        "conv1",
        Loaded.From(Models.WithForward($"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));")).Prunes([2, 3, 8, 8])
            .Plan([2, 3, 8, 8]).Groups.Select(group => group.Name));

    private static PruningPlan Written(string written, string state) => Net(
        UpAndHead,
        $$"""
        Tensor to = arange(4).remainder(3), places = arange(4).flip(0), cells = zeros(new long[] { 4, 8 }, dtype: int64);
        var h = relu(up.call(x));
        var state = {{state}};
        return head.call({{written}});
        """).Prunes([4, 6]).Plan([4, 6]);

    [Theory]
    [InlineData("h * norm(h, dimension: 1, keepdim: true)", true)]
    [InlineData("h * h.norm(1, keepdim: true)", true)]
    [InlineData("h * linalg.norm(h, new long[] { 1 }, keepdim: true)", true)]
    [InlineData("concatenate(new[] { h, h }, axis: 0)", true)]
    [InlineData("h + h.kthvalue(2, 0).values", true)]
    [InlineData("h + h.transpose(0, 1).kthvalue(2, null).values", true)]
    [InlineData("h + h.transpose(0, 1).mode().values", true)]
    [InlineData("h + h.unsqueeze(0).unsqueeze(0).sum(0, 1, 2)", true)]
    [InlineData("h + torch.normal(0, 1e-9, new long[] { 1, 8 })", false)]
    [InlineData("h + nn.init.zeros_(empty(4, 8))", false)]
    [InlineData("h * nn.init.ones_(empty(4, 8))", false)]
    [InlineData("h * torch.tensor(new float[] { 1, 2, 3, 4, 5, 6, 7, 8 }, new long[] { 1, 8 })", false)]
    [InlineData("h + h.take_along_dim(zeros(new long[] { 4, 8 }, dtype: int64), 0)", false)]
    public void An_argument_is_read_by_the_name_and_the_default_that_TorchSharp_gives_it(string made, bool shrinks)
    {
        var plan = Net(UpAndHead, $"var h = up.call(x);\nreturn head.call({made});").Prunes([4, 6]).Plan([4, 6]);
        Assert.Equal(shrinks, plan.Groups.Any(group => group.Name == "up"));
    }

    [Theory]
    [InlineData("h.norm(1, p: 3)", true)]
    [InlineData("h.norm(1, p: float.NegativeInfinity)", false)]
    [InlineData("linalg.vector_norm(h, -1, new long[] { 1 })", false)]
    [InlineData("linalg.vector_norm(h, 2.5, new long[] { 1 })", true)]
    public void A_norm_of_the_smallest_depends_on_how_many_there_are(string norm, bool exact) => Assert.Equal(
        exact,
        Net("private readonly Linear up = Linear(6, 8), head = Linear(1, 3);", $"var h = up.call(x);\nreturn head.call({norm}.unsqueeze(1));")
            .Plan([4, 6]).Groups.Single(group => group.Name == "up").Exact);

    [Fact]
    public void Concatenation_along_an_axis_reads_the_axis() => Assert.Equal(
        ["a", "b"],
        Net(
            "private readonly Linear a = Linear(6, 8), b = Linear(6, 4), head = Linear(12, 3);",
            "return head.call(relu(concatenate(new[] { a.call(x), b.call(x) }, axis: 1)));")
            .Prunes([4, 6]).Plan([4, 6]).Groups.Select(group => group.Name).Where(name => name is "a" or "b"));

    [Fact]
    public void A_flatten_layer_that_is_made_on_the_way_leaves_the_batch_alone() =>
        Net(
            "private readonly Conv1d up = Conv1d(1, 4, 1); private readonly Linear head = Linear(24, 3);",
            "return head.call(torch.nn.Flatten().forward(relu(up.call(x.unsqueeze(1)))));").Prunes([4, 6]);

    [Fact]
    public void A_causal_attention_holds_the_order_of_what_it_hides()
    {
        var plan = Net(
            "private readonly Conv1d tokens = Conv1d(1, 8, 1), back = Conv1d(8, 1, 1); private readonly Linear up = Linear(6, 6);",
            """
            var t = tokens.call(x.unsqueeze(1));
            var y = nn.functional.scaled_dot_product_attention(t, t, up.call(t), is_casual: true);
            return back.call(y).squeeze(1);
            """).Plan([4, 6]);
        Assert.Contains("hides what comes after", plan.Unpruned.Single(held => held.Layer == "tokens").Because);
    }

    [Fact]
    public void The_result_of_a_Fourier_transform_is_no_other_name_of_its_input() => Assert.Contains(
        Net(UpAndHead, "var h = up.call(x);\nvar spectrum = fft.fft_(h, dim: 0);\nreturn head.call(relu(h) + spectrum.abs());")
            .Prunes([4, 6]).Plan([4, 6]).Groups,
        group => group.Name == "up");

    [Theory]
    [InlineData("fft.rfft(h, dim: 0)", "fft.irfft(s, n: h.shape[0], dim: 0)")]
    [InlineData("fft.fft2(h, dim: new long[] { 0, 2 })", "fft.ifft2(s, dim: new long[] { 0, 2 }).abs()")]
    [InlineData("fft.rfftn(h, dim: new long[] { 0, 2 })", "fft.irfftn(s, s: new long[] { 4, 6 }, dim: new long[] { 0, 2 })")]
    [InlineData("fft.rfft(h)", "fft.irfft(s, n: h.shape[2])")]
    [InlineData("fft.fftn(h.transpose(0, 1)[0])", "h + fft.ifftn(s).abs().unsqueeze(1)")]
    public void A_Fourier_transform_mixes_the_dimensions_that_it_runs_along_and_no_others(string spectrum, string back)
    {
        var plan = Net(
            "private readonly Conv1d up = Conv1d(1, 8, 1), head = Conv1d(8, 3, 1);",
            $"var h = up.call(x.unsqueeze(1));\nvar s = {spectrum};\nreturn head.call({back});").Prunes([4, 6]).Plan([4, 6]);
        Assert.Equal(!spectrum.Contains("fftn(h.tr", StringComparison.Ordinal), plan.Groups.Any(group => group.Name == "up"));
    }

    [Theory]
    [InlineData("relu(up.call(x))[nonzero(x[.., 0] > -9).squeeze(1)]", true)]
    [InlineData("relu(up.call(x)).index_select(0, argwhere(x[.., 0] > -9).squeeze(1))", true)]
    [InlineData("up.call(x)[x[.., 0] > -9]", true)]
    [InlineData("up.call(x)[isin(arange(4), arange(2))]", true)]
    [InlineData("up.call(x) * x.masked_select(x > -9).mean()", true)]
    [InlineData("up.call(x)[searchsorted(arange(4), arange(2))]", true)]
    [InlineData("up.call(x)[TensorIndex.Tensor(searchsorted(arange(4), arange(2))), ..]", true)]
    [InlineData("up.call(x) * linalg.matrix_norm(x)", false)]
    [InlineData("up.call(x).add(x.cov().diagonal().view(4, 1))", true)]
    [InlineData("up.call(x).add(x.cov().diagonal().mean())", true)]
    [InlineData("cat(new[] { up.call(x), torch.diag(x[0])[..4] }, 1)[.., ..8]", false)]
    [InlineData("einsum(\"bi,oi->bo\", x.cov(), up.call(x).transpose(0, 1))", false)]
    public void What_only_numbers_tell_holds_what_it_meets_and_the_rest_goes_on(string made, bool shrinks)
    {
        var plan = Net(UpAndHead, $"return head.call({made});").Prunes([4, 6]).Plan([4, 6]);
        Assert.Equal(shrinks, plan.Groups.Any(group => group.Name == "up"));
        Assert.Contains(plan.Groups, group => group.Name == "wide");
    }

    [Fact]
    public void A_Fourier_layer_keeps_what_it_mixes_and_prunes_the_rest()
    {
        var plan = Loaded.From("""
            /// <summary>Multiplies in the frequencies.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv1d lift = Conv1d(2, 8, 1), p1 = Conv1d(8, 12, 1), p2 = Conv1d(12, 1, 1);
                private readonly Parameter w = Parameter(randn(8, 8, 4) * 0.1);

                /// <summary>Creates it.</summary>
                public Net() : base("fno") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    var spectrum = fft.rfft(lift.call(x))[TensorIndex.Ellipsis, TensorIndex.Slice(0, 4)];
                    var y = fft.irfft(einsum("bix,iox->box", spectrum, w.to_type(complex64)), n: x.shape[2]);
                    return p2.call(gelu(p1.call(y)));
                }
            }
            """).Prunes([2, 2, 16]).Plan([2, 2, 16]);
        Assert.Contains(plan.Groups, group => group.Name == "p1");
        Assert.Contains(plan.Groups, group => group.Name == "lift");
    }

    [Theory]
    [InlineData("dstack(new[] { h, h }).flatten(1)", true)]
    [InlineData("dstack(new[] { h[0], h[1] })[0]", true)]
    [InlineData("hstack(new[] { h, h })", true)]
    [InlineData("vstack(new[] { h[0], h })", true)]
    [InlineData("vstack(new[] { h[0], h[1] })", true)]
    [InlineData("row_stack(new[] { h, h })", true)]
    [InlineData("column_stack(new[] { h[0], h[1] }).transpose(0, 1)", true)]
    [InlineData("column_stack(new[] { h, x[.., 0] })", true)]
    [InlineData("h[0].atleast_2d()", true)]
    [InlineData("h.atleast_3d().squeeze(-1)", true)]
    [InlineData("h.atleast_1d()", true)]
    [InlineData("cat(h.chunk(3, 1), 1)", false)]
    [InlineData("cat(h.chunk(2, 1), 1)", true)]
    [InlineData("cat(h.tensor_split(3, 1), 1)", false)]
    [InlineData("cat(h.tensor_split(new long[] { 2, 3 }, 1), 1)", true)]
    [InlineData("cat(h.split(3, 1), 1)", false)]
    [InlineData("cat(h.split(new long[] { 3, 5 }, 1), 1)", false)]
    [InlineData("cat(h.hsplit(2), 1)", true)]
    [InlineData("nn.utils.rnn.pad_sequence(new[] { h, h[..2] }, batch_first: true).flatten(0, 1)", true)]
    [InlineData("nn.utils.rnn.pad_sequence(new[] { h[0], h[1] }, batch_first: true)", true)]
    [InlineData("nn.utils.rnn.pad_sequence(new[] { h, h[..2], h[..3] })[0]", true)]
    public void Stacks_and_pieces_follow_every_rank_and_every_width(string made, bool shrinks)
    {
        var width = made.StartsWith("hstack", StringComparison.Ordinal)
            || (made.StartsWith("dstack", StringComparison.Ordinal) && made.EndsWith("flatten(1)", StringComparison.Ordinal)) ? 16
            : made.Contains("x[.., 0]", StringComparison.Ordinal) ? 9
            : made.Contains("[1] })[0]", StringComparison.Ordinal) ? 2
            : 8;
        var plan = Net($"private readonly Linear up = Linear(6, 8), head = Linear({width}, 3);", $"var h = relu(up.call(x));\nreturn head.call({made});")
            .Prunes([4, 6]).Plan([4, 6]);
        Assert.True((shrinks && width != 2) == plan.Groups.Any(group => group.Name.StartsWith("up", StringComparison.Ordinal)), string.Join("; ", plan.Unpruned));
    }

    [Theory]
    [InlineData("MaxPool2d", "MaxPool2d(2)", "MaxUnpool2d", "MaxUnpool2d(2)", 2)]
    [InlineData("MaxPool1d", "MaxPool1d(2)", "MaxUnpool1d", "MaxUnpool1d(2)", 1)]
    [InlineData("MaxPool3d", "MaxPool3d(2)", "MaxUnpool3d", "MaxUnpool3d(2)", 3)]
    public void Pooling_tells_the_places_and_unpooling_goes_back_to_them(string pool, string newPool, string unpool, string newUnpool, int spatial)
    {
        long[] shape = [2, 3, .. Enumerable.Repeat(4L, spatial)];
        var plan = Loaded.From($$"""
            /// <summary>There and back.</summary>
            [Prunable(Structured, Ratio = 0.5)]
            public partial class Net : Module<Tensor, Tensor>
            {
                private readonly Conv{{spatial}}d a = Conv{{spatial}}d(3, 8, 3, padding: 1), b = Conv{{spatial}}d(8, 4, 1);
                private readonly {{pool}} pool = {{newPool}};
                private readonly {{unpool}} unpool = {{newUnpool}};

                /// <summary>Creates it.</summary>
                public Net() : base("n") => RegisterComponents();

                /// <inheritdoc/>
                public override Tensor forward(Tensor x)
                {
                    var (y, at) = pool.forward_with_indices(relu(a.call(x)));
                    return b.call(unpool.call(y, at));
                }
            }
            """).Prunes(shape).Plan(shape);
        Assert.Equal(["a"], plan.Groups.Select(group => group.Name));
        Assert.NotNull(plan.Macs());
    }

    [Theory]
    [InlineData("var (y, at) = nn.functional.max_pool2d_with_indices(h, new long[] { 2, 2 }); h = y + at.to_type(float32) * 1e-9;")]
    [InlineData("h = nn.functional.adaptive_max_pool2d_with_indices(h, new long[] { 2, 2 }).Item1;")]
    [InlineData("(h, _) = AdaptiveMaxPool2d(new long[] { 2, 2 }).forward_with_indices(h);")]
    public void Places_are_told_by_functions_as_by_layers(string statement) => Loaded.From($$"""
        /// <summary>There and back.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d a = Conv2d(3, 8, 3, padding: 1), b = Conv2d(8, 4, 1);
            private readonly AdaptiveMaxPool2d pool = AdaptiveMaxPool2d(new long[] { 2, 2 });

            /// <summary>Creates it.</summary>
            public Net() : base("n") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                var h = relu(a.call(x));
                {{statement.Replace("AdaptiveMaxPool2d(new long[] { 2, 2 }).", "pool.", StringComparison.Ordinal)}}
                return b.call(h);
            }
        }
        """).Prunes([2, 3, 4, 4]);

    private const string UpAndHead = "private readonly Linear up = Linear(6, 8), head = Linear(8, 3);";

    /// <summary>A model that widens and narrows its input, and does with that what the statements say.</summary>
    private static Loaded Net(string members, string statements) => Loaded.From($$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured, Ratio = 0.5)]
        public sealed partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear wide = Linear(6, 12), narrow = Linear(12, 6);
            {{members}}

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
                x = narrow.call(relu(wide.call(x)));
                {{statements}}
            }
        }
        """);
}
