using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class LinearTests
{
    private static double[] Reference(double[] x, double[] weight, double[]? bias, int rows, int inputs, int outputs)
    {
        var y = new double[rows * outputs];
        for (var r = 0; r < rows; r++)
            for (var o = 0; o < outputs; o++)
            {
                y[r * outputs + o] = bias?[o] ?? 0;
                for (var i = 0; i < inputs; i++) y[r * outputs + o] += x[r * inputs + i] * weight[o * inputs + i];
            }
        return y;
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Forward_multiplies_by_the_transposed_weight(bool hasBias)
    {
        manual_seed(1);
        using var layer = Linear(3, 4, hasBias, dtype: float64);
        var x = Near.Random(2, 2, 5, 3);
        var expected = Reference(Near.Values(x), Near.Values(layer.weight), hasBias ? Near.Values(layer.bias!) : null, 10, 3, 4);

        using var y = layer.call(x);
        Assert.Equal([2, 5, 4], y.shape);
        Near.Equal(expected, y);
        Near.Equal(y, layer.forward(x));
        Assert.Equal(hasBias, layer.bias is not null);
        Assert.Equal(hasBias ? 2 : 1, layer.parameters().Count());
    }

    [Fact]
    public void Gradients_match_finite_differences()
    {
        var (x, weight, bias) = (Near.Random(1, 4, 3), Near.Random(2, 5, 3), Near.Random(3, 5));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.linear(input, weight, bias)), x);
        Gradients.AssertMatchDifferences(input => Near.Form(functional.linear(x, input, bias)), weight);
        Gradients.AssertMatchDifferences(input => Near.Form(functional.linear(x, weight, input)), bias);
    }

    [Fact]
    public void Fresh_parameters_fill_the_interval_of_one_over_the_square_root_of_the_inputs()
    {
        manual_seed(7);
        using var layer = Linear(400, 300);
        foreach (var parameter in layer.parameters())
        {
            var values = Near.Values(parameter);
            Assert.All(values, value => Assert.InRange(value, -0.05, 0.05));
            Assert.True(values.Max() > 0.045 && values.Min() < -0.045);
            Assert.InRange(values.Average(), -0.008, 0.008);
            Assert.True(parameter.requires_grad);
        }
    }

    [Fact]
    public void Setting_the_weight_registers_the_new_one_and_releases_the_old_one()
    {
        using var layer = Linear(3, 2);
        var old = layer.weight;
        layer.weight = Parameter(ones(2, 3));
        layer.bias = null;

        Assert.True(old.IsInvalid);
        Assert.Equal(["weight"], layer.named_parameters().Select(named => named.name));
        Assert.Same(layer.weight, layer.parameters().Single());
        Near.Equal([6, 6], layer.call(tensor(new[] { 1f, 2f, 3f })));

        layer.weight = layer.weight;
        Assert.False(layer.weight.IsInvalid);
        Assert.ThrowsAny<Exception>(() => layer.weight = null!);
        Assert.False(layer.weight.IsInvalid);
    }

    [Fact]
    public void A_weight_that_is_set_outlives_the_dispose_scope_it_was_made_in()
    {
        using var layer = Linear(3, 2);
        using (NewDisposeScope())
        {
            layer.weight = Parameter(ones(2, 3));
            layer.bias = Parameter(ones(2));
        }
        Near.Equal([4, 4], layer.call(ones(3)));
    }

    [Fact]
    public void Made_from_parameters_it_owns_them()
    {
        var weight = Parameter(ones(4, 2));
        using var layer = Linear(weight);
        Assert.Equal((2, 4), (layer.in_features, layer.out_features));
        Assert.Same(weight, layer.weight);
        Assert.Null(layer.bias);
    }

    [Fact]
    public void Feature_counts_are_descriptive()
    {
        using var layer = Linear(3, 2);
        Assert.Equal((3, 2), (layer.in_features, layer.out_features));
        layer.in_features = 5;
        Assert.Equal([2], layer.call(ones(3)).shape);
    }

    [Fact]
    public void An_input_of_another_width_is_refused_by_libtorch()
    {
        using var layer = Linear(3, 2);
        using var x = ones(4, 5);
        Assert.Throws<ExternalException>(() => layer.call(x));
    }

    [Fact]
    public void Disposing_releases_the_parameters()
    {
        var layer = Linear(3, 2);
        var (weight, bias) = (layer.weight, layer.bias!);
        layer.Dispose();
        Assert.True(weight.IsInvalid && bias.IsInvalid);
    }

    [Fact]
    public void Converting_keeps_registration()
    {
        using var layer = Linear(3, 2);
        layer.to(float64);
        Assert.Equal(ScalarType.Float64, layer.weight.dtype);
        Assert.Same(layer.weight, layer.get_parameter("weight"));
        Assert.Same(layer.bias, layer.get_parameter("bias"));
    }

    [Fact]
    public void Identity_hands_a_second_handle_on()
    {
        using var layer = Identity();
        using var x = ones(2, 2);
        var y = layer.call(x);
        Assert.NotSame(x, y);
        y.Dispose();
        Near.Equal([1, 1, 1, 1], x);
    }
}
