using static TorchSharp.torch;

namespace PruneGen.Seams.Tests;

/// <summary>Keeps the largest weights, and scales those of each output so that their magnitudes add up to what they did.</summary>
public sealed class SameSums : ImportanceCriterion, ICompensatingCriterion
{
    public Tensor[] ScoreWeights(ScoringContext context, IReadOnlyList<PlannedParameter> weights) => [.. weights.Select(weight => weight.Tensor.detach().abs())];

    public Tensor[] Compensate(ScoringContext context, IReadOnlyList<PlannedParameter> weights, IReadOnlyList<Tensor> kept) =>
        [.. weights.Zip(kept, (weight, stays) => Scaled(weight.Tensor.detach().flatten(1), stays.flatten(1)).reshape([.. weight.Shape]))];

    private static Tensor Scaled(Tensor rows, Tensor stays) => rows * (rows.abs().sum(1) / (rows * stays).abs().sum(1).clamp_min(1e-9)).unsqueeze(1);
}

[Prunable(Granularity.Unstructured, CriterionType = typeof(SameSums))]
[Retrain(Epochs = 0)]
public sealed partial class ScaledLeNet5 : LeNet5;

public class OwnCompensationTests
{
    [Fact]
    public void What_stays_makes_good_for_what_goes_masked_compacted_and_in_several_rounds()
    {
        var before = Sums(new ScaledLeNet5());
        var masked = new ScaledLeNet5();
        using var mask = masked.Mask();
        AssertClose(before, Sums(masked));
        Assert.Equal(250, masked.conv1.weight!.count_nonzero().item<long>());

        var compacted = new ScaledLeNet5();
        using var result = compacted.Compact();
        AssertClose(before, Sums(compacted));

        var pruned = new ScaledLeNet5();
        pruned.PruneAndRetrain(
            Digits.Some, Digits.Some, new PruneOptions { Granularity = Granularity.Unstructured, Criterion = new SameSums(), Schedule = PruneSchedule.Iterative(3), Retrain = new() { Epochs = 0 } }, PruneProgress.Quiet);
        AssertClose(before, Sums(pruned));
        Assert.Equal(250, pruned.conv1.weight!.count_nonzero().item<long>());
    }

    private static float[] Sums(LeNet5 model) => [.. model.fc1.weight!.detach().abs().sum(1).data<float>()];

    private static void AssertClose(float[] expected, float[] actual) => Assert.All(expected.Zip(actual), pair => Assert.Equal(pair.First, pair.Second, 1e-3f));
}
