using static TorchSharp.torch;

namespace PruneGen.Seams.Tests;

/// <summary>Removes blocks of five rows of a weight.</summary>
public sealed class RowBlocks : WeightGranularity
{
    public override Tensor PiecesOf(PlannedParameter weight)
    {
        long[] column = [weight.Shape[0], .. weight.Shape.Skip(1).Select(_ => 1L)];
        return arange(weight.Shape[0]).div(5, RoundingMode.floor).to_type(ScalarType.Int64).reshape(column).expand([.. weight.Shape]);
    }
}

/// <summary>Removes channels two by two.</summary>
public sealed class Pairs : ChannelGranularity
{
    public override IReadOnlyList<int> PiecesOf(PruningGroup group) => [.. Enumerable.Range(0, (int)group.Width).Select(channel => channel / 2)];
}

[Prunable(GranularityType = typeof(RowBlocks), Ratio = 0.5)]
[Retrain(Epochs = 1)]
public sealed partial class BlockwiseLeNet5 : LeNet5;

/// <summary>The L1 norm of the first weight of a group alone.</summary>
public sealed class OfFirstLayer : ImportanceCriterion, IChannelCriterion
{
    public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
        [.. groups.Select(group => group.Members[0].Parameter.Tensor.abs().flatten(1).sum(1).data<float>().Select(score => (double)score).ToArray())];
}

public class OwnGranularityTests
{
    [Fact]
    public void A_granularity_of_ones_own_zeroes_its_pieces_by_attribute_and_by_option()
    {
        var model = new BlockwiseLeNet5();
        var report = model.PruneAndRetrain(Digits.Some, Digits.Some, progress: PruneProgress.Quiet);
        Assert.Equal("RowBlocks", report.Granularity);
        RequireBlocks(model);

        var plain = new PlainLeNet5();
        Digits.Prune(plain, new PruneOptions { Granularity = new RowBlocks(), Retrain = new() { Epochs = 1 } });
        RequireBlocks(plain);
    }

    [Fact]
    public void Channels_go_in_the_pieces_of_a_granularity_of_ones_own()
    {
        using var result = new PlainLeNet5().Compact(new PruneOptions { Granularity = new Pairs(), Ratio = 0.3 }, inputShape: [2, 1, 28, 28]);
        Assert.Equal(CompactionCheck.Compared, result.Check);
        Assert.Equal([14, 36, 350], result.Groups.Select(group => group.After));
        Assert.All(result.Kept.Values.SelectMany(kept => kept.Chunk(2)), pair => Assert.Equal((pair[0] / 2 * 2, pair[0] + 1), (pair[0], pair[1])));

        // The mean of the two scores decides.
        var both = new PlainLeNet5();
        both.conv1.weight!.detach()[5].zero_();
        both.conv1.weight!.detach()[4].mul_(0.1);
        using var without = both.Compact(new PruneOptions { Granularity = new Pairs(), Ratio = 0.1, Criterion = new OfFirstLayer() });
        Assert.Equal(Enumerable.Range(0, 20).Except([4, 5]).Select(index => (long)index), without.Kept["conv1"]);
    }

    [Fact]
    public void What_was_pruned_before_stays_pruned_in_the_pieces_that_stay()
    {
        var model = new PlainLeNet5();
        model.Compact(new PruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.9 }).Dispose();
        var zeros = model.get_parameter("fc1.weight")!.eq(0);
        using var result = model.Compact(new PruneOptions { Granularity = new RowBlocks(), Ratio = 0.2 });
        Assert.False(result.Mask!.Parameters["fc1.weight"].ne(0).logical_and(zeros).any().item<bool>());
        model.PruneAndRetrain(Digits.Some, Digits.Some, new PruneOptions { Granularity = new RowBlocks(), Ratio = 0.2 }, PruneProgress.Quiet);
        Assert.Equal(0, model.get_parameter("fc1.weight")!.masked_select(zeros).count_nonzero().item<long>());
    }

    private static void RequireBlocks(LeNet5 model)
    {
        var rows = model.get_parameter("fc1.weight")!.ne(0).any(1).reshape(100, 5).sum(1);
        Assert.Equal((50, 50), (rows.eq(0).sum().item<long>(), rows.eq(5).sum().item<long>()));
    }
}
