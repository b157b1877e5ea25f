using PruneGen.OnnxRunning;
using PruneGen.Samples.ModelZoo;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

public class StageTests
{
    private const string Start = "public $NAME() : base(\"m\") { RegisterComponents(); } public override Tensor forward(Tensor x) ";

    private static readonly string[] Sources =
    [
        "private readonly Linear a = Linear(64, 64); private readonly Linear b = Linear(64, 2); private readonly Linear c = Linear(2, 64); private readonly Linear d = Linear(64, 64); "
            + Start + "=> d.call(c.call(b.call(a.call(x).relu())).relu());",
        "private readonly Linear a = Linear(8, 8); private readonly Linear b = Linear(8, 8); private readonly Linear c = Linear(8, 8); "
            + Start + "{ var y = a.call(x); var z = b.call(y.relu()) + y; return c.call(z.relu()) * y + x; }",
        Start + "=> x.relu();",
    ];

    private static readonly Lazy<Type[]> Models = new(() => Compiled.Models(Sources));

    public static TheoryData<string, int> OfTheZoo()
    {
        var data = new TheoryData<string, int>();
        foreach (var model in Zoo.Models)
        {
            data.Add(model.Name, 2);
            data.Add(model.Name, 3);
            data.Add(model.Name, 4);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(OfTheZoo))]
    public void The_stages_of_a_model_of_the_zoo_come_to_the_whole(string name, int stages)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var instance = Zoo.Named(name).Create(ZooSize.Small);
        AsIfTrained.Make(instance, seed: 3);
        // What is fused depends on where a graph ends, and rounds otherwise on some processors.
        using var whole = new Exported(path => Export(instance, path), asWritten: true);
        using var staged = new Staged(folder => Stages(instance, folder, stages), asWritten: true);
        Assert.Equal(stages, staged.Stages.Count);
        var names = whole.File.Inputs.Select(input => input.Name).ToList();
        foreach (var samples in new[] { 1, 3 })
        {
            var inputs = instance.Inputs(samples);
            var expected = whole.Run(inputs);
            var actual = staged.Run(names, inputs, whole.File.Outputs.Select(output => output.Name));
            Assert.All(expected.Zip(actual), pair => Assert.Equal(0, (pair.First - pair.Second).abs().max().item<float>()));
        }

        // Each takes what the model is called with, or what an earlier one gives.
        var known = names.ToHashSet();
        foreach (var stage in staged.Stages)
        {
            Assert.Subset(known, stage.File.Inputs.Select(input => input.Name).ToHashSet());
            known.UnionWith(stage.File.Outputs.Select(output => output.Name));
            Assert.Equal(stage == staged.Stages[^1], stage.CutBytes == 0);
        }

