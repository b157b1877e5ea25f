using System.Text.RegularExpressions;
using PruneGen.OnnxRunning;
using PruneGen.Samples.ModelZoo;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

/// <summary>What a quantized model computes in TorchSharp, ONNX Runtime computes of its file, with whole numbers.</summary>
public class QuantizedTests
{
    private const string Start = "public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) ";

    private static readonly string[] Sources =
    [
        "private readonly Conv2d first = Conv2d(3, 8, 3, padding: 1); private readonly BatchNorm2d norm = BatchNorm2d(8); private readonly Conv2d second = Conv2d(8, 8, 3, padding: 1, bias: false); "
            + "private readonly BatchNorm2d last = BatchNorm2d(8); private readonly Linear fc = Linear(8 * 16, 5); "
            + Start + "{ var y = norm.call(first.call(x)).relu(); y = (last.call(second.call(y)) + y).relu(); return fc.call(functional.max_pool2d(y, 2).flatten(1)); }",
        "private readonly Conv1d conv = Conv1d(4, 6, 3, groups: 2); private readonly ConvTranspose1d back = ConvTranspose1d(6, 4, 2, groups: 2); private readonly Linear fc = Linear(7, 3); "
            + Start + "=> fc.call(back.call(functional.relu6(conv.call(x))));",
        "private readonly Linear first = Linear(6, 8); private readonly Linear second = Linear(8, 3); " + Start + "=> second.call(first.call(x).relu());",
        "private readonly Conv2d left = Conv2d(3, 4, 1); private readonly Conv2d right = Conv2d(3, 4, 3, padding: 1); private readonly Conv2d both = Conv2d(8, 2, 1); "
            + Start + "=> both.call(torch.cat(new[] { left.call(x).relu(), right.call(x).relu() }, 1).transpose(2, 3));",
    ];

    private static readonly string[] Shapes = ["2x3x8x8", "2x4x8", "2x6", "2x3x6x8"];

    private static readonly Lazy<Type[]> Models = new(() => Compiled.Models(Sources));

    public static TheoryData<int, QuantizeOptions> Ways()
    {
        var data = new TheoryData<int, QuantizeOptions>();
        for (var model = 0; model < Sources.Length; model++)
        {
            data.Add(model, new QuantizeOptions());
            data.Add(model, new QuantizeOptions { PerChannel = false });
            data.Add(model, new QuantizeOptions { Weights = 4, Activations = 3 });
            data.Add(model, new QuantizeOptions { Grid = WeightGrid.Affine });
            data.Add(model, new QuantizeOptions { Grid = WeightGrid.Affine, Weights = 7 });
            data.Add(model, new QuantizeOptions { Grid = WeightGrid.Affine, PerChannel = false });
            data.Add(model, new QuantizeOptions { Grid = WeightGrid.Ternary });
            data.Add(model, new QuantizeOptions { Activations = 0 });
            data.Add(model, new QuantizeOptions { Weights = 0 });
            data.Add(model, new QuantizeOptions { FoldBatchNorm = false, BiasCorrection = true });
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void Whatever_the_grid_the_numbers_are_those_of_the_model(int number, QuantizeOptions options)
    {
        using var scope = NewDisposeScope();
        using var model = Quantized(number, options);
        using var exported = Export(model, number);
        foreach (var batch in new[] { 1, 3, 16 })
        {
            var x = Input(number, batch);
            var difference = exported.Difference([Call(model, x)], x);
            Assert.True(difference <= Step(model), $"{difference} with {options}: {string.Join("; ", exported.File.Notes)}");
        }
    }

    [Fact]
    public void ONNX_Runtime_computes_with_whole_numbers()
    {
        using var scope = NewDisposeScope();
        using var lenet = Quantized("lenet");
        Assert.Equal((2, 0, 2), Count(lenet));

        // Where two branches meet, what the norms before take in is quantized, too; the first image goes into a pooling that two branches read.
        using var resnet = Quantized("resnet18");
        Assert.Equal((20, 0, 1), Count(resnet));
        using var mobile = Quantized("mobilenet-v2");
        Assert.Equal((52, 0, 1), Count(mobile));

        // Both branches of a concatenation are quantized as what is behind it.
        using var model = Quantized(3, new QuantizeOptions());
        using var joined = Export(model, 3);
        Assert.Equal((2, 1, 0), Count(joined));

        static (int, int, int) Count(Exported exported)
        {
            Assert.Equal(0, Nodes(exported, "Gemm") + Nodes(exported, "ConvInteger"));
            return (Nodes(exported, "QLinearConv"), Nodes(exported, "Conv") + Nodes(exported, "FusedConv"), Nodes(exported, "QGemm"));
        }
    }

    [Theory]
    [InlineData(QuantizedTraining.StraightThrough)]
    [InlineData(QuantizedTraining.LearnedSteps)]
    public void A_model_that_was_retrained_on_codes_computes_with_whole_numbers(QuantizedTraining training)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var model = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(Models.Value[0])!;
        var data = TrainingData.FromTensors(Input(0, 64), randint(5, 64, dtype: ScalarType.Int64), batchSize: 16);
        var aware = new QuantizationAware(new QuantizeOptions { Training = training });
        Retrainer.Train(model, x => [model.call(x[0])], data, options: new RetrainOptions { Epochs = 2, Callbacks = [aware] });
        model.eval();
        using var exported = Export(model, 0);
        Assert.Equal((2, 1), (Nodes(exported, "QLinearConv"), Nodes(exported, "QGemm")));
        Assert.Equal(["fc", "first", "last", "norm", "second"], Pruning.Codes(model).Activations.Keys.Order());
        var x = Input(0, 8);
        Assert.True(exported.Difference([Call(model, x)], x) <= Step(model));
    }

    [Fact]
    public void Codes_take_a_byte_each()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var instance = Zoo.Named("vgg16").Create(ZooSize.Small);
        using var dense = new Exported(path => ExportOf(instance, path));
        Assert.Equal(0, Nodes(dense, "QuantizeLinear") + Nodes(dense, "DequantizeLinear"));
        Quantize(instance.Module, instance.Forward, instance.Inputs(16), new QuantizeOptions());
        using var quantized = new Exported(path => ExportOf(instance, path));
        Assert.InRange((double)quantized.File.WeightBytes / dense.File.WeightBytes, 0.25, 0.3);
    }

