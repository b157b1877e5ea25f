using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What each granularity that sets weights to zero leaves, on weights that can be counted by hand, and as a property of random ones.</summary>
public sealed partial class GranularityTests
{
    private static readonly double[,] Row = { { 0.9, 0.8, 0.7, 0.6, 0.1, 0.1, 0.1, 0.1 } };

    [Theory]
    [InlineData(2, "0.9 0.8 0 0 0.1 0.1 0 0")]
    [InlineData(1, "0.9 0 0 0 0.1 0 0 0")]
    [InlineData(4, "0.9 0.8 0.7 0.6 0.1 0.1 0.1 0.1")]
    public void N_stay_of_each_four_the_first_of_equal_ones(int n, string expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Text(Masked(Row, new NOfMWeights(n, 4))));
    }

    [Fact]
    public void Of_a_convolution_two_stay_of_each_four_channels_at_each_position()
    {
        using var scope = NewDisposeScope();
        var model = new Filters();
        using var mask = Mask(model, new PruneOptions { Granularity = Granularity.NOfM });
        var kept = mask.Parameters["conv.weight"].permute(0, 2, 3, 1).reshape(-1, 4).sum(1);
        Assert.True(kept.eq(2).all().item<bool>());
        var up = mask.Parameters["up.weight"].permute(1, 2, 3, 0).reshape(-1, 4).sum(1);
        Assert.True(up.eq(2).all().item<bool>());
    }

    [Fact]
    public void What_was_held_before_is_among_those_that_go()
    {
        using var scope = NewDisposeScope();
        var model = new OneRow(Row);
        using var first = Mask(model, new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.5 });
        Assert.Equal("0.9 0.8 0.7 0.6 0 0 0 0", Text(model.layer.weight!));
        using var second = Mask(model, new PruneOptions { Granularity = Granularity.NOfM });
        Assert.Equal("0.9 0.8 0 0 0 0 0 0", Text(model.layer.weight!));
    }

    [Fact]
    public void Channels_that_M_does_not_divide_are_refused_and_a_ratio_of_zero_leaves_a_layer_dense()
    {
        using var scope = NewDisposeScope();
        var model = new OneRow(Row);
        var error = Assert.Throws<InvalidOperationException>(() => Mask(model, new PruneOptions { Granularity = new NOfMWeights(2, 3) }));
        Assert.Contains("layer.weight reads 8 channels, which 3 does not divide", error.Message);
        Assert.Contains("Give layer the ratio 0", error.Message);
        Assert.Equal("0.9 0.8 0.7 0.6 0.1 0.1 0.1 0.1", Text(model.layer.weight!));
        using var none = Mask(model, new PruneOptions { Granularity = new NOfMWeights(2, 3), Layers = { ["layer"] = new() { Ratio = 0 } } });
        Assert.Equal("0.9 0.8 0.7 0.6 0.1 0.1 0.1 0.1", Text(model.layer.weight!));
    }

    [Theory]
    [InlineData(0, 4)]
    [InlineData(5, 4)]
    public void N_is_from_one_to_M(int n, int m) => Assert.Contains("give an N from 1 to M", Assert.Throws<ArgumentOutOfRangeException>(() => new NOfMWeights(n, m)).Message);

    [Fact]
    public void Blocks_go_by_their_mean_and_at_the_edge_by_that_of_what_there_is()
    {
        using var scope = NewDisposeScope();

        // Means: 1, 4 and, of the two at the edge, 3; then 2.5, 5 and 0.5: the lower three go.
        double[,] weights =
        {
            { 1, 1, 4, 4, 3 },
            { 1, 1, 4, 4, 3 },
            { 3, 2, 5, 5, 0.5 },
        };
        Assert.Equal("0 0 4 4 3; 0 0 4 4 3; 0 0 5 5 0", Text(Masked(weights, new Blocks(2, 2), ratio: 0.5)));
    }

    [Fact]
    public void Every_super_block_loses_the_same_share()
    {
        using var scope = NewDisposeScope();

        // All of the large ones stand on the left: half of each 2 x 2 goes all the same.
        double[,] weights =
        {
            { 9, 8, 1, 2 },
            { 7, 6, 4, 3 },
        };
        Assert.Equal("9 8 0 0; 0 0 4 3", Text(Masked(weights, new SuperBlocks(2, 2), ratio: 0.5)));
        var model = new Filters();
        using var mask = Mask(model, new PruneOptions { Granularity = PruneGranularity.Of(Granularity.SuperBlock, 4, 12), Ratio = 0.75 });
        var matrix = mask.Parameters["conv.weight"].permute(0, 2, 3, 1).reshape(2, 4, 6, 12).sum([1, 3]);
        Assert.True(matrix.eq(12).all().item<bool>());
    }

    [Theory]
    [InlineData(Granularity.Row, "0 0 0; 2 3 4")]
    [InlineData(Granularity.Column, "0 0 5; 0 0 4")]
    public void Rows_and_columns_go_as_wholes(Granularity granularity, string expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, Text(Masked(new double[,] { { 1, 1, 5 }, { 2, 3, 4 } }, granularity, ratio: granularity == Granularity.Row ? 0.5 : 0.67)));
    }

    [Fact]
    public void Kernels_go_as_wholes()
    {
        using var scope = NewDisposeScope();
        using var mask = Mask(new Filters(), new PruneOptions { Granularity = Granularity.Kernel, Ratio = 0.25 });
        var kept = mask.Parameters["conv.weight"].reshape(64, 9).sum(1);
        Assert.True(kept.eq(0).logical_or(kept.eq(9)).all().item<bool>());
        Assert.Equal(16, kept.eq(0).sum().item<long>());
    }

    [Fact]
    public void A_kernel_keeps_the_middle_and_three_others_in_the_pattern_that_most_kernels_choose()
    {
        using var scope = NewDisposeScope();
        var model = new Filters();
        using (no_grad())
        {
            // The middle is small; all but the last kernel are largest in the upper row, the last in the lower.
            model.conv.weight!.fill_(0.1f);
            model.conv.weight!.narrow(2, 0, 1).fill_(2);
            var last = model.conv.weight!.narrow(0, 7, 1).narrow(1, 7, 1);
            last.narrow(2, 0, 1).fill_(0.2f);
            last.narrow(2, 2, 1).fill_(3);
        }

        using var mask = Mask(model, new PruneOptions { Granularity = PruneGranularity.Of(Granularity.Pattern, 1), Ratio = 0.1 });
        var kernels = mask.Parameters["conv.weight"].reshape(64, 9);
        Assert.True(kernels.eq(tensor(new float[] { 1, 1, 1, 0, 1, 0, 0, 0, 0 })).all().item<bool>());
        Assert.False(mask.Parameters.ContainsKey("head.weight"));
    }

    [Fact]
    public void Beyond_the_patterns_whole_kernels_go_and_every_one_that_stays_has_one_of_few_patterns()
    {
        using var scope = NewDisposeScope();
        using var mask = Mask(new Filters(), new PruneOptions { Granularity = Granularity.Pattern, Ratio = 0.75 });
        var kernels = mask.Parameters["conv.weight"].reshape(64, 9);
        var sums = kernels.sum(1);
        Assert.True(sums.eq(0).logical_or(sums.eq(4)).all().item<bool>());

        // 432 of 576 weights go: 320 by the patterns, and 28 whole kernels of four.
        Assert.Equal(28, sums.eq(0).sum().item<long>());
        var left = kernels.index_select(0, sums.nonzero().flatten());
        Assert.True(left.narrow(1, 4, 1).eq(1).all().item<bool>());
        Assert.InRange(left.matmul(tensor(Enumerable.Range(0, 9).Select(i => (float)(1 << i)).ToArray())).unique().output.numel(), 1, 8);
    }

    [Fact]
    public void A_granularity_that_suits_no_parameter_is_refused()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Mask(new OneRow(Row), new PruneOptions { Granularity = Granularity.Pattern }));
        Assert.Contains("Pattern(8) applies to no parameter of the model, neither to layer.weight [1, 8]", error.Message);
    }

    [Fact]
    public void Neither_a_threshold_nor_a_number_to_keep_goes_with_a_rule_of_its_own() => Assert.Contains(
        "give neither a threshold nor a number to keep",
        Assert.Throws<InvalidOperationException>(() => Mask(new OneRow(Row), new PruneOptions { Granularity = Granularity.NOfM, Keep = 3 })).Message);

    [Fact]
    public void Sizes_that_a_granularity_does_not_take_are_refused()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => PruneGranularity.Of(Granularity.NOfM, 1, 2, 3));
        Assert.Contains("NOfM does not take the sizes [1, 2, 3]", error.Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => PruneGranularity.Of(Granularity.Block, 0, 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => PruneGranularity.Of(Granularity.Pattern, 57));
        Assert.Throws<ArgumentOutOfRangeException>(() => PruneGranularity.Of(Granularity.Structured, 1));
    }

    [Theory]
    [InlineData("Unstructured")]
    [InlineData("NOfM(1, 4)")]
    [InlineData("SuperBlock(32, 64)")]
    [InlineData("Pattern(6)")]
    public void A_file_tells_the_granularity_with_its_sizes(string name) => Assert.Equal(name, PruneGranularity.Parse(name)!.Name);

    [Theory]
    [InlineData(1.0 / 3, 4)]
    [InlineData(0.5, 3)]
    [InlineData(1, 2)]
    public void A_schedule_comes_to_N_step_by_step(double share, long stay)
    {
        using var scope = NewDisposeScope();
        using var importance = Pruning.Score(new OneRow(Row), inputs => inputs, new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1 });
        using var selection = Selection.Of(importance, share);
        Assert.True(selection.Weights["layer.weight"].reshape(2, 4).sum(1).eq(stay).all().item<bool>());
    }

    private static Tensor Masked(double[,] weights, PruneGranularity granularity, double ratio = 0.5)
    {
        var model = new OneRow(weights);
        Mask(model, new PruneOptions { Granularity = granularity, Ratio = ratio });
        return model.layer.weight!.clone();
    }

    private static PruneMask Mask<TModel>(TModel model, PruneOptions options)
        where TModel : TestModel, IPrunable =>
        Pruning.Mask(model, model.Forward, options with { Criterion = Criterion.L1 }, data: null, model.InputShape);

    private static string Text(Tensor weights) => string.Join(
        "; ", Enumerable.Range(0, (int)weights.size(0)).Select(row => string.Join(" ", Pruned.Values(weights[row]).Select(value => $"{Math.Round(value, 3)}"))));

    /// <summary>One layer of given weights.</summary>
    [Prunable]
    private sealed partial class OneRow : TestModel
    {
        public readonly Linear layer;

        public OneRow(double[,] weights)
            : base(nameof(OneRow))
        {
            layer = nn.Linear(weights.GetLength(1), weights.GetLength(0));
            Initialise(1);
            using var noGradients = no_grad();
            layer.weight!.copy_(tensor(weights));
        }

        public override long[] InputShape => [1, layer.in_features];

        public override Tensor forward(Tensor input) => layer.call(input);
    }

    /// <summary>Eight channels in and out, a plain and a transposed convolution.</summary>
    [Prunable]
    private sealed partial class Filters : TestModel
    {
        public readonly Conv2d conv = nn.Conv2d(8, 8, 3);
        public readonly ConvTranspose2d up = nn.ConvTranspose2d(8, 4, 3);
        public readonly Linear head = nn.Linear(4, 3);

        public Filters()
            : base(nameof(Filters)) => Initialise(1);

        public override long[] InputShape => [1, 8, 6, 6];

        public override Tensor forward(Tensor input) => head.call(up.call(conv.call(input).relu()).mean([2, 3]));
    }
}
