using System.Text.Json;
using PruneGen.OnnxRunning;
using PruneGen.Samples.ModelZoo;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

/// <summary>What an export promises beside the numbers: names, files, what is refused, and that the model stays as it is.</summary>
public class ExportTests
{
    private const string Start = "public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(";

    private static readonly string[] Sources =
    [
        Start + "Tensor x) { if (x.sum().item<float>() > 0) { return x; } return -x; }",
        Start + "Tensor x) { var y = x.clone(); var view = y[.., 0]; view.add_(1); return y; }",
        Start + "Tensor x) => x + randn_like(x);",
        Start + "Tensor x) => x.mean(new long[] { 1 }, true).squeeze();",
        Start + "Tensor x) => functional.interpolate(x, scale_factor: new double[] { 2, 2 }, mode: InterpolationMode.Bilinear, antialias: true);",
        Start + "Tensor x) => x * (float)Math.Log(x.shape[0]);",
        Start + "Tensor image, Tensor scale) => functional.dropout(image * scale, 0.5);",
        Start + "Tensor x) => x.flatten(1).cumsum(1).expm1();",
        Start + "Tensor tokens) => tokens.view(tokens.shape[0] * tokens.shape[1], -1).view(tokens.shape[0], tokens.shape[1], -1).transpose(1, 2);",
        Start + "Tensor x) => x.digamma();",
        "private readonly Conv2d conv = Conv2d(3, 4, 3); private readonly BatchNorm2d norm = BatchNorm2d(4); private readonly ConvTranspose2d back = ConvTranspose2d(4, 6, 2, groups: 2); private readonly BatchNorm2d last = BatchNorm2d(6); "
            + Start + "Tensor x) => last.call(back.call(norm.call(conv.call(x)).relu()));",
        Start + "Tensor x) { var y = x.to_type(ScalarType.Int64); y.add_(1); return x + y; }",
        Start + "Tensor x) => functional.hardtanh(x, -0.3, 0.8);",
        "private readonly Linear fc = Linear(4, 4); public $NAME() : base(\"m\") { RegisterComponents(); } public override (Tensor Logits, Tensor Twice) forward(Tensor x) { var y = fc.call(x); return (y, y); }",
        "private Tensor memory = zeros(4); " + Start + "Tensor x) { var y = x + memory; memory = y.detach().mean(new long[] { 0 }); return y; }",
    ];

    private static readonly Lazy<Type[]> Models = new(() => Compiled.Models(Sources));

