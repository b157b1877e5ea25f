using PruneGen.Samples.Mnist;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Mnist;

/// <summary>MNIST in three parts: 55,000 images to train on, 5,000 of the training set to choose by, and the 10,000 test images.</summary>
internal sealed class Images : IDisposable
{
    private const int ForTraining = 55_000;
    private const int ForValidation = 5_000;

    private readonly Tensor x;
    private readonly Tensor y;

    /// <param name="data">The images, of mean 0 and deviation 1; the labels.</param>
    /// <param name="scale">What their pixels are multiplied by.</param>
    /// <param name="offset">What is added to them then.</param>
    public Images(MnistData data, double scale = 1, double offset = 0)
    {
        Tensor Scaled(Tensor images) => (images * scale) + offset;
        (x, y) = (Scaled(data.TrainImages), data.TrainLabels);
        Validation = TrainingData.FromTensors(
            x.narrow(0, ForTraining, ForValidation), y.narrow(0, ForTraining, ForValidation), batchSize: 500, shuffle: false);
        Test = TrainingData.FromTensors(Scaled(data.TestImages), data.TestLabels, batchSize: 500, shuffle: false);
    }

    /// <summary>What choices are made by.</summary>
    public TrainingData Validation { get; }

    /// <summary>What is looked at once, at the end.</summary>
    public TrainingData Test { get; }

    /// <summary>What is trained on.</summary>
    /// <param name="batchSize">Images in a batch.</param>
    /// <param name="shift">By how many pixels, at most, each image is moved at random in either direction, each time that it is seen; 0 leaves it.</param>
    public TrainingData Train(int batchSize, int shift)
    {
        var (images, labels) = (x.narrow(0, 0, ForTraining), y.narrow(0, 0, ForTraining));
        return shift == 0
            ? TrainingData.FromTensors(images, labels, batchSize)
            : TrainingData.FromBatches(() => Shifted(images, labels, batchSize, shift), (ForTraining + batchSize - 1) / batchSize, dispose: true);
    }

    public void Dispose() => x.Dispose();

    /// <summary>One epoch, in a new order and with new shifts from the random state of the process, which training has seeded.</summary>
    private static IEnumerable<(Tensor X, Tensor Y)> Shifted(Tensor x, Tensor y, int batchSize, int shift)
    {
        var (count, side) = (x.size(0), x.size(2));
        var wide = side + (2 * shift);
        using var order = randperm(count, int64).DetachFromDisposeScope();
        using var bordered = nn.functional.pad(x, [shift, shift, shift, shift], value: x.min().ToDouble()).flatten(1).DetachFromDisposeScope();
        using var window = ((arange(side).unsqueeze(1) * wide) + arange(side)).reshape(1, -1).DetachFromDisposeScope();
        for (var start = 0L; start < count; start += batchSize)
        {
            using var taken = order.narrow(0, start, Math.Min(batchSize, count - start)).DetachFromDisposeScope();
            yield return (Windows(bordered, taken, window, side, wide), y.index_select(0, taken).DetachFromDisposeScope());
        }
    }

    /// <summary>A window of each of these images, at a place of its own.</summary>
    private static Tensor Windows(Tensor bordered, Tensor taken, Tensor window, long side, long wide)
    {
        using var scope = NewDisposeScope();
        var corner = randint(0, wide - side + 1, [taken.size(0), 2], int64);
        var pixels = window + ((corner.select(1, 0) * wide) + corner.select(1, 1)).unsqueeze(1);
        return bordered.index_select(0, taken).gather(1, pixels).reshape(-1, 1, side, side).DetachFromDisposeScope();
    }
}
