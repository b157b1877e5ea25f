using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Scoring, and what linking measures, change nothing of the model or of the process.</summary>
public sealed class ScoringLeavesNothingTests
{
    public static TheoryData<Criterion, Granularity> Scored => new()
    {
        { Criterion.Taylor, Granularity.Structured },
        { Criterion.Taylor, Granularity.Unstructured },
        { Criterion.MeanActivation, Granularity.Structured },
        { Criterion.ActivationDerivative, Granularity.Structured },
        { Criterion.Wanda, Granularity.Unstructured },
        { Criterion.TaylorWeight, Granularity.Structured },
        { Criterion.Hessian, Granularity.Unstructured },
        { Criterion.Grasp, Granularity.Unstructured },
    };

    /// <summary>What runs the model sample by sample, or on an input of its own.</summary>
    public static TheoryData<Criterion, Granularity> ScoredBySample => new()
    {
        { Criterion.Fisher, Granularity.Structured },
        { Criterion.Contribution, Granularity.Unstructured },
        { Criterion.SynFlow, Granularity.Structured },
    };

    [Theory]
    [MemberData(nameof(Scored))]
    [MemberData(nameof(ScoredBySample))]
    public void The_random_state_of_the_process_is_as_it_was(Criterion criterion, Granularity granularity)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call((m["fc"].call(x) + randn(6)).relu()),
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], x))));
        AssertRandomStateStays(() => Score(model, criterion, granularity));
    }

    [Fact]
    public void Compacting_recurrent_layers_leaves_the_random_state_too()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["lstm"] = nn.LSTM(4, 8, 2, dropout: 0.3, batchFirst: true), ["rnn"] = nn.RNN(8, 6, batchFirst: true), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m.Layer<RNN>("rnn").call(m.Layer<LSTM>("lstm").call(x).Item1).Item1),
            (m, link, x) => link.Layer(m["head"], link.Layers(m.Layer<RNN>("rnn"), link.Layers(m.Layer<LSTM>("lstm"), x)[0])[0]));
        AssertRandomStateStays(() => Pruned.Compact(model).Dispose());
    }

    [Theory]
    [MemberData(nameof(Scored))]
    public void Statistics_that_forward_updates_in_evaluation_mode_are_put_back(Criterion criterion, Granularity granularity)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new()
            {
                ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3), ["norm_mean"] = zeros(6), ["norm_var"] = ones(6), ["calls"] = zeros(1, ScalarType.Int64),
            },
            (m, x) =>
            {
                m.Tensor("calls").add_(1);
                return m["head"].call(nn.functional.batch_norm(m["fc"].call(x), m.Tensor("norm_mean"), m.Tensor("norm_var"), training: true).relu());
            },
            (m, link, x) => link.Layer(m["head"], link.Op("relu", link.Layer(m["fc"], x))));
        var before = TinyNet.Bits(model);
        Score(model, criterion, granularity);
        Assert.Equal(before, TinyNet.Bits(model));
    }

    [Theory]
    [MemberData(nameof(Scored))]
    [MemberData(nameof(ScoredBySample))]
    public void Gradients_and_what_is_frozen_stay(Criterion criterion, Granularity granularity)
    {
        using var scope = NewDisposeScope();
        var model = new SequentialNet();
        var first = (Linear)model.body[0];
        first.weight!.requires_grad = false;
        model.call(randn(4, 6)).sum().backward();
        Dictionary<string, double[]?> Gradients() =>
            model.named_parameters().ToDictionary(entry => entry.name, entry => entry.parameter.grad is { } grad ? Pruned.Values(grad) : null);
        var gradients = Gradients();

        Score(model, criterion, granularity);

        Assert.False(first.weight.requires_grad);
        Assert.All(model.named_parameters(), entry => Assert.Equal(entry.name != "body.0.weight", entry.parameter.requires_grad));
        Assert.Equal(gradients, Gradients());
    }

    [Theory]
    [InlineData(Criterion.Taylor)]
    [InlineData(Criterion.MeanActivation)]
    public void No_hook_is_left_where_a_later_layer_is_refused(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["gru"] = nn.GRU(6, 8, batchFirst: true), ["head"] = nn.Linear(8, 3) },
            (m, x) => m["head"].call(m.Layer<GRU>("gru").call(m["fc"].call(x)).Item1),
            (m, link, x) => link.Layer(m["head"], link.Layers(m.Layer<GRU>("gru"), link.Layer(m["fc"], x))[0]));
        AssertNoHooks(model, () => Assert.Throws<InvalidOperationException>(() => Score(model, criterion, Granularity.Structured)));
    }

    [Theory]
    [InlineData(Criterion.Taylor)]
    [InlineData(Criterion.MeanActivation)]
    [InlineData(Criterion.ActivationDerivative)]
    public void No_hook_is_left_where_forward_fails(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var fails = false;
        var model = new OperationNet(
            [2, 3, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(fails ? throw new TimeoutException() : m["fc"].call(x)),
            (m, link, x) => link.Layer(m["head"], link.Layer(m["fc"], x)));
        fails = true;
        var training = model.training;
        Assert.Throws<TimeoutException>(() => Score(model, criterion, Granularity.Structured));
        Assert.Equal(training, model.training);
        fails = false;
        AssertNoHooks(model, () => { });
    }

    [Fact]
    public void A_loss_that_is_no_scalar_is_named_with_its_shape_wherever_it_is_computed()
    {
        using var scope = NewDisposeScope();
        Tensor Each(Tensor output, Tensor target) => nn.functional.cross_entropy(output, target, reduction: nn.Reduction.None);
        var data = Data();
        foreach (var (retrain, name) in new (RetrainOptions, string)[]
        {
            (new() { Epochs = 1, Loss = Each }, "RetrainOptions.Loss gives"),
            (new() { Epochs = 1, LossOfAll = (outputs, targets) => Each(outputs[0], targets[0]) }, "RetrainOptions.LossOfAll gives"),
        })
        {
            var model = new SequentialNet();

            // It has no heads, which is said before anything is scored.
            foreach (var granularity in Enum.GetValues<Granularity>().Except([Granularity.AttentionHead, Granularity.HeadWidth]))
            {
                var options = new PruneOptions { Criterion = Criterion.Taylor, Granularity = granularity, Retrain = retrain };
                Check(() => Importance.Of(model.Plan(options), model.Forward, data));
            }

            Check(() => Retrainer.Train(model, model.Forward, data, options: retrain));
            Check(() => Retrainer.Evaluate(model, model.Forward, data, retrain));

            void Check(Action run)
            {
                var error = Assert.Throws<ArgumentException>(run);
                Assert.StartsWith(name, error.Message, StringComparison.Ordinal);
                Assert.Contains("shape [4]", error.Message);
                Assert.Contains("Reduction.Mean", error.Message);
            }
        }
    }

    [Fact]
    public void A_loss_of_one_number_is_a_scalar_whatever_its_shape()
    {
        using var scope = NewDisposeScope();
        var model = new SequentialNet();
        var options = new RetrainOptions { Epochs = 1, Loss = (output, target) => nn.functional.cross_entropy(output, target).reshape(1, 1) };
        var data = Data();
        Assert.Equal(Retrainer.Evaluate(model, model.Forward, data).Loss, Retrainer.Evaluate(model, model.Forward, data, options).Loss);
        Retrainer.Train(model, model.Forward, data, options: options);
    }

    private static TrainingData Data() => TrainingData.FromTensors(randn(8, 6), zeros(8, ScalarType.Int64), batchSize: 4);

    private static void Score(TestModel model, Criterion criterion, Granularity granularity)
    {
        using var generator = new Generator(3);
        var x = randn([6, .. model.InputShape[1..]], generator: generator);
        var data = TrainingData.FromTensors(x, zeros([6, .. model.InputShape[1..^1]], ScalarType.Int64), batchSize: 2);
        var options = new PruneOptions
        {
            Criterion = criterion,
            Granularity = granularity,
            Retrain = new() { Loss = (output, target) => nn.functional.cross_entropy(output.flatten(0, -2), target.flatten()) },
        };
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
    }

    private static void AssertRandomStateStays(Action act)
    {
        manual_seed(3);
        var expected = Pruned.Values(rand(4));
        manual_seed(3);
        act();
        Assert.Equal(expected, Pruned.Values(rand(4)));
    }

    private static void AssertNoHooks(OperationNet model, Action act)
    {
        var requiring = model.parameters().Where(parameter => parameter.requires_grad).ToList();
        requiring.ForEach(parameter => parameter.requires_grad = false);
        act();

        // A gate that is still there would require a gradient.
        Assert.False(model.call(randn(2, 3, 4)).requires_grad);
    }
}
