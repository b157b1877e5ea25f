using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class SelectionTests
{
    [Theory]
    [InlineData(20, 0.5, 1, 1, 10)]
    [InlineData(50, 0.7, 1, 1, 15)]
    [InlineData(10, 0.7, 1, 1, 3)]
    [InlineData(25, 0.5, 1, 1, 13)]
    [InlineData(20, 0.0, 1, 1, 20)]
    [InlineData(20, 0.999, 1, 1, 1)]
    [InlineData(1, 0.9, 1, 1, 1)]
    [InlineData(20, 0.9, 6, 1, 6)]
    [InlineData(4, 0.9, 6, 1, 4)]
    [InlineData(50, 0.5, 1, 8, 32)]
    [InlineData(50, 0.05, 1, 8, 48)]
    [InlineData(50, 0.01, 1, 8, 50)]
    [InlineData(50, 0.9, 12, 8, 16)]
    public void The_width_that_is_kept(long width, double ratio, int minWidth, int roundTo, long expected) =>
        Assert.Equal(expected, KeptWidths.AtRatio(width, ratio, minWidth, roundTo));

    [Fact]
    public void The_least_important_go_and_of_equal_ones_the_first_stay()
    {
        using var scope = NewDisposeScope();
        var kept = Select(new PruneOptions { Ratio = 0.5 }, (group, i) => group == "conv1" ? i % 2 : 1);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => (2L * i) + 1), kept["conv1"]);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), kept["conv2"]);
        Assert.Equal(Enumerable.Range(0, 250).Select(i => (long)i), kept["fc1"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.07)]
    [InlineData(0.5)]
    [InlineData(0.93)]
    public void What_stays_is_what_a_stable_sort_puts_first(double ratio)
    {
        using var scope = NewDisposeScope();
        for (var seed = 0; seed < 20; seed++)
        {
            // Few different scores make many ties; a minus makes some of them zeros of either sign.
            var random = new Random(seed);
            var scores = Enumerable.Range(0, 500).Select(_ => -random.Next(seed + 1) * 0.5).ToArray();
            var kept = Select(new PruneOptions { Ratio = ratio }, (_, i) => scores[i], onOneScale: true)["fc1"];
            Assert.Equal(Enumerable.Range(0, 500).OrderByDescending(i => scores[i]).Take(kept.Length).Order().Select(i => (long)i), kept);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(700)]
    [InlineData(5_000)]
    [InlineData(9_999)]
    public void The_same_of_many_numbers_of_all_sizes(int remove)
    {
        using var scope = NewDisposeScope();
        for (var seed = 0; seed < 8; seed++)
        {
            // Of either sign, from tiny to huge, with ties, zeros and what is held at zero already.
            var random = new Random(seed);
            var scores = Enumerable.Range(0, 10_000).Select(_ => random.Next(seed + 2) switch
            {
                0 => double.NegativeInfinity,
                1 => random.Next(-1, 2) * 0.0,
                2 => random.Next(-9, 9) * 1e-300,
                3 => random.NextDouble() * 1e200,
                _ => random.NextDouble() - 0.5,
            }).ToArray();
            IsKept(tensor(scores), scores);

            // Those too large for float32 become infinite there, and those too small zero.
            IsKept(tensor(scores).to_type(ScalarType.Float32), Array.ConvertAll(scores, score => (double)(float)score));
            IsKept(tensor(scores).to_type(ScalarType.Float16), Array.ConvertAll(scores, score => (double)(Half)score));
        }

        void IsKept(Tensor scores, double[] numbers)
        {
            var stays = Selection.KeepBest(scores, remove).data<bool>().ToArray();
            var expected = Enumerable.Range(0, numbers.Length).OrderByDescending(i => numbers[i]).Take(numbers.Length - remove).ToHashSet();
            Assert.Equal(Enumerable.Range(0, numbers.Length).Select(expected.Contains), stays);
        }
    }

    [Fact]
    public void A_layer_overrides_the_model()
    {
        using var scope = NewDisposeScope();
        var kept = Select(
            new PruneOptions { Ratio = 0.5, RoundTo = 4, Layers = { ["conv2"] = new() { Ratio = 0.7, RoundTo = 1 }, ["fc1"] = new() { KeepWidth = true } } },
            (_, i) => i);
        Assert.Equal(12, kept["conv1"].Length);
        Assert.Equal(15, kept["conv2"].Length);
        Assert.False(kept.ContainsKey("fc1"));
    }

    [Fact]
    public void A_threshold_removes_what_is_below_it()
    {
        using var scope = NewDisposeScope();
        var options = new PruneOptions { Threshold = 15, Layers = { ["conv2"] = new() { RoundTo = 16 }, ["fc1"] = new() { Ratio = 0.9 } } };
        var kept = Select(options, (_, i) => i);
        Assert.Equal([15L, 16, 17, 18, 19], kept["conv1"]);

        // 35 are above; 48 is the next multiple, and the best of those below come back.
        Assert.Equal(Enumerable.Range(2, 48).Select(i => (long)i), kept["conv2"]);

        // A layer that states a ratio goes by it.
        Assert.Equal(50, kept["fc1"].Length);
    }

    [Fact]
    public void A_threshold_that_would_empty_a_layer_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var bits = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Select(new PruneOptions { Threshold = 19.5 }, (_, i) => i, model));
        Assert.Contains("The threshold 19.5 would remove all channels of conv1, whose highest importance is 19", error.Message);
        Assert.Equal(bits, TinyNet.Bits(model));

        using var importance = Importance.Of(model.Plan(new PruneOptions { Granularity = Granularity.Unstructured, Threshold = 0.6 }));
        error = Assert.Throws<InvalidOperationException>(() => Selection.Of(importance));
        Assert.Contains("all weights of conv1.weight", error.Message);
        Assert.Equal(bits, TinyNet.Bits(model));
    }

    [Fact]
    public void The_smallest_width_holds_against_a_threshold()
    {
        using var scope = NewDisposeScope();
        var kept = Select(new PruneOptions { Threshold = 19, MinWidth = 3 }, (_, i) => i);
        Assert.Equal([17L, 18, 19], kept["conv1"]);
    }

    [Fact]
    public void Global_scope_ranks_all_groups_together()
    {
        using var scope = NewDisposeScope();

        // On one scale; conv1 is the best, then half of conv2, then fc1, then the other half of conv2.
        double Score(string group, int i) => group switch { "conv1" => 3, "conv2" => i < 25 ? 2 : 0.1, _ => 1 + (i / 1000.0) };
        var kept = Select(new PruneOptions { Scope = Scope.Global, Ratio = 0.5 }, Score, onOneScale: true);
        Assert.Equal(20, kept["conv1"].Length);
        Assert.Equal(Enumerable.Range(0, 25).Select(i => (long)i), kept["conv2"]);

        // 285 of 570 go: 25 of conv2 and the first 260 of fc1.
        Assert.Equal(Enumerable.Range(260, 240).Select(i => (long)i), kept["fc1"]);
    }

    [Fact]
    public void Global_scope_empties_no_group()
    {
        using var scope = NewDisposeScope();
        double Score(string group, int i) => group == "conv1" ? 0 : 1 + i;
        var kept = Select(new PruneOptions { Scope = Scope.Global, Ratio = 0.2, MinWidth = 3 }, Score, onOneScale: true);
        Assert.Equal([0L, 1, 2], kept["conv1"]);

        // 114 go in all, 17 of them from conv1.
        Assert.Equal(570 - 114, kept.Values.Sum(indices => indices.Length));

        kept = Select(new PruneOptions { Scope = Scope.Global, Ratio = 0.999 }, Score, onOneScale: true);
        Assert.All(kept.Values, indices => Assert.InRange(indices.Length, 1, 500));
    }

    [Fact]
    public void What_a_group_keeps_for_its_smallest_width_is_not_taken_from_the_others()
    {
        using var scope = NewDisposeScope();

        // fc1 is worth least, but keeps 490 of 500; the others lose no more than their own halves come to.
        double Score(string group, int i) => (group == "fc1" ? 0 : 100) + i;
        var model = new LeNet();
        var options = new PruneOptions { Scope = Scope.Global, Ratio = 0.5, Layers = { ["fc1"] = new() { Ratio = 0.5, MinWidth = 490 } } };
        var kept = Select(options, Score, model, onOneScale: true);
        Assert.Equal(490, kept["fc1"].Length);
        Assert.Equal(70 - 35, kept["conv1"].Length + kept["conv2"].Length);

        using var importance = Importance.Of(model.Plan(options));
        using var selection = Selection.Of(importance);
        using var result = Compaction.Apply(selection);
        Assert.True(result.Groups.Single(group => group.Name == "fc1").IsShort);
        Assert.True(result.Pool!.IsShort);
        Assert.Equal((570, 525, 0.5), (result.Pool.Before, result.Pool.After, result.Pool.Asked));
    }

    [Theory]
    [InlineData(Scope.Local)]
    [InlineData(Scope.Global)]
    public void Smallest_numbers_and_multiples_hold_for_single_weights(Scope where)
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            model.conv1.weight!.mul_(1e-3);
        }

        using var selection = SelectWeights(model, new PruneOptions { Granularity = Granularity.Unstructured, Scope = where, Ratio = 0.99, MinWidth = 50, RoundTo = 16 });
        var counts = selection.Weights.ToDictionary(entry => entry.Key, entry => entry.Value.sum().item<long>());
        Assert.Equal(64, counts["conv1.weight"]);
        Assert.All(counts.Values, count => Assert.Equal(0, count % 16));
    }

    [Fact]
    public void Global_scope_brings_scores_to_one_scale()
    {
        using var scope = NewDisposeScope();

        // A layer whose scores are all a thousand times higher loses as much as it otherwise would.
        double Score(string group, int i) => (group == "conv1" ? 1000 : 1) * (1 + (i % 7));
        double Plain(string group, int i) => 1 + (i % 7);
        var options = new PruneOptions { Scope = Scope.Global, Ratio = 0.5 };
        Assert.Equal(Select(options, Plain)["conv1"], Select(options, Score)["conv1"]);
        Assert.Equal(20, Select(options, Score, onOneScale: true)["conv1"].Length);
    }

    [Fact]
    public void Single_weights_go_by_magnitude_and_ties_by_position()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        using var selection = SelectWeights(model, new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.5 });
        Assert.Equal([0.0, 0, 1, 1], Values(selection, "hidden.weight"));
        Assert.Equal([1.0, 0], Values(selection, "output.weight"));
        Assert.Equal(2, selection.Weights.Count);
        Assert.All(selection.Plan.Groups, group => Assert.Equal(group.Width, selection.WidthOf(group)));

        using (no_grad())
        {
            model.hidden.weight!.fill_(2);
        }

        using var ties = SelectWeights(model, new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.5 });
        Assert.Equal([1.0, 1, 0, 0], Values(ties, "hidden.weight"));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void Global_weights_lose_just_the_ratio_and_no_layer_all_of_them(double ratio)
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            model.conv1.weight!.mul_(1e-3);
        }

        using var selection = SelectWeights(model, new PruneOptions { Granularity = Granularity.Unstructured, Scope = Scope.Global, Ratio = ratio });
        var total = 500 + 25_000 + 400_000 + 5_000;
        Assert.Equal(total - (long)Math.Floor(total * ratio), selection.Weights.Values.Sum(mask => mask.sum().item<long>()));
        Assert.Equal(1, selection.Weights["conv1.weight"].sum().item<long>());
    }

    [Fact]
    public void Local_weights_lose_just_the_ratio_of_each_layer()
    {
        using var scope = NewDisposeScope();
        using var selection = SelectWeights(new LeNet(), new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.92 });
        Assert.Equal([40, 2_000, 32_000, 400], selection.Weights.Values.Select(mask => mask.sum().item<long>()));
    }

    [Fact]
    public void Scores_of_the_wrong_number_are_refused()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Importance.Of(new LeNet().Plan(new PruneOptions { Criterion = new TooFew() })));
        Assert.Contains("TooFew gives 1 scores for conv1, which has 20 channels", error.Message);
    }

    [Fact]
    public void The_same_seed_gives_the_same_choice()
    {
        using var scope = NewDisposeScope();
        long[] Choose(int seed)
        {
            using var importance = Importance.Of(new LeNet().Plan(new PruneOptions { Criterion = Criterion.Random, Retrain = new() { Seed = seed } }));
            return Selection.Of(importance).Kept["conv2"];
        }

        Assert.Equal(Choose(1), Choose(1));
        Assert.NotEqual(Choose(1), Choose(2));
    }

    private static IReadOnlyDictionary<string, long[]> Select(PruneOptions options, Func<string, int, double> score, LeNet? model = null, bool onOneScale = false)
    {
        using var importance = Importance.Of((model ?? new LeNet()).Plan(options with { Criterion = new Given(score, onOneScale) }));
        return Selection.Of(importance).Kept;
    }

    private static PruneSelection SelectWeights(TestModel model, PruneOptions options)
    {
        using var importance = Importance.Of(model.Plan(options));
        return Selection.Of(importance);
    }

    private static double[] Values(PruneSelection selection, string path) => Pruned.Values(selection.Weights[path]);

    private sealed class Given(Func<string, int, double> score, bool onOneScale) : ImportanceCriterion, IChannelCriterion
    {
        public override bool OnOneScale => onOneScale;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
            groups.Select(group => Enumerable.Range(0, (int)group.Width).Select(i => score(group.Name, i)).ToArray()).ToArray();
    }

    private sealed class TooFew : ImportanceCriterion, IChannelCriterion
    {
        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) => groups.Select(_ => new double[1]).ToArray();
    }
}
