using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public class RetrainerTests
{
    private static readonly RetrainOptions Options = new() { Epochs = 4, LearningRate = 0.02, Device = CPU };

    [Theory]
    [InlineData(RetrainOptimizer.SGD)]
    [InlineData(RetrainOptimizer.Adam)]
    public void Training_learns_and_reports_every_epoch(RetrainOptimizer optimizer)
    {
        var model = new TinyNet();
        var result = Train(model, Options with { Optimizer = optimizer, Epochs = 8, LearningRate = optimizer == RetrainOptimizer.SGD ? 0.1 : 0.02 });
        Assert.Equal(Enumerable.Range(1, 8), result.Epochs.Select(epoch => epoch.Epoch));
        Assert.True(result.Epochs[^1].TrainLoss < result.Epochs[0].TrainLoss / 2);
        Assert.InRange(result.Final!.Error!.Value, 0, 0.2);
        Assert.Equal(result.Epochs.Min(epoch => epoch.Test!.Error), result.Best!.Test!.Error);
        Assert.All(result.Epochs, epoch => Assert.Equal(256, epoch.Samples));
    }

    [Theory]
    [InlineData("Evaluate")]
    [InlineData("Train")]
    [InlineData("Score")]
    [InlineData("PruneAndRetrain")]
    public void The_device_of_tensors_without_numbers_is_refused_and_no_weight_is_lost(string verb)
    {
        using var scope = NewDisposeScope();
        var (model, data) = SearchTests.Blobs.Trained();
        var before = TinyNet.Bits(model);
        var options = new RetrainOptions { Device = new Device("meta") };
        Tensor[] Forward(Tensor[] inputs) => [model.call(inputs[0])];
        var pruned = new PruneOptions { Criterion = Criterion.MeanActivation, Ratio = 0.5, Retrain = options };
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => _ = verb switch
        {
            "Evaluate" => (object)Retrainer.Evaluate(model, Forward, data, options),
            "Train" => Retrainer.Train(model, Forward, data, options: options),
            "Score" => Importance.Of(PruningPlan.Link(model, pruned, [1, 6]), Forward, data),
            _ => model.PruneAndRetrain(data, data, pruned, PruneProgress.Quiet),
        });
        Assert.Equal(nameof(RetrainOptions.Device), error.ParamName);
        Assert.Contains("meta", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void Statistics_that_are_not_a_number_are_no_success()
    {
        using var scope = NewDisposeScope();
        var model = new TinyNet();
        var bits = TinyNet.Bits(model);
        var (x, y) = TinyNet.Samples(9);
        var data = TrainingData.FromTensors(x, y, batchSize: 4);
        var error = Assert.Throws<RetrainException>(() => Retrainer.Train(model, model.Forward, data, data, new() { Epochs = 1 }));
        Assert.Contains("norm.running_var is infinite or not a number after training", error.Message);
        Assert.Contains("see that no batch has a single sample", error.Message);
        Assert.Equal(bits, TinyNet.Bits(model));
    }

    [Fact]
    public void One_step_of_sgd_is_the_gradient_times_the_rate()
    {
        var model = nn.Linear(1, 1, hasBias: false);
        using (no_grad())
        {
            model.weight!.fill_(3);
        }

        // loss = (w·2 − 1)², so its gradient is 2·(6 − 1)·2 = 20.
        var data = TrainingData.FromTensors(tensor(new float[,] { { 2 } }), tensor(new float[,] { { 1 } }));
        var options = new RetrainOptions { Epochs = 1, Optimizer = RetrainOptimizer.SGD, LearningRate = 0.01, Schedule = LearningRateSchedule.Constant, Device = CPU };
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], data, options: options);
        Assert.Equal(3 - (0.01 * 20), model.weight!.item<float>(), 5);
        Assert.Equal(25, result.Epochs[0].TrainLoss, 4);
        Assert.Null(result.Final);
        Assert.Null(model.weight!.grad);
    }

    [Fact]
    public void The_loss_of_an_epoch_weighs_a_smaller_batch_by_its_samples()
    {
        // A rate near zero keeps w = 0, so each sample's loss is its target squared: the mean of 1, 4, 9.
        var model = nn.Linear(1, 1, hasBias: false);
        using (no_grad())
        {
            model.weight!.zero_();
        }

        var data = TrainingData.FromTensors(ones(3, 1), tensor(new float[,] { { 1 }, { 2 }, { 3 } }), batchSize: 2);
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], data, options: new RetrainOptions { Epochs = 1, LearningRate = 1e-12, Device = CPU });
        Assert.Equal(14.0 / 3, result.Epochs[0].TrainLoss, 4);
    }

    [Fact]
    public void The_same_seed_gives_the_same_bits_and_another_seed_does_not()
    {
        Dictionary<string, byte[]> Trained(int seed)
        {
            var model = new TinyNet();
            Train(model, Options with { Seed = seed });
            return TinyNet.Bits(model);
        }

        var first = Trained(5);
        Assert.Equal(first, Trained(5));
        Assert.NotEqual(first, Trained(6));
    }

    [Fact]
    public void Masked_weights_are_exactly_zero_after_training()
    {
        var model = new TinyNet();
        using var mask = rand_like(model.hidden.weight!).gt(0.5).to(float32);
        model.hidden.weight!.detach().mul_(mask);
        var zeroAfterEachStep = new ZeroAfterEachStep(model.hidden.weight!, mask);
        WeightMasks.Set(model.hidden, "weight", mask.clone().DetachFromDisposeScope());
        Train(model, Options with { Callbacks = [zeroAfterEachStep] });
        var masked = model.hidden.weight!.masked_select(mask.eq(0)).data<float>().ToArray();
        Assert.NotEmpty(masked);
        Assert.All(masked, weight => Assert.Equal(0f, weight));
        Assert.True(model.hidden.weight!.masked_select(mask.ne(0)).ne(0).all().ToBoolean());
        Assert.Equal(4 * 8, zeroAfterEachStep.Seen);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(17)]
    public void Cancelling_leaves_every_bit_as_it_was(int after)
    {
        var model = new TinyNet();
        var before = TinyNet.Bits(model);
        using var source = new CancellationTokenSource();
        var (x, y) = TinyNet.Samples(320);
        IEnumerable<(Tensor, Tensor)> Batches()
        {
            for (var i = 0; i < 20; i++)
            {
                if (i == after)
                {
                    source.Cancel();
                }

                yield return (x.narrow(0, 16 * i, 16), y.narrow(0, 16 * i, 16));
            }
        }

        Assert.ThrowsAny<OperationCanceledException>(() =>
            Retrainer.Train(model, model.Forward, TrainingData.FromBatches(Batches, count: 20), options: Options, cancellationToken: source.Token));
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.All(model.parameters(), parameter => Assert.Null(parameter.grad));
    }

    [Theory]
    [InlineData(0, float.NaN)]
    [InlineData(5, float.NaN)]
    [InlineData(19, float.PositiveInfinity)]
    public void A_loss_that_is_not_finite_names_its_batch_and_leaves_every_bit_as_it_was(int batch, float value)
    {
        var model = new TinyNet();
        var before = TinyNet.Bits(model);
        var (x, y) = TinyNet.Samples(320);
        x[16L * batch].fill_(value);
        var data = TrainingData.FromTensors(x, y, batchSize: 16, shuffle: false);
        var error = Assert.Throws<RetrainException>(() => Retrainer.Train(model, model.Forward, data, options: Options));
        Assert.Equal((0, batch), (error.Epoch, error.Batch));
        Assert.Equal(LearningRates.At(Options, 0, batch, 20), error.LearningRate);
        Assert.Contains($"batch {batch + 1} of epoch 1", error.Message, StringComparison.Ordinal);
        Assert.Contains("Lower LearningRate", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void An_exception_in_forward_leaves_every_bit_as_it_was()
    {
        var model = new TinyNet();
        var before = TinyNet.Bits(model);
        var calls = 0;
        Tensor[] Failing(Tensor[] inputs) => ++calls == 6 ? throw new TimeoutException("the sensor is gone") : model.Forward(inputs);
        var (x, y) = TinyNet.Samples(256);
        Assert.Throws<TimeoutException>(() => Retrainer.Train(model, Failing, TrainingData.FromTensors(x, y, 16), options: Options));
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void No_epochs_change_nothing()
    {
        var model = new TinyNet();
        var before = TinyNet.Bits(model);
        Assert.Empty(Train(model, Options with { Epochs = 0 }).Epochs);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Each_module_keeps_the_mode_that_it_came_with(bool model, bool dropout)
    {
        var net = new TinyNet();
        net.train(model);
        net.dropout.train(dropout);
        Train(net, Options);
        Assert.Equal((model, dropout, model), (net.training, net.dropout.training, net.hidden.training));
    }

    [Fact]
    public void Frozen_parameters_stay()
    {
        var model = new TinyNet();
        model.hidden.weight!.requires_grad = false;
        var before = model.hidden.weight!.data<float>().ToArray();
        var output = model.output.weight!.data<float>().ToArray();
        Train(model, Options);
        Assert.Equal(before, model.hidden.weight!.data<float>().ToArray());
        Assert.NotEqual(output, model.output.weight!.data<float>().ToArray());
    }

    [Fact]
    public void A_model_with_everything_frozen_is_refused()
    {
        var model = new TinyNet();
        foreach (var parameter in model.parameters())
        {
            parameter.requires_grad = false;
        }

        Assert.Contains("nothing to train", Assert.Throws<InvalidOperationException>(() => Train(model, Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_source_without_batches_is_refused()
    {
        var model = new TinyNet();
        var empty = TrainingData.FromBatches(() => Array.Empty<Batch>());
        Assert.Contains("no batch in epoch 1", Assert.Throws<InvalidOperationException>(() => Retrainer.Train(model, model.Forward, empty, options: Options)).Message, StringComparison.Ordinal);
        Assert.Contains("no batch", Assert.Throws<InvalidOperationException>(() => Retrainer.Evaluate(model, model.Forward, empty, Options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Evaluation_counts_what_a_hand_counts()
    {
        var identity = nn.Identity();
        var scores = tensor(new float[,] { { 2, 1, 0 }, { 0, 3, 1 }, { 0, 1, 5 }, { 4, 1, 2 }, { 1, 0, 3 } });
        var answers = tensor(new long[] { 0, 1, 0, 2, 2 });   // right, right, wrong, wrong, right
        var result = Retrainer.Evaluate(identity, inputs => [identity.call(inputs[0])], TrainingData.FromTensors(scores, answers, batchSize: 2), Options);
        Assert.Equal(0.4, result.Error!.Value, 12);
        Assert.Equal(0.6, result.Accuracy!.Value, 12);
        Assert.Equal(5, result.Samples);

        double CrossEntropy(double[] row, int answer) => Math.Log(row.Sum(Math.Exp)) - row[answer];
        var expected = CrossEntropy([2, 1, 0], 0) + CrossEntropy([0, 3, 1], 1) + CrossEntropy([0, 1, 5], 0) + CrossEntropy([4, 1, 2], 2) + CrossEntropy([1, 0, 3], 2);
        Assert.Equal(expected / 5, result.Loss, 5);
    }

    [Fact]
    public void Evaluation_over_many_batches_equals_one_over_all()
    {
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(203);
        var one = Retrainer.Evaluate(model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 203), Options);
        var many = Retrainer.Evaluate(model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 5), Options);
        Assert.Equal(one.Error, many.Error);
        Assert.Equal(one.Loss, many.Loss, 5);
    }

    [Fact]
    public void Evaluation_leaves_the_model_as_it_is()
    {
        var model = new TinyNet();
        model.train();
        var before = TinyNet.Bits(model);
        var (x, y) = TinyNet.Samples(32);
        Retrainer.Evaluate(model, model.Forward, TrainingData.FromTensors(x, y), Options);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.True(model.training && model.norm.training);
    }

    [Fact]
    public void Floating_targets_are_fitted_by_mean_squared_error()
    {
        var model = nn.Linear(2, 1);
        var x = rand(64, 2);
        var y = x.matmul(tensor(new float[,] { { 2 }, { -1 } })) + 0.5;
        var data = TrainingData.FromTensors(x, y, batchSize: 16);
        var result = Retrainer.Train(model, inputs => [model.call(inputs[0])], data, data, new RetrainOptions { Epochs = 60, LearningRate = 0.05, Device = CPU });
        Assert.InRange(result.Final!.Loss, 0, 1e-3);
        Assert.Null(result.Final.Error);
    }

    [Fact]
    public void A_loss_of_the_callers_own_is_used()
    {
        var model = new TinyNet();
        var calls = 0;
        Tensor Loss(Tensor output, Tensor target)
        {
            calls++;
            return nn.functional.cross_entropy(output, target) * 10;
        }

        Train(model, Options with { Epochs = 1, Loss = Loss });
        Assert.Equal(8 + 2, calls);
    }

    [Fact]
    public void Targets_that_would_broadcast_are_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => LossFunctions.Default(zeros(4, 1), zeros(4)));
        Assert.Contains("[4, 1]", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => LossFunctions.Default(zeros(4, 2), zeros(4, int32)));
    }

    [Fact]
    public void Training_leaves_no_tensor_behind()
    {
        var model = new TinyNet();
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, batchSize: 32);
        using var scope = NewDisposeScope();
        var before = scope.DisposablesCount;
        Retrainer.Train(model, model.Forward, data, data, Options);
        Assert.Equal(before, scope.DisposablesCount);
    }

    private static RetrainResult Train(TinyNet model, RetrainOptions options)
    {
        var (x, y) = TinyNet.Samples(256);
        var (testX, testY) = TinyNet.Samples(64, seed: 8);
        return Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y, batchSize: 32), TrainingData.FromTensors(testX, testY, batchSize: 32), options);
    }

    private sealed class ZeroAfterEachStep(Tensor weight, Tensor mask) : TrainingCallback
    {
        public int Seen { get; private set; }

        public override void OnStep(TrainingContext context)
        {
            Assert.Equal(0, weight.masked_select(mask.eq(0)).count_nonzero().item<long>());
            Seen++;
        }
    }
}
