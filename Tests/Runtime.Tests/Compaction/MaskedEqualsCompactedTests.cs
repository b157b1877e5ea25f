using FsCheck;
using FsCheck.Fluent;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>A masked model and the compacted one answer alike: the promise under everything else.</summary>
public sealed class MaskedEqualsCompactedTests
{
    public static TheoryData<string, int> ModelsAndSeeds()
    {
        var data = new TheoryData<string, int>();
        foreach (var model in Pruned.Models.Keys)
        {
            for (var seed = 1; seed <= 4; seed++)
            {
                data.Add(model, seed);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(ModelsAndSeeds))]
    public void Hand_written_models(string name, int seed)
    {
        using var scope = NewDisposeScope();
        var model = Pruned.Models[name](seed);
        var plan = model.Plan();
        var input = randn(model.InputShape);
        using var selection = Pruned.RandomSelection(plan, seed);
        Assert.All(plan.Groups, group => Assert.True(group.Exact, group.InexactBecause));

        Pruned.AssertMaskedEqualsCompacted(model, plan, selection, input);
    }

    [Fact]
    public void Models_that_nobody_thought_of() =>
        Prop.ForAll(Gen.Choose(0, 1_000_000).ToArbitrary(), seed =>
        {
            using var scope = NewDisposeScope();
            manual_seed(seed);
            using var model = new RandomModel(seed);
            var plan = PruningPlan.Link(model, null, RandomModel.InputShape);
            using var selection = Pruned.RandomSelection(plan, seed);
            try
            {
                Pruned.AssertMaskedEqualsCompacted(model, plan, selection, randn(RandomModel.InputShape));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {model.Description}", error);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(60));

    [Fact]
    public void The_mask_changes_the_output_of_the_dense_model()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var input = randn(model.InputShape);
        var dense = Pruned.Evaluate(model, input);
        using var selection = Pruned.RandomSelection(model.Plan(), 3);
        using var mask = PruneMask.Of(selection);
        Assert.Equal(0, Pruned.MaxDifference(dense, Pruned.Evaluate(model, input)));

        mask.Apply();

        Assert.True(Pruned.MaxDifference(dense, Pruned.Evaluate(model, input)) > 0.1);
    }
}
