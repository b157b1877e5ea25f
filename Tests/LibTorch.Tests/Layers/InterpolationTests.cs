using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class InterpolationTests
{
    /// <summary>Values between those of a row by lines, at the places that the two conventions give.</summary>
    private static double[] Lines(double[] row, int size, bool alignCorners)
    {
        var result = new double[size];
        for (var i = 0; i < size; i++)
        {
            var place = alignCorners ? (double)i * (row.Length - 1) / (size - 1) : Math.Max(0, (i + 0.5) * row.Length / size - 0.5);
            var left = Math.Min((int)place, row.Length - 1);
            var right = Math.Min(left + 1, row.Length - 1);
            result[i] = row[left] + (place - left) * (row[right] - row[left]);
        }
        return result;
    }

    /// <summary>The same for images: first the rows, then the columns.</summary>
    private static double[] Planes(double[] image, int height, int width, int newHeight, int newWidth, bool alignCorners)
    {
        var rows = image.Chunk(width).Select(row => Lines(row, newWidth, alignCorners)).ToArray();
        var columns = Enumerable.Range(0, newWidth).Select(c => Lines(rows.Select(row => row[c]).ToArray(), newHeight, alignCorners)).ToArray();
        return Enumerable.Range(0, newHeight * newWidth).Select(i => columns[i % newWidth][i / newWidth]).ToArray();
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Lines_and_planes(bool alignCorners)
    {
        var signal = Near.Random(1, 1, 1, 5);
        Near.Equal(Lines(Near.Values(signal), 8, alignCorners), functional.interpolate(signal, [8], mode: InterpolationMode.Linear, align_corners: alignCorners));
        Near.Equal(Lines(Near.Values(signal), 10, alignCorners), Upsample(scale_factor: [2], mode: UpsampleMode.Linear, align_corners: alignCorners).call(signal));

        var image = Near.Random(2, 1, 1, 4, 5);
        Near.Equal(Planes(Near.Values(image), 4, 5, 7, 9, alignCorners), functional.interpolate(image, [7, 9], mode: InterpolationMode.Bilinear, align_corners: alignCorners));
        Near.Equal(Planes(Near.Values(image), 4, 5, 3, 2, alignCorners), Upsample([3, 2], mode: UpsampleMode.Bilinear, align_corners: alignCorners).call(image));
        Near.Equal(Planes(Near.Values(image), 4, 5, 8, 10, alignCorners), functional.upsample_bilinear(image, scale_factor: [2, 2], align_corners: alignCorners));
        // A volume whose depth stays is an image per slice.
        Near.Equal(functional.interpolate(image, [7, 9], mode: InterpolationMode.Bilinear, align_corners: alignCorners).unsqueeze(2), functional.interpolate(image.unsqueeze(2), [1, 7, 9], mode: InterpolationMode.Trilinear, align_corners: alignCorners));
        Gradients.AssertMatchDifferences(x => Near.Form(functional.interpolate(x, [7, 9], mode: InterpolationMode.Bilinear, align_corners: alignCorners)), image, tolerance: 1e-5);
    }

    [Fact]
    public void Nearest_values_are_repeated()
    {
        var image = Near.Random(1, 2, 3, 4, 5);
        var twice = image.repeat_interleave(2, dim: 2).repeat_interleave(3, dim: 3);
        Near.Equal(twice, functional.interpolate(image, scale_factor: [2, 3]));
        Near.Equal(twice, functional.interpolate(image, [8, 15]));
        Near.Equal(twice, Upsample(scale_factor: [2, 3]).call(image));
        Near.Equal(image.select(2, 0).repeat_interleave(2, dim: 2), functional.interpolate(image.select(2, 0), scale_factor: [2]));
        Near.Equal(image.unsqueeze(2).repeat_interleave(2, dim: 2), functional.interpolate(image.unsqueeze(2), [2, 4, 5]));
        // Of five, three are at floor(i·5/3), or at floor((i + 0.5)·5/3).
        var row = tensor(new[] { 0.0, 1, 2, 3, 4 }).reshape(1, 1, 5);
        Near.Equal([0, 1, 3], functional.interpolate(row, [3]));
        Near.Equal([0, 2, 4], functional.interpolate(row, [3], mode: InterpolationMode.NearestExact));
    }

    [Fact]
    public void Area_is_the_mean_of_even_windows()
    {
        var image = Near.Random(1, 2, 3, 6, 8);
        Near.Equal(functional.adaptive_avg_pool2d(image, (3, 4)), functional.interpolate(image, [3, 4], mode: InterpolationMode.Area));
        Near.Equal(functional.adaptive_avg_pool2d(image, (3, 4)), functional.interpolate(image, scale_factor: [0.5, 0.5], mode: InterpolationMode.Area));
    }

    /// <summary>Values between those of a row by the cubic convolution of Keys (1981) with a = −0.75; the border is repeated.</summary>
    private static double[] Cubics(double[] row, int size)
    {
        const double a = -0.75;
        static double Weight(double distance) => distance switch
        {
            <= 1 => ((a + 2) * distance - (a + 3)) * distance * distance + 1,
            < 2 => ((a * distance - 5 * a) * distance + 8 * a) * distance - 4 * a,
            _ => 0,
        };
        var result = new double[size];
        for (var i = 0; i < size; i++)
        {
            var place = (i + 0.5) * row.Length / size - 0.5;
            var left = (int)Math.Floor(place);
            for (var tap = left - 1; tap <= left + 2; tap++)
                result[i] += Weight(Math.Abs(place - tap)) * row[Math.Clamp(tap, 0, row.Length - 1)];
        }
        return result;
    }

    [Fact]
    public void Cubic_convolution()
    {
        var image = Near.Random(4, 1, 1, 5, 6);
        var rows = Near.Values(image).Chunk(6).Select(row => Cubics(row, 11)).ToArray();
        var columns = Enumerable.Range(0, 11).Select(c => Cubics(rows.Select(row => row[c]).ToArray(), 8)).ToArray();
        var expected = Enumerable.Range(0, 88).Select(i => columns[i % 11][i / 11]).ToArray();
        Near.Equal(expected, functional.interpolate(image, [8, 11], mode: InterpolationMode.Bicubic));
        Near.Equal(expected, Upsample([8, 11], mode: UpsampleMode.Bicubic).call(image));
    }

    [Fact]
    public void Factors_can_be_computed_anew_from_the_sizes()
    {
        var signal = Near.Random(1, 1, 1, 5);
        // 5·1.5 = 7.5 gives seven values; the factor is then 7/5 rather than 1.5.
        Near.Equal(Lines(Near.Values(signal), 7, false), functional.interpolate(signal, scale_factor: [1.5], mode: InterpolationMode.Linear, recompute_scale_factor: true));
        Assert.NotEqual(Lines(Near.Values(signal), 7, false), Near.Values(functional.interpolate(signal, scale_factor: [1.5], mode: InterpolationMode.Linear)));
    }

    [Fact]
    public void Antialiasing_averages_what_is_left_out()
    {
        var image = Near.Random(1, 1, 1, 8, 8);
        var halved = functional.interpolate(image, [4, 4], mode: InterpolationMode.Bilinear, antialias: true);
        Assert.Equal([1, 1, 4, 4], halved.shape);
        Assert.NotEqual(Near.Values(functional.interpolate(image, [4, 4], mode: InterpolationMode.Bilinear)), Near.Values(halved));
        Near.Equal(full([1, 1, 4, 4], 3.5, dtype: float64), functional.interpolate(full([1, 1, 8, 8], 3.5, dtype: float64), [4, 4], mode: InterpolationMode.Bicubic, antialias: true));
    }

    [Fact]
    public void What_does_not_fit_is_refused()
    {
        var image = ones(1, 1, 4, 4);
        Assert.Throws<ExternalException>(() => functional.interpolate(image));
        Assert.Throws<ExternalException>(() => functional.interpolate(image, [2, 2], [0.5, 0.5]));
        Assert.Throws<ExternalException>(() => functional.interpolate(image, scale_factor: [0.5]));
        Assert.Throws<ExternalException>(() => functional.interpolate(image, [2, 2], align_corners: true));
        Assert.Throws<ExternalException>(() => functional.interpolate(image, [2, 2], mode: InterpolationMode.Linear));
        Assert.Throws<ExternalException>(() => functional.interpolate(image, [2, 2], antialias: true));
        Assert.Throws<ExternalException>(() => functional.interpolate(ones(4, 4), [2, 2]));
    }

    [Fact]
    public void Pixels_and_channels_change_places()
    {
        var x = Near.Random(1, 2, 12, 3, 5);
        var expected = x.reshape(2, 3, 2, 2, 3, 5).permute(0, 1, 4, 2, 5, 3).reshape(2, 3, 6, 10);
        Near.Equal(expected, PixelShuffle(2).call(x));
        Near.Equal(x, PixelUnshuffle(2).call(expected));
        Near.Equal(expected, functional.pixel_shuffle(x, 2));
        Near.Equal(x, functional.pixel_unshuffle(expected, 2));
        Near.Equal(x.reshape(2, 3, 4, 3, 5).transpose(1, 2).reshape(2, 12, 3, 5), ChannelShuffle(3).call(x));
        Gradients.AssertMatchDifferences(input => Near.Form(ChannelShuffle(3).call(input)), Near.Random(2, 1, 6, 2, 2));
        Gradients.AssertMatchDifferences(input => Near.Form(PixelShuffle(2).call(input)), Near.Random(3, 1, 4, 2, 2));
    }

    [Fact]
    public void Cosines_of_angles()
    {
        var (a, b) = (Near.Random(1, 4, 3), Near.Random(2, 4, 3));
        var expected = (a * b).sum(1) / (a.pow(2).sum(1) * b.pow(2).sum(1)).sqrt();
        Near.Equal(expected, CosineSimilarity().call(a, b));
        Near.Equal(expected, functional.cosine_similarity(a, b));
        Near.Equal((a * b).sum(0L) / (a.pow(2).sum(0L) * b.pow(2).sum(0L)).sqrt(), CosineSimilarity(0).call(a, b));
    }
}
