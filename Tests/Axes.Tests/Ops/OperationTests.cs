namespace PruneGen.Axes.Tests;

/// <summary>Layers and operations beyond the straight line of a small image model.</summary>
public sealed class OperationTests
{
    private readonly AxisGraph graph = new();

    [Fact]
    public void A_transposed_convolution_reads_its_first_weight_dimension()
    {
        var x = graph.Call(Layers.Conv2d("down", 3, 8), graph.Input(1, 3, 10, 10));
        x = graph.Call(Layers.ConvTranspose2d("up", 8, 6, kernel: 2, stride: 2), x);
        graph.Call(Layers.Conv2d("head", 6, 2), x);

        Assert.Equal(16, x.Dims[2].Size);
        Assert.Contains("up.weight[0]", graph.Members(graph.Groups()[0]));
        Assert.Equal(["up.weight[1]", "up.bias[0]", "head.weight[1]"], graph.Members(graph.Groups()[1]));
        Assert.Equal(8 * 8 * 8 * 6 * 2 * 2, graph.Macs.Single(term => term.Layer == "up").Factors.Aggregate(1L, (n, axis) => n * axis.Size!.Value));
    }

    [Theory]
    [InlineData("None", false)]
    [InlineData("Mean", true)]
    [InlineData("Sum", true)]
    [InlineData(null, false)]
    public void A_loss_is_one_number_where_its_reduction_says_so(string? reduction, bool isOne)
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        var loss = graph.Call("mse_loss", [x, x], ("reduction", reduction is null ? OpArguments.Unknown : reduction));

