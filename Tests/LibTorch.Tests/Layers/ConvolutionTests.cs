using System.Runtime.InteropServices;
using TorchSharp;
using TorchSharp.Modules;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class ConvolutionTests
{
    /// <summary>A convolution of a batch of images by loops.</summary>
    private static double[] Reference(Tensor input, Tensor weight, Tensor? bias, long stride, long padding, long dilation, long groups)
    {
        var (x, w, b) = (Near.Values(input), Near.Values(weight), bias is null ? null : Near.Values(bias));
        var (n, c, h, wd) = (input.size(0), input.size(1), input.size(2), input.size(3));
        var (o, cg, kh, kw) = (weight.size(0), weight.size(1), weight.size(2), weight.size(3));
        var oh = (h + 2 * padding - dilation * (kh - 1) - 1) / stride + 1;
        var ow = (wd + 2 * padding - dilation * (kw - 1) - 1) / stride + 1;
        var y = new double[n * o * oh * ow];
        var next = 0;
        for (var s = 0L; s < n; s++)
            for (var f = 0L; f < o; f++)
                for (var r = 0L; r < oh; r++)
                    for (var q = 0L; q < ow; q++)
                    {
                        var sum = b?[f] ?? 0;
                        for (var i = 0L; i < cg; i++)
                            for (var u = 0L; u < kh; u++)
                                for (var v = 0L; v < kw; v++)
                                {
                                    var (row, column) = (r * stride - padding + u * dilation, q * stride - padding + v * dilation);
                                    if (row < 0 || row >= h || column < 0 || column >= wd) continue;
                                    var channel = f / (o / groups) * cg + i;
                                    sum += x[((s * c + channel) * h + row) * wd + column] * w[((f * cg + i) * kh + u) * kw + v];
                                }
                        y[next++] = sum;
                    }
        return y;
    }

    [Theory]
    [InlineData(1, 0, 1, 1, true)]
    [InlineData(2, 1, 1, 1, true)]
    [InlineData(1, 2, 2, 1, false)]
    [InlineData(2, 1, 1, 2, true)]
    [InlineData(1, 1, 1, 4, true)]
    public void Conv2d_is_the_sum_over_the_window(long stride, long padding, long dilation, long groups, bool bias)
    {
        manual_seed(5);
        using var layer = Conv2d(4, 8, 3, stride, padding, dilation, groups: groups, bias: bias, dtype: float64);
        var x = Near.Random(6, 2, 4, 7, 9);
        Assert.Equal([8, 4 / groups, 3, 3], layer.weight.shape);
        Near.Equal(Reference(x, layer.weight, layer.bias, stride, padding, dilation, groups), layer.call(x));
    }

    [Fact]
    public void Conv1d_and_Conv3d_agree_with_Conv2d_where_they_overlap()
    {
        // A signal is an image of one row; an image is a volume of one slice.
        var signal = Near.Random(1, 2, 3, 11);
        using var conv1 = Conv1d(3, 4, 3, stride: 2, padding: 1, dilation: 2, dtype: float64);
        var asImage = functional.conv2d(signal.unsqueeze(2), conv1.weight.unsqueeze(2), conv1.bias, [1, 2], [0, 1], [1, 2]);
        Near.Equal(asImage.squeeze(2), conv1.call(signal));

        var image = Near.Random(2, 2, 3, 6, 7);
        using var conv2 = Conv2d(3, 4, (3, 2), stride: (2, 1), padding: (1, 0), dtype: float64);
        var asVolume = functional.conv3d(image.unsqueeze(2), conv2.weight.unsqueeze(2), conv2.bias, [1, 2, 1], [0, 1, 0]);
        Near.Equal(asVolume.squeeze(2), conv2.call(image));

        using var conv3 = Conv3d(3, 4, (1, 3, 2), stride: (1, 2, 1), padding: (0, 1, 0), dtype: float64);
        Near.Equal(functional.conv3d(image.unsqueeze(2), conv3.weight, conv3.bias, [1, 2, 1], [0, 1, 0]), conv3.call(image.unsqueeze(2)));
    }

    [Fact]
    public void Gradients_match_finite_differences()
    {
        var (x, weight, bias) = (Near.Random(1, 2, 4, 5, 4), Near.Random(2, 6, 2, 3, 2), Near.Random(3, 6));
        Tensor Apply(Tensor input, Tensor w, Tensor b) => Near.Form(functional.conv2d(input, w, b, [2, 1], [1, 0], [1, 1], 2));
        Gradients.AssertMatchDifferences(input => Apply(input, weight, bias), x, tolerance: 1e-5);
        Gradients.AssertMatchDifferences(input => Apply(x, input, bias), weight, tolerance: 1e-5);
        Gradients.AssertMatchDifferences(input => Apply(x, weight, input), bias, tolerance: 1e-5);
    }

    [Theory]
    [InlineData(PaddingModes.Reflect)]
    [InlineData(PaddingModes.Replicate)]
    [InlineData(PaddingModes.Circular)]
    public void Padding_modes_pad_first(PaddingModes mode)
    {
        manual_seed(2);
        using var layer = Conv2d(2, 3, (3, 5), padding: (1, 2), padding_mode: mode, dtype: float64);
        var x = Near.Random(3, 2, 2, 6, 7);

        // Indices of the padded rows and columns, by the mode's definition.
        long[] Indices(long size, long pad) => Enumerable.Range(0, (int)(size + 2 * pad)).Select(i =>
        {
            var at = i - pad;
            return mode switch
            {
                PaddingModes.Reflect => at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at,
                PaddingModes.Replicate => Math.Clamp(at, 0, size - 1),
                _ => (at + size) % size,
            };
        }).ToArray();
        var padded = x.index_select(2, tensor(Indices(6, 1))).index_select(3, tensor(Indices(7, 2)));

        Near.Equal(functional.conv2d(padded, layer.weight, layer.bias), layer.call(x));
    }

    [Fact]
    public void Same_padding_keeps_the_size()
    {
        using var layer = Conv2d(2, 3, (4, 3), Padding.Same, dilation: (1, 2), dtype: float64);
        var x = Near.Random(1, 2, 2, 9, 8);
        Assert.Equal(Padding.Same, layer.padding_type);
        Assert.Null(layer.padding);
        Assert.Equal([2, 3, 9, 8], layer.call(x).shape);
        // Of an odd total the larger part goes behind: three rows in all, one before and two behind.
        var padded = functional.pad(x, [2, 2, 1, 2]);
        Near.Equal(functional.conv2d(padded, layer.weight, layer.bias, dilation: [1, 2]), layer.call(x));

        using var valid = Conv1d(2, 3, 3, Padding.Valid, stride: 2);
        Assert.Equal([3, 4], valid.call(ones(2, 9)).shape);
        Assert.Throws<ArgumentException>(() => Conv2d(1, 1, 3, Padding.Same, stride: 2));
    }

    [Fact]
    public void SetPadding_takes_effect()
    {
        using var layer = Conv2d(1, 1, 3);
        using var x = ones(1, 1, 5, 5);
        Assert.Equal([1, 1, 3, 3], layer.call(x).shape);
        layer.SetPadding([2, 1]);
        Assert.Equal([1, 1, 7, 5], layer.call(x).shape);
        layer.SetPadding(Padding.Same);
        Assert.Equal([1, 1, 5, 5], layer.call(x).shape);
    }

    [Fact]
    public void Samples_without_a_batch_are_taken()
    {
        using var layer = Conv2d(2, 3, 3, dtype: float64);
        var x = Near.Random(4, 2, 5, 6);
        Near.Equal(layer.call(x.unsqueeze(0)).squeeze(0), layer.call(x));
    }

    [Fact]
    public void A_wrong_number_of_channels_is_refused()
    {
        using var conv1 = Conv1d(4, 2, 3);
        using var conv2 = Conv2d(4, 2, 3);
        using var conv3 = Conv3d(4, 2, 3);
        using var transposed = ConvTranspose2d(4, 2, 3);
        var message = Assert.Throws<ArgumentException>(() => conv2.call(ones(1, 3, 8, 8))).Message;
        Assert.Equal("Expected 3D (unbatched) or 4D (batched) input with 4 channels to Conv2d.", message);
        Assert.Equal("Expected 2D (unbatched) or 3D (batched) input with 4 channels to Conv1d.", Assert.Throws<ArgumentException>(() => conv1.call(ones(1, 3, 8))).Message);
        Assert.Equal("Expected 4D (unbatched) or 5D (batched) input with 4 channels to Conv3d.", Assert.Throws<ArgumentException>(() => conv3.call(ones(4, 8))).Message);
        Assert.Equal("Expected 3D (unbatched) or 4D (batched) input with 4 channels to ConvTranspose2d.", Assert.Throws<ArgumentException>(() => transposed.call(ones(1, 3, 8, 8))).Message);
        Assert.Throws<ArgumentException>(() => conv2.call(ones(8)));
    }

    [Fact]
    public void A_kernel_larger_than_the_input_is_refused_by_libtorch()
    {
        using var layer = Conv2d(1, 1, 5);
        using var x = ones(1, 1, 3, 3);
        Assert.Contains("Kernel size can't be greater than actual input size", Assert.Throws<ExternalException>(() => layer.call(x)).Message);
    }

    [Fact]
    public void Attributes_tell_how_it_was_made()
    {
        using var layer = Conv2d(4, 6, (3, 5), stride: (2, 1), padding: (1, 2), dilation: (1, 3), groups: 2);
        Assert.Equal((4, 6, 2), (layer.in_channels, layer.out_channels, layer.groups));
        Assert.Equal([3, 5], layer.kernel_size);
        Assert.Equal([2, 1], layer.stride);
        Assert.Equal([1, 2], layer.padding!);
        Assert.Equal([1, 3], layer.dilation);
        Assert.Equal(PaddingModes.Zeros, layer.padding_mode);
        Assert.False(layer.transposed);
        Assert.Equal(["weight", "bias"], layer.named_parameters().Select(named => named.name));
    }

    [Fact]
    public void Fresh_parameters_fill_the_interval_of_one_over_the_square_root_of_the_fan_in()
    {
        manual_seed(7);
        using var layer = Conv2d(20, 200, 5, groups: 5);
        foreach (var parameter in layer.parameters())
        {
            var values = Near.Values(parameter);
            Assert.All(values, value => Assert.InRange(value, -0.1, 0.1)); // fan in: 4·5·5
            Assert.True(values.Max() > 0.09 && values.Min() < -0.09);
        }
        var old = Near.Values(layer.weight);
        layer.reset_parameters();
        Assert.NotEqual(old, Near.Values(layer.weight));
    }

    [Theory]
    [InlineData(1, 0, 0, 1, 1)]
    [InlineData(2, 1, 1, 1, 1)]
    [InlineData(3, 2, 2, 2, 2)]
    public void Transposed_convolution_is_the_adjoint(long stride, long padding, long output_padding, long dilation, long groups)
    {
        // ⟨conv(x), y⟩ = ⟨x, conv_transpose(y)⟩ for every x and y.
        using var layer = ConvTranspose2d(4, 6, 3, stride, padding, output_padding, dilation, groups: groups, bias: false, dtype: float64);
        var y = Near.Random(1, 2, 4, 5, 4);
        var back = layer.call(y);
        Assert.Equal([4, 6 / groups, 3, 3], layer.weight.shape);
        Assert.Equal((5 - 1) * stride - 2 * padding + dilation * 2 + output_padding + 1, back.size(2));

        var x = Near.Random(2, 2, 6, back.size(2), back.size(3));
        var forth = functional.conv2d(x, layer.weight, null, [stride, stride], [padding, padding], [dilation, dilation], groups);
        Near.Equal((forth * y).sum(), (x * back).sum());
    }

    [Fact]
    public void Transposed_convolutions_agree_across_dimensions_and_add_the_bias()
    {
        var signal = Near.Random(1, 2, 3, 6);
        using var one = ConvTranspose1d(3, 2, 4, stride: 2, padding: 1, output_padding: 1, dtype: float64);
        using var two = ConvTranspose2d(3, 2, (1, 4), stride: (1, 2), padding: (0, 1), output_padding: (0, 1), dtype: float64);
        using var three = ConvTranspose3d(3, 2, (1, 1, 4), stride: (1, 1, 2), padding: (0, 0, 1), output_padding: (0, 0, 1), dtype: float64);
        var weight = one.weight;
        var direct = functional.conv_transpose1d(signal, weight, null, 2, 1, 1) + one.bias!.reshape(1, 2, 1);
        Near.Equal(direct, one.call(signal));
        Near.Equal(direct, functional.conv_transpose2d(signal.unsqueeze(2), weight.unsqueeze(2), one.bias, [1, 2], [0, 1], [0, 1]).squeeze(2));
        Near.Equal(direct, functional.conv_transpose3d(signal.unsqueeze(2).unsqueeze(2), weight.unsqueeze(2).unsqueeze(2), one.bias, [1, 1, 2], [0, 0, 1], [0, 0, 1]).squeeze(2).squeeze(2));
        Assert.Equal([2, 2, 1, 13], two.forward(signal.unsqueeze(2), [1, 13]).shape);
        Assert.Equal([2, 2, 1, 1, 13], three.forward(signal.unsqueeze(2).unsqueeze(2), [1, 1, 13]).shape);
    }

    [Fact]
    public void Transposed_convolution_chooses_among_output_sizes()
    {
        using var layer = ConvTranspose2d(1, 1, 3, stride: 2);
        using var x = ones(1, 1, 4, 4);
        Assert.Equal([1, 1, 9, 9], layer.call(x).shape);
        Assert.Equal([1, 1, 10, 9], layer.forward(x, [10, 9]).shape);
        Assert.Equal([1, 1, 9, 10], layer.forward(x, [1, 1, 9, 10]).shape);
        Assert.Throws<ArgumentException>(() => layer.forward(x, [11, 9]));
        Assert.Throws<ArgumentException>(() => layer.forward(x, [8, 9]));
        Assert.Throws<ArgumentException>(() => layer.forward(x, [9]));
        Assert.Throws<ArgumentException>(() => layer.SetPadding(Padding.Same));
        Assert.Throws<ArgumentException>(() => ConvTranspose2d(1, 1, 3, padding_mode: PaddingModes.Reflect));
    }
}
