using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Sparse from the beginning, with weights that move to where they are needed.</summary>
public sealed class RigLTests
{
    private static readonly RetrainOptions Options = new() { Epochs = 4, LearningRate = 0.02, Device = CPU };

    [Fact]
    public void Layers_are_as_dense_as_their_shapes_say_and_no_more_than_dense()
    {
        // LeNet-300-100 at a tenth: 26,620 weights, of which the last layer would have more than its 1,000.
        var densities = RigL.Densities([[300, 784], [100, 300], [10, 100]], 0.1);
        Assert.Equal([0.0796, 0.2302, 1], densities.Select(density => Math.Round(density, 4)));
        Assert.Equal(26620, (densities[0] * 235200) + (densities[1] * 30000) + (densities[2] * 1000), 6);

        // Of convolutions the kernel counts too: (20 + 1 + 5 + 5) / 500 against (50 + 20 + 5 + 5) / 25,000.
        var kernels = RigL.Densities([[20, 1, 5, 5], [50, 20, 5, 5]], 0.05);
        Assert.Equal((31.0 / 500) / (80.0 / 25000), kernels[0] / kernels[1], 9);
    }

    [Theory]
    [InlineData(0, 0.3)]
    [InlineData(0.25, 0.256)]
    [InlineData(0.5, 0.15)]
    [InlineData(1, 0)]
    public void The_share_that_is_moved_falls_along_half_a_cosine(double progress, double expected) => Assert.Equal(expected, RigL.MovedAt(progress, 0.3), 3);

    [Fact]
    public void The_smallest_are_dropped_and_those_with_the_largest_gradients_grow()
    {
        using var scope = NewDisposeScope();
        var active = tensor(new[] { true, true, true, true, false, false, false });
        var weight = tensor(new float[] { 3, -0.1f, 2, 0.2f, 0, 0, 0 });

        // Two of four are dropped. The largest gradient of all is that of a weight which is there; the next one that of a weight which has just been dropped.
        var gradient = tensor(new float[] { 9, 5, 0, 1, 4, 2, 3 });
        var (kept, stays) = RigL.Move(active, weight, gradient, 0.5);
        Assert.Equal([1, 0, 1, 0, 0, 0, 0], Pruned.Values(kept));
        Assert.Equal([1, 1, 1, 0, 1, 0, 0], Pruned.Values(stays));

        // One stays at least, and there must be room for what grows.
        Assert.Equal(1, RigL.Move(tensor(new[] { true, false, false }), weight[..3], gradient[..3], 0.9).Stays.sum().item<long>());
        Assert.Equal([1, 1, 1], Pruned.Values(RigL.Move(ones(3, ScalarType.Bool), weight[..3], gradient[..3], 0.5).Stays));

        // A layer of which nothing is left has nothing to move.
        Assert.Equal([0, 0, 0], Pruned.Values(RigL.Move(zeros(3, ScalarType.Bool), weight[..3], gradient[..3], 0.5).Stays));
    }

    [Theory]
    [InlineData(RetrainOptimizer.SGD)]
    [InlineData(RetrainOptimizer.Adam)]
    public void What_is_dropped_and_grows_again_begins_at_zero_and_without_momentum(RetrainOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(4, 1, hasBias: false);
        WeightMasks.Hold(layer, "weight", tensor(new float[] { 1, 1, 1, 0 }, [1, 4]));
        using (no_grad())
        {
            layer.weight!.copy_(tensor(new[] { 5, 0.05f, 4, 0 }, [1, 4]));
        }

        // In the second of four steps 0.45 of three weights move. The second weight has by far the largest gradient of those that may grow: it is dropped, and takes its own place. In the step behind it no gradient
        // comes, so whatever the optimizer remembered would show.
        var live = new List<double[]>();
        Retrainer.Train(
            layer,
            inputs => [layer.call(inputs[0])],
            TrainingData.FromTensors(tensor(new float[] { 1, 4, 1, 1 }).repeat(4, 1) * tensor(new float[] { 1, 1, 0, 0 }, [4, 1]), zeros(4, 1), 1, shuffle: false),
            options: Options with
            {
                Epochs = 1, LearningRate = 1e-3, Optimizer = optimizer, Schedule = LearningRateSchedule.Constant, Loss = (result, _) => result.sum(),
                Callbacks = [new RigL(0.5) { Every = 2, Moved = 0.9, Until = 1 }, new Live(layer.weight!, live)],
            });
        Assert.Equal((0, 0), (live[1][1], live[2][1]));
        Assert.NotEqual(0, live[0][1]);
        Assert.NotEqual(live[1][0], live[2][0]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_model_is_sparse_from_the_beginning_and_keeps_its_number_of_weights_while_they_move(bool atRandom)
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(256);
        var (first, counts) = (new List<double[]>(), new List<double[]>());
        var method = new RigL(0.25) { Every = 3, GrowsAtRandom = atRandom };
        Retrainer.Train(
            model, model.Forward, TrainingData.FromTensors(x, y, 32),
            options: Options with { Callbacks = [method, new Live(model.hidden.weight!, first), new Live(model.output.weight!, counts)] });

        // 28 of 112, by 20/64 and 19/48: scale 28/39, so 14 of 20 · 0.718 = 14.36 and 13 of 13.64.
        // What has just grown is zero.
        Assert.All(first, values => Assert.InRange(values.Count(value => value != 0), 10, 14));
        Assert.Equal((14, 13), (Held(model.hidden), Held(model.output)));
        Assert.True(Support(first[0]) != Support(first[^1]));
        Assert.Equal(Support(first[24]), Support(first[^1]));

        static long Held(Linear layer) => WeightMasks.Of(layer, "weight")!.sum().to_type(ScalarType.Int64).item<long>();

        static string Support(double[] values) => string.Concat(values.Select(value => value == 0 ? '0' : '1'));
    }

    [Fact]
    public void The_same_seed_draws_the_same_and_the_random_state_of_the_process_stays()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Ended(1), Ended(1));
        Assert.NotEqual(Ended(1), Ended(2));

        static double[] Ended(int seed)
        {
            var model = new TinyNet();
            var (x, y) = TinyNet.Samples(64);
            manual_seed(9);
            var expected = Pruned.Values(get_rng_state());
            Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y, 32), options: Options with { Seed = seed, Callbacks = [new RigL()] });
            Assert.Equal(expected, Pruned.Values(get_rng_state()));
            return Pruned.Values(WeightMasks.Of(model.hidden, "weight")!);
        }
    }

    [Fact]
    public void Bad_numbers_are_named_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("share is 1", Assert.Throws<ArgumentOutOfRangeException>(() => new RigL(1)).Message);
        foreach (var (method, message) in new[] { (new RigL { Moved = 1 }, "Moved is 1"), (new RigL { Every = 0 }, "Every is 0"), (new RigL { Until = 0 }, "Until is 0") })
        {
            var model = new TinyNet();
            var (before, data) = (TinyNet.Bits(model), TrainingData.FromTensors(rand(4, 4), zeros(4, ScalarType.Int64)));
            var error = Assert.Throws<ArgumentOutOfRangeException>(
                () => Retrainer.Train(model, model.Forward, data, options: Options with { Callbacks = [method] }));
            Assert.Contains(message, error.Message);
            Assert.Equal(before, TinyNet.Bits(model));
            Assert.Empty(WeightMasks.Of(model));
        }
    }

    private sealed class Live(Tensor weight, List<double[]> seen) : TrainingCallback
    {
        public override void OnStep(TrainingContext context) => seen.Add(Pruned.Values(weight));
    }
}
