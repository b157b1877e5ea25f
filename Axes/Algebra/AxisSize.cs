namespace PruneGen.Axes;

/// <summary>
/// A size as the source of <c>forward</c> computes it: a number, and, where it was read from a tensor's shape, the axis
/// that it counts. <c>x.shape[1] * x.shape[2]</c> counts the product of two axes and <c>x.shape[1] / 2</c> half of one,
/// whatever their widths become.
/// </summary>
public readonly struct AxisSize : IEquatable<AxisSize>
{
    private readonly Axis? axis;
    private readonly long divisor;
    private readonly Axis? source;

    private AxisSize(long? value, Axis? axis, long divisor = 1, Axis? source = null, string? content = null)
    {
        Content = content;
        Value = value;
        this.axis = axis;
        this.divisor = divisor;
        this.source = source;
    }

    /// <summary>The number, or null where it depends on an input that has not been seen, or on the content of a tensor.</summary>
    public long? Value { get; }

    /// <summary>The expression that reads the number from the content of a tensor, which no shape tells; null for any other number.</summary>
    public string? Content { get; }

    /// <summary>
    /// The axis that the size counts, or null for a plain number. Asking half the size of an axis for its axis cuts that
    /// axis into two equal halves.
    /// </summary>
    public Axis? Axis => axis is null || divisor == 1 ? axis : AxisPieces.Quotient(axis, divisor);

    /// <summary>
    /// The number, where <c>forward</c> goes on with it in a way that is not followed: an index, a count of loops, a
    /// computation. What it counts must stay, or forward would go on otherwise.
    /// </summary>
    /// <exception cref="AxisException">It depends on an input that has not been seen.</exception>
    public long Known
    {
        get
        {
            AsNumber("forward");
            return Number;
        }
    }

    /// <summary>
    /// The number, where all that it does is change the values in a tensor: attention scores divided by its root. What it counts
    /// may shrink, but the values then differ from masked ones.
    /// </summary>
    /// <exception cref="AxisException">What it counts depends on an input that has not been seen.</exception>
    public long Factor
    {
        get
        {
            MarkInexact();

            // The axis is all that matters; its size may be seen later.
            return axis is null && source is null ? Number : Value ?? 1;
        }
    }

    /// <summary>The same, or <see cref="OpArguments.Unknown"/> where only the content of a tensor tells the number.</summary>
    /// <exception cref="AxisException">What it counts depends on an input that has not been seen.</exception>
    public object FactorIfKnown
    {
        get
        {
            MarkInexact();
            return Content is null ? Factor : OpArguments.Unknown;
        }
    }

    private long Number => Value ?? throw new AxisException(AxisRule.UnknownShape, Content is not null
        ? $"forward needs {Content} as a number, which only the content of a tensor tells; move what needs it into a method that [Axes] describes"
        : $"forward needs the size {this} as a number; give the shape of the model's input");

    internal void MarkInexact()
    {
        foreach (var from in new[] { axis, source }.OfType<Axis>())
        {
            from.Graph.MarkInexact(from, "forward computes with its width");
        }
    }

    /// <summary>A size that is known to be computed, with nothing known of how.</summary>
    public static AxisSize Unknown => new(null, null);

    /// <summary>The axis that a quotient is a part of, and what it is divided by, while nothing has asked for its axis.</summary>
    internal (Axis Whole, long Divisor)? Part => axis is not null && divisor > 1 ? (axis.Resolve(), divisor) : null;

    /// <summary>Whether it is a plain number, which no width changes.</summary>
    internal bool IsConstant => axis is null && source is null;

    /// <summary>Whether pruning may change it.</summary>
    internal bool MayShrink => axis?.MayShrink == true || source?.MayShrink == true;

    /// <summary>Whether it was computed from widths in a way that is not followed, so that it holds them.</summary>
    internal bool IsComputed => axis is null && source is not null;

    /// <summary>A number that only the content of a tensor tells: what is cut or picked by it keeps its width.</summary>
    /// <param name="expression">The expression as the source writes it.</param>
    /// <param name="from">The sizes that it is computed from, too; they stay.</param>
    public static AxisSize OfContent(string expression, params AxisSize[] from) =>
        from.Aggregate(new AxisSize(null, null, content: expression), (all, size) => Computed(null, all, size));

    /// <summary>The size of an axis.</summary>
    public static AxisSize Of(Axis axis) => new(axis.Size, axis);

    /// <summary>A plain number.</summary>
    public static implicit operator AxisSize(long value) => new(value, null);

    /// <summary>The number, where it is known.</summary>
    /// <exception cref="AxisException">It depends on an input that has not been seen.</exception>
    public static explicit operator long(AxisSize size) => size.Known;

    /// <summary>The number, where it is known.</summary>
    /// <exception cref="AxisException">It depends on an input that has not been seen.</exception>
    public static explicit operator int(AxisSize size) => checked((int)size.Known);

    /// <summary>A product counts the product of the axes.</summary>
    public static AxisSize operator *(AxisSize left, AxisSize right)
    {
        if (left.axis is null && right.axis is not null)
        {
            return right * left;
        }

        var value = left.Value * right.Value;
        return (left.axis, right) switch
        {
            (not null, { axis: not null }) => new(value, AxisGraph.MakeProduct([left.Axis!, right.Axis!])),
            (not null, { IsConstant: true, Value: 1 }) => left,
            (not null, { IsConstant: true, Value: long n and > 1 }) when n == left.divisor => Of(left.axis!),
            (not null, { IsConstant: true, Value: long n and > 1 }) => new(value, AxisGraph.MakeProduct([left.axis!.Graph.NewConstant(n), left.Axis!])),
            _ => Computed(value, left, right),
        };
    }

    /// <summary>A sum counts the axes one after the other.</summary>
    public static AxisSize operator +(AxisSize left, AxisSize right)
    {
        if (left is { IsConstant: true, Value: 0 })
        {
            return right;
        }

        if (right is { IsConstant: true, Value: 0 })
        {
            return left;
        }

        var value = left.Value + right.Value;
        var graph = (left.axis ?? right.axis)?.Graph;
        var parts = new[] { left, right }
            .Select(size => size.axis is not null ? size.Axis : size is { IsConstant: true, Value: long n and > 0 } ? graph?.NewConstant(n) : null)
            .OfType<Axis>().ToArray();
        return parts.Length == 2 && parts.Any(part => part.HasPrunable) ? new(value, AxisGraph.Join(parts)) : Computed(value, left, right);
    }

    /// <summary>A difference counts what is left of axes one after the other.</summary>
    public static AxisSize operator -(AxisSize left, AxisSize right)
    {
        if (right is { IsConstant: true, Value: 0 })
        {
            return left;
        }

        var value = left.Value - right.Value;
        if (left.axis is not null && right.axis is not null && AxisPieces.Without(left.Axis!, right.Axis!) is { } rest)
        {
            return rest.Count == 0 ? 0 : new AxisSize(value, AxisGraph.Join(rest));
        }

        return Computed(value, left, right);
    }

    /// <summary>A quotient, rounded towards zero, counts one of the equal parts of an axis.</summary>
    public static AxisSize operator /(AxisSize left, AxisSize right)
    {
        var value = right.Value == 0 ? null : left.Value / right.Value;
        if (right is { IsConstant: true, Value: 1 })
        {
            return left;
        }

        if (left.axis is not null
            && right is { IsConstant: true, Value: long n and > 1 }
            && (left.Value is null || left.Value % n == 0)
            && (left.axis.Kind != AxisKind.Concat || left.Value is not null))
        {
            return left.divisor == 1 && AxisPieces.WithoutFactor(left.axis, n) is { } rest ? new(value, rest) : new(value, left.axis, left.divisor * n);
        }

        if (left.axis is not null && right.axis is not null && AxisPieces.WithoutFactors(left.Axis!, right.Axis!) is { } other)
        {
            return new(value, other);
        }

        return Computed(value, left, right);
    }

    /// <summary>Remainder of two sizes; no axis is known for it.</summary>
    public static AxisSize operator %(AxisSize left, AxisSize right) => Computed(right.Value == 0 ? null : left.Value % right.Value, left, right);

    /// <summary>The size with its sign changed.</summary>
    public static AxisSize operator -(AxisSize size) => Computed(-size.Value, size, 0);

    /// <summary>Whether two sizes are the same number; sizes of one axis are, whatever it comes to.</summary>
    /// <remarks>
    /// A width that is compared with a number, or with a width that is another one, must stay as it is, or the outcome might change;
    /// two that are equal shrink together from there on.
    /// </remarks>
    /// <exception cref="AxisException">One of them depends on an input that has not been seen.</exception>
    public static bool operator ==(AxisSize left, AxisSize right) => left.IsSameAxis(right) || left.IsAlike(right) || Compare(left, right) == 0;

    /// <summary>Whether two sizes differ.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator !=(AxisSize left, AxisSize right) => !(left == right);

    /// <summary>Whether one size is below another.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator <(AxisSize left, AxisSize right) => Compare(left, right) < 0;

    /// <summary>Whether one size is above another.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator >(AxisSize left, AxisSize right) => Compare(left, right) > 0;

    /// <summary>Whether one size is another or below it.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator <=(AxisSize left, AxisSize right) => Compare(left, right) <= 0;

    /// <summary>Whether one size is another or above it.</summary>
    /// <inheritdoc cref="operator =="/>
    public static bool operator >=(AxisSize left, AxisSize right) => Compare(left, right) >= 0;

    /// <inheritdoc cref="operator =="/>
    /// <remarks>Lists of sizes are compared by it, and searched: <c>SequenceEqual</c>, <c>Contains</c>.</remarks>
    public bool Equals(AxisSize other) => this == other;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is AxisSize other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => Value.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() =>
        axis is not null && divisor > 1 ? $"{axis}/{Text(divisor)}" : axis?.ToString() ?? (Value is long value ? Text(value) : Content ?? "?");

    /// <summary>Says that what it counts, or is computed from, stays as it is.</summary>
    public void Hold(string because)
    {
        foreach (var from in new[] { axis, source }.OfType<Axis>())
        {
            from.Graph.Fix(from, because);
        }
    }

    /// <summary>
    /// The number, for a rule that can only take it as one: whatever it was computed from must then keep its width.
    /// </summary>
    internal long? AsNumber(string name)
    {
        Hold((axis ?? source)?.Graph.Asking ?? (Content is null ? $"{name} takes a number that is computed from it" : $"forward computes {Content} from it"));
        return Value;
    }

    private bool IsSameAxis(AxisSize other) => axis is not null && other.axis is not null && divisor == other.divisor && axis.IsSame(other.axis);

    /// <summary>Whether two widths are equal now, and so must be after pruning.</summary>
    private bool IsAlike(AxisSize other)
    {
        if (Value is null || Value != other.Value || axis is null || other.axis is null || divisor != other.divisor || !(MayShrink || other.MayShrink))
        {
            return false;
        }

        try
        {
            axis.Graph.Tie(axis, other.axis, axis.Graph.Asking ?? "a condition says that they are of one size");
            return true;
        }
        catch (AxisException)
        {
            // Cut in different ways they cannot become one: then each keeps its width.
            return false;
        }
    }

    private static int Compare(AxisSize left, AxisSize right)
    {
        // Which way forward goes must be the same whatever is pruned, also where an input that has not been seen leaves it open.
        left.AsNumber("a condition");
        right.AsNumber("a condition");
        return left.Number.CompareTo(right.Number);
    }

    /// <summary>A number of which only its origin is known: the axes that it was computed from.</summary>
    private static AxisSize Computed(long? value, AxisSize left, AxisSize right)
    {
        var sources = new[] { left.axis, left.source, right.axis, right.source }.OfType<Axis>().Where(from => from.HasPrunable).ToArray();
        return new(value, null, 1, sources.Length == 0 ? null : sources.Length == 1 ? sources[0] : AxisGraph.Join(sources), left.Content ?? right.Content);
    }

    private static string Text(long value) => value.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
