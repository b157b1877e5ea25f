using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Noise on channels and on weights at once: its formulas by hand, and that what is closed leaves the model.</summary>
public sealed class BayesianCompressionTests
{
    private static readonly RetrainOptions Options = new() { Epochs = 3, LearningRate = 0.01, Device = CPU };

    [Fact]
    public void Weights_cost_nothing_at_the_prior_and_the_same_whatever_their_shape()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(0, BayesianCompression.CostOf(zeros(2, 3), zeros(2, 3)).item<double>());

        // ½ (e⁻⁹ + 4 − 1 + 9), and ½ (e² + 1 − 1 − 2): log σ² is the logarithm of the variance, for filters as for rows.
        var expected = ((Math.Exp(-9) + 12) / 2) + ((Math.Exp(2) - 2) / 2);
        var (mean, logVariance) = (tensor(new float[] { 2, 1 }), tensor(new float[] { -9, 2 }));
        Assert.Equal(expected, BayesianCompression.CostOf(mean.reshape(1, 2), logVariance.reshape(1, 2)).item<double>(), 1e-5);
        Assert.Equal(expected, BayesianCompression.CostOf(mean.reshape(2, 1, 1, 1), logVariance.reshape(2, 1, 1, 1)).item<double>(), 1e-5);
    }

    [Fact]
    public void Log_alpha_compares_the_noise_of_a_channel_with_what_it_is_on()
    {
        using var scope = NewDisposeScope();
        double[] expected = [-9, 0, Math.Log(1e8)];
        var found = Pruned.Values(BayesianCompression.LogAlpha(tensor(new[] { 1, 2, 0.0 }), tensor(new[] { -9, Math.Log(4), 0 })));
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-6));
    }

    [Fact]
    public void The_penalty_is_that_of_channels_and_of_weights_and_grows_to_its_strength()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();

        // Two gates of log α = −9, as if it were −8: 4.6359 each. Weights 1, −2, 3, 4, and those of the output, with ½ (e⁻⁹ + w² − 1 + 9).
        var weights = Pruned.Values(model.hidden.weight!).Concat(Pruned.Values(model.output.weight!)).ToArray();
        var expected = (2 * 4.6359) + weights.Sum(weight => (Math.Exp(-9) + (weight * weight) + 8) / 2);
        Assert.Equal(3 * expected / 8, First(model, new BayesianCompression(3) { WarmUp = 0 }), 1e-2);
        Assert.Equal(0, First(new TwoNeurons(), new BayesianCompression(3) { WarmUp = 1 }));
    }

    [Theory]
    [InlineData(nameof(LeNet))]
    [InlineData(nameof(DepthwiseNet))]
    [InlineData(nameof(ResidualNet))]
    [InlineData(nameof(SequentialNet))]
    [InlineData(nameof(TransposedNet))]
    public void A_model_ends_with_what_it_answered_with_and_what_is_closed_leaves_it(string name)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](1);
        var compression = new BayesianCompression(10) { LearningRate = 0.6, WarmUp = 0, Threshold = -3 };
        var input = rand([24, .. model.InputShape[1..]]);
        var answers = new Answers(model, input);
        var data = TrainingData.FromTensors(input, zeros(24, Pruned.Evaluate(model, input).size(1)), batchSize: 4);
        Retrainer.Train(model, model.Forward, data, data, Options with { Callbacks = [compression, answers] });
        var ended = Pruned.Evaluate(model, input);
        Assert.InRange(Pruned.MaxDifference(answers.Last!, ended), 0, 1e-4 * Math.Max(1, ended.abs().max().item<float>()));
        Assert.Contains(0, compression.Values.Values.SelectMany(values => values));
        foreach (var (group, values) in compression.Values)
        {
            Assert.Equal(values.Select(value => value == 0), compression.LogAlphas[group].Select(logAlpha => logAlpha >= -3));
        }

        Assert.All(model.named_modules(), entry => Assert.Equal(0, entry.module is nn.Module<Tensor, Tensor> ? Hooks.CountOf(entry.module) : 0));
    }

    [Fact]
    public void A_group_may_have_a_threshold_of_its_own()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var x = rand(16, 1, 28, 28);
        var compression = new BayesianCompression(0) { Thresholds = new Dictionary<string, double> { ["conv2"] = -20 } };
        var data = TrainingData.FromTensors(x, x.flatten(1).argmax(1).remainder(10), batchSize: 8);
        Retrainer.Train(model, model.Forward, data, options: Options with { Epochs = 1, Callbacks = [compression] });
        Assert.All(compression.Values["conv2"], value => Assert.Equal(0, value));
        Assert.DoesNotContain(0, compression.Values["conv1"]);
        using var result = Pruning.CompactZeros(model, model.Forward, data);

        // What only filters of zero read goes with them.
        Assert.Equal((1, 1), (model.conv1.out_channels, model.conv2.out_channels));
    }

    [Fact]
    public void Bad_numbers_groups_that_there_are_not_and_layers_that_are_not_called_are_named()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("strength is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new BayesianCompression(-1)).Message);
        Refused<ArgumentOutOfRangeException>("WarmUp is 2", new() { WarmUp = 2 });
        Refused<ArgumentOutOfRangeException>("Threshold is NaN", new() { Threshold = double.NaN });
        Refused<InvalidOperationException>("Thresholds names 'fc9', which is no group", new() { Thresholds = new Dictionary<string, double> { ["fc9"] = 0 } });
        Refused<InvalidOperationException>("has seen no output of hidden", new(), skipHooks: true);

        static void Refused<TError>(string message, BayesianCompression method, bool skipHooks = false)
            where TError : Exception
        {
            var model = new TwoNeurons { SkipHooks = skipHooks };
            var before = TinyNet.Bits(model);
            Assert.Contains(message, Assert.Throws<TError>(() => First(model, method)).Message);
            Assert.Equal(before, TinyNet.Bits(model));
            Assert.Equal(0, Hooks.CountOf(model.hidden));
        }
    }

    /// <summary>Trains for two steps, with a loss that is nothing but what is added, and gives that of the first.</summary>
    private static double First(TwoNeurons model, BayesianCompression method)
    {
        var losses = new Losses();
        Retrainer.Train(
            model,
            model.Forward,
            TrainingData.FromTensors(rand(8, 2), zeros(8, 1), batchSize: 4),
            options: Options with { Epochs = 1, Loss = (result, _) => (result * 0).sum(), Callbacks = [method, losses] });
        return losses.Seen[0];
    }

    private sealed class Losses : TrainingCallback
    {
        public List<double> Seen { get; } = [];

        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
        {
            Seen.Add(loss.item<float>());
            return loss;
        }
    }

    private sealed class Answers(nn.Module<Tensor, Tensor> model, Tensor input) : TrainingCallback
    {
        public Tensor? Last { get; private set; }

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Last = Pruned.Evaluate(model, input).DetachFromDisposeScope();
    }
}
