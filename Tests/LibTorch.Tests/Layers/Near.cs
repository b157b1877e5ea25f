using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Compares tensors with values computed in plain C#.</summary>
internal static class Near
{
    /// <summary>Asserts that every element is what is expected, and that there are as many.</summary>
    internal static void Equal(double[] expected, Tensor actual, double tolerance = 1e-9)
    {
        var values = Values(actual);
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            Assert.True(
                Math.Abs(expected[i] - values[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i])) || expected[i].Equals(values[i]),
                $"Element {i}: expected {expected[i]}, got {values[i]}.");
        }
    }

    /// <summary>Asserts that two tensors have the same shape and, but for rounding, the same elements.</summary>
    internal static void Equal(Tensor expected, Tensor actual, double tolerance = 1e-9)
    {
        Assert.Equal(expected.shape, actual.shape);
        Equal(Values(expected), actual, tolerance);
    }

    /// <summary>The elements, row by row.</summary>
    internal static double[] Values(Tensor tensor) => tensor.detach().to(float64).contiguous().data<double>().ToArray();

    /// <summary>Numbers in double precision that do not repeat, by a seed.</summary>
    internal static Tensor Random(int seed, params long[] shape)
    {
        manual_seed(seed);
        return randn(shape, dtype: float64);
    }

    /// <summary>A fixed linear form of a tensor: a single number that depends on every element, for gradients.</summary>
    internal static Tensor Form(Tensor tensor)
    {
        var factors = arange(1, tensor.NumberOfElements + 1, dtype: float64).mul(0.37).sin().reshape(tensor.shape);
        return (tensor * factors).sum();
    }
}
