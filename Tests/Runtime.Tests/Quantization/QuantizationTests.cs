using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using Net = PruneGen.Runtime.Tests.WeightSharingTests.Net;

namespace PruneGen.Runtime.Tests;

public sealed partial class QuantizationTests
{
    [Fact]
    public void Channels_have_scales_of_their_own()
    {
        using var scope = NewDisposeScope();
        var weight = tensor([7f, -3.5f, 0.7f, 0.35f]).reshape(2, 2);
        var code = Quantize(weight, new QuantizeOptions { Weights = 4, WeightRange = RangeRule.MinMax });
        Assert.Equal([7, -4, 7, 4], code.Codes.Select(one => (int)one));
        Assert.Equal([1f, 0.7f / 7], code.Scales);
        Assert.Equal((0, -7, 7), (code.Axis, code.Minimum, code.Maximum));
        using var decoded = code.Decode(ScalarType.Float32);
        Assert.Equal([7, -4, 7 * (0.7f / 7), 4 * (0.7f / 7)], decoded.data<float>().ToArray());

        var whole = Quantize(weight, new QuantizeOptions { Weights = 4, WeightRange = RangeRule.MinMax, PerChannel = false });
        Assert.Equal([7, -4, 1, 0], whole.Codes.Select(one => (int)one));
        Assert.Null(whole.Axis);
    }

    [Fact]
    public void An_affine_grid_has_a_code_for_zero()
    {
        using var scope = NewDisposeScope();
        var code = Quantize(tensor([-1f, 0, 2]).reshape(1, 3), new QuantizeOptions { Grid = WeightGrid.Affine, Weights = 2, WeightRange = RangeRule.MinMax });
        Assert.Equal([-2, -1, 1], code.Codes.Select(one => (int)one));
        Assert.Equal(-1, code.ZeroPoints[0]);
        using var decoded = code.Decode(ScalarType.Float32);
        Assert.Equal([-1, 0, 2], decoded.data<float>().ToArray());
    }

    [Fact]
    public void Binary_and_ternary_weights_have_the_mean_magnitude_of_theirs()
    {
        using var scope = NewDisposeScope();
        var weight = tensor([1f, -2, 3, 0.1f]).reshape(1, 4);
        var binary = Quantize(weight, new QuantizeOptions { Grid = WeightGrid.Binary });
        Assert.Equal([1, -1, 1, 1], binary.Codes.Select(one => (int)one));
        Assert.Equal(6.1f / 4, binary.Scales[0], 6);

        // The mean magnitude is 1.525, so 1.0675 is the threshold.
        var ternary = Quantize(weight, new QuantizeOptions { Grid = WeightGrid.Ternary });
        Assert.Equal([0, -1, 1, 0], ternary.Codes.Select(one => (int)one));
        Assert.Equal(2.5f, ternary.Scales[0], 6);

        // What is held is zero, and counts nowhere.
        var held = Quantize(weight, new QuantizeOptions { Grid = WeightGrid.Binary }, tensor([false, false, true, false]).reshape(1, 4));
        Assert.Equal([1, -1, 0, 1], held.Codes.Select(one => (int)one));
        Assert.Equal(3.1f / 3, held.Scales[0], 6);
    }