    [Fact]
    public void The_file_says_what_is_otherwise()
    {
        using var scope = NewDisposeScope();
        using var eight = Quantized(2, new QuantizeOptions { WeightRange = RangeRule.MinMax });
        using var wide = Export(eight, 2);
        Assert.Contains("session.x64quantprecision = 1, or quantize weights to 7 bits", Assert.Single(wide.File.Notes), StringComparison.Ordinal);
        using var seven = Quantized(2, new QuantizeOptions { Weights = 7 });
        using var narrow = Export(seven, 2);
        Assert.Empty(narrow.File.Notes);

        // Zero points of channels: the numbers are the model's, and no kernel has to have such.
        using var affine = Quantized(0, new QuantizeOptions { Grid = WeightGrid.Affine });
        using var mixed = Export(affine, 0);
        Assert.Contains("first: its weight has zero points of its own for channels", string.Join('\n', mixed.File.Notes), StringComparison.Ordinal);
        Assert.Equal(0, Nodes(mixed, "QLinearConv"));

        using (no_grad())
        {
            seven.get_parameter("first.weight")!.add_(1);
        }

        using var moved = Export(seven, 2);
        Assert.Contains("first.weight has been moved since it was quantized", Assert.Single(moved.File.Notes), StringComparison.Ordinal);
        var x = Input(2, 4);
        Assert.True(moved.Difference([Call(seven, x)], x) <= Step(seven));
    }

    [Fact]
    public void Other_types_than_float32_are_refused_where_they_are_quantized()
    {
        using var scope = NewDisposeScope();
        using var model = Quantized(2, new QuantizeOptions());
        model.to(ScalarType.Float64);
        var error = Assert.Throws<OnnxExportException>(() => { Export(model, 2); });
        Assert.Contains("first in Model2: what it takes in is quantized, and is Float64", error.Message, StringComparison.Ordinal);
        Assert.Contains("to_type(Float32)", error.Message, StringComparison.Ordinal);
    }

    private static Exported Quantized(string name)
    {
        manual_seed(7);
        using var instance = Zoo.Named(name).Create(ZooSize.Small);
        Quantize(instance.Module, instance.Forward, instance.Inputs(16), new QuantizeOptions());
        return new Exported(path => ExportOf(instance, path));
    }

    private static nn.Module<Tensor, Tensor> Quantized(int number, QuantizeOptions options)
    {
        manual_seed(5);
        var model = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(Models.Value[number])!;
        using var noGradients = no_grad();
        foreach (var (name, buffer) in model.named_buffers().Where(entry => entry.buffer.is_floating_point()))
        {
            buffer.copy_(name.EndsWith("var", StringComparison.Ordinal) ? rand_like(buffer) + 0.5 : rand_like(buffer) - 0.5);
        }

        Quantize(model, x => [model.call(x[0])], [Input(number, 64)], options);
        return model;
    }

    internal static void Quantize(nn.Module model, Func<Tensor[], Tensor[]> forward, Tensor[] inputs, QuantizeOptions options)
    {
        var data = TrainingData.FromTensors(inputs, zeros(inputs[0].size(0), ScalarType.Int64), batchSize: 16);
        model.eval();
        Pruning.Quantize((dynamic)model, forward, data, options);
    }

    private static Exported Export(nn.Module model, int number) => new(path => ((dynamic)model).ExportOnnx(path, Shape(number)));

    internal static OnnxFile ExportOf(ZooInstance instance, string path) =>
        (OnnxFile)((dynamic)instance.Module).ExportOnnx(path, instance.InputShapes.Count == 1 ? (dynamic)instance.InputShapes[0] : instance.InputShapes.ToArray());

    private static Tensor Call(nn.Module<Tensor, Tensor> model, Tensor x)
    {
        using var noGradients = no_grad();
        return model.call(x);
    }

    private static long[] Shape(int number) => Array.ConvertAll(Shapes[number].Split('x'), long.Parse);

    private static Tensor Input(int number, long batch) => randn([batch, .. Shape(number)[1..]]);

    /// <summary>What one number that is rounded to the next code makes of an answer: a step times the largest weight of the last layers.</summary>
    private static double Step(nn.Module model)
    {
        var points = Pruning.Codes(model).Activations.Values;
        var weight = model.parameters().Where(parameter => parameter.dim() > 1).Max(parameter => parameter.abs().max().ToDouble());
        return points.Count() == 0 ? 1e-5 : 1.01 * points.Max(point => point.Scale) * Math.Max(1, weight);
    }

    internal static double Mean(Tensor[] first, Tensor[] second) =>
        first.Zip(second).Max(pair => (pair.First - pair.Second).abs().mean().to_type(ScalarType.Float64).item<double>());

    private static int Nodes(Exported exported, string op) => Regex.Count(exported.Optimized, $"\"{(char)op.Length}{op}[^A-Za-z]");
}
