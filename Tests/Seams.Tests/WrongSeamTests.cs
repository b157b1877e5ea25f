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
        { () => new() { Scope = new Nothing() }, "Nothing says of 0 groups how many channels stay, and there are 3" },
        { () => new() { Allocator = new Ratios(null) }, "Ratios gives null in place of ratios" },
        { () => new() { Allocator = new Ratios("conv9") }, "Ratios gives a ratio for 'conv9', which PlainLeNet5 does not have; give ratios by RankedPieces.Name, such as conv1, conv2, fc1." },
        { () => new() { Criterion = new Scores([]) }, "Scores scores 0 of 3 groups; give the scores of each" },
        { () => new() { Criterion = new Scores(null) }, "Scores scores null of 3 groups" },
        { () => new() { Criterion = new Scores([null!, null!, null!]) }, "Scores gives 0 scores for conv1, which has 20 channels" },
        { () => new() { Criterion = new WeightScores([]), Granularity = Granularity.Unstructured }, "WeightScores scores 0 of 4 parameters" },
        { () => new() { Criterion = new WeightScores([null!, null!, null!, null!]), Granularity = Granularity.Unstructured }, "WeightScores gives null for conv1.weight" },
        { () => new() { Granularity = new Chosen() }, "Chosen would set all weights of conv1.weight to zero; have it keep one at least" },
        { () => new() { Granularity = new SpreadToNothing() }, "SpreadToNothing would set all weights of conv1.weight to zero" },
        { () => new() { Granularity = new NoPieces() }, "NoPieces gives pieces of conv1.weight as null" },
    };

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(double.NaN)]
    public void A_schedule_that_reaches_its_ratio_outside_of_the_training_is_named(double until)
    {
        var options = new PruneOptions { Granularity = Granularity.Unstructured, Schedule = new ReachedBy(until) };
        Refused<InvalidOperationException>(
            model => model.PruneAndRetrain(Digits.Some, Digits.Some, options, PruneProgress.Quiet), "ReachedBy comes to the ratio by", "have Until give a number above 0, up to 1");
    }

    [Fact]
    public void Values_that_are_not_finite_are_not_shared() => Refused<InvalidOperationException>(
        model => Pruning.ShareWeights(model, new ShareOptions { By = new AllAlike(double.NaN) }), "AllAlike makes NaN of element 0 of conv1.weight", "have it give finite values of Float32");

    [Fact]
    public void What_is_held_at_zero_stays_zero_when_weights_are_shared() => Refused<InvalidOperationException>(
        model => Pruning.ShareWeights(model, new ShareOptions { By = new AllAlike(0.5) }),
        model => model.PruneAndRetrain(
            Digits.Some, Digits.Some, new PruneOptions { Granularity = Granularity.Unstructured, Retrain = new() { Epochs = 0 } }, PruneProgress.Quiet),
        "AllAlike makes 0.5 of element", "which is 0; have it give finite values of Float32, and zero for what is zero");

    [Theory]
    [InlineData(float.NaN, 1)]
    [InlineData(-1, float.PositiveInfinity)]
    [InlineData(1, -1)]
    public void Ranges_that_are_none_quantize_nothing(float least, float most)
    {
        Refused<InvalidOperationException>(
            model => Quantize(model, new QuantizeOptions { WeightRange = new From(least, most) }), "The range From gives", "for conv1.weight; give finite numbers, the least first");
        Refused<InvalidOperationException>(
            model => Quantize(model, new QuantizeOptions { ActivationRange = new From(least, most) }), "The range From gives", "for what conv1 takes in; give finite numbers, the least first");
    }

    [Fact]
    public void Ranges_and_roundings_that_are_null_are_named()
    {
        Refused<InvalidOperationException>(
            model => Quantize(model, new QuantizeOptions { WeightRange = new From(null, 1) }), "The range From gives null to [20] for conv1.weight, which has 20 rows");
        Refused<InvalidOperationException>(
            model => Quantize(model, new QuantizeOptions { ActivationRange = new From(null, 1) }), "The range From gives null to [1] for what conv1 takes in");
        Refused<InvalidOperationException>(
            model => Quantize(model, new QuantizeOptions { Rounding = new RoundsNothing() }), "The rounding RoundsNothing gives codes for conv1.weight");
    }

    public static TheoryData<Func<RetrainOptions>, string> WrongTraining() => new()
    {
        { () => new() { Loss = (_, _) => null! }, "RetrainOptions.Loss gives null, but a loss is one number" },
        { () => new() { LossOfAll = (_, _) => null! }, "RetrainOptions.LossOfAll gives null, but a loss is one number" },
        { () => new() { Distill = Distill.SoftTargets, Teacher = _ => null! }, "The teacher gives null in place of its results" },
        { () => new() { Distill = Distill.SoftTargets, Teacher = _ => [null!] }, "The teacher gives null in place of its results" },
        { () => new() { OptimizerFactory = (_, _) => null! }, "RetrainOptions.OptimizerFactory gives null; have it give an optimizer" },
        { () => new() { SchedulerFactory = _ => null! }, "RetrainOptions.SchedulerFactory gives null; have it give a scheduler" },
        { () => new() { Callbacks = [new NoLoss()] }, "NoLoss.OnLoss gives null, but a loss is one number" },
    };

    [Theory]
    [MemberData(nameof(WrongTraining))]
    public void A_function_that_gives_null_to_a_training_is_named(Func<RetrainOptions> retrain, string expected) => Refused<Exception>(
        model => model.PruneAndRetrain(Digits.Some, Digits.Some, new PruneOptions { Retrain = retrain() }, PruneProgress.Quiet), expected);

    private static void Quantize(PlainLeNet5 model, QuantizeOptions options) =>
        Pruning.Quantize(model, inputs => [model.call(inputs[0])], Digits.Some, options);

    private static void Refused<TException>(Action<PlainLeNet5> work, params string[] expected)
        where TException : Exception => Refused<TException>(work, _ => { }, expected);

    private static void Refused<TException>(Action<PlainLeNet5> work, Action<PlainLeNet5> first, params string[] expected)
        where TException : Exception
    {
        using var model = new PlainLeNet5();
        first(model);
        var before = model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray());
        var error = Assert.ThrowsAny<TException>(() => work(model));
        Assert.True(error is InvalidOperationException or ArgumentException, error.ToString());
        Assert.All(expected, text => Assert.Contains(text, error.Message, StringComparison.Ordinal));
        Assert.Equal(before, model.state_dict().ToDictionary(entry => entry.Key, entry => entry.Value.bytes.ToArray()));
        Assert.Empty(Pruning.Codes(model).Weights);
        Assert.Empty(Pruning.Codes(model).Activations);
    }

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

    private sealed class Nothing : RankingScope
    {
        public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces) => null!;
    }

    private sealed class Ratios(string? of) : RatioAllocator
    {
        public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) =>
            of is null ? null! : new Dictionary<string, double> { [of] = 0.5 };
    }

    private sealed class Scores(double[][]? given) : ImportanceCriterion, IChannelCriterion
    {
        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) => given!;
    }

    private sealed class WeightScores(Tensor[] given) : ImportanceCriterion, IWeightCriterion
    {
        public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) => given;
    }

    private sealed class Chosen : WeightGranularity
    {
        public override Tensor Choose(PlannedParameter weight, Tensor scores, double ratio, double share) => zeros([.. weight.Shape], ScalarType.Bool);

        public override Tensor PiecesOf(PlannedParameter weight) => throw new NotSupportedException();
    }

    private sealed class SpreadToNothing : WeightGranularity
    {
        public override Tensor PiecesOf(PlannedParameter weight) => zeros([.. weight.Shape], ScalarType.Int64);

        public override Tensor Spread(PlannedParameter weight, Tensor kept) => zeros([.. weight.Shape], ScalarType.Bool);
    }

    private sealed class NoPieces : WeightGranularity
    {
        public override Tensor PiecesOf(PlannedParameter weight) => null!;
    }

    private sealed class ReachedBy(double until) : PruneSchedule
    {
        public override int Rounds => 4;

        public override bool IsGradual => true;

        public override double Until => until;

        public override double At(double progress) => progress;
    }

    private sealed class AllAlike(double value) : CodeAssignment
    {
        public override SharedCode Assign(WeightToShare weight) => new SharedWeight(weight.Shape, [value], new ushort[weight.Values.Length]);
    }

    private sealed class From(float? least, float most) : RangeObserver
    {
        private long count;

        public override RangeObserver New() => new From(least, most);

        public override void Observe(Tensor rows) => count = rows.size(0);

        public override (Tensor Least, Tensor Most) RangeFor(CodeGrid grid) => (least is float low ? full(count, low) : null!, full(count, most));
    }

    private sealed class RoundsNothing : WeightRounding
    {
        public override Tensor Round(WeightToRound weight) => null!;
    }

    private sealed class NoLoss : TrainingCallback
    {
        public override Tensor OnLoss(TrainingContext context, Batch batch, IReadOnlyList<Tensor> results, Tensor loss) => null!;
    }
}
