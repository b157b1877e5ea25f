using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Criteria that look at what goes through layers.</summary>
public sealed class ActivationCriteriaTests
{
    private const int Digits = 5;

    [Fact]
    public void Apoz_is_the_share_of_zeros_behind_ReLU()
    {
        using var scope = NewDisposeScope();

        // relu(x) is 0, 0, 1, 3, and relu(−x) 1, 0, 0, 0: half, and three quarters, are zero.
        AssertScores([0.5, 0.25], Score(Neurons([[1], [-1]], [1, 1]), Criterion.Apoz, [[-1], [0], [1], [3]])["fc"]);
    }

    [Fact]
    public void Apoz_of_an_activation_function_without_zeros_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        var data = TrainingData.FromTensors(randn(4, 3, 8, 8), zeros(4, ScalarType.Int64));
        var options = new PruneOptions { Criterion = Criterion.Apoz };
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, options, data));
        Assert.StartsWith("Apoz cannot score stem: it counts zeros, and none came out of it", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void HRank_is_the_mean_rank_of_maps_behind_ReLU()
    {
        using var scope = NewDisposeScope();
        var model = Maps(4, 4);
        using (no_grad())
        {
            model.Layer<Conv2d>("conv").weight!.copy_(tensor(new float[] { 1, -1, 0 }, [3, 1, 1, 1]));
            model.Layer<Conv2d>("conv").bias!.copy_(tensor(new float[] { 0, 0, 1 }));
        }

        // An identity has rank 4, an outer product rank 1, although float32 rounds it; behind ReLU nothing is left of their negatives; a constant
        // map has rank 1.
        var vector = tensor(new[] { 0.1f, 0.3f, 0.7f, 0.9f });
        var x = stack([eye(4), vector.unsqueeze(1) * vector.unsqueeze(0)]).unsqueeze(1);
        AssertScores([2.5, 0, 1], Score(model, Criterion.HRank, x)["conv"]);
    }

    [Fact]
    public void HRank_of_what_has_no_maps_is_refused()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Score(new LeNet(), Criterion.HRank, randn(2, 1, 28, 28)));
        Assert.StartsWith("HRank cannot score fc1: it looks at the maps that Conv2d layers put out, and fc1.weight is of a Linear", error.Message);
        error = Assert.Throws<InvalidOperationException>(() => Score(Maps(1, 4), Criterion.HRank, rand(2, 1, 1, 4) + 1));
        Assert.StartsWith("HRank cannot score conv: no map of it has a rank above 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_times_D_is_mean_activation_times_mean_derivative()
    {
        using var scope = NewDisposeScope();

        // A = (1, 2, 0, 3) of one sample, D = (0.5, 0.1, 9, 0.2), what the loss reads them with: (0.5, 0.2, 0, 0.6), of which the largest is 0.6.
        var model = Neurons([[1], [2], [0], [3]], [0.5f, 0.1f, 9, 0.2f]);
        var options = new PruneOptions { Criterion = Criterion.ActivationDerivative, Retrain = new() { Loss = (output, _) => output.mean() } };
        AssertScores([0.5 / 0.6, 0.2 / 0.6, 0, 1], Score(model, options, TrainingData.FromTensors(ones(1, 1), ones(1, 1)))["fc"]);

        // τ = 0.5 of the largest keeps the first and the last; so does half of them.
        using var byThreshold = Pruned.Compact(model, options with { Threshold = 0.5 }, TrainingData.FromTensors(ones(1, 1), ones(1, 1)));
        Assert.Equal([0L, 3L], byThreshold.Kept["fc"]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Means_come_before_the_product_and_samples_before_batches(int batchSize)
    {
        using var scope = NewDisposeScope();

        // Activations (1, 0) and (0, 4), outputs 1 and 2, errors 0 and 0.5: derivatives (0, 0) and (1, 0.5).
        // A = (0.5, 2), D = (0.5, 0.25), products 0.25 and 0.5. Product first: 0, and 4 · 0.5 / 2 = 1.
        var model = Neurons([[1, 0], [0, 1]], [1, 0.5f]);
        var data = TrainingData.FromTensors(
            tensor(new float[] { 1, 0, 0, 4 }, [2, 2]), tensor(new float[] { 1, 1.5f }, [2, 1]), batchSize, shuffle: false);
        AssertScores([0.5, 1], Score(model, new PruneOptions { Criterion = Criterion.ActivationDerivative }, data)["fc"]);
        AssertScores([0, 1], Score(model, new PruneOptions { Criterion = Criterion.ActivationDerivativeProduct }, data)["fc"]);
    }

    [Fact]
    public void A_times_D_of_several_readers_adds_up()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["first"] = nn.Linear(6, 3), ["second"] = nn.Linear(6, 3) },
            (m, x) => m["fc"].call(x) is var y ? m["first"].call(y.relu()) + m["second"].call(y.sigmoid()) : y,
            (m, link, x) =>
            {
                var y = link.Layer(m["fc"], x);
                return link.Op("add", [link.Layer(m["first"], link.Op("relu", y)), link.Layer(m["second"], link.Op("sigmoid", y))]);
            });
        var x = randn(5, 4);
        var scores = Score(model, Criterion.ActivationDerivative, x)["fc"];

        var y = model["fc"].call(x).detach();
        var (a, b) = (y.relu().requires_grad_(), y.sigmoid().requires_grad_());
        nn.functional.cross_entropy(model["first"].call(a) + model["second"].call(b), zeros(5, ScalarType.Int64), reduction: nn.Reduction.Sum).backward();
        var expected = (a.abs().mean([0L]) * a.grad!.abs().mean([0L])) + (b.abs().mean([0L]) * b.grad!.abs().mean([0L]));
        AssertScores(Pruned.Values(expected / expected.max()), scores);
    }

    [Theory]
    [InlineData(Criterion.ActivationDerivative)]
    [InlineData(Criterion.ActivationDerivativeProduct)]
    public void A_recurrent_layer_tells_of_what_it_reads(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["gru"] = nn.GRU(6, 5, batchFirst: true), ["head"] = nn.Linear(5, 3) },
            (m, x) => m["head"].call(m.Layer<GRU>("gru").call(m["fc"].call(x).relu()).Item1[.., -1]),
            (m, link, x) =>
            {
                var states = link.Layers(m.Layer<GRU>("gru"), link.Op("relu", link.Layer(m["fc"], x)))[0];
                return link.Layer(m["head"], link.Index(states, AxisSlice.All, AxisSlice.At(-1)));
            });
        var x = randn(5, 3, 4);
        var scores = Score(model, criterion, x)["fc"];

        var y = model["fc"].call(x).relu().detach().requires_grad_();
        var output = model["head"].call(model.Layer<GRU>("gru").call(y).Item1[.., -1]);
        nn.functional.cross_entropy(output, zeros(5, ScalarType.Int64), reduction: nn.Reduction.Sum).backward();
        var expected = criterion == Criterion.ActivationDerivative ? y.mean([0, 1]) * y.grad!.abs().mean([0, 1]) : (y * y.grad!).abs().mean([0, 1]);
        AssertScores(Pruned.Values(expected / expected.max()), scores);
    }

    [Fact]
    public void A_times_D_of_what_no_layer_reads_is_refused()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["q"] = nn.Linear(4, 6), ["k"] = nn.Linear(4, 6), ["head"] = nn.Linear(3, 3) },
            (m, x) => m["head"].call(matmul(m["q"].call(x), m["k"].call(x).transpose(1, 2)).softmax(-1)).mean([1L]),
            (m, link, x) =>
            {
                var weights = link.Softmax(link.MatMul(link.Layer(m["q"], x), link.Transpose(link.Layer(m["k"], x), 1, 2)));
                return link.Op("mean", link.Layer(m["head"], weights), ("dimensions", new long[] { 1 }));
            });
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, Criterion.ActivationDerivative, randn(5, 3, 4)));
        Assert.StartsWith("ActivationDerivative cannot score q: no Linear, convolution or recurrent layer takes in", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wanda_is_magnitude_times_norm_of_the_input()
    {
        using var scope = NewDisposeScope();
        var model = Neurons([[1, -2], [3, 0.5f]], [1, 1]);

        // The columns (2, 0) and (0, 1) have the norms 2 and 1.
        float[][] x = [[2, 0], [0, 1]];
        AssertScores([2, 2, 6, 0.5], Weights(model, new WandaCriterion { WithinRows = false }, x)["fc.weight"]);

        // Each in its row: of equal ones the first stays.
        AssertScores([1, 0.5, 1, 0.5], Weights(model, Criterion.Wanda, x)["fc.weight"]);
    }

    [Fact]
    public void Wanda_takes_the_same_share_of_each_output()
    {
        using var scope = NewDisposeScope();
        var model = Neurons([[1, 2, 3, 4], [90, 80, 70, 60], [5, 5, 5, 5]], [1, 1, 1]);
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.Wanda, Ratio = 0.5 };
        using var result = Pruned.Compact(model, options, Samples(ones(3, 4)));
        Assert.Equal([0, 0, 3, 4, 90, 80, 0, 0, 5, 5, 0, 0], Pruned.Values(model.Layer<Linear>("fc").weight!));
    }

    [Fact]
    public void Wanda_of_a_convolution_takes_what_each_place_of_the_kernel_sees()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4, 9, 9],
            new() { ["conv"] = nn.Conv2d(4, 6, 3, stride: 2, padding: 1, groups: 2), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m["conv"].call(x).relu().mean([2, 3])),
            (m, link, x) => link.Layer(m["head"], link.Op("mean", link.Op("relu", link.Layer(m["conv"], x)), ("dimensions", new long[] { 2, 3 }))));
        var x = randn(5, 4, 9, 9);
        var scores = Weights(model, new WandaCriterion { WithinRows = false }, Samples(x))["conv.weight"];

        // Columns as they are multiplied, [samples, 4 · 3 · 3, places]; the first three filters see the first two channels.
        var norms = nn.functional.unfold(x.to_type(ScalarType.Float64), 3, 1, 1, 2).square().sum([0, 2]).sqrt().reshape(2, 1, 18).expand(2, 3, 18);
        AssertScores(Pruned.Values(model.Layer<Conv2d>("conv").weight!.abs().flatten() * norms.flatten()), scores);
    }

    [Fact]
    public void Wanda_compares_within_each_output_of_a_transposed_convolution()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4, 5, 5],
            new() { ["up"] = nn.ConvTranspose2d(4, 6, 2, stride: 2, groups: 2), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m["up"].call(x).relu().mean([2, 3])),
            (m, link, x) => link.Layer(m["head"], link.Op("mean", link.Op("relu", link.Layer(m["up"], x)), ("dimensions", new long[] { 2, 3 }))));
        var (x, weight) = (randn(5, 4, 5, 5), model.Layer<ConvTranspose2d>("up").weight!);
        var expected = weight.abs() * x.square().sum([0, 2, 3]).sqrt().reshape(4, 1, 1, 1);
        AssertScores(Pruned.Values(expected), Weights(model, new WandaCriterion { WithinRows = false }, Samples(x))["up.weight"]);

        // Output 4 is the second of the second group: inputs 2 and 3, column 1. Eight weights, which score 1/8 to 8/8 in their order.
        var rows = tensor(Weights(model, Criterion.Wanda, Samples(x))["up.weight"]).reshape(weight.shape);
        var (row, places) = (Pruned.Values(expected.narrow(0, 2, 2).select(1, 1)), Pruned.Values(rows.narrow(0, 2, 2).select(1, 1)));
        Assert.Equal(Enumerable.Range(1, 8).Select(place => place / 8.0), places.Order());
        Assert.Equal(Enumerable.Range(0, 8).OrderBy(i => row[i]), Enumerable.Range(0, 8).OrderBy(i => places[i]));
    }

    [Fact]
    public void Wanda_says_what_it_cannot_score()
    {
        using var scope = NewDisposeScope();
        var recurrent = new OperationNet(
            [2, 3, 4],
            new() { ["gru"] = nn.GRU(4, 8, batchFirst: true), ["head"] = nn.Linear(8, 3) },
            (m, x) => m["head"].call(m.Layer<GRU>("gru").call(x).Item1[.., -1]),
            (m, link, x) => link.Layer(m["head"], link.Index(link.Layers(m.Layer<GRU>("gru"), x)[0], AxisSlice.All, AxisSlice.At(-1))));
        var error = Assert.Throws<InvalidOperationException>(() => Weights(recurrent, Criterion.Wanda, Samples(randn(2, 3, 4))));
        Assert.StartsWith("Wanda cannot score gru.weight_ih_l0", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<InvalidOperationException>(() => Weights(new TwoNeurons { SkipHooks = true }, Criterion.Wanda, [[1, 2]]));
        Assert.StartsWith("Wanda cannot score hidden: no input of it was seen", error.Message, StringComparison.Ordinal);
    }

    /// <summary>Neurons with these rows behind ReLU, and one output that reads them; no biases.</summary>
    private static OperationNet Neurons(float[][] rows, float[] output)
    {
        var model = new OperationNet(
            [1, rows[0].Length],
            new() { ["fc"] = nn.Linear(rows[0].Length, rows.Length, hasBias: false), ["head"] = nn.Linear(rows.Length, 1, hasBias: false) },
            (m, x) => m["head"].call(m["fc"].call(x).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], x))));
        using var noGradients = no_grad();
        model.Layer<Linear>("fc").weight!.copy_(Matrix(rows));
        model.Layer<Linear>("head").weight!.copy_(tensor(output).unsqueeze(0));
        return model;
    }

    /// <summary>Three channels of maps, which are one number each.</summary>
    private static OperationNet Maps(int height, int width) => new(
        [2, 1, height, width],
        new() { ["conv"] = nn.Conv2d(1, 3, 1), ["head"] = nn.Linear(3, 2) },
        (m, x) => m["head"].call(m["conv"].call(x).relu().mean([2, 3])),
        (m, link, x) => link.Layer(m["head"], link.Op("mean", link.Op("relu", link.Layer(m["conv"], x)), ("dimensions", new long[] { 2, 3 }))));

    private static Tensor Matrix(float[][] rows) => tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);

    private static TrainingData Samples(Tensor x) => TrainingData.FromTensors(x, zeros(x.shape[0], ScalarType.Int64), batchSize: 2, shuffle: false);

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, Criterion criterion, float[][] x) => Score(model, criterion, Matrix(x));

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, Criterion criterion, Tensor x) =>
        Score(model, new PruneOptions { Criterion = criterion }, Samples(x));

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, PruneOptions options, TrainingData data)
    {
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        return importance.Groups;
    }

    private static Dictionary<string, double[]> Weights(TestModel model, ImportanceCriterion criterion, float[][] x) =>
        Weights(model, criterion, Samples(Matrix(x)));

    private static Dictionary<string, double[]> Weights(TestModel model, ImportanceCriterion criterion, TrainingData data)
    {
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = criterion };
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        return importance.Weights.ToDictionary(entry => entry.Key, entry => Pruned.Values(entry.Value));
    }

    private static void AssertScores(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Digits));
    }
}
