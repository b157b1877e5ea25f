using PruneGen.OnnxRunning;
using PruneGen.Samples.ModelZoo;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

public class ZooTests
{
    /// <summary>What rounding in single precision may make of the difference, relative to the largest answer where that is above 1.</summary>
    private const double Tolerance = 1e-4;

    public static TheoryData<string, double> Models()
    {
        var data = new TheoryData<string, double>();
        foreach (var model in Zoo.Models)
        {
            foreach (var ratio in new[] { 0, 0.3, 0.5 })
            {
                data.Add(model.Name, ratio);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_of_the_zoo_answers_alike_in_ONNX_Runtime_for_every_batch(string name, double ratio)
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var instance = Zoo.Named(name).Create(ZooSize.Small);
        AsIfTrained.Make(instance, seed: 3);
        if (ratio > 0)
        {
            var plan = instance.Plan(new PruneOptions { Ratio = ratio });
            using var importance = Importance.Of(plan);
            using var selection = Selection.Of(importance);
            using var result = Compaction.Apply(selection);
        }

        using var exported = new Exported(path => Export(instance, path));
        foreach (var samples in new[] { 1, 3, 32 })
        {
            var inputs = instance.Inputs(samples);
            var expected = instance.Evaluate(inputs);
            var (difference, largest) = (exported.Difference(expected, inputs), expected.Max(answer => answer.abs().max().item<float>()));
            Assert.True(
                difference <= Tolerance * Math.Max(1, largest),
                FormattableString.Invariant($"{name} at {ratio}, batch {samples}: {difference}, of answers up to {largest}"));
        }
    }

    private static OnnxFile Export(ZooInstance instance, string path) =>
        (OnnxFile)((dynamic)instance.Module).ExportOnnx(path, instance.InputShapes.Count == 1 ? (dynamic)instance.InputShapes[0] : instance.InputShapes.ToArray());
}
