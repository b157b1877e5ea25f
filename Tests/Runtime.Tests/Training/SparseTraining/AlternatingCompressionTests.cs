using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Dense and compressed by turns, and compressed at the end.</summary>
public sealed class AlternatingCompressionTests
{
    private static readonly RetrainOptions Options = new()
    {
        Epochs = 1, LearningRate = 0.1, Optimizer = RetrainOptimizer.SGD, Schedule = LearningRateSchedule.Constant, Device = CPU,
    };

    [Fact]
    public void Phases_are_those_of_two_hundred_epochs_of_the_paper()
    {
        // Pruned at 10, 50, 90, 130 and 170 of 200 epochs, released at 30, 70, 110 and 150.
        var changes = Enumerable.Range(1, 199).Where(epoch => PhaseAt(epoch) != PhaseAt(epoch - 1)).ToList();
        Assert.Equal([10, 30, 50, 70, 90, 110, 130, 150, 170], changes);
        Assert.Equal((0, 1, 9, 9), (PhaseAt(0), PhaseAt(10), PhaseAt(190), PhaseAt(200)));

        static int PhaseAt(int epoch) => AlternatingCompression.PhaseAt(epoch / 200.0, 0.05, 0.1);
    }

    [Theory]
    [InlineData(0, 0.5, "0:1 0.5:1 1:1")]
    [InlineData(0.2, 0.2, "0.1:0 0.2:1 0.4:2 0.6:3 0.8:3 1:3")]
    [InlineData(0.9, 0.5, "0.8:0 0.9:1 1:1")]
    public void The_last_phase_is_compressed_and_at_least_as_long_as_the_others_where_there_is_room(double warmUp, double length, string expected) => Assert.Equal(
        expected,
        string.Join(" ", expected.Split(' ').Select(entry => double.Parse(entry.Split(':')[0], System.Globalization.CultureInfo.InvariantCulture))
            .Select(done => FormattableString.Invariant($"{done}:{AlternatingCompression.PhaseAt(done, warmUp, length)}"))));

    [Theory]
    [InlineData(RetrainOptimizer.SGD)]
    [InlineData(RetrainOptimizer.Adam)]
    public void The_largest_stay_and_what_is_released_begins_at_zero_with_an_optimizer_that_remembers_nothing(RetrainOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(4, 1, hasBias: false);
        using (no_grad())
        {
            layer.weight!.copy_(tensor(new float[] { 1, -4, 3, 2 }, [1, 4]));
        }

        // Ten steps: two dense, two compressed, two dense, then compressed. The gradient is 1 until the second dense phase, and −1 from there on: its first
        // step moves by 0.1 only if the optimizer has forgotten what was before.
        var live = new List<double[]>();
        Retrainer.Train(
            layer,
            inputs => [layer.call(inputs[0])],
            TrainingData.FromTensors(cat([ones(4, 4), -ones(6, 4)]), zeros(10, 1), batchSize: 1, shuffle: false),
            options: Options with
            {
                Optimizer = optimizer, Loss = (result, _) => result.sum(),
                Callbacks = [new AlternatingCompression(0.5) { WarmUp = 0.2, Phase = 0.2 }, new Live(layer.weight!, live)],
            });
        Assert.Equal(optimizer == RetrainOptimizer.SGD ? [0, -4.29, 2.71, 0] : [0, -4.2, 2.8, 0], live[1]);
        Assert.Equal((0, 0), (live[2][0], live[2][3]));
        Assert.Equal(0.1, live[4][0], 1e-5);
        Assert.Equal(0.1, live[4][2] - live[3][2], 1e-5);
        Assert.Equal(0, live[5][0]);
        Assert.All(live.Skip(5), values => Assert.Equal(2, values.Count(value => value == 0)));
        Assert.Equal([0, 1, 1, 0], Pruned.Values(WeightMasks.Of(layer, "weight")!));
    }

    [Theory]
    [InlineData(false, RetrainOptimizer.Adam)]
    [InlineData(true, RetrainOptimizer.SGD)]
    public void A_model_ends_compressed_with_what_was_held_before(bool perLayer, RetrainOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, 32);
        WeightMasks.Hold(model.hidden, "weight", ones_like(model.hidden.weight!).index_fill_(0, tensor(new long[] { 3 }), 0));
        var result = Retrainer.Train(
            model, model.Forward, data, data,
            Options with { Epochs = 5, Optimizer = optimizer, LearningRate = 0.02, KeepBest = true, Callbacks = [new AlternatingCompression(0.25) { PerLayer = perLayer }] });
        Assert.Equal(5, result.KeptEpoch);
        Assert.Equal(0, model.hidden.weight![3].count_nonzero().item<long>());
        var (hidden, output) = (model.hidden.weight!.count_nonzero().item<long>(), model.output.weight!.count_nonzero().item<long>());
        Assert.Equal(28, hidden + output);
        Assert.True(!perLayer || (hidden, output) == (16, 12));
    }

    [Fact]
    public void It_ends_compressed_where_it_is_not_known_how_many_batches_there_are()
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(64);
        var data = TrainingData.FromBatches(() => x.chunk(4).Zip(y.chunk(4)));
        Retrainer.Train(model, model.Forward, data, options: Options with { Epochs = 3, Callbacks = [new AlternatingCompression(0.25)] });
        Assert.Equal(28, model.hidden.weight!.count_nonzero().item<long>() + model.output.weight!.count_nonzero().item<long>());
    }

    [Fact]
    public void Bad_numbers_and_schedulers_that_would_not_follow_are_named()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("share is 2", Assert.Throws<ArgumentOutOfRangeException>(() => new AlternatingCompression(2)).Message);
        Assert.Contains("Phase is 0.6", Assert.Throws<ArgumentOutOfRangeException>(() => Train(new() { Phase = 0.6 }, Options)).Message);
        Assert.Contains("WarmUp is 1", Assert.Throws<ArgumentOutOfRangeException>(() => Train(new() { WarmUp = 1 }, Options)).Message);
        var scheduled = Options with { SchedulerFactory = optimizer => optim.lr_scheduler.StepLR(optimizer, 1) };
        Assert.Contains("use Schedule instead", Assert.Throws<InvalidOperationException>(() => Train(new(), scheduled)).Message);

        static void Train(AlternatingCompression method, RetrainOptions options) => Retrainer.Train(
            new TinyNet(), inputs => inputs, TrainingData.FromTensors(rand(4, 4), zeros(4, ScalarType.Int64)), options: options with { Callbacks = [method] });
    }

    private sealed class Live(Tensor weight, List<double[]> seen) : TrainingCallback
    {
        public override void OnStep(TrainingContext context) => seen.Add([.. Pruned.Values(weight).Select(value => Math.Round(value, 5))]);
    }
}
