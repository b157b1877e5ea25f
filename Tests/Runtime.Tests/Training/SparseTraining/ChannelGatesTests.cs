using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Gates on channels: their formulas by hand, and that a model with its gates in its weights answers as it did with them.</summary>
public sealed class ChannelGatesTests
{
    private static readonly RetrainOptions Options = new() { Epochs = 2, LearningRate = 0.01, Optimizer = RetrainOptimizer.Adam, Device = CPU };

    [Fact]
    public void A_hard_concrete_gate_is_open_with_the_probability_that_it_is_not_zero()
    {
        using var scope = NewDisposeScope();

        // σ(2/3 · ln 11) = 11^(2/3) / (1 + 11^(2/3)) = 4.9461 / 5.9461.
        Assert.Equal(0.8318, HardConcreteGates.Open(tensor(0.0)).item<double>(), 1e-4);
        manual_seed(1);
        var logAlpha = tensor(new[] { -2, 0, 1.5 });
        var share = HardConcreteGates.Gate(logAlpha, rand(200_000, 3, ScalarType.Float64)).gt(0).to_type(ScalarType.Float64).mean([0]);
        Assert.InRange(Pruned.MaxDifference(share, HardConcreteGates.Open(logAlpha)), 0, 0.01);
    }

    [Fact]
    public void The_gate_to_answer_with_is_zero_below_minus_ln_11_and_one_above_ln_11()
    {
        using var scope = NewDisposeScope();

        // σ(x) · 1.2 − 0.1 is 0 at σ = 1/12, x = −ln 11 = −2.3979, and 1 at σ = 11/12; in the middle it is 1/2.
        Assert.Equal([0, 1], Pruned.Values(HardConcreteGates.Gate(tensor(new[] { -2.398, 2.398 }))));
        Assert.Equal(0.5, HardConcreteGates.Gate(tensor(0.0)).item<double>(), 1e-12);
        Assert.InRange(HardConcreteGates.Gate(tensor(-2.397)).item<double>(), 1e-6, 1e-3);
        Assert.InRange(HardConcreteGates.Gate(tensor(2.397)).item<double>(), 0.999, 0.999999);

        // u = 1/2 and log α = 0: s = 1/2 again.
        Assert.Equal(0.5, HardConcreteGates.Gate(tensor(0.0), tensor(0.5)).item<double>(), 1e-12);
    }

    [Fact]
    public void A_bottleneck_costs_half_the_logarithm_and_closes_where_the_noise_is_as_large_as_the_mean()
    {
        using var scope = NewDisposeScope();

        // ½ ln(1 + e⁹) = 4.50006; ½ ln 2 where μ² = σ².
        Assert.Equal(4.50006, InformationBottleneck.Cost(tensor(1.0), tensor(-9.0)).item<double>(), 1e-5);
        Assert.Equal(Math.Log(2) / 2, InformationBottleneck.Cost(tensor(2.0), tensor(Math.Log(4))).item<double>(), 1e-9);
        Assert.Equal(
            [0, -2, 0.5], Pruned.Values(InformationBottleneck.Gate(tensor(new[] { 1, -2, 0.5 }), tensor(new[] { 0, Math.Log(3.9), Math.Log(0.2) }))));
    }

    [Fact]
    public void The_penalty_is_divided_by_the_number_of_samples()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        var losses = new Losses();

