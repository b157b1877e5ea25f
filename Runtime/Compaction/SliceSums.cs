using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What the slices of a tensor sum up to, in double precision: for each index of a dimension the sum over all the others.</summary>
internal static class SliceSums
{
    // Cells of up to so many numbers, as the kernels of convolutions are, are summed number by number: whole vectors fill up
    // that way, and adding up what is in a vector, which is slow, is left to the end.
    private const int SmallCell = 64;

    /// <summary>Sums of magnitudes or of squares.</summary>
    /// <param name="work">What does it.</param>
    /// <param name="tensor">The tensor.</param>
    /// <param name="dims">The dimensions that are asked for, ascending; at least one.</param>
    /// <param name="squared">Whether squares are summed, not magnitudes.</param>
    /// <param name="done">Is given the sums of each of those dimensions in its turn, one an index and perhaps more entries behind; they are only lent.</param>
    public static void Of(MemoryWork work, Tensor tensor, IReadOnlyList<int> dims, bool squared, Action<double[][]> done)
    {
        if (tensor.dtype == ScalarType.Float32 && dims.Count <= 2 && PlainMemory.Holds(tensor))
        {
            OverMemory(work, tensor, dims, squared, done);
        }
        else
        {
            work.Add(() => done(dims.Select(dim => ByOperations(tensor, dim, squared)).ToArray()));
        }
    }

    /// <summary>Number of elements that are not zero in all of some tensors.</summary>
    public static long NonZero(IEnumerable<Tensor> tensors)
    {
        var work = new MemoryWork();
        var total = 0L;
        foreach (var tensor in tensors)
        {
            if (tensor.dtype != ScalarType.Float32 || !PlainMemory.Holds(tensor))
            {
                total += tensor.ne(0).sum().item<long>();
                continue;
            }

            var size = tensor.numel();
            total += size;
            work.Add(size, size, MemoryWork.Chunks(size), (_, start, end) => Interlocked.Add(ref total, -CountZeros(Values(tensor)[(int)start..(int)end])));
        }

        work.Complete();
        return total;
    }

    // The framework's Count goes one number at a time, since a float may be zero in two ways.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static long CountZeros(ReadOnlySpan<float> values)
    {
        var vectors = MemoryMarshal.Cast<float, Vector<float>>(values);
        var minus = Vector<int>.Zero;
        foreach (var vector in vectors)
        {
            minus += Vector.Equals(vector, Vector<float>.Zero);
        }

        long zeros = -Vector.Sum(minus);
        foreach (var value in values[(vectors.Length * Vector<float>.Count)..])
        {
            zeros += value == 0 ? 1 : 0;
        }

        return zeros;
    }

    private static ReadOnlySpan<float> Values(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);

    private static double[] ByOperations(Tensor tensor, int dim, bool squared)
    {
        using var scope = NewDisposeScope();
        var wide = tensor.to_type(ScalarType.Float64);
        var powers = squared ? wide.square() : wide.abs();
        var others = Enumerable.Range(0, (int)tensor.dim()).Where(other => other != dim).Select(other => (long)other).ToArray();
        return (others.Length == 0 ? powers : powers.sum(others)).cpu().data<double>().ToArray();
    }

