using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class InitTests
{
    private static (double mean, double deviation, double largest) Statistics(Tensor tensor)
    {
        var values = Near.Values(tensor);
        var mean = values.Average();
        return (mean, Math.Sqrt(values.Average(value => (value - mean) * (value - mean))), values.Max(Math.Abs));
    }

    /// <summary>Uniform on ±bound, by its bounds and its standard deviation bound/√3.</summary>
    private static void AssertUniform(Tensor tensor, double bound)
    {
        var (mean, deviation, largest) = Statistics(tensor);
        Assert.InRange(largest, 0.99 * bound, bound);
        Assert.InRange(mean, -0.02 * bound, 0.02 * bound);
        Assert.InRange(deviation, 0.98 * bound / Math.Sqrt(3), 1.02 * bound / Math.Sqrt(3));
    }

    private static void AssertNormal(Tensor tensor, double deviation)
    {
        var (mean, actual, largest) = Statistics(tensor);
        Assert.InRange(mean, -0.02 * deviation, 0.02 * deviation);
        Assert.InRange(actual, 0.98 * deviation, 1.02 * deviation);
        Assert.True(largest > 3 * deviation);
    }

    // A convolution's weight: fan in 30·9 = 270, fan out 40·9 = 360.
    private static Tensor Weight() => zeros(40, 30, 3, 3);

    [Fact]
    public void Kaiming_and_Xavier_keep_the_variance()
    {
        manual_seed(1);
        AssertUniform(init.kaiming_uniform_(Weight()), Math.Sqrt(6.0 / 270));
        AssertUniform(init.kaiming_uniform_(Weight(), a: Math.Sqrt(5)), Math.Sqrt(1.0 / 270));
        AssertUniform(init.kaiming_uniform_(Weight(), mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.Linear), Math.Sqrt(3.0 / 360));
        AssertNormal(init.kaiming_normal_(Weight(), nonlinearity: init.NonlinearityType.ReLU), Math.Sqrt(2.0 / 270));
        AssertNormal(init.kaiming_normal_(Weight(), mode: init.FanInOut.FanOut, nonlinearity: init.NonlinearityType.Tanh), 5.0 / 3 / Math.Sqrt(360));
        AssertUniform(init.xavier_uniform_(Weight(), 2), 2 * Math.Sqrt(6.0 / 630));
        AssertUniform(init.glorot_uniform_(Weight()), Math.Sqrt(6.0 / 630));
    }

    [Fact]
    public void Plain_distributions_and_constants()
    {
        manual_seed(2);
        AssertUniform(init.uniform_(zeros(100, 100), -3, 3), 3);
        AssertNormal(init.normal_(zeros(100, 100), std: 0.2), 0.2);
        Assert.InRange(Statistics(init.normal_(zeros(100, 100), 5, 0.1)).mean, 4.99, 5.01);
        Near.Equal([1, 1], init.ones_(empty(2)));
        Near.Equal([0, 0], init.zeros_(empty(2)));
        Near.Equal([2.5, 2.5], init.constant_(empty(2), 2.5));
        Near.Equal(eye(3, 4), init.eye_(ones(3, 4)));
    }

    [Fact]
    public void Parameters_are_overwritten_outside_of_autograd()
    {
        var parameter = Parameter(zeros(3, 3));
        var result = init.kaiming_uniform_(parameter);
        Assert.Same(parameter, result);
        Assert.True(parameter.requires_grad && parameter.is_leaf);
        Assert.NotEqual(new double[9], Near.Values(parameter));
    }

    [Fact]
    public void The_same_seed_gives_the_same_values()
    {
        manual_seed(3);
        var first = Near.Values(init.xavier_uniform_(zeros(4, 4)));
        manual_seed(3);
        Assert.Equal(first, Near.Values(init.xavier_uniform_(zeros(4, 4))));
    }

    [Theory, InlineData(6, 4), InlineData(4, 6)]
    public void Orthogonal_rows_or_columns(long rows, long columns)
    {
        manual_seed(4);
        var matrix = init.orthogonal_(zeros(rows, columns, dtype: float64), 3);
        var product = rows < columns ? matrix.matmul(matrix.t()) : matrix.t().matmul(matrix);
        // TorchSharp draws and factorises in single precision whatever the type.
        Near.Equal(9 * eye(Math.Min(rows, columns), dtype: float64), product, 1e-5);

        var kernel = init.orthogonal_(zeros(3, 2, 5, dtype: float64)).reshape(3, 10);
        Near.Equal(eye(3, dtype: float64), kernel.matmul(kernel.t()), 1e-6);
    }

    [Fact]
    public void Sparse_columns_have_their_share_of_zeros()
    {
        manual_seed(5);
        var matrix = init.sparse_(ones(20, 7), 0.33, 2);
        for (var column = 0; column < 7; column++)
            Assert.Equal(7, Near.Values(matrix.select(1, column)).Count(value => value == 0));
    }

    [Fact]
    public void Dirac_kernels_hand_channels_on()
    {
        var kernel = init.dirac_(ones(5, 3, 3, 5, dtype: float64));
        var x = Near.Random(1, 2, 3, 6, 7);
        var y = functional.conv2d(x, kernel, padding: [1, 2]);
        Near.Equal(x, y.narrow(1, 0, 3));
        Near.Equal(new double[2 * 2 * 42], y.narrow(1, 3, 2));
        Assert.Throws<ExternalException>(() => init.dirac_(ones(3, 3)));
    }

    [Fact]
    public void Gains_and_fans()
    {
        Assert.Equal(1, init.calculate_gain(init.NonlinearityType.Conv2D));
        Assert.Equal(1, init.calculate_gain(init.NonlinearityType.Sigmoid));
        Assert.Equal(5.0 / 3, init.calculate_gain(init.NonlinearityType.Tanh), 1e-12);
        Assert.Equal(Math.Sqrt(2), init.calculate_gain(init.NonlinearityType.ReLU), 1e-12);
        Assert.Equal(Math.Sqrt(2 / 1.04), init.calculate_gain(init.NonlinearityType.LeakyReLU, 0.2), 1e-12);
        Assert.Equal((3, 4), init.CalculateFanInAndFanOut(zeros(4, 3)));
        Assert.Equal((30, 40), init.CalculateFanInAndFanOut(zeros(4, 3, 2, 5)));
        Assert.Throws<ArgumentException>(() => init.CalculateFanInAndFanOut(zeros(4)));
    }
}
