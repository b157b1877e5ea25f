using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>What single layers are asked for is done, or refused with the reason.</summary>
public sealed class LayersTests
{
    public static TheoryData<string, Func<PruneOptions>, string> Kept() => new()
    {
        { "fc2", () => Asks("fc2", new LayerPruneOptions { Ratio = 0.3 }), "The options ask fc2 of LeNet for Ratio = 0.3, and it keeps its width:" },
        { "fc2", () => Asks("fc2", new LayerPruneOptions { Keep = 4 }), "The options ask fc2 of LeNet for Keep = 4, and it keeps its width:" },
    };

    [Theory]
    [MemberData(nameof(Kept))]
    public void A_layer_that_keeps_its_width_is_not_asked_for_channels(string layer, Func<PruneOptions> options, string expected)
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var data = TrainingData.FromTensors(rand(4, 1, 28, 28), arange(4));
        var bits = TinyNet.Bits(model);
        Assert.All(
            new Action[]
            {
                () => Pruning.Compact(model, model.Forward, options(), data),
                () => Pruning.PruneAndRetrain(model, model.Forward, data, data, options(), PruneProgress.Quiet),
                () => Pruning.FindRatios(model, model.Forward, new PruneBudget { Macs = 0.5 }, data, data, options()),
            },
            verb => Assert.Contains(expected, Assert.Throws<ArgumentException>(verb).Message, StringComparison.Ordinal));
        Assert.Equal(bits, TinyNet.Bits(model));
        Assert.Contains(layer, PruningPlan.Link(model).Unpruned.Select(one => one.Layer));
    }

    [Fact]
    public void A_layer_that_keeps_its_width_may_lose_weights_or_nothing()
    {
        using var scope = NewDisposeScope();
        var model = new LeNet();
        var unstructured = Asks("fc2", new LayerPruneOptions { Granularity = Granularity.Unstructured, Ratio = 0.3 });
        Pruning.Compact(model, model.Forward, unstructured, null, model.InputShape).Dispose();
        Assert.InRange(model.fc2.weight!.eq(0).to_type(ScalarType.Float64).mean().item<double>(), 0.2, 0.4);
        Pruning.Compact(new LeNet(), model.Forward, Asks("fc2", new LayerPruneOptions { Ratio = 0 })).Dispose();
    }

    [Theory]
    [InlineData(0.3, "conv.weight: patterns take 5 of 9 weights of a kernel, which is more than the ratio 0.3 that is asked for.")]
    [InlineData(0.6, null)]
    public void A_ratio_that_patterns_cannot_meet_is_told_of(double ratio, string? expected)
    {
        using var scope = NewDisposeScope();
        var model = new OperationNet(
            [2, 2, 6, 6],
            new() { ["conv"] = nn.Conv2d(2, 4, 3) },
            (m, x) => m["conv"].call(x).flatten(1),
            (m, link, x) => link.Op("flatten", link.Layer(m["conv"], x), ("start_dim", 1L)));
        var data = TrainingData.FromTensors(rand(4, 2, 6, 6), arange(4));
        var report = Pruning.PruneAndRetrain(
            model, model.Forward, data, data,
            new PruneOptions { Granularity = Granularity.Pattern, Ratio = ratio, Retrain = new() { Epochs = 0 } }, PruneProgress.Quiet);
        Assert.Equal(expected, report.Warning);
    }

    private static PruneOptions Asks(string layer, LayerPruneOptions asked) => new() { Layers = { [layer] = asked } };
}
