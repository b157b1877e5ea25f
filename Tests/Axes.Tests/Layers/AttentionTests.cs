namespace PruneGen.Axes.Tests;

/// <summary>Attention by hand, recurrent layers and the attention layers of TorchSharp, with widths and without.</summary>
public sealed class AttentionTests
{
    private readonly AxisGraph graph = new();

    public static TheoryData<bool> Known => [true, false];

    [Theory]
    [MemberData(nameof(Known))]
    public void A_number_of_heads_stays_and_their_width_is_a_group(bool known)
    {
        var x = Stream(known);
        var parts = graph.CallAll("chunk", Linear("qkv", known ? 36 : null, x), ("chunks", 3L), ("dim", -1L))
            .Select(part => Heads(part, 3, -1)).ToArray();
        var scores = graph.Call("matmul", [parts[0], graph.Call("transpose", parts[1], ("dim0", -2L), ("dim1", -1L))]);
        var y = graph.Call("transpose", graph.Call("matmul", [graph.Call("softmax", scores, ("dim", -1L)), parts[2]]), ("dim0", 1L), ("dim1", 2L));
        Linear("out", known ? 4 : null, graph.Call("flatten", y, ("start_dim", 2L)));

        var group = Assert.Single(graph.Groups(), group => group.Name == "qkv");
        Assert.Null(group.InexactBecause);
        Assert.Contains("counts 3 of them by a constant", graph.OutputOf("qkv")!.Leaves().Single(leaf => leaf.FixedBecause?.Contains("counts") == true).FixedBecause);
        Assert.Equal(Enumerable.Range(0, 36).Select(i => i % 4L), AxisIndex.Map(graph.OutputOf("qkv")!, group, 36));
        Assert.Contains("out.weight[1]", graph.Members(group));
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void A_head_width_that_is_a_number_leaves_the_heads_to_prune(bool known)
    {
        var x = Stream(known);
        var heads = Heads(Linear("q", known ? 12 : null, x), -1, 4);
        Assert.Equal(4, heads.Dims[3].Size);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => i / 4L), AxisIndex.Map(graph.OutputOf("q")!, Assert.Single(graph.Groups()), 12));
    }

    [Fact]
    public void Repeated_heads_of_keys_tie_those_of_the_queries()
    {
        var x = Stream(true);
        var (q, k) = (Heads(Linear("q", 24, x), -1, 4), Heads(Linear("k", 12, x), -1, 4));
        k = graph.Call("repeat_interleave", k, ("repeats", 2L), ("dim", 1L));
        graph.Call("matmul", [q, graph.Call("transpose", k, ("dim0", -2L), ("dim1", -1L))]);

        var group = Assert.Single(graph.Groups());
        Assert.Equal(3, group.Size);
        Assert.Equal(Enumerable.Range(0, 24).Select(i => i / 8L), AxisIndex.Map(graph.OutputOf("q")!, group, 24));
    }

    [Fact]
    public void Numbers_that_state_both_factors_are_reported_over_the_source_and_hold_the_width_of_a_live_model()
    {
        var x = Stream(true);
        Assert.Equal(AxisRule.BakedWidth, Assert.Throws<AxisException>(() => Heads(Linear("q", 12, x), 3, 4)).Rule);

        var live = new AxisGraph(isLive: true);
        var y = live.Call(Layers.Linear("q", 6, 12), live.Input(2, 5, 6));
        var heads = live.Call("view", y, ("shape", new[] { y.Size(0), y.Size(1), 3, 4 }));
        Assert.Equal([2L, 5, 3, 4], heads.Dims.Select(dim => dim.Size!.Value));
        Assert.Contains("states 3 as a constant", live.OutputOf("q")!.FixedBecause);
    }

    [Theory]
    [MemberData(nameof(Known))]
    public void Shuffled_channels_are_followed(bool known)
    {
        var x = known ? graph.Call(Layers.Conv2d("conv", 3, 12, kernel: 1), graph.Input(2, 3, 4, 4))
            : graph.Call(new LayerSpec("conv", "Conv2d", new Dictionary<string, object?> { ["groups"] = 1L }, new Dictionary<string, long[]?> { ["weight"] = null }), AxisTensor.Open());
        var turned = graph.Call("transpose", graph.Call("view", x, ("shape", new[] { x.Size(0), 3, x.Size(1) / 3, x.Size(2), x.Size(3) })), ("dim0", 1L), ("dim1", 2L));
        var y = graph.Call("view", turned, ("shape", new[] { x.Size(0), x.Size(1), x.Size(2), x.Size(3) }));

        var group = Assert.Single(graph.Groups());
        Assert.Equal(Enumerable.Range(0, 12).Select(i => i % 4L), AxisIndex.Map(x.Dims[1], group, 12));
        Assert.Equal(Enumerable.Range(0, 12).Select(i => i / 3L), AxisIndex.Map(y.Dims[1], group, 12));
    }

    [Fact]
    public void A_recurrent_layer_has_one_hidden_size_in_every_gate_layer_and_direction()
    {
        var parameters = new Dictionary<string, long[]?>();
        foreach (var (suffix, inputs) in new[] { ("_l0", 6L), ("_l0_reverse", 6), ("_l1", 10), ("_l1_reverse", 10) })
        {
            parameters["weight_ih" + suffix] = [20, inputs];
            parameters["weight_hh" + suffix] = [20, 5];
            parameters["bias_ih" + suffix] = [20];
            parameters["bias_hh" + suffix] = [20];
        }

        var layer = new LayerSpec("rnn", "LSTM", new Dictionary<string, object?> { ["batch_first"] = true }, parameters);
        var results = LayerTable.Apply(graph, layer, [graph.Input(2, 7, 6), null, null]);

        Assert.Equal(["[2, 7, [rnn | rnn]]", "[4, 2, rnn]", "[4, 2, rnn]"], results.Select(result => result.ToString()));
        var group = Assert.Single(graph.Groups());
        Assert.Equal(Enumerable.Range(0, 20).Select(i => i % 5L), AxisIndex.Map(graph.Parameters.Single(p => p.Name == "weight_hh_l1").Axes[0], group, 20));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => i % 5L), AxisIndex.Map(graph.Parameters.Single(p => p.Name == "weight_ih_l1").Axes[1], group, 10));
        Assert.Equal(3, LayerTable.Find("LSTM")!.Results);

        var untold = new LayerSpec("other", "LSTM", new Dictionary<string, object?>(), parameters);
        Assert.Equal(AxisRule.Unsupported, Assert.Throws<AxisException>(() => LayerTable.Apply(graph, untold, [graph.Input(2, 7, 6)])).Rule);
    }

    [Theory]
    [InlineData(true, 2, 7)]
    [InlineData(false, 7, 2)]
    public void A_sample_is_a_whole_sequence_whichever_comes_first(bool batchFirst, long first, long second)
    {
        var parameters = new Dictionary<string, long[]?> { ["weight_ih_l0"] = [20, 6], ["weight_hh_l0"] = [20, 5] };
        var layer = new LayerSpec("rnn", "LSTM", new Dictionary<string, object?> { ["batch_first"] = batchFirst }, parameters);
        var all = LayerTable.Apply(graph, layer, [graph.Input(first, second, 6)])[0];
        graph.Call(Layers.Linear("each", 5, 3), all);
        graph.Call(Layers.Linear("last", 5, 3), graph.Call("select", all, ("dim", batchFirst ? 1L : 0L), ("index", 0L)));

        Assert.Equal(
            (7 * 20 * 6) + (7 * 20 * 5) + (7 * 5 * 3) + (5 * 3),
            graph.Macs.Sum(term => term.Factors.Aggregate(1L, (n, axis) => n * axis.Size!.Value)));
    }

    [Fact]
    public void The_layers_that_keep_their_width_hold_their_inputs_and_prune_inside()
    {
        var parameters = new Dictionary<string, long[]?> { ["self_attn.in_proj_weight"] = [24, 8], ["linear1.weight"] = [12, 8], ["linear1.bias"] = [12], ["linear2.weight"] = [8, 12], ["norm1.weight"] = [8] };
        var x = graph.Call(Layers.Linear("fc", 6, 8), graph.Input(2, 5, 6));
        graph.Call(new LayerSpec("encoder", "TransformerEncoderLayer", new Dictionary<string, object?>(), parameters), x);

        var group = Assert.Single(graph.Groups());
        Assert.Equal(["encoder.linear1.weight[0]", "encoder.linear1.bias[0]", "encoder.linear2.weight[1]"], graph.Members(group));
        Assert.Contains("encoder keeps the width", graph.OutputOf("fc")!.FixedBecause);
    }

    [Theory]
    [InlineData("bij,bjk->bik")]
    [InlineData("...ij,...jk->...ik")]
    public void An_einsum_ties_equal_letters(string equation)
    {
        var (a, b) = (Linear("a", 8, Stream(true)), graph.Call("transpose", Linear("b", 8, Stream(true)), ("dim0", 1L), ("dim1", 2L)));
        var y = graph.Call("einsum", [a, b], ("equation", equation));
        Assert.Equal([2L, 5, 5], y.Dims.Select(dim => dim.Size!.Value));
        Assert.Null(Assert.Single(graph.Groups()).InexactBecause);
        Assert.Throws<AxisException>(() => graph.Call("einsum", [a, b], ("equation", "ij,jk->ik")));
    }

    [Fact]
    public void What_turns_ranks_or_counts_a_group_holds_it()
    {
        foreach (var (op, arguments) in new (string, (string, object?)[])[]
        {
            ("flip", [("dims", new long[] { 2 })]),
            ("roll", [("shifts", 1L), ("dims", new long[] { 2 })]),
            ("argmax", [("dim", 2L)]),
            ("tril", []),
            ("fft", []),
        })
        {
            var fresh = new AxisGraph();
            fresh.Call(op, fresh.Call(Layers.Linear("fc", 6, 8), fresh.Input(2, 5, 6)), arguments).Read();
            Assert.Empty(fresh.Groups());
            Assert.Contains(op, fresh.OutputOf("fc")!.FixedBecause);
        }
    }

    [Theory]
    [InlineData("max")]
    [InlineData("kthvalue")]
    public void Where_something_is_found_matters_only_if_it_is_asked(string op)
    {
        var found = graph.CallAll(op, graph.Call(Layers.Linear("fc", 6, 8), graph.Input(2, 5, 6)), ("dim", 2L));
        Assert.Equal($"{op} is taken over it", Assert.Single(graph.Groups()).InexactBecause);
        graph.Call("add", [found[0], found[1]]);
        Assert.Empty(graph.Groups());
        Assert.Equal($"{op} tells the number of one of it", graph.OutputOf("fc")!.FixedBecause);
    }

    private AxisTensor Stream(bool known) => known ? graph.Input(2, 5, 6) : new AxisTensor(graph.NewFixed("N", null, "batch"), graph.NewFixed("T", null, "time"), graph.NewFixed("F", null, "input"));

    private AxisTensor Linear(string name, long? width, AxisTensor x) => graph.Call(
        width is null ? new LayerSpec(name, "Linear", new Dictionary<string, object?>(), new Dictionary<string, long[]?> { ["weight"] = null }) : Layers.Linear(name, x.Dims[^1].Size!.Value, width.Value),
        x);

    private AxisTensor Heads(AxisTensor x, long count, long width) =>
        graph.Call("transpose", graph.Call("view", x, ("shape", new[] { x.Size(0), x.Size(1), count, width })), ("dim0", 1L), ("dim1", 2L));
}
