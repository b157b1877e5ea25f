using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What the tests of pruning have in common.</summary>
internal static class Pruned
{
    private const double Tolerance = 1e-4;

    /// <summary>Every hand-written model, by name, made from a seed.</summary>
    public static IReadOnlyDictionary<string, Func<int, TestModel>> Models { get; } = new Dictionary<string, Func<int, TestModel>>
    {
        [nameof(LeNet)] = seed => new LeNet(seed),
        [nameof(DepthwiseNet)] = seed => new DepthwiseNet(seed),
        [nameof(ResidualNet)] = seed => new ResidualNet(seed),
        [nameof(ConcatNet)] = seed => new ConcatNet(seed),
        [nameof(GroupedNet)] = seed => new GroupedNet(seed),
        [nameof(SequentialNet)] = seed => new SequentialNet(seed),
        [nameof(TransposedNet)] = seed => new TransposedNet(seed),
        [nameof(ShuffleNet)] = seed => new ShuffleNet(seed),
        [nameof(SignalNet)] = seed => new SignalNet(seed),
    };

    /// <summary>Keeps a random part of each group, at least one index.</summary>
    public static PruneSelection RandomSelection(PruningPlan plan, int seed)
    {
        var random = new Random(seed);
        return new PruneSelection(plan, plan.Groups.ToDictionary(group => group.Name, group =>
        {
            var count = random.Next(1, (int)group.Width + 1);
            var indices = Enumerable.Range(0, (int)group.Width).Select(i => (long)i).ToArray();
            random.Shuffle(indices);
            return indices.Take(count).Order().ToArray();
        }));
    }

    /// <summary>Scores, selects and compacts as the options say.</summary>
    public static CompactResult Compact(TestModel model, PruneOptions? options = null, TrainingData? data = null)
    {
        using var importance = Importance.Of(model.Plan(options), model.Forward, data);
        using var selection = Selection.Of(importance);
        return Compaction.Apply(selection);
    }

    /// <summary>Masks a model, compacts it, and compares what it answers: within 1e-4 of the largest number.</summary>
    public static void AssertMaskedEqualsCompacted(nn.Module<Tensor, Tensor> model, PruningPlan plan, PruneSelection selection, Tensor input)
    {
        using var mask = PruneMask.Of(selection);
        mask.Apply();
        var masked = Evaluate(model, input);

        using var result = Compaction.Apply(mask);
        var compacted = Evaluate(model, input);

        Assert.All(plan.Groups, group => Assert.Equal(selection.WidthOf(group), result.Kept[group.Name].LongLength));
        Assert.InRange(MaxDifference(masked, compacted), 0, Tolerance * Math.Max(1, masked.abs().max().item<float>()));
    }

    /// <summary>A forward pass in evaluation mode.</summary>
    public static Tensor Evaluate(nn.Module<Tensor, Tensor> model, Tensor input)
    {
        model.eval();
        using var noGradients = no_grad();
        return model.call(input);
    }

    /// <summary>The largest absolute difference of two tensors.</summary>
    public static double MaxDifference(Tensor first, Tensor second)
    {
        Assert.Equal(first.shape, second.shape);
        return (first - second).abs().max().to_type(ScalarType.Float64).item<double>();
    }

    /// <summary>The values of a tensor, in row-major order.</summary>
    public static double[] Values(Tensor tensor)
    {
        using var noGradients = no_grad();
        return tensor.detach().to_type(ScalarType.Float64).contiguous().data<double>().ToArray();
    }
}
