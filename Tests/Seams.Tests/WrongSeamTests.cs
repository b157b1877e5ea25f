using static TorchSharp.torch;

namespace PruneGen.Seams.Tests;

/// <summary>What a class of the user's gives that it may not is an error that names the class, and the model stays as it was.</summary>
public class WrongSeamTests
{
    public static TheoryData<Func<PruneOptions>, string> Wrong() => new()
    {
        { () => new() { Scope = new TooFew() }, "TooFew says of 1 groups how many channels stay, and there are 3; give one number each" },
        { () => new() { Allocator = new All() }, "All gives conv1 the ratio 1; give a number from 0 to below 1" },
        { () => new() { Criterion = new OfNothing() }, "OfNothing scores nothing, but whole channels of conv1 are to be pruned; choose L1" },
        { () => new() { Criterion = new OfWeights() }, "OfWeights scores single weights, but whole channels of conv1 are to be pruned" },
        { () => new() { Criterion = new NeedsLabels() }, "NeedsLabels scores by running PlainLeNet5 over data, and none is given; pass training data" },
        { () => new() { Granularity = new Gap() }, "Gap puts the 20 channels of conv1 into the pieces [0, 2" },
        { () => new() { Granularity = new Folds() }, "Folds folds the scores of conv1 to [NaN]; give one finite number for each of 1 pieces" },
        { () => new() { Granularity = new WrongShape() }, "WrongShape gives pieces of conv1.weight as Int64 [20]; give Int64 in the parameter's shape, [20, 1, 5, 5]" },
        { () => new() { Granularity = new WrongMask() }, "WrongMask spreads what stays of conv1.weight to Float32 [20, 1, 5, 5]; give Bool in the parameter's shape" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Is_named_and_changes_nothing(Func<PruneOptions> options, string expected)
    {
        var model = new PlainLeNet5();
        var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());
        Assert.Contains(expected, Assert.Throws<InvalidOperationException>(() => model.Compact(options())).Message, StringComparison.Ordinal);
        Assert.Equal(before, model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray()));
    }

    [Theory]
    [InlineData(0, 1, "reaches [] of the ratio")]
    [InlineData(2, 0.5, "reaches [0.25, 0.5] of the ratio; give at least one round")]
    [InlineData(2, -1, "reaches [-0.5, -1] of the ratio")]
    public void A_schedule_that_does_not_end_at_the_ratio_is_named(int rounds, double end, string expected)
    {
        var options = new PruneOptions { Schedule = new EndsAt(rounds, end) };
        var error = Assert.Throws<InvalidOperationException>(() => new PlainLeNet5().PruneAndRetrain(Digits.Some, Digits.Some, options, PruneProgress.Quiet));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    private sealed class TooFew : RankingScope
    {
        public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces) => [1];
    }

    private sealed class All : RatioAllocator
    {
        public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) =>
            pieces.ToDictionary(one => one.Name, _ => 1.0);
    }

    private sealed class OfNothing : ImportanceCriterion;

    private sealed class OfWeights : ImportanceCriterion, IWeightCriterion
    {
        public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) => [];
    }

    private sealed class NeedsLabels : ImportanceCriterion, IChannelCriterion
    {
        public override CriterionNeeds Needs => CriterionNeeds.Labels;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) => [];
    }

    private sealed class Gap : ChannelGranularity
    {
        public override IReadOnlyList<int> PiecesOf(PruningGroup group) => [.. Enumerable.Range(0, (int)group.Width).Select(channel => 2 * channel)];
    }

    private sealed class Folds : ChannelGranularity
    {
        public override IReadOnlyList<int> PiecesOf(PruningGroup group) => new int[group.Width];

        public override double[] Fold(IReadOnlyList<int> pieces, double[] scores) => [double.NaN];
    }

    private sealed class WrongShape : WeightGranularity
    {
        public override Tensor PiecesOf(PlannedParameter weight) => arange(weight.Shape[0]);
    }

    private sealed class WrongMask : WeightGranularity
    {
        public override Tensor PiecesOf(PlannedParameter weight) => zeros([.. weight.Shape], ScalarType.Int64);

        public override Tensor Spread(PlannedParameter weight, Tensor kept) => ones([.. weight.Shape]);
    }

    private sealed class EndsAt(int rounds, double end) : PruneSchedule
    {
        public override int Rounds => rounds;

        public override double At(double progress) => progress * end;
    }
}
