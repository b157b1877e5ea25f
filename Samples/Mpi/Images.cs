using static TorchSharp.torch;

namespace PruneGen.Samples.Mpi;

/// <summary>Images of the size of MNIST's that each process makes for itself: ten pictures, with noise.</summary>
internal static class Images
{
    private const double Noise = 2;

    /// <summary>Makes images and their classes, [count, 1, 28, 28] and [count]; the same in each process.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Of the noise; the pictures are always the same.</param>
    public static (Tensor X, Tensor Y) Make(int count, ulong seed)
    {
        using var pictures = new Generator(0);
        using var noise = new Generator(seed);
        var classes = arange(count, ScalarType.Int64) % 10;
        using var drawn = randn(10, 1, 28, 28, generator: pictures);
        return (drawn.index_select(0, classes) + (randn(count, 1, 28, 28, generator: noise) * Noise), classes);
    }
}
