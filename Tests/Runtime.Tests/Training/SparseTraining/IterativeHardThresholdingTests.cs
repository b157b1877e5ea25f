using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>At most k weights that are not zero.</summary>
public sealed class IterativeHardThresholdingTests
{
    private static readonly RetrainOptions Options = new()
    {
        Epochs = 4, LearningRate = 0.02, Optimizer = RetrainOptimizer.SGD, Schedule = LearningRateSchedule.Constant, Device = CPU,
    };

    [Fact]
    public void One_step_down_a_paraboloid_keeps_the_largest_of_its_lowest_point()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(6, 1, hasBias: false);
        var lowest = tensor(new float[] { 0.5f, -3, 2, -0.1f, 1, -2 }, [1, 6]);

        // L = ½ ‖θ − c‖² and η = 1: θ − (θ − c) = c, and of c the three largest.
        Retrainer.Train(
            layer,
            inputs => [layer.call(inputs[0]).sum() * 0 + (0.5 * (layer.weight! - lowest).square().sum())],
            TrainingData.FromTensors(ones(1, 6), zeros(1)),
            options: Options with
            {
                Epochs = 1, LearningRate = 1, Momentum = 0, LossOfAll = (results, _) => results[0],
                Callbacks = [new IterativeHardThresholding { Count = 3, Every = 1 }],
            });
        Assert.Equal([0, -3, 2, 0, 0, -2], Array.ConvertAll(Pruned.Values(layer.weight!), value => Math.Round(value, 5)));
    }

    [Fact]
    public void Of_equal_magnitudes_the_first_stay()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(4, 1, hasBias: false);
        nn.init.ones_(layer.weight!);
        Still(layer, new IterativeHardThresholding(0.5));
        Assert.Equal([1, 1, 0, 0], Pruned.Values(layer.weight!));
    }

    [Theory]
    [InlineData(RetrainOptimizer.SGD, false)]
    [InlineData(RetrainOptimizer.Adam, false)]
    [InlineData(RetrainOptimizer.Adam, true)]
    public void There_are_never_more_than_k_behind_a_projection_and_at_the_end_what_is_zero_stays_so(RetrainOptimizer optimizer, bool perLayer)
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(256);
        var watch = new Watch(model);
        var thresholding = new IterativeHardThresholding(0.25) { Every = 4, PerLayer = perLayer };
        Retrainer.Train(
            model, model.Forward, TrainingData.FromTensors(x, y, 32), options: Options with { Optimizer = optimizer, Callbacks = [thresholding, watch] });

        // 64 and 48 weights; 28 of all, or 16 and 12. Four epochs of eight steps: projected behind every fourth, and final from the 24th on.
        Assert.All(watch.Counts.Where((_, i) => i % 4 == 3 || i >= 23), count => Assert.InRange(count, 1, 28));
        Assert.Contains(watch.Counts, count => count > 28);
        Assert.Equal(0, watch.Revived);
        if (perLayer)
        {
            Assert.Equal((16, 12), (NonZero(model.hidden.weight!), NonZero(model.output.weight!)));
        }

        // Whatever trains it next holds the zeros.
        var zeros = model.hidden.weight!.eq(0);
        Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y, 32), options: Options);
        Assert.Equal(0, NonZero(model.hidden.weight!.masked_select(zeros)));
    }

    [Fact]
    public void It_ends_sparse_where_it_is_not_known_how_many_batches_there_are()
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(64);
        var data = TrainingData.FromBatches(() => x.chunk(4).Zip(y.chunk(4)));
        var thresholding = new IterativeHardThresholding(0.25) { Every = 100 };
        var result = Retrainer.Train(model, model.Forward, data, data, Options with { Epochs = 1, Callbacks = [thresholding] });
        Assert.Equal(28, NonZero(model.hidden.weight!) + NonZero(model.output.weight!));
        Assert.Equal(result.Final!.Loss, Retrainer.Evaluate(model, model.Forward, data, Options).Loss, 1e-6);
    }

    [Fact]
    public void The_best_weights_are_those_of_a_sparse_epoch()
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, 32);
        var result = Retrainer.Train(model, model.Forward, data, data, Options with { KeepBest = true, Callbacks = [new IterativeHardThresholding(0.1)] });
        Assert.InRange(result.KeptEpoch!.Value, 3, 4);
        Assert.InRange(NonZero(model.hidden.weight!) + NonZero(model.output.weight!), 1, 11);
    }

    [Fact]
    public void A_number_above_that_of_the_weights_is_refused_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var before = TinyNet.Bits(model);
        Assert.Contains("112 of hidden.weight, output.weight", Refused(new() { Count = 113 }));
        Assert.Contains("give a Count from 1 to 48", Refused(new() { Count = 49, PerLayer = true }));
        Assert.Contains("0 weights are to stay", Refused(new() { Count = 0 }));
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(WeightMasks.Of(model));
        Assert.Contains("share is 1.5", Assert.Throws<ArgumentOutOfRangeException>(() => new IterativeHardThresholding(1.5)).Message);

        string Refused(IterativeHardThresholding thresholding) => Assert.Throws<InvalidOperationException>(() =>
        {
            var (x, y) = TinyNet.Samples(8);
            Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y), options: Options with { Callbacks = [thresholding] });
        }).Message;
    }

    [Fact]
    public void All_weights_may_stay()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(4, 1, hasBias: false);
        nn.init.ones_(layer.weight!);
        Still(layer, new IterativeHardThresholding(1));
        Assert.Equal([1, 1, 1, 1], Pruned.Values(layer.weight!));
    }

    private static void Still(Linear layer, TrainingCallback callback) => Retrainer.Train(
        layer,
        inputs => [layer.call(inputs[0]) * 0],
        TrainingData.FromTensors(ones(2, 4), zeros(2, 1), 1),
        options: Options with { Epochs = 1, Callbacks = [callback] });

    private static long NonZero(Tensor tensor) => tensor.count_nonzero().item<long>();

    /// <summary>Counts the weights that are not zero behind each step, and those that have come back from zero in the last part.</summary>
    private sealed class Watch(TinyNet model) : TrainingCallback
    {
        private Tensor? last;

        public List<long> Counts { get; } = [];

        public long Revived { get; private set; }

        public override void OnStep(TrainingContext context)
        {
            var now = cat([model.hidden.weight!.flatten(), model.output.weight!.flatten()]).ne(0).DetachFromDisposeScope();
            Counts.Add(NonZero(now));
            Revived += context.Step > 24 ? NonZero(now.logical_and(last!.logical_not())) : 0;
            last = now;
        }
    }
}
