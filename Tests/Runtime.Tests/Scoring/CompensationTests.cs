using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Weights that make good for those that go: by hand, by least squares, and that a failure changes nothing.</summary>
public sealed partial class CompensationTests
{
    // The mean of x xᵀ over these is [[2, 1], [1, 2]].
    private static readonly float Root = MathF.Sqrt(3);

    private static Tensor Correlated => tensor(new[] { Root, 0, 0, Root, Root, Root }, [3, 2]);

    private static readonly ImportanceCriterion Exact = new OptimalBrainSurgeonCriterion { Damping = 0 };

    private static readonly ImportanceCriterion Greedy = new OptimalBrainSurgeonCriterion { Damping = 0, Greedy = true };

    private static readonly ImportanceCriterion Swept = new SparseGptCriterion { Damping = 0 };

    public static TheoryData<string> Names => ["exact", "greedy", "swept"];

    [Fact]
    public void The_costs_and_the_weights_that_stay_are_those_of_the_surgeon()
    {
        using var scope = NewDisposeScope();

        // H⁻¹ = [[2, −1], [−1, 2]] / 3, so w² / [H⁻¹] = 1 · 3/2 and 4 · 3/2. With the first gone, H⁻¹ of the second is 1/2 and its weight 2.5.
        AssertClose([1.5, 6], Scores(new Row([1, 2]), Exact, Correlated));
        AssertClose([1.5, 12.5], Scores(new Row([1, 2]), Greedy, Correlated));

        // U of H⁻¹ has the diagonal √(2/3), √(1/2): nothing stands behind the last column.
        AssertClose([1.5, 8], Scores(new Row([1, 2]), Swept, Correlated));
        foreach (var criterion in new[] { Exact, Greedy, Swept })
        {
            var model = new Row([1, 2]);
            using var mask = Mask(model, criterion, Correlated);
            AssertClose([0, 2.5], model.layer.weight!);
        }
    }

    [Fact]
    public void Taking_a_weight_out_leaves_the_inverse_of_what_is_left_with_a_row_and_a_column_of_zeros()
    {
        double[] inverse = [2.0 / 3, -1.0 / 3, -1.0 / 3, 2.0 / 3], row = [1, 2];
        Assert.Equal(1.5, OptimalBrainSurgeonCriterion.TakeOut(inverse, row, 2, 2, 0), 12);
        AssertClose([0, 2.5], row);
        AssertClose([0, 0, 0.5], [inverse[0], inverse[2], inverse[3]]);

        // The middle one of three: what is left is the inverse of H without it, and nothing above the diagonal is asked for.
        using var scope = NewDisposeScope();
        var hessian = tensor(new double[] { 4, 1, 2, 1, 3, 0.5, 2, 0.5, 5 }, [3, 3]);
        var left = Pruned.Values(linalg.inv(hessian.index_select(0, tensor(new long[] { 0, 2 })).index_select(1, tensor(new long[] { 0, 2 }))));
        var lower = Pruned.Values(linalg.inv(hessian).tril());
        OptimalBrainSurgeonCriterion.TakeOut(lower, new double[] { 1, 2, 3 }, 3, 3, 1);
        AssertClose([left[0], 0, 0, left[2], 0, left[3]], [lower[0], lower[3], lower[4], lower[6], lower[7], lower[8]]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Of_inputs_that_do_not_depend_on_each_other_magnitude_decides_and_nothing_is_made_good(string name)
    {
        using var scope = NewDisposeScope();
        var model = new Row([0.5f, -3, 2, -0.1f]);
        AssertClose([0.25, 9, 4, 0.01], Scores(model, Of(name), eye(4) * 2));
        using var mask = Mask(model, Of(name), eye(4) * 2);
        AssertClose([0, -3, 2, 0], model.layer.weight!);
    }

    [Theory]
    [InlineData("exact", false)]
    [InlineData("greedy", false)]
    [InlineData("exact", true)]
    public void What_stays_is_the_least_squares_of_the_outputs_of_before(string name, bool isTwoOfFour)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var model = new Row([.. Pruned.Values(randn(8)).Select(value => (float)value)]);
        var (x, before) = (randn(64, 8).matmul(randn(8, 8)), model.layer.weight!.detach().clone());
        using var mask = Mask(model, Of(name), x, isTwoOfFour ? Granularity.NOfM : Granularity.Unstructured);
        var kept = mask.Parameters["layer.weight"].flatten().nonzero().flatten();
        Assert.Equal(4, kept.numel());
        var best = linalg.lstsq(x.index_select(1, kept).@double(), x.matmul(before.t()).@double()).Solution;
        AssertClose(Pruned.Values(best), model.layer.weight!.flatten().index_select(0, kept), 1e-4);
    }

    [Fact]
    public void The_costs_of_what_goes_add_up_to_the_squared_change_of_the_outputs()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var model = new Row([1, -2, 0.5f, 4, -5, 3]);
        var (x, before) = (randn(40, 6), model.layer.weight!.detach().clone());
        var costs = Scores(model, Greedy, x).Order().Take(3).Sum();
        using var mask = Mask(model, Greedy, x);
        Assert.Equal(costs, x.matmul((before - model.layer.weight!).t()).square().sum().item<float>() / 40, 1e-5);
    }

