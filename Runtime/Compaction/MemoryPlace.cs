using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Where the numbers of a tensor lie, on whatever device and in whatever order.</summary>
/// <param name="Storage">The address of the storage that they lie in.</param>
/// <param name="Start">The first of them, counted in elements from there.</param>
/// <param name="End">Behind the last of them.</param>
/// <param name="Layout">Element type, shape and strides.</param>
internal readonly record struct MemoryPlace(nint Storage, long Start, long End, string Layout)
{
    /// <summary>Finds it. A tensor without elements lies nowhere.</summary>
    public static MemoryPlace Of(Tensor tensor)
    {
        if (tensor.numel() == 0)
        {
            return default;
        }

        var (shape, strides, start) = (tensor.shape, tensor.stride(), tensor.storage_offset());
        var last = start + shape.Zip(strides, (size, stride) => (size - 1) * stride).Sum();
        return new MemoryPlace(
            TorchSharpInternals.StorageAddress(tensor), start, last + 1, $"{tensor.dtype} [{string.Join(", ", shape)}] by [{string.Join(", ", strides)}]");
    }

    /// <summary>Whether the two have an element in common, as far as first and last ones tell.</summary>
    public bool Overlaps(MemoryPlace other) => Storage != 0 && Storage == other.Storage && Start < other.End && other.Start < End;
}
