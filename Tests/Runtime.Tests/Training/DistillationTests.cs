using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What a pruned model learns from a teacher, by numbers that can be worked out by hand.</summary>
public sealed partial class DistillationTests
{
    [Fact]
    public void The_loss_is_that_of_the_labels_and_the_softened_divergence_times_the_temperature_squared()
    {
        using var scope = NewDisposeScope();

        // At T = 2 the teacher's logits (4 ln 3, 0) soften to (9/10, 1/10), the model's (0, 0) to (1/2, 1/2):
        // KL = 0.9 ln 1.8 + 0.1 ln 0.2 = 0.36806; times T² = 4 it is 1.47226. Two alike samples: their mean is the same.
        var loss = LossOf(
            new Distillation(2, 0.75, _ => [tensor(new[] { 4 * MathF.Log(3), 0, 4 * MathF.Log(3), 0 }, [2, 2])]),
            zeros(2, 2),
            zeros(2, ScalarType.Int64),
            ofLabels: 8);
        Assert.Equal((0.25 * 8) + (0.75 * 1.47226), loss, 1e-4);
    }

    [Fact]
    public void A_teacher_that_answers_alike_adds_nothing()
    {
        using var scope = NewDisposeScope();
        var answer = randn(3, 5);
        Assert.Equal(0.1 * 7, LossOf(new Distillation(teacher: _ => [answer.clone()]), answer, zeros(3, ScalarType.Int64), ofLabels: 7), 1e-5);
    }

    [Fact]
    public void Of_other_targets_than_classes_it_is_the_squared_difference()
    {
        using var scope = NewDisposeScope();

        // (1 + 9) / 2 = 5.
        Assert.Equal(
            (0.5 * 2) + (0.5 * 5),
            LossOf(new Distillation(weight: 0.5, teacher: _ => [tensor(new float[] { 1, 3 }, [2, 1])]), zeros(2, 1), zeros(2, 1), ofLabels: 2),
            1e-5);
    }

    [Fact]
    public void Classes_in_the_last_dimension_are_softened_in_it()
    {
        using var scope = NewDisposeScope();

        // As above, for each of five words of each text: the sum over words, the mean over texts.
        var teacher = tensor(new[] { 4 * MathF.Log(3), 0 }).expand(3, 5, 2).contiguous();
        var loss = LossOf(new Distillation(2, 1, _ => [teacher]), zeros(3, 5, 2), zeros(3, 5, ScalarType.Int64), ofLabels: 0);
        Assert.Equal(5 * 1.47226, loss, 1e-3);
    }

    [Fact]
    public void One_number_that_says_yes_or_no_learns_the_teachers()
    {
        using var scope = NewDisposeScope();

        // Of one class the softmax is always 1, and a teacher would say nothing.
        Assert.Equal(5, LossOf(new Distillation(2, 1, _ => [tensor(new float[] { 1, 3 }, [2, 1])]), zeros(2, 1), zeros(2, ScalarType.Int64), ofLabels: 0), 1e-5);
    }

    [Fact]
    public void The_gradient_hardly_depends_on_a_high_temperature()
    {
        using var scope = NewDisposeScope();
        Tensor GradientAt(double temperature)
        {
            var result = zeros(1, 3, requires_grad: true);
            var distillation = new Distillation(temperature, 1, _ => [tensor(new float[] { 3, 0, -3 }, [1, 3])]);
            LossOf(distillation, result, zeros(1, ScalarType.Int64), ofLabels: 0, loss => loss.backward());
            return result.grad!;
        }

        // (model − teacher) / classes.
        Assert.True(GradientAt(30).allclose(tensor(new float[] { -1, 0, 1 }, [1, 3]), 0.05, 0.05));
        Assert.True(GradientAt(60).allclose(GradientAt(30), 0.05, 0.05));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_temperature_is_above_zero(double temperature) =>
        Assert.Contains("give a number above 0", Assert.Throws<ArgumentOutOfRangeException>(() => new Distillation(temperature)).Message);

    [Fact]
    public void A_weight_is_from_zero_to_one() =>
        Assert.Contains("from 0 to 1", Assert.Throws<ArgumentOutOfRangeException>(() => new Distillation(weight: 1.1)).Message);

    [Fact]
    public void A_teacher_of_another_shape_is_refused_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(() => Run(model, options => options with
        {
            Distill = Distill.SoftTargets,
            Teacher = inputs => [zeros(inputs[0].size(0), 4)],
        }));
        Assert.Contains("answers with the shape [32, 4], and the model with [32, 3]", error.Message);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Fact]
    public void A_model_that_is_trained_by_itself_has_no_dense_teacher()
    {
        using var scope = NewDisposeScope();
        var (x, y) = TinyNet.Samples(32);
        var model = new TinyNet();
        var error = Assert.Throws<InvalidOperationException>(() => Retrainer.Train(
            model, model.Forward, TrainingData.FromTensors(x, y, 32), options: new RetrainOptions { Distill = Distill.SoftTargets }));
        Assert.Contains("give a teacher", error.Message);
    }

