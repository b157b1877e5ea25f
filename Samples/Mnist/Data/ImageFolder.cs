using System.Buffers.Binary;
using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist;

/// <summary>
/// Grey images of ten classes in a folder, such as Fashion-MNIST: either the four IDX files under MNIST's names, or a JSON file for each class,
/// <c>0.json</c> to
/// <c>9.json</c>, whose <c>data</c> is a list of images with 784 numbers from 0 to 255. Of the latter the last seventh of each class are the test images.
/// </summary>
public static class ImageFolder
{
    private const int Classes = 10;
    private const int Side = 28;

    /// <summary>Whether a folder has such files that are not the originals of MNIST.</summary>
    public static bool Holds(string folder) => HoldsJson(folder)
        || (Array.TrueForAll([.. MnistFile.All], file => File.Exists(Path.Combine(folder, file.Name))) && !IsOriginal(folder));

    /// <summary>Reads the images, normalised to mean 0 and standard deviation 1 over the training images.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="MnistDataException">A file is missing, or is something else.</exception>
    public static MnistData Read(string folder) => HoldsJson(folder) ? ReadJson(folder) : ReadIdx(folder);

    private static bool HoldsJson(string folder) => Enumerable.Range(0, Classes).All(label => File.Exists(JsonFile(folder, label)));

    private static string JsonFile(string folder, int label) => Path.Combine(folder, FormattableString.Invariant($"{label}.json"));

    private static bool IsOriginal(string folder)
    {
        try
        {
            MnistFile.TestLabels.Check(File.ReadAllBytes(Path.Combine(folder, MnistFile.TestLabels.Name)), folder, "");
            return true;
        }
        catch (MnistDataException)
        {
            return false;
        }
    }

    private static MnistData ReadJson(string folder)
    {
        var (train, test) = (new List<(byte[] Image, long Label)>(), new List<(byte[] Image, long Label)>());
        for (var label = 0; label < Classes; label++)
        {
            var images = Images(JsonFile(folder, label));
            var tests = images.Count / 7;
            train.AddRange(images.SkipLast(tests).Select(image => (image, (long)label)));
            test.AddRange(images.TakeLast(tests).Select(image => (image, (long)label)));
        }

        // Class after class would make batches of one class where nothing shuffles, so they are dealt out, always the same way.
        static (byte[] Pixels, long[] Labels) Dealt(List<(byte[] Image, long Label)> all)
        {
            var order = all.ToArray();
            new Random(0).Shuffle(order);
            return ([.. order.SelectMany(one => one.Image)], [.. order.Select(one => one.Label)]);
        }

        return Normalised(Dealt(train), Dealt(test), Side, Side);
    }

    private static List<byte[]> Images(string file)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));

            // Fashion-MNIST was published so with two empty lists among the images of a class.
            var images = document.RootElement.GetProperty("data").EnumerateArray().Where(image => image.GetArrayLength() > 0)
                .Select(image => image.EnumerateArray().Select(pixel => pixel.GetByte()).ToArray()).ToList();
            return images.TrueForAll(image => image.Length == Side * Side) && images.Count > 0
                ? images
                : throw new MnistDataException($"{file} has images that are not of {Side * Side} numbers, or none; give the files as they were published.");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new MnistDataException($"{file} is no list of images under \"data\": {error.Message}");
        }
    }

    private static MnistData ReadIdx(string folder)
    {
        var (train, labels) = (Idx(folder, MnistFile.TrainImages), Idx(folder, MnistFile.TrainLabels));
        var (test, testLabels) = (Idx(folder, MnistFile.TestImages), Idx(folder, MnistFile.TestLabels));
        static long[] Longs(byte[] bytes) => Array.ConvertAll(bytes, one => (long)one);
        return Normalised((train.Items, Longs(labels.Items)), (test.Items, Longs(testLabels.Items)), train.Dimensions[1], train.Dimensions[2]);
    }

    /// <summary>An IDX file of unsigned bytes with as many dimensions as one of MNIST's.</summary>
    private static (byte[] Items, int[] Dimensions) Idx(string folder, MnistFile like)
    {
        var path = Path.Combine(folder, like.Name);
        var content = File.Exists(path) ? File.ReadAllBytes(path) : throw new MnistDataException($"{path} is missing; put the four IDX files into the folder.");
        var header = like.HeaderLength;
        if (content.Length < header || BinaryPrimitives.ReadInt32BigEndian(content) != like.Magic)
        {
            throw new MnistDataException($"{path} is no IDX file of unsigned bytes in {like.Dimensions.Length} dimensions; unpack it, or fetch it anew.");
        }

        int[] dimensions = [.. Enumerable.Range(1, like.Dimensions.Length).Select(i => BinaryPrimitives.ReadInt32BigEndian(content.AsSpan(4 * i)))];
        var length = dimensions.Aggregate(1L, (product, dimension) => product * dimension);
        return content.Length == header + length
            ? (content[header..], dimensions)
            : throw new MnistDataException($"{path} has {content.Length} bytes where its header tells of {header + length}; fetch it anew.");
    }

    private static MnistData Normalised((byte[] Pixels, long[] Labels) train, (byte[] Pixels, long[] Labels) test, int height, int width)
    {
        using var scope = NewDisposeScope();
        Tensor Images(byte[] pixels) => tensor(pixels).reshape(-1, 1, height, width).to(ScalarType.Float32).div_(255);
        var (images, tests) = (Images(train.Pixels), Images(test.Pixels));
        var (mean, deviation) = (images.mean().item<float>(), images.std().item<float>());
        return new MnistData(
            images.sub_(mean).div_(deviation).MoveToOuterDisposeScope(),
            tensor(train.Labels).MoveToOuterDisposeScope(),
            tests.sub_(mean).div_(deviation).MoveToOuterDisposeScope(),
            tensor(test.Labels).MoveToOuterDisposeScope());
    }
}
