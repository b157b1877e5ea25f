using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The size of every dimension of a tensor.</summary>
    public struct Size : IEnumerable<long>
    {
        private readonly long[] sizes;

        /// <summary>The shape of a scalar: no dimensions.</summary>
        public static Size Empty = new(Array.Empty<long>());

        /// <summary>A copy of the given sizes.</summary>
        public Size(long[] shape) => sizes = [.. shape];

        /// <summary>A copy of the given sizes.</summary>
        public Size(IEnumerable<long> shape) => sizes = [.. shape];

        /// <summary>A copy of the given sizes.</summary>
        public Size(int[] shape) => sizes = Array.ConvertAll(shape, size => (long)size);

        /// <summary>One dimension.</summary>
        public Size(long size) => sizes = [size];

        /// <summary>Two dimensions.</summary>
        public Size((long, long) size) => sizes = [size.Item1, size.Item2];

        /// <summary>Three dimensions.</summary>
        public Size((long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3];

        /// <summary>Four dimensions.</summary>
        public Size((long, long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4];

        /// <summary>Five dimensions.</summary>
        public Size((long, long, long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

        /// <summary>Six dimensions.</summary>
        public Size((long, long, long, long, long, long) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        /// <summary>One dimension.</summary>
        public Size(int size) => sizes = [size];

        /// <summary>Two dimensions.</summary>
        public Size((int, int) size) => sizes = [size.Item1, size.Item2];

        /// <summary>Three dimensions.</summary>
        public Size((int, int, int) size) => sizes = [size.Item1, size.Item2, size.Item3];

        /// <summary>Four dimensions.</summary>
        public Size((int, int, int, int) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4];

        /// <summary>Five dimensions.</summary>
        public Size((int, int, int, int, int) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5];

        /// <summary>Six dimensions.</summary>
        public Size((int, int, int, int, int, int) size) => sizes = [size.Item1, size.Item2, size.Item3, size.Item4, size.Item5, size.Item6];

        /// <summary>One dimension.</summary>
        public static implicit operator Size(long size) => new(size);

        /// <summary>Two dimensions.</summary>
        public static implicit operator Size((long, long) size) => new(size);

        /// <summary>Three dimensions.</summary>
        public static implicit operator Size((long, long, long) size) => new(size);

        /// <summary>Four dimensions.</summary>
        public static implicit operator Size((long, long, long, long) size) => new(size);

        /// <summary>Five dimensions.</summary>
        public static implicit operator Size((long, long, long, long, long) size) => new(size);

        /// <summary>Six dimensions.</summary>
        public static implicit operator Size((long, long, long, long, long, long) size) => new(size);

        /// <summary>A copy of the given sizes.</summary>
        public static implicit operator Size(long[] size) => new(size);

        /// <summary>The dimensions of the one followed by those of the other.</summary>
        public static Size operator +(Size left, Size right) => new(left.Concat(right));

        /// <summary>The dimensions of the one followed by further ones.</summary>
        public static Size operator +(Size left, IEnumerable<long> right) => new(left.Concat(right));

        /// <summary>True if both have the same sizes.</summary>
        public static bool operator ==(Size left, Size right) => left.Shape.AsSpan().SequenceEqual(right.Shape);

        /// <summary>True unless both have the same sizes.</summary>
        public static bool operator !=(Size left, Size right) => !(left == right);

        /// <summary>True if the object is a size with the same sizes.</summary>
        public override readonly bool Equals(object? obj) => obj is Size other && this == other;

        /// <summary>A hash of the sizes.</summary>
        public override readonly int GetHashCode()
        {
            var hash = new HashCode();
            foreach (var size in Shape)
                hash.Add(size);
            return hash.ToHashCode();
        }

        /// <summary>The sizes; not a copy.</summary>
        public readonly long[] Shape => sizes ?? [];

        /// <summary>The number of dimensions.</summary>
        public readonly int Length => Shape.Length;

        /// <summary>True for the shape of a scalar.</summary>
        public readonly bool IsEmpty => Length == 0;

        /// <summary>True for the shape of a scalar.</summary>
        public readonly bool IsScalar => IsEmpty;

        /// <summary>The size of one dimension, counted from the front.</summary>
        public readonly long this[int idx] => Shape[idx];

        /// <summary>The size of one dimension, counted from the front.</summary>
        public readonly long this[long idx] => Shape[idx];

        /// <summary>The number of elements of a tensor of this shape.</summary>
        public readonly long numel() => Shape.Aggregate(1L, (product, size) => product * size);

        /// <summary>
        /// The dimensions from <paramref name="first"/> to before <paramref name="next"/>; negative numbers count
        /// from the end.
        /// </summary>
        public readonly Size Slice(int first, int next)
        {
            if (first < 0) first += Length;
            if (next < 0) next += Length;
            return next <= first ? Empty : new(Shape.Skip(first).Take(next - first));
        }

        /// <summary>The first dimensions.</summary>
        public readonly IEnumerable<long> Take(int i) => Shape.Take(i);

        /// <summary>The sizes, one after the other.</summary>
        public readonly IEnumerator<long> GetEnumerator() => Shape.AsEnumerable().GetEnumerator();

        readonly IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
