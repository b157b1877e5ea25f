namespace TorchSharp.Modules;

/// <summary>Sizes come as tuples from users, and go as arrays to libtorch.</summary>
internal static class TupleExtensions
{
    internal static long[] ToArray(this (long, long) sizes) => [sizes.Item1, sizes.Item2];

    internal static long[] ToArray(this (long, long, long) sizes) => [sizes.Item1, sizes.Item2, sizes.Item3];

    /// <summary>The same size in each of <paramref name="dimensions"/> dimensions; null for null.</summary>
    internal static long[]? Repeat(this long? size, int dimensions) => size is { } value ? Repeat(value, dimensions) : null;

    /// <summary>The same size in each of <paramref name="dimensions"/> dimensions.</summary>
    internal static long[] Repeat(this long size, int dimensions)
    {
        var sizes = new long[dimensions];
        Array.Fill(sizes, size);
        return sizes;
    }
}
