using TorchSharp;
using Xunit;
using static PruneGen.LibTorch.Tests.Numbers;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Activations that are more than a function of one number; the others are in <see cref="PointwiseTests"/>.</summary>
public class ActivationTests
{
    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    [Fact]
    public void Glu_gates_the_first_half_by_the_second()
    {
        using var x = Shaped([2, 4], 1, 2, 0.5, -1, 3, 4, 0, 2);
        Close([2, 2], [Sigmoid(0.5), 2 * Sigmoid(-1), 1.5, 4 * Sigmoid(2)], x.glu());
        Close([1, 4], [Sigmoid(3), 2 * Sigmoid(4), 0.25, -Sigmoid(2)], x.glu(0));
    }

    [Fact]
    public void Prelu_has_a_slope_for_each_channel()
    {
        using var x = Shaped([2, 2], -1, -2, 3, -4);
        Close([2, 2], [-0.5, -0.5, 3, -1], x.prelu(Vector(0.5, 0.25)));
        Close([2, 2], [-0.5, -1, 3, -2], x.prelu(Vector(0.5)));
    }

    [Fact]
    public void Gelu_in_place_overwrites()
    {
        using var x = Vector(-1, 0, 2);
        var expected = x.gelu().Values();
        x.gelu_();
        Close(expected, x);
    }
}