        var plan = instance.Plan();
        Assert.Equal(plan.Trace.Steps.Sum(step => plan.Macs(step) ?? 0), staged.Stages.Sum(stage => stage.Macs));
    }

    [Fact]
    public void The_cut_is_where_little_goes_over_and_work_is_even()
    {
        using var scope = NewDisposeScope();
        using var staged = new Staged(folder => ((dynamic)Model(0)).ExportOnnxStages(folder, 2, new long[] { 3, 64 }));
        Assert.Equal([64 * 66, 64 * 66], staged.Stages.Select(stage => stage.Macs));
        Assert.Equal([65 * 64 + 65 * 2, 3 * 64 + 65 * 64], staged.Stages.Select(stage => stage.Parameters));

        // Three samples of two numbers of four bytes.
        Assert.Equal([3 * 2 * 4, 0], staged.Stages.Select(stage => stage.CutBytes));
        Assert.Equal(staged.Stages[0].File.Outputs.Select(value => value.Name), staged.Stages[1].File.Inputs.Select(value => value.Name));
        Assert.Equal(["batch", ""], staged.Sessions[1].InputMetadata.Single().Value.SymbolicDimensions);
        Assert.Equal("2 of 2", staged.Sessions[1].ModelMetadata.CustomMetadataMap["prunegen.stage"]);
    }

    [Fact]
    public void What_later_stages_read_goes_over_every_cut_before_them()
    {
        using var scope = NewDisposeScope();
        using var model = Model(1);
        using var whole = new Exported(path => ((dynamic)model).ExportOnnx(path, new long[] { 1, 8 }));
        using var staged = new Staged(folder => ((dynamic)model).ExportOnnxStages(folder, 3, new long[] { 1, 8 }));
        var x = randn(4, 8);
        Assert.True((whole.Run(x)[0] - staged.Run(["x"], [x], ["output"])[0]).abs().max().item<float>() < 1e-6);

        // Behind a: y and x. Behind b: z or its ReLU, y and x.
        Assert.Equal([64, 96, 0], staged.Stages.Select(stage => stage.CutBytes));
        Assert.Equal([1, 1, 3], staged.Stages.Select(stage => stage.File.Inputs.Count));
        Assert.All(staged.Stages, stage => Assert.Equal(64, stage.Macs));
    }

    [Fact]
    public void No_stage_of_a_deep_model_has_much_more_than_its_share()
    {
        using var scope = NewDisposeScope();
        using var instance = Zoo.Named("resnet18").Create(ZooSize.Small);
        using var staged = new Staged(folder => Stages(instance, folder, 4));

        // A layer is not cut, and the first one has more than a quarter.
        var plan = instance.Plan();
        var most = Math.Max(staged.Stages.Sum(stage => stage.Macs) * 1.25 / 4, plan.Trace.Steps.Max(step => plan.Macs(step)!.Value));
        Assert.All(staged.Stages, stage => Assert.InRange(stage.Macs, 1, most));
        Assert.Equal(instance.Module.parameters().Sum(parameter => parameter.numel()), staged.Stages.Sum(stage => stage.Parameters));
    }

    [Fact]
    public void Codes_go_over_the_cuts_of_a_quantized_model()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var instance = Zoo.Named("vgg16").Create(ZooSize.Small);
        using var dense = new Staged(folder => Stages(instance, folder, 3));
        var data = TrainingData.FromTensors(instance.Inputs(16), zeros(16, ScalarType.Int64), batchSize: 16);
        Pruning.Quantize((dynamic)instance.Module, (Func<Tensor[], Tensor[]>)(x => instance.Forward(x)), data, new QuantizeOptions());
        using var whole = new Exported(path => Export(instance, path));
        using var staged = new Staged(folder => Stages(instance, folder, 3));
        Assert.All(staged.Stages.Skip(1), stage => Assert.Equal(ScalarType.Byte, Assert.Single(stage.File.Inputs).Type));
        Assert.True(staged.Stages.Sum(stage => stage.CutBytes) <= dense.Stages.Sum(stage => stage.CutBytes) / 4);
        var inputs = instance.Inputs(2);
        var answer = staged.Run(whole.File.Inputs.Select(input => input.Name), inputs, whole.File.Outputs.Select(output => output.Name))[0];
        Assert.Equal(0, (whole.Run(inputs)[0] - answer).abs().max().item<float>());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_model_is_not_cut_into_more_stages_than_it_has_places_for(int stages)
    {
        using var scope = NewDisposeScope();
        var folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => { ((dynamic)Model(2)).ExportOnnxStages(folder, stages, new long[] { 2, 4 }); });
        Assert.Contains($"Model2 can be cut in 0 places, and {stages} stages are asked for; give 1 to 1.", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(folder));
    }

    private static nn.Module<Tensor, Tensor> Model(int number) => (nn.Module<Tensor, Tensor>)Activator.CreateInstance(Models.Value[number])!;

    private static OnnxFile Export(ZooInstance instance, string path) => (OnnxFile)((dynamic)instance.Module).ExportOnnx(path, Shapes(instance));

    private static IReadOnlyList<OnnxStage> Stages(ZooInstance instance, string folder, int stages) =>
        (IReadOnlyList<OnnxStage>)((dynamic)instance.Module).ExportOnnxStages(folder, stages, Shapes(instance));

    private static dynamic Shapes(ZooInstance instance) => instance.InputShapes.Count == 1 ? instance.InputShapes[0] : instance.InputShapes.ToArray();
}
