using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>Compares gradients with finite differences.</summary>
internal static class Gradients
{
    /// <summary>
    /// Asserts that the gradient of <paramref name="function"/>, a single number, at <paramref name="point"/> (double
    /// precision) is what central differences give: (f(x + h) − f(x − h)) / 2h for every element.
    /// </summary>
    internal static void AssertMatchDifferences(Func<Tensor, Tensor> function, Tensor point, double step = 1e-6, double tolerance = 1e-6)
    {
        using var scope = NewDisposeScope();
        var leaf = point.detach().clone().requires_grad_();
        function(leaf).backward();
        var gradient = leaf.grad!.data<double>().ToArray();

        using var noGradients = no_grad();
        var values = point.data<double>().ToArray();
        for (var i = 0; i < values.Length; i++)
        {
            var slope = (At(i, values[i] + step) - At(i, values[i] - step)) / (2 * step);
            Assert.True(
                Math.Abs(slope - gradient[i]) <= tolerance * Math.Max(1, Math.Abs(slope)),
                $"Element {i}: the gradient is {gradient[i]}, differences give {slope}.");
        }

        double At(int position, double value)
        {
            var moved = (double[])values.Clone();
            moved[position] = value;
            return function(tensor(moved, point.shape)).item<double>();
        }
    }
}
