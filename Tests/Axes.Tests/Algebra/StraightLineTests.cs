namespace PruneGen.Axes.Tests;

public sealed class StraightLineTests
{
    private readonly AxisGraph graph = new();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LeNet5_has_three_groups_and_keeps_its_result(bool shapeKnown)
    {
        var x = shapeKnown ? graph.Input(1, 1, 28, 28) : AxisTensor.Open();
        x = graph.Call("relu", graph.Call(Layers.Conv2d("conv1", 1, 20, kernel: 5), x));
        x = graph.Call("max_pool2d", x, ("kernel_size", 2L));
        x = graph.Call("relu", graph.Call(Layers.Conv2d("conv2", 20, 50, kernel: 5), x));
        x = graph.Call("max_pool2d", x, ("kernel_size", 2L));
        x = graph.Call("flatten", x, ("start_dim", 1L));
        x = graph.Call("relu", graph.Call(Layers.Linear("fc1", 800, 500), x));
        x = graph.Call(Layers.Linear("fc2", 500, 10), x);
        graph.Fix(x.Dims[^1], "it reaches the model's result");

        Assert.Equal(["conv1", "conv2", "fc1"], graph.GroupNames());
        Assert.Equal(["conv1.weight[0]", "conv1.bias[0]", "conv2.weight[1]"], graph.Members(graph.Groups()[0]));
        Assert.Equal(["conv2.weight[0]", "conv2.bias[0]", "fc1.weight[1]"], graph.Members(graph.Groups()[1]));
        Assert.Equal(["fc1.weight[0]", "fc1.bias[0]", "fc2.weight[1]"], graph.Members(graph.Groups()[2]));

        // Flattening 50×4×4 gives each channel sixteen features in a row.
        var features = graph.Parameters.Single(p => p.Path == "fc1.weight").Axes[1];
        Assert.Equal(Enumerable.Range(0, 800).Select(i => i / 16L), AxisIndex.Map(features, graph.Groups()[1], 800));
    }

    [Fact]
    public void A_batch_size_read_from_the_input_is_that_of_the_feature_maps()
    {
        var input = AxisTensor.Open();
        var x = graph.Call(Layers.Conv2d("conv1", 1, 20), graph.Call("relu", input));
        x = graph.Call("view", x, ("shape", new[] { input.Size(0), -1 }));

        Assert.Equal("[N, conv1·H·W]", x.ToString());
    }

    [Fact]
    public void Sizes_may_be_multiplied_in_any_order()
    {
        var x = graph.Call(Layers.Conv2d("conv1", 1, 20), AxisTensor.Open());
        x = graph.Call("view", x, ("shape", new[] { -1, x.Size(3) * x.Size(1) * x.Size(2) }));

        Assert.Equal("[N, conv1·H·W]", x.ToString());
    }

    [Fact]
    public void LeNet5_multiplies_what_its_paper_says()
    {
        var x = graph.Call(Layers.Conv2d("conv1", 1, 20, kernel: 5), graph.Input(1, 1, 28, 28));
        x = graph.Call("max_pool2d", x, ("kernel_size", 2L));
        x = graph.Call("max_pool2d", graph.Call(Layers.Conv2d("conv2", 20, 50, kernel: 5), x), ("kernel_size", 2L));
        x = graph.Call(Layers.Linear("fc1", 800, 500), graph.Call("flatten", x, ("start_dim", 1L)));
        graph.Call(Layers.Linear("fc2", 500, 10), x);

        // 24²·20·25 + 8²·50·20·25 + 800·500 + 500·10: the 2.293 M of the literature.
        Assert.Equal(2_293_000, graph.Macs.Sum(term => term.Factors.Aggregate(1L, (n, axis) => n * axis.Size!.Value)));
    }

    [Fact]
    public void A_residual_addition_makes_one_group_of_both_producers()
    {
        var a = graph.Call(Layers.Conv2d("stem", 3, 16, padding: 1), graph.Input(1, 3, 8, 8));
        var b = graph.Call(Layers.BatchNorm2d("bn", 16), graph.Call(Layers.Conv2d("body", 16, 16, padding: 1), a));
        graph.Call(Layers.Conv2d("head", 16, 4), graph.Call("add", [a, b]));

        Assert.Equal(["stem", "head"], graph.GroupNames());
        Assert.Equal(
            ["stem.weight[0]", "stem.bias[0]", "body.weight[0]", "body.weight[1]", "body.bias[0]", "bn.weight[0]", "bn.bias[0]", "bn.running_mean[0]", "bn.running_var[0]", "head.weight[1]"],
            graph.Members(graph.Groups()[0]));
    }

