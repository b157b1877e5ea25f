using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Targets of −100 are not looked at: they weigh nothing, in whatever batches they come.</summary>
public sealed class IgnoredTargetsTests : IDisposable
{
    private static readonly RetrainOptions Options = new() { Device = CPU, Epochs = 2 };
    private readonly DisposeScope scope = NewDisposeScope();

    public void Dispose() => scope.Dispose();

    [Fact]
    public void The_loss_of_a_model_is_the_same_in_batches_of_any_size()
    {
        var model = new TinyNet();
        var (x, y) = Eleven();
        var counted = y.ne(-100).nonzero().flatten();
        var expected = Evaluate(model, x.index_select(0, counted), y.index_select(0, counted), 11).Loss;
        Assert.All(new[] { 11, 4, 3, 2, 1 }, size => Assert.Equal(expected, Evaluate(model, x, y, size).Loss, 6));
        Assert.Equal(11, Evaluate(model, x, y, 3).Samples);
    }

    [Fact]
    public void Targets_with_positions_weigh_by_those_that_count()
    {
        var output = randn(6, 3, 5);
        var y = randint(0, 3, [6, 5], ScalarType.Int64);
        y.narrow(0, 0, 2).fill_(-100);
        y[3, 2] = -100L;
        double Loss(int size) => Retrainer.Evaluate(
            nn.Linear(1, 1), inputs => inputs, TrainingData.FromTensors(output, y, batchSize: size, shuffle: false), Options).Loss;
        Assert.All(new[] { 3, 2, 1 }, size => Assert.Equal(Loss(6), Loss(size), 6));
    }

    [Fact]
    public void Each_of_several_results_weighs_by_its_own_targets()
    {
        var (first, second) = (randn(6, 3), randn(6, 2));
        var (one, other) = (tensor(new long[] { 0, -100, -100, 1, 2, 0 }), tensor(new long[] { 0, 1, 1, -100, -100, -100 }));
        double Loss(int size) => Retrainer.Evaluate(
            nn.Linear(1, 1), inputs => inputs, TrainingData.FromTensors([first, second], [one, other], batchSize: size, shuffle: false), Options).Loss;
        Assert.All(new[] { 4, 3, 2, 1 }, size => Assert.Equal(Loss(6), Loss(size), 6));
    }

    [Fact]
    public void A_batch_of_which_no_target_counts_is_skipped_in_training()
    {
        var (x, y) = Eleven();
        Dictionary<string, byte[]> Trained(TrainingData data, out RetrainResult result)
        {
            var model = new TinyNet();
            result = Retrainer.Train(model, model.Forward, data, data, Options);
            return TinyNet.Bits(model);
        }

        // The first two batches of four have targets, the last of three has none.
        var bits = Trained(TrainingData.FromTensors(x, y, batchSize: 4, shuffle: false), out var result);
        Assert.All(result.Epochs, epoch => Assert.True(double.IsFinite(epoch.TrainLoss) && epoch.Samples == 8));
        var without = TrainingData.FromBatches(
            () => Enumerable.Range(0, 2).Select(i => (x.narrow(0, 4 * i, 4), y.narrow(0, 4 * i, 4))), count: 3);
        Assert.Equal(bits, Trained(without, out _));
    }

    [Fact]
    public void A_batch_in_which_one_of_two_results_has_no_target_that_counts_trains_the_other()
    {
        var model = nn.Linear(4, 3);
        var (x, y) = TinyNet.Samples(8);
        var none = full(8, -100L, ScalarType.Int64);
        var data = TrainingData.FromTensors([x], [y, none], batchSize: 4, shuffle: false);
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0]), model.call(inputs[0])];
        var result = Retrainer.Train(model, Forward, data, data, Options);
        Assert.True(double.IsFinite(result.Final!.Loss));
        Assert.Equal(8, result.Epochs[0].Samples);
    }

    [Fact]
    public void Data_without_a_target_that_counts_is_refused()
    {
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(8);
        y.fill_(-100);
        var data = TrainingData.FromTensors(x, y, batchSize: 4);
        Assert.Contains("-100", Assert.Throws<InvalidOperationException>(() => Retrainer.Evaluate(model, model.Forward, data, Options)).Message);
        Assert.Contains("-100", Assert.Throws<InvalidOperationException>(() => Retrainer.Train(model, model.Forward, data, null, Options)).Message);
    }

    [Fact]
    public void A_loss_of_the_users_weighs_as_it_is()
    {
        var model = new TinyNet();
        var (x, y) = Eleven();
        var options = Options with { Loss = (output, _) => output.mean() };
        var data = TrainingData.FromTensors(x, y, batchSize: 4, shuffle: false);
        model.eval();
        using var noGradients = no_grad();
        Assert.Equal(model.call(x).mean().item<float>(), Retrainer.Evaluate(model, model.Forward, data, options).Loss, 5);
    }

    [Fact]
    public void A_criterion_scores_by_the_targets_that_count()
    {
        double[] Scores(int size)
        {
            var (model, _) = SearchTests.Blobs.Trained();
            var y = arange(12) % 3;
            y.narrow(0, 8, 4).fill_(-100);
            using var importance = model.Score(
                new PruneOptions { Criterion = Criterion.TaylorWeight, Ratio = 0.5 },
                TrainingData.FromTensors(linspace(-1, 1, 72).reshape(12, 6), y, batchSize: size, shuffle: false));
            return importance.Groups["first"];
        }

        Assert.All(Scores(4), score => Assert.True(double.IsFinite(score)));
    }

    /// <summary>Three of eleven are not looked at: the last ones.</summary>
    private static (Tensor X, Tensor Y) Eleven()
    {
        var (x, y) = TinyNet.Samples(11);
        y.narrow(0, 8, 3).fill_(-100);
        return (x, y);
    }

    private static Evaluation Evaluate(TinyNet model, Tensor x, Tensor y, int batchSize) =>
        Retrainer.Evaluate(model, model.Forward, TrainingData.FromTensors(x, y, batchSize, shuffle: false), Options);
}
