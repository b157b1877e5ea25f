using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Copies what stays of a tensor.</summary>
internal static class SliceCopy
{
    // From so many numbers in a row on, a piece is copied faster than its numbers one by one.
    private const int ShortPiece = 8;

    /// <summary>A new tensor of the positions that stay, filled once the work is done; the tensor itself where all of them do.</summary>
    /// <param name="work">What does it.</param>
    /// <param name="tensor">The tensor; it is only read.</param>
    /// <param name="positions">For each dimension the positions that stay, ascending; null where all do. Null for all of everything.</param>
    public static Tensor Of(MemoryWork work, Tensor tensor, long[]?[]? positions) =>
        positions is null || Array.TrueForAll(positions, kept => kept is null) ? tensor
        : PlainMemory.Holds(tensor) ? OverMemory(work, tensor, positions)
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

    private static Tensor OverMemory(MemoryWork work, Tensor tensor, long[]?[] positions)
    {
        var shape = PlainMemory.ShapeOf(tensor);
        var newShape = shape.Select((size, dim) => positions[dim]?.LongLength ?? size).ToArray();
        var result = empty(newShape, tensor.dtype, tensor.device);

        // Rows run along the last dimension that loses something; neighbours that stay are copied in one piece, with
        // whatever is behind that dimension.
        var last = Array.FindLastIndex(positions, kept => kept is not null);
        var along = positions[last]!;
        var size = (int)(Product(shape.AsSpan((last + 1)..)) * tensor.element_size());
        var rows = Product(newShape.AsSpan(..last));
        var sourceRow = (int)(shape[last] * size);
        var targetRow = along.Length * size;
        var count = CountPieces(along);
        var pieces = size == sizeof(uint) && along.Length < ShortPiece * count ? null : Pieces(along, count, size);
        var elements = result.numel();
        work.Add(rows, elements, (int)Math.Min(Math.Max(1, rows), MemoryWork.Chunks(elements)), CopyRows);
        return result;

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void CopyRows(int chunk, long start, long end)
        {
            ReadOnlySpan<byte> source = tensor.bytes;
            var target = result.bytes;
            for (var row = start; row < end; row++)
            {
                var from = source.Slice((int)SourceRow(row) * sourceRow, sourceRow);
                var to = target.Slice((int)row * targetRow, targetRow);
                if (pieces is null)
                {
                    CopyNumbers(from, to, along);
                }
                else
                {
                    CopyPieces(from, to, pieces);
                }
            }
        }

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

    // A model is compacted once: these loops are compiled for speed at once.

    /// <summary>How many pieces neighbouring positions make.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int CountPieces(long[] kept)
    {
        var count = 1;
        for (var i = 1; i < kept.Length; i++)
        {
            count += kept[i] == kept[i - 1] + 1 ? 0 : 1;
        }

        return count;
    }

    /// <summary>Where the bytes of each piece lie.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (int Start, int Length)[] Pieces(long[] kept, int count, int size)
    {
        var pieces = new (int Start, int Length)[count];
        var last = -1;
        for (var i = 0; i < kept.Length; i++)
        {
            if (i > 0 && kept[i] == kept[i - 1] + 1)
            {
                pieces[last].Length += size;
            }
            else
            {
                pieces[++last] = ((int)kept[i] * size, size);
            }
        }

        return pieces;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyPieces(ReadOnlySpan<byte> source, Span<byte> target, (int Start, int Length)[] pieces)
    {
        foreach (var (start, length) in pieces)
        {
            source.Slice(start, length).CopyTo(target);
            target = target[length..];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void CopyNumbers(ReadOnlySpan<byte> source, Span<byte> target, long[] kept)
    {
        var from = MemoryMarshal.Cast<byte, uint>(source);
        var to = MemoryMarshal.Cast<byte, uint>(target)[..kept.Length];

        // They ascend: where the last one lies inside, all do, and need not be looked at one by one.
        _ = from[checked((int)kept[^1])];
        ref var first = ref MemoryMarshal.GetReference(from);
        for (var i = 0; i < to.Length; i++)
        {
            to[i] = Unsafe.Add(ref first, (nint)kept[i]);
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
