using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Budgets: what widths are within them, as closed forms tell.</summary>
public class WidthSpaceTests
{
    // LeNet-5: 25·a·576 + 25·a·b·64 + 16·b·c + 10·c multiply-accumulates with a-b-c channels, 2,293,000 with 20-50-500.
    [Fact]
    public void Uniform_shares_are_the_largest_that_fit()
    {
        using var scope = NewDisposeScope();
        var widths = Widths(new PruneOptions { Budget = new() { Macs = 0.3 } });

        // 687,900 at most. Half of each, 10-25-250, costs 144,000 + 400,000 + 100,000 + 2,500 = 646,500; the next step of the share is that of 251 neurons
        // (20·0.502 is still 10, 50·0.502 still 25): 401 more each. It goes on to 259 (0.518), before 50·0.52 = 26 channels would cost 16,000 + 16·260 more.
        Assert.Equal(10, widths["conv1"]);
        Assert.True(Macs(widths) <= 687_900);
        var largest = Enumerable.Range(0, 1001).Select(i => i / 1000.0).Where(share => Macs(At(share)) <= 687_900).Max();
        Assert.InRange((double)widths["fc1"] / 500, largest - 0.002, largest + 0.002);
        Assert.Equal((long)Math.Floor(50.0 * widths["fc1"] / 500 + 0.05), widths["conv2"]);

        static Dictionary<string, long> At(double share) => new()
        {
            ["conv1"] = Math.Max(1, (long)((20 * share) + 1e-9)), ["conv2"] = Math.Max(1, (long)((50 * share) + 1e-9)), ["fc1"] = Math.Max(1, (long)((500 * share) + 1e-9)),
        };
    }

    [Theory]
    [InlineData(Allocator.ByScope)]
    [InlineData(Allocator.Uniform)]
    [InlineData(Allocator.Global)]
    [InlineData(Allocator.Greedy)]
    [InlineData(Allocator.DynamicProgramming)]
    public void The_budget_is_met_from_below_with_multiples_smallest_widths_and_ratios_of_layers(Allocator allocator)
    {
        foreach (var share in new[] { 0.9, 0.5, 0.3, 0.15, 0.08 })
        {
            using var scope = NewDisposeScope();
            var model = new LeNet();
            var options = new PruneOptions { Budget = new() { Macs = share, Parameters = 0.5 }, Allocator = allocator, RoundTo = 4, MinWidth = 3 };
            options.Layers["fc1"] = new LayerPruneOptions { Ratio = 0.9 };
            using var result = Pruned.Compact(model, options);
            Assert.True(result.After.Macs <= share * 2_293_000, $"{result.After.Macs} at {share}");
            Assert.True(result.After.Parameters <= 0.5 * 431_080);
            Assert.Equal(52, model.fc1.weight!.size(0));
            Assert.All(new[] { model.conv1.weight!.size(0), model.conv2.weight!.size(0) }, width => Assert.True(width >= 4 && width % 4 == 0 || width is 20 or 50));
        }
    }

    /// <summary>
    /// Equal scores, each a share of its group's norm: 0.224, 0.141, 0.045. Multiply-accumulates that one channel saves: 94,400, 40,000, 810. For these a neuron
    /// of the wide layer is dear; by importance alone all but one of them go, and the error with them. With √n ln(k / (k − 1)) for the k-th channel of n, the
    /// eleventh of conv1 (4.515e-6 for a multiply-accumulate) goes before the 39th of conv2 (4.592e-6), and is the last that has to.
    /// </summary>
    [Theory]
    [InlineData(Scope.Local, 10, 39, 500)]
    [InlineData(Scope.GlobalByMacs, 7, 50, 500)]
    [InlineData(Scope.Global, 20, 26, 1)]
    public void A_ranking_of_all_counts_what_a_channel_costs_of_the_budget_unless_the_scope_says_otherwise(Scope scope, long conv1, long conv2, long fc1)
    {
        using var disposed = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            foreach (var parameter in model.parameters())
            {
                parameter.fill_(1);
            }
        }

