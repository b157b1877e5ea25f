using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Another order of channels, in which N of each M weights keep more, and the model answers as before.</summary>
public sealed partial class ChannelPermutationTests
{
    public static TheoryData<string> Names => [.. Pruned.Models.Keys];

    [Fact]
    public void Two_large_ones_come_to_each_set_of_four()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var options = new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["hidden"] = new() { Ratio = 0 } } };
        using (var mask = Pruning.Mask(model, model.Forward, options, data: null, model.InputShape))
        {
            Assert.Equal(1.9, Sum(model), 1e-5);
        }

        model = new Net();
        var (x, group) = (randn(16, 3), Assert.Single(Pruning.PermuteChannels(model, model.Forward, options, data: null, model.InputShape)));
        Assert.Equal(("hidden", 1.9, 3.0), (group.Group, Math.Round(group.Before, 5), Math.Round(group.After, 5)));
        Assert.InRange(Pruned.MaxDifference(Pruned.Evaluate(new Net(), x), Pruned.Evaluate(model, x)), 0, 1e-5);

        // Filters, biases and everything of the BatchNorm went along.
        var (before, now) = (new Net(), tensor(group.Order.ToArray()));
        foreach (var (name, parameter) in before.state_dict().Where(entry => entry.Key.StartsWith("hidden") || entry.Key.StartsWith("norm")).Where(entry => entry.Value.dim() > 0))
        {
            Assert.True(parameter.index_select(0, now).equal(model.state_dict()[name]).all().item<bool>(), name);
        }

        using var masked = Pruning.Mask(model, model.Forward, options, data: null, model.InputShape);
        Assert.Equal(3.0, Sum(model), 1e-5);

        static double Sum(Net model) => model.output.weight!.abs().sum().item<float>();
    }

    [Fact]
    public void A_model_whose_weights_are_codes_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Pruning.ShareWeights(model, new ShareOptions { Bits = 4 });
        var (before, codes) = (TinyNet.Bits(model), Pruning.Codes(model).Weights.Keys.Order().ToList());
        var options = new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["hidden"] = new() { Ratio = 0 } } };
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.PermuteChannels(model, model.Forward, options, data: null, model.InputShape));
        Assert.Contains("hidden of Net is stored as codes", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Equal(codes, Pruning.Codes(model).Weights.Keys.Order());
    }

    [Fact]
    public void A_model_of_several_ways_is_refused_since_a_sample_shows_one()
    {
        using var scope = NewDisposeScope();
        var model = new TwoWays();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.PermuteChannels(
            model,
            inputs => [model.call(inputs[0])],
            new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["first"] = new() { Ratio = 0 } } },
            data: null,
            [16L, 4]));
        Assert.Contains("goes several ways, by input.max()", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void What_was_selected_in_the_old_order_is_refused_in_the_new_one()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var options = new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["hidden"] = new() { Ratio = 0 } } };
        var channels = new PruneOptions { Ratio = 0.5, Criterion = Criterion.L1 };
        using var importance = Pruning.Score(model, model.Forward, channels, data: null, model.InputShape);
        using var selection = Selection.Of(importance);
        using var unused = PruneMask.Of(selection);
        Pruning.PermuteChannels(model, model.Forward, options, data: null, model.InputShape);
        var before = TinyNet.Bits(model);
        foreach (var use in new Action[]
        {
            unused.Apply,
            () => PruneMask.Of(selection).Dispose(),
            () => Compaction.Apply(selection).Dispose(),
            () => Pruning.Compact(model, model.Forward, unused).Dispose(),
        })
        {
            Assert.Contains("in another order since it was linked", Assert.Throws<InvalidOperationException>(use).Message, StringComparison.Ordinal);
        }

        Assert.Equal(before, TinyNet.Bits(model));
        Pruning.Compact(model, model.Forward, channels, data: null, model.InputShape).Dispose();
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_model_answers_as_before_and_keeps_no_less(string name)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](1);
        var x = randn(model.InputShape);
        var before = Pruned.Evaluate(model, x);
        using var importance = Importance.Of(model.Plan(new PruneOptions { Granularity = new NOfMWeights(1, 2), Criterion = Criterion.L1 }), model.Forward);
        var permuted = ChannelPermutation.Apply(importance, model.Forward, [x]);
        Assert.All(permuted, group => Assert.True(group.After > group.Before));
        Assert.All(permuted, group => Assert.Equal(Enumerable.Range(0, group.Order.Count).Select(i => (long)i), group.Order.Order()));
        var after = Pruned.Evaluate(model, x);
        Assert.InRange(Pruned.MaxDifference(before, after), 0, 1e-4 * Math.Max(1, before.abs().max().item<float>()));
        using var again = Importance.Of(model.Plan(new PruneOptions { Granularity = new NOfMWeights(1, 2), Criterion = Criterion.L1 }), model.Forward);
        Assert.Empty(ChannelPermutation.Apply(again, model.Forward, [x]));
    }

    [Fact]
    public void Of_many_rows_the_search_finds_no_less_than_what_was_and_nothing_more_in_a_second_run()
    {
        var random = new Random(4);
        for (var run = 0; run < 20; run++)
        {
            double[] scores = [.. Enumerable.Range(0, 6 * 16).Select(_ => random.NextDouble())];
            var order = ChannelPermutation.Search(scores, 16, 2, 4);
            double[] sorted = [.. scores.Chunk(16).SelectMany(row => order.Select(column => row[column]))];
            Assert.True(Kept(sorted) > Kept(scores));
            Assert.Equal(Enumerable.Range(0, 16).Select(i => (long)i), ChannelPermutation.Search(sorted, 16, 2, 4));
        }

        static double Kept(double[] scores) => scores.Chunk(4).Sum(set => set.OrderDescending().Take(2).Sum());
    }

    [Fact]
    public void What_is_held_at_zero_goes_along()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        WeightMasks.Hold(model.hidden, "weight", ones_like(model.hidden.weight!).index_fill_(0, tensor(new long[] { 0 }), 0));
        using (no_grad())
        {
            model.hidden.weight!.mul_(WeightMasks.Of(model.hidden, "weight")!);
        }

        var options = new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["hidden"] = new() { Ratio = 0 } } };
        var order = Pruning.PermuteChannels(model, model.Forward, options, data: null, model.InputShape)[0].Order;
        var at = order.ToList().IndexOf(0);
        Assert.NotEqual(0, at);
        Assert.Equal(0, model.hidden.weight![at].count_nonzero().item<long>());
        Assert.True(WeightMasks.Of(model.hidden, "weight")!.eq(model.hidden.weight!.ne(0)).all().item<bool>());
    }

    [Fact]
    public void A_model_that_looks_at_the_order_of_its_channels_is_refused_and_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        var options = new PruneOptions { Granularity = Granularity.NOfM, Criterion = Criterion.L1, Layers = { ["hidden"] = new() { Ratio = 0 } } };
        Tensor[] First(Tensor[] inputs) => [model.hidden.call(inputs[0]).narrow(1, 0, 1)];
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.PermuteChannels(model, First, options, data: null, model.InputShape));
        Assert.Contains("forward looks at the order of those of hidden", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void Without_a_layer_that_keeps_N_of_each_M_or_anything_to_call_it_with_it_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.PermuteChannels(model, model.Forward, new PruneOptions(), data: null, model.InputShape));
        Assert.Contains("choose the granularity NOfM", error.Message);
        error = Assert.Throws<InvalidOperationException>(
            () => Pruning.PermuteChannels(new Net(), inputs => inputs, new PruneOptions { Granularity = Granularity.NOfM, Layers = { ["hidden"] = new() { Ratio = 0 } } }));
        Assert.Contains("give data, or the shape of each input", error.Message);
    }

    /// <summary>Eight channels behind a BatchNorm, and one output that reads four large ones first.</summary>
    [Prunable]
    private sealed partial class Net : TestModel
    {
        public readonly Linear hidden = nn.Linear(3, 8);
        public readonly BatchNorm1d norm = nn.BatchNorm1d(8);
        public readonly Linear output = nn.Linear(8, 1);

        public Net()
            : base(nameof(Net))
        {
            Initialise(1);
            using var noGradients = no_grad();
            output.weight!.copy_(tensor(new[] { 0.9f, 0.8f, -0.7f, 0.6f, 0.1f, 0.1f, -0.1f, 0.1f }).unsqueeze(0));
        }

        public override long[] InputShape => [2, 3];

        public override Tensor forward(Tensor input) => output.call(norm.call(hidden.call(input)).relu());
    }

    /// <summary>On one way the sums along the channels tell their order.</summary>
    [Prunable]
    private sealed partial class TwoWays : nn.Module<Tensor, Tensor>
    {
        private readonly Linear first = nn.Linear(4, 8);
        private readonly Linear second = nn.Linear(8, 4);

        public TwoWays()
            : base(nameof(TwoWays)) => RegisterComponents();

        public override Tensor forward(Tensor input)
        {
            var x = first.call(input);
            if (input.max().item<float>() < 0.6f)
            {
                x = x.cumsum(1);
            }

            return second.call(x);
        }
    }
}
