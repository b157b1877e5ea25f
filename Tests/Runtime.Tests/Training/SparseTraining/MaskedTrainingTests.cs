using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Weights that are trained behind masks: movement pruning and dynamic network surgery, by numbers that are told step by step.</summary>
public sealed class MaskedTrainingTests
{
    [Fact]
    public void Scores_fall_where_weights_move_to_zero_and_rise_where_they_move_away()
    {
        using var scope = NewDisposeScope();

        // S = −α · g · w: of w = 1 and g = 1 it falls, of g = −1 it rises, of w = −2 and g = 3 it rises by 6 α.
        var movement = new MovementPruning(1) { LearningRate = 0.5 };
        var seen = Train([1, 1, -2], [[1, -1, 3]], movement, rate: 1e-9, scores: movement);
        Assert.Equal([-0.5, 0.5, 3], seen.Scores[0]);
    }

    [Fact]
    public void Movement_keeps_what_moves_away_from_zero_and_not_what_is_large()
    {
        using var scope = NewDisposeScope();
        var seen = Train([5, 0.1f, 4, -0.2f], [[1, -1, 1, 1], [1, -1, 1, 1]], new MovementPruning(0.5) { Every = 1, WarmUp = 0, Until = 0.5 }, rate: 1e-9);
        Assert.Equal([0, 0.1, 0, -0.2], seen.Live[0]);
        Assert.Equal([0, 0.1, 0, -0.2], seen.Live[1]);
    }

    [Fact]
    public void The_score_of_a_masked_weight_goes_on_and_brings_it_back()
    {
        using var scope = NewDisposeScope();

        // Scores behind the steps: (−1, −2), (−1, −2 + 5): by then the second has come back, and the first is masked. Until the end half of them stays.
        var movement = new MovementPruning(0.5) { Every = 1, WarmUp = 0, Until = 0.9, LearningRate = 1 };
        var seen = Train([1, 1], [[1, 2], [0, -5], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]], movement, rate: 1e-9, scores: movement);
        Assert.Equal([[-1, -2], [-1, 3]], seen.Scores.Take(2));
        Assert.Equal([1, 0], Masked(movement, [[1, 2], [0, -5]], 1));
        Assert.Equal([0, 1], Masked(movement, [[1, 2], [0, -5]], 2));
        Assert.Equal([0, 1], seen.Live[^1]);

