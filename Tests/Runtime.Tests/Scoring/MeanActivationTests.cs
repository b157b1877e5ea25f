using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What comes out of a channel is measured where layers take it in.</summary>
public sealed class MeanActivationTests
{
    // A distance, not digits: two numbers that lie next to each other can be rounded apart.
    private const double Tolerance = 1e-5;

    [Fact]
    public void It_is_the_mean_magnitude_of_what_comes_out_behind_the_activation_function()
    {
        using var scope = NewDisposeScope();
        var data = TrainingData.FromTensors(tensor(new float[] { 1, 1, 2, -1, 0, 3 }, [3, 2]), zeros(3, 1), batchSize: 2, shuffle: false);

        // (1, 1): −0.5 and 6.75; (2, −1): 4.5 and 1.75; (0, 3): −5.5 and 11.75; relu makes nothing of what is below zero.
        AssertScores([4.5 / 3, (6.75 + 1.75 + 11.75) / 3], Score(new TwoNeurons(), data)["hidden"]);
    }

    [Fact]
    public void A_depthwise_convolution_and_what_reads_it_both_tell_of_a_channel()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        var x = randn(5, 3, 8, 8);
        model.eval();
        using var noGradients = no_grad();
        var stem = model.stemNorm.call(model.stem.call(x)).sigmoid();
        var depthwise = model.depthwiseNorm.call(model.depthwise.call(stem)).sigmoid();

        var scores = Score(model, TrainingData.FromTensors(x, zeros(5, ScalarType.Int64), batchSize: 2))["stem"];