        // Two channels of three weights each at a probability of 0.8318: 0.5 · 6 · 0.8318 / 8 samples. Of the gates' own cost 2 · 4.50006 · 2 / 8.
        Train(model, 8, [new HardConcreteGates(0.5), losses]);
        Assert.Equal(0.5 * 6 * 0.8318 / 8, losses.Seen[0], 1e-2);
        Train(model, 8, [new InformationBottleneck(2), losses = new Losses()]);
        Assert.Equal(2 * 4.50006 * 2 / 8, losses.Seen[0], 2e-2);
    }

    public static TheoryData<string, bool> Cases()
    {
        var cases = new TheoryData<string, bool>();
        foreach (var model in Pruned.Models.Keys)
        {
            cases.Add(model, true);
            cases.Add(model, false);
        }

        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_model_answers_as_it_did_with_its_gates_and_closed_channels_are_zero(string name, bool hardConcrete)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](1);
        ChannelGates gates = hardConcrete ? new HardConcreteGates(30) { LearningRate = 0.4 } : new InformationBottleneck(300) { LearningRate = 0.6 };
        var input = rand([24, .. model.InputShape[1..]]);
        var answers = new Answers(model, input);
        var data = TrainingData.FromTensors(input, zeros(24, Pruned.Evaluate(model, input).size(1)), batchSize: 4);
        Retrainer.Train(model, model.Forward, data, data, Options with { Epochs = 3, Callbacks = [gates, answers] });
        var folded = Pruned.Evaluate(model, input);
        Assert.InRange(Pruned.MaxDifference(answers.Last!, folded), 0, 1e-4 * Math.Max(1, folded.abs().max().item<float>()));
        Assert.NotEmpty(gates.Values);
        Assert.Contains(0, gates.Values.Values.SelectMany(values => values));
        foreach (var group in model.Plan().Groups.Where(group => gates.Values.ContainsKey(group.Name)))
        {
            using var slices = new ChannelSlices(group);
            using var noGradients = no_grad();
            var left = Pruned.Values(slices.Sums(weight => weight.ne(0)));
            Assert.All(gates.Values[group.Name].Zip(left), channel => Assert.True(channel.First != 0 || channel.Second == 0));
        }

        Assert.All(model.named_modules(), entry => Assert.Equal(0, entry.module is nn.Module<Tensor, Tensor> ? Hooks.CountOf(entry.module) : 0));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void What_is_closed_leaves_the_model_and_it_answers_as_before(bool hardConcrete)
    {
        using var scope = NewDisposeScope();
        var model = new ResidualNet();
        ChannelGates gates = hardConcrete ? new HardConcreteGates(10) { LearningRate = 0.4 } : new InformationBottleneck(100) { LearningRate = 0.6 };
        var x = rand([24, .. model.InputShape[1..]]);
        var data = TrainingData.FromTensors(x, randn(24, 5), batchSize: 4);
        Retrainer.Train(model, model.Forward, data, options: Options with { Epochs = 3, Callbacks = [gates] });
        var before = Pruned.Evaluate(model, x);
        using var result = Pruning.CompactZeros(model, model.Forward, data);
        Assert.Equal(Math.Max(1, gates.Values["conv1"].Count(value => value != 0)), model.conv1.out_channels);
        Assert.True(result.After.Parameters < result.Before.Parameters);
        Assert.InRange(Pruned.MaxDifference(before, Pruned.Evaluate(model, x)), 0, 1e-4 * Math.Max(1, before.abs().max().item<float>()));
    }

    [Fact]
    public void Gates_stand_behind_the_batch_norm_that_takes_a_layers_output_and_layers_that_meet_share_them()
    {
        using var scope = NewDisposeScope();
        Assert.Equal("conv1: norm1; down: down projection; stem: conv2 stem", Places(new ResidualNet()));
        Assert.Equal("pointwise: pointwise; stem: depthwiseNorm", Places(new DepthwiseNet()));
        Assert.Equal("body.0: body.1; body.4: body.4", Places(new SequentialNet()));
        Assert.StartsWith("first: norm gets these channels behind other operations; ", Places(new ConcatNet()));

        static string Places(TestModel model)
        {
            var plan = model.Plan();
            return string.Join("; ", plan.Groups.OrderBy(group => group.Name, StringComparer.Ordinal).Select(group =>
                $"{group.Name}: {(ChannelOutputs.Of(plan, group, out var because) is { } outputs ? string.Join(" ", outputs.Layers.Keys.Order()) : because)}"));
        }
    }

    [Fact]
    public void The_dense_teacher_has_no_gates()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var x = rand(16, 1, 28, 28);
        var data = TrainingData.FromTensors(x, x.flatten(1).argmax(1).remainder(10), batchSize: 8);
        var dense = Pruned.Evaluate(model, x).clone();
        var asked = new AskTeacher(x);
        var retrain = Options with { Epochs = 1, Callbacks = [new InformationBottleneck(), asked] };
        var options = new PruneOptions { Ratio = 0.5, MeasureLatency = false, Retrain = retrain };
        Pruning.PruneAndRetrain(model, model.Forward, data, data, options, PruneProgress.Quiet);
        Assert.Equal(0, Pruned.MaxDifference(dense, asked.Answer!));
        Assert.Equal(25, model.conv2.out_channels);
    }

    [Fact]
    public void With_the_best_weights_go_the_gates_that_they_had()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var x = rand(32, 1, 28, 28);
        var data = TrainingData.FromTensors(x, x.flatten(1).argmax(1).remainder(10), batchSize: 8);
        var options = Options with { Epochs = 4, KeepBest = true, LearningRate = 0.05, Callbacks = [new HardConcreteGates(0.01) { LearningRate = 0.5 }] };
        var result = Retrainer.Train(model, model.Forward, data, data, options);
        Assert.Equal(result.Final!.Loss, Retrainer.Evaluate(model, model.Forward, data, options).Loss, 1e-3 * result.Final.Loss);
        var error = Assert.Throws<InvalidOperationException>(
            () => Retrainer.Train(model, model.Forward, data, data, Options with { Callbacks = [new HardConcreteGates(), new BestWeights()] }));
        Assert.Contains("set KeepBest instead", error.Message);
    }

    [Fact]
    public void Layers_that_are_not_called_or_a_training_that_fails_leave_the_model_as_it_was_and_without_hooks()
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons { SkipHooks = true };
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Train(model, 8, [new InformationBottleneck()]));
        Assert.Contains("has seen no output of hidden", error.Message);
        Assert.Equal(0, Hooks.CountOf(model.hidden));
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_model_without_channels_to_gate_or_a_bad_number_is_named()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Train(new LayerNormNet(), 8, [new HardConcreteGates()], 6));
        Assert.Contains("hidden: norm is a LayerNorm", error.Message);
        Assert.Contains("strength is -1", Assert.Throws<ArgumentOutOfRangeException>(() => new InformationBottleneck(-1)).Message);
        Assert.Contains("dropped is 1", Assert.Throws<ArgumentOutOfRangeException>(() => new HardConcreteGates(1, 1)).Message);
        Assert.Contains("LearningRate is 0", Assert.Throws<ArgumentOutOfRangeException>(
            () => Train(new TwoNeurons(), 8, [new HardConcreteGates { LearningRate = 0 }])).Message);
    }

    /// <summary>Trains with a loss that is nothing but what the callbacks add.</summary>
    private static void Train(TestModel model, int samples, IReadOnlyList<TrainingCallback> callbacks, int inputs = 2) => Retrainer.Train(
        model,
        model.Forward,
        TrainingData.FromTensors(rand(samples, inputs), zeros(samples, 1), batchSize: 4),
        options: Options with { Epochs = 1, Loss = (result, _) => (result * 0).sum(), Callbacks = callbacks });

    private sealed class Losses : TrainingCallback
    {
        public List<double> Seen { get; } = [];

        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
        {
            Seen.Add(loss.item<float>());
            return loss;
        }
    }

    /// <summary>Keeps what the model answers at the end of each epoch.</summary>
    private sealed class Answers(nn.Module<Tensor, Tensor> model, Tensor input) : TrainingCallback
    {
        public Tensor? Last { get; private set; }

        public override void OnEpochEnd(TrainingContext context, EpochResult epoch) => Last = Pruned.Evaluate(model, input).DetachFromDisposeScope();
    }

    private sealed class AskTeacher(Tensor input) : TrainingCallback
    {
        public Tensor? Answer { get; private set; }

        public override void OnBatch(TrainingContext context, Batch batch) => Answer = context.Teacher!([input])[0].DetachFromDisposeScope();
    }
}