    [Theory]
    [InlineData(0, "2x4", "which way forward goes depends on the values of tensors (x.sum().item<float>() > 0)")]
    [InlineData(1, "2x4", "add_ in Model1: it writes into a tensor whose memory a view shares that is read afterwards")]
    [InlineData(2, "2x4", "ONNX has no counterpart of randn_like that PruneGen knows; give OnnxOptions.Operations a writer")]
    [InlineData(3, "2x4", "is not one and the same for all sizes: squeeze gives")]
    [InlineData(4, "2x3x4x4", "antialias")]
    [InlineData(5, "2x4", "depends on a dynamic dimension in a way that is not written")]
    [InlineData(11, "2x4", "add_ in Model11: it writes into a tensor whose memory a view shares")]
    [InlineData(12, "2x4", "hardtanh gives back what it gets, whatever its limits; use clamp")]
    [InlineData(9, "2x4", "ONNX has no counterpart of digamma")]
    [InlineData(14, "2x4", "cannot be exported: what forward leaves in memory for its next call is not told")]
    public void What_a_graph_cannot_say_is_refused_by_name_and_nothing_is_written(int number, string shape, string because)
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[number])!;
        var path = Path.GetTempFileName();
        File.WriteAllText(path, "what was there");
        var error = Assert.Throws<OnnxExportException>(() => { model.ExportOnnx(path, Shape(shape)); });
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Equal("what was there", File.ReadAllText(path));
        Assert.Equal([path], Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(path) + "*"));
        File.Delete(path);
    }

    [Fact]
    public void A_fixed_batch_lets_through_what_depends_on_it()
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[5])!;
        using var exported = new Exported(path => model.ExportOnnx(path, new OnnxOptions { DynamicDimensions = [] }, Shape("3x4")));
        var x = randn(3, 4);
        Assert.True(exported.Difference([model.call(x)], x) < 1e-6);
    }

    [Fact]
    public void A_writer_of_ones_own_writes_what_PruneGen_does_not()
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[9])!;
        OnnxWriter write = step => [step.Join("Add", step.Input, 1)];
        using var exported = new Exported(path => model.ExportOnnx(path, new OnnxOptions { Operations = { ["digamma"] = write } }, Shape("2x4")));
        var x = rand(2, 4);
        Assert.True(exported.Difference([x + 1], x) < 1e-6);
    }

    [Theory]
    [InlineData(ScalarType.BFloat16, null, "ONNX's Conv takes numbers of one of the types Float16, Float32, Float64, and gets BFloat16")]
    [InlineData(null, ScalarType.Int64, "ONNX's Conv takes numbers of one of the types Float16, Float32, Float64, and gets Int64 and Float32")]
    [InlineData(null, ScalarType.Float64, "ONNX's Conv takes numbers of one of the types Float16, Float32, Float64, and gets Float64 and Float32")]
    public void Element_types_that_an_operator_does_not_take_are_refused_and_nothing_is_written(ScalarType? model, ScalarType? input, string because)
    {
        using var scope = NewDisposeScope();
        dynamic instance = Activator.CreateInstance(Models.Value[10])!;
        if (model is { } type)
        {
            ((nn.Module)instance).to(type);
        }

        var path = Path.GetTempFileName();
        File.WriteAllText(path, "what was there");
        var options = new OnnxOptions { InputTypes = input is { } asked ? new() { ["x"] = asked } : [] };
        var error = Assert.Throws<OnnxExportException>(() => { instance.ExportOnnx(path, options, Shape("2x3x8x8")); });
        Assert.Contains(because, error.Message, StringComparison.Ordinal);
        Assert.Contains("conv in Model10", error.Message, StringComparison.Ordinal);
        Assert.Equal("what was there", File.ReadAllText(path));
        File.Delete(path);
    }

    [Theory]
    [InlineData(ScalarType.Float64, "Conv, ConvTranspose in float64: ONNX allows it, and ONNX Runtime has no such kernels for the CPU")]
    [InlineData(ScalarType.Float32, null)]
    public void What_ONNX_Runtime_has_no_kernels_for_is_told_of(ScalarType type, string? expected)
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[10])!;
        ((nn.Module)model).to(type);
        var path = Path.GetTempFileName();
        OnnxFile file = model.ExportOnnx(path, Shape("2x3x8x8"));
        var loads = Record.Exception(() => new Microsoft.ML.OnnxRuntime.InferenceSession(path).Dispose());
        Assert.Equal(expected is null, loads is null);
        Assert.Equal(expected is null, file.Notes.Count == 0);
        Assert.All(file.Notes, note => Assert.StartsWith(expected!, note, StringComparison.Ordinal));
        File.Delete(path);
    }

    [Theory]
    [InlineData("functional.avg_pool2d(x, 2)", "AveragePool")]
    [InlineData("x.mean(new long[] { 2, 3 })", null)]
    [InlineData("functional.adaptive_avg_pool2d(x, new long[] { 1, 1 })", "GlobalAveragePool")]
    [InlineData("functional.instance_norm(x)", "InstanceNormalization")]
    [InlineData("functional.local_response_norm(x, 3)", "LRN")]
    public void The_notes_of_float64_are_what_ONNX_Runtime_does(string expression, string? op)
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Compiled.Models([Start + $"Tensor x) => {expression};"])[0])!;
        var path = Path.GetTempFileName();
        OnnxFile file = model.ExportOnnx(path, new OnnxOptions { InputTypes = { ["x"] = ScalarType.Float64 } }, Shape("2x3x8x8"));
        var loads = Record.Exception(() => new Microsoft.ML.OnnxRuntime.InferenceSession(path).Dispose());
        var noted = file.Notes.Any(note => note.Contains("in float64", StringComparison.Ordinal));
        Assert.True(noted == loads is not null, $"{op}: {loads?.Message}; {string.Join(" ", file.Notes)}");
        File.Delete(path);
    }

    [Fact]
    public void An_input_that_the_model_does_not_have_is_given_no_type()
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[6])!;
        var options = new OnnxOptions { InputTypes = { ["picture"] = ScalarType.Float64 } };
        var error = Assert.Throws<ArgumentException>(() => { model.ExportOnnx("nowhere.onnx", options, Shape("2x4"), Shape("2x1")); });
        Assert.Contains("OnnxOptions.InputTypes names the input 'picture', and the inputs are image, scale.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Inputs_outputs_and_weights_have_the_names_of_the_source()
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[6])!;
        using var exported = new Exported(path => model.ExportOnnx(path, Shape("2x4"), Shape("2x1")));
        Assert.Equal(["image", "scale"], exported.Session.InputMetadata.Keys);
        Assert.Equal(["batch", ""], exported.Session.InputMetadata["image"].SymbolicDimensions);
        Assert.Contains("drops at random whatever the mode", Assert.Single(exported.File.Notes), StringComparison.Ordinal);

        dynamic several = Activator.CreateInstance(Models.Value[13])!;
        using var named = new Exported(path => several.ExportOnnx(path, Shape("2x4")));
        Assert.Equal(["Logits", "Twice"], named.Session.OutputMetadata.Keys);
        var x = randn(5, 4);
        var (first, second) = ((Tensor, Tensor))several.call(x);
        Assert.True(named.Difference([first, second], x) < 1e-5);
        Assert.Contains("fc.weight", File.ReadAllText(named.File.Path), StringComparison.Ordinal);
    }

    [Fact]
    public void Several_dimensions_may_be_dynamic()
    {
        using var scope = NewDisposeScope();
        dynamic model = Activator.CreateInstance(Models.Value[8])!;
        var options = new OnnxOptions { DynamicDimensions = new() { ["tokens"] = new() { [0] = "batch", [1] = "time" } } };
        using var exported = new Exported(path => model.ExportOnnx(path, options, Shape("2x6x4")));
        foreach (var shape in new[] { "2x6x4", "1x1x4", "5x13x4" })
        {
            var x = randn(Shape(shape));
            Assert.Equal(0, exported.Difference([model.call(x)], x));
        }
    }

    [Fact]
    public void BatchNorm_is_folded_where_that_is_asked_for()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = (nn.Module<Tensor, Tensor>)Activator.CreateInstance(Models.Value[10])!;
        using (no_grad())
        {
            foreach (var buffer in model.named_buffers().Where(entry => entry.buffer.is_floating_point()))
            {
                buffer.buffer.uniform_(0.5, 1.5);
            }
        }

        model.eval();
        var x = randn(2, 3, 8, 8);
        using var noGradients = no_grad();
        foreach (var fold in new[] { false, true })
        {
            using var exported = new Exported(path => ((dynamic)model).ExportOnnx(path, new OnnxOptions { FoldBatchNorm = fold }, x.shape));
            Assert.Equal(fold ? 3 : 5, exported.File.Nodes);
            Assert.True(exported.Difference([model.call(x)], x) < 1e-5);
        }
    }

    [Fact]
    public void Weights_go_into_a_file_of_their_own_from_a_threshold_on()
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named("resnet18").Create(ZooSize.Small);
        using var exported = new Exported(path => ((dynamic)instance.Module).ExportOnnx(path, new OnnxOptions { ExternalDataThreshold = 1000 }, instance.InputShapes[0]));
        Assert.Equal(exported.File.Path + ".data", exported.File.DataPath);
        Assert.True(new FileInfo(exported.File.Path).Length < new FileInfo(exported.File.DataPath!).Length);
        var inputs = instance.Inputs(2);
        Assert.True(exported.Difference(instance.Evaluate(inputs), inputs) <= 1e-4);
    }

    [Fact]
    public void Where_one_of_two_files_cannot_take_its_place_the_earlier_ones_stay()
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named("lenet").Create(ZooSize.Small);
        var options = new OnnxOptions { ExternalDataThreshold = 1000 };
        using var earlier = new Exported(path => ((dynamic)instance.Module).ExportOnnx(path, options, instance.InputShapes[0]));
        var folder = Path.GetDirectoryName(earlier.File.Path)!;
        var (model, data) = (Path.Combine(folder, "other.onnx"), Path.Combine(folder, "other.onnx.data"));

        // The weights are in place when the model is to follow, and something that is no file has its name.
        Directory.CreateDirectory(Path.Combine(model, "in the way"));
        File.WriteAllText(data, "weights of before");
        Assert.ThrowsAny<Exception>(() => { ((dynamic)instance.Module).ExportOnnx(model, options, instance.InputShapes[0]); });
        Assert.Equal("weights of before", File.ReadAllText(data));
        Assert.Equal([data], Directory.GetFiles(folder, "other.onnx*"));

        // The weights themselves cannot take theirs: the model of before is as it was.
        Directory.Delete(model, recursive: true);
        File.Delete(data);
        Directory.CreateDirectory(data);
        File.WriteAllText(model, "model of before");
        Assert.ThrowsAny<Exception>(() => { ((dynamic)instance.Module).ExportOnnx(model, options, instance.InputShapes[0]); });
        Assert.Equal("model of before", File.ReadAllText(model));
        Assert.Equal([model], Directory.GetFiles(folder, "other.onnx*"));

        // Nothing in the way: both are new.
        Directory.Delete(data);
        OnnxFile whole = ((dynamic)instance.Module).ExportOnnx(model, options, instance.InputShapes[0]);
        Assert.Equal((model, data), (whole.Path, whole.DataPath));
        Assert.Equal(new FileInfo(earlier.File.DataPath!).Length, new FileInfo(data).Length);
        Assert.Equal([model, data], Directory.GetFiles(folder, "other.onnx*").Order());
    }

    [Fact]
    public void The_model_stays_as_it_is_and_the_file_tells_of_it()
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named("lenet").Create(ZooSize.Small);
        instance.Module.train();
        var before = instance.Module.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.clone());
        using var exported = new Exported(path => ((dynamic)instance.Module).ExportOnnx(path, new OnnxOptions { Metadata = { ["licence"] = "MIT" } }, instance.InputShapes[0]));
        Assert.True(instance.Module.training);
        Assert.All(instance.Module.parameters(), parameter => Assert.True(parameter.requires_grad));
        Assert.All(instance.Module.state_dict(), entry => Assert.True(before[entry.Key].equal(entry.Value).all().item<bool>()));
        var metadata = exported.Session.ModelMetadata;
        Assert.Equal("PruneGen", metadata.ProducerName);
        Assert.Equal("MIT", metadata.CustomMetadataMap["licence"]);
        var widths = JsonSerializer.Deserialize<Dictionary<string, long[]>>(metadata.CustomMetadataMap["prunegen.widths"])!;
        Assert.Equal(instance.Module.get_parameter("conv1.weight")!.shape, widths["conv1.weight"]);
    }

    [Fact]
    public void The_metadata_tells_which_features_of_its_inputs_a_model_takes()
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named("house-judge").Create(ZooSize.Small);
        using (no_grad())
        {
            instance.Module.get_parameter("figures1.weight")!.index_fill_(1, tensor(new long[] { 0, 3 }), 0);
        }

        var model = (dynamic)instance.Module;
        IReadOnlyList<InputFeatures> used = model.CompactInputs(null, instance.InputShapes.ToArray());
        using var exported = new Exported(path => model.ExportOnnx(path));
        var figures = used.Single();
        Assert.Equal(string.Join(",", figures.InUse), exported.Session.ModelMetadata.CustomMetadataMap["prunegen.input numbers[1]"]);
        Assert.Equal(figures.Dense - 2, exported.Session.InputMetadata["numbers"].Dimensions[1]);
    }

    private static long[] Shape(string text) => Array.ConvertAll(text.Split('x'), size => long.Parse(size, System.Globalization.CultureInfo.InvariantCulture));
}
