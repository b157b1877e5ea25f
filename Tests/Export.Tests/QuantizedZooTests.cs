using PruneGen.OnnxRunning;
using PruneGen.Samples.ModelZoo;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

/// <summary>
/// Quantized models of the zoo. How many of their numbers lie half-way between two codes hangs on the numbers that are drawn, which are the same each time
/// only where nothing else draws meanwhile.
/// </summary>
[Collection(Name)]
[CollectionDefinition(Name, DisableParallelization = true)]
public class QuantizedZooTests
{
    private const string Name = "Alone";

    public static TheoryData<string> OfTheZoo() => [.. Zoo.Models.Select(model => model.Name)];

    [Theory]
    [MemberData(nameof(OfTheZoo))]
    public void A_quantized_model_of_the_zoo_answers_alike_in_ONNX_Runtime(string name)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var instance = Zoo.Named(name).Create(ZooSize.Small);
        AsIfTrained.Make(instance, seed: 3);
        var test = instance.Inputs(8);
        var before = instance.Evaluate(test);
        QuantizedTests.Quantize(instance.Module, instance.Forward, instance.Inputs(64), new QuantizeOptions());
        var expected = instance.Evaluate(test);
        using var exported = new Exported(path => QuantizedTests.ExportOf(instance, path));

        // A number half-way between two codes may fall to either, and layers behind it make more of it; that is little beside what quantization does.
        var (moved, off) = (QuantizedTests.Mean(before, expected), QuantizedTests.Mean(exported.Run(test), expected));
        var rounding = 1e-6 * Math.Max(1, expected.Max(answer => answer.abs().max().item<float>()));
        Assert.True(off <= Math.Max(rounding, moved / 4), $"{name}: {off}, where quantization has moved the answers by {moved}");
        Assert.True(moved > 10 * rounding, $"{name}: {moved}");
    }
}
