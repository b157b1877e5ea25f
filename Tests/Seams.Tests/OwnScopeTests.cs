namespace PruneGen.Seams.Tests;

/// <summary>Takes what all together lose from the widest group alone.</summary>
public sealed class FromTheWidest : RankingScope
{
    public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces)
    {
        var lost = (long)pieces.Sum(one => one.Count * one.Ratio);
        var widest = pieces.MaxBy(one => one.Count);
        return [.. pieces.Select(one => one == widest ? one.Count - lost : one.Count)];
    }
}

[Prunable(ScopeType = typeof(FromTheWidest), Ratio = 0.5)]
[Retrain(Epochs = 1)]
public sealed partial class WidestFirstLeNet5 : LeNet5;

public class OwnScopeTests
{
    [Fact]
    public void A_scope_of_ones_own_ranks_by_attribute_and_by_option()
    {
        var report = new WidestFirstLeNet5().PruneAndRetrain(Digits.Some, Digits.Some, progress: PruneProgress.Quiet);
        Assert.Equal([20, 50, 500 - 285], report.Groups.Select(group => group.After));
        Assert.Equal("L2, fromthewidest", report.PrunedBy["fc1"]);
        Assert.Equal((570, 285), (report.Pool!.Before, report.Pool.After));

        var options = new PruneOptions { Scope = new FromTheWidest(), Retrain = new() { Epochs = 1 } };
        Assert.Equal(report.Groups, Digits.Prune(new PlainLeNet5(), options).Groups);
    }
}
