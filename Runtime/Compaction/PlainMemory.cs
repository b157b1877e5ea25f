using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Tensors that lie row-major in main memory: what scoring and compaction do to them goes straight over their numbers, once,
/// with no tensor in between. All others (on another device, strided) are worked on by tensor operations.
/// </summary>
internal static class PlainMemory
{
    /// <summary>Whether <c>tensor.bytes</c> shows the tensor's numbers in row-major order.</summary>
    public static bool Holds(Tensor tensor) =>
        tensor.device_type == TorchSharp.DeviceType.CPU && tensor.is_contiguous() && tensor.numel() * tensor.element_size() <= int.MaxValue;

    /// <summary>The sizes of a tensor's dimensions. <c>tensor.shape</c> has them handed over by a callback, which takes five times as long.</summary>
    public static long[] ShapeOf(Tensor tensor)
    {
        var shape = new long[tensor.dim()];
        for (var dim = 0; dim < shape.Length; dim++)
        {
            shape[dim] = tensor.size(dim);
        }

        return shape;
    }

    /// <summary>Where the numbers of a tensor lie; zero where they do not lie in row-major order in main memory.</summary>
    public static nint AddressOf(Tensor tensor) =>
        Holds(tensor) ? Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(tensor.bytes)) : 0;
}
