using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class DropoutTests
{
    public static TheoryData<string> Kinds => ["Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "AlphaDropout", "FeatureAlphaDropout"];

    private static (Module<Tensor, Tensor> layer, Tensor input) Make(string kind, double p = 0.3) => kind switch
    {
        "Dropout" => (Dropout(p), ones(40, 50)),
        "Dropout1d" => (Dropout1d(p), ones(40, 50, 3)),
        "Dropout2d" => (Dropout2d(p), ones(40, 50, 2, 2)),
        "Dropout3d" => (Dropout3d(p), ones([40, 50, 2, 1, 2])),
        "AlphaDropout" => (AlphaDropout(p), ones(40, 50)),
        _ => (FeatureAlphaDropout(p), ones(40, 50, 2, 2)),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Evaluation_hands_the_input_on(string kind)
    {
        var (layer, x) = Make(kind);
        layer.eval();
        Near.Equal(x, layer.call(x));
    }

    [Theory]
    [InlineData("Dropout", 1)]
    [InlineData("Dropout1d", 3)]
    [InlineData("Dropout2d", 4)]
    [InlineData("Dropout3d", 4)]
    public void Training_drops_elements_or_channels_and_scales_the_others(string kind, int elementsPerUnit)
    {
        manual_seed(3);
        var (layer, x) = Make(kind);
        var values = Near.Values(layer.call(x));
        var units = values.Chunk(elementsPerUnit).ToList();

        Assert.All(units, unit => Assert.Single(unit.Distinct()));
        Assert.All(values, value => Assert.True(value == 0 || Math.Abs(value - 1 / 0.7) < 1e-6));
        // 2000 units: the share that is dropped has a standard deviation of 0.0102.
        Assert.InRange(units.Count(unit => unit[0] == 0) / 2000.0, 0.3 - 0.05, 0.3 + 0.05);
        Assert.NotEqual(values, Near.Values(layer.call(x)));
    }

    [Theory, InlineData("AlphaDropout"), InlineData("FeatureAlphaDropout")]
    public void Alpha_dropout_keeps_mean_and_variance(string kind)
    {
        manual_seed(4);
        var (layer, like) = Make(kind);
        var values = Near.Values(layer.call(randn(400, 500, like.ndim > 2 ? 2 : 1)));
        var mean = values.Average();
        Assert.InRange(mean, -0.03, 0.03);
        Assert.InRange(values.Average(value => (value - mean) * (value - mean)), 0.94, 1.06);
    }

    [Fact]
    public void The_gradient_passes_where_the_input_passed()
    {
        manual_seed(5);
        var x = ones(100, requires_grad: true);
        var y = functional.dropout(x, 0.5);
        y.sum().backward();
        Near.Equal(y, x.grad!);
    }

    [Fact]
    public void In_place_it_overwrites_its_input()
    {
        manual_seed(6);
        using var x = ones(1000);
        using var y = Dropout(0.5, inplace: true).call(x);
        Near.Equal(x, y);
        Assert.Contains(0, Near.Values(x));
    }

    [Fact]
    public void The_same_seed_drops_the_same_elements()
    {
        manual_seed(8);
        var first = Near.Values(functional.dropout(ones(100)));
        manual_seed(8);
        Assert.Equal(first, Near.Values(functional.dropout(ones(100))));
    }

    [Fact]
    public void A_sample_without_a_batch_loses_whole_channels()
    {
        manual_seed(9);
        var values = Near.Values(functional.dropout2d(ones(200, 2, 2)));
        Assert.All(values.Chunk(4), channel => Assert.Single(channel.Distinct()));
        Assert.Contains(0, values);
        Assert.Contains(2, values);
    }

    [Fact]
    public void Wrong_arguments_are_refused()
    {
        Assert.Throws<ExternalException>(() => functional.dropout(ones(3), 1.5));
        Assert.Throws<ArgumentException>(() => Dropout1d().call(ones(3, 3)));
    }

    [Fact]
    public void The_probability_can_be_changed()
    {
        var layer = Dropout(0.5);
        Assert.Equal(0.5, layer.p);
        layer.p = 0;
        Near.Equal(ones(100), layer.call(ones(100)));
        layer.p = 1;
        Near.Equal(zeros(100), layer.call(ones(100)));
    }
}
