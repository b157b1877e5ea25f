using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Generator.Tests;

/// <summary>What <c>[ShareWeights]</c> and <c>[Quantize]</c> say reaches the generated code, and what is wrong is told where it stands.</summary>
public class CodingAttributeTests
{
    private const string Body = """
        public Net() : base("net") => RegisterComponents();
        public override Tensor forward(Tensor x) => b.call(relu(a.call(x)));
        """;

    [Fact]
    public void Each_setting_of_an_attribute_is_the_option_of_its_name()
    {
        var net = Loaded.From($$"""
            internal sealed class Mine : RangeObserver
            {
                public override RangeObserver New() => new Mine();
                public override void Observe(Tensor rows) { }
                public override (Tensor Least, Tensor Most) RangeFor(CodeGrid grid) => (tensor(new[] { -1f }), tensor(new[] { 1f }));
            }

            [Prunable, Quantize(Weights = 4, Activations = 6, Tolerance = 0.25, Grid = WeightGrid.Affine, PerChannel = false, WeightRange = RangeRule.MinMax,
                ActivationRangeType = typeof(Mine), Rounding = Rounding.Adaptive, BiasCorrection = true, Smooth = 0.5, FoldBatchNorm = false,
                Training = QuantizedTraining.LearnedSteps, Epochs = 7, LearningRate = 0.01)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8);
                [ShareWeights(Bits = 3, By = SharedBy.Hash, Rate = 0.25)] private readonly Linear b = Linear(8, 3);
                {{Body}}
            }
            """);
        var options = ((IPrunable)net.Model).PruneDefaults;
        var quantize = options.Quantize!;
        Assert.Equal((4, 6, 0.25, WeightGrid.Affine, false), (quantize.Weights, quantize.Activations, quantize.Tolerance, quantize.Grid, quantize.PerChannel));
        Assert.Equal(("MinMax", "Mine", "Adaptive"), (quantize.WeightRange!.Name, quantize.ActivationRange!.Name, quantize.Rounding!.Name));
        Assert.Equal((true, 0.5, false), (quantize.BiasCorrection, quantize.Smooth, quantize.FoldBatchNorm));
        Assert.Equal((QuantizedTraining.LearnedSteps, 7, 0.01), (quantize.Training, quantize.Epochs, quantize.LearningRate));
        var share = options.Layers["b"].Share!;
        Assert.Equal((3, "Hash", 0.25), (share.Bits, share.By!.Name, share.Rate));
        Assert.Null(options.Share);
        Assert.Null(options.Layers["b"].Quantize);
    }

    [Fact]
    public void The_generated_verbs_share_quantize_and_release()
    {
        var net = Loaded.From($$"""
            [Prunable, Quantize]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8);
                [ShareWeights(Bits = 1)] private readonly Linear b = Linear(8, 3);
                {{Body}}
            }
            """);
        var data = TrainingData.FromTensors(randn(32, 4), zeros(32, ScalarType.Int64), 16);
        Assert.Equal(["b.weight"], ((CodedModel)net.Call("ShareWeights", [null])!).Weights.Keys);
        var codes = (CodedModel)net.Call("Quantize", data, null)!;
        Assert.Equal(["a.weight"], codes.Weights.Keys);

        // A layer that shares weights still takes in what is quantized.
        Assert.Equal(["a", "b"], codes.Activations.Keys);
        net.Call("ReleaseCodes");
        Assert.Empty(Pruning.Codes(net.Model).Weights);
        Assert.Empty(Pruning.Codes(net.Model).Activations);
    }

    [Fact]
    public void Prune_share_and_code_each_by_one_attribute_in_one_call()
    {
        var net = Loaded.From($$"""
            [Prunable(Unstructured, Ratio = 0.5, MeasureLatency = false), Retrain(Epochs = 1), ShareWeights(Bits = 2, Epochs = 1)]
            internal sealed partial class Net : Module<Tensor, Tensor>
            {
                private readonly Linear a = Linear(4, 8), b = Linear(8, 3);
                {{Body}}
            }
            """);
        var data = TrainingData.FromTensors(randn(32, 4), zeros(32, ScalarType.Int64), 16);
        var report = (PruneReport)net.Call("PruneAndRetrain", data, data, null, PruneProgress.Quiet, CancellationToken.None)!;
        Assert.Equal(["pruned", "shared", "shared, retrained"], report.Steps.Select(step => step.Name));
        Assert.True(report.OnDisk!.Total > report.OnDisk.Header);
        Assert.Equal(28, report.Layers.Sum(layer => layer.NonZero));
    }

