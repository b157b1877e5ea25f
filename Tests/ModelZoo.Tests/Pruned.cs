using static TorchSharp.torch;

namespace PruneGen.Samples.ModelZoo.Tests;

/// <summary>What the tests of the zoo have in common.</summary>
internal static class Pruned
{
    /// <summary>Every model of the zoo, by name.</summary>
    public static TheoryData<string> Models() => [.. Zoo.Models.Select(model => model.Name)];

    /// <summary>A small model with values that matter everywhere.</summary>
    public static ZooInstance Small(string name, int seed)
    {
        manual_seed(seed);
        var instance = Zoo.Named(name).Create(ZooSize.Small);
        AsIfTrained.Make(instance, seed);
        return instance;
    }

    /// <summary>What a ratio keeps by L2 norm, group by group.</summary>
    public static PruneSelection ByRatio(ZooInstance instance, double ratio)
    {
        using var importance = Importance.Of(instance.Plan(new PruneOptions { Ratio = ratio }));
        return Selection.Of(importance);
    }

    /// <summary>Keeps a random part of each group, at least a quarter: nothing but a constant is left of the norm of one feature.</summary>
    public static PruneSelection AtRandom(ZooInstance instance, int seed)
    {
        var random = new Random(seed);
        var plan = instance.Plan();
        return new PruneSelection(plan, plan.Groups.ToDictionary(group => group.Name, group =>
        {
            var indices = Enumerable.Range(0, (int)group.Width).Select(i => (long)i).ToArray();
            random.Shuffle(indices);
            return indices.Take(random.Next((indices.Length + 3) / 4, indices.Length + 1)).Order().ToArray();
        }));
    }
}
