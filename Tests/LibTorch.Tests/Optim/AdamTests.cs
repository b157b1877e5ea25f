using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests.Optim;

/// <summary>Adam on tensors that threads share, on such as lie in memory otherwise, and beside autograd.</summary>
public class AdamTests
{
    private const double Lr = 0.05;
    private const double Beta1 = 0.8;
    private const double Beta2 = 0.9;
    private const double Eps = 1e-3;

    [Theory]
    [InlineData(ScalarType.Float32, false, 1e-5)]
    [InlineData(ScalarType.Float32, true, 1e-5)]
    [InlineData(ScalarType.Float64, false, 1e-12)]
    [InlineData(ScalarType.Float64, true, 1e-12)]
    public void Every_element_of_large_parameters_follows_the_rule(ScalarType type, bool amsgrad, double tolerance)
    {
        manual_seed(1);
        AssertFollows([nn.Parameter(randn(70001, dtype: type)), nn.Parameter(randn(3, dtype: type)), nn.Parameter(randn(400, 201, dtype: type))], amsgrad, tolerance);
    }

    [Fact]
    public void Parameters_that_lie_in_memory_column_by_column_follow_the_rule()
    {
        manual_seed(2);
        var transposed = nn.Parameter(randn(5, 7, dtype: float64).t());
        Assert.False(transposed.is_contiguous());
        AssertFollows([transposed, nn.Parameter(randn(4, dtype: float64))], amsgrad: false, 1e-12);
    }

    [Fact]
    public void Parameters_of_different_types_follow_the_rule()
    {
        manual_seed(3);
        AssertFollows([nn.Parameter(randn(9, dtype: float64)), nn.Parameter(randn(9, dtype: float32))], amsgrad: true, 1e-5);
    }

    [Fact]
    public void A_backward_pass_that_needs_the_values_of_before_a_step_throws()
    {
        var parameter = nn.Parameter(tensor(new[] { 1.0, 2.0 }));
        using var optimizer = optim.Adam([parameter]);
        var loss = (parameter * parameter).sum();
        parameter.grad = tensor(new[] { 1.0, 1.0 });
        optimizer.step();
        Assert.Contains("modified by an inplace operation", Assert.ThrowsAny<ExternalException>(() => loss.backward()).Message);
    }

    private static void AssertFollows(Parameter[] parameters, bool amsgrad, double tolerance)
    {
        var expected = Array.ConvertAll(parameters, parameter => Near.Values(parameter));
        var states = Array.ConvertAll(expected, values => new (double Mean, double Square, double Largest)[values.Length]);
        using var optimizer = optim.Adam(parameters, Lr, Beta1, Beta2, Eps, amsgrad: amsgrad);
        for (var step = 1; step <= 4; step++)
        {
            for (var k = 0; k < parameters.Length; k++)
            {
                // Smaller from step to step, so that the largest square is not the last one.
                parameters[k].grad = randn_like(parameters[k]) / step;
                var gradients = Near.Values(parameters[k].grad!);
                for (var i = 0; i < gradients.Length; i++)
                {
                    ref var state = ref states[k][i];
                    state.Mean = (Beta1 * state.Mean) + ((1 - Beta1) * gradients[i]);
                    state.Square = (Beta2 * state.Square) + ((1 - Beta2) * gradients[i] * gradients[i]);
                    state.Largest = Math.Max(state.Largest, state.Square);
                    var divisor = Math.Sqrt((amsgrad ? state.Largest : state.Square) / (1 - Math.Pow(Beta2, step))) + Eps;
                    expected[k][i] -= Lr * state.Mean / (1 - Math.Pow(Beta1, step)) / divisor;
                }
            }

            optimizer.step();
            for (var k = 0; k < parameters.Length; k++) Near.Equal(expected[k], parameters[k], tolerance);
        }
    }
}
