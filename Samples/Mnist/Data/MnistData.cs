using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Samples.Mnist;

/// <summary>MNIST as tensors on the CPU.</summary>
/// <param name="TrainImages">float32, 60000×1×28×28, normalised to mean 0 and standard deviation 1 over the training images.</param>
/// <param name="TrainLabels">int64, 60000, the digits 0 to 9.</param>
/// <param name="TestImages">float32, 10000×1×28×28, normalised by the same two numbers.</param>
/// <param name="TestLabels">int64, 10000, the digits 0 to 9.</param>
public sealed record MnistData(Tensor TrainImages, Tensor TrainLabels, Tensor TestImages, Tensor TestLabels) : IDisposable
{
    /// <summary>The mean of the training images' pixels, from 0 to 1, which normalising takes away.</summary>
    public const double Mean = 0.1307;

    /// <summary>Their standard deviation, which normalising divides by.</summary>
    public const double StandardDeviation = 0.3081;

    /// <summary>Fetches what is not in the folder yet, checks all four files, and reads them.</summary>
    /// <param name="folder">Where the files are kept; null: <see cref="MnistCache.DefaultFolder"/>.</param>
    /// <param name="log">Takes one line for each thing that is tried; null: nobody.</param>
    /// <param name="cancellation">Stops a fetch; what was there before stays as it was.</param>
    /// <exception cref="MnistDataException">A file is damaged, or cannot be had from anywhere.</exception>
    public static async Task<MnistData> LoadAsync(string? folder = null, Action<string>? log = null, CancellationToken cancellation = default)
    {
        var cache = new MnistCache(folder ?? MnistCache.DefaultFolder, MnistCache.DefaultSources, log ?? (_ => { }));
        await cache.EnsureAsync(MnistFile.All, cancellation);
        return new MnistData(
            Images(cache.Read(MnistFile.TrainImages), MnistFile.TrainImages),
            Labels(cache.Read(MnistFile.TrainLabels)),
            Images(cache.Read(MnistFile.TestImages), MnistFile.TestImages),
            Labels(cache.Read(MnistFile.TestLabels)));
    }

    /// <summary>The pixels of an image file as a float32 tensor, items×1×height×width, normalised.</summary>
    public static Tensor Images(ReadOnlyMemory<byte> pixels, MnistFile file)
    {
        using var scope = NewDisposeScope();
        Tensor bytes = tensor(pixels.ToArray()).reshape(file.Dimensions[0], 1, file.Dimensions[1], file.Dimensions[2]);
        return bytes.to(ScalarType.Float32).div_(255).sub_(Mean).div_(StandardDeviation).MoveToOuterDisposeScope();
    }

    /// <summary>The items of a label file as an int64 tensor.</summary>
    public static Tensor Labels(ReadOnlyMemory<byte> labels)
    {
        using Tensor bytes = tensor(labels.ToArray());
        return bytes.to(ScalarType.Int64);
    }

    /// <summary>Releases the four tensors.</summary>
    public void Dispose()
    {
        TrainImages.Dispose();
        TrainLabels.Dispose();
        TestImages.Dispose();
        TestLabels.Dispose();
    }
}
