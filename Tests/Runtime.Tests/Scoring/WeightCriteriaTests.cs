using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Criteria that look at weights alone.</summary>
public sealed class WeightCriteriaTests
{
    private const int Digits = 6;

    [Fact]
    public void Any_power_makes_a_norm_of_all_that_goes_with_a_neuron()
    {
        // Row, bias, and column of the layer that reads it, each to the third power.
        AssertScores(
            [Math.Pow(1 + 8 + 0.125 + 8, 1.0 / 3), Math.Pow(27 + 64 + 0.015625 + 1, 1.0 / 3)],
            Score(new TwoNeurons(), new LpNormCriterion(3))["hidden"]);
        AssertScores(Score(new TwoNeurons(), Criterion.L1)["hidden"], Score(new TwoNeurons(), new LpNormCriterion(1))["hidden"]);
        AssertScores(Score(new TwoNeurons(), Criterion.L2)["hidden"], Score(new TwoNeurons(), new LpNormCriterion(2))["hidden"]);
        Assert.Equal("L0.5", new LpNormCriterion(0.5).Name);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_power_that_makes_no_norm_is_refused(double p)
    {
        Assert.Contains("give a finite number above 0", Assert.Throws<ArgumentOutOfRangeException>(() => new LpNormCriterion(p)).Message);
    }

    [Fact]
    public void The_norm_of_a_filter_leaves_out_bias_and_readers()
    {
        AssertScores([Math.Sqrt(1 + 4), 5], Score(new TwoNeurons(), Criterion.FilterNorm)["hidden"]);
        AssertScores([3, 7], Score(new TwoNeurons(), new LpNormCriterion(1) { FiltersOnly = true })["hidden"]);
    }

    [Fact]
    public void Rows_whose_norm_is_below_epsilon_go()
    {
        using var scope = NewDisposeScope();
        var model = Rows([[3, 4], [0.3f, -0.4f], [0, 0.6f], [0.1f, 0.1f]]);
        var result = Pruned.Compact(model, new PruneOptions { Criterion = Criterion.FilterNorm, Threshold = 0.55 });

        // Norms: 5, 0.5, 0.6, 0.14.
        Assert.Equal([0L, 2L], result.Kept["fc"]);
    }

    [Fact]
    public void The_scale_of_BatchNorm_is_its_magnitude()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        using (no_grad())
        {
            model.norm1.weight!.copy_(tensor(new float[] { 1, -2, 0.5f, 0, -0.25f, 3 }));
        }

        var options = Only("conv1", Criterion.BatchNormScale);
        AssertScores([1, 2, 0.5, 0, 0.25, 3], Score(model, options)["conv1"]);
        using var compacted = Pruned.Compact(model, options);
        Assert.Equal([0L, 1L, 5L], compacted.Kept["conv1"]);
    }

    [Fact]
    public void Of_several_BatchNorms_the_mean_counts()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet(width: 2);
        using (no_grad())
        {
            model.stemNorm.weight!.copy_(tensor(new float[] { 1, -2 }));
            model.depthwiseNorm.weight!.copy_(tensor(new float[] { 3, -5, 0, 1 }));
        }

