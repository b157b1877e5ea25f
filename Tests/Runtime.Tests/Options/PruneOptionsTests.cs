using System.Reflection;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

public sealed class PruneOptionsTests
{
    [Theory]
    [InlineData(1.0)]
    [InlineData(-0.1)]
    [InlineData(1.2)]
    [InlineData(double.NaN)]
    public void A_ratio_outside_its_range_is_refused_by_name(double ratio)
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var bits = TinyNet.Bits(model);

        var error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Plan(new PruneOptions { Ratio = ratio }));
        Assert.Contains(FormattableString.Invariant($"Ratio of the model is {ratio}; give a number from 0 to below 1"), error.Message);

        error = Assert.Throws<ArgumentOutOfRangeException>(() => model.Plan(new PruneOptions { Layers = { ["conv2"] = new() { Ratio = ratio } } }));
        Assert.Contains(FormattableString.Invariant($"Ratio of conv2 is {ratio}"), error.Message);
        Assert.Equal(bits, TinyNet.Bits(model));
    }

    public static TheoryData<Func<PruneOptions>, string> OutOfRange() => new()
    {
        { () => new() { MinWidth = 0 }, "MinWidth of the model is 0" },
        { () => new() { Keep = 0 }, "Keep of the model is 0" },
        { () => new() { ScoringSamples = 0 }, "ScoringSamples is 0; give 1 or more" },
        { () => new() { Retrain = new() { MaxGradientNorm = 0 } }, "MaxGradientNorm is 0" },
        { () => new() { RoundTo = 0 }, "RoundTo of the model is 0" },
        { () => new() { Threshold = double.NaN }, "Threshold of the model is NaN" },
        { () => new() { Criterion = (Criterion)99 }, "give one of L1, L2" },
        { () => new() { Scope = (Scope)99 }, "give one of Local, Global" },
        { () => new() { Granularity = (Granularity)99 }, "give one of Unstructured, Structured" },
        { () => new() { Layers = { ["fc1"] = new() { MinWidth = -1 } } }, "MinWidth of fc1 is -1" },
        { () => new() { Retrain = new() { Epochs = -1 } }, "Epochs is -1" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void Every_other_value_is_checked(Func<PruneOptions> options, string expected)
    {
        using var scope = NewDisposeScope();
        Assert.Contains(expected, Assert.Throws<ArgumentOutOfRangeException>(() => new LeNet().Plan(options())).Message);
    }

    [Fact]
    public void A_layer_that_the_model_does_not_have_is_refused()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => new LeNet().Plan(new PruneOptions { Layers = { ["conv3"] = new() { Ratio = 0.1 } } }));
        Assert.Contains("the layer 'conv3', which LeNet does not have. Its layers: conv1, conv2, fc1, fc2.", error.Message);
    }

    [Fact]
    public void A_copy_has_every_value_and_a_table_of_layers_of_its_own()
    {
        var original = new PruneOptions
        {
            Granularity = Granularity.Unstructured,
            Ratio = 0.1,
            Criterion = Criterion.Taylor,
            Scope = Scope.Global,
            Threshold = 3,
            WeightThreshold = 4,
            ThresholdRule = ThresholdRule.Both,
            MinWidth = 2,
            RoundTo = 8,
            Keep = 5,
            Share = new() { Bits = 3 },
            Quantize = new() { Weights = 4 },
            Allocator = new SameForAll(),
            Budget = new() { Macs = 0.3 },
            Schedule = PruneSchedule.Iterative(2),
            ScoringSamples = 6,
            MeasureLatency = false,
            Verify = false,
            Layers = { ["a"] = new() { Ratio = 0.3 } },
            Retrain = new() { Epochs = 9 },
        };
        var defaults = new PruneOptions();

        var copy = original with { };

        foreach (var property in typeof(PruneOptions).GetProperties(BindingFlags.Instance | BindingFlags.Public))
        {
            Assert.Equal(property.GetValue(original), property.GetValue(copy));
            Assert.NotEqual(property.GetValue(defaults), property.GetValue(copy));
        }

        copy.Layers["b"] = new();
        Assert.Equal(["a"], original.Layers.Keys);
    }

    [Fact]
    public void What_a_layer_leaves_out_it_takes_from_below()
    {
        var below = new LayerPruneOptions
        {
            Granularity = Granularity.Unstructured,
            Ratio = 0.1,
            Criterion = Criterion.Taylor,
            Scope = Scope.Global,
            Threshold = 3,
            ThresholdRule = ThresholdRule.Both,
            MinWidth = 2,
            RoundTo = 8,
            Keep = 5,
            KeepWidth = true,
        };
        Assert.Equal(below, new LayerPruneOptions().Over(below));
        Assert.Equal(below, below.Over(new LayerPruneOptions { Ratio = 0.9, Keep = 1, MinWidth = 7 }));
        Assert.Equal(below, below.Over(null));

        // A ratio of its own outranks a threshold and a number from below.
        Assert.Equal(below with { Ratio = 0.5, Keep = null, Threshold = null }, new LayerPruneOptions { Ratio = 0.5 }.Over(below));
        Assert.Equal(below with { Keep = 3, Threshold = null }, new LayerPruneOptions { Keep = 3 }.Over(below));
    }

    private sealed class SameForAll : RatioAllocator
    {
        public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) => new Dictionary<string, double>();
    }
}
