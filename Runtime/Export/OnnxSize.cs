using System.Globalization;

namespace PruneGen;

/// <summary>
/// A size or whole number of an exported model. It is one number, or it depends on dynamic dimensions: then the model was linked with several sizes
/// of these, and here is what it came to each time.
/// </summary>
public readonly struct OnnxSize : IEquatable<OnnxSize>
{
    private readonly long[] values;

    internal OnnxSize(long[] values) => this.values = values;

    /// <summary>Whether it is one number, whatever the dynamic dimensions are.</summary>
    public bool IsConstant => Array.TrueForAll(values, Same);

    /// <summary>The number.</summary>
    /// <exception cref="InvalidOperationException">It depends on a dynamic dimension.</exception>
    public long Value => IsConstant
        ? values[0]
        : throw new InvalidOperationException($"The size {this} depends on a dynamic dimension.");

    /// <summary>What it came to, each time that the model was linked.</summary>
    internal ReadOnlySpan<long> Values => values;

    /// <summary>A number.</summary>
    internal static OnnxSize Of(long value, int times) => new([.. Enumerable.Repeat(value, times)]);

    /// <summary>What is computed of a size.</summary>
    internal OnnxSize Map(Func<long, long> compute) => new(Array.ConvertAll(values, value => compute(value)));

    /// <summary>What is computed of two sizes.</summary>
    internal OnnxSize With(OnnxSize other, Func<long, long, long> compute) => new([.. values.Zip(other.values, compute)]);

    /// <summary>Whether two sizes are the same, whatever the dynamic dimensions are.</summary>
    public static bool operator ==(OnnxSize left, OnnxSize right) => left.Equals(right);

    /// <summary>Whether two sizes may differ.</summary>
    public static bool operator !=(OnnxSize left, OnnxSize right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(OnnxSize other) => values.AsSpan().SequenceEqual(other.values);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OnnxSize other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => values.Aggregate(0, HashCode.Combine);

    /// <inheritdoc/>
    public override string ToString() => IsConstant
        ? values[0].ToString(CultureInfo.InvariantCulture)
        : string.Join(" or ", values.Distinct().Select(value => value.ToString(CultureInfo.InvariantCulture)));

    private bool Same(long value) => value == values[0];
}
