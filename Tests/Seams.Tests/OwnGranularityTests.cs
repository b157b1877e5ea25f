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

[Prunable(GranularityType = typeof(RowBlocks), Ratio = 0.5)]
[Retrain(Epochs = 1)]
public sealed partial class BlockwiseLeNet5 : LeNet5;

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

    private static void RequireBlocks(LeNet5 model)
    {
        var rows = model.get_parameter("fc1.weight")!.ne(0).any(1).reshape(100, 5).sum(1);
        Assert.Equal((50, 50), (rows.eq(0).sum().item<long>(), rows.eq(5).sum().item<long>()));
    }
}
