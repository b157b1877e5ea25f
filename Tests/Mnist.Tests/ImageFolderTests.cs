using System.Buffers.Binary;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist.Tests;

public class ImageFolderTests
{
    [Fact]
    public void A_JSON_file_for_each_class_becomes_training_and_test_images()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        for (var label = 0; label < 10; label++)
        {
            // Seven images of one grey each, 10·label + i; the seventh is a test image.
            var images = Enumerable.Range(0, 7).Select(i => $"[{string.Join(",", Enumerable.Repeat((10 * label) + i, 784))}]");

            // Of the published files one has empty lists among its images.
            File.WriteAllText(folder[$"{label}.json"], $"{{\"data\":[{(label == 0 ? "[]," : "")}{string.Join(",", images)}]}}");
        }

        Assert.True(ImageFolder.Holds(folder.Path));
        using var data = ImageFolder.Read(folder.Path);
        Assert.Equal([60, 1, 28, 28], data.TrainImages.shape);
        Assert.Equal([10, 1, 28, 28], data.TestImages.shape);
        Assert.Equal(0, data.TrainImages.mean().item<float>(), 1e-4f);
        Assert.Equal(1, data.TrainImages.std().item<float>(), 1e-4f);
        Assert.Equal(Enumerable.Range(0, 10).Select(label => (long)label), data.TestLabels.data<long>().ToArray().Order());

        // Greys stay with their labels: the image of label l and number i is as bright as 10·l + i.
        var greys = data.TestImages.flatten(1).mean([1L]);
        var order = greys.argsort();
        Assert.Equal(Enumerable.Range(0, 10).Select(label => (long)label), data.TestLabels.index_select(0, order).data<long>().ToArray());
        Assert.NotEqual(Enumerable.Range(0, 60).Select(i => (long)(i / 6)), data.TrainLabels.data<long>().ToArray());
    }

    [Fact]
    public void Four_IDX_files_are_read_whatever_is_in_them()
    {
        using var scope = NewDisposeScope();
        using var folder = new TemporaryFolder();
        foreach (var file in MnistFile.All)
        {
            int[] dimensions = file.Dimensions.Length == 1 ? [3] : [3, 2, 2];
            var content = new byte[file.HeaderLength + dimensions.Aggregate(1, (product, size) => product * size)];
            BinaryPrimitives.WriteInt32BigEndian(content, file.Magic);
            for (var i = 0; i < dimensions.Length; i++)
            {
                BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(4 + (4 * i)), dimensions[i]);
            }

            for (var i = file.HeaderLength; i < content.Length; i++)
            {
                content[i] = (byte)(i % 7);
            }

            File.WriteAllBytes(folder[file.Name], content);
        }

        Assert.True(ImageFolder.Holds(folder.Path));
        using var data = ImageFolder.Read(folder.Path);
        Assert.Equal([3, 1, 2, 2], data.TrainImages.shape);
        Assert.Equal([1L, 2, 3], data.TestLabels.data<long>().ToArray());
        File.WriteAllBytes(folder[MnistFile.TestImages.Name], [1, 2, 3]);
        Assert.Contains("no IDX file", Assert.Throws<MnistDataException>(() => ImageFolder.Read(folder.Path)).Message);
    }

    [Fact]
    public void Other_files_are_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        Assert.False(ImageFolder.Holds(folder.Path));
        for (var label = 0; label < 10; label++)
        {
            File.WriteAllText(folder[$"{label}.json"], label == 4 ? "{\"images\":[]}" : "{\"data\":[[" + string.Join(",", new int[784]) + "]]}");
        }

        Assert.Contains("4.json is no list of images", Assert.Throws<MnistDataException>(() => ImageFolder.Read(folder.Path)).Message);
    }
}
