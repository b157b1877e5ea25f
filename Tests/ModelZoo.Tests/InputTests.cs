using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>Which features of their inputs the models read is found of every one.</summary>
public sealed class InputTests
{
    public static TheoryData<string> Models => Pruned.Models();

    [Theory]
    [MemberData(nameof(Models))]
    public void A_model_that_reads_every_feature_takes_them_all(string name)
    {
        using var scope = NewDisposeScope();
        using var instance = Pruned.Small(name, seed: 1);
        var shapes = instance.InputShapes.ToArray();
        IReadOnlyList<InputFeatures> used = shapes.Length == 1
            ? ((dynamic)instance.Module).CompactInputs(null, shapes[0])
            : ((dynamic)instance.Module).CompactInputs(null, shapes);
        Assert.Empty(used);
    }
}
