using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Weights that go in a training of whatever kind: behind the removal of channels, or in one by itself.</summary>
public sealed partial class WeightPruningTests
{
    [Fact]
    public void One_call_makes_a_model_narrower_and_what_is_left_of_it_sparse()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var report = PruneHalf(model, new WeightPruning(Weights(0.75, Scope.Global)));

        // Of 64 and 48 weights half went with the channels. A quarter of the 112 is left, and is held when the call is over.
        Assert.Equal((8, 8), (model.hidden.out_features, model.output.in_features));
        Assert.Equal(28, NonZero(model.hidden.weight!) + NonZero(model.output.weight!));
        Assert.Equal([(64, 32), (48, 24)], report.Layers.Select(layer => ((int)layer.Dense, (int)layer.Count)));
        Assert.Equal(28, report.Layers.Sum(layer => layer.NonZero));
        var zeros = model.hidden.weight!.eq(0);
        Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), options: new RetrainOptions { Epochs = 1, LearningRate = 0.1 });
        Assert.True(model.hidden.weight!.eq(0).eq(zeros).all().item<bool>());
    }

    [Fact]
    public void Inputs_that_nothing_needs_are_left_unread()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        PruneHalf(model, new WeightPruning(Weights(0, Scope.Local) with
        {
            Granularity = Granularity.Column,
            Criterion = Criterion.TaylorWeight,
            Layers = new Dictionary<string, LayerPruneOptions> { ["hidden"] = new() { Keep = 3 } },
        }));

        // The class is the largest of the first three coordinates, so the fourth is the one to go.
        Assert.Equal([true, true, true, false], model.hidden.weight!.ne(0).any(0).data<bool>().ToArray());
        Assert.Equal(24, NonZero(model.output.weight!));
    }

    [Fact]
    public void The_best_epoch_is_one_in_which_the_model_is_as_sparse_as_it_is_to_become()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var options = new RetrainOptions { Epochs = 4, KeepBest = true, Callbacks = [new WeightPruning(Weights(0.5, Scope.Local))] };
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), Data(), options);
        Assert.True(result.KeptEpoch >= 3, $"{result.KeptEpoch}");
        Assert.Equal((32, 24), (NonZero(model.hidden.weight!), NonZero(model.output.weight!)));
    }

    [Theory]
    [InlineData(RetrainOptimizer.Adam)]
    [InlineData(RetrainOptimizer.AdamW)]
    [InlineData(RetrainOptimizer.SGD)]
    public void Whether_a_callback_sees_the_gradients_or_none_does_the_weights_are_the_same(RetrainOptimizer optimizer)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(Trained(), Trained(new Sees()));

        float[] Trained(params TrainingCallback[] others)
        {
            manual_seed(1);
            var model = new Net();
            var options = new RetrainOptions
            {
                Epochs = 4, Optimizer = optimizer, Momentum = 0.9, WeightDecay = 0.01, Callbacks = [new WeightPruning(Weights(0.5, Scope.Global)), .. others],
            };
            Retrainer.Train(model, inputs => [model.call(inputs[0])], Data(), options: options);
            Assert.Equal(56, NonZero(model.hidden.weight!) + NonZero(model.output.weight!));
            return [.. model.parameters().SelectMany(parameter => parameter.data<float>().ToArray())];
        }
    }

    [Fact]
    public void Channels_are_refused_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(
            () => PruneHalf(model, new WeightPruning(Weights(0.5, Scope.Local) with { Granularity = Granularity.Structured })));
        Assert.Contains("the channels of hidden are to be removed (Structured)", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(WeightMasks.Of(model));
    }

    [Fact]
    public void A_training_that_fails_holds_nothing()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        Assert.Throws<TimeoutException>(() => PruneHalf(model, new WeightPruning(Weights(0.5, Scope.Local)), new FailsAtTheEnd()));
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(WeightMasks.Of(model));
    }

    [Fact]
    public void Rounds_are_refused() => Assert.Contains(
        "Cubic(3) prunes in rounds",
        Assert.Throws<ArgumentException>(() => new WeightPruning(new PruneOptions { Schedule = PruneSchedule.Cubic(3) })).Message);

    private static PruneOptions Weights(double ratio, Scope scope) => new()
    {
        Granularity = Granularity.Unstructured, Ratio = ratio, Criterion = Criterion.L1, Scope = scope, Schedule = PruneSchedule.Gradual(8, 0.6),
    };

    private static TrainingData Data()
    {
        var (x, y) = TinyNet.Samples(256);
        return TrainingData.FromTensors(x, y, batchSize: 32);
    }

    private static PruneReport PruneHalf(Net model, params TrainingCallback[] callbacks) => model.PruneAndRetrain(
        Data(),
        Data(),
        new PruneOptions { MeasureLatency = false, Retrain = new RetrainOptions { Epochs = 4, LearningRate = 0.02, Callbacks = callbacks } },
        PruneProgress.Quiet);

    private static long NonZero(Tensor weights) => weights.ne(0).sum().item<long>();

    private sealed class FailsAtTheEnd : TrainingCallback
    {
        public override void OnEnd(TrainingContext context) => throw new TimeoutException();
    }

    private sealed class Sees : TrainingCallback;

    [Prunable]
    private sealed partial class Net : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear output = nn.Linear(16, 3);

        public Net()
            : base(nameof(Net))
        {
            RegisterComponents();
            manual_seed(3);
            using var noGradients = no_grad();
            foreach (var parameter in this.parameters())
            {
                parameter.uniform_(-0.5, 0.5);
            }
        }

        public override Tensor forward(Tensor input) => output.call(hidden.call(input).relu());
    }
}
