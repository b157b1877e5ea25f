using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Allocators without data choose what their plain, slow forms choose.</summary>
public class AllocatorChoiceTests
{
    public static TheoryData<string> Models => [.. Pruned.Models.Keys];

    [Theory]
    [MemberData(nameof(Models))]
    public void Allocators_choose_what_counting_everything_at_every_step_chooses(string name)
    {
        var random = new Random(name.Length);
        for (var trial = 0; trial < 12; trial++)
        {
            using var scope = NewDisposeScope();
            var space = Space(name, trial, random);
            Assert.Equal(PlainAllocators.Global(space), GlobalAllocator.Instance.Choose(space));
            Assert.Equal(PlainAllocators.Greedy(space), GreedyAllocator.Instance.Choose(space));

            long[] start = [.. space.Groups.Select(group => group.AtMost(group.Least + (random.NextDouble() * 0.5 * (group.Count - group.Least))))];
            start = space.Fits(start) ? start : space.Least;
            Assert.Equal(PlainAllocators.Filled(space, start), space.Filled(start));
        }
    }

    [Fact]
    public void A_cost_that_is_no_closed_form_is_asked_at_the_widths_themselves()
    {
        using var scope = NewDisposeScope();
        var plan = new LeNet().Plan(new PruneOptions { Budget = new() { Macs = 0.4 } });
        using var importance = Importance.Of(plan);
        var pieces = Selection.PiecesByRatio(importance);
        var counted = WidthSpace.Of(plan, pieces);
        var both = WidthSpace.Of(plan, pieces, [.. counted.Costs, new Stairs(counted.WidthsOf(counted.All))]);
        Assert.Equal(PlainAllocators.Greedy(both), GreedyAllocator.Instance.Choose(both));
        Assert.Equal(PlainAllocators.Filled(both, both.Least), both.Filled(both.Least));
        Assert.NotEqual(GreedyAllocator.Instance.Choose(counted), GreedyAllocator.Instance.Choose(both));
    }

    /// <summary>One of several kinds of budgets, of scopes, of roundings, and of scores with and without ties.</summary>
    private static WidthSpace Space(string name, int trial, Random random)
    {
        var share = 0.1 + (0.8 * random.NextDouble());
        var options = new PruneOptions
        {
            Budget = new() { Macs = 1, Parameters = trial % 2 == 0 ? null : 1, Bytes = trial % 3 == 0 ? 1 : null },
            Criterion = trial % 4 == 3 ? new FewScores() : Criterion.L1,
            Scope = trial % 3 == 2 ? Scope.GlobalByMacs : Scope.Local,
            RoundTo = trial % 5 == 4 ? 4 : 1,
        };
        var plan = Pruned.Models[name](trial + 1).Plan(options);
        using var importance = Importance.Of(plan);
        var pieces = Selection.PiecesByRatio(importance);
        var all = WidthSpace.Of(plan, pieces);
        var least = all.CostsOf(all.Least);
        return WidthSpace.Of(plan, pieces, [
            .. all.Costs.Cast<CountCost>().Select(
                (cost, i) => new CountCost(cost.Name, cost.Formula, cost.Dense, least[i] + Math.Floor(share * (1 - (0.2 * i)) * (cost.Dense - least[i])))),
        ]);
    }

    /// <summary>Three different scores.</summary>
    private sealed class FewScores : ImportanceCriterion, IChannelCriterion
    {
        public override bool OnOneScale => true;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
            [.. groups.Select(group => Enumerable.Range(0, (int)group.Width).Select(i => (double)(i * 7 % 3)).ToArray())];
    }

    /// <summary>A cost that jumps where a width needs a further eight.</summary>
    private sealed class Stairs(long[] all) : WidthCost("eights", all.Sum(Eights), Math.Floor(0.5 * all.Sum(Eights)))
    {
        public override double At(long[] widths) => widths.Sum(Eights);

        private static double Eights(long width) => (width + 7) / 8;
    }
}
