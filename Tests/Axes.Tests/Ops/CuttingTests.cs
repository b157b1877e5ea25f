namespace PruneGen.Axes.Tests;

/// <summary>Chunks, splits, ranges and indices, and sizes that are parts of others.</summary>
public sealed class CuttingTests
{
    private readonly AxisGraph graph = new();

    public static TheoryData<bool> Known => [true, false];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_fused_projection_is_chunked_into_equal_pieces(bool known)
    {
        var x = Linear("qkv", known ? 48 : null);
        var parts = graph.CallAll("chunk", x, ("chunks", 3L), ("dim", -1L));

        Assert.Equal(3, parts.Length);
        var group = Assert.Single(graph.Groups());
        Assert.Equal("qkv", group.Name);
        Assert.All(parts, part => Assert.Same(group, part.Dims[^1]));
        Assert.Equal(Enumerable.Range(0, 48).Select(i => i % 16L), AxisIndex.Map(graph.OutputOf("qkv")!, group, 48));
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void A_range_up_to_half_of_the_width_is_one_of_two_halves(bool known)
    {
        var x = Linear("gated", known ? 12 : null);
        var half = x.Size(-1) / 2;
        var first = graph.Call("index", x, ("indices", new[] { AxisSlice.Ellipsis, AxisSlice.Range(null, half) }));
        var second = graph.Call("index", x, ("indices", new[] { AxisSlice.Ellipsis, AxisSlice.Range(half, null) }));

        Assert.Same(first.Dims[^1], second.Dims[^1]);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => i % 6L), AxisIndex.Map(graph.OutputOf("gated")!, Assert.Single(graph.Groups()), 12));
    }

    [Fact]
    public void A_range_that_ends_at_a_number_holds_what_lies_before_it()
    {
        var x = Linear("fc", 12);
        var head = graph.Call("index", x, ("indices", new[] { AxisSlice.All, AxisSlice.Range(null, 4) }));
        var tail = graph.Call("index", x, ("indices", new[] { AxisSlice.All, AxisSlice.Range(4, null) }));

        Assert.Equal((4L, 8L), (head.Dims[1].Size!.Value, tail.Dims[1].Size!.Value));
        Assert.Contains("takes 4 of", head.Dims[1].FixedBecause);
        Assert.Equal([-1, -1, -1, -1, 0, 1, 2, 3, 4, 5, 6, 7], AxisIndex.Map(graph.OutputOf("fc")!, Assert.Single(graph.Groups()), 12));
    }

    /// <summary>A layer that keeps its whole width is named, with the reason.</summary>
    [Fact]
    public void Pieces_that_are_all_stated_hold_the_layer_and_say_so()
    {
        graph.CallAll("split", Linear("fc", 12), ("sizes", new[] { 4L, 8L }), ("dim", 1L));

        Assert.Empty(graph.Groups());
        Assert.Equal([("fc", "split takes 4 of fc by a constant"), ("fc", "split takes 8 of fc by a constant")], graph.Outputs().Select(axis => (axis.Name, axis.FixedBecause!)));
    }

    [Fact]
    public void A_number_computed_from_a_width_holds_it()
    {
        var x = Linear("fc", 12);
        graph.Call("index", x, ("indices", new[] { AxisSlice.All, AxisSlice.Range(null, x.Size(1) - 5) }));
        Assert.Empty(graph.Groups());
    }

    [Fact]
    public void A_width_that_is_compared_with_a_number_is_held()
    {
        var (x, y) = (Linear("a", 12), Linear("b", 8));
        Assert.True(x.Size(1) == x.Size(1) && x.Size(1) / 2 == x.Size(1) / 2);
        Assert.Equal(["a", "b"], graph.GroupNames());
        Assert.False(x.Size(1) == 5);
        Assert.Equal(["b"], graph.GroupNames());
        Assert.True(y.Size(1) < 9);
        Assert.Empty(graph.GroupNames());
    }

    [Fact]
    public void Two_widths_that_are_compared_are_held_unless_they_are_equal_and_so_shrink_together()
    {
        var (x, y, z) = (Linear("a", 12), Linear("b", 12), Linear("c", 8));
        Assert.True(x.Size(1) == y.Size(1));
        Assert.Equal(["a", "c"], graph.GroupNames());
        Assert.Equal(["a.weight[0]", "a.bias[0]", "b.weight[0]", "b.bias[0]"], graph.Members(graph.Groups()[0]));

        // Pruned by ratios of their own, they might trade places.
        Assert.True(y.Size(1) > z.Size(1));
        Assert.Empty(graph.GroupNames());
    }

    [Fact]
    public void The_number_of_elements_and_whatever_is_computed_of_it_keep_the_widths_they_come_from()
    {
        var x = Linear("a", 12);
        Assert.Equal(24, x.Count.Factor);
        Assert.Contains("computes with its width", Assert.Single(graph.Groups()).InexactBecause);

        Assert.Equal(5, (int)((x.Count / 4) - 1));
        Assert.Empty(graph.GroupNames());
    }

    [Fact]
    public void Pieces_may_be_of_the_sizes_of_other_tensors()
    {
        var (a, b) = (Linear("a", 3), Linear("b", 5));
        var joined = Linear("joined", 8);
        var parts = graph.CallAll("split", joined, ("sizes", new[] { a.Size(1), b.Size(1) }), ("dim", 1L));

        Assert.Same(a.Dims[1].Resolve(), parts[0].Dims[1]);
        Assert.Equal([-1, -1, -1, 0, 1, 2, 3, 4], AxisIndex.Map(graph.OutputOf("joined")!, b.Dims[1], 8));
    }

    [Fact]
    public void A_split_by_numbers_holds_the_pieces()
    {
        var parts = graph.CallAll("split", Linear("fc", 12), ("size", 4L), ("dim", 1L));
        Assert.Equal([4L, 4, 4], parts.Select(part => part.Dims[1].Size!.Value));
        Assert.Empty(graph.Groups());
        Assert.Contains("split takes 4", parts[1].Dims[1].FixedBecause);
    }

    [Fact]
    public void A_split_by_a_third_of_the_width_gives_three_pieces()
    {
        var x = Linear("qkv", 12);
        var parts = graph.CallAll("split", x, ("size", x.Size(1) / 3), ("dim", 1L));
        Assert.Equal(3, parts.Length);
        Assert.Same(parts[0].Dims[1], parts[2].Dims[1]);
        Assert.Equal(4, Assert.Single(graph.Groups()).Size);
    }

    [Fact]
    public void Narrow_cuts_where_sizes_of_axes_say()
    {
        var (query, key) = (Linear("query", 8), Linear("key", 2));
        var x = Linear("qkv", 12);
        var q = graph.Call("narrow", x, ("dim", 1L), ("start", 0L), ("length", query.Size(1)));
        var k = graph.Call("narrow", x, ("dim", 1L), ("start", query.Size(1)), ("length", key.Size(1)));
        var v = graph.Call("index", x, ("indices", new[] { AxisSlice.Ellipsis, AxisSlice.Range(query.Size(1) + key.Size(1), null) }));

        Assert.Same(query.Dims[1].Resolve(), q.Dims[1]);
        Assert.Same(key.Dims[1].Resolve(), k.Dims[1]);
        Assert.Equal([.. Enumerable.Repeat(-1L, 10), 0, 1], AxisIndex.Map(graph.OutputOf("qkv")!, v.Dims[1], 12));
    }

    [Fact]
    public void Indices_drop_dimensions_and_ranges_shorten_them()
    {
        var x = graph.Input(2, 10, 7, 5);
        var y = graph.Call("index", x, ("indices", new[] { AxisSlice.All, AxisSlice.At(-1), AxisSlice.NewAxis, AxisSlice.Range(1, -1, 2) }));
        Assert.Equal([2L, 1, 3, 5], y.Dims.Select(dim => dim.Size!.Value));
        Assert.Equal(AxisRule.Mismatch, Assert.Throws<AxisException>(() => graph.Call("index", y, ("indices", Enumerable.Repeat(AxisSlice.All, 5).ToArray()))).Rule);
    }

    [Fact]
    public void A_second_ellipsis_stands_for_nothing()
    {
        var x = graph.Call("index", graph.Input(2, 10, 7), ("indices", new[] { AxisSlice.Ellipsis, AxisSlice.Range(0, 3), AxisSlice.Ellipsis }));
        Assert.Equal("[2, 10, 3]", x.ToString());
    }

    [Fact]
    public void Picking_channels_by_number_holds_them()
    {
        var x = Linear("fc", 12);
        graph.Call("index", x, ("indices", new[] { AxisSlice.All, AxisSlice.At(3) }));
        Assert.Contains("by its number", graph.OutputOf("fc")!.FixedBecause);

        var y = Linear("fd", 12);
        Assert.Equal(3, graph.Call("index_select", [y, graph.Input(3)], ("dim", 1L)).Dims[1].Size);
        Assert.Contains("index_select", graph.OutputOf("fd")!.FixedBecause);
    }

    [Fact]
    public void A_tensor_as_an_index_puts_its_dimensions_in_place()
    {
        var x = graph.Input(2, 10, 7);
        Assert.Equal("[2, 3, 4, 7]", graph.Call("index", x, ("indices", new[] { AxisSlice.All, AxisSlice.By(graph.Input(3, 4)) })).ToString());
        var mask = graph.Call("gt", graph.Input(2, 10));
        Assert.Equal("[?, 7]", graph.Call("index", x, ("indices", new[] { AxisSlice.By(mask) })).ToString());
    }

    [Fact]
    public void What_depends_on_numbers_holds_what_it_reads()
    {
        Assert.Equal("[?, 2]", graph.Call("nonzero", Linear("fc", 4)).ToString());
        Assert.Contains("nonzero picks by the numbers", graph.OutputOf("fc")!.FixedBecause);
    }

    [Fact]
    public void New_tensors_have_the_sizes_that_they_are_given()
    {
        var x = Linear("fc", 6);
        var state = graph.Call("zeros", [], ("size", new[] { x.Size(0), x.Size(1) }));
        Assert.True(state.KeepsZeros);
        graph.Call("add", [x, state]);
        Assert.Single(graph.Groups());

        graph.Call("add", [x, graph.Call("randn", [], ("size", new long[] { 2, 6 }))]);
        Assert.Empty(graph.Groups());
        Assert.Equal(5, graph.Call("arange", [], ("stop", 5L)).Dims[0].Size);
        Assert.Equal("[3, 3]", graph.Call("eye", [], ("rows", 3L)).ToString());
    }

    [Theory]
    [InlineData("chunk", "chunks", 4L, 4)]
    [InlineData("tensor_split", "size", 5L, 5)]
    [InlineData("relu", "none", 0L, 1)]
    [InlineData("unbind", "dim", 1L, 12)]
    [InlineData("split", "size", 5L, 3)]
    public void The_number_of_results_is_known(string op, string argument, long value, int count)
    {
        var arguments = new Dictionary<string, object?> { [argument] = value };
        if (op != "unbind")
        {
            arguments["dim"] = 1L;
        }

        Assert.Equal(count, OpTable.ResultCount(new OpArguments(op, [graph.Input(2, 12)], arguments)));
    }

    [Fact]
    public void The_number_of_results_may_be_open()
    {
        Assert.Null(OpTable.ResultCount(new OpArguments("split", [AxisTensor.Open()], new Dictionary<string, object?> { ["size"] = 2L })));
        Assert.Null(OpTable.ResultCount(new OpArguments("unbind", [AxisTensor.Deferred], new Dictionary<string, object?>())));
        Assert.Equal(2, OpTable.ResultCount(new OpArguments("split", [AxisTensor.Deferred], new Dictionary<string, object?> { ["sizes"] = new long[] { 1, 2 } })));
    }

    [Fact]
    public void A_bare_parameter_takes_what_it_is_tied_to()
    {
        var model = new LayerSpec("", "Net", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { ["gamma"] = [6], ["scale"] = [LayerSpec.Unknown, 1, 1], ["free"] = [6], ["untold"] = null });
        var x = Linear("fc", 6);
        graph.Call("mul", [x, graph.ParameterOf(model, "gamma")]);
        graph.ParameterOf(model, "free");
        Assert.True(graph.ParameterOf(model, "untold").IsDeferred);
        Assert.Equal(["fc.weight[0]", "fc.bias[0]", "gamma[0]"], graph.Members(Assert.Single(graph.Groups())));

        var map = graph.Call(Layers.Conv2d("conv", 3, 8), graph.Input(1, 3, 8, 8));
        graph.Call("mul", [map, graph.ParameterOf(model, "scale")]);
        Assert.Contains("scale[0]", graph.Members(graph.Groups()[1]));
    }

    [Fact]
    public void What_is_normalised_before_it_meets_a_group_makes_the_group_inexact()
    {
        var model = new LayerSpec("", "Net", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { ["mixture"] = [6] });
        var shares = graph.Call("softmax", graph.ParameterOf(model, "mixture"), ("dim", 0L));
        graph.Call("mul", [Linear("fc", 6), shares]);

        Assert.Equal("softmax is taken over it", Assert.Single(graph.Groups()).InexactBecause);
    }

    [Fact]
    public void The_weight_of_a_layer_is_that_of_its_rule()
    {
        var fc = Layers.Linear("fc", 4, 6);
        var x = graph.Call(fc, graph.Input(2, 4));
        Assert.Same(x.Dims[1], graph.ParameterOf(fc, "weight").Dims[0]);
    }

    [Fact]
    public void A_width_that_is_one_head_alone_is_cut_into_one()
    {
        var x = graph.Call(Layers.Linear("fc", 4, 16), graph.Input(2, 5, 4));
        var heads = graph.Call("view", x, ("shape", new[] { x.Size(0), x.Size(1), -1, 16 }));

        Assert.Equal((1L, 16L), (heads.Dims[2].Size!.Value, heads.Dims[3].Size!.Value));

        // Beside other dimensions the same number is a width that the source bakes in.
        var y = graph.Call(Layers.Linear("other", 4, 16), graph.Input(2, 5, 4));
        Assert.Equal(AxisRule.BakedWidth, Assert.Throws<AxisException>(() => graph.Call("view", y, ("shape", new[] { y.Size(0), -1, 16 }))).Rule);
    }

    [Theory]
    [InlineData(2, "across its repeats")]
    [InlineData(3, null)]
    public void A_number_cuts_what_stands_three_times_between_its_repeats_or_holds_it(long pieces, string? because)
    {
        var x = Linear("fc", 16);
        var repeated = graph.Call("cat", [x, x, x], ("dim", 1L));
        graph.Call("view", repeated, ("shape", new[] { repeated.Size(0), pieces, repeated.Size(1) / pieces }));

        if (because is null)
        {
            Assert.Equal("fc", Assert.Single(graph.Groups()).Name);
        }
        else
        {
            Assert.Empty(graph.Groups());
            Assert.Contains(because, graph.OutputOf("fc")!.Resolve().FixedBecause);
        }
    }

    private AxisTensor Linear(string name, long? width) =>
        graph.Call(width is null ? new LayerSpec(name, "Linear", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { ["weight"] = null }) : Layers.Linear(name, 4, width.Value), graph.Input(2, 4));
}
