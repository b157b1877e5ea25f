using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Taylor scores of what no layer puts out, and of layers whose rows are not the samples.</summary>
public sealed class TaylorTests
{
    private const int Digits = 8;

    /// <summary>The difference that stands for a derivative.</summary>
    private const double H = 1e-5;

    [Fact]
    public void Own_weights_score_the_change_of_a_batch_loss()
    {
        using var scope = NewDisposeScope();
        var model = Double(new OperationNet(
            [2, 4],
            new() { ["weight"] = new Parameter(randn(6, 4)), ["bias"] = new Parameter(randn(6)), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(nn.functional.linear(x, m.Tensor("weight"), m.Tensor("bias")).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Op("linear", [x, link.Parameter(m, "weight"), link.Parameter(m, "bias")])))));
        AssertBatchChanges(model, "weight", channel => [model.Tensor("weight")[channel], model.Tensor("bias")[channel]]);
    }

    [Fact]
    public void A_weight_that_is_normalised_scores_by_its_length_alone()
    {
        using var scope = NewDisposeScope();
        var model = Double(new OperationNet(
            [2, 4],
            new() { ["direction"] = new Parameter(randn(6, 4)), ["length"] = new Parameter(randn(6, 1)), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(nn.functional.linear(x, m.Tensor("direction") / m.Tensor("direction").norm(1, keepdim: true) * m.Tensor("length")).relu()),
            (m, link, x) =>
            {
                var direction = link.Parameter(m, "direction");
                var unit = link.Op("div", [direction, link.Op("norm", direction, ("dim", 1L), ("keepdim", true))]);
                var weight = link.Op("mul", [unit, link.Parameter(m, "length")]);
                return link.Layer(m["head"], link.Op("relu", link.Op("linear", [x, weight])));
            }));

        // The weight does not change with the length of its direction.
        AssertBatchChanges(model, model.Plan().Groups.Single().Name, channel => [model.Tensor("length")[channel]]);
    }

    [Fact]
    public void A_noisy_weight_scores_by_its_mean_where_there_is_no_noise()
    {
        using var scope = NewDisposeScope();
        var model = Double(new OperationNet(
            [2, 4],
            new() { ["mean"] = new Parameter(randn(6, 4)), ["deviation"] = new Parameter(randn(6, 4)), ["head"] = nn.Linear(6, 3) },
            (m, x) =>
            {
                var mean = m.Tensor("mean");
                return m["head"].call(nn.functional.linear(x, m.training ? mean + (m.Tensor("deviation") * randn_like(mean)) : mean).relu());
            },
            (m, link, x) =>
            {
                var mean = link.Parameter(m, "mean");
                var weight = link.Training ? link.Op("add", [mean, link.Parameter(m, "deviation")]) : mean;
                return link.Layer(m["head"], link.Op("relu", link.Op("linear", [x, weight])));
            }));
        AssertBatchChanges(model, model.Plan().Groups.Single().Name, channel => [model.Tensor("mean")[channel]]);
    }

    [Fact]
    public void Own_weights_and_a_layer_that_make_the_same_channels_add_up()
    {
        using var scope = NewDisposeScope();
        var model = Double(new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["weight"] = new Parameter(randn(6, 4)), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call((m["fc"].call(x) + nn.functional.linear(x, m.Tensor("weight"))).relu()),
            (m, link, x) =>
            {
                var y = link.Layer(m["fc"], x);
                var own = link.Op("linear", [x, link.Parameter(m, "weight")]);
                return link.Layer(m["head"], link.Op("relu", link.Op("add", [y, own])));
            }));
        var fc = model.Layer<Linear>("fc");
        AssertBatchChanges(model, "fc", channel => [fc.weight![channel], fc.bias![channel], model.Tensor("weight")[channel]]);
    }

