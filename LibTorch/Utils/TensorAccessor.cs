using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>The elements of a tensor in the processor's memory, in row-major order whatever their order in memory.</summary>
/// <typeparam name="T">The .NET type of the tensor's element type.</typeparam>
public sealed unsafe class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly long[] shape;
    private readonly long[] strides;
    private readonly bool contiguous;
    private Tensor? tensor; // keeps the memory alive; null once disposed
    private T* data;

    internal TensorAccessor(Tensor tensor)
    {
        ValidateDevice(tensor);
        this.tensor = tensor;
        shape = tensor.shape;
        strides = tensor.stride();
        contiguous = tensor.is_contiguous();
        data = (T*)tensor.DataPointer();
    }

    /// <summary>The number of elements.</summary>
    public long Count => tensor?.numel() ?? 0;

    /// <summary>Whether elements cannot be written: never.</summary>
    public bool IsReadOnly => false;

    /// <summary>One element: by its position in each dimension or, given one position, in row-major order.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such element.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The one position to read is negative.</exception>
    public T this[params long[] indices]
    {
        get => data[Offset(indices)];
        set
        {
            if (indices is [< 0])
                throw new IndexOutOfRangeException();
            data[Offset(indices)] = value;
        }
    }

    /// <summary>Two accessors are equal if they have the same elements.</summary>
    public static bool operator ==(TensorAccessor<T> left, TensorAccessor<T> right) =>
        left.Count == right.Count && left.SequenceEqual(right);

    /// <summary>Two accessors are equal if they have the same elements.</summary>
    public static bool operator !=(TensorAccessor<T> left, TensorAccessor<T> right) => !(left == right);

    /// <summary>A copy of the elements.</summary>
    public T[] ToArray()
    {
        var result = new T[Count];
        if (result.Length > 0)
            CopyTo(result);
        return result;
    }

    /// <summary>A copy of the elements as an array of as many dimensions as the tensor has (one, if it has none).</summary>
    public Array ToNDArray()
    {
        if (shape.Length < 2)
            return ToArray();
        var result = Array.CreateInstance(typeof(T), shape);
        if (result.Length == 0)
            return result;
        ref var start = ref System.Runtime.InteropServices.MemoryMarshal.GetArrayDataReference(result);
        fixed (byte* target = &start)
        {
            var next = (T*)target;
            foreach (var offset in Offsets(0))
                *next++ = data[offset];
        }
        return result;
    }

    /// <summary>Copies elements to an array, until either is at its end.</summary>
    /// <param name="array">Where to.</param>
    /// <param name="arrayIndex">The first position in the array.</param>
    /// <param name="tensorIndex">The first element, in row-major order.</param>
    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <inheritdoc cref="CopyTo(T[], int, long)"/>
    public void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        ValidateStart(tensorIndex);
        var target = array[Math.Min(arrayIndex, array.Length)..];
        var count = (int)Math.Min(target.Length, Count - tensorIndex);
        if (contiguous)
        {
            new ReadOnlySpan<T>(data + tensorIndex, count).CopyTo(target);
            return;
        }
        var offsets = Offsets(tensorIndex).GetEnumerator();
        for (var i = 0; i < count; i++)
            target[i] = data[Next(offsets)];
    }

    /// <summary>Copies elements from an array, until either is at its end.</summary>
    /// <param name="array">Where from.</param>
    /// <param name="arrayIndex">The first position in the array.</param>
    /// <param name="tensorIndex">The first element, in row-major order.</param>
    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) =>
        CopyFrom(new ReadOnlySpan<T>(array), arrayIndex, tensorIndex);

    /// <inheritdoc cref="CopyFrom(T[], int, long)"/>
    public void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        ValidateStart(tensorIndex);
        var source = array[Math.Min(arrayIndex, array.Length)..];
        var count = (int)Math.Min(source.Length, Count - tensorIndex);
        if (contiguous)
        {
            source[..count].CopyTo(new Span<T>(data + tensorIndex, count));
            return;
        }
        var offsets = Offsets(tensorIndex).GetEnumerator();
        for (var i = 0; i < count; i++)
            data[Next(offsets)] = source[i];
    }

    /// <summary>The elements in row-major order.</summary>
    public IEnumerator<T> GetEnumerator()
    {
        if (Count == 0)
            yield break;
        foreach (var offset in Offsets(0))
            yield return ElementAt(offset);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Whether the other one is an accessor with the same elements.</summary>
    public override bool Equals(object? obj) => obj is TensorAccessor<T> other && (data == other.data || this == other);

    /// <summary>By identity: the elements can change.</summary>
    public override int GetHashCode() => base.GetHashCode();

    /// <summary>Lets the tensor go; the accessor is empty from then on.</summary>
    public void Dispose()
    {
        tensor = null;
        data = null;
    }

    /// <summary>The element at a position in row-major order.</summary>
    internal static T ReadItemAt(Tensor tensor, long index)
    {
        ValidateDevice(tensor);
        tensor.ValidateType(typeof(T));
        using var accessor = new TensorAccessor<T>(tensor);
        return accessor.data[accessor.Offset(index)];
    }

    private static void ValidateDevice(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU)
            throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
    }

    private static long Next(IEnumerator<long> offsets)
    {
        offsets.MoveNext();
        return offsets.Current;
    }

    private T ElementAt(long offset) => data[offset];

    private void ValidateStart(long tensorIndex)
    {
        if (tensorIndex < 0 || tensorIndex >= Count)
            throw new ArgumentOutOfRangeException(nameof(tensorIndex));
    }

    private long Offset(long[] indices)
    {
        if (indices.Length == 1)
        {
            if (indices[0] >= Count)
                throw new IndexOutOfRangeException();
            return Offset(indices[0]);
        }
        var offset = 0L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            if (indices[i] >= shape[i] || indices[i] < 0)
                throw new IndexOutOfRangeException($"{indices[i]} >= {shape[i]} in dimension {i}.");
            offset += indices[i] * strides[i];
        }
        return offset;
    }

    private long Offset(long index)
    {
        if (index < 0 || index >= Count)
            throw new ArgumentOutOfRangeException(nameof(index), $"{index} in a collection of {Count} elements.");
        if (contiguous)
            return index;
        var offset = 0L;
        for (var i = shape.Length - 1; i >= 0; i--)
        {
            index = Math.DivRem(index, shape[i], out var position);
            offset += position * strides[i];
        }
        return offset;
    }

    // Where the elements from a position on are in memory.
    private IEnumerable<long> Offsets(long first)
    {
        var offset = Offset(first);
        if (contiguous)
        {
            for (var count = Count; offset < count; offset++)
                yield return offset;
            yield break;
        }

        // Counts the positions up like the digits of a number, the last dimension fastest.
        var positions = new long[shape.Length];
        for (var i = shape.Length - 1; i >= 0; i--)
            first = Math.DivRem(first, shape[i], out positions[i]);
        while (true)
        {
            yield return offset;
            var i = shape.Length - 1;
            for (; i >= 0 && positions[i] == shape[i] - 1; i--)
            {
                offset -= positions[i] * strides[i];
                positions[i] = 0;
            }
            if (i < 0)
                yield break;
            positions[i]++;
            offset += strides[i];
        }
    }
}
