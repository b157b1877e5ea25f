using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Searches whose choices several processes evaluate.</summary>
public sealed class SharedSearchTests : IDisposable
{
    private const int Evaluations = 24;
    private static readonly PruneBudget Half = new() { Parameters = 0.5 };
    private readonly string folder = Directory.CreateTempSubdirectory("prunegen-shared-search").FullName;
    private readonly DisposeScope scope = NewDisposeScope();
    private readonly SearchTests.Blobs model;
    private readonly TrainingData data;

    public SharedSearchTests() => (model, data) = SearchTests.Blobs.Trained();

    public void Dispose()
    {
        scope.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    public static TheoryData<Allocator, int, bool> Searches => new()
    {
        { Allocator.Sensitivity, 2, true }, { Allocator.RandomSearch, 3, true }, { Allocator.Genetic, 2, true }, { Allocator.NonDominatedSorting, 3, true },
        { Allocator.Annealing, 2, false }, { Allocator.Reinforcement, 2, false }, { Allocator.LearnedMasks, 2, false }, { Allocator.Greedy, 2, false },
    };

    [Theory]
    [MemberData(nameof(Searches))]
    public void Several_processes_find_what_one_finds(Allocator allocator, int size, bool isDivided)
    {
        var expected = model.FindRatios(Half, data, data, With(allocator, null), Settings());
        var bits = TinyNet.Bits(model);
        var evaluations = new int[size];
        var found = Lockstep.Run(size, all =>
        {
            // The others begin with weights of their own.
            var own = all.Rank == 0 ? model : new SearchTests.Blobs();
            var result = own.FindRatios(Half, data, Counted(() => evaluations[all.Rank]++), With(allocator, all), Settings());
            Assert.Equal(bits, TinyNet.Bits(own));
            return result;
        });
        Assert.All(found, result => Assert.Equal(expected.ToJson(), result.ToJson()));

        // Each has looked at the data three times before the search, and then for its choices; process 0 has those that come one by one, too.
        Assert.True(!isDivided || evaluations.Min() > 5, string.Join(' ', evaluations));
        Assert.True(!isDivided || evaluations.Max() - 3 < expected.Evaluations, $"{string.Join(' ', evaluations)} of {expected.Evaluations}");
    }

    [Fact]
    public void Curves_that_several_processes_measure_are_those_of_one()
    {
        var expected = model.AnalyzeSensitivity(data, data, points: 4);
        var found = Lockstep.Run(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).AnalyzeSensitivity(data, data, points: 4, options: With(null, all)));
        Assert.All(found, report => Assert.Equal(expected.ToJson(), report.ToJson()));
    }

    [Fact]
    public void Widths_and_bits_are_found_together_by_several_processes()
    {
        var budget = new PruneBudget { StoredBytes = 0.2 };
        var expected = model.FindRatios(budget, data, data, With(Allocator.Genetic, null), Settings());
        var found = Lockstep.Run(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(budget, data, data, With(Allocator.Genetic, all), Settings()));
        Assert.NotEmpty(expected.Bits);
        Assert.All(found, result => Assert.Equal(expected.ToJson(), result.ToJson()));
    }

