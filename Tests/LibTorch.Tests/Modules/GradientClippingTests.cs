using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary><c>nn.utils</c>: clipping gradients, and parameters as one vector.</summary>
public sealed class GradientClippingTests : IDisposable
{
    private readonly Parameter a = WithGradient([3f, 0f]);
    private readonly Parameter b = WithGradient([0f, -4f, 0f]);
    private readonly Parameter untrained = Parameter(ones(1));

    public void Dispose()
    {
        a.Dispose();
        b.Dispose();
        untrained.Dispose();
    }

    private static Parameter WithGradient(float[] values)
    {
        var parameter = Parameter(zeros(values.Length));
        using var gradient = tensor(values);
        parameter.grad = gradient;
        return parameter;
    }

    private static float[] Gradient(Parameter parameter)
    {
        using var gradient = parameter.grad!;
        return gradient.data<float>().ToArray();
    }

    [Fact]
    public void A_norm_that_is_too_large_is_scaled_down()
    {
        Assert.Equal(5.0, nn.utils.clip_grad_norm_([a, b, untrained], max_norm: 1), 1e-6); // 3, 4, 5
        Assert.Equal(0.6f, Gradient(a)[0], 1e-5f);
        Assert.Equal(-0.8f, Gradient(b)[1], 1e-5f);
        Assert.Null(untrained.grad);
    }

    [Fact]
    public void A_norm_that_is_small_enough_stays()
    {
        Assert.Equal(5.0, nn.utils.clip_grad_norm_([a, b], max_norm: 6), 1e-6);
        Assert.Equal([3f, 0f], Gradient(a));
        Assert.Equal([0f, -4f, 0f], Gradient(b));
    }

    [Theory]
    [InlineData(1.0, 7.0)]
    [InlineData(3.0, 4.497941445)] // the cube root of 27 + 64
    [InlineData(double.PositiveInfinity, 4.0)]
    public void The_order_of_the_norm_can_be_chosen(double order, double expected)
    {
        Assert.Equal(expected, nn.utils.clip_grad_norm_([a, b], max_norm: 100, norm_type: order), 1e-5);
    }

    [Fact]
    public void Without_gradients_the_norm_is_zero()
    {
        Assert.Equal(0.0, nn.utils.clip_grad_norm_([untrained], max_norm: 1));
    }

    [Fact]
    public void Elements_are_limited_to_a_range()
    {
        nn.utils.clip_grad_value_([a, b, untrained], 2);
        Assert.Equal([2f, 0f], Gradient(a));
        Assert.Equal([0f, -2f, 0f], Gradient(b));
    }

    [Fact]
    public void Parameters_go_to_a_vector_and_back()
    {
        using Parameter matrix = Parameter(tensor(new[,] { { 1f, 2f }, { 3f, 4f } })), single = Parameter(tensor(new[] { 5f }));

        using var vector = nn.utils.parameters_to_vector([matrix, single]);
        Assert.Equal([1f, 2f, 3f, 4f, 5f], vector.data<float>().ToArray());

        using var tenfold = vector.detach() * 10;
        nn.utils.vector_to_parameters(tenfold, [matrix, single]);
        Assert.Equal([2L, 2L], matrix.shape);
        Assert.Equal([10f, 20f, 30f, 40f], matrix.data<float>().ToArray());
        Assert.Equal([50f], single.data<float>().ToArray());
        Assert.True(matrix.requires_grad);
    }
}