    [Fact]
    public void Adding_the_input_holds_a_layer_fixed()
    {
        var x = graph.Input(1, 16, 8, 8);
        graph.Call("add", [x, graph.Call(Layers.Conv2d("conv", 16, 16, padding: 1), x)]);

        Assert.Empty(graph.GroupNames());
        Assert.Equal("it belongs to the model's input", graph.OutputOf("conv")!.FixedBecause);
    }

    [Fact]
    public void Widths_that_cannot_be_added_are_refused()
    {
        var x = graph.Input(1, 3, 8, 8);
        var a = graph.Call(Layers.Conv2d("a", 3, 16), x);
        var b = graph.Call(Layers.Conv2d("b", 3, 8), x);

        var error = Assert.Throws<AxisException>(() => graph.Call("add", [a, b]));
        Assert.Equal(AxisRule.Mismatch, error.Rule);
        Assert.Contains("a and b", error.Message);
        Assert.Contains("16 and 8", error.Message);
    }

    [Fact]
    public void A_gate_of_one_pixel_is_broadcast_over_the_map()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 16), graph.Input(1, 3, 8, 8));
        var gate = graph.Call("adaptive_avg_pool2d", x, ("output_size", new long[] { 1, 1 }));
        gate = graph.Call("sigmoid", graph.Call(Layers.Conv2d("expand", 4, 16, kernel: 1), graph.Call(Layers.Conv2d("squeeze", 16, 4, kernel: 1), gate)));
        var y = graph.Call("mul", [x, gate]);

        Assert.Equal(6, y.Dims[2].Size);
        Assert.Equal(["conv", "squeeze"], graph.GroupNames());
        Assert.Contains("expand.weight[0]", graph.Members(graph.Groups()[0]));
    }

    [Fact]
    public void A_layer_called_twice_is_one_group_and_its_input_too()
    {
        var shared = Layers.Conv2d("shared", 16, 16, padding: 1);
        var x = graph.Call(Layers.Conv2d("stem", 3, 16, padding: 1), graph.Input(1, 3, 8, 8));
        graph.Call(shared, graph.Call(shared, x));

        Assert.Equal(["stem"], graph.GroupNames());
        Assert.Equal(2, graph.Macs.Count(term => term.Layer == "shared"));
    }

    [Fact]
    public void An_unknown_operation_is_refused_by_name()
    {
        var error = Assert.Throws<AxisException>(() => graph.Call("frobnicate", graph.Input(1, 4)));
        Assert.Equal(AxisRule.Unsupported, error.Rule);
        Assert.Contains("frobnicate", error.Message);
    }

    [Fact]
    public void A_mean_over_a_group_is_flagged_inexact()
    {
        var x = graph.Call(Layers.Conv2d("conv", 3, 16), graph.Input(1, 3, 8, 8));
        graph.Call("mean", x, ("dimensions", new long[] { 2, 3 }));
        Assert.Null(graph.Groups()[0].InexactBecause);

        graph.Call("mean", x, ("dimensions", new long[] { 1 }));
        Assert.Contains("mean", graph.Groups()[0].InexactBecause);
    }

    [Fact]
    public void Pooling_sizes_are_those_of_the_library()
    {
        // torch.nn.MaxPool2d(3, stride: 2, padding: 1): 112 → 56; with ceil_mode and no padding 112 → 56 as well, 111 → 55.
        var x = graph.Call(Layers.Conv2d("conv", 3, 8, kernel: 1), graph.Input(1, 3, 112, 111));
        var floor = graph.Call("max_pool2d", x, ("kernel_size", 3L), ("stride", 2L), ("padding", 1L));
        var ceil = graph.Call("max_pool2d", x, ("kernel_size", 3L), ("stride", 2L), ("ceil_mode", true));

        Assert.Equal([56L, 56L], floor.Dims.Skip(2).Select(dim => dim.Size!.Value));
        Assert.Equal([56L, 55L], ceil.Dims.Skip(2).Select(dim => dim.Size!.Value));
    }

    [Fact]
    public void With_ceil_mode_the_only_window_may_reach_over_the_end_of_the_input()
    {
        // torch.nn.functional.max_pool2d(x, 3, stride: 2, ceil_mode: true) on 2 × 3 gives 1 × 1; without ceil_mode torch refuses.
        var x = graph.Input(1, 4, 2, 3);
        var pooled = graph.Call("max_pool2d", x, ("kernel_size", 3L), ("stride", 2L), ("ceil_mode", true));

        Assert.Equal([1L, 1L], pooled.Dims.Skip(2).Select(dim => dim.Size!.Value));
        Assert.Throws<AxisException>(() => graph.Call("max_pool2d", x, ("kernel_size", 3L), ("stride", 2L)));
        Assert.Throws<AxisException>(() => graph.Call("max_pool2d", x, ("kernel_size", 5L), ("stride", 2L), ("ceil_mode", true)));
    }
}