    [Fact]
    public void A_convolution_is_taken_at_all_of_its_positions_with_stride_padding_and_groups()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4, 9, 9],
            new() { ["conv"] = nn.Conv2d(4, 6, 3, stride: 2, padding: 1, groups: 2, bias: false), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m["conv"].call(x).relu().mean([2, 3])),
            (m, link, x) => link.Layer(m["head"], link.Op("mean", link.Op("relu", link.Layer(m["conv"], x)), ("dimensions", new long[] { 2, 3 }))));
        var (x, layer) = (randn(8, 4, 9, 9), model.Layer<Conv2d>("conv"));
        var before = layer.call(x).detach();
        var byMagnitude = ErrorOf(Criterion.L1);
        var (exact, swept) = (ErrorOf(Exact), ErrorOf(Swept));
        Assert.True(exact < swept && swept < byMagnitude, $"{exact}, {swept}, {byMagnitude}");

        // The first filter, by columns: its own eighteen see the first two channels.
        var columns = nn.functional.unfold(x, 3, 1, 1, 2).narrow(1, 0, 18).transpose(1, 2).reshape(-1, 18).@double();
        using var mask = Mask(model, Exact, x);
        var kept = mask.Parameters["conv.weight"][0].flatten().nonzero().flatten();
        var best = linalg.lstsq(columns.index_select(1, kept), before.select(1, 0).reshape(-1, 1).@double()).Solution;
        AssertClose(Pruned.Values(best), layer.weight![0].flatten().index_select(0, kept), 1e-4);

        double ErrorOf(ImportanceCriterion criterion)
        {
            var old = layer.weight!.detach().clone();
            using var mask = Mask(model, criterion, x);
            var error = (layer.call(x) - before).square().sum().item<float>();
            using var noGradients = no_grad();
            layer.weight!.copy_(old);
            return error;
        }
    }

    [Fact]
    public void A_convolution_of_one_dimension_is_one_of_two_with_the_length_one()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 10],
            new() { ["conv"] = nn.Conv1d(3, 4, 3, padding: 2, dilation: 2, bias: false), ["head"] = nn.Linear(4, 3) },
            (m, x) => m["head"].call(m["conv"].call(x).relu().mean([2])),
            (m, link, x) => link.Layer(m["head"], link.Op("mean", link.Op("relu", link.Layer(m["conv"], x)), ("dimensions", new long[] { 2 }))));
        var x = randn(6, 3, 10);
        var columns = nn.functional.unfold(x.unsqueeze(2), (1, 3), (1, 2), (0, 2), (1, 1)).transpose(1, 2).reshape(-1, 9).@double();
        var inverse = linalg.inv(columns.t().matmul(columns) / 6);
        var expected = model.Layer<Conv1d>("conv").weight!.flatten(1).@double().square() / inverse.diagonal();
        AssertClose(Pruned.Values(expected), Scores(model, Exact, x, "conv.weight"), 1e-6);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void What_is_zero_already_stays_zero_and_the_rest_makes_good_for_what_goes_now(string name)
    {
        using var scope = NewDisposeScope();
        var model = new Row([1, 2, 3, 4]);
        manual_seed(2);
        var x = randn(32, 4).matmul(randn(4, 4));
        using var first = Mask(model, Criterion.L1, x);
        Assert.Equal([0, 0, 3, 4], Pruned.Values(model.layer.weight!));

        // In the row that is left, H of the last two columns: the cheaper one goes, and the other becomes the least squares by itself.
        using var second = Mask(model, Of(name), x, ratio: 0.75);
        var kept = model.layer.weight!.flatten().nonzero().flatten();
        Assert.Equal(1, kept.numel());
        var target = (x.select(1, 2) * 3) + (x.select(1, 3) * 4);
        var column = x.index_select(1, kept).flatten();
        var best = (column.dot(target) / column.dot(column)).item<float>();
        var isLast = kept.item<long>() == 3;
        Assert.Equal(name == "swept" && !isLast ? 3 : best, model.layer.weight!.flatten()[kept.item<long>()].item<float>(), 1e-4);
    }

    [Fact]
    public void Compacting_gives_the_weights_of_the_mask()
    {
        using var scope = NewDisposeScope();
        var (masked, compacted) = (new LeNet(), new LeNet());
        var data = Samples(randn(32, 1, 28, 28));
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.SparseGpt };
        using var mask = Pruning.Mask(masked, masked.Forward, options, data);
        using var result = Pruning.Compact(compacted, compacted.Forward, options, data);
        Assert.Equal(TinyNet.Bits(masked), TinyNet.Bits(compacted));
    }

    [Fact]
    public void What_was_trained_behind_a_mask_is_not_written_over_when_it_is_compacted()
    {
        using var scope = NewDisposeScope();
        var model = new Row([1, 2]);
        using var mask = Pruning.Mask(
            model, model.Forward, new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Exact }, Samples(Correlated));
        AssertClose([0, 2.5], model.layer.weight!);
        using (no_grad())
        {
            model.layer.weight![0, 1] = 7;
        }

        mask.Apply();
        AssertClose([0, 7], model.layer.weight!);
        using var result = Pruning.Compact(model, model.Forward, mask);
        AssertClose([0, 7], model.layer.weight!);
    }

    [Fact]
    public void Inputs_that_depend_on_each_other_need_a_damping_and_dead_ones_go_first()
    {
        using var scope = NewDisposeScope();
        var model = new Row([1, 2, 3]);
        var x = tensor(new float[] { 1, 1, 0, 2, 2, 0 }, [2, 3]);
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Mask(model, Exact, x));
        Assert.Contains("OptimalBrainSurgeon cannot score layer.weight with a damping of 0", error.Message);
        Assert.Contains("Give a Damping above 0", error.Message);
        Assert.Contains("The Damping of SparseGpt is -1", Assert.Throws<ArgumentOutOfRangeException>(() => Mask(model, new SparseGptCriterion { Damping = -1 }, x)).Message);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Equal(0, Scores(model, Criterion.OptimalBrainSurgeon, x)[2]);
    }

    [Fact]
    public void Values_that_are_not_finite_are_refused_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new Row([1, 2]);
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Mask(model, new Nonsense(), Correlated));
        Assert.Contains("Nonsense makes of layer.weight [1, 2]", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(WeightMasks.Of(model));
    }

    private static ImportanceCriterion Of(string name) => name switch { "exact" => Exact, "greedy" => Greedy, _ => Swept };

    private static TrainingData Samples(Tensor x) => TrainingData.FromTensors(x, zeros(x.size(0), ScalarType.Int64), batchSize: 16, shuffle: false);

    private static double[] Scores(TestModel model, ImportanceCriterion criterion, Tensor x, string weight = "layer.weight")
    {
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = criterion };
        using var importance = Importance.Of(model.Plan(options), model.Forward, Samples(x));
        return Pruned.Values(importance.Weights[weight]);
    }

    private static PruneMask Mask(TestModel model, ImportanceCriterion criterion, Tensor x, Granularity granularity = Granularity.Unstructured, double ratio = 0.5)
    {
        var options = new PruneOptions { Granularity = granularity, Criterion = criterion, Ratio = ratio, Layers = LayersOf(model) };
        using var importance = Importance.Of(model.Plan(options), model.Forward, Samples(x));
        using var selection = Selection.Of(importance);
        var mask = PruneMask.Of(selection);
        mask.Apply();
        return mask;
    }

    /// <summary>A head is left dense.</summary>
    private static Dictionary<string, LayerPruneOptions> LayersOf(TestModel model) =>
        model is OperationNet ? new() { ["head"] = new() { Granularity = Granularity.Structured, KeepWidth = true, Criterion = Criterion.L1 } } : [];

    private static void AssertClose(double[] expected, Tensor actual, double tolerance = 1e-5) => AssertClose(expected, Pruned.Values(actual), tolerance);

    private static void AssertClose(double[] expected, double[] actual, double tolerance = 1e-5)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, tolerance));
    }

    /// <summary>One output of given weights.</summary>
    [Prunable]
    private sealed partial class Row : TestModel
    {
        public readonly Linear layer;

        public Row(float[] weights)
            : base(nameof(Row))
        {
            layer = nn.Linear(weights.Length, 1, hasBias: false);
            Initialise(1);
            using var noGradients = no_grad();
            layer.weight!.copy_(tensor(weights).unsqueeze(0));
        }

        public override long[] InputShape => [1, layer.in_features];

        public override Tensor forward(Tensor input) => layer.call(input);
    }

    private sealed class Nonsense : ImportanceCriterion, ICompensatingCriterion
    {
        public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) => [.. weights.Select(weight => weight.Tensor.abs())];

        public Tensor[] Compensate(ScoringContext context, IReadOnlyList<PlannedParameter> weights, IReadOnlyList<Tensor> kept) =>
            [.. weights.Select(weight => full_like(weight.Tensor, double.NaN))];
    }
}
