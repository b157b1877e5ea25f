using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class CriteriaTests
{
    private const int Digits = 5;

    [Fact]
    public void L1_sums_all_that_goes_with_a_neuron()
    {
        // Row of the hidden weight, its bias, and the column of the layer that reads it.
        AssertScores([1 + 2 + 0.5 + 2, 3 + 4 + 0.25 + 1], Score(new TwoNeurons(), Criterion.L1)["hidden"]);
    }

    [Fact]
    public void L2_is_the_norm_of_all_that_goes_with_a_neuron()
    {
        AssertScores([Math.Sqrt(1 + 4 + 0.25 + 4), Math.Sqrt(9 + 16 + 0.0625 + 1)], Score(new TwoNeurons(), Criterion.L2)["hidden"]);
    }

    [Fact]
    public void A_flattened_map_is_folded_back_to_its_channel()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var scores = Score(model, Criterion.L1)["conv2"];

        // Channel 17 of conv2: its filter, its bias, and columns 17·16 to 17·16 + 15 of fc1.
        var expected = Pruned.Values(model.conv2.weight!.select(0, 17)).Sum(Math.Abs)
            + Math.Abs(Pruned.Values(model.conv2.bias!)[17])
            + Pruned.Values(model.fc1.weight!.narrow(1, 17 * 16, 16)).Sum(Math.Abs);
        Assert.Equal(expected, scores[17], Digits);
    }

    [Fact]
    public void Norms_take_scales_and_shifts_but_no_running_statistics()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        var expected = Pruned.Values(model.conv1.weight!.select(0, 2)).Sum(w => w * w)
            + new[] { model.conv1.bias!, model.norm1.weight!, model.norm1.bias! }.Sum(vector => Math.Pow(Pruned.Values(vector)[2], 2))
            + Pruned.Values(model.conv2.weight!.select(1, 2)).Sum(w => w * w);
        Assert.Equal(Math.Sqrt(expected), Score(model, Criterion.L2)["conv1"][2], Digits);
    }

    [Fact]
    public void Random_importance_follows_its_seed()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        double[] Draw(int seed) => Score(model, Criterion.Random, seed: seed)["conv2"];
        Assert.Equal(Draw(3), Draw(3));
        Assert.NotEqual(Draw(3), Draw(4));
        Assert.All(Draw(3), score => Assert.InRange(score, 0, 1));
        Assert.Equal(50, Draw(3).Distinct().Count());
    }

    [Fact]
    public void Taylor_is_the_mean_magnitude_of_activation_times_gradient_a_sample()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new float[] { 1, 1, 2, -1, 0, 3 }, [3, 2]);
        var y = tensor(new float[] { 1, 2, 3 }, [3, 1]);
        var data = TrainingData.FromTensors(x, y, batchSize: 2);

        // Outputs: 10 − 6.75, 10 + 2·4.5 − 1.75, 10 − 11.75. The gradient of a sample's squared error by neuron i is
        // 2 · (output − target) · output weight, where the neuron is above zero.
        double[] errors = [3.25 - 1, 17.25 - 2, -1.75 - 3];
        double[] first = [0, 4.5, 0], second = [6.75, 1.75, 11.75];
        AssertScores(
            [errors.Zip(first, (e, a) => Math.Abs(2 * e * 2 * a)).Average(), errors.Zip(second, (e, a) => Math.Abs(2 * e * -1 * a)).Average()],
            Score(new TwoNeurons(), Criterion.Taylor, data)["hidden"]);
    }

    [Fact]
    public void Taylor_averages_over_positions_before_it_takes_the_magnitude()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var x = randn(4, 1, 28, 28);
        var y = tensor(new long[] { 3, 1, 4, 1 });
        var scores = Score(model, Criterion.Taylor, TrainingData.FromTensors(x, y, batchSize: 3))["conv2"];

        // Sample by sample, with the activation as a leaf.
        var expected = new double[50];
        for (var i = 0; i < 4; i++)
        {
            var below = nn.functional.max_pool2d(model.conv1.call(x.narrow(0, i, 1)).relu(), 2);
            var activation = model.conv2.call(below).detach().requires_grad_();
            var above = nn.functional.max_pool2d(activation.relu(), 2);
            var output = model.fc2.call(model.fc1.call(above.flatten(1)).relu());
            nn.functional.cross_entropy(output, y.narrow(0, i, 1)).backward();
            var changes = Pruned.Values((activation * activation.grad!).mean([0, 2, 3]));
            expected = expected.Zip(changes, (sum, change) => sum + (Math.Abs(change) / 4)).ToArray();
        }

        AssertScores(expected, scores);
    }

    [Fact]
    public void Taylor_of_a_group_that_two_layers_produce_is_that_of_zeroing_both()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        model.@double();
        model.eval();
        var x = randn(3, 3, 8, 8, dtype: ScalarType.Float64);
        var y = tensor(new long[] { 3, 1, 4 });
        var scores = Score(model, Criterion.Taylor, TrainingData.FromTensors(x, y, batchSize: 2, shuffle: false))["down"];

        // Independently: scale the channel in both producers by 1 ± h and take the difference of each sample's loss.
        const double H = 1e-5;
        double[] LossesAt(int channel, double scale)
        {
            using var inner = NewDisposeScope();
            using var noGradients = no_grad();
            Tensor[] slices = [model.down.weight!.select(0, channel), model.down.bias!.narrow(0, channel, 1), model.projection.weight!.select(0, channel)];
            var saved = slices.Select(slice => slice.clone()).ToList();
            foreach (var slice in slices)
            {
                slice.mul_(scale);
            }

            var losses = Pruned.Values(nn.functional.cross_entropy(model.call(x), y, reduction: nn.Reduction.None));
            foreach (var (slice, value) in slices.Zip(saved))
            {
                slice.copy_(value);
            }

            return losses;
        }

        const int Positions = 16;
        for (var channel = 0; channel < 12; channel++)
        {
            var changes = LossesAt(channel, 1 + H).Zip(LossesAt(channel, 1 - H), (up, down) => (up - down) / (2 * H) / Positions);
            Assert.Equal(changes.Average(Math.Abs), scores[channel], 8);
        }
    }

    [Fact]
    public void Taylor_counts_every_use_of_an_output_once()
    {
        using var scope = NewDisposeScope();
        var model = new NormFirstNet();
        model.@double();
        model.eval();
        var x = randn(3, 3, 4, 4, dtype: ScalarType.Float64);
        var y = tensor(new long[] { 3, 1, 4 });
        var scores = Score(model, Criterion.Taylor, TrainingData.FromTensors(x, y, shuffle: false))["stem"];

        const double H = 1e-5;
        double[] LossesAt(int channel, double scale)
        {
            using var inner = NewDisposeScope();
            using var noGradients = no_grad();
            model.Scale[channel] = scale;
            var losses = Pruned.Values(nn.functional.cross_entropy(model.call(x), y, reduction: nn.Reduction.None));
            model.Scale[channel] = 1;
            return losses;
        }

        const int Positions = 16;
        for (var channel = 0; channel < 6; channel++)
        {
            var changes = LossesAt(channel, 1 + H).Zip(LossesAt(channel, 1 - H), (up, down) => (up - down) / (2 * H) / Positions);
            Assert.Equal(changes.Average(Math.Abs), scores[channel], 8);
        }
    }

    [Fact]
    public void Taylor_of_a_single_weight_is_weight_times_mean_gradient()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        model.@double();
        var x = randn(5, 1, 28, 28, dtype: ScalarType.Float64);
        var y = tensor(new long[] { 3, 1, 4, 1, 5 });
        model.fc2.weight!.requires_grad = false;
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.Taylor };
        using var importance = Importance.Of(model.Plan(options), model.Forward, TrainingData.FromTensors(x, y, batchSize: 2));
        Assert.Equal(["conv1.weight", "conv2.weight", "fc1.weight", "fc2.weight"], importance.Weights.Keys);
        Assert.False(model.fc2.weight!.requires_grad);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));

        nn.functional.cross_entropy(model.call(x), y).backward();
        Assert.Equal(0, Pruned.MaxDifference((model.conv1.weight! * model.conv1.weight!.grad!).abs(), importance.Weights["conv1.weight"]), 10);
    }

    [Theory]
    [InlineData(Criterion.Taylor)]
    [InlineData(Criterion.MeanActivation)]
    [InlineData(Criterion.ActivationDerivative)]
    [InlineData(Criterion.Fisher)]
    [InlineData(Criterion.Snip)]
    [InlineData(Criterion.Hessian)]
    public void Scoring_by_data_leaves_the_model_alone(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new SequentialNet();
        model.train();
        var frozen = (BatchNorm1d)model.body[1];
        frozen.eval();
        var bits = TinyNet.Bits(model);
        var data = TrainingData.FromTensors(randn(7, 6), zeros(7, ScalarType.Int64), batchSize: 3);

        var first = Score(model, criterion, data);
        var second = Score(model, criterion, data);

        Assert.Equal(first, second);
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.True(model.training);
        Assert.False(frozen.training);
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
        using var noGradients = no_grad();
        Assert.False(model.call(randn(2, 6)).requires_grad);
    }

    [Theory]
    [InlineData(Criterion.Taylor)]
    [InlineData(Criterion.MeanActivation)]
    public void A_layer_that_is_not_called_but_forwarded_is_named(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons { SkipHooks = true };
        var data = TrainingData.FromTensors(randn(4, 2), randn(4, 1));
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, criterion, data));
        Assert.Contains("cannot score hidden: no output of it was seen", error.Message);
        Assert.Contains("call(), not forward()", error.Message);
    }

    [Fact]
    public void Criteria_that_need_data_say_so()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("pass training data", Assert.Throws<InvalidOperationException>(() => Score(new TwoNeurons(), Criterion.Taylor)).Message);
        var empty = TrainingData.FromBatches(() => Enumerable.Empty<(Tensor, Tensor)>());
        Assert.Contains("no batch", Assert.Throws<InvalidOperationException>(() => Score(new TwoNeurons(), Criterion.Taylor, empty)).Message);

        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.MeanActivation };
        var model = new TwoNeurons();
        var error = Assert.Throws<InvalidOperationException>(() => Importance.Of(model.Plan(options), model.Forward, empty));
        Assert.Contains("hidden", error.Message);
        Assert.Contains("choose L1, L2, Random or Taylor", error.Message);
    }

    [Fact]
    public void Weights_that_are_not_finite_are_named()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        using (no_grad())
        {
            model.hidden.bias!.fill_(float.NaN);
        }

        Assert.Contains("The importance of hidden is infinite or not a number", Assert.Throws<InvalidOperationException>(() => Score(model, Criterion.L2)).Message);
    }

    [Theory]
    [InlineData(Criterion.L1)]
    [InlineData(Criterion.Fisher)]
    [InlineData(Criterion.Wanda)]
    [InlineData(Criterion.OptimalBrainSurgeon)]
    [InlineData(Criterion.SparseGpt)]
    public void Single_weights_that_are_not_finite_are_named(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        using (no_grad())
        {
            model.hidden.weight![0, 1] = float.NaN;
        }

        var plan = model.Plan(new PruneOptions { Criterion = criterion, Granularity = Granularity.Unstructured });
        var data = TrainingData.FromTensors(ones(4, 2), ones(4, 1));
        var error = Assert.Throws<InvalidOperationException>(() => Importance.Of(plan, model.Forward, data));
        Assert.Contains("The importance of hidden.weight is infinite or not a number", error.Message);
    }

    [Fact]
    public void Scoring_can_be_cancelled()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        var data = TrainingData.FromTensors(randn(4, 2), randn(4, 1));
        Assert.Throws<OperationCanceledException>(() =>
            Importance.Of(model.Plan(new PruneOptions { Criterion = Criterion.Taylor }), model.Forward, data, cancellationToken: new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Each_group_goes_by_the_criterion_of_its_own_layer()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var options = new PruneOptions { Criterion = Criterion.L1, Layers = { ["conv2"] = new() { Criterion = Criterion.L2 } } };
        using var importance = Importance.Of(model.Plan(options));
        Assert.Equal(Score(model, Criterion.L1)["fc1"], importance.Groups["fc1"]);
        Assert.Equal(Score(model, Criterion.L2)["conv2"], importance.Groups["conv2"]);
    }

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, Criterion criterion, TrainingData? data = null, int seed = 0)
    {
        using var importance = Importance.Of(model.Plan(new PruneOptions { Criterion = criterion, Retrain = new() { Seed = seed } }), model.Forward, data);
        return importance.Groups;
    }

    private static void AssertScores(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Digits));
    }
}
