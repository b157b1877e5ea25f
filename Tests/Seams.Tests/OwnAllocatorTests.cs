namespace PruneGen.Seams.Tests;

/// <summary>Half of the given ratio where there are few channels, all of it where there are many.</summary>
public sealed class GentleOnNarrow : RatioAllocator
{
    public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) =>
        pieces.Where(one => one.DenseCount < 100).ToDictionary(one => one.Name, one => one.Ratio / 2);
}

[Prunable(AllocatorType = typeof(GentleOnNarrow), Ratio = 0.4)]
[Retrain(Epochs = 1)]
public sealed partial class GentleLeNet5 : LeNet5;

public class OwnAllocatorTests
{
    [Fact]
    public void An_allocator_of_ones_own_decides_the_ratios_by_attribute_and_by_option()
    {
        var report = new GentleLeNet5().PruneAndRetrain(Digits.Some, Digits.Some, progress: PruneProgress.Quiet);
        Assert.Equal([16, 40, 300], report.Groups.Select(group => group.After));
        Assert.Equal([0.2, 0.2, 0.4], report.Groups.Select(group => group.Asked!.Value));

        var options = new PruneOptions { Ratio = 0.4, Allocator = new GentleOnNarrow(), Retrain = new() { Epochs = 1 } };
        Assert.Equal(report.Groups, Digits.Prune(new PlainLeNet5(), options).Groups);
    }
}