        Assert.Equal(isOne, loss is { IsOpen: false, Dims.Count: 0 });
        Assert.Empty(graph.Groups());
    }

    [Fact]
    public void Sizes_in_lists_are_compared_like_sizes()
    {
        var x = graph.Call(Layers.Linear("first", 4, 8), graph.Input(2, 4));
        var y = graph.Call(Layers.Linear("second", 4, 8), graph.Input(2, 4));
        graph.Call(Layers.Linear("third", 8, 8), graph.Input(2, 8));

        Assert.Equal([x.Size(0), x.Size(1)], [y.Size(0), y.Size(1)]);
        Assert.Equal(["first", "third"], graph.GroupNames());
        Assert.DoesNotContain(x.Size(1), new AxisSize[] { 5, 9 });
        Assert.Equal(["third"], graph.GroupNames());
    }

    [Theory]
    [InlineData("index")]
    [InlineData("index_put_")]
    public void An_index_that_is_not_known_holds_what_it_picks_of(string operation)
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        var value = graph.Call(Layers.Linear("value", 4, 8), graph.Input(2, 4));
        graph.Call(operation, operation == "index" ? [x] : [x, value], ("indices", OpArguments.Unknown));

        Assert.Equal(operation == "index" ? ["value"] : [], graph.GroupNames());
    }

    [Fact]
    public void LayerNorm_flags_the_axis_it_normalises_over()
    {
        var x = graph.Call(Layers.Linear("fc", 4, 8), graph.Input(2, 4));
        graph.Call(Layers.Norm("LayerNorm", "norm", 8), x);

        Assert.Contains("norm", graph.Groups()[0].InexactBecause);
        Assert.Contains(graph.Widths, width => width.Property == "normalized_shape[0]");
    }

    [Theory]
    [InlineData(8, true)]
    [InlineData(1, false)]
    [InlineData(4, false)]
    public void GroupNorm_keeps_its_groups_and_is_exact_only_with_one_channel_in_each(long groups, bool exact)
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 8), graph.Input(1, 3, 8, 8));
        graph.Call(Layers.Norm("GroupNorm", "norm", 8, ("num_groups", groups)), x);

        var group = Assert.Single(graph.Groups());
        Assert.Equal(groups is 4 ? 2 : 8, group.Size);
        Assert.Equal(exact, group.InexactBecause is null);
        Assert.Equal("conv", group.Name);
    }

    [Fact]
    public void A_gate_of_one_position_does_not_shrink_an_input_of_unknown_size()
    {
        var pooled = graph.Call("adaptive_avg_pool2d", AxisTensor.Open(), ("output_size", 1L));
        var gated = graph.Call("mul", [AxisTensor.Open(), graph.Call(Layers.Conv2d("gate", 3, 3, kernel: 1), pooled)]);
        var x = graph.Call("max_pool2d", graph.Call(Layers.Conv2d("conv", 3, 4, padding: 1), gated), ("kernel_size", 2L));
        Assert.Null(x.Dims[2].Size);

        // 36 positions a channel are told by the layer that reads them.
        graph.Call(Layers.Linear("head", 4 * 36, 2), graph.Call("flatten", x, ("start_dim", 1L)));
        Assert.Equal("conv", Assert.Single(graph.Groups(), group => group.Name != "head").Name);
    }

    [Fact]
    public void The_length_tells_the_one_part_of_a_concatenation_that_is_open()
    {
        var map = graph.Call(Layers.Conv2d("conv", 3, 4, padding: 1), AxisTensor.Open());
        var input = new AxisTensor(map.Dims[0], graph.NewFixed("C", null, "it belongs to the model's input"), map.Dims[2], map.Dims[3]);
        var joined = graph.Call("cat", [map, input], ("dim", 1L));
        Assert.Equal([0, 1, 2, 3, -1, -1, -1], AxisIndex.Map(joined.Dims[1], map.Dims[1], 7));
        Assert.Throws<AxisException>(() => AxisIndex.Map(joined.Dims[1], map.Dims[1], 3));

        // The same part may stand more than once; another one may not.
        var around = graph.Call("cat", [input, map, input], ("dim", 1L));
        Assert.Equal([-1, -1, -1, 0, 1, 2, 3, -1, -1, -1], AxisIndex.Map(around.Dims[1], map.Dims[1], 10));
        Assert.Throws<AxisException>(() => AxisIndex.Map(around.Dims[1], map.Dims[1], 9));

        // But not where the same length has to tell the size of a map as well.
        var flat = graph.Call("flatten", joined, ("start_dim", 1L));
        Assert.Throws<AxisException>(() => AxisIndex.Map(flat.Dims[1], map.Dims[1], 7 * 36));

        var twice = graph.Call("cat", [joined, new AxisTensor(map.Dims[0], graph.NewFixed("C", null, "another input"), map.Dims[2], map.Dims[3])], ("dim", 1L));
        Assert.Throws<AxisException>(() => AxisIndex.Map(twice.Dims[1], map.Dims[1], 7));
    }

    [Fact]
    public void Chunks_are_pruned_alike()
    {
        var x = graph.Call(Layers.Linear("gated", 4, 12), graph.Input(2, 4));
        var halves = OpTable.Apply(graph, new OpArguments("chunk", [x], new Dictionary<string, object?> { ["chunks"] = 2L, ["dim"] = -1L }));
        graph.Call(Layers.Linear("out", 6, 3), graph.Call("mul", [halves[0], graph.Call("sigmoid", halves[1])]));

        var group = graph.Groups()[0];
        Assert.Equal((6L, "gated"), (group.Size!.Value, group.Name));
        Assert.Equal([0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4, 5], AxisIndex.Map(graph.OutputOf("gated")!, group, 12));
    }

    [Fact]
    public void Pixel_shuffle_takes_whole_squares_of_channels()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 12, padding: 1), graph.Input(1, 3, 5, 5));
        x = graph.Call("pixel_shuffle", x, ("upscale_factor", 2L));
        graph.Call(Layers.Conv2d("head", 3, 1), x);

        Assert.Equal([1L, 3, 10, 10], x.Dims.Select(dim => dim.Size!.Value));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => i / 4L), AxisIndex.Map(graph.OutputOf("conv")!, graph.Groups()[0], 12));
    }

    [Fact]
    public void Attention_ties_queries_to_keys_and_passes_the_values_on()
    {
        var x = graph.Input(2, 10, 32);
        AxisTensor Heads(string name)
        {
            var y = graph.Call(Layers.Linear(name, 32, 64), x);
            return graph.Call("transpose", graph.Call("view", y, ("shape", new[] { y.Size(0), y.Size(1), 4, -1 })), ("dim0", 1L), ("dim1", 2L));
        }

        var (q, k, v) = (Heads("q"), Heads("k"), Heads("v"));
        var scores = graph.Call("softmax", graph.Call("matmul", [q, graph.Call("transpose", k, ("dim0", -2L), ("dim1", -1L))]), ("dim", -1L));
        var y = graph.Call("transpose", graph.Call("matmul", [scores, v]), ("dim0", 1L), ("dim1", 2L));
        graph.Call(Layers.Linear("out", 64, 32), graph.Call("flatten", y, ("start_dim", 2L)));

        Assert.Equal(["q", "v", "out"], graph.GroupNames());
        Assert.Equal(["q.weight[0]", "q.bias[0]", "k.weight[0]", "k.bias[0]"], graph.Members(graph.Groups()[0]));
        Assert.Equal(["v.weight[0]", "v.bias[0]", "out.weight[1]"], graph.Members(graph.Groups()[1]));
        Assert.All(graph.Groups(), group => Assert.Null(group.InexactBecause));
    }

    [Fact]
    public void A_product_over_activations_that_are_not_zero_when_masked_is_flagged()
    {
        var x = graph.Input(2, 10, 32);
        var a = graph.Call("sigmoid", graph.Call(Layers.Linear("a", 32, 8), x));
        var b = graph.Call("sigmoid", graph.Call(Layers.Linear("b", 32, 8), x));
        graph.Call("matmul", [a, graph.Call("transpose", b, ("dim0", 1L), ("dim1", 2L))]);
        Assert.Contains("not zero", graph.Groups()[0].InexactBecause);
    }

    [Theory]
    [InlineData("relu", true)]
    [InlineData("sigmoid", false)]
    public void A_sum_over_a_group_is_exact_where_masked_indices_are_zero(string activation, bool exact)
    {
        var x = graph.Call(activation, graph.Call(Layers.Conv2d("conv", 3, 8), graph.Input(1, 3, 8, 8)));
        graph.Call("sum", x, ("dim", new long[] { 1 }));
        Assert.Equal(exact, graph.Groups()[0].InexactBecause is null);
    }

    [Fact]
    public void Padding_of_space_leaves_channels_alone_and_padding_of_channels_holds_them()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 8, kernel: 1), graph.Input(1, 3, 8, 8));
        var space = graph.Call("pad", x, ("pad", new long[] { 1, 2, 0, 1 }));
        Assert.Equal([8L, 9, 11], space.Dims.Skip(1).Select(dim => dim.Size!.Value));
        Assert.Single(graph.Groups());

        graph.Call("pad", x, ("pad", new long[] { 0, 0, 0, 0, 1, 1 }));
        Assert.Empty(graph.Groups());
    }

    [Fact]
    public void An_embedding_counts_its_features_and_keeps_its_entries()
    {
        var x = graph.Call(new LayerSpec("tokens", "Embedding", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { ["weight"] = [100, 16] }), graph.Input(2, 7));
        graph.Call(Layers.Linear("fc", 16, 4), x);
        Assert.Equal(["tokens.weight[1]", "fc.weight[1]"], graph.Members(graph.Groups()[0]));
    }

    /// <summary>An operand that is null must not be left out: whatever it is when forward runs, it may hold the others' widths.</summary>
    [Theory]
    [InlineData("add")]
    [InlineData("mul_")]
    [InlineData("pow")]
    [InlineData("gt")]
    public void An_operand_that_the_model_does_not_have_is_named_as_missing(string op)
    {
        var graph = new AxisGraph();
        var exception = Assert.Throws<AxisException>(() => OpTable.Apply(graph, new OpArguments(op, [graph.Input(2, 7), null], new Dictionary<string, object?>())));
        Assert.StartsWith($"{op} is called with a tensor that the model does not have", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("to")]
    [InlineData("relu")]
    [InlineData("flatten")]
    public void A_tensor_that_the_model_does_not_have_is_named_as_missing(string op)
    {
        var graph = new AxisGraph();
        var exception = Assert.Throws<AxisException>(() => OpTable.Apply(graph, new OpArguments(op, [null], new Dictionary<string, object?>())));
        Assert.StartsWith($"{op} is called with no tensor that the model has", exception.Message, StringComparison.Ordinal);
    }
}
