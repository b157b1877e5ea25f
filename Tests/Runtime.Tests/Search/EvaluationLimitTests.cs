using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>No search evaluates more choices than its settings allow.</summary>
public sealed class EvaluationLimitTests : IDisposable
{
    private readonly DisposeScope scope = NewDisposeScope();

    public static TheoryData<Allocator, bool> Allocators
    {
        get
        {
            var all = new TheoryData<Allocator, bool>();
            foreach (var allocator in Enum.GetValues<Allocator>())
            {
                all.Add(allocator, false);
                if (allocator is not (Allocator.LearnedMasks or Allocator.Global))
                {
                    all.Add(allocator, true);
                }
            }

            return all;
        }
    }

    public void Dispose() => scope.Dispose();

    [Theory]
    [MemberData(nameof(Allocators))]
    public void A_search_keeps_to_the_number_of_evaluations_or_says_how_many_it_needs(Allocator allocator, bool hasBits)
    {
        var (model, data) = SearchTests.Blobs.Trained();
        var budget = hasBits ? new PruneBudget { StoredBytes = 0.4 } : new PruneBudget { Parameters = 0.5 };
        var options = new PruneOptions { Allocator = allocator };
        var isMeasuring = allocator == Allocator.Sensitivity || allocator == Allocator.DynamicProgramming || (hasBits && allocator == Allocator.Greedy);

        // Two groups, with bits three layers, too: all that stays, one narrower choice of each, and the one that is found.
        var needed = !isMeasuring ? 1 : hasBits ? 7 : 4;
        foreach (var allowed in new[] { 1, 3, 4, 6, 7, 13 })
        {
            var seen = new List<SearchProgress>();
            var settings = new SearchSettings { Evaluations = allowed, BatchNormBatches = 1, Progress = seen.Add };
            if (allowed < needed)
            {
                var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.FindRatios(budget, data, data, options, settings));
                Assert.Contains($"give {needed} or more", error.Message);
                Assert.Equal(nameof(SearchSettings.Evaluations), error.ParamName);
                Assert.Empty(seen);
                continue;
            }

            var found = model.FindRatios(budget, data, data, options, settings);
            Assert.InRange(found.Evaluations, 1, allowed);
            Assert.InRange(seen.Count, 1, allowed);
            Assert.All(seen, one => Assert.InRange(one.Evaluations, 1, allowed));
        }
    }
}
