using Xunit;

namespace PruneGen.RandomModels.Tests;

public class RandomModelTests
{
    /// <summary>A longer run, with the seeds of one's choice: <c>dotnet run --project Tests/RandomModels -- --count 3000 --seed 1</c>.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(101)]
    [InlineData(201)]
    public void A_hundred_models_compile_and_answer_as_the_masked_ones(int first)
    {
        var outcomes = Batch.Run(Enumerable.Range(first, 100).ToList());
        Assert.Equal(100, outcomes.Count);
        Assert.Empty(outcomes.Where(outcome => outcome.Failure is not null).Select(outcome => $"seed {outcome.Seed}: {outcome.Failure}\n{outcome.Source}"));
        Assert.Empty(outcomes.Where(outcome => outcome.Refusal is not null).Select(outcome => $"seed {outcome.Seed}: {outcome.Refusal}"));
        Assert.True(outcomes.Sum(outcome => outcome.Groups) > 300);
        Assert.True(outcomes.Count(outcome => outcome.Dead > 0) > 50);
        var removals = outcomes.Aggregate(default(Removals), (sum, outcome) => sum + outcome.Removals);
        Assert.True(removals is { Heads: > 0, Joint: > 20, Blocks: > 2 }, $"{removals}");
        Assert.InRange(outcomes.Count(outcome => outcome.TraceDifference is not null), 80, 100);
    }

    /// <summary>A longer run: <c>dotnet run --project Tests/RandomModels -- --lives --count 1000</c>.</summary>
    [Fact]
    public void Verbs_do_what_they_promise_in_any_order_and_those_that_refuse_leave_the_model_as_it_was()
    {
        var outcomes = Batch.Run(Enumerable.Range(1, 60).ToList(), RandomTest.Lives);
        Assert.Empty(outcomes.Where(outcome => outcome.Failure is not null).Select(outcome => $"seed {outcome.Seed}: {outcome.Failure}\n{outcome.Source}"));
        Assert.True(outcomes.Sum(outcome => outcome.Lives!.Value.Verbs) > 300);
    }

    /// <summary>A longer run: <c>dotnet run --project Tests/RandomModels -- --onnx --count 300</c>.</summary>
    [Fact]
    public void Models_answer_alike_in_ONNX_Runtime_dense_and_pruned_unless_they_go_by_values()
    {
        var outcomes = Batch.Run(Enumerable.Range(1, 40).ToList(), RandomTest.Onnx);
        Assert.Empty(outcomes.Where(outcome => outcome.Failure is not null).Select(outcome => $"seed {outcome.Seed}: {outcome.Failure}\n{outcome.Source}"));
        Assert.All(
            outcomes.Select(outcome => outcome.Refusal).OfType<string>(),
            refusal => Assert.Contains("which way forward goes depends on the values of tensors", refusal, StringComparison.Ordinal));
        Assert.True(outcomes.Count(outcome => outcome.OnnxDifference is not null) >= 15);
    }
}
