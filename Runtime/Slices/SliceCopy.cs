using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Copies what stays of a tensor.</summary>
internal static class SliceCopy
{
    /// <summary>A new tensor of the positions that stay; the tensor itself where all of them do.</summary>
    /// <param name="tensor">The tensor; it is only read.</param>
    /// <param name="positions">For each dimension the positions that stay, ascending; null where all do. Null for all of everything.</param>
    public static Tensor Of(Tensor tensor, long[]?[]? positions) =>
        positions is null || Array.TrueForAll(positions, kept => kept is null) ? tensor
        : PlainMemory.Holds(tensor) ? OverMemory(tensor, positions)
        : ByOperations(tensor, positions);

    private static Tensor ByOperations(Tensor tensor, long[]?[] positions)
    {
        for (var dim = 0; dim < positions.Length; dim++)
        {
            if (positions[dim] is long[] kept)
            {
                tensor = tensor.index_select(dim, torch.tensor(kept, device: tensor.device));
            }
        }

        return tensor;
    }

    private static Tensor OverMemory(Tensor tensor, long[]?[] positions)
    {
        var shape = tensor.shape;
        var newShape = shape.Select((size, dim) => positions[dim]?.LongLength ?? size).ToArray();
        var result = empty(newShape, tensor.dtype, tensor.device);

        // Rows run along the last dimension that loses something; whatever is behind it is copied in one piece.
        var last = Array.FindLastIndex(positions, kept => kept is not null);
        var along = positions[last]!;
        var piece = (int)(Product(shape.AsSpan((last + 1)..)) * tensor.element_size());
        var rows = Product(newShape.AsSpan(..last));
        var sourceRow = (int)(shape[last] * piece);
        var targetRow = along.Length * piece;
        PlainMemory.InChunks(rows, (int)Math.Min(Math.Max(1, rows), PlainMemory.Chunks(result.numel())), (_, start, end) =>
        {
            ReadOnlySpan<byte> source = tensor.bytes;
            var target = result.bytes;
            for (var row = start; row < end; row++)
            {
                Copy(source.Slice((int)SourceRow(row) * sourceRow, sourceRow), target.Slice((int)row * targetRow, targetRow), along, piece);
            }
        });
        return result;

        long SourceRow(long row)
        {
            var (source, stride) = (0L, 1L);
            for (var dim = last - 1; dim >= 0; dim--)
            {
                var index = row % newShape[dim];
                row /= newShape[dim];
                source += (positions[dim] is long[] kept ? kept[index] : index) * stride;
                stride *= shape[dim];
            }

            return source;
        }
    }

    // A model is compacted once: compiled for speed at once.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Copy(ReadOnlySpan<byte> source, Span<byte> target, long[] kept, int piece)
    {
        if (piece == sizeof(uint))
        {
            var from = MemoryMarshal.Cast<byte, uint>(source);
            var to = MemoryMarshal.Cast<byte, uint>(target);
            for (var i = 0; i < kept.Length; i++)
            {
                to[i] = from[(int)kept[i]];
            }

            return;
        }

        for (var i = 0; i < kept.Length; i++)
        {
            source.Slice((int)kept[i] * piece, piece).CopyTo(target.Slice(i * piece, piece));
        }
    }

    private static long Product(ReadOnlySpan<long> sizes)
    {
        var product = 1L;
        foreach (var size in sizes)
        {
            product *= size;
        }

        return product;
    }
}