    [Fact]
    public void What_rounding_cannot_make_good_is_refused_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 4],
            new() { ["fc"] = nn.Linear(4, 6), ["head"] = nn.Linear(6, 3) },
            (m, x) => m["head"].call(m["fc"].call(x).clamp(0, 6)),
            (m, link, x) => link.Layer(m["head"], link.Op("clamp", link.Layer(m["fc"], x))));
        using (no_grad())
        {
            model.Layer<Linear>("fc").weight!.copy_(rand(6, 4) * 1e38);
        }

        var data = TrainingData.FromTensors((rand(8, 4) + 1) * 1e4, zeros(8, ScalarType.Int64));
        var before = TinyNet.Bits(model);
        var error = Assert.Throws<InvalidOperationException>(
            () => Pruning.Quantize(model, model.Forward, data, new QuantizeOptions { Activations = 0, BiasCorrection = true }));
        Assert.Contains("fc.bias of OperationNet is infinite or not a number once it is quantized", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(Pruning.Codes(model).Weights);
    }

    [Fact]
    public void A_tolerance_has_the_fewest_bits_that_keep_it()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var weight = randn(20, 30);
        foreach (var tolerance in new[] { 0.5, 0.1, 0.02 })
        {
            var code = Quantize(weight, new QuantizeOptions { Tolerance = tolerance, PerChannel = false });
            Assert.InRange(Off(code, weight), 0, tolerance);
            var fewer = Quantize(weight, new QuantizeOptions { Weights = Math.Max(2, code.Bits - 1), WeightRange = RangeRule.MinMax, PerChannel = false });
            Assert.True(code.Bits == 2 || Off(fewer, weight) > tolerance, $"{code.Bits}");
        }

        var error = Assert.Throws<InvalidOperationException>(() => Quantize(weight, new QuantizeOptions { Tolerance = 1e-6 }));
        Assert.Contains("is off by", error.Message);

        static double Off(QuantizedWeight code, Tensor weight) => (code.Decode(ScalarType.Float32) - weight).abs().max().ToDouble();
    }

    [Fact]
    public void Outputs_change_least_where_rounding_goes_by_them()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var (weight, x) = (randn(8, 12), randn(200, 3).matmul(randn(3, 12)));
        var moments = (x.t().matmul(x) / 200).unsqueeze(0);
        var (nearest, adaptive) = (Of(Rounding.Nearest), Of(Rounding.Adaptive));
        Assert.InRange(adaptive, 0, 0.7 * nearest);

        // V begins where nothing is rounded.
        var rest = rand(5, 5);
        Assert.True((AdaptiveRounding.Up(AdaptiveRounding.Begin(rest)) - rest).abs().max().ToDouble() < 2e-4);

        double Of(Rounding rounding)
        {
            var options = new QuantizeOptions { Weights = 3, Rounding = rounding }.Over(QuantizeOptions.Defaults);
            using var decoded = WeightQuantizer.Quantize("w", weight, null, 0, options, moments).Decode(ScalarType.Float32);
            return x.matmul((decoded - weight).t()).square().sum().ToDouble();
        }
    }

    [Fact]
    public void A_quantized_model_computes_with_what_is_stored()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var (x, _) = TinyNet.Samples(256);
        var codes = Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions());
        Assert.Equal(["hidden.weight", "output.weight"], codes.Weights.Keys.Order());
        Assert.Equal(["hidden", "output"], codes.Activations.Keys.Order());

        // By whole numbers alone, as a machine would.
        var hidden = Layer(Codes(x, codes.Activations["hidden"]), "hidden", model.hidden.bias!).relu();
        var expected = Layer(Codes(hidden, codes.Activations["output"]), "output", model.output.bias!);
        model.eval();
        using var noGradients = no_grad();
        Assert.True((model.call(x) - expected).abs().max().ToDouble() < 1e-5);

        Tensor Codes(Tensor input, ActivationPoint point) =>
            (((input / point.Scale).round() + point.ZeroPoint).clamp(0, point.Most) - point.ZeroPoint) * point.Scale;

        Tensor Layer(Tensor input, string layer, Tensor bias)
        {
            var weight = (QuantizedWeight)codes.Weights[$"{layer}.weight"];
            var whole = tensor(weight.Codes.Select(code => (float)code).ToArray()).reshape([.. weight.Shape]) * tensor(weight.Scales.ToArray()).unsqueeze(1);
            return input.matmul(whole.t()) + bias;
        }
    }

    [Fact]
    public void Ranges_below_zero_have_a_zero_point()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var points = Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions { Activations = 8, ActivationRange = RangeRule.MinMax }).Activations;
        Assert.InRange(points["hidden"].ZeroPoint, 100, 160);
        Assert.Equal(0, points["output"].ZeroPoint);
    }

    [Fact]
    public void A_folded_BatchNorm_leaves_the_answers_and_only_its_shift()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        model.eval();
        using var noGradients = no_grad();
        var input = randn(model.InputShape);
        var before = model.call(input);
        Assert.Equal(["stemNorm", "depthwiseNorm"], BatchNormFolding.Apply(model.Plan()));
        Assert.True((model.call(input) - before).abs().max().ToDouble() < 1e-5);
        Assert.True(BatchNormFolding.IsFolded(model.stemNorm));
        Assert.False(BatchNormFolding.IsFolded(new DepthwiseNet().stemNorm));
        Assert.Empty(BatchNormFolding.Apply(model.Plan()));
    }

    [Fact]
    public void A_corrected_bias_keeps_the_mean_of_the_outputs()
    {
        using var scope = NewDisposeScope();
        var model = new DepthwiseNet();
        model.eval();
        using var noGradients = no_grad();
        manual_seed(9);
        var x = rand(64, 3, 8, 8) + 0.5;
        Tensor Means() => model.depthwise.call(model.stemNorm.call(model.stem.call(x)).sigmoid()).mean([0L, 2, 3]);
        var before = Means();
        Assert.True((Quantized(false) - before).abs().max().ToDouble() > 1e-3);
        Assert.True((Quantized(true) - before).abs().max().ToDouble() < 1e-5);

        Tensor Quantized(bool corrects)
        {
            using var state = new ModelState(model);
            var quantize = new QuantizeOptions { Weights = 2, Activations = 0, BiasCorrection = corrects, FoldBatchNorm = false };
            var plan = model.Plan(new PruneOptions { Layers = { ["depthwise"] = new() { Quantize = quantize } }, Quantize = new() { Weights = 0, Activations = 0, FoldBatchNorm = false } });
            var data = TrainingData.FromTensors(x, zeros(64, ScalarType.Int64), 16);
            new ModelQuantizer(plan, null, new ScoringContext(plan, model.Forward, data, PruneProgress.Quiet, CancellationToken.None), hasData: true).Run();
            Assert.Equal(["depthwise.weight"], Pruning.Codes(model).Weights.Keys);
            var means = Means();
            state.Restore();
            return means;
        }
    }

    [Fact]
    public void Smoothed_activations_spread_less_and_the_model_answers_as_before()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        using var noGradients = no_grad();

        // One hidden channel is a hundred times as large as the others.
        model.hidden.weight![0].mul_(100);
        model.eval();
        var (x, _) = TinyNet.Samples(256);
        var before = model.call(x);
        var plan = PruningPlan.Link(model, null, [1L, 4]);
        var context = new ScoringContext(plan, Forward(model), Data(), PruneProgress.Quiet, CancellationToken.None);
        var output = plan.Parameters.Single(parameter => parameter.Path == "output.weight");
        Assert.Equal(["output"], SmoothQuant.Apply(plan, context, "test", [(output, 0.5)]));
        Assert.True((model.call(x) - before).abs().max().ToDouble() < 1e-4);
        var largest = model.hidden.call(x).relu().amax([0L]);
        Assert.InRange((largest[0] / largest.narrow(0, 1, 15).max()).ToDouble(), 1, 40);
    }

    [Theory]
    [InlineData(QuantizedTraining.StraightThrough)]
    [InlineData(QuantizedTraining.LearnedSteps)]
    public void Retraining_wins_back_what_few_bits_cost(QuantizedTraining training)
    {
        using var scope = NewDisposeScope();
        var model = Trained();
        var report = Compress(model, new QuantizeOptions { Weights = 2, Activations = 4, Training = training, Epochs = 15, LearningRate = 0.01 });
        Assert.Equal(["pruned", "quantized", "quantized, retrained"], report.Steps.Select(step => step.Name));
        Assert.True(report.Steps[2].Test.Loss < 0.7 * report.Steps[1].Test.Loss, $"{report.Steps[1].Test.Loss} {report.Steps[2].Test.Loss}");
        var codes = Pruning.Codes(model);
        Assert.Equal(["hidden.weight", "output.weight"], codes.Weights.Keys.Order());
        Assert.Equal(report.Final.Loss, Retrainer.Evaluate(model, Forward(model), Data()).Loss, 6);
    }

    [Theory]
    [InlineData(WeightGrid.Binary)]
    [InlineData(WeightGrid.Ternary)]
    [InlineData(WeightGrid.Affine)]
    public void Masks_distillation_and_the_best_epoch_go_with_it(WeightGrid grid)
    {
        using var scope = NewDisposeScope();
        var model = Trained();
        var report = model.PruneAndRetrain(
            Data(), Data(),
            new PruneOptions
            {
                Granularity = Granularity.Unstructured, Ratio = 0.5, MeasureLatency = false,
                Quantize = new() { Grid = grid, Weights = 4, Epochs = 6, LearningRate = 0.01 },
                Retrain = new() { Epochs = 1, KeepBest = true, Distill = Distill.SoftTargets },
            },
            PruneProgress.Quiet);
        var hidden = (QuantizedWeight)Pruning.Codes(model).Weights["hidden.weight"];
        Assert.Equal(grid, hidden.Grid);
        Assert.InRange(model.hidden.weight!.ne(0).sum().ToInt32(), 8, 32);
        var best = report.Steps[^1].Training!.Epochs.Min(epoch => epoch.Test!.Error);
        Assert.Equal(best, report.Final.Error);
    }

    [Fact]
    public void The_gradient_of_a_scale_is_that_of_LSQ()
    {
        using var scope = NewDisposeScope();
        var model = new WeightSharingTests.One();
        using (no_grad())
        {
            model.fc.weight!.copy_(tensor([0.4f, 1.6f, 9, -9]).reshape(1, 4));
        }

        // Of three bits and the scale 1: codes 0, 2, 3, −3; ∂ŵ/∂s is −0.4, 0.4, 3 and −3; the gradient of ŵ is 1, 2, 3, 4.
        var code = new QuantizedWeight([1, 4], [0, 2, 3, -3], 3, WeightGrid.Symmetric, [1], [0], 0);
        using var trained = new TrainedWeightCode(new CodedParameter("fc", model.fc, "weight", code), null);
        var scale = trained.Learn()!;
        model.fc.weight!.grad = tensor([1f, 2, 3, 4]).reshape(1, 4);
        using var noGradients = no_grad();
        trained.PassGradient();
        Assert.Equal((-0.4 + 0.8 + 9 - 12) / Math.Sqrt(4 * 3), scale.grad!.ToDouble(), 5);
        Assert.Equal([1, 2, 0, 0], model.fc.weight.grad!.data<float>().ToArray());
    }

    [Fact]
    public void Activations_pass_gradients_inside_of_their_range_alone()
    {
        using var scope = NewDisposeScope();
        var hook = new ActivationHook(nn.Linear(1, 1), new ActivationPoint(0.5f, 0, 2));
        var x = tensor([-1f, 0.3f, 1.2f, 9], requires_grad: true);
        var y = hook.Quantize(x);
        Assert.Equal([0, 0.5f, 1, 1.5f], y.detach().data<float>().ToArray());
        y.sum().backward();
        Assert.Equal([0, 1, 1, 0], x.grad!.data<float>().ToArray());
    }

    [Fact]
    public void A_training_can_begin_with_quantizing()
    {
        using var scope = NewDisposeScope();
        var model = Trained();
        Retrainer.Train(model, Forward(model), Data(), options: new RetrainOptions { Epochs = 1, LearningRate = 1e-3, Callbacks = [new QuantizationAware(new QuantizeOptions { Weights = 3 })] });
        Assert.Equal(2, Pruning.Codes(model).Weights.Count);
        Assert.All(Pruning.Codes(model).Weights.Values, code => Assert.Equal(3, ((QuantizedWeight)code).Bits));
    }

    [Fact]
    public void A_weight_that_moves_on_has_lost_its_code()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        Pruning.Quantize(model, Forward(model), null, new QuantizeOptions { Activations = 0 });
        using (no_grad())
        {
            model.hidden.weight!.add_(0.01);
        }

        Assert.Equal(["output.weight"], Pruning.Codes(model).Weights.Keys);
    }

    [Fact]
    public void What_cannot_be_quantized_is_told_and_the_model_is_as_it_was()
    {
        using var scope = NewDisposeScope();
        var model = new Net();
        var before = TinyNet.Bits(model);
        Assert.Contains("none is given; pass training data, or set Activations = 0", Message(() => Pruning.Quantize(model, Forward(model), null, new QuantizeOptions())));
        Assert.Contains("Nothing of Net asks to be quantized; put [Quantize] on its class", Message(() => Pruning.Quantize(model, Forward(model), Data())));
        Assert.Contains("Nothing of Net asks to be shared; put [ShareWeights]", Message(() => Pruning.ShareWeights(model)));
        Assert.Contains("Weights of Net is 9; give 2 to 8, or 0 for none", Message(() => Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions { Weights = 9 })));
        Assert.Contains("Smooth of Net is 2", Message(() => Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions { Smooth = 2 })));
        Assert.Contains("is off by", Message(() => Pruning.Quantize(model, Forward(model), Data(), new QuantizeOptions { Tolerance = 1e-9 })));
        var nan = TrainingData.FromTensors(full(8, 4, float.NaN), zeros(8, ScalarType.Int64), 8);
        Assert.Contains("NaN", Message(() => Pruning.Quantize(model, Forward(model), nan, new QuantizeOptions())));
        Assert.Contains("no input of it was seen", Message(() => Pruning.Quantize(model, _ => [zeros(1, 3)], Data(), new QuantizeOptions())));
        Assert.Contains("Nothing of Net is quantized", Message(() => Retrainer.Train(model, Forward(model), Data(), options: new RetrainOptions { Callbacks = [new QuantizationAware()] })));
        Assert.Equal(before, TinyNet.Bits(model));
        Assert.Empty(Pruning.Codes(model).Activations);

        static string Message(Action action) => Assert.ThrowsAny<Exception>(action).Message;
    }

    private static QuantizedWeight Quantize(Tensor weight, QuantizeOptions options, Tensor? held = null) =>
        WeightQuantizer.Quantize("w", weight, held, 0, options.Over(QuantizeOptions.Defaults));

    private static Func<Tensor[], Tensor[]> Forward(Net model) => inputs => [model.call(inputs[0])];

    private static PruneReport Compress(Net model, QuantizeOptions options) => model.PruneAndRetrain(
        Data(), Data(), new PruneOptions { Ratio = 0, MeasureLatency = false, Quantize = options, Retrain = new() { Epochs = 0 } }, PruneProgress.Quiet);

    private static Net Trained()
    {
        var model = new Net();
        Retrainer.Train(model, Forward(model), Data(), options: new RetrainOptions { Epochs = 20, LearningRate = 0.02 });
        return model;
    }

    private static TrainingData Data()
    {
        var (x, y) = TinyNet.Samples(256);
        return TrainingData.FromTensors(x, y, 32);
    }
}