        // A channel of the stem, and the two that the depthwise convolution makes of it: (1 + 3 + 5) / 3, (2 + 0 + 1) / 3.
        AssertScores([3, 1], Score(model, Only("stem", Criterion.BatchNormScale))["stem"]);
    }

    [Fact]
    public void A_channel_without_BatchNorm_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Score(new LeNet(), Criterion.BatchNormScale));
        Assert.StartsWith("BatchNormScale cannot score conv1: no BatchNorm with a scale passes on what conv1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Choose L1, L2 or Random", error.Message);
    }

    [Fact]
    public void The_filter_nearest_to_all_others_goes_first_by_geometric_median()
    {
        using var scope = NewDisposeScope();

        // 0, 1 and 10 on a line: 1 + 10, 1 + 9, 10 + 9. A norm would take the first.
        AssertScores([11, 10, 19], Score(Rows([[0, 0], [0.6f, 0.8f], [6, 8]]), Criterion.GeometricMedian)["fc"]);
    }

    [Fact]
    public void A_geometric_median_knows_signs()
    {
        using var scope = NewDisposeScope();

        // −5, 5 and 1 on a line: the last goes. By magnitudes or squares, which lose the sign, the first two would be one point, and 24 of 48 from the last.
        AssertScores([10 + 6, 10 + 4, 6 + 4], Score(Rows([[-5], [5], [1]]), Criterion.GeometricMedian)["fc"]);
    }

    [Fact]
    public void Filters_of_several_producers_stand_side_by_side()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        var filters = cat([model.down.weight!.flatten(1), model.projection.weight!.flatten(1)], 1).to_type(ScalarType.Float64);
        var expected = (filters.unsqueeze(0) - filters.unsqueeze(1)).square().sum(2).sqrt().sum(1);
        AssertScores(Pruned.Values(expected), Score(model, Criterion.GeometricMedian)["down"]);
    }

    [Theory]
    [InlineData(Criterion.GeometricMedian)]
    [InlineData(Criterion.CosineSimilarity)]
    [InlineData(Criterion.FilterNorm)]
    public void All_gates_of_a_recurrent_layer_make_a_filter(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["gru"] = nn.GRU(4, 3, batchFirst: true), ["head"] = nn.Linear(3, 2) },
            (m, x) => m["head"].call(m.Layer<GRU>("gru").call(x).Item1),
            (m, link, x) => link.Layer(m["head"], link.Layers(m.Layer<GRU>("gru"), x)[0]));
        using (no_grad())
        {
            // Unit 0 and unit 2 alike but for the second gate.
            foreach (var weight in new[] { model.Layer<GRU>("gru").get_parameter("weight_ih_l0")!, model.Layer<GRU>("gru").get_parameter("weight_hh_l0")! })
            {
                weight.zero_();
                weight[0].fill_(1);
                weight[1].fill_(2);
                weight[2].fill_(1);
                weight[3].fill_(3);
            }
        }

        // Vectors over four inputs and three states: unit 0 has 1 in the first gate and 3 in the second, the others 2 and 1 in the first.
        double[] norms = [Math.Sqrt(7 * 10), Math.Sqrt(7 * 4), Math.Sqrt(7)];
        double[] distances = [Math.Sqrt(7 * 10), Math.Sqrt(7 * 9), Math.Sqrt(7)];
        double[] expected = criterion switch
        {
            Criterion.FilterNorm => norms,
            Criterion.GeometricMedian => [distances[0] + distances[1], distances[0] + distances[2], distances[1] + distances[2]],
            _ => [2, 1 - (7 * 2 / (norms[0] * norms[1])), 0],
        };
        AssertScores(expected, Score(model, criterion)["gru"]);
    }

    [Fact]
    public void Of_the_most_similar_pair_the_smaller_goes_first()
    {
        using var scope = NewDisposeScope();

        // The first two have one direction, and the first is shorter: it goes at distance 0. Then the third, at 1.
        AssertScores([0, 2, 1], Score(Rows([[1, 0], [2, 0], [0, 1]]), Criterion.CosineSimilarity)["fc"]);

        // Opposite directions are not alike: 1 − cos is 2 there. (3, 4) and (0, 1) have 1 − 0.8.
        AssertScores([2, 1.6, 0.2], Score(Rows([[3, 4], [-3, 0], [0, 1]]), Criterion.CosineSimilarity)["fc"]);
    }

    [Fact]
    public void What_goes_at_one_distance_keeps_its_order_behind_filters_of_zeros()
    {
        using var scope = NewDisposeScope();
        var scores = Score(Rows([[2, 0], [4, 0], [1, 0], [0, 0], [0, 5]]), Criterion.CosineSimilarity)["fc"];

        // The zeros; of 2 and 4 the smaller; of 4 and 1 the smaller; then the shorter of 4 and 5, which are at right angles.
        Assert.Equal([3, 0, 2, 1, 4], scores.Select((score, index) => (score, index)).OrderBy(entry => entry.score).Select(entry => entry.index));
        AssertScores([0, 1, 0, -1, 2], scores);
    }

    [Theory]
    [InlineData(Criterion.GeometricMedian)]
    [InlineData(Criterion.CosineSimilarity)]
    [InlineData(Criterion.FilterNorm)]
    public void A_group_that_no_filter_makes_is_named(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["start"] = new Start(), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m["start"].call(x)),
            (m, link, x) =>
            {
                link.Describe(m, "start", "N L -> N O", "bias: O");
                return link.Layer(m["head"], link.Layer(m["start"], x));
            });
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, criterion));
        Assert.StartsWith($"{criterion} cannot score start: it looks at the filters", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Lamp_divides_by_what_is_no_smaller()
    {
        using var scope = NewDisposeScope();
        var model = Rows([[1, -2], [3, 4]]);

        // 1/30, 4/29, 9/25, 16/16.
        AssertScores([1 / 30.0, 4 / 29.0, 9 / 25.0, 1], Weights(model, Criterion.Lamp)["fc.weight"]);

        // Equal ones are no smaller than each other; zeros score zero.
        AssertScores([0.5, 0.5, 0, 1 / 9.0], Weights(Rows([[2, -2], [0, 1]]), Criterion.Lamp)["fc.weight"]);
    }

    [Fact]
    public void Lamp_empties_no_layer_before_the_others()
    {
        using var scope = NewDisposeScope();
        var model = Rows([[1e-6f, 2e-6f], [3e-6f, 4e-6f]]);
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.Lamp, Scope = Scope.Global, Ratio = 0.75 };
        using var result = Pruned.Compact(model, options);

        // By magnitude all four would go; the head's two are 0.1 and 0.2.
        Assert.Equal(4e-6f, model.Layer<Linear>("fc").weight!.sum().item<float>());
    }

    [Theory]
    [InlineData(Criterion.FilterNorm)]
    [InlineData(Criterion.GeometricMedian)]
    [InlineData(Criterion.CosineSimilarity)]
    public void Scoring_by_weights_leaves_the_model_alone(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        var bits = TinyNet.Bits(model);
        Assert.Equal(Score(model, criterion), Score(model, criterion));
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.True(model.training);
        Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.grad is null));
    }

    /// <summary>Makes its channels with a vector alone.</summary>
    private sealed class Start : nn.Module<Tensor, Tensor>
    {
        public readonly Parameter bias = new(rand(6));

        public Start()
            : base(nameof(Start)) => RegisterComponents();

        public override Tensor forward(Tensor input) => input.sum(1, keepdim: true) + bias;
    }

    /// <summary>A layer with these rows, no bias, and a reader.</summary>
    private static OperationNet Rows(float[][] rows)
    {
        var model = new OperationNet(
            [1, rows[0].Length],
            new() { ["fc"] = nn.Linear(rows[0].Length, rows.Length, hasBias: false), ["head"] = nn.Linear(rows.Length, 1) },
            (m, x) => m["head"].call(m["fc"].call(x).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], x))));
        using var noGradients = no_grad();
        model.Layer<Linear>("fc").weight!.copy_(tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]));
        model.Layer<Linear>("head").weight!.copy_(arange(1, rows.Length + 1, ScalarType.Float32).mul(0.1).unsqueeze(0));
        return model;
    }

    /// <summary>Prunes one group alone.</summary>
    private static PruneOptions Only(string group, ImportanceCriterion criterion) =>
        new() { Criterion = Criterion.L2, Layers = { [group] = new() { Criterion = criterion } } };

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, ImportanceCriterion criterion) =>
        Score(model, new PruneOptions { Criterion = criterion });

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, PruneOptions options)
    {
        using var importance = Importance.Of(model.Plan(options));
        return importance.Groups;
    }

    private static Dictionary<string, double[]> Weights(TestModel model, ImportanceCriterion criterion)
    {
        using var importance = Importance.Of(model.Plan(new PruneOptions { Criterion = criterion, Granularity = Granularity.Unstructured }));
        return importance.Weights.ToDictionary(entry => entry.Key, entry => Pruned.Values(entry.Value.to_type(ScalarType.Float64)));
    }

    private static void AssertScores(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Digits));
    }
}
