using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist.Tests;

public class MnistDataTests
{
    [Fact]
    public void ImagesBecomeNormalisedFloats()
    {
        using var scope = NewDisposeScope();
        Tensor images = MnistData.Images(Samples.Images.Check(Samples.ImageBytes, "here", ""), Samples.Images);

        Assert.Equal([2, 1, 2, 3], images.shape);
        Assert.Equal(ScalarType.Float32, images.dtype);
        float[] expected = [.. Enumerable.Range(0, 12).Select(pixel => (pixel / 255f - 0.1307f) / 0.3081f)];
        float[] found = images.data<float>().ToArray();
        Assert.All(expected.Zip(found), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    [Fact]
    public void LabelsBecomeLongs()
    {
        using Tensor labels = MnistData.Labels(Samples.Labels.Check(Samples.LabelBytes, "here", ""));

        Assert.Equal(ScalarType.Int64, labels.dtype);
        Assert.Equal([7L, 0L, 9L], labels.data<long>().ToArray());
    }
}