        using var result = Pruned.Compact(model, new PruneOptions { Budget = new() { Macs = 0.5 }, Allocator = Allocator.Global, Scope = scope });
        Assert.Equal([conv1, conv2, fc1], new[] { model.conv1.weight!.size(0), model.conv2.weight!.size(0), model.fc1.weight!.size(0) });
    }

    [Fact]
    public void The_last_channels_of_a_group_are_worth_ever_more()
    {
        using var disposed = NewDisposeScope();
        var model = new LeNet();
        using (no_grad())
        {
            foreach (var parameter in model.parameters())
            {
                parameter.fill_(1);
            }
        }

        var plan = model.Plan(new PruneOptions { Budget = new() { Macs = 0.5 } });
        using var importance = Importance.Of(plan);
        var group = WidthSpace.Of(plan, Selection.PiecesByRatio(importance)).Groups[0];

        // Twenty channels of 1 / √20 each: −√20 ln(kept / 20).
        Assert.Equal(0, group.Loss(20));
        Assert.Equal(-Math.Sqrt(20) * Math.Log(0.95), group.Loss(19), 6);
        Assert.Equal(Math.Sqrt(20) * Math.Log(20), group.Loss(1), 6);
        Assert.Equal(double.PositiveInfinity, group.Loss(0));
    }

    [Fact]
    public void What_was_removed_before_counts()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        using var first = Pruned.Compact(model, new PruneOptions { Budget = new() { Macs = 0.5 } });
        using var again = Pruned.Compact(model, new PruneOptions { Budget = new() { Macs = 0.5 } });
        Assert.Equal(first.After, again.After);
        using var less = Pruned.Compact(model, new PruneOptions { Budget = new() { MaxMacs = 500_000 } });
        Assert.InRange(less.After.Macs!.Value, 400_000, 500_000);
    }

    [Fact]
    public void Bytes_and_parameters_are_counted_as_the_model_has_them()
    {
        using var scope = NewDisposeScope();
        var plan = new LeNet().Plan();
        Assert.Equal(431_080 * 4, plan.Bytes());
        Assert.Equal(4 * (26 + 26 + 17 + 20), plan.Bytes(_ => 1));
        var residual = new ResidualNet();
        var count = ModelCount.Of(residual.Plan());
        using var result = Pruned.Compact(residual, new PruneOptions { Budget = new() { Bytes = 0.4 } });
        Assert.True(result.After.Bytes <= 0.4 * count.Bytes);
        Assert.Equal(result.After.Bytes, residual.state_dict().Values.Sum(tensor => tensor.numel() * tensor.element_size()));
    }

    [Fact]
    public void What_cannot_be_met_says_the_smallest_and_what_holds_it()
    {
        using var scope = NewDisposeScope();
        var options = new PruneOptions { Budget = new() { Macs = 0.1 }, RoundTo = 8 };
        options.Layers["conv2"] = new LayerPruneOptions { KeepWidth = true };

        // 8-50-8: 115,200 + 640,000 + 6,400 + 80.
        var message = Assert.Throws<InvalidOperationException>(() => Pruned.Compact(new LeNet(), options)).Message;
        Assert.Contains("229,300 multiply-accumulates", message);
        Assert.Contains("761,680, 33.22 %", message);
        Assert.Contains("conv2 keeps its width: [KeepWidth] holds conv2", message);
        Assert.Contains("conv1 keeps 8 of 20: RoundTo = 8", message);
    }

    [Fact]
    public void A_search_says_where_it_can_be_asked()
    {
        using var scope = NewDisposeScope();
        var options = new PruneOptions { Budget = new() { Macs = 0.5 }, Allocator = Allocator.Genetic };
        Assert.Contains("FindRatios(budget, train, validation)", Assert.Throws<InvalidOperationException>(() => Pruned.Compact(new LeNet(), options)).Message);
        Assert.Contains("[Budget(Macs = 0.3)]", Assert.Throws<InvalidOperationException>(
            () => Pruned.Compact(new LeNet(), new PruneOptions { Allocator = Allocator.Uniform })).Message);
    }

    [Fact]
    public void An_allocator_of_ones_own_is_held_to_the_budget()
    {
        using var scope = NewDisposeScope();
        var message = Assert.Throws<InvalidOperationException>(
            () => Pruned.Compact(new LeNet(), new PruneOptions { Budget = new() { Macs = 0.5 }, Allocator = new Tenth() })).Message;
        Assert.Contains("Tenth leaves", message);
        Assert.Contains("the budget is 1,146,500", message);
    }

    [Theory]
    [InlineData(1.5, null, "give a share above 0 and up to 1")]
    [InlineData(0.0, null, "give a share above 0 and up to 1")]
    [InlineData(0.5, 100L, "both Macs and MaxMacs")]
    [InlineData(null, null, "limits nothing")]
    [InlineData(null, 0L, "MaxMacs of the budget is 0")]
    public void A_budget_that_says_nothing_or_twice_is_refused(double? share, long? most, string says)
    {
        var budget = new PruneBudget { Macs = share, MaxMacs = most };
        Assert.Contains(says, Assert.ThrowsAny<ArgumentException>(() => new PruneOptions { Budget = budget }.Validate()).Message);
    }

    [Fact]
    public void Greedy_takes_what_saves_most_for_its_importance()
    {
        using var scope = NewDisposeScope();

        // With equal scores per channel everything goes where a channel is dearest: as in ScopeTests, but with costs at the widths so far.
        var widths = Widths(new PruneOptions { Budget = new() { Macs = 0.5 }, Allocator = Allocator.Greedy, Criterion = new Ones() });
        Assert.True(widths["conv1"] < 20 && Macs(widths) <= 1_146_500);
        Assert.Equal(500, widths["fc1"]);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(0.5)]
    [InlineData(0.85)]
    public void Dynamic_programming_finds_what_trying_everything_finds(double share)
    {
        foreach (var (name, make) in Pruned.Models)
        {
            using var scope = NewDisposeScope();
            for (var seed = 1; seed <= 2; seed++)
            {
                var plan = make(seed).Plan(new PruneOptions { Budget = new() { Macs = 1, Parameters = 1 } });
                using var importance = Importance.Of(plan);
                var pieces = Selection.PiecesByRatio(importance);
                var all = WidthSpace.Of(plan, pieces);
                var least = all.CostsOf(all.Least);
                WidthCost[] costs =
                [
                    .. all.Costs.Cast<CountCost>().Select((cost, i) => new CountCost(cost.Name, cost.Formula, cost.Dense, least[i] + (share * (cost.Dense - least[i])))),
                ];
                var space = WidthSpace.Of(plan, pieces, seed == 1 ? [costs[0]] : costs);
                (long Kept, double Loss)[][] options = [.. space.Groups.Select(group => group.Grid(3).Select(kept => (kept, group.Loss(kept))).ToArray())];
                if (options.Length is 0 or > 8)
                {
                    continue;
                }

                var found = new DynamicProgrammingAllocator { MostStates = 20_000 }.Choose(space, options);
                Assert.True(space.Fits(found), name);
                Assert.Equal(BruteForce(space, options), Loss(space, found), 9);
            }
        }
    }

    [Fact]
    public void More_states_than_allowed_still_give_a_choice_within_the_budget()
    {
        using var scope = NewDisposeScope();
        var widths = Widths(new PruneOptions { Budget = new() { Macs = 0.3 }, Allocator = new DynamicProgrammingAllocator { Options = 20, MostStates = 5 } });
        Assert.True(Macs(widths) <= 687_900);
    }

    [Fact]
    public void Masked_layers_and_pruned_channels_stand_side_by_side()
    {
        using var scope = NewDisposeScope();
        var options = new PruneOptions { Budget = new() { Macs = 0.5 } };
        options.Layers["fc1"] = new LayerPruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.9 };
        var model = new LeNet();
        using var result = Pruned.Compact(model, options);
        Assert.True(result.After.Macs <= 1_146_500);
        Assert.Equal(500, model.fc1.weight!.size(0));
        Assert.NotNull(result.Mask);
    }

    private static double BruteForce(WidthSpace space, (long Kept, double Loss)[][] options)
    {
        var best = double.PositiveInfinity;
        for (var code = 0; code < (int)Math.Pow(3, options.Length); code++)
        {
            var rest = code;
            var chosen = options.Select(own =>
            {
                var one = own[rest % 3 % own.Length];
                rest /= 3;
                return one;
            }).ToArray();
            if (space.Fits([.. chosen.Select(one => one.Kept)]))
            {
                best = Math.Min(best, chosen.Sum(one => one.Loss));
            }
        }

        return best;
    }

    private static double Loss(WidthSpace space, long[] kept) => space.Groups.Select((group, i) => group.Loss(kept[i])).Sum();

    private static long Macs(Dictionary<string, long> widths) =>
        (25 * 576 * widths["conv1"]) + (25 * 64 * widths["conv1"] * widths["conv2"]) + (16 * widths["conv2"] * widths["fc1"]) + (10 * widths["fc1"]);

    private static Dictionary<string, long> Widths(PruneOptions options)
    {
        using var importance = Importance.Of(new LeNet().Plan(options));
        using var selection = Selection.Of(importance);
        return selection.Kept.ToDictionary(entry => entry.Key, entry => entry.Value.LongLength);
    }

    private sealed class Tenth : RatioAllocator
    {
        public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) => pieces.ToDictionary(one => one.Name, _ => 0.1);
    }

    private sealed class Ones : ImportanceCriterion, IChannelCriterion
    {
        public override bool OnOneScale => true;

        public double[][] ScoreChannels(ScoringContext context, IReadOnlyList<PruningGroup> groups) =>
            [.. groups.Select(group => Enumerable.Repeat(1.0, (int)group.Width).ToArray())];
    }
}
