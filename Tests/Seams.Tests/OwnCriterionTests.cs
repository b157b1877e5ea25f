using static TorchSharp.torch;

namespace PruneGen.Seams.Tests;

/// <summary>Keeps the last ones.</summary>
public sealed class ByPosition : ImportanceCriterion, IChannelCriterion, IWeightCriterion
{
    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
        [.. groups.Select(group => Enumerable.Range(0, (int)group.Width).Select(index => 1.0 + index).ToArray())];

    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) =>
        [.. weights.Select(weight => arange(weight.Tensor.numel(), ScalarType.Float32).reshape([.. weight.Shape]))];
}

[Prunable(CriterionType = typeof(ByPosition))]
[Retrain(Epochs = 1)]
public sealed partial class PositionedLeNet5 : LeNet5;

public class OwnCriterionTests
{
    [Fact]
    public void A_criterion_of_ones_own_chooses_by_attribute_and_by_option()
    {
        var report = new PositionedLeNet5().PruneAndRetrain(Digits.Some, Digits.Some, progress: PruneProgress.Quiet);
        Assert.Equal("ByPosition, local", report.PrunedBy["conv1"]);
        Assert.Equal(report.Groups, Digits.Prune(new PlainLeNet5(), new PruneOptions { Criterion = new ByPosition(), Retrain = new() { Epochs = 1 } }).Groups);

        using var result = new PlainLeNet5().Compact(new PruneOptions { Criterion = new ByPosition() });
        Assert.Equal(Enumerable.Range(10, 10).Select(index => (long)index), result.Kept["conv1"]);

        using var weights = new PlainLeNet5().Compact(new PruneOptions { Criterion = new ByPosition(), Granularity = Granularity.Unstructured });
        Assert.Equal(Enumerable.Range(250, 250).Select(index => (long)index), weights.Mask!.Parameters["conv1.weight"].flatten().nonzero().data<long>());
    }
}
