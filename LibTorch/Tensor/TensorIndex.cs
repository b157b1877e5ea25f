using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>One index as the shim reads it: <c>Index</c> of <c>Native/indexing.cpp</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeIndex
{
    /// <summary>What a slice leaves open.</summary>
    internal const long Open = long.MinValue;

    internal int Kind;
    internal long Start;
    internal long Stop;
    internal long Step;
    internal nint Tensor;
}

public static partial class torch
{
    /// <summary>One of the indices in <c>tensor[…]</c>: a number, a slice, a tensor, an ellipsis, a new dimension.</summary>
    public struct TensorIndex
    {
        // The numbers are shared with Native/indexing.cpp.
        internal enum Kind
        {
            None = 0,
            Single = 1,
            Null = 2,
            Ellipsis = 3,
            Bool = 4,
            Tensor = 5,
            Slice = 6,
        }

        internal Kind kind;
        internal long? start; // or the number of a Single, or a Bool as 0 or 1
        internal long? stop;
        internal long? step;
        internal Tensor? tensor;

        /// <summary>As many whole dimensions as the other indices leave: Python's <c>...</c>.</summary>
        public static TensorIndex Ellipsis = new() { kind = Kind.Ellipsis };

        /// <summary>A new dimension of size 1: Python's <c>None</c>.</summary>
        public static TensorIndex None = new() { kind = Kind.None };

        /// <summary>A new dimension of size 1.</summary>
        public static TensorIndex Null = new() { kind = Kind.Null };

        /// <summary>A whole dimension: Python's <c>:</c>.</summary>
        public static TensorIndex Colon = Slice();

        /// <summary>The elements from <paramref name="start"/> to before <paramref name="stop"/>, every
        /// <paramref name="step"/>th; negative positions count from the end.</summary>
        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new() { kind = Kind.Slice, start = start, stop = stop, step = step };

        /// <summary>The elements from the start to before the end; negative positions count from the end.</summary>
        public static TensorIndex Slice((int? start, int? end) range) => Slice((long?)range.start, range.end);

        /// <summary>The elements of a C# range.</summary>
        public static TensorIndex Slice(Range range) => Slice(
            Position(range.Start),
            range.End.Equals(Index.End) ? null : Position(range.End));

        /// <summary>The dimension as it is, or nothing of it.</summary>
        public static TensorIndex Bool(bool value) => new() { kind = Kind.Bool, start = value ? 1 : 0 };

        /// <summary>One element; the dimension disappears.</summary>
        public static TensorIndex Single(long? index) => new() { kind = Kind.Single, start = index };

        /// <summary>The elements at the positions that a tensor of integers holds, or where one of truth values is true.</summary>
        public static TensorIndex Tensor(Tensor tensor) => new() { kind = Kind.Tensor, tensor = tensor };

        /// <summary>One element; the dimension disappears.</summary>
        public static implicit operator TensorIndex(long value) => Single(value);

        /// <summary>Only there so that the compiler chooses the right indexer; it is never called.</summary>
        /// <exception cref="InvalidOperationException">Always.</exception>
        public static implicit operator Tensor(TensorIndex value) =>
            throw new InvalidOperationException("Should not be called.");

        /// <summary>The elements from the start to before the end; negative positions count from the end.</summary>
        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        /// <summary>The elements of a C# range.</summary>
        public static implicit operator TensorIndex(Range range) => Slice(range);

        /// <summary>One element, which may be counted from the end; the dimension disappears.</summary>
        public static implicit operator TensorIndex(Index index) => Single(Position(index));

        internal readonly NativeIndex ToNative() => new()
        {
            Kind = (int)kind,
            Start = start ?? (kind == Kind.Slice ? NativeIndex.Open : 0),
            Stop = stop ?? NativeIndex.Open,
            Step = step ?? NativeIndex.Open,
            Tensor = tensor?.Handle ?? 0,
        };

        private static long Position(Index index) => index.IsFromEnd ? -(long)index.Value : index.Value;
    }
}
