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
    // So much work keeps a thread busy for longer than it takes to wake it.
    private const long ElementsPerChunk = 1 << 16;
    private const int MostChunks = 8;

    /// <summary>Whether <c>tensor.bytes</c> shows the tensor's numbers in row-major order.</summary>
    public static bool Holds(Tensor tensor) =>
        tensor.device_type == TorchSharp.DeviceType.CPU && tensor.is_contiguous() && tensor.numel() * tensor.element_size() <= int.MaxValue;

    /// <summary>Where the numbers of a tensor lie; zero where they do not lie in row-major order in main memory.</summary>
    public static nint AddressOf(Tensor tensor) =>
        Holds(tensor) ? Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(tensor.bytes)) : 0;

    /// <summary>Into how many chunks work on so many elements is cut; a matter of the work alone, so that sums come out the same on any machine.</summary>
    public static int Chunks(long elements) => (int)Math.Clamp(elements / ElementsPerChunk, 1, MostChunks);

    /// <summary>Works on each chunk of a range, with as many threads as tensors use.</summary>
    /// <param name="count">The length of the range.</param>
    /// <param name="chunks">Number of chunks.</param>
    /// <param name="work">Is given the chunk's number, its start and its end.</param>
    public static void InChunks(long count, int chunks, Action<int, long, long> work)
    {
        if (chunks == 1)
        {
            work(0, 0, count);
            return;
        }

        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = get_num_threads() }, chunk => work(chunk, count * chunk / chunks, count * (chunk + 1) / chunks));
    }
}
