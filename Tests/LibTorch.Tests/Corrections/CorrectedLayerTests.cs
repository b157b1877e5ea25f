using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

/// <summary>
/// Where TorchSharp 0.107 does not do what it says, and ours does. These tests are left out when the backend is
/// TorchSharp's package.
/// </summary>
public class CorrectedLayerTests
{
    [Fact]
    public void Truncated_normal_values_stay_inside_and_have_the_right_shape()
    {
        // TorchSharp multiplies by the mean and adds the deviation.
        manual_seed(1);
        var values = Near.Values(init.trunc_normal_(zeros(200, 200), mean: 1, std: 2, a: -1, b: 4));
        Assert.All(values, value => Assert.InRange(value, -1, 4));
        // Mean of N(1, 2²) between −1 and 4: 1 + 2·(φ(−1) − φ(1.5)) / (Φ(1.5) − Φ(−1)).
        Assert.InRange(values.Average(), 1.29 - 0.03, 1.29 + 0.03);
        Assert.Contains(values, value => value < -0.9);
        Assert.Contains(values, value => value > 3.9);
    }

    [Fact]
    public void Xavier_normal_is_normal()
    {
        // TorchSharp draws from the uniform distribution, which ends at √3 deviations.
        manual_seed(2);
        var values = Near.Values(init.xavier_normal_(zeros(300, 300)));
        var deviation = Math.Sqrt(2.0 / 600);
        Assert.InRange(Math.Sqrt(values.Average(value => value * value)), 0.98 * deviation, 1.02 * deviation);
        Assert.True(values.Max() > 3 * deviation);
    }

    [Fact]
    public void A_fresh_group_normalisation_has_weight_one_and_bias_zero()
    {
        // TorchSharp leaves the parameters as memory happens to be.
        using var layer = GroupNorm(2, 4);
        Near.Equal([1, 1, 1, 1], layer.weight);
        Near.Equal([0, 0, 0, 0], layer.bias!);
    }

    [Fact]
    public void Output_padding_is_per_dimension()
    {
        // TorchSharp takes the first dimension's for all.
        using var layer = ConvTranspose2d(1, 1, (3, 3), stride: (2, 2), output_padding: (1, 0));
        Assert.Equal([1, 1, 10, 9], layer.call(ones(1, 1, 4, 4)).shape);
    }

    [Fact]
    public void OneCycle_moves_every_group_of_parameters()
    {
        // TorchSharp confuses the number of the group with that of the phase.
        var groups = new[] { 1.0, 2.0 }.Select(_ => new TorchSharp.Modules.SGD.ParamGroup([Parameter(ones(1))], 0.1)).ToArray();
        using var optimizer = optim.SGD(groups, 0.1, momentum: 0.9);
        var scheduler = optim.lr_scheduler.OneCycleLR(optimizer, [1.0, 2.0], total_steps: 10);
        for (var step = 0; step < 8; step++)
        {
            var rates = scheduler.get_last_lr().ToArray();
            Assert.Equal(2 * rates[0], rates[1], 1e-12);
            scheduler.step();
        }
    }

    [Fact]
    public void Adaptive_max_pooling_of_volumes()
    {
        // TorchSharp forgets the output size.
        var x = Near.Random(1, 2, 3, 4, 6, 8);
        Near.Equal(functional.max_pool3d(x, [2, 3, 4]), AdaptiveMaxPool3d([2, 2, 2]).call(x));
    }
}
