using PruneGen.OnnxRunning;
using PruneGen.Samples.ModelZoo;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Export.Tests;

public class ZooTests
{
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
            var difference = exported.Difference(instance.Evaluate(inputs), inputs);

            // Deep models round by as much in TorchSharp itself, and neither is right then: what both are compared with is the answer in double precision.
            Assert.True(
                difference <= Tolerance || DifferenceFromDouble(exported, instance, inputs) <= Tolerance,
                FormattableString.Invariant($"{name} at {ratio}, batch {samples}: {difference}"));
        }
    }

    private static double DifferenceFromDouble(Exported exported, ZooInstance instance, Tensor[] inputs)
    {
        instance.Module.to(ScalarType.Float64);
        var exact = instance.Evaluate([.. inputs.Select(input => input.is_floating_point() ? input.to_type(ScalarType.Float64) : input)]);
        instance.Module.to(ScalarType.Float32);
        return exact.Zip(exported.Run(inputs), (one, other) => (one - other).abs().max().item<double>()).Max();
    }

    private static OnnxFile Export(ZooInstance instance, string path) =>
        (OnnxFile)((dynamic)instance.Module).ExportOnnx(path, instance.InputShapes.Count == 1 ? (dynamic)instance.InputShapes[0] : instance.InputShapes.ToArray());
}
