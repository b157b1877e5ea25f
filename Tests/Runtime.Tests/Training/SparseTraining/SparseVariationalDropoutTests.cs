using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Noise on weights: its formulas by hand, and that the model ends with the weights that it answered with.</summary>
public sealed class SparseVariationalDropoutTests
{
    private static readonly RetrainOptions Options = new() { Epochs = 3, LearningRate = 0.01, Device = CPU };

    [Theory]
    [InlineData(-8, 4.6359)]
    [InlineData(0, 0.43124)]
    [InlineData(3, 0.02542)]
    [InlineData(8, 0.00017)]
    public void The_divergence_falls_as_the_noise_grows(double logAlpha, double expected)
    {
        using var scope = NewDisposeScope();
        Assert.Equal(expected, SparseVariationalDropout.Divergence(tensor(logAlpha)).item<double>(), 1e-4);
    }

    [Fact]
    public void The_penalty_grows_to_its_strength_and_is_divided_by_the_number_of_samples()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Linear(2, 1);
        using (no_grad())
        {
            // θ² + 1e-8 = e⁻¹⁰, so that log α = 0.
            layer.weight!.fill_(Math.Sqrt(Math.Exp(-10) - 1e-8));
        }

        // 3 · 2 · 0.43124 / 8 at full strength, and none of it in the first of four steps where it grows through all of them.
        Assert.Equal(3 * 2 * 0.43124 / 8, FirstLoss(0), 1e-4);
        Assert.Equal(0, FirstLoss(1));

        double FirstLoss(double warmUp)
        {
            var losses = new Losses();
            Retrainer.Train(
                layer,
                inputs => [layer.call(inputs[0])],
                TrainingData.FromTensors(rand(8, 2), zeros(8, 1), batchSize: 2),
                options: Options with
                {
                    Epochs = 1, LearningRate = 1e-9, Loss = (result, _) => (result * 0).sum(),
                    Callbacks = [new SparseVariationalDropout(3) { WarmUp = warmUp }, losses],
                });
            WeightMasks.Release(layer);
            return losses.Seen[0];
        }
    }

    [Fact]
    public void What_a_layer_puts_out_in_training_has_the_mean_and_the_variance_of_its_noisy_weights()
    {
        using var scope = NewDisposeScope();
        var layer = nn.Conv1d(1, 1, 2, padding: 1, bias: false);
        using (no_grad())
        {
            layer.weight!.copy_(tensor(new float[] { 1, -2 }, [1, 1, 2]));
        }

        // Of the input (3): outputs −2 · 3 and 1 · 3, each with a variance of 9 e⁻¹⁰ + 1e-8.
        var heard = new Outputs();
        Retrainer.Train(
            layer,
            inputs => [layer.call(inputs[0])],
            TrainingData.FromTensors(full([20_000, 1, 1], 3f), zeros(20_000, 1, 2), batchSize: 20_000),
            options: Options with { Epochs = 1, Callbacks = [new SparseVariationalDropout(0), heard] });
        var deviation = Math.Sqrt((9 * Math.Exp(-10)) + 1e-8);
        Assert.Equal([-6, 3], Pruned.Values(heard.Mean!.flatten()).Select(mean => Math.Round(mean, 3)));
        Assert.All(Pruned.Values(heard.Deviation!.flatten()), found => Assert.InRange(found / deviation, 0.97, 1.03));
    }

    [Theory]
    [InlineData(nameof(LeNet))]
    [InlineData(nameof(DepthwiseNet))]
    [InlineData(nameof(ResidualNet))]
    [InlineData(nameof(GroupedNet))]
    [InlineData(nameof(SignalNet))]
    [InlineData(nameof(TransposedNet))]
    public void A_model_ends_with_the_weights_that_it_answered_with_and_zeros_are_held(string name)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](1);
        var input = rand([24, .. model.InputShape[1..]]);
        var dropout = new SparseVariationalDropout(0.01) { LearningRate = 0.5, WarmUp = 0 };
        var answers = new Answers(model, input);
        var data = TrainingData.FromTensors(input, zeros(24, Pruned.Evaluate(model, input).size(1)), batchSize: 4);
        Retrainer.Train(model, model.Forward, data, data, Options with { Epochs = 4, Callbacks = [dropout, answers] });
        var ended = Pruned.Evaluate(model, input);
        Assert.InRange(Pruned.MaxDifference(answers.Last!, ended), 0, 1e-4 * Math.Max(1, ended.abs().max().item<float>()));
        Assert.Equal(name == nameof(TransposedNet) ? ["up", "grouped"] : [], dropout.Left);
        var held = WeightMasks.Of(model);
        Assert.NotEmpty(held);
        Assert.All(held, weight => Assert.Equal(0, (weight.Tensor * (1 - weight.Mask)).count_nonzero().item<long>()));
        Assert.All(held, weight => Assert.True(weight.Tensor.count_nonzero().item<long>() > 0));
        Assert.Contains(held, weight => weight.Mask.eq(0).any().item<bool>());
        Assert.All(model.named_modules(), entry => Assert.Equal(0, entry.module is nn.Module<Tensor, Tensor> ? Hooks.CountOf(entry.module) : 0));
    }

    [Fact]
    public void Bad_numbers_and_models_without_such_layers_are_named()
    {
        using var scope = NewDisposeScope();
        Assert.Contains("strength is NaN", Assert.Throws<ArgumentOutOfRangeException>(() => new SparseVariationalDropout(double.NaN)).Message);
        Assert.Contains("WarmUp is 2", Assert.Throws<ArgumentOutOfRangeException>(() => Train(nn.Linear(2, 1), new() { WarmUp = 2 })).Message);
        Assert.Contains("could put noise on", Assert.Throws<InvalidOperationException>(() => Train(nn.LayerNorm(2), new())).Message);

        static void Train(nn.Module<Tensor, Tensor> model, SparseVariationalDropout dropout) => Retrainer.Train(
            model, inputs => [model.call(inputs[0])], TrainingData.FromTensors(rand(4, 2), zeros(4, 1)), options: Options with { Callbacks = [dropout] });
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

    private sealed class Outputs : TrainingCallback
    {
        public Tensor? Mean { get; private set; }

        public Tensor? Deviation { get; private set; }

        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
        {
            Mean = results[0].detach().mean([0]).DetachFromDisposeScope();
            Deviation = results[0].detach().to_type(ScalarType.Float64).std(0).DetachFromDisposeScope();
            return loss;
        }
    }

    private sealed class Answers(nn.Module<Tensor, Tensor> model, Tensor input) : TrainingCallback
    {
        public Tensor? Last { get; private set; }

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Last = Pruned.Evaluate(model, input).DetachFromDisposeScope();
    }
}