        // Two filters a channel.
        AssertScores(Pruned.Values((stem.mean([0, 2, 3]) + depthwise.mean([0, 2, 3]).view(8, 2).mean([1])) / 2), scores);
    }

    [Fact]
    public void Several_readers_behind_functions_of_their_own_count_alike()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["first"] = nn.Linear(6, 3), ["second"] = nn.Linear(6, 3), ["third"] = nn.Linear(6, 3) },
            (m, x) =>
            {
                var y = m["fc"].call(x);
                return m["first"].call(y.relu()) + m["second"].call(y.sigmoid()) + m["third"].call(y);
            },
            (m, link, x) =>
            {
                var y = link.Layer(m["fc"], x);
                var sum = link.Op("add", [link.Layer(m["first"], link.Op("relu", y)), link.Layer(m["second"], link.Op("sigmoid", y))]);
                return link.Op("add", [sum, link.Layer(m["third"], y)]);
            });
        var x = randn(5, 4);
        using var noGradients = no_grad();
        var y = model["fc"].call(x);
        AssertScores(Pruned.Values((y.relu() + y.sigmoid() + y.abs()).mean([0L]) / 3), Score(model, Samples(x))["fc"]);
    }

    [Fact]
    public void Of_a_sum_its_readers_tell()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        model.eval();
        using var noGradients = no_grad();
        var x = randn(5, 3, 8, 8);
        var stem = model.stem.call(x);
        var block = (stem + model.conv2.call(model.norm1.call(model.conv1.call(stem)).relu())).relu();
        var scores = Score(model, Samples(x));

        // conv1 reads the stem, down and projection the sum.
        AssertScores(Pruned.Values((stem.abs().mean([0, 2, 3]) + (2 * block.mean([0, 2, 3]))) / 3), scores["stem"]);
        AssertScores(Pruned.Values((model.down.call(block) + model.projection.call(block)).relu().mean([0, 2, 3])), scores["down"]);
    }

    [Fact]
    public void Flattened_maps_and_joined_channels_are_folded_back()
    {
        using var scope = NewDisposeScope();
        var model = new ConcatNet();
        model.eval();
        using var noGradients = no_grad();
        var x = randn(5, 3, 4, 4);
        var a = model.first.call(x).relu();
        var b = model.second.call(a);
        var both = cat([a, b], 1);
        var scores = Score(model, Samples(x));
        var third = model.norm.call(both).sigmoid().mean([0, 2, 3]);

        // Read by third, behind the normalisation, and by the head; the first six by second, too.
        AssertScores(Pruned.Values((b.abs().mean([0, 2, 3]) + third.narrow(0, 6, 4)) / 2), scores["second"]);
        AssertScores(Pruned.Values(((2 * a.mean([0, 2, 3])) + third.narrow(0, 0, 6)) / 3), scores["first"]);
    }

    [Fact]
    public void Grouped_convolutions_show_all_of_their_groups()
    {
        using var scope = NewDisposeScope();
        var model = new GroupedNet();
        model.eval();
        using var noGradients = no_grad();
        var x = randn(5, 3, 8, 8);
        var stem = model.stem.call(x).relu();
        var four = model.norm.call(model.four.call(stem)).tanh();
        var scores = Score(model, Samples(x));

        // Four groups of two channels each; of the sixteen behind them, two groups read.
        AssertScores(Pruned.Values(stem.mean([0, 2, 3]).view(4, 2).mean([0L])), Named(scores, "stem", 2));
        AssertScores(Pruned.Values(four.abs().mean([0, 2, 3]).view(4, 4).mean([0L])), Named(scores, "four", 4));
    }

    [Theory]
    [InlineData("LSTM")]
    [InlineData("GRU")]
    [InlineData("RNN")]
    [InlineData("LSTMCell")]
    [InlineData("GRUCell")]
    [InlineData("RNNCell")]
    public void Recurrent_layers_are_listened_to_where_they_take_a_sequence_in(string type)
    {
        using var scope = NewDisposeScope();
        nn.Module layer = type switch
        {
            "LSTM" => nn.LSTM(6, 5, batchFirst: true),
            "GRU" => nn.GRU(6, 5, batchFirst: true),
            "RNN" => nn.RNN(6, 5, batchFirst: true),
            "LSTMCell" => nn.LSTMCell(6, 5),
            "GRUCell" => nn.GRUCell(6, 5),
            _ => nn.RNNCell(6, 5),
        };
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["rnn"] = layer, ["head"] = nn.Linear(5, 3) },
            (m, x) =>
            {
                var y = m["fc"].call(x).relu();
                return m["head"].call(layer switch
                {
                    LSTM lstm => lstm.call(y).Item1[.., -1],
                    GRU gru => gru.call(y).Item1[.., -1],
                    RNN rnn => rnn.call(y).Item1[.., -1],
                    LSTMCell cell => cell.call(y[.., -1], (zeros(x.shape[0], 5), zeros(x.shape[0], 5))).Item1,
                    GRUCell cell => cell.call(y[.., -1], null!),
                    _ => ((RNNCell)layer).call(y[.., -1], null!),
                });
            },
            (m, link, x) =>
            {
                var y = link.Op("relu", link.Layer(m["fc"], x));
                return layer is LSTM or GRU or RNN
                    ? link.Layer(m["head"], link.Index(link.Layers(layer, y)[0], AxisSlice.All, AxisSlice.At(-1)))
                    : link.Layer(m["head"], (AxisTensor)link.Call(layer, link.Index(y, AxisSlice.All, AxisSlice.At(-1)))[0]!);
            });
        var x = randn(5, 3, 4);
        using var noGradients = no_grad();
        var y = model["fc"].call(x).relu();
        y = layer is LSTM or GRU or RNN ? y : y[.., -1].unsqueeze(1);
        AssertScores(Pruned.Values(y.mean([0, 1])), Score(model, Samples(x), new() { ["rnn"] = new() { Criterion = Criterion.L2 } })["fc"]);
    }

    [Fact]
    public void Where_no_layer_reads_a_group_what_its_producers_put_out_counts()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["q"] = nn.Linear(4, 6), ["k"] = nn.Linear(4, 6), ["v"] = nn.Linear(4, 5), ["head"] = nn.Linear(5, 3) },
            (m, x) => m["head"].call(matmul(matmul(m["q"].call(x), m["k"].call(x).transpose(1, 2)).softmax(-1), m["v"].call(x)).mean([1L])),
            (m, link, x) =>
            {
                var weights = link.Softmax(link.MatMul(link.Layer(m["q"], x), link.Transpose(link.Layer(m["k"], x), 1, 2)));
                return link.Layer(m["head"], link.Op("mean", link.MatMul(weights, link.Layer(m["v"], x)), ("dimensions", new long[] { 1 })));
            });
        var x = randn(5, 3, 4);
        using var noGradients = no_grad();
        AssertScores(Pruned.Values((model["q"].call(x).abs() + model["k"].call(x).abs()).mean([0, 1]) / 2), Score(model, Samples(x))["q"]);
    }

    [Fact]
    public void A_reader_that_is_not_called_but_forwarded_is_named()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].forward(m["fc"].call(x).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], x))));
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, Samples(randn(5, 4))));
        Assert.Equal(
            "MeanActivation cannot score fc: no input of head, which reads it, was seen while the model ran. "
            + "Give data that goes the way through forward on which it is called, and invoke it by call(), not forward(), which skips hooks; or choose L1, L2 or Random for fc.",
            error.Message);
    }

    [Fact]
    public void A_group_that_only_bare_weights_read_is_refused_by_their_names()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["weight"] = new Parameter(randn(3, 6)) },
            (m, x) => nn.functional.linear(m["fc"].call(x).relu(), m.Tensor("weight")),
            (m, link, x) => link.Op("linear", [link.Op("relu", link.Layer(m["fc"], x)), link.Parameter(m, "weight")]));
        var error = Assert.Throws<InvalidOperationException>(() => Score(model, Samples(randn(5, 4))));
        Assert.StartsWith("MeanActivation cannot score fc: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("only weight has to do with it", error.Message);
        Assert.Contains("Choose L1, L2, Random or Taylor", error.Message);
    }

    [Fact]
    public void Bare_weights_are_scored_by_the_layer_that_reads_what_they_make()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["weight"] = new Parameter(randn(6, 4)), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(nn.functional.linear(x, m.Tensor("weight")).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Op("linear", [x, link.Parameter(m, "weight")]))));
        var x = randn(5, 4);
        using var noGradients = no_grad();
        AssertScores(Pruned.Values(x.matmul(model.Tensor("weight").T).relu().mean([0L])), Score(model, Samples(x))["weight"]);
    }

    [Fact]
    public void Batches_of_any_size_and_layers_that_some_of_them_pass_by_give_the_mean_of_all_rows()
    {
        using var scope = NewDisposeScope();
        var model = Routed();
        var x = tensor(new float[] { 1, 2, 3, 4, -1, 1, 1, 1, -2, 0, 1, 3, 5, 1, 0, 2, -3, 1, 2, 2 }, [5, 4]);

        // Two rows, none, and one reach the expert in the four batches, of which one is empty.
        var parts = new (long Start, long Count)[] { (0, 2), (2, 0), (2, 1), (3, 2) };
        var data = TrainingData.FromBatches(() => parts.Select(part => (x.narrow(0, part.Start, part.Count), zeros(part.Count, ScalarType.Int64))));
        using var noGradients = no_grad();
        var expert = model["up"].call(x[x[.., 0] > 0]).relu();
        AssertScores(Pruned.Values(expert.mean([0L])), Score(model, data)["up"]);
    }

    [Fact]
    public void A_layer_that_no_sample_reaches_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Score(Routed(), Samples(-ones(5, 4))));
        Assert.Contains("MeanActivation cannot score up: no output of it was seen", error.Message);
    }

    /// <summary>An expert for the samples whose first number is above zero.</summary>
    internal static OperationNet Routed(ScalarType type = ScalarType.Float32) => new(
        [2, 4],
        new() { ["up"] = nn.Linear(4, 6), ["down"] = nn.Linear(6, 3) },
        (m, x) =>
        {
            var chosen = x[.., 0] > 0;
            var result = zeros(x.shape[0], 3, dtype: type);
            result[chosen] = m["down"].call(m["up"].call(x[chosen]).relu());
            return result;
        },
        (m, link, x) => link.Layer(m["down"], link.Op("relu", link.Layer(m["up"], x))));

    private static TrainingData Samples(Tensor x) => TrainingData.FromTensors(x, zeros(x.shape[0], ScalarType.Int64), batchSize: 2, shuffle: false);

    private static double[] Named(IReadOnlyDictionary<string, double[]> scores, string name, int width)
    {
        Assert.Equal(width, scores[name].Length);
        return scores[name];
    }

    private static IReadOnlyDictionary<string, double[]> Score(TestModel model, TrainingData data, Dictionary<string, LayerPruneOptions>? layers = null)
    {
        var options = new PruneOptions { Criterion = Criterion.MeanActivation, Layers = layers ?? [] };
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        return importance.Groups;
    }

    private static void AssertScores(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
    }
}
