using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class FoldingTests
{
    [Fact]
    public void Windows_become_columns()
    {
        var x = Near.Random(1, 2, 3, 5, 6);
        var padded = functional.pad(x, [1, 1, 1, 1]);
        var windows = padded.unfold(2, 3, 2).unfold(3, 3, 2);
        var expected = windows.permute(0, 1, 4, 5, 2, 3).reshape(2, 27, -1);
        Near.Equal(expected, functional.unfold(x, 3, padding: 1, stride: 2));
        Near.Equal(expected, functional.unfold(x, (3, 3), padding: (1, 1), stride: (2, 2)));
        Near.Equal(expected, Unfold(3, padding: 1, stride: 2).call(x));
        Assert.Equal([2L, 18, 3], Unfold((3, 2), dilation: (2, 1), stride: (1, 2)).call(x).shape);
    }

    [Fact]
    public void Columns_become_windows_again_and_overlaps_add_up()
    {
        var x = Near.Random(2, 2, 3, 4, 6);
        Near.Equal(x, functional.fold(functional.unfold(x, 2, stride: 2), (4, 6), (2, 2), stride: (2, 2)));
        var times = functional.fold(functional.unfold(ones_like(x), 3, padding: 1), (4, 6), (3, 3), padding: (1, 1));
        Near.Equal(x * times, Fold((4, 6), (3, 3), padding: (1, 1)).call(Unfold(3, padding: 1).call(x)));
        Gradients.AssertMatchDifferences(input => Near.Form(functional.fold(functional.unfold(input, 2), 3, 2)), Near.Random(3, 1, 2, 3, 3));
    }

    [Fact]
    public void A_grid_that_changes_nothing_finds_the_image()
    {
        var x = Near.Random(4, 2, 3, 4, 5);
        var same = tensor(new float[] { 1, 0, 0, 0, 1, 0 }).view(1, 2, 3).expand(2, -1, -1).to(x.dtype);
        foreach (var corners in new[] { true, false })
        {
            var grid = functional.affine_grid(same, x.shape, corners);
            Assert.Equal([2L, 4, 5, 2], grid.shape);
            Near.Equal(x, functional.grid_sample(x, grid, align_corners: corners));
            Near.Equal(x, functional.grid_sample(x, grid, GridSampleMode.Nearest, align_corners: corners));
        }

        Near.Equal(functional.affine_grid(same, x.shape), functional.affine_grid(same, x.shape, align_corners: false));
    }

    [Theory]
    [InlineData(GridSamplePaddingMode.Zeros, 0)]
    [InlineData(GridSamplePaddingMode.Border, 3)]
    [InlineData(GridSamplePaddingMode.Reflection, 2)]
    public void Outside_of_the_image_there_is_something(GridSamplePaddingMode outside, double expected)
    {
        // One row of four; the centre of the place after the last but one behind it.
        var row = arange(4, dtype: ScalarType.Float32).view(1, 1, 1, 4);
        var place = tensor(new float[] { 1 + (2f / 3), 0 }).view(1, 1, 1, 2);
        Assert.Equal(expected, functional.grid_sample(row, place, GridSampleMode.Bilinear, outside, align_corners: true).item<float>(), 4);
        Assert.Equal(expected, functional.grid_sample(row, place, GridSampleMode.Nearest, outside, align_corners: true).item<float>(), 4);
    }
}