    private static void OverMemory(MemoryWork work, Tensor tensor, IReadOnlyList<int> dims, bool squared, Action<double[][]> done)
    {
        // The tensor as rows of cells: the first dimension asked for counts the rows, the second the cells. A last dimension
        // that is asked for alone counts cells, which may be single numbers.
        var shape = PlainMemory.ShapeOf(tensor);
        var last = dims[^1];
        var cell = Product(shape[(last + 1)..]);
        var byCells = dims.Count == 2 || cell == 1;
        var (rowSize, cells) = byCells ? (shape[last], (int)shape[last]) : (1L, 1);
        var rowDim = dims.Count == 2 || !byCells ? dims[0] : -1;
        var rows = rowDim >= 0 ? (int)shape[rowDim] : 1;
        rowSize = rowDim >= 0 ? Product(shape[(rowDim + 1)..]) : rowSize * cell;
        var count = rowSize > 0 ? tensor.numel() / rowSize : 0;
        cell = byCells ? cell : rowSize;
        var (columns, column) = cell > 1 && byCells && cell <= SmallCell ? (cells * (int)cell, 1) : (cells, (int)cell);

        // Each chunk sums for itself, and they are added up in their order: the same numbers whoever works on them.
        var chunks = (int)Math.Min(MemoryWork.Chunks(tensor.numel()), Math.Max(1, count));
        var partial = new (double[] Rows, double[] Cells)[chunks];
        work.Add(count, tensor.numel(), chunks, SumChunk, End);

        [MethodImpl(MethodImplOptions.AggressiveOptimization)]
        void SumChunk(int chunk, long start, long end)
        {
            var values = Values(tensor);
            var (rowSums, cellSums) = partial[chunk] = (Zeros(rows), Zeros(columns));
            for (var row = start; row < end; row++)
            {
                rowSums[row % rows] += AddRow(values.Slice((int)(row * rowSize), (int)rowSize), column, cellSums.AsSpan(0, columns), squared);
            }
        }

        void End()
        {
            foreach (var (rowSums, cellSums) in partial.Skip(1))
            {
                Add(partial[0].Rows.AsSpan(0, rows), rowSums);
                Add(partial[0].Cells.AsSpan(0, columns), cellSums);
            }

            if (columns > cells)
            {
                AddNeighbours(partial[0].Cells.AsSpan(0, columns), columns / cells);
            }

            done(rowDim < 0 ? [partial[0].Cells] : byCells ? [partial[0].Rows, partial[0].Cells] : [partial[0].Rows]);
            foreach (var (rowSums, cellSums) in partial)
            {
                ArrayPool<double>.Shared.Return(rowSums);
                ArrayPool<double>.Shared.Return(cellSums);
            }
        }
    }

    // A model is pruned once: the loops over its numbers are compiled for speed at once, not after the runtime has seen them run.

    /// <summary>Adds each cell of a row to its sum, and gives the sum of all.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double AddRow(ReadOnlySpan<float> row, int cell, Span<double> sums, bool squared)
    {
        var total = 0.0;
        for (var start = 0; start < row.Length; start += cell * sums.Length)
        {
            total += cell == 1 ? AddNumbers(row.Slice(start, sums.Length), sums, squared) : AddCells(row.Slice(start, cell * sums.Length), cell, sums, squared);
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double AddCells(ReadOnlySpan<float> row, int cell, Span<double> sums, bool squared)
    {
        var total = 0.0;
        for (var i = 0; i < sums.Length; i++)
        {
            var sum = Sum(row.Slice(i * cell, cell), squared);
            sums[i] += sum;
            total += sum;
        }

        return total;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double AddNumbers(ReadOnlySpan<float> row, Span<double> sums, bool squared)
    {
        var (total, i) = (Vector<double>.Zero, 0);
        ref var target = ref MemoryMarshal.GetReference(sums[..row.Length]);
        for (; i <= row.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (low, high) = Powers(row, i, squared);
            var (first, second) = ((nuint)i, (nuint)(i + Vector<double>.Count));
            (Vector.LoadUnsafe(ref target, first) + low).StoreUnsafe(ref target, first);
            (Vector.LoadUnsafe(ref target, second) + high).StoreUnsafe(ref target, second);
            total += low + high;
        }

        var rest = 0.0;
        for (; i < row.Length; i++)
        {
            var power = Power(row[i], squared);
            sums[i] += power;
            rest += power;
        }

        return Vector.Sum(total) + rest;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static double Sum(ReadOnlySpan<float> values, bool squared)
    {
        var (total, i) = (Vector<double>.Zero, 0);
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var (low, high) = Powers(values, i, squared);
            total += low + high;
        }

        var sum = Vector.Sum(total);
        for (; i < values.Length; i++)
        {
            sum += Power(values[i], squared);
        }

        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static (Vector<double> Low, Vector<double> High) Powers(ReadOnlySpan<float> values, int start, bool squared)
    {
        Vector.Widen(Vector.LoadUnsafe(ref MemoryMarshal.GetReference(values), (nuint)start), out var low, out var high);
        return squared ? (low * low, high * high) : (Vector.Abs(low), Vector.Abs(high));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double Power(double value, bool squared) => squared ? value * value : Math.Abs(value);

    private static double[] Zeros(int length)
    {
        var zeros = ArrayPool<double>.Shared.Rent(length);
        Array.Clear(zeros, 0, length);
        return zeros;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Add(Span<double> total, double[] part)
    {
        for (var i = 0; i < total.Length; i++)
        {
            total[i] += part[i];
        }
    }

    /// <summary>Sums up so many neighbours each, to the front.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AddNeighbours(Span<double> sums, int count)
    {
        for (int i = 0, next = 0; next < sums.Length; i++)
        {
            var sum = 0.0;
            for (var end = next + count; next < end; next++)
            {
                sum += sums[next];
            }

            sums[i] = sum;
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