    [Fact]
    public void Frozen_own_weights_are_scored_and_stay_frozen()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["weight"] = new Parameter(randn(6, 4)), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(nn.functional.linear(x, m.Tensor("weight")).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Op("linear", [x, link.Parameter(m, "weight")]))));
        var data = Samples(randn(5, 4));
        var trained = Score(model, data)["weight"];
        model.Tensor("weight").requires_grad = false;
        Assert.Equal(trained, Score(model, data)["weight"]);
        Assert.False(model.Tensor("weight").requires_grad);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(8)]
    public void Grouped_transposed_convolutions_are_scored(long groups)
    {
        using var scope = NewDisposeScope();
        var up = nn.ConvTranspose2d(8, 8, 2, stride: 2, groups: groups);
        var model = Double(new OperationNet(
            [2, 3, 4, 4],
            new() { ["conv"] = nn.Conv2d(3, 8, 3, padding: 1), ["up"] = up, ["head"] = nn.Conv2d(8, 4, 1) },
            (m, x) => m["head"].call(m["up"].call(m["conv"].call(x).relu()).relu()).mean([2, 3]),
            (m, link, x) =>
            {
                var y = link.Op("relu", link.Layer(m["up"], link.Op("relu", link.Layer(m["conv"], x))));
                return link.Op("mean", link.Layer(m["head"], y), ("dimensions", new long[] { 2, 3 }));
            }));
        var conv = model.Layer<Conv2d>("conv");
        var x = randn(5, 3, 4, 4, dtype: ScalarType.Float64);
        var scores = Score(model, Samples(x));
        var width = 8 / (groups == 8 ? 1 : groups);
        Tensor[] Filters(int channel) => Enumerable.Range(0, 8).Where(c => c % width == channel)
            .SelectMany(c => new[] { conv.weight![c], conv.bias![c] }).ToArray();
        AssertSampleChanges(model, x, scores["conv"], 16, Filters);
        if (groups == 2)
        {
            // Each group makes the same four channels of its own; the weight runs over the inputs first.
            AssertSampleChanges(model, x, scores["up"], 64, channel => [up.weight![.., channel], up.bias![channel], up.bias![channel + 4]]);
        }

        using var importance = Importance.Of(model.Plan(new PruneOptions { Criterion = Criterion.MeanActivation }), model.Forward, Samples(x));
        Assert.All(importance.Groups.Values, values => Assert.All(values, value => Assert.True(value > 0)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Rows_that_are_not_the_samples_are_scored_row_by_row(bool timeFirst)
    {
        using var scope = NewDisposeScope();
        const int Times = 3;
        var model = Double(new OperationNet(
            [2, Times, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) =>
            {
                var rows = timeFirst ? x.transpose(0, 1).flatten(0, 1) : x.flatten(0, 1);
                var y = m["head"].call(m["fc"].call(rows).relu());
                return timeFirst ? y.view(Times, -1, 3).mean([0L]) : y.view(-1, Times, 3).mean([1L]);
            },
            (m, link, x) =>
            {
                var rows = link.Op("flatten", timeFirst ? link.Transpose(x, 0, 1) : x, ("start_dim", 0L), ("end_dim", 1L));
                var y = link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], rows)));
                return link.Op("mean", link.View(y, timeFirst ? [Times, -1, 3] : [-1, Times, 3]), ("dimensions", new long[] { timeFirst ? 0 : 1 }));
            }));
        var x = randn(5, Times, 4, dtype: ScalarType.Float64);

        // By hand: the loss of each sample is that of the mean over its times.
        var y = model["fc"].call(x).detach().requires_grad_();
        nn.functional.cross_entropy(model["head"].call(y.relu()).mean([1L]), zeros(5, ScalarType.Int64), reduction: nn.Reduction.Sum).backward();
        AssertScores(Pruned.Values((y * y.grad!).abs().mean([0, 1])), Score(model, Samples(x))["fc"]);
    }

    [Fact]
    public void A_layer_that_samples_pass_by_changes_nothing_for_them()
    {
        using var scope = NewDisposeScope();
        var model = Double(MeanActivationTests.Routed(ScalarType.Float64));
        var x = randn(9, 4, dtype: ScalarType.Float64);
        x[.., 0] = tensor(new double[] { 1, 1, -1, -1, 1, 1, 1, -1, 1 });
        var parts = new (long Start, long Count)[] { (0, 2), (2, 2), (4, 0), (4, 5) };
        var data = TrainingData.FromBatches(() => parts.Select(part => (x.narrow(0, part.Start, part.Count), zeros(part.Count, ScalarType.Int64))));

        var chosen = x[x[.., 0] > 0];
        var y = model["up"].call(chosen).detach().requires_grad_();
        nn.functional.cross_entropy(model["down"].call(y.relu()), zeros(6, ScalarType.Int64), reduction: nn.Reduction.Sum).backward();
        AssertScores(Pruned.Values((y * y.grad!).abs().mean([0L]) * 6 / 9), Score(model, data)["up"]);
    }

    [Fact]
    public void A_layer_that_is_called_on_other_numbers_of_rows_scores_the_change_of_a_batch_loss()
    {
        using var scope = NewDisposeScope();
        var model = Double(new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m["fc"].call(x).relu() + m["fc"].call(cat([x, -x], 0)).relu().mean([0L], keepdim: true)),
            (m, link, x) =>
            {
                var mean = link.Op("mean", link.Op("relu", link.Layer(m["fc"], x)), ("dimensions", new long[] { 0 }), ("keepdim", true));
                return link.Layer(m["head"], link.Op("add", [link.Op("relu", link.Layer(m["fc"], x)), mean]));
            }));
        var fc = model.Layer<Linear>("fc");
        AssertBatchChanges(model, "fc", channel => [fc.weight![channel], fc.bias![channel]]);
    }

    [Fact]
    public void A_layer_that_no_sample_reaches_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Score(MeanActivationTests.Routed(), Samples(-ones(5, 4))));
        Assert.Contains("Taylor cannot score up: no output of it was seen", error.Message);
    }

    [Theory]
    [InlineData(Granularity.Structured, "fc")]
    [InlineData(Granularity.Unstructured, "fc.weight")]
    public void What_no_loss_depends_on_is_named(Granularity granularity, string name)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3), ["other"] = nn.Linear(4, 3) },
            (m, x) => m["other"].call(x) + m["head"].call(m["fc"].call(x).relu()).detach(),
            (m, link, x) => link.Op("add", [link.Layer(m["other"], x), link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], x)))]));
        var options = new PruneOptions { Criterion = Criterion.Taylor, Granularity = granularity };
        var error = Assert.Throws<InvalidOperationException>(() => Importance.Of(model.Plan(options), model.Forward, Samples(randn(5, 4))));
        Assert.StartsWith($"Taylor scores all of {name} zero although its weights are not", error.Message, StringComparison.Ordinal);
        Assert.Contains("Choose L1 or L2 for it, keep its width", error.Message);
    }

    [Fact]
    public void Weights_that_are_all_zero_need_no_scores()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        using (no_grad())
        {
            model.hidden.weight!.zero_();
        }

        var options = new PruneOptions { Criterion = Criterion.L1, Granularity = Granularity.Unstructured };
        using var importance = Importance.Of(model.Plan(options), model.Forward);
        Assert.Equal(0, importance.Weights["hidden.weight"].abs().sum().item<float>());
    }

    private static OperationNet Double(OperationNet model)
    {
        model.@double();
        model.eval();
        return model;
    }

    private static TrainingData Samples(Tensor x) => TrainingData.FromTensors(x, zeros(x.shape[0], ScalarType.Int64), batchSize: 2, shuffle: false);

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, TrainingData data)
    {
        using var importance = Importance.Of(model.Plan(new PruneOptions { Criterion = Criterion.Taylor }), model.Forward, data);
        return importance.Groups;
    }

    /// <summary>The scores must be, independently, how much the loss of each batch changes when the slices that make a channel are scaled by 1 ± h.</summary>
    private static void AssertBatchChanges(OperationNet model, string group, Func<int, Tensor[]> slices)
    {
        var x = randn(5, 4, dtype: ScalarType.Float64);
        var scores = Score(model, Samples(x))[group];
        Tensor[] batches = [x.narrow(0, 0, 2), x.narrow(0, 2, 2), x.narrow(0, 4, 1)];
        for (var channel = 0; channel < scores.Length; channel++)
        {
            var changes = batches.Select(batch => Changes(model, batch, slices(channel)).Sum());
            Assert.Equal(changes.Sum(Math.Abs) / 5, scores[channel], Digits);
        }
    }

    /// <summary>The same sample by sample, the change spread over the positions of the layer's output.</summary>
    private static void AssertSampleChanges(OperationNet model, Tensor x, double[] scores, int positions, Func<int, Tensor[]> slices)
    {
        for (var channel = 0; channel < scores.Length; channel++)
        {
            Assert.Equal(Changes(model, x, slices(channel)).Average(Math.Abs) / positions, scores[channel], Digits);
        }
    }

    /// <summary>How much the loss of each sample changes with the scale of some slices, as a difference.</summary>
    private static double[] Changes(OperationNet model, Tensor x, Tensor[] slices)
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        double[] LossesAt(double scale)
        {
            var saved = slices.Select(slice => slice.clone()).ToList();
            foreach (var slice in slices)
            {
                slice.mul_(scale);
            }

            var losses = Pruned.Values(nn.functional.cross_entropy(model.call(x), zeros(x.shape[0], ScalarType.Int64), reduction: nn.Reduction.None));
            foreach (var (slice, value) in slices.Zip(saved))
            {
                slice.copy_(value);
            }

            return losses;
        }

        return LossesAt(1 + H).Zip(LossesAt(1 - H), (up, down) => (up - down) / (2 * H)).ToArray();
    }

    private static void AssertScores(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Digits));
    }
}
