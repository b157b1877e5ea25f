using System.Reflection;
using PruneGen.OnnxRunning;
using static TorchSharp.torch;

namespace PruneGen.RandomModels;

/// <summary>Exports a model, dense and with a random part of every group removed, and compares what ONNX Runtime answers for several batches.</summary>
internal static class ExportedAlike
{
    /// <summary>The difference that rounding may make, relative to the largest answer.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Compares, and returns the largest difference relative to the largest answer.</summary>
    /// <exception cref="OnnxExportException">A step is refused.</exception>
    /// <exception cref="InvalidOperationException">They differ.</exception>
    public static double Compare(Type type, int seed) =>
        (double)typeof(ExportedAlike).GetMethod(nameof(CompareModel), BindingFlags.NonPublic | BindingFlags.Static)!
            .MakeGenericMethod(type).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [seed], null)!;

    private static double CompareModel<TModel>(int seed)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable, new()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        manual_seed(seed);
        using var model = new TModel();
        var input = randn(3, ModelWriter.Channels, ModelWriter.Size, ModelWriter.Size);
        MaskedAndCompacted.Settle(model, input);
        var dense = Difference(model, input.shape);
        var plan = PruningPlan.Link(model, null, input.shape);
        Compaction.Apply(new PruneSelection(plan, MaskedAndCompacted.RandomSelection(plan, seed)));
        return Math.Max(dense, Difference(model, input.shape));
    }

    private static double Difference<TModel>(TModel model, long[] shape)
        where TModel : nn.Module<Tensor, Tensor>, IPrunable
    {
        using var exported = new Exported(path => OnnxExporter.Export(model, path, null, shape));
        return new[] { 1L, 3, 32 }.Max(batch =>
        {
            var input = randn([batch, .. shape[1..]]);
            var expected = model.call(input);
            var difference = exported.Difference([expected], input) / Math.Max(1, expected.abs().max().item<float>());
            return difference <= Tolerance
                ? difference
                : throw new InvalidOperationException(FormattableString.Invariant($"ONNX Runtime's answer to a batch of {batch} differs by {difference}."));
        });
    }
}
