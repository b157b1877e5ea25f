namespace PruneGen.Axes.Tests;

/// <summary>Products, concatenations and views.</summary>
public sealed class StructureTests
{
    private readonly AxisGraph graph = new();

    [Fact]
    public void Cat_keeps_its_parts_apart()
    {
        var x = graph.Input(1, 3, 8, 8);
        var a = graph.Call(Layers.Conv2d("a", 3, 4), x);
        var b = graph.Call(Layers.Conv2d("b", 3, 6), x);
        graph.Call(Layers.Conv2d("head", 10, 2), graph.Call("cat", [a, b], ("dim", 1L)));

        Assert.Equal(["a", "b", "head"], graph.GroupNames());
        var input = graph.Parameters.Single(p => p.Path == "head.weight").Axes[1];
        Assert.Equal([0, 1, 2, 3, -1, -1, -1, -1, -1, -1], AxisIndex.Map(input, graph.Groups()[0], 10));
        Assert.Equal([-1, -1, -1, -1, 0, 1, 2, 3, 4, 5], AxisIndex.Map(input, graph.Groups()[1], 10));
    }

    [Theory]
    [InlineData(8L)]
    [InlineData(null)]
    public void A_channel_shuffle_of_two_halves_ties_them(long? height)
    {
        var graph = new AxisGraph();
        var x = new AxisTensor(new[] { null, 3, height, height }.Select(size => graph.NewFixed("", size, "it belongs to the model's input")).ToArray());
        var y = graph.Call("cat", [graph.Call(Layers.Conv2d("a", 3, 4), x), graph.Call(Layers.Conv2d("b", 3, 4), x)], ("dim", 1L));
        var channels = y.Size(1);

        var split = graph.Call("view", y, ("shape", new[] { y.Size(0), 2, channels / 2, y.Size(2), y.Size(3) }));
        var turned = graph.Call("transpose", split, ("dim0", 1L), ("dim1", 2L));
        var shuffled = graph.Call("view", turned, ("shape", new[] { y.Size(0), channels, y.Size(2), y.Size(3) }));

        Assert.All(graph.Outputs(), axis => Assert.Null(axis.FixedBecause));
        var group = Assert.Single(graph.Groups());
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], AxisIndex.Map(y.Dims[1], group, 8));
        Assert.Equal([0, 0, 1, 1, 2, 2, 3, 3], AxisIndex.Map(shuffled.Dims[1], group, 8));
    }

    [Fact]
    public void A_tensor_of_unknown_rank_has_that_of_what_it_is_joined_with()
    {
        var graph = new AxisGraph();
        var map = graph.Call(Layers.Conv2d("conv", 3, 4), AxisTensor.Open());
        var seen = graph.Call("mean", map, ("dimensions", new long[] { 2, 3 }));
        var read = graph.Call(Layers.Linear("fc", 5, 6), AxisTensor.Open());

        var joined = graph.Call("cat", [seen, read], ("dim", 1L));

        Assert.Equal("[N, [conv | fc]]", joined.ToString());
        Assert.Equal(2, graph.Call("stack", [graph.Call(Layers.Linear("a", 4, 6), seen), read]).Dims.Count - 1);
    }

    [Fact]
    public void Adding_to_a_concatenation_splits_the_other_operand_at_its_seams()
    {
        var x = graph.Input(1, 3, 8, 8);
        var joined = graph.Call("cat", [graph.Call(Layers.Conv2d("a", 3, 4), x), graph.Call(Layers.Conv2d("b", 3, 6), x)], ("dim", 1L));
        graph.Call("add", [joined, graph.Call(Layers.Conv2d("c", 3, 10), x)]);

        Assert.Equal(["a", "b"], graph.GroupNames());
        var output = graph.Parameters.Single(p => p.Path == "c.weight").Axes[0];
        Assert.Equal([-1, -1, -1, -1, 0, 1, 2, 3, 4, 5], AxisIndex.Map(output, graph.Groups()[1], 10));
    }

    [Fact]
    public void Concatenations_with_other_seams_are_split_until_they_meet()
    {
        var x = graph.Input(1, 3, 8, 8);
        AxisTensor Conv(string name, long width) => graph.Call(Layers.Conv2d(name, 3, width), x);
        var left = graph.Call("cat", [Conv("a", 4), Conv("b", 6)], ("dim", 1L));
        var right = graph.Call("cat", [Conv("c", 7), Conv("d", 3)], ("dim", 1L));
        graph.Call("add", [left, right]);

        // Seams at 4 and 7: three groups of 4, 3 and 3.
        Assert.Equal([4L, 3L, 3L], graph.Groups().Select(group => group.Size!.Value));
        Assert.Equal(10, graph.Parameters.Single(p => p.Path == "c.weight").Axes[0].Size + 3);
    }

    [Fact]
    public void Concatenations_of_the_same_parts_in_another_order_are_matched_to_the_end()
    {
        var x = graph.Input(1, 3, 8, 8);
        var a = graph.Call(Layers.Conv2d("a", 3, 4), x);
        var b = graph.Call(Layers.Conv2d("b", 3, 8), x);
        graph.Call("add", [graph.Call("cat", [a, b], ("dim", 1L)), graph.Call("cat", [b, a], ("dim", 1L))]);

        // a meets the first half of b, the first half of b meets the second, the second half meets a: all one group.
        var group = Assert.Single(graph.Groups());
        Assert.Equal(4, group.Size);
        Assert.Equal([0, 1, 2, 3, 0, 1, 2, 3], AxisIndex.Map(graph.OutputOf("b")!, group, 8));
    }

    [Fact]
    public void A_grouped_convolution_prunes_the_same_channels_in_each_group()
    {
        var x = graph.Call(Layers.Conv2d("stem", 3, 8), graph.Input(1, 3, 8, 8));
        x = graph.Call(Layers.Conv2d("grouped", 8, 12, groups: 4), x);
        graph.Call(Layers.Conv2d("head", 12, 2), x);

        Assert.Equal(["stem", "grouped", "head"], graph.GroupNames());
        Assert.Equal([2L, 3L, 2L], graph.Groups().Select(group => group.Size!.Value));
        var stem = graph.Parameters.Single(p => p.Path == "stem.weight").Axes[0];
        Assert.Equal([0, 1, 0, 1, 0, 1, 0, 1], AxisIndex.Map(stem, graph.Groups()[0], 8));
        Assert.Contains("grouped.weight[1]", graph.Members(graph.Groups()[0]));
    }

    [Fact]
    public void A_depthwise_convolution_passes_its_channels_on()
    {
        var x = graph.Call(Layers.Conv2d("stem", 3, 8), graph.Input(1, 3, 8, 8));
        x = graph.Call(Layers.Conv2d("depthwise", 8, 8, groups: 8), x);
        graph.Call(Layers.Conv2d("head", 8, 2), x);

        Assert.Equal(["stem", "head"], graph.GroupNames());
        Assert.Contains("depthwise.weight[0]", graph.Members(graph.Groups()[0]));
        Assert.Equal(["stem", "depthwise"], graph.Widths.Where(w => w.Property is "out_channels" && w.Axis.Resolve() == graph.Groups()[0]).Select(w => w.Layer.Name));
        Assert.Contains(graph.Widths, w => w.Layer.Name == "depthwise" && w.Property == "groups");
    }

    [Fact]
    public void A_convolution_with_one_channel_in_and_out_is_not_depthwise()
    {
        var x = graph.Call(Layers.Conv2d("one", 1, 1), graph.Input(1, 1, 8, 8));
        graph.Call(Layers.Conv2d("head", 1, 2), x);
        Assert.Equal(["one", "head"], graph.Outputs().Select(output => output.Name));
    }

    [Fact]
    public void Of_one_output_nothing_can_be_removed_and_it_is_repeated_over_any_width()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 8), graph.Input(1, 3, 8, 8));
        var gate = graph.Call(Layers.Conv2d("gate", 8, 1, kernel: 1), x);
        graph.Call("mul", [x, gate]);
        Assert.Equal(["conv"], graph.GroupNames());
        Assert.Equal("there is only one of it", graph.OutputOf("gate")!.FixedBecause);
    }

    [Fact]
    public void View_by_sizes_of_the_tensor_follows_its_axes()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 6, kernel: 1), graph.Input(2, 3, 4, 5));
        var flat = graph.Call("view", x, ("shape", new[] { x.Size(0), x.Size(1) * x.Size(2) * x.Size(3) }));

        Assert.Equal(Enumerable.Range(0, 120).Select(i => i / 20L), AxisIndex.Map(flat.Dims[1], graph.Groups()[0], 120));
        Assert.Equal(flat.Dims[1].ToString(), graph.Call("view", x, ("shape", new AxisSize[] { x.Size(0), -1 })).Dims[1].ToString());
    }

    [Fact]
    public void A_constant_that_counts_channels_is_a_baked_width()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 6, kernel: 1), graph.Input(2, 3, 4, 5));
        var error = Assert.Throws<AxisException>(() => graph.Call("view", x, ("shape", new long[] { -1, 120 })));
        Assert.Equal(AxisRule.BakedWidth, error.Rule);
        Assert.Contains("120", error.Message);
    }

    [Fact]
    public void A_constant_that_counts_channels_is_a_baked_width_without_any_sizes()
    {
        var x = new AxisTensor(graph.NewFixed("N", null, "batch"), graph.NewOutput("conv", null), graph.NewFixed("H", null, "space"), graph.NewFixed("W", null, "space"));
        var error = Assert.Throws<AxisException>(() => graph.Call("view", x, ("shape", new long[] { -1, 800 })));
        Assert.Equal(AxisRule.BakedWidth, error.Rule);
    }

    [Fact]
    public void A_constant_number_of_heads_leaves_their_width_to_prune()
    {
        var x = graph.Call(Layers.Linear("q", 32, 64), graph.Input(2, 10, 32));
        var heads = graph.Call("view", x, ("shape", new[] { x.Size(0), x.Size(1), 4, -1 }));

        Assert.Equal([2L, 10L, 4L, 16L], heads.Dims.Select(dim => dim.Size!.Value));
        Assert.Equal(["q"], graph.GroupNames());
        Assert.Equal(Enumerable.Range(0, 64).Select(i => i % 16L), AxisIndex.Map(graph.OutputOf("q")!, graph.Groups()[0], 64));
    }

    [Fact]
    public void View_of_an_input_may_use_any_constant()
    {
        var x = graph.Call("view", AxisTensor.Open(), ("shape", new long[] { -1, 784 }));
        x = graph.Call(Layers.Linear("fc", 784, 30), x);
        Assert.Equal(["fc"], graph.GroupNames());
    }

    [Fact]
    public void Permute_and_transpose_carry_the_axes()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 6, kernel: 1), graph.Input(2, 3, 4, 5));
        var last = graph.Call("permute", x, ("permutation", new long[] { 0, 2, 3, 1 }));
        Assert.Equal(6, graph.Call(Layers.Linear("fc", 6, 7), last).Dims.Count + 2);
        Assert.Same(x.Dims[1], graph.Call("transpose", x, ("dim0", 1L), ("dim1", -1L)).Dims[3]);
    }

    [Fact]
    public void Squeeze_without_a_dimension_needs_known_sizes()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 6, kernel: 1), AxisTensor.Open());
        Assert.Equal(AxisRule.UnknownShape, Assert.Throws<AxisException>(() => graph.Call("squeeze", x)).Rule);
        var pooled = graph.Call("adaptive_avg_pool2d", x, ("output_size", 1L));
        Assert.Equal(2, graph.Call("squeeze", graph.Call("squeeze", pooled, ("dim", -1L)), ("dim", -1L)).Dims.Count);
    }
}
