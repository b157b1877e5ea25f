namespace PruneGen.Axes;

/// <summary>
/// A size as the source of <c>forward</c> computes it: a number, and, where it was read from a tensor's shape, the axis
/// that it counts. <c>x.shape[1] * x.shape[2]</c> counts the product of two axes, whatever their widths become.
/// </summary>
public readonly struct AxisSize : IEquatable<AxisSize>
{
    private AxisSize(long? value, Axis? axis)
    {
        Value = value;
        Axis = axis;
    }

    /// <summary>The number, or null where it depends on an input that has not been seen.</summary>
    public long? Value { get; }

    /// <summary>The axis that the size counts, or null for a plain number.</summary>
    public Axis? Axis { get; }

    /// <summary>The number, where <c>forward</c> cannot go on without it: a comparison, an index, a count of loops.</summary>
    /// <exception cref="AxisException">It depends on an input that has not been seen.</exception>
    public long Known => Value ?? throw new AxisException(AxisRule.UnknownShape, $"forward needs the size {this} as a number; give the shape of the model's input");

    /// <summary>A size that is known to be computed, with nothing known of how.</summary>
    public static AxisSize Unknown => new(null, null);

    /// <summary>The size of an axis.</summary>
    public static AxisSize Of(Axis axis) => new(axis.Size, axis);

    /// <summary>A plain number.</summary>
    public static implicit operator AxisSize(long value) => new(value, null);

    /// <summary>A product counts the product of the axes.</summary>
    public static AxisSize operator *(AxisSize left, AxisSize right)
    {
        var axis = (left.Axis, right.Axis) switch
        {
            (Axis a, Axis b) => AxisGraph.MakeProduct([a, b]),
            (Axis a, null) when right.Value == 1 => a,
            (null, Axis b) when left.Value == 1 => b,
            _ => null,
        };
        return new(left.Value * right.Value, axis);
    }

    /// <summary>Sum of two sizes; no axis is known for it.</summary>
    public static AxisSize operator +(AxisSize left, AxisSize right) => new(left.Value + right.Value, null);

    /// <summary>Difference of two sizes; no axis is known for it.</summary>
    public static AxisSize operator -(AxisSize left, AxisSize right) => new(left.Value - right.Value, null);

    /// <summary>Quotient of two sizes, rounded towards zero; no axis is known for it.</summary>
    public static AxisSize operator /(AxisSize left, AxisSize right) => new(right.Value == 0 ? null : left.Value / right.Value, null);

    /// <summary>Remainder of two sizes; no axis is known for it.</summary>
    public static AxisSize operator %(AxisSize left, AxisSize right) => new(right.Value == 0 ? null : left.Value % right.Value, null);

    /// <summary>The size with its sign changed.</summary>
    public static AxisSize operator -(AxisSize size) => new(-size.Value, null);

    /// <summary>Whether two sizes are the same number; sizes of one axis are, whatever it comes to.</summary>
    /// <exception cref="AxisException">One of them depends on an input that has not been seen.</exception>
    public static bool operator ==(AxisSize left, AxisSize right) =>
        (left.Axis is not null && ReferenceEquals(left.Axis.Resolve(), right.Axis?.Resolve())) || left.Known == right.Known;

    /// <summary>Whether two sizes differ.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator !=(AxisSize left, AxisSize right) => !(left == right);

    /// <summary>Whether one size is below another.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator <(AxisSize left, AxisSize right) => left.Known < right.Known;

    /// <summary>Whether one size is above another.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator >(AxisSize left, AxisSize right) => left.Known > right.Known;

    /// <summary>Whether one size is another or below it.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator <=(AxisSize left, AxisSize right) => left.Known <= right.Known;

    /// <summary>Whether one size is another or above it.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator >=(AxisSize left, AxisSize right) => left.Known >= right.Known;

    /// <inheritdoc/>
    public bool Equals(AxisSize other) => Value == other.Value && ReferenceEquals(Axis?.Resolve(), other.Axis?.Resolve());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AxisSize other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => Axis?.ToString() ?? Value?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?";
}
