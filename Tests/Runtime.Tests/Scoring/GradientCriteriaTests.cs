using PruneGen.Axes;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>
/// Criteria of gradients, on y = w · x with w = (1, 2) and the squared error of two samples: (1, 2) with target 3, and (3, −1) with target 2.
/// Their outputs are 5 and 1, their errors 2 and −1, their gradients 2 · error · x = (4, 8) and (−6, 2); the mean of these is (−1, 5).
/// </summary>
public sealed class GradientCriteriaTests
{
    private const int Digits = 5;

    [Fact]
    public void A_gradient_is_taken_sample_by_sample()
    {
        // (4 + 6) / 2 and (8 + 2) / 2; of the batch it would be 1 and 5.
        AssertScores([5, 5], Weights(Line(), Criterion.Gradient));
        AssertScores([5, 5], Weights(Line(), Criterion.Gradient, batchSize: 1));
    }

    [Fact]
    public void Taylor_of_weights_squares_weight_times_gradient_of_a_batch()
    {
        // (1 · −1)² and (2 · 5)².
        AssertScores([1, 100], Weights(Line(), Criterion.TaylorWeight));

        // ((1 · 4)² + (1 · −6)²) / 2 and ((2 · 8)² + (2 · 2)²) / 2.
        AssertScores([26, 136], Weights(Line(), Criterion.TaylorWeight, batchSize: 1));
    }

    [Fact]
    public void Fisher_squares_the_gradient_of_each_sample()
    {
        // ½ · 1 · (16 + 36) / 2 and ½ · 4 · (64 + 4) / 2, whatever the batches; the square of the batch's would give ½ and 50.
        AssertScores([13, 68], Weights(Line(), Criterion.Fisher));
        AssertScores([13, 68], Weights(Line(), Criterion.Fisher, batchSize: 1));
    }

    [Fact]
    public void The_diagonal_of_the_Hessian_is_exact_where_there_are_few_weights()
    {
        // H = 2 · mean of x xᵀ = [[10, −1], [−1, 5]]: ½ · 10 · 1 and ½ · 5 · 4.
        AssertScores([5, 10], Weights(Line(), Criterion.Hessian));
        AssertScores([5, 10], Weights(Line(), Criterion.Hessian, batchSize: 1));
    }

    [Fact]
    public void A_loss_that_bends_down_scores_below_zero()
    {
        // −y² has the Hessian −2 · mean of x xᵀ.
        AssertScores([-5, -10], Weights(Line(), Criterion.Hessian, loss: (output, _) => -output.square().mean()));
    }

    [Fact]
    public void The_diagonal_of_a_large_diagonal_Hessian_is_estimated_exactly()
    {
        using var scope = NewDisposeScope();
        const int Size = 300;
        var model = Linear(Enumerable.Repeat(3f, Size).ToArray(), 1);
        var data = TrainingData.FromTensors(diag(arange(1, Size + 1, ScalarType.Float32)), zeros(Size, 1), batchSize: 50, shuffle: false);

        // Sample k is k in one input: h = 2 · k² / 300, so ½ · h · 9.
        AssertScores(Enumerable.Range(1, Size).Select(k => 9.0 * k * k / Size).ToArray(), Weights(model, Criterion.Hessian, data), 3);
    }

    [Fact]
    public void The_estimate_of_a_Hessian_is_near_the_truth_and_follows_its_seed()
    {
        using var scope = NewDisposeScope();
        const int Size = 300;
        var model = Linear(Enumerable.Repeat(1f, Size).ToArray(), 1);
        using var generator = new Generator(5);
        var x = randn(2000, Size, generator: generator);
        var data = TrainingData.FromTensors(x, zeros(2000, 1), batchSize: 100, shuffle: false);
        var scores = Weights(model, Criterion.Hessian, data);

        // ½ · 2 · the mean of x², over the first 1,024 samples, and the eleventh batch to its end.
        var expected = Pruned.Values(x.narrow(0, 0, 1100).square().mean([0L]));
        Assert.InRange(scores.Zip(expected, (score, truth) => Math.Abs(score - truth)).Average(), 1e-6, 0.3);
        Assert.Equal(scores, Weights(model, Criterion.Hessian, data));
    }

