using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests.Layers;

public class ShapeLayerTests
{
    [Fact]
    public void Flatten_makes_one_dimension_of_several()
    {
        var x = Near.Random(1, 2, 3, 4, 5);
        Near.Equal(x.reshape(2, 60), Flatten().call(x));
        Near.Equal(x.reshape(2, 12, 5), Flatten(1, 2).call(x));
        Near.Equal(x.reshape(120), Flatten(0).call(x));
    }

    [Fact]
    public void Unflatten_makes_several_dimensions_of_one()
    {
        var x = Near.Random(1, 2, 12, 5);
        Near.Equal(x.reshape(2, 3, 4, 5), Unflatten(1, [3, 4]).call(x));
        Near.Equal(x.reshape(2, 3, 4, 5), Unflatten(1, [3, -1]).call(x));
    }

    [Theory]
    [InlineData(PaddingModes.Reflect)]
    [InlineData(PaddingModes.Replicate)]
    [InlineData(PaddingModes.Circular)]
    [InlineData(PaddingModes.Constant)]
    public void Pad_extends_the_last_dimensions(PaddingModes mode)
    {
        var x = Near.Random(1, 2, 3, 4, 5);
        var (values, expected) = (Near.Values(x), new List<double>());
        // (left 2, right 1, top 1, bottom 0)
        for (var plane = 0; plane < 6; plane++)
            for (var row = -1; row < 4; row++)
                for (var column = -2; column < 6; column++)
                    expected.Add(At(plane, row, column));

        double At(int plane, int row, int column)
        {
            if (mode == PaddingModes.Constant && (row < 0 || column is < 0 or > 4)) return 1.5;
            int Index(int at, int size) => mode switch
            {
                PaddingModes.Reflect => at < 0 ? -at : at >= size ? 2 * (size - 1) - at : at,
                PaddingModes.Replicate => Math.Clamp(at, 0, size - 1),
                _ => (at + size) % size,
            };
            return values[(plane * 4 + Index(row, 4)) * 5 + Index(column, 5)];
        }

        var value = mode == PaddingModes.Constant ? 1.5 : 0;
        Near.Equal([.. expected], functional.pad(x, [2, 1, 1, 0], mode, value));
        Near.Equal([.. expected], functional.pad(x, (2, 1, 1, 0), mode, value));
    }

    [Fact]
    public void Padding_layers_are_pad()
    {
        var image = Near.Random(1, 2, 3, 4, 5);
        Near.Equal(functional.pad(image, [1, 2, 3, 4], PaddingModes.Constant, 7), ConstantPad2d((1, 2, 3, 4), 7).call(image));
        Near.Equal(functional.pad(image, [2, 2, 2, 2]), ZeroPad2d(2).call(image));
        Near.Equal(functional.pad(image, [1, 1, 1, 1], PaddingModes.Reflect), ReflectionPad2d(1).call(image));
        Near.Equal(functional.pad(image, [1, 2, 0, 1], PaddingModes.Replicate), ReplicationPad2d((1, 2, 0, 1)).call(image));
        Near.Equal(functional.pad(image[0], [2, 2], PaddingModes.Reflect), ReflectionPad1d(2).call(image[0]));
        Near.Equal(functional.pad(image[0], (1, 3), PaddingModes.Constant, -1), ConstantPad1d((1, 3), -1).call(image[0]));
        Near.Equal(functional.pad(image, [1, 1, 1, 1, 1, 1], PaddingModes.Replicate), ReplicationPad3d(1).call(image));
        Near.Equal(functional.pad(image, [0, 1, 2, 0, 0, 1], PaddingModes.Constant, 2), ConstantPad3d((0, 1, 2, 0, 0, 1), 2).call(image));
        Assert.Equal([3, 4, 5, 6], functional.pad(ones(1, 2, 3, 4), 1).shape);
    }
}
