using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Retraining;

/// <summary>Random images with random labels, in memory.</summary>
internal sealed record Data(Tensor X, Tensor Y, int BatchSize)
{
    public static Data Of(string model, int images, int batchSize)
    {
        manual_seed(0);
        return new Data(rand([images, .. Models.ImageOf(model)]), randint(0, 10, images, dtype: ScalarType.Int64), batchSize);
    }
}
