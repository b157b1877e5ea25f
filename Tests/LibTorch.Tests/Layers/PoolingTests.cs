using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class PoolingTests
{
    /// <summary>Windows over images by loops: <paramref name="reduce"/> gets the elements inside the image and the size of the window, padding included.</summary>
    private static double[] Reference(Tensor input, (int, int) kernel, (int, int) stride, (int, int) padding, (int, int) dilation, Func<List<double>, int, double> reduce)
    {
        var x = Near.Values(input);
        var (planes, h, w) = (input.size(0) * input.size(1), input.size(2), input.size(3));
        var oh = (h + 2 * padding.Item1 - dilation.Item1 * (kernel.Item1 - 1) - 1) / stride.Item1 + 1;
        var ow = (w + 2 * padding.Item2 - dilation.Item2 * (kernel.Item2 - 1) - 1) / stride.Item2 + 1;
        var y = new List<double>();
        for (var p = 0L; p < planes; p++)
            for (var r = 0; r < oh; r++)
                for (var c = 0; c < ow; c++)
                {
                    var window = new List<double>();
                    for (var u = 0; u < kernel.Item1; u++)
                        for (var v = 0; v < kernel.Item2; v++)
                        {
                            var (row, column) = (r * stride.Item1 - padding.Item1 + u * dilation.Item1, c * stride.Item2 - padding.Item2 + v * dilation.Item2);
                            if (row >= 0 && row < h && column >= 0 && column < w) window.Add(x[(p * h + row) * w + column]);
                        }
                    y.Add(reduce(window, kernel.Item1 * kernel.Item2));
                }
        return [.. y];
    }

    private static double Largest(List<double> window, int size) => window.Max();

    [Fact]
    public void MaxPool2d_takes_the_largest()
    {
        var x = Near.Random(1, 2, 3, 8, 9);
        Near.Equal(Reference(x, (2, 2), (2, 2), (0, 0), (1, 1), Largest), MaxPool2d(2).call(x));
        Near.Equal(Reference(x, (3, 3), (1, 1), (1, 1), (1, 1), Largest), MaxPool2d(3, stride: 1, padding: 1).call(x));
        Near.Equal(Reference(x, (3, 2), (2, 1), (1, 0), (2, 1), Largest), MaxPool2d((3, 2), (2, 1), (1, 0), (2, 1)).call(x));
        Near.Equal(Reference(x, (3, 2), (2, 1), (1, 0), (2, 1), Largest), MaxPool2d([3, 2], [2, 1], [1, 0], [2, 1]).call(x));
        Near.Equal(Reference(x, (3, 3), (2, 2), (0, 0), (1, 1), Largest), functional.max_pool2d(x, 3, 2));
        Near.Equal(Reference(x, (2, 3), (2, 3), (0, 0), (1, 1), Largest), functional.max_pool2d(x, (2, 3)));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.max_pool2d(input, 3, 2)), x);
    }

    [Fact]
    public void AvgPool2d_takes_the_mean()
    {
        var x = Near.Random(2, 2, 3, 8, 9);
        static double WithPadding(List<double> window, int size) => window.Sum() / size;
        static double WithoutPadding(List<double> window, int size) => window.Average();

        Near.Equal(Reference(x, (2, 2), (2, 2), (0, 0), (1, 1), WithPadding), AvgPool2d(2).call(x));
        Near.Equal(Reference(x, (3, 2), (2, 1), (1, 0), (1, 1), WithPadding), AvgPool2d((3, 2), (2, 1), (1, 0)).call(x));
        Near.Equal(Reference(x, (3, 2), (2, 1), (1, 0), (1, 1), WithoutPadding), AvgPool2d([3, 2], [2, 1], [1, 0], count_include_pad: false).call(x));
        Near.Equal(Reference(x, (3, 3), (1, 1), (0, 0), (1, 1), (window, _) => window.Sum() / 5), functional.avg_pool2d(x, 3, 1, divisor_override: 5));
        Near.Equal(Reference(x, (2, 3), (2, 3), (1, 1), (1, 1), WithPadding), functional.avg_pool2d(x, (2, 3), padding: (1, 1)));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.avg_pool2d(input, 3, 2, 1)), x);
    }

    [Fact]
    public void Pools_agree_across_dimensions()
    {
        var signal = Near.Random(3, 2, 3, 11);
        var image = Near.Random(4, 2, 3, 7, 8);
        Near.Equal(functional.max_pool2d(signal.unsqueeze(2), (1, 3), (1, 2), (0, 1)).squeeze(2), MaxPool1d(3, 2, 1).call(signal));
        Near.Equal(functional.avg_pool2d(signal.unsqueeze(2), (1, 3), (1, 2), (0, 1)).squeeze(2), AvgPool1d(3, 2, 1).call(signal));
        Near.Equal(functional.avg_pool1d(signal, 3), AvgPool1d(3).call(signal));
        Near.Equal(functional.max_pool1d(signal, 3, dilation: 2), MaxPool1d(3, dilation: 2).call(signal));
        Near.Equal(functional.max_pool2d(image, (3, 2)), MaxPool3d((1, 3, 2)).call(image.unsqueeze(2)).squeeze(2));
        Near.Equal(functional.avg_pool2d(image, (3, 2)), AvgPool3d((1, 3, 2)).call(image.unsqueeze(2)).squeeze(2));
        Near.Equal(functional.max_pool3d(image, [2, 2, 2]), MaxPool3d(2).call(image));
        Near.Equal(functional.avg_pool3d(image, [3, 3, 3], [1, 1, 1]), AvgPool3d([3, 3, 3], [1, 1, 1]).call(image));
    }

    [Fact]
    public void Ceil_mode_counts_the_last_partial_window()
    {
        var x = tensor(new[] { 1.0, 5, 2, 4, 3 }).reshape(1, 1, 5);
        Near.Equal([5, 4], MaxPool1d(2).call(x));
        Near.Equal([5, 4, 3], MaxPool1d(2, ceil_mode: true).call(x));
        Near.Equal([3, 3, 3], AvgPool1d(2, ceil_mode: true).call(x));
        Assert.Equal([1, 1, 3, 3], MaxPool2d(2, ceil_mode: true).call(ones(1, 1, 5, 5)).shape);
    }

    [Fact]
    public void Indices_say_where_the_largest_stood()
    {
        var x = Near.Random(5, 1, 2, 6, 6);
        var (values, indices) = MaxPool2d(2).forward_with_indices(x);
        Near.Equal(functional.max_pool2d(x, 2), values);
        Near.Equal(x.flatten(2).gather(2, indices.flatten(2)), values.flatten(2));

        var (values1, indices1) = functional.max_pool1d_with_indices(x[0], 3);
        Near.Equal(x[0].gather(2, indices1), values1);
        var (values3, indices3) = MaxPool3d(2).forward_with_indices(x);
        Near.Equal(x.flatten(1).gather(1, indices3.flatten(1)), values3.flatten(1));
    }

    [Fact]
    public void Adaptive_pools_cover_the_input_evenly()
    {
        // Window i of n over a size s goes from floor(i·s/n) to ceil((i+1)·s/n).
        var x = Near.Random(6, 2, 3, 7, 10);
        var (h, w, oh, ow) = (7, 10, 3, 4);
        var (means, largest) = (new List<double>(), new List<double>());
        var values = Near.Values(x);
        for (var p = 0; p < 6; p++)
            for (var r = 0; r < oh; r++)
                for (var c = 0; c < ow; c++)
                {
                    var window = new List<double>();
                    for (var row = r * h / oh; row < ((r + 1) * h + oh - 1) / oh; row++)
                        for (var column = c * w / ow; column < ((c + 1) * w + ow - 1) / ow; column++)
                            window.Add(values[(p * h + row) * w + column]);
                    means.Add(window.Average());
                    largest.Add(window.Max());
                }
        Near.Equal([.. means], AdaptiveAvgPool2d((3, 4)).call(x));
        Near.Equal([.. means], AdaptiveAvgPool2d([3, 4]).call(x));
        Near.Equal([.. largest], AdaptiveMaxPool2d([3, 4]).call(x));
        Near.Equal(x.mean([2, 3], keepdim: true), AdaptiveAvgPool2d(1).call(x));
        Near.Equal(x.mean([2, 3], keepdim: true), functional.adaptive_avg_pool2d(x, 1));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.adaptive_avg_pool2d(input, (3, 4))), x);
    }

    [Fact]
    public void Adaptive_pools_agree_across_dimensions()
    {
        var signal = Near.Random(7, 2, 3, 11);
        var image = Near.Random(8, 2, 3, 7, 8);
        Near.Equal(functional.adaptive_avg_pool2d(signal.unsqueeze(2), (1, 4)).squeeze(2), AdaptiveAvgPool1d(4).call(signal));
        Near.Equal(functional.adaptive_max_pool2d(signal.unsqueeze(2), [1, 4]).squeeze(2), AdaptiveMaxPool1d(4).call(signal));
        Near.Equal(functional.adaptive_avg_pool2d(image, (3, 4)).unsqueeze(2), AdaptiveAvgPool3d((1, 3, 4)).call(image.unsqueeze(2)));
        Near.Equal(image.mean([1, 2, 3], keepdim: true), AdaptiveAvgPool3d(1).call(image));
        var (values, indices) = AdaptiveMaxPool1d(4).forward_with_indices(signal);
        Near.Equal(signal.gather(2, indices), values);
    }

    [Fact]
    public void Settings_can_be_read()
    {
        var pool = MaxPool2d(2);
        Assert.Equal([2, 2], pool.kernel_size);
        Assert.Equal([2, 2], pool.stride);
        Assert.Equal([0, 0], pool.padding);
        Assert.Equal([1, 1], pool.dilation);
        Assert.Empty(pool.parameters());
    }
}
