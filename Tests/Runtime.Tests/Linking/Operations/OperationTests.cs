using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>Each operation in a model of its own: masked and compacted answer alike for any selection.</summary>
public sealed class OperationTests
{
    private static readonly Dictionary<string, Func<OperationNet>> Cases = new[] { AttentionCases.All, ShapeCases.All, RecurrentCases.All }.SelectMany(cases => cases).ToDictionary();

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Masked_equals_compacted(string name)
    {
        using var scope = NewDisposeScope();
        for (var seed = 1; seed <= 6; seed++)
        {
            var model = Cases[name]();
            var plan = model.Plan();
            Assert.True(plan.Groups.Count > 0, string.Join("; ", plan.Parameters.SelectMany(parameter => parameter.Axes.Select(axis => $"{parameter.Path}: {axis} {axis.Leaves().First().FixedBecause}"))));
            Assert.All(plan.Groups, group => Assert.True(group.Exact, group.InexactBecause));
            using var selection = Pruned.RandomSelection(plan, seed);
            Pruned.AssertMaskedEqualsCompacted(model, plan, selection, randn(model.InputShape));
        }
    }
}
