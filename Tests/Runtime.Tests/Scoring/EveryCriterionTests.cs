using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What holds for every criterion that has a name, over models of all kinds.</summary>
public sealed class EveryCriterionTests
{
    public static TheoryData<Criterion> Criteria => [.. Enum.GetValues<Criterion>()];

    [Theory]
    [MemberData(nameof(Criteria))]
    public void It_scores_or_says_what_it_cannot_and_leaves_the_model_as_it_was(Criterion criterion)
    {
        var scored = 0;
        foreach (var (name, make) in Pruned.Models)
        {
            foreach (var granularity in Enum.GetValues<Granularity>())
            {
                using var scope = NewDisposeScope();
                var model = make(1);
                model.train();
                manual_seed(5);
                var data = TrainingData.FromTensors(randn([5, .. model.InputShape[1..]]), arange(5), batchSize: 5);
                var (bits, random) = (TinyNet.Bits(model), Pruned.Values(get_rng_state()));
                scored += Score(model, new PruneOptions { Criterion = criterion, Granularity = granularity }, data, name) ? 1 : 0;
                Assert.Equal(bits, TinyNet.Bits(model));
                Assert.Equal(random, Pruned.Values(get_rng_state()));
                Assert.All(model.named_modules(), entry => Assert.True(entry.module.training));
                Assert.All(model.parameters(), parameter => Assert.True(parameter.requires_grad && parameter.grad is null));
            }
        }

        Assert.NotEqual(0, scored);
    }

    private static bool Score(TestModel model, PruneOptions options, TrainingData data, string name)
    {
        try
        {
            using var importance = Importance.Of(model.Plan(options), model.Forward, data);
            Assert.NotEqual(0, importance.Groups.Count + importance.Weights.Count);
            Assert.All(importance.Groups.Values, scores => Assert.True(scores.Length <= 2 || scores.Distinct().Count() > 1, $"{options.Criterion} of {name}"));
            return true;
        }
        catch (InvalidOperationException refusal)
        {
            // It says who refuses, and what to choose instead.
            string who = refusal.Message.StartsWith(options.Granularity!.Name, StringComparison.Ordinal) ? options.Granularity.Name : options.Criterion!.Name;
            Assert.StartsWith(who, refusal.Message, StringComparison.Ordinal);
            Assert.Matches("[Cc]hoose ", refusal.Message);
            return false;
        }
    }
}