    [Fact]
    public void The_teacher_is_the_dense_model_as_it_was_in_evaluation_mode()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        model.eval();
        var input = TinyNet.Samples(32).X;
        var dense = model.call(input).clone();
        var asked = new AskTeacher(input);
        Run(model, options => options with { Callbacks = [asked] });
        Assert.Equal(8, model.hidden.out_features);
        Assert.True(asked.Answers.Count > 8);
        Assert.All(asked.Answers, answer => Assert.True(answer.eq(dense).all().item<bool>()));
        Assert.False(model.training);
    }

    [Fact]
    public void The_dense_model_is_asked_once_for_each_sample_of_tensors_in_memory_and_what_is_learnt_is_the_same()
    {
        using var scope = NewDisposeScope();
        var (x, y) = TinyNet.Samples(256);
        var inMemory = TrainingData.FromTensors(x, y, batchSize: 32);
        (Dictionary<string, byte[]> Learnt, int Asked) LearnFrom(TrainingData data)
        {
            var (model, asked) = (new Net(), 0);
            var counted = model.hidden.register_forward_hook((_, _, output) =>
            {
                asked += output.size(0) == 32 && !model.training ? 1 : 0;
                return output;
            });
            var retrain = new RetrainOptions { Epochs = 3, LearningRate = 0.02, Distill = Distill.SoftTargets };
            var options = new PruneOptions { MeasureLatency = false, Retrain = retrain };
            model.PruneAndRetrain(data, TrainingData.FromTensors(x, y, batchSize: 256, shuffle: false), options, PruneProgress.Quiet);
            counted.remove();
            return (TinyNet.Bits(model), asked);
        }

        var epoch = 0;
        var once = LearnFrom(inMemory);
        var eachTime = LearnFrom(TrainingData.FromBatches(() => inMemory.Batches(epoch++, seed: 0), count: 8));
        Assert.Equal((8, 24), (once.Asked, eachTime.Asked));
        Assert.Equal(once.Learnt, eachTime.Learnt);
    }

    [Fact]
    public void What_is_learnt_comes_closer_to_the_teacher()
    {
        using var scope = NewDisposeScope();
        double Distance(Distill distill)
        {
            var model = new Net();
            model.eval();
            var input = TinyNet.Samples(256).X;
            var dense = nn.functional.softmax(model.call(input) / 4, 1).clone();
            Run(model, options => options with { Distill = distill, DistillWeight = 1 });
            return (nn.functional.softmax(model.call(input) / 4, 1) - dense).abs().mean().item<float>();
        }

        Assert.True(Distance(Distill.SoftTargets) < 0.5 * Distance(Distill.None));
    }

    [Fact]
    public void Recurrent_layers_learn_beside_a_dense_teacher()
    {
        // While the dense model answers, such a layer has parameters of another size, and behind it its own again, which the optimizer knows.
        using var scope = NewDisposeScope();
        var model = new Recurrent();
        var data = TrainingData.FromTensors(randn(32, 5, 4), randint(0, 3, 32), batchSize: 8);
        var moved = new Moved();
        var options = new PruneOptions
        {
            MeasureLatency = false, Retrain = new() { Epochs = 2, LearningRate = 0.02, Distill = Distill.SoftTargets, Callbacks = [moved] },
        };
        Pruning.PruneAndRetrain(model, inputs => [model.call(inputs[0])], data, data, options, PruneProgress.Quiet);
        Assert.Equal([12L, 3], model.layer.get_parameter("weight_hh_l0")!.shape);
        Assert.Equal(6, moved.ByName.Count);
        Assert.All(moved.ByName, entry => Assert.True(entry.Value > 1e-3, entry.Key));
    }

    [Fact]
    public void A_table_that_also_scores_learns_beside_a_dense_teacher()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var model = new Tied();
        var dense = model.words.weight!.detach().clone();
        var data = TrainingData.FromTensors(randint(0, 12, [32, 3]), randint(0, 12, 32), batchSize: 8);
        var moved = new Moved();
        var options = new PruneOptions
        {
            MeasureLatency = true,
            Granularity = Granularity.Unstructured,
            Retrain = new() { Epochs = 2, LearningRate = 0.02, Distill = Distill.SoftTargets, Callbacks = [moved] },
        };
        Pruning.PruneAndRetrain(model, inputs => [model.call(inputs[0])], data, data, options, PruneProgress.Quiet);
        Assert.All(moved.ByName, entry => Assert.True(entry.Value > 1e-3, entry.Key));
        Assert.Equal(36, model.words.weight!.eq(0).sum().item<long>());
        Assert.True(model.words.weight.equal(model.scores.weight!).all().item<bool>());

        // Each weight that stays has moved by more than the first step alone moves it.
        var stays = model.words.weight.ne(0);
        Assert.InRange((model.words.weight - dense).abs().masked_select(stays).max().item<float>(), 0.03, 1);
        Pruning.PruneAndRetrain(
            model, inputs => [model.call(inputs[0])], data, data, options with { Granularity = Granularity.Structured }, PruneProgress.Quiet);
        Assert.Equal([12L, 3], model.scores.weight!.shape);
    }

    [Fact]
    public void Hints_of_a_model_that_lost_nothing_are_zero_and_of_a_narrower_layer_they_are_mapped()
    {
        using var scope = NewDisposeScope();
        var first = new FirstLoss();
        Run(new Net(), options => options with { Callbacks = [new FeatureHints(["hidden"], 1000), first] }, ratio: 0);
        var labels = new FirstLoss();
        Run(new Net(), options => options with { Callbacks = [labels] }, ratio: 0);
        Assert.Equal(labels.Loss, first.Loss, 1e-4);
        var model = new Net();
        Run(model, options => options with { Callbacks = [new FeatureHints(["hidden"])] });
        Assert.Equal(8, model.hidden.out_features);
        Assert.Equal(6, model.parameters().Count());
    }

    [Fact]
    public void Attention_goes_where_that_of_the_dense_model_went()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<InvalidOperationException>(() => Run(new Net(), options => options with { Callbacks = [new AttentionTransfer(["hidden"])] }));
        Assert.Contains("without positions to attend to", error.Message);
        var map = new AttentionTransfer(["conv"], 1);
        Assert.Contains("has no layer 'conv'", Assert.Throws<InvalidOperationException>(() => Run(new Net(), options => options with { Callbacks = [map] })).Message);
        Assert.Throws<ArgumentException>(() => new AttentionTransfer([]));
    }

    private static double LossOf(Distillation distillation, Tensor result, Tensor target, float ofLabels, Action<Tensor>? use = null)
    {
        var model = new TinyNet();
        var context = new TrainingContext(model, model.Forward, new RetrainOptions(), null, null, CPU, _ => optim.SGD(model.parameters(), 0.1));
        var batch = new Batch([result], [target]);
        distillation.OnBatch(context, batch);
        var loss = distillation.OnLoss(context, batch, [result], tensor(ofLabels));
        use?.Invoke(loss);
        return loss.item<float>();
    }

    private static PruneReport Run(Net model, Func<RetrainOptions, RetrainOptions> retrain, double ratio = 0.5)
    {
        var (x, y) = TinyNet.Samples(256);
        var data = TrainingData.FromTensors(x, y, batchSize: 32);
        var options = new PruneOptions { Ratio = ratio, MeasureLatency = false, Retrain = retrain(new RetrainOptions { Epochs = 2, LearningRate = 0.02 }) };
        return model.PruneAndRetrain(data, data, options, PruneProgress.Quiet);
    }

    private sealed class AskTeacher(Tensor input) : TrainingCallback
    {
        public List<Tensor> Answers { get; } = [];

        public override void OnBatch(TrainingContext context, Batch batch) => Answers.Add(context.Teacher!([input])[0].DetachFromDisposeScope());
    }

    /// <summary>How far the model's own parameters have moved in a training.</summary>
    private sealed class Moved : TrainingCallback
    {
        private readonly Dictionary<string, Tensor> begin = [];

        public Dictionary<string, double> ByName { get; } = [];

        public override void OnBegin(TrainingContext context)
        {
            begin.Clear();
            ByName.Clear();
            foreach (var (name, parameter) in context.Model.named_parameters())
            {
                begin.Add(name, parameter.detach().clone().DetachFromDisposeScope());
            }
        }

        public override void OnEnd(TrainingContext context)
        {
            foreach (var (name, parameter) in context.Model.named_parameters())
            {
                ByName.Add(name, (parameter - begin[name]).abs().max().item<float>());
            }
        }
    }

    private sealed class FirstLoss : TrainingCallback
    {
        public float Loss { get; private set; } = float.NaN;

        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss)
        {
            Loss = float.IsNaN(Loss) ? loss.item<float>() : Loss;
            return loss;
        }
    }

    [Prunable]
    private sealed partial class Net : nn.Module<Tensor, Tensor>
    {
        public readonly Linear hidden = nn.Linear(4, 16);
        public readonly Linear middle = nn.Linear(16, 8);
        public readonly Linear output = nn.Linear(8, 3);

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

        public override Tensor forward(Tensor input) => output.call(middle.call(hidden.call(input).relu()).relu());
    }

    [Prunable]
    private sealed partial class Tied : nn.Module<Tensor, Tensor>
    {
        public readonly Embedding words = nn.Embedding(12, 6);
        public readonly Linear scores = nn.Linear(6, 12, hasBias: false);

        public Tied()
            : base(nameof(Tied))
        {
            RegisterComponents();
            scores.weight = words.weight!;
        }

        public override Tensor forward(Tensor input) => scores.call(words.call(input).mean([1]));
    }

    [Prunable]
    private sealed partial class Recurrent : nn.Module<Tensor, Tensor>
    {
        public readonly LSTM layer = nn.LSTM(4, 6, batchFirst: true);
        public readonly Linear output = nn.Linear(6, 3);

        public Recurrent()
            : base(nameof(Recurrent)) => RegisterComponents();

        public override Tensor forward(Tensor input) => output.call(layer.call(input).Item1.mean([1]));
    }
}