    [Fact]
    public void Snip_is_a_share_of_all_sensitivities()
    {
        // |1 · −1| and |2 · 5| of 11.
        AssertScores([1 / 11.0, 10 / 11.0], Weights(Line(), Criterion.Snip));

        // Over all layers together.
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var data = TrainingData.FromTensors(randn(5, 1, 28, 28), tensor(new long[] { 3, 1, 4, 1, 5 }), batchSize: 2);
        using var importance = Importance.Of(
            model.Plan(new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.Snip }), model.Forward, data);
        Assert.Equal(4, importance.Weights.Count);
        Assert.Equal(1, importance.Weights.Values.Sum(scores => scores.sum().item<double>()), 10);
    }

    [Fact]
    public void Snip_that_reaches_nothing_says_so()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Weights(Line(), Criterion.Snip, loss: (output, _) => output.detach().mean()));
        Assert.Contains("Snip scores everything zero", error.Message);
    }

    [Fact]
    public void Zeros_of_data_choose_nothing_in_a_layer_by_itself()
    {
        // Both samples are answered exactly, so that no gradient is left: all of it may go where others have some, but which of it, none can tell.
        using var scope = NewDisposeScope();
        var model = Line();
        var data = TrainingData.FromTensors(tensor(new float[] { 1, 2, 3, -1 }, [2, 2]), tensor(new float[] { 5, 1 }, [2, 1]));
        var error = Assert.Throws<InvalidOperationException>(() => Weights(model, Criterion.Fisher, data));
        Assert.StartsWith("Fisher scores all of fc.weight zero", error.Message, StringComparison.Ordinal);
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = Criterion.Fisher, Scope = Scope.Global };
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        AssertScores([0, 0], Pruned.Values(importance.Weights["fc.weight"]));
    }

    [Fact]
    public void A_contribution_is_what_the_output_loses_without_the_weight()
    {
        // Outputs 5 = 1 + 4 and 1 = 3 − 2: the means of 1 and 3, and of 4 and 2.
        AssertScores([2, 3], Weights(Line(), Criterion.Contribution));
    }

    [Fact]
    public void A_contribution_is_one_to_the_predicted_class_whatever_the_label()
    {
        using var scope = NewDisposeScope();
        var model = Linear([1, 0.5f, 0.25f, 1], 2);
        var x = tensor(new float[] { 2, 1, 1, 3 }, [2, 2]);

        // (2, 1) gives 2.5 and 1.5, the first class: 2 and 0.5. (1, 3) gives 2.5 and 3.25, the second: 0.25 and 3.
        AssertScores([1, 0.25, 0.125, 1.5], Weights(model, Criterion.Contribution, TrainingData.FromTensors(x, tensor(new long[] { 0, 0 }))));
        AssertScores([1, 0.25, 0.125, 1.5], Weights(model, Criterion.Contribution, TrainingData.FromTensors(x, tensor(new long[] { 1, 0 }))));
    }

    [Fact]
    public void Classes_in_the_last_dimension_are_known_by_the_labels()
    {
        using var scope = NewDisposeScope();
        var model = Linear([1, 0.5f, 0.25f, 1], 2);

        // The samples of the test above as three words of one text, the first twice: each word's own class, and not the largest word of each class.
        var x = tensor(new float[] { 2, 1, 1, 3, 2, 1 }, [1, 3, 2]);
        AssertScores([4, 1, 0.25, 3], Weights(model, Criterion.Contribution, TrainingData.FromTensors(x, zeros(1, 3, ScalarType.Int64))));
    }

    [Fact]
    public void GraSP_is_weight_times_Hessian_times_gradient()
    {
        // Hg = [[10, −1], [−1, 5]] · (−1, 5) = (−15, 26); the first weight holds gradients back, and goes first.
        AssertScores([-15, 52], Weights(Line(), Criterion.Grasp));

        // g is that of all samples, whatever the batches.
        AssertScores([-15, 52], Weights(Line(), Criterion.Grasp, batchSize: 1));
    }

    [Theory]
    [InlineData(Criterion.Gradient)]
    [InlineData(Criterion.TaylorWeight)]
    [InlineData(Criterion.Fisher)]
    [InlineData(Criterion.Hessian)]
    [InlineData(Criterion.Snip)]
    [InlineData(Criterion.Contribution)]
    [InlineData(Criterion.Grasp)]
    [InlineData(Criterion.SynFlow)]
    public void A_channel_is_the_sum_of_all_that_goes_with_it(Criterion criterion)
    {
        using var scope = NewDisposeScope();
        var model = new TwoNeurons();
        var data = TrainingData.FromTensors(tensor(new float[] { 1, 1, 2, -1, 0, 3 }, [3, 2]), tensor(new float[] { 1, 2, 3 }, [3, 1]), batchSize: 3);
        using var channels = Importance.Of(model.Plan(new PruneOptions { Criterion = criterion }), model.Forward, data);

        // The weights by themselves, and the hidden bias as a row of weights of an input that is always 1.
        var wide = new OperationNet(
            [1, 3],
            new() { ["hidden"] = nn.Linear(3, 2, hasBias: false), ["output"] = nn.Linear(2, 1) },
            (m, x) => m["output"].call(m["hidden"].call(x).relu()),
            (m, link, x) => link.Layer(m["output"], link.Op("relu", link.Layer(m["hidden"], x))));
        using (no_grad())
        {
            wide.Layer<Linear>("hidden").weight!.copy_(cat([model.hidden.weight!, model.hidden.bias!.unsqueeze(1)], 1));
            wide.Layer<Linear>("output").weight!.copy_(model.output.weight!);
            wide.Layer<Linear>("output").bias!.copy_(model.output.bias!);
        }

        var ones = TrainingData.FromTensors(
            tensor(new float[] { 1, 1, 1, 2, -1, 1, 0, 3, 1 }, [3, 3]), tensor(new float[] { 1, 2, 3 }, [3, 1]), batchSize: 3);
        using var importance = Importance.Of(wide.Plan(new PruneOptions { Criterion = criterion, Granularity = Granularity.Unstructured }), wide.Forward, ones);
        var (rows, columns) = (importance.Weights["hidden.weight"], importance.Weights["output.weight"]);
        AssertScores(Pruned.Values(rows.sum(1) + columns.sum([0L])), channels.Groups["hidden"]);
    }

    [Fact]
    public void SynFlow_is_the_share_of_the_flow_through_magnitudes()
    {
        using var scope = NewDisposeScope();
        var model = Bare();

        // Ones make 1 + 2 and 3 + 4 of the rows (1, −2) and (3, 4), and 2 · 3 + 1 · 7 = 13 of these.
        using var weights = Importance.Of(model.Plan(Flow(Granularity.Unstructured)), model.Forward);
        AssertScores([2 / 13.0, 4 / 13.0, 3 / 13.0, 4 / 13.0], Pruned.Values(weights.Weights["hidden.weight"]));
        AssertScores([6 / 13.0, 7 / 13.0], Pruned.Values(weights.Weights["output.weight"]));

        using var channels = Importance.Of(model.Plan(new PruneOptions { Criterion = Criterion.SynFlow }), model.Forward);
        AssertScores([12 / 13.0, 14 / 13.0], channels.Groups["hidden"]);
    }

    [Fact]
    public void SynFlow_adds_up_to_one_in_each_layer_without_biases()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            model.named_parameters().Where(entry => entry.name.EndsWith("bias", StringComparison.Ordinal)).ToList().ForEach(entry => entry.parameter.zero_());
        }

        using var importance = Importance.Of(model.Plan(Flow(Granularity.Unstructured)), model.Forward);
        Assert.Equal(4, importance.Weights.Count);
        Assert.All(importance.Weights.Values, scores => Assert.Equal(1, scores.sum().item<double>(), 10));
    }

    [Fact]
    public void SynFlow_leaves_no_trace_of_magnitudes_and_precision()
    {
        using var scope = NewDisposeScope();
        var model = new SequentialNet();
        model.train();
        ((BatchNorm1d)model.body[1]).eval();
        var (bits, parameters) = (TinyNet.Bits(model), model.parameters().ToList());
        parameters[0].requires_grad = false;
        Assert.Contains(parameters, parameter => parameter.lt(0).any().item<bool>());

        using var importance = Importance.Of(model.Plan(new PruneOptions { Criterion = Criterion.SynFlow }), model.Forward);

        Assert.All(importance.Groups.Values, scores => Assert.All(scores, score => Assert.True(score > 0)));
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal(ScalarType.Float32, get_default_dtype());
        Assert.All(model.parameters().Zip(parameters), pair => Assert.Same(pair.First, pair.Second));
        Assert.All(parameters.Skip(1), parameter => Assert.True(parameter.requires_grad && parameter.grad is null));
        Assert.False(parameters[0].requires_grad);
        Assert.True(model.training);
        Assert.False(((BatchNorm1d)model.body[1]).training);
        Assert.Equal(ScalarType.Float32, model.call(randn(2, 6)).dtype);
    }

    [Fact]
    public void SynFlow_that_fails_half_way_leaves_the_model_too()
    {
        using var scope = NewDisposeScope();
        var fails = false;
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(fails ? throw new TimeoutException() : m["fc"].call(x)),
            (m, link, x) => link.Layer(m["head"], link.Layer(m["fc"], x)));
        var bits = TinyNet.Bits(model);
        var plan = model.Plan(new PruneOptions { Criterion = Criterion.SynFlow });
        fails = true;
        Assert.Throws<TimeoutException>(() => Importance.Of(plan, model.Forward));
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Equal(ScalarType.Float32, get_default_dtype());
    }

    [Fact]
    public void SynFlow_does_not_overflow_where_float32_would()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [1, 50],
            Enumerable.Range(0, 30).ToDictionary(i => $"fc{i}", _ => (object)nn.Linear(50, 50)),
            (m, x) => Enumerable.Range(0, 30).Aggregate(x, (y, i) => m[$"fc{i}"].call(y).relu()),
            (m, link, x) => Enumerable.Range(0, 30).Aggregate(x, (y, i) => link.Op("relu", link.Layer(m[$"fc{i}"], y))));

        // 50 · 0.25 a layer, times 10: 125³⁰ is 8e62.
        using (no_grad())
        {
            model.parameters().ToList().ForEach(parameter => parameter.mul_(10));
        }

        using var importance = Importance.Of(model.Plan(new PruneOptions { Criterion = Criterion.SynFlow }), model.Forward);
        Assert.All(importance.Groups.Values, scores => Assert.InRange(scores.Sum(), 1.9, 2.1));
    }

    [Fact]
    public void SynFlow_says_what_it_cannot_score()
    {
        using var scope = NewDisposeScope();
        string Refusal(TestModel model, bool withShape = true, bool withForward = true)
        {
            var options = new PruneOptions { Criterion = Criterion.SynFlow };
            var plan = withShape ? model.Plan(options) : PruningPlan.Link(model, options);
            return Assert.Throws<InvalidOperationException>(() => Importance.Of(plan, withForward ? model.Forward : null)).Message;
        }

        Assert.Contains("the shape of its input is not known", Refusal(new LayerNormNet(), withShape: false));
        Assert.Contains("norm (LayerNorm) normalises what flows through it", Refusal(new LayerNormNet()));
        Assert.Contains("words (Embedding) takes whole numbers", Refusal(new ShuffleNet()));
        Assert.Contains("nothing is given that calls it", Refusal(new TwoNeurons(), withForward: false));
        var zero = new TwoNeurons();
        using (no_grad())
        {
            zero.output.weight!.zero_();
            zero.output.bias!.zero_();
        }

        Assert.Contains("0 flows through it", Refusal(zero));
    }

    [Fact]
    public void Samples_that_cannot_be_told_apart_are_refused()
    {
        using var scope = NewDisposeScope();
        var model = Line();
        var data = TrainingData.FromBatches(() => [new Batch([randn(4, 2)], randn(2, 1))]);
        var error = Assert.Throws<InvalidOperationException>(() => Weights(model, Criterion.Fisher, data));
        Assert.Contains("a batch of 2 samples has a tensor of the shape [4, 2]", error.Message);
    }

    /// <summary>Two neurons without biases.</summary>
    private static OperationNet Bare()
    {
        var model = new OperationNet(
            [1, 2],
            new() { ["hidden"] = nn.Linear(2, 2, hasBias: false), ["output"] = nn.Linear(2, 1, hasBias: false) },
            (m, x) => m["output"].call(m["hidden"].call(x).relu()),
            (m, link, x) => link.Layer(m["output"], link.Op("relu", link.Layer(m["hidden"], x))));
        using var noGradients = no_grad();
        model.Layer<Linear>("hidden").weight!.copy_(tensor(new float[] { 1, -2, 3, 4 }, [2, 2]));
        model.Layer<Linear>("output").weight!.copy_(tensor(new float[] { 2, -1 }, [1, 2]));
        return model;
    }

    private static PruneOptions Flow(Granularity granularity) => new() { Criterion = Criterion.SynFlow, Granularity = granularity };

    private static OperationNet Line() => Linear([1, 2], 1);

    /// <summary>One layer, without biases.</summary>
    private static OperationNet Linear(float[] weights, int outputs)
    {
        var inputs = weights.Length / outputs;
        var model = new OperationNet(
            [1, inputs], new() { ["fc"] = nn.Linear(inputs, outputs, hasBias: false) }, (m, x) => m["fc"].call(x), (m, link, x) => link.Layer(m["fc"], x));
        using var noGradients = no_grad();
        model.Layer<Linear>("fc").weight!.copy_(tensor(weights, [outputs, inputs]));
        return model;
    }

    private static double[] Weights(OperationNet model, Criterion criterion, int batchSize = 2, Func<Tensor, Tensor, Tensor>? loss = null)
    {
        using var scope = NewDisposeScope();
        var data = TrainingData.FromTensors(tensor(new float[] { 1, 2, 3, -1 }, [2, 2]), tensor(new float[] { 3, 2 }, [2, 1]), batchSize);
        return Weights(model, criterion, data, loss);
    }

    private static double[] Weights(OperationNet model, Criterion criterion, TrainingData data, Func<Tensor, Tensor, Tensor>? loss = null)
    {
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Criterion = criterion, Retrain = new() { Loss = loss } };
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        Assert.Equal(ScalarType.Float64, importance.Weights["fc.weight"].dtype);
        return Pruned.Values(importance.Weights["fc.weight"]);
    }

    private static void AssertScores(double[] expected, double[] actual, int digits = Digits)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, digits));
    }
}