    [Fact]
    public void An_error_budget_is_spent_by_several_processes_together()
    {
        var budget = new PruneBudget { MaxErrorIncrease = 0.05 };
        var options = With(null, null) with { Schedule = PruneSchedule.Iterative(3) };
        var found = Lockstep.Run(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            budget, data, data, options with { Retrain = options.Retrain with { Communicator = all, Epochs = 1 } }));
        Assert.Equal(found[0].Groups, found[1].Groups);
        Assert.True(found[0].Costs[^1].Found < found[0].Costs[^1].Dense);
    }

    [Fact]
    public void A_search_that_one_process_began_several_go_on_with()
    {
        var expected = model.FindRatios(Half, data, data, With(Allocator.Genetic, null), Settings());
        var file = Path.Combine(folder, "search.json");
        using var source = new CancellationTokenSource();
        var seen = 0;
        Assert.ThrowsAny<OperationCanceledException>(() => model.FindRatios(
            Half,
            data,
            data,
            With(Allocator.Genetic, null),
            Settings() with { File = file, Progress = _ => { if (++seen == 9) { source.Cancel(); } } },
            source.Token));
        var told = new List<bool>();
        var found = Lockstep.Run(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            Half, data, data, With(Allocator.Genetic, all), all.Rank == 0 ? Settings() with { File = file, Progress = one => told.Add(one.IsNew) } : Settings()));
        Assert.All(found, result => Assert.Equal(expected.ToJson(), result.ToJson()));
        Assert.Equal(Enumerable.Range(0, told.Count).Select(i => i >= 9), told);
    }

    [Fact]
    public void A_process_that_fails_or_is_stopped_ends_the_search_in_all()
    {
        var failures = Lockstep.Failures(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            Half, data, Counted(Dying(all.Rank == 1 ? 6 : null)), With(Allocator.RandomSearch, all), Settings()));
        Assert.Contains("Another process failed while it evaluated a choice", Assert.IsType<InvalidOperationException>(failures[0]).Message, StringComparison.Ordinal);
        Assert.Equal("dies", failures[1]!.Message);

        failures = Lockstep.Failures(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            Half, data, Counted(Dying(all.Rank == 0 ? 6 : null)), With(Allocator.RandomSearch, all), Settings()));
        Assert.Equal("dies", failures[0]!.Message);
        Assert.Contains("Another process failed while it evaluated a choice", Assert.IsType<InvalidOperationException>(failures[1]).Message, StringComparison.Ordinal);

        for (var stopped = 0; stopped < 2; stopped++)
        {
            failures = Lockstep.Failures(2, all =>
            {
                using var source = new CancellationTokenSource();
                var (looks, cancels) = (0, all.Rank == stopped);
                var own = all.Rank == 0 ? model : new SearchTests.Blobs();
                own.FindRatios(
                    Half,
                    data,
                    Counted(() => { if (cancels && ++looks == 6) { source.Cancel(); } }),
                    With(Allocator.Annealing, all) with { Allocator = Allocator.Genetic },
                    Settings(),
                    source.Token);
            });
            Assert.All(failures, failure => Assert.IsAssignableFrom<OperationCanceledException>(failure));
        }

        static Action Dying(int? at)
        {
            var looks = 0;
            return () =>
            {
                if (++looks == at)
                {
                    throw new InvalidOperationException("dies");
                }
            };
        }
    }

    [Fact]
    public void What_cannot_be_searched_is_refused_in_all_processes()
    {
        var failures = Lockstep.Failures(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            new() { Parameters = 0.001 }, data, data, With(Allocator.Genetic, all), Settings()));
        var said = Assert.IsType<InvalidOperationException>(failures[0]).Message;
        Assert.Equal($"Process 0 failed: {said}", Assert.IsType<InvalidOperationException>(failures[1]).Message);

        // The allocator refuses while the other one waits for choices.
        failures = Lockstep.Failures(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            Half, data, data, With(null, all) with { Allocator = new GeneticSearch { Population = 2 } }, Settings()));
        Assert.IsType<ArgumentOutOfRangeException>(failures[0]);
        Assert.Contains("Process 0 failed while it searched", Assert.IsType<InvalidOperationException>(failures[1]).Message, StringComparison.Ordinal);

        failures = Lockstep.Failures(2, all => (all.Rank == 0 ? model : new SearchTests.Blobs()).FindRatios(
            Half, data, data, With(Allocator.Genetic, all), Settings() with { RecoveryEpochs = all.Rank }));
        Assert.Contains("Process 1 does not train what process 0 does: the search", failures[1]!.Message, StringComparison.Ordinal);
    }

    private static SearchSettings Settings() => new() { Evaluations = Evaluations };

    private static PruneOptions With(Allocator? allocator, Communicator? all) => new()
    {
        Allocator = allocator is { } name ? RatioAllocator.Of(name) : null, MeasureLatency = false, Retrain = new RetrainOptions { Communicator = all },
    };

    /// <summary>The data, with a look at who asks for it.</summary>
    private TrainingData Counted(Action asked) => TrainingData.FromBatches(() =>
    {
        asked();
        return data.Batches().Select(batch => (batch.Inputs[0], batch.Target));
    });
}
