using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Seams.Tests;

/// <summary>Two values: the mean of the positive weights, and that of the others.</summary>
public sealed class BySign : CodeAssignment
{
    public override SharedCode Assign(WeightToShare weight) => new SharedWeight(
        weight.Shape,
        [weight.Round(weight.Values.Where(value => value <= 0).Average()), weight.Round(weight.Values.Where(value => value > 0).Average())],
        [.. weight.Values.Select(value => (ushort)(value > 0 ? 1 : 0))]);
}

/// <summary>Always from −1 to 1.</summary>
public sealed class One : RangeObserver
{
    private long count;

    public override RangeObserver New() => new One();

    public override void Observe(Tensor rows) => count = rows.size(0);

    public override (Tensor Least, Tensor Most) RangeFor(CodeGrid grid) => (full(count, -1f), full(count, 1f));
}

/// <summary>Toward zero.</summary>
public sealed class Truncating : WeightRounding
{
    public override Tensor Round(WeightToRound weight) => (weight.Values / weight.Scale).trunc().clamp(weight.Grid.Least, weight.Grid.Most);
}

[Prunable, Retrain(Epochs = 0), ShareWeights(ByType = typeof(BySign), Epochs = 0)]
public sealed partial class SignLeNet5 : LeNet5;

[Prunable, Retrain(Epochs = 0)]
[Quantize(WeightRangeType = typeof(One), ActivationRangeType = typeof(One), RoundingType = typeof(Truncating), Training = QuantizedTraining.None)]
public sealed partial class TruncatedLeNet5 : LeNet5;

public class OwnCodingTests
{
    [Fact]
    public void Weights_share_by_a_way_of_ones_own()
    {
        using var model = new SignLeNet5();
        Assert.Equal(2, model.ShareWeights().Weights["fc1.weight"] is SharedWeight shared ? shared.Values.Count : 0);
        Assert.Equal(2, model.fc1.weight!.data<float>().ToArray().Distinct().Count());
    }

    [Fact]
    public void Ranges_and_rounding_of_ones_own_quantize()
    {
        using var scope = NewDisposeScope();
        var model = new TruncatedLeNet5();
        var before = model.fc1.weight!.detach().clone();
        var codes = model.Quantize(Digits.Some);
        Assert.Equal((before * 127).trunc().flatten().data<float>().ToArray().Take(1000), ((QuantizedWeight)codes.Weights["fc1.weight"]).Codes.Take(1000).Select(code => (float)code));
        Assert.Equal((2f / 255, 128), (codes.Activations["conv1"].Scale, codes.Activations["conv1"].ZeroPoint), (one, other) => Math.Abs(one.Item1 - other.Item1) < 1e-8 && Math.Abs(one.Item2 - other.Item2) <= 1);
    }
}