    [Theory]
    [InlineData("Quantize(Weights = 9)", "Weights = 9", "Weights of 'Net' is 9; give 2 to 8, or 0 for none")]
    [InlineData("Quantize(Weights = 1)", "Weights = 1", null)]
    [InlineData("Quantize(Activations = 16)", "Activations = 16", null)]
    [InlineData("Quantize(Tolerance = 0)", "Tolerance = 0", null)]
    [InlineData("Quantize(Smooth = 1.5)", "Smooth = 1.5", null)]
    [InlineData("Quantize(Grid = (WeightGrid)9)", "Grid = (WeightGrid)9", "Grid of 'Net' is 9; give one of Symmetric, Affine, Binary, Ternary")]
    [InlineData("Quantize(RoundingType = typeof(string))", "RoundingType = typeof(string)", null)]
    [InlineData("Quantize(Epochs = -1)", "Epochs = -1", null)]
    [InlineData("Quantize(LearningRate = 0)", "LearningRate = 0", null)]
    [InlineData("ShareWeights(Bits = 13)", "Bits = 13", "Bits of 'Net' is 13; give 1 to 12, such as 5, or 0 for none")]
    [InlineData("ShareWeights(Rate = 1)", "Rate = 1", null)]
    [InlineData("ShareWeights(By = (SharedBy)4)", "By = (SharedBy)4", null)]
    [InlineData("ShareWeights, Quantize(Weights = 4)", "Weights = 4", "Weights of 'Net' is given beside [ShareWeights]; a weight is either shared or quantized; give Weights = 0 for activations alone")]
    public void What_is_outside_its_range_is_told_at_the_argument(string attributes, string at, string? message)
    {
        var report = Compiled.Refused(Source($"[Prunable, {attributes}]", "private readonly Linear a = Linear(4, 8), b = Linear(8, 3);")).Reported("PG0012", at);
        Assert.Equal(message ?? report.GetMessage(CultureInfo.InvariantCulture), report.GetMessage(CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("Quantize(Epochs = 2)", "Epochs = 2")]
    [InlineData("Quantize(FoldBatchNorm = false)", "FoldBatchNorm = false")]
    [InlineData("Quantize(Training = QuantizedTraining.None)", "Training = QuantizedTraining.None")]
    [InlineData("ShareWeights(LearningRate = 0.1)", "LearningRate = 0.1")]
    public void What_is_asked_of_a_whole_model_is_refused_on_a_layer(string attribute, string at) =>
        Compiled.Refused(Source("[Prunable]", $"[{attribute}] private readonly Linear a = Linear(4, 8); private readonly Linear b = Linear(8, 3);")).Reported("PG0012", at);

    [Theory]
    [InlineData("[Quantize] private readonly Parameter bias = torch.nn.Parameter(rand(8)); private readonly Linear a = Linear(4, 8), b = Linear(8, 3);", "PG0014", "Quantize")]
    [InlineData("[ShareWeights(Bits = 4)] private readonly ReLU relu1 = ReLU(); private readonly Linear a = Linear(4, 8), b = Linear(8, 3);", "PG0015", "ShareWeights(Bits = 4)")]
    public void On_what_has_no_weights_to_code_it_is_a_finding(string members, string id, string at) =>
        Compiled.From(Source("[Prunable]", members)).Reported(id, at);

    [Fact]
    public void On_a_class_that_is_not_prunable_it_has_no_effect() => Assert.Equal(
        "[Quantize] on 'Net' has no effect, because 'Net' is not annotated with [Prunable]; annotate the class too",
        Compiled.From(Source("[Quantize(Weights = 4)]", "private readonly Linear a = Linear(4, 8), b = Linear(8, 3);")).Reported("PG0019", "Quantize(Weights = 4)").GetMessage(CultureInfo.InvariantCulture));

    private static string Source(string attributes, string members) =>
        $"{attributes} internal sealed partial class Net : Module<Tensor, Tensor> {{ {members} {Body} }}";
}
