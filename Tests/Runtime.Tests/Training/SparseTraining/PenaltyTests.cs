using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Training that makes channels small, by numbers that can be worked out by hand.</summary>
public sealed class PenaltyTests
{
    private static readonly RetrainOptions Options = new()
    {
        Epochs = 1, LearningRate = 0.5, Optimizer = RetrainOptimizer.SGD, Momentum = 0, Schedule = LearningRateSchedule.Constant, Device = CPU, Loss = Nothing,
    };

    [Fact]
    public void Group_lasso_shrinks_a_channel_by_its_norm_and_to_zero_where_that_is_small()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();

        // (3, 4, 0) has the norm 5 and (0.3, 0.4, 0) the norm 0.5. η λ √|G| = 0.5 · 2/√3 · √3 = 1: the first goes to 4/5 of it, the second to zero.
        Set(model.hidden.weight!, 3, 4, 0.3f, 0.4f);
        Set(model.hidden.bias!, 0, 0);
        var before = Pruned.Values(model.output.weight!);
        Train(model, new GroupLasso(2 / Math.Sqrt(3)));
        Assert.Equal([2.4, 3.2, 0, 0], Rounded(model.hidden.weight!));
        Assert.Equal(before, Pruned.Values(model.output.weight!));
    }

    [Theory]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float64)]
    public void Group_lasso_takes_every_layer_that_makes_a_channel_and_what_is_zero_stays_zero(ScalarType type)
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        model.to(type);
        using (no_grad())
        {
            model.conv1.weight![0].zero_();
            model.conv1.bias![0].zero_();
            model.norm1.weight![0].zero_();
            model.norm1.bias![0].zero_();
        }

        var x = rand(model.InputShape, type);
        var data = TrainingData.FromTensors(x, zeros(2, 5, type), batchSize: 2);
        double Of(Tensor tensor, int channel) => Pruned.Values(tensor[channel].square().sum()).Single();
        double Norm(int channel) => Math.Sqrt(Of(model.stem.weight!, channel) + Of(model.stem.bias!, channel) + Of(model.conv2.weight!, channel)
            + Of(model.conv2.bias!, channel));
        var (first, count) = (Norm(3), (3 * 9) + 1 + (6 * 9) + 1);
        Retrainer.Train(model, model.Forward, data, options: Options with { Callbacks = [new GroupLasso(0.1)] });
        Assert.Equal(first - (0.5 * 0.1 * Math.Sqrt(count)), Norm(3), 1e-5);
        Assert.True(model.parameters().All(parameter => parameter.isfinite().all().item<bool>()));
        Assert.Equal(0, Of(model.conv1.weight!, 0));
    }

    [Fact]
    public void Group_lasso_shrinks_embeddings_too()
    {
        using var scope = NewDisposeScope();
        var model = new ShuffleNet();
        var before = Pruned.Values(model.words.weight![.., 2]);
        var data = TrainingData.FromTensors(rand(model.InputShape), zeros(2, 5));
        Retrainer.Train(model, model.Forward, data, options: Options with { Callbacks = [new GroupLasso(0.1)] });
        var factor = 1 - (0.5 * 0.1 * Math.Sqrt(11) / Math.Sqrt(before.Sum(weight => weight * weight)));
        Assert.Equal(before.Select(weight => Math.Round(weight * factor, 5)), Rounded(model.words.weight![.., 2]));
    }

    [Fact]
    public void What_group_lasso_left_of_a_model_answers_as_it_did()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            model.conv2.weight![..25].mul_(0.1);
        }

        var x = rand(64, 1, 28, 28);
        var data = TrainingData.FromTensors(x, x.flatten(1).argmax(1).remainder(10), batchSize: 16);
        var options = Options with { Loss = null, LearningRate = 0.02, Epochs = 4, Callbacks = [new GroupLasso(0.5)] };
        Retrainer.Train(model, model.Forward, data, options: options);
        var zeros = model.conv2.weight!.flatten(1).eq(0).all(1).sum().item<long>();
        Assert.InRange(zeros, 1, 49);
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward);
        Assert.Equal(50 - zeros, model.conv2.out_channels);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-4);
    }

    [Fact]
    public void Zeros_that_a_sigmoid_makes_numbers_of_go_into_the_bias_of_what_reads_them()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        using (no_grad())
        {
            foreach (var parameter in new[] { model.stem.weight!, model.stemNorm.weight!, model.stemNorm.bias! })
            {
                parameter[1].zero_();
            }

            foreach (var parameter in new[] { model.depthwise.weight!, model.depthwise.bias!, model.depthwiseNorm.weight!, model.depthwiseNorm.bias! })
            {
                parameter[2].zero_();
                parameter[3].zero_();
            }
        }

        // Both channels behind the depthwise convolution are sigmoid(0) = 0.5 to pointwise.
        var x = randn(model.InputShape);
        var before = Pruned.Evaluate(model, x);
        var expected = Pruned.Values(model.pointwise.bias! + (0.5f * model.pointwise.weight!.flatten(1).narrow(1, 2, 2).sum(1)));
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal(7, model.stem.out_channels);
        Assert.Equal(14, model.depthwise.out_channels);
        Assert.Equal(Array.ConvertAll(expected, value => Math.Round(value, 5)), Rounded(model.pointwise.bias!));
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-5);
    }

    [Fact]
    public void Zeros_are_removed_only_where_it_can_be_seen_that_the_model_answers_as_before()
    {
        var model = new TwoNeurons();
        var error = Assert.Throws<InvalidOperationException>(() => Pruning.CompactZeros(model, model.Forward));
        Assert.Contains("give data, or the shape of each input", error.Message);
    }

    [Fact]
    public void Of_a_group_that_is_zero_one_channel_stays()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        Set(model.hidden.weight!, 0, 0, 0, 0);
        Set(model.hidden.bias!, 0, 0);
        var before = Pruned.Evaluate(model, ones(1, 2));
        using var result = Pruning.CompactZeros(model, model.Forward, null, model.InputShape);
        Assert.Equal(1, model.hidden.out_features);
        Assert.Equal(0, Pruned.MaxDifference(before, Pruned.Evaluate(model, ones(1, 2))));
    }

    [Fact]
    public void Scales_of_batch_norm_go_towards_zero_by_the_rate_times_the_strength()
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        Set(model.norm1.weight!, 1, -1, 0, 0.5f, 2, -3);
        var shifts = Pruned.Values(model.norm1.bias!);
        var data = TrainingData.FromTensors(rand(model.InputShape), zeros(2, 5));
        Retrainer.Train(model, model.Forward, data, options: Options with { Callbacks = [new BatchNormSparsity(0.2)] });

        // 0.5 · 0.2 nearer to zero; zero itself stays.
        Assert.Equal([0.9, -0.9, 0, 0.4, 1.9, -2.9], Rounded(model.norm1.weight!));
        Assert.Equal(shifts, Pruned.Values(model.norm1.bias!));
    }

    [Fact]
    public void Without_batch_norm_its_scales_cannot_be_pulled_to_zero()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Train(new TwoNeurons(), new BatchNormSparsity()));
        Assert.Contains("put a BatchNorm behind the layers", error.Message);
    }

    [Fact]
    public void Growing_regularization_fades_the_channels_of_the_lowest_norm_and_no_others()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();

        // Norms of 3 and 7: the first is chosen. λ is 0, 0, 0.1, 0.1, 0.2, 0.2, and at most 0.2 from there on; η = 0.5: 0.95² · 0.9⁴ after eight steps.
        var others = Pruned.Values(model.hidden.weight![1]);
        Train(model, new GrowingRegularization(0.5) { Growth = 0.1, Every = 2, Limit = 0.2 }, steps: 8);
        var left = Math.Pow(0.95, 2) * Math.Pow(0.9, 4);
        Assert.Equal([Math.Round(left, 5), Math.Round(-2 * left, 5)], Rounded(model.hidden.weight![0]));
        Assert.Equal(0.5 * left, Pruned.Values(model.hidden.bias!)[0], 1e-6);
        Assert.Equal(others, Pruned.Values(model.hidden.weight![1]));
    }

    [Fact]
    public void Growing_regularization_takes_the_ratio_of_the_annotations_and_never_all()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        Train(model, new GrowingRegularization { Growth = 1, Every = 1 }, steps: 3);
        Assert.Equal([1, 3], Rounded(model.hidden.weight!.abs().argmax(1).to_type(ScalarType.Float32) + tensor(new float[] { 0, 2 })));
        Assert.Equal(model.Plan().Groups[0].Settings.Ratio, PruneSettings.Defaults.Ratio);
        Assert.Equal([3, 4], Rounded(model.hidden.weight![1]));
    }

    [Fact]
    public void What_is_picked_by_growth_is_what_the_loss_holds_least_and_not_what_was_small()
    {
        using var scope = NewDisposeScope();

        // Norms of 3 and 7; the loss holds the first neuron, by the gradient 1.6 · (w − w₀), and not the second. λ of both grows by 0.1 in each step: with
        // η = 0.5 the second is multiplied by 1, 0.95, … 0.5 until λ is 1.1.
        var model = new TwoNeurons();
        var first = model.hidden.weight!.detach().clone();
        var picks = new GrowingRegularization(0.5) { PicksByGrowth = true, Every = 1, PickGrowth = 0.1, PickLimit = 1.1, Growth = 0.1, Limit = 1.3 };
        Retrain(model, picks, 12);
        var shrunk = Enumerable.Range(0, 11).Aggregate(1.0, (left, step) => left * (1 - (0.05 * step)));

        // In the twelfth step it is picked.
        Assert.Equal(3 * shrunk * (1 - (0.5 * 1.1)), Pruned.Values(model.hidden.weight![1])[0], 1e-4);
        Retrain(model = new TwoNeurons(), picks, 15);

        // 1.1, 1.2, 1.3 and the limit: the second goes on fading, and the first comes back to where the loss holds it.
        Assert.Equal(3 * shrunk * 0.45 * 0.4 * 0.35 * 0.35, Pruned.Values(model.hidden.weight![1])[0], 1e-4);
        Assert.Equal(Pruned.Values(first[0])[0], Pruned.Values(model.hidden.weight![0])[0], 0.05);

        void Retrain(TwoNeurons net, GrowingRegularization method, int steps) => Retrainer.Train(
            net,
            net.Forward,
            TrainingData.FromTensors(rand(steps, 2), zeros(steps, 1), batchSize: 1),
            options: Options with
            {
                Callbacks = [method],
                Loss = (result, _) => (result * 0).sum() + (0.8 * (net.hidden.weight![0] - first[0]).square().sum()),
            });
    }

    [Fact]
    public void Where_channels_have_left_the_model_the_penalty_is_of_those_that_stay()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var x = rand(32, 1, 28, 28);
        var data = TrainingData.FromTensors(x, x.flatten(1).argmax(1).remainder(10), batchSize: 16);
        var retrain = Options with { Loss = null, LearningRate = 0.01, Callbacks = [new GroupLasso(), new GrowingRegularization()] };
        var options = new PruneOptions { Ratio = 0.5, MeasureLatency = false, Retrain = retrain };
        Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet);
        Assert.Equal(25, model.conv2.out_channels);
    }

    [Fact]
    public void A_model_without_groups_or_a_bad_number_is_named()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("GroupLasso: strength is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new GroupLasso(-1)).Message);
        Assert.Contains("strength is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => new BatchNormSparsity(double.NaN)).Message);
        Assert.Contains("ratio is 1", Assert.Throws<ArgumentOutOfRangeException>(() => new GrowingRegularization(1)).Message);
        var every = Assert.Throws<ArgumentOutOfRangeException>(() => Train(new TwoNeurons(), new GrowingRegularization { Every = 0 }));
        Assert.Contains("Every is 0", every.Message);
        var pick = Assert.Throws<ArgumentOutOfRangeException>(() => Train(new TwoNeurons(), new GrowingRegularization { PicksByGrowth = true, PickLimit = 0 }));
        Assert.Contains("PickLimit is 0", pick.Message);
        var (model, (x, y)) = (new TinyNet(), TinyNet.Samples(8));
        var error = Assert.Throws<InvalidOperationException>(
            () => Retrainer.Train(model, model.Forward, TrainingData.FromTensors(x, y), options: Options with { Callbacks = [new GroupLasso()] }));
        Assert.Contains("put [Prunable] on its class", error.Message);
    }

    /// <summary>A loss that moves nothing.</summary>
    private static Tensor Nothing(Tensor result, Tensor target) => (result * 0).sum();

    private static void Train(TwoNeurons model, TrainingCallback callback, int steps = 1) => Retrainer.Train(
        model, model.Forward, TrainingData.FromTensors(rand(steps, 2), zeros(steps, 1), batchSize: 1), options: Options with { Callbacks = [callback] });

    private static void Set(Tensor tensor, params float[] values)
    {
        using var noGradients = no_grad();
        tensor.copy_(torch.tensor(values, tensor.shape));
    }

    private static double[] Rounded(Tensor tensor) => Array.ConvertAll(Pruned.Values(tensor), value => Math.Round(value, 5));
}
