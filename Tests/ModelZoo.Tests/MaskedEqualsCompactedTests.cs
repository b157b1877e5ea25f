using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>Every model answers compacted as it answers masked, whatever is selected, and can be trained on.</summary>
public sealed class MaskedEqualsCompactedTests
{
    private const double Tolerance = 1e-4;

    public static TheoryData<string> Models => Pruned.Models();

    public static TheoryData<string, double> ModelsAndRatios => Cross(0.3, 0.5);

    public static TheoryData<string, int> ModelsAndSeeds => Cross(1, 2, 3);

    [Theory]
    [MemberData(nameof(ModelsAndRatios))]
    public void At_a_ratio(string name, double ratio)
    {
        using var scope = NewDisposeScope();
        using var instance = Pruned.Small(name, seed: 1);
        using var selection = Pruned.ByRatio(instance, ratio);

        AssertSameResults(instance, selection);

        AssertTrains(instance);
    }

    [Theory]
    [MemberData(nameof(ModelsAndSeeds))]
    public void With_a_random_selection(string name, int seed)
    {
        using var scope = NewDisposeScope();
        using var instance = Pruned.Small(name, seed);
        using var selection = Pruned.AtRandom(instance, seed);

        AssertSameResults(instance, selection);
    }

    /// <summary>
    /// About a quarter, where every layer's inputs and outputs shrink. In ShuffleNet most layers read channels that pass every
    /// block of a stage: each block cuts them in two halves that have to stay equal, so that less and less of them is free.
    /// </summary>
    [Theory]
    [MemberData(nameof(Models))]
    public void Half_the_width_is_far_less_than_half_the_model(string name)
    {
        using var scope = NewDisposeScope();
        using var instance = Pruned.Small(name, seed: 1);
        using var selection = Pruned.ByRatio(instance, 0.5);
        var expected = selection.Plan.ParameterCount(selection.WidthOf);

        using var result = Compaction.Apply(selection);

        Assert.Equal(expected, result.After.Parameters);
        Assert.InRange((double)result.After.Parameters / result.Before.Parameters, 0, name == "shufflenet-v2" ? 0.6 : 0.4);
    }

    private static void AssertSameResults(ZooInstance instance, PruneSelection selection)
    {
        var plan = selection.Plan;
        var inputs = instance.Inputs(2);
        var dense = instance.Evaluate(inputs);
        using var mask = PruneMask.Of(selection);
        mask.Apply();
        var masked = Masked(instance, selection, inputs);

        using var result = Compaction.Apply(mask);
        var compacted = instance.Evaluate(inputs);

        Assert.All(plan.Groups, group => Assert.Equal(selection.WidthOf(group), result.Groups.Single(change => change.Name == group.Name).After));
        for (var i = 0; i < dense.Length; i++)
        {
            // Results that hardly depend on the input, or on what was pruned, would prove nothing.
            var difference = MaxDifference(masked[i], compacted[i]);
            var (spread, effect) = (MaxDifference(masked[i][0], masked[i][1]), MaxDifference(masked[i], dense[i]));
            Assert.InRange(difference, 0, Tolerance);
            Assert.True(difference <= 1e-2 * spread, $"the results differ by {difference}, and the samples by no more than {spread}");
            Assert.True(difference <= 1e-2 * effect, $"the results differ by {difference}, and the dense model's by no more than {effect}");
        }
    }

    private static Tensor[] Masked(ZooInstance instance, PruneSelection selection, Tensor[] inputs)
    {
        using var statistics = new KeptStatistics(selection);
        return instance.Evaluate(inputs);
    }

    private static void AssertTrains(ZooInstance instance)
    {
        instance.Module.train();
        using var optimizer = optim.SGD(instance.Module.parameters(), 1e-3);
        Step(instance, optimizer);
        foreach (var (path, parameter) in instance.Module.named_parameters())
        {
            Assert.True(parameter.grad is not null, $"{path} has no gradient");
            Assert.Equal(parameter.shape, parameter.grad!.shape);
        }

        optimizer.step();
        Assert.True(double.IsFinite(Step(instance, optimizer)));
    }

    private static double Step(ZooInstance instance, optim.Optimizer optimizer)
    {
        optimizer.zero_grad();
        var loss = instance.Forward(instance.Inputs(4)).Aggregate(zeros(1), (sum, result) => sum + result.square().mean());
        loss.backward();
        return loss.item<float>();
    }

    private static double MaxDifference(Tensor first, Tensor second)
    {
        Assert.Equal(first.shape, second.shape);
        return (first - second).abs().max().to_type(ScalarType.Float64).item<double>();
    }

    private static TheoryData<string, T> Cross<T>(params T[] values)
    {
        var data = new TheoryData<string, T>();
        foreach (var model in Zoo.Models)
        {
            foreach (var value in values)
            {
                data.Add(model.Name, value);
            }
        }

        return data;
    }
}
