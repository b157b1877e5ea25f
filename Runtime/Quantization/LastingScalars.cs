using System.Collections.Concurrent;
using TorchSharp;

namespace PruneGen;

/// <summary>
/// Numbers that tensors are computed with, made once each. TorchSharp makes one for every operation with a number, and nothing holds it while libtorch reads
/// it: where there are hundreds of thousands of such operations, the garbage collector sooner or later takes one too early.
/// </summary>
internal static class LastingScalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Made = new();

    /// <summary>A number, for good: of few different ones.</summary>
    public static Scalar Of(double number) => Made.GetOrAdd(number, one => one.ToScalar());
}
