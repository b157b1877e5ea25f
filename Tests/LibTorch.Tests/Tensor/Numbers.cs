using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>What the tests of tensor functions share: tensors of doubles in, arrays of doubles out.</summary>
internal static class Numbers
{
    /// <summary>A vector of doubles.</summary>
    internal static Tensor Vector(params double[] values) => tensor(values);

    /// <summary>A tensor of doubles of the given shape.</summary>
    internal static Tensor Shaped(long[] shape, params double[] values) => tensor(values).reshape(shape);

    /// <summary>0, 1, 2, ... in the given shape.</summary>
    internal static Tensor Counting(params long[] shape) =>
        tensor(Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(i => (double)i).ToArray()).reshape(shape);

    /// <summary>A vector of integers, as indices are.</summary>
    internal static Tensor Indices(params long[] values) => tensor(values);

    /// <summary>The elements in row-major order.</summary>
    internal static double[] Values(this Tensor tensor) => tensor.to_type(ScalarType.Float64).contiguous().data<double>().ToArray();

    /// <summary>The elements of an integer or Boolean tensor in row-major order.</summary>
    internal static long[] Integers(this Tensor tensor) => tensor.to_type(ScalarType.Int64).contiguous().data<long>().ToArray();

    internal static void Close(double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        var values = actual.Values();
        Assert.Equal(expected.Length, values.Length);
        for (var i = 0; i < expected.Length; i++)
        {
            var same = double.IsNaN(expected[i]) ? double.IsNaN(values[i])
                : values[i] == expected[i] || Math.Abs(values[i] - expected[i]) <= tolerance * Math.Max(1, Math.Abs(expected[i]));
            Assert.True(same, $"element {i} is {values[i]:R}, expected {expected[i]:R}");
        }
    }

    internal static void Close(long[] shape, double[] expected, Tensor actual, double tolerance = 1e-12)
    {
        Assert.Equal(shape, actual.shape);
        Close(expected, actual, tolerance);
    }

    /// <summary>The product of two matrices given row by row.</summary>
    internal static double[] Product(double[] a, double[] b, int n, int m, int p)
    {
        var product = new double[n * p];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < p; j++)
                for (var k = 0; k < m; k++)
                    product[i * p + j] += a[i * m + k] * b[k * p + j];
        return product;
    }
}
