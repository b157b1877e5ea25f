using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Widths and bits, found together under one budget.</summary>
public sealed class JointSearchTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-joint").FullName;
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<string> Models => [.. Pruned.Models.Keys];

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(Allocator.Uniform)]
    [InlineData(Allocator.Greedy)]
    [InlineData(Allocator.DynamicProgramming)]
    [InlineData(Allocator.Sensitivity)]
    [InlineData(Allocator.RandomSearch)]
    [InlineData(Allocator.Annealing)]
    [InlineData(Allocator.Genetic)]
    [InlineData(Allocator.NonDominatedSorting)]
    [InlineData(Allocator.Reinforcement)]
    public void What_is_found_is_within_the_budget_and_the_model_that_is_made_of_it_too(Allocator allocator)
    {
        foreach (var budget in new PruneBudget[] { new() { BitOperations = 0.02, Parameters = 0.9 }, new() { StoredBytes = 0.3 } })
        {
            var (model, data) = SearchTests.Blobs.Trained();
            var before = TinyNet.Bits(model);
            var options = new PruneOptions { Allocator = allocator, MeasureLatency = false, Retrain = new() { Epochs = 1 } };
            var result = model.FindRatios(budget, data, data, options, new SearchSettings { Evaluations = 16 });
            Assert.Equal(before, TinyNet.Bits(model));
            Assert.Empty(Pruning.Codes(model).Weights);
            Assert.Empty(Pruning.Codes(model).Activations);
            Assert.All(result.Costs, cost => Assert.True(cost.Found <= cost.Limit, result.ToString()));
            Assert.Equal(["first", "second", "head"], result.Bits.Select(layer => layer.Layer));
            Assert.All(result.Bits, layer => Assert.Contains(layer.Bits, new[] { 2, 4, 6, 8 }));

            // 6·a, a·b and 3·b multiply-accumulates with activations of 8 bits; 324 of them in the dense original.
            var (widths, bits) = (result.Groups.Select(group => group.Kept).ToList(), result.Bits.Select(layer => layer.Bits).ToList());
            var operations = 8 * ((6 * widths[0] * bits[0]) + (widths[0] * widths[1] * bits[1]) + (3 * widths[1] * bits[2]));
            Assert.True(budget.BitOperations is not double share || operations <= share * 324 * 1024);
            Assert.True(budget.BitOperations is null || operations == result.Costs.Single(cost => cost.Name == "bit operations").Found);

            model.PruneAndRetrain(data, data, result.Options, PruneProgress.Quiet);
            Assert.Equal(widths, [model.first.weight!.size(0), model.second.weight!.size(0)]);
            var codes = Pruning.Codes(model);
            Assert.Equal(result.Bits, result.Bits.Select(layer => layer with { Bits = ((QuantizedWeight)codes.Weights[layer.Layer + ".weight"]).Bits }));
            Assert.All(codes.Activations.Values, point => Assert.Equal(8, point.Bits));
            Assert.True(budget.StoredBytes is not double stored || WeightsSection.Of(model).Length <= stored * 1684);
        }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_file_is_no_larger_than_what_is_counted_for_it(string name)
    {
        var random = new Random(name.Length);
        for (var trial = 0; trial < 4; trial++)
        {
            using var inner = NewDisposeScope();
            var model = Pruned.Models[name](trial + 1);
            var quantize = new QuantizeOptions { Activations = 0, Grid = trial % 2 == 0 ? WeightGrid.Affine : WeightGrid.Symmetric, PerChannel = trial < 2 };
            var plan = model.Plan(new PruneOptions { Quantize = quantize });
            var layers = new BitWidths(plan);
            var bits = layers.Layers.ToDictionary(layer => layer.Layer, _ => 2 * random.Next(1, 5));
            var context = new ScoringContext(plan, model.Forward, data: null, PruneProgress.Quiet, default);
            new ModelQuantizer(plan, all: null, context, hasData: false, bits).Run();
            long[] widths = [.. plan.WidthsOf(), .. layers.Layers.Select(layer => (long)bits[layer.Layer])];
            Assert.NotEmpty(bits);
            Assert.InRange(8 * WeightsSection.Of(model).Length, 1, layers.Stored.At(widths));
            Assert.Equal(bits.Values, bits.Keys.Select(layer => ((QuantizedWeight)Pruning.Codes(model).Weights[layer + ".weight"]).Bits));
        }
    }

    [Fact]
    public void Bit_operations_are_multiply_accumulates_times_the_bits_of_both_operands()
    {
        var plan = new LeNet().Plan(new PruneOptions { Quantize = new() { Activations = 4 } });
        var layers = new BitWidths(plan);
        Assert.Equal(["conv1", "conv2", "fc1", "fc2"], layers.Layers.Select(layer => layer.Layer));

        // 288,000 + 1,600,000 + 400,000 + 5,000 multiply-accumulates.
        long At(params long[] bits) => layers.Operations!.At([.. plan.WidthsOf(), .. bits]);
        Assert.Equal(2_293_000 * 8 * 4, At(8, 8, 8, 8));
        Assert.Equal(((288_000 * 2) + (1_600_000 * 4) + (400_000 * 6) + (5_000 * 8)) * 4, At(2, 4, 6, 8));

        // A layer that is not quantized multiplies numbers of 32 bits.
        var some = new PruneOptions { Quantize = new() { Activations = 0 } };
        some.Layers["conv2"] = new LayerPruneOptions { Quantize = new() { Weights = 0 } };
        some.Layers["fc1"] = new LayerPruneOptions { Quantize = new() { Weights = 6 } };
        plan = new LeNet().Plan(some);
        layers = new BitWidths(plan);
        Assert.Equal(["conv1", "fc2"], layers.Layers.Select(layer => layer.Layer));
        Assert.Equal(((288_000 * 2) + (1_600_000 * 32) + (400_000 * 6) + (5_000 * 4)) * 32L, At(2, 4));
    }

    [Theory]
    [InlineData(0.004)]
    [InlineData(0.01)]
    [InlineData(0.03)]
    public void Dynamic_programming_finds_what_trying_all_widths_and_bits_finds(double share)
    {
        for (var seed = 0; seed < 5; seed++)
        {
            var random = new Random(seed);
            var space = SpaceOf(new() { BitOperations = share, StoredBytes = seed % 2 == 0 ? null : 0.25 });
            (long Kept, double Loss)[][] options =
            [
                .. space.Groups.Select(group =>
                {
                    var grid = group.Grid(4);
                    double[] losses = [.. grid.Select(_ => random.NextDouble()).OrderDescending()];
                    return grid.Select((kept, i) => (kept, losses[i])).ToArray();
                }),
            ];
            var found = new DynamicProgrammingAllocator { MostStates = 100_000 }.Choose(space, options);
            Assert.True(space.Fits(found));
            Assert.Equal(Best(space, options, 0, new long[options.Length]), options.Select((own, i) => own.Single(one => one.Kept == found[i]).Loss).Sum(), 9);
        }

        static double Best(WidthSpace space, (long Kept, double Loss)[][] options, int next, long[] kept) =>
            next == kept.Length ? (space.Fits(kept) ? 0 : double.PositiveInfinity)
            : options[next].Min(one =>
            {
                kept[next] = one.Kept;
                return one.Loss + Best(space, options, next + 1, kept);
            });
    }

    [Fact]
    public void Greedy_takes_the_width_or_the_bits_that_lose_least_for_what_they_save()
    {
        for (var seed = 0; seed < 6; seed++)
        {
            var random = new Random(seed);
            var space = SpaceOf(new() { BitOperations = 0.01 + (0.04 * random.NextDouble()), StoredBytes = 0.4 });
            foreach (var group in space.Groups)
            {
                var (height, bend) = (random.NextDouble(), 1 + (3 * random.NextDouble()));
                group.LoseBy(kept => height * Math.Pow(group.RatioOf(kept), bend));
            }

            Assert.Equal(PlainAllocators.Greedy(space), GreedyAllocator.Instance.Choose(space));
        }
    }

    [Theory]
    [InlineData(Allocator.Greedy)]
    [InlineData(Allocator.DynamicProgramming)]
    [InlineData(Allocator.Genetic)]
    public void A_layer_that_suffers_from_few_bits_keeps_more(Allocator allocator)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        using (no_grad())
        {
            // A channel that is always 0, and a large weight for it in every row: the model answers as before, and each step of second is 12 / 7 with 4 bits.
            model.norm.weight![0] = tensor(0f);
            model.norm.bias![0] = tensor(-1f);
            model.second.weight!.select(1, 0).fill_(12);
        }

        var options = new PruneOptions { Allocator = allocator };
        options.Layers["first"] = new LayerPruneOptions { KeepWidth = true };
        options.Layers["second"] = new LayerPruneOptions { KeepWidth = true };

        // 8 activation bits times 96, 192 and 36 multiply-accumulates: second with 4 bits and the others with 8 are 14,592, with 6 bits and 4 it is 13,440.
        var result = model.FindRatios(new() { MaxBitOperations = 14_600 }, data, data, options, new SearchSettings { Evaluations = 40 });
        var bits = result.Bits.ToDictionary(layer => layer.Layer, layer => layer.Bits);
        Assert.InRange(bits["second"], 6, 8);
        Assert.True(bits["first"] < bits["second"], result.ToString());
        Assert.Empty(result.Groups);
    }

    [Fact]
    public void Evaluations_that_are_left_make_a_choice_better_and_no_more_are_made()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        double Badness(Allocator allocator, int most)
        {
            var result = model.FindRatios(
                new() { BitOperations = 0.012 }, data, data, new PruneOptions { Allocator = allocator }, new SearchSettings { Evaluations = most });
            Assert.InRange(result.Evaluations, 1, most + 1);
            Assert.True(result.Costs[0].Found <= result.Costs[0].Limit);
            return SearchContext.Badness(result.Found);
        }

        Assert.True(Badness(Allocator.Greedy, 100) <= Badness(Allocator.Greedy, 30));
        Assert.True(Badness(Allocator.DynamicProgramming, 100) < Badness(Allocator.DynamicProgramming, 30));
    }

    [Fact]
    public void A_search_goes_on_by_its_file_and_tells_bits_as_options_and_attributes()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var options = new PruneOptions { Allocator = Allocator.Genetic };
        var settings = new SearchSettings { Evaluations = 16, File = Path.Combine(folder, "joint.json") };
        var budget = new PruneBudget { StoredBytes = 0.3 };
        var result = model.FindRatios(budget, data, data, options, settings);
        var fresh = 0;
        var again = model.FindRatios(budget, data, data, options, settings with { Progress = one => fresh += one.IsNew ? 1 : 0 });
        Assert.Equal((result.ToJson(), 0), (again.ToJson(), fresh));
        Assert.Equal(result.ToJson(), RatioResult.FromJson(result.ToJson()).ToJson());
        Assert.All(result.Bits, layer =>
        {
            Assert.Equal(layer.Bits, result.Options.Layers[layer.Layer].Quantize!.Weights);
            Assert.Contains($"[Quantize(Weights = {layer.Bits})] // {layer.Layer}\n", result.ToAttributes());
            Assert.Contains($"bits of {layer.Layer}", result.ToString());
        });
        Assert.Equal(result.Options.ToJson(), PruneOptions.FromJson(result.Options.ToJson()).ToJson());
    }

    [Fact]
    public void A_front_of_widths_and_bits_names_them_in_its_columns()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var result = model.FindRatios(
            new() { BitOperations = 0.06 }, data, data, new PruneOptions { Allocator = Allocator.NonDominatedSorting }, new SearchSettings { Evaluations = 30 });
        Assert.Contains("bits of head", result.FrontTable());
        Assert.All(result.Front, point => Assert.All(point.Kept.Skip(2), bits => Assert.Contains((int)bits, new[] { 2, 4, 6, 8 })));
        long[] found = [.. result.Groups.Select(group => group.Kept), .. result.Bits.Select(layer => (long)layer.Bits)];
        Assert.Equal(result.Front.Min(point => point.Error), result.Front.Single(point => point.Kept.SequenceEqual(found)).Error);
    }

    [Fact]
    public void What_layers_say_of_codes_stands_beside_what_is_found()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var options = new PruneOptions { Quantize = new() { Weights = 4, Activations = 0 } };
        options.Layers["second"] = new LayerPruneOptions { Quantize = new() { Weights = 6 } };
        options.Layers["head"] = new LayerPruneOptions { Share = new() { Bits = 3 } };
        var result = model.FindRatios(new() { StoredBytes = 0.4 }, data, data, options);
        Assert.Equal(["first"], result.Bits.Select(layer => layer.Layer));
        Assert.InRange(result.Bits[0].Bits, 2, 4);
        Assert.Equal((6, 3), (result.Options.Layers["second"].Quantize!.Weights, result.Options.Layers["head"].Share!.Bits));
        Assert.Equal(0, result.Options.Quantize!.Activations);

        // The same without bits to find.
        result = model.FindRatios(new() { Parameters = 0.5 }, data, data, options);
        Assert.Empty(result.Bits);
        Assert.Equal((6, 3), (result.Options.Layers["second"].Quantize!.Weights, result.Options.Layers["head"].Share!.Bits));
    }

    [Fact]
    public void Bits_are_refused_where_there_is_nothing_to_try_them_on_or_no_way_to_choose_them()
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var budget = new PruneBudget { StoredBytes = 0.4 };
        string Refused(PruneOptions options, PruneBudget? other = null) =>
            Assert.ThrowsAny<Exception>(() => model.FindRatios(other ?? budget, data, data, options)).Message;
        Assert.Contains("FindRatios(budget, train, validation)", Assert.Throws<InvalidOperationException>(
            () => model.Compact(new PruneOptions { Budget = budget })).Message);
        Assert.Contains("FindRatios(budget, train, validation)", Assert.Throws<InvalidOperationException>(
            () => model.PruneAndRetrain(data, data, new PruneOptions { Budget = budget, Schedule = PruneSchedule.ShallowToDeep(1) }, PruneProgress.Quiet)).Message);
        Assert.Contains("ranks channels", Refused(new() { Allocator = Allocator.Global }));
        Assert.Contains("learnt for channels", Refused(new() { Allocator = Allocator.LearnedMasks }));
        Assert.Contains("give one of them", Refused(new(), budget with { MaxErrorIncrease = 0.1 }));
        Assert.Contains("each layer has at least 2 bits", Refused(new(), new() { BitOperations = 1e-5 }));
        Assert.Contains("both StoredBytes and MaxStoredBytes", Refused(new(), budget with { MaxStoredBytes = 100 }));
    }

    private static WidthSpace SpaceOf(PruneBudget budget)
    {
        manual_seed(1);
        var plan = PruningPlan.Link(new SearchTests.Blobs(), new PruneOptions { Budget = budget, Quantize = new() }, [4, 6]);
        using var importance = Importance.Of(plan);
        return WidthSpace.Of(plan, Selection.PiecesByRatio(importance));
    }
}