        // What stays behind so many steps of which the last chooses half.
        static double[] Masked(MovementPruning like, float[][] steps, int count) =>
            Train([1, 1], steps[..count], new MovementPruning(0.5) { Every = 1, WarmUp = 0, Until = 0.99, LearningRate = like.LearningRate }, rate: 1e-9).Live[^1];
    }

    [Fact]
    public void Masked_weights_are_not_moved_by_movement_and_are_by_surgery()
    {
        using var scope = NewDisposeScope();

        // The second weight is masked behind the first step, which moves it from 0.1 to 0; a step of −1 each follows.
        Assert.Equal([0, 0], DenseOf(new MovementPruning(0.5) { Every = 1, WarmUp = 0, Until = 0.4 }));

        // T = (2 + 0.1) / 2: what is above 1.155 comes back, with what it has become behind its mask.
        var seen = Train([2, 0.1f], [[0, 0], [0, -1], [0, -1], [0, 0]], new DynamicNetworkSurgery(0) { Gamma = 0 }, rate: 1);
        Assert.Equal([[2, 0], [2, 0], [2, 2.1], [2, 2.1]], seen.Live.Select(values => values.Select(value => Math.Round(value, 5)).ToArray()));

        static double[] DenseOf(MovementPruning movement)
        {
            var seen = Train([2, 0.1f], [[-1, 1], [0, -1]], movement, rate: 0.1);
            return [seen.Live[0][1], seen.Live[1][1]];
        }
    }

    [Fact]
    public void Surgery_has_two_thresholds_and_between_them_a_mask_stays_as_it_is()
    {
        using var scope = NewDisposeScope();

        // Magnitudes 1, 2, 3 have the mean 2 and the deviation 0.8165; with c = 0 the thresholds are 1.8 and 2.2.
        var steps = new float[][] { [0, 0.1f, 0], [0, 0.2f, 0], [0, -0.3f, 0], [0, -0.1f, 0], [0, -0.2f, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0] };
        var seen = Train([1, 2, -3], steps, new DynamicNetworkSurgery(0) { Gamma = 0 }, rate: 1);
        double[] second = [1.9, 0, 0, 0, 2.3, 2.3, 2.3, 2.3];
        Assert.Equal(second, seen.Live.Select(values => Math.Round(values[1], 5)));
        Assert.All(seen.Live, values => Assert.Equal((0, -3), (values[0], values[2])));
    }

    [Fact]
    public void The_thresholds_are_of_the_magnitudes_that_are_not_zero_and_each_parameter_may_have_a_rate_of_its_own()
    {
        using var scope = NewDisposeScope();

        // 1, 2, 3: μ + σ = 2.8165, of which 0.9 are 2.535.
        Assert.Equal([0, 0, 0, -3], Train([0, 1, 2, -3], [[0, 0, 0, 0]], new DynamicNetworkSurgery(1), rate: 1).Live[0]);
        var own = new DynamicNetworkSurgery(1) { Rates = new Dictionary<string, double> { ["weight"] = -0.5 } };

        // 2 − 0.408 = 1.59, of which 0.9 are 1.43.
        Assert.Equal([0, 0, 2, -3], Train([0, 1, 2, -3], [[0, 0, 0, 0]], own, rate: 1).Live[0]);
    }

    [Fact]
    public void The_soft_form_keeps_what_is_above_the_threshold_and_its_penalty_lowers_all_scores()
    {
        using var scope = NewDisposeScope();

        // Adam's first step is α against the sign of g · w: σ(±0.1) = 0.525, 0.475.
        var soft = new MovementPruning { Threshold = 0.5, LearningRate = 0.1, Every = 1, Strength = 0, WarmUp = 0, Until = 0.5 };
        Assert.Equal([0, 2, 0], Train([1, 2, -3], [[1, -1, -1], [0, 0, 0]], soft, rate: 1e-9).Live[0]);

        // Without gradients only the penalty moves them, and of equal scores that are all below the first stays.
        var strict = new MovementPruning { Threshold = 0.5, LearningRate = 0.1, Every = 1, WarmUp = 0, Until = 0.5 };
        Assert.Equal([1, 0, 0], Train([1, 2, -3], [[0, 0, 0], [0, 0, 0], [0, 0, 0], [0, 0, 0]], strict, rate: 1e-9).Live[^1]);
    }

    [Theory]
    [InlineData(true, RetrainOptimizer.Adam)]
    [InlineData(false, RetrainOptimizer.Adam)]
    [InlineData(true, RetrainOptimizer.SGD)]
    [InlineData(false, RetrainOptimizer.SGD)]
    public void A_model_ends_with_what_it_answered_with_and_whatever_trains_it_holds_the_zeros(bool movement, RetrainOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, 32);
        var options = new RetrainOptions { Epochs = 4, LearningRate = 0.02, Optimizer = optimizer, KeepBest = true, Device = CPU };
        TrainingCallback method = movement ? new MovementPruning(0.25) : new DynamicNetworkSurgery(0.2);
        WeightMasks.Hold(model.hidden, "weight", ones_like(model.hidden.weight!).index_fill_(0, tensor(new long[] { 3 }), 0));
        var result = Retrainer.Train(model, model.Forward, data, data, options with { Callbacks = [method] });
        Assert.InRange(result.KeptEpoch!.Value, 3, 4);
        Assert.Equal(result.Final!.Loss, Retrainer.Evaluate(model, model.Forward, data, options).Loss, 1e-6);
        Assert.Equal(0, model.hidden.weight![3].count_nonzero().item<long>());
        if (movement)
        {
            Assert.Equal((16, 12), (model.hidden.weight!.count_nonzero().item<long>(), model.output.weight!.count_nonzero().item<long>()));
        }

        var zeros = model.hidden.weight!.eq(0);
        Assert.InRange(zeros.sum().item<long>(), 5, 63);
        Retrainer.Train(model, model.Forward, data, options: options with { KeepBest = false });
        Assert.Equal(0, model.hidden.weight!.masked_select(zeros).count_nonzero().item<long>());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void It_ends_masked_where_it_is_not_known_how_many_batches_there_are(bool movement)
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(64);
        var data = TrainingData.FromBatches(() => x.chunk(4).Zip(y.chunk(4)));
        TrainingCallback method = movement ? new MovementPruning(0.25) : new DynamicNetworkSurgery(0.2);
        Retrainer.Train(
            model, model.Forward, data, options: new RetrainOptions { Epochs = 2, Schedule = LearningRateSchedule.Constant, Device = CPU, Callbacks = [method] });
        Assert.Equal(2, WeightMasks.Of(model).Count);
        Assert.All(WeightMasks.Of(model), weight => Assert.True(weight.Mask.eq(0).any().item<bool>()));
    }

    [Fact]
    public void Bad_numbers_are_named_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("share is 0", Assert.Throws<ArgumentOutOfRangeException>(() => new MovementPruning(0)).Message);
        Assert.Contains("rate is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => new DynamicNetworkSurgery(double.NaN)).Message);
        Refused<ArgumentOutOfRangeException>("Threshold is 1", new MovementPruning { Threshold = 1 });
        Refused<ArgumentOutOfRangeException>("WarmUp is 0.8; give 0 or more, and less than Until", new MovementPruning { WarmUp = 0.8 });
        Refused<ArgumentOutOfRangeException>("Until is 1", new MovementPruning { Until = 1 });
        Refused<ArgumentOutOfRangeException>("Gamma is -1", new DynamicNetworkSurgery { Gamma = -1 });
        Refused<InvalidOperationException>("Rates names 'bias'", new DynamicNetworkSurgery { Rates = new Dictionary<string, double> { ["bias"] = 1 } });
        Refused<InvalidOperationException>("would mask all of weight: 0.9 · 5.5 is no less than its largest magnitude, 2", new DynamicNetworkSurgery(8));

        static void Refused<TError>(string message, TrainingCallback method)
            where TError : Exception
        {
            var layer = Layer([1, 2]);
            var before = TinyNet.Bits(layer);
            Assert.Contains(message, Assert.Throws<TError>(() => Train(layer, [[1, 1]], method, 1, null)).Message);
            Assert.Equal(before, TinyNet.Bits(layer));
            Assert.Empty(WeightMasks.Of(layer));
        }
    }

    private static Watch Train(float[] weights, float[][] gradients, TrainingCallback method, double rate, MovementPruning? scores = null) =>
        Train(Layer(weights), gradients, method, rate, scores);

    /// <summary>Trains one row of weights, by SGD without momentum; the gradient of each step is told, whatever the weights are.</summary>
    private static Watch Train(Linear layer, float[][] gradients, TrainingCallback method, double rate, MovementPruning? scores)
    {
        var watch = new Watch(layer.weight!, scores);
        var x = stack([.. gradients.Select(row => tensor(row))]);
        Retrainer.Train(
            layer,
            inputs => [layer.call(inputs[0])],
            TrainingData.FromTensors(x, zeros(gradients.Length, 1), batchSize: 1, shuffle: false),
            options: new RetrainOptions
            {
                Epochs = 1, LearningRate = rate, Momentum = 0, Optimizer = RetrainOptimizer.SGD, Schedule = LearningRateSchedule.Constant, Device = CPU,
                Loss = (result, _) => result.sum(), Callbacks = [method, watch],
            });
        return watch;
    }

    private static Linear Layer(float[] weights)
    {
        var layer = nn.Linear(weights.Length, 1, hasBias: false);
        using var noGradients = no_grad();
        layer.weight!.copy_(tensor(weights).unsqueeze(0));
        return layer;
    }

    /// <summary>What the model answers with behind each step, and the scores by then.</summary>
    private sealed class Watch(Tensor weight, MovementPruning? movement) : TrainingCallback
    {
        public List<double[]> Live { get; } = [];

        public List<double[]> Scores { get; } = [];

        public override void OnStep(TrainingContext context)
        {
            Live.Add([.. Pruned.Values(weight).Select(value => Math.Round(value, 5))]);
            Scores.AddRange(movement is null ? [] : movement.Scores.Values.Select(Pruned.Values));
        }
    }
}
