namespace PruneGen.Axes;

/// <summary>The arguments of one operation of <c>forward</c>: its tensors, and its other arguments by TorchSharp's parameter names.</summary>
public sealed class OpArguments
{
    private readonly IReadOnlyDictionary<string, object?> values;

    /// <summary>Collects the arguments of one call.</summary>
    /// <param name="name">The operation.</param>
    /// <param name="tensors">Its tensors, the receiver first.</param>
    /// <param name="values">Its other arguments: <see cref="long"/>, <see cref="bool"/>, <see cref="AxisSize"/>, arrays of these, or null. <see cref="Unknown"/> stands for what the source alone does not tell.</param>
    public OpArguments(string name, IReadOnlyList<AxisTensor> tensors, IReadOnlyDictionary<string, object?> values)
    {
        Name = name;
        Tensors = tensors;
        this.values = values;
    }

    /// <summary>Stands for an argument that the source alone does not tell.</summary>
    public static object Unknown { get; } = AxisSize.Unknown;

    /// <summary>The operation.</summary>
    public string Name { get; }

    /// <summary>The tensors, the receiver first.</summary>
    public IReadOnlyList<AxisTensor> Tensors { get; }

    /// <summary>The first tensor.</summary>
    public AxisTensor Input => Tensors[0];

    /// <summary>Whether any of the names was given.</summary>
    public bool Has(params string[] names) => Find(names, out var value) && value is not null;

    /// <summary>A whole number, or <paramref name="otherwise"/> where it was not given.</summary>
    /// <exception cref="AxisException">It was given, but its value cannot be told.</exception>
    public long Number(long? otherwise, params string[] names)
    {
        if (!Find(names, out var value) || value is null)
        {
            return otherwise ?? throw Untold(names);
        }

        return AsSize(value)?.Value ?? throw Untold(names);
    }

    /// <summary>A yes or no, or <paramref name="otherwise"/> where it was not given.</summary>
    /// <exception cref="AxisException">It was given, but its value cannot be told.</exception>
    public bool Flag(bool otherwise, params string[] names) =>
        !Find(names, out var value) || value is null ? otherwise : value as bool? ?? throw Untold(names);

    /// <summary>One whole number or several, or null where none was given.</summary>
    /// <exception cref="AxisException">They were given, but cannot be told.</exception>
    public long[]? Numbers(params string[] names) =>
        !Find(names, out var value) || value is null ? null : Sizes(names).Select(size => size.Value ?? throw Untold(names)).ToArray();

    /// <summary>Numbers, one a spatial dimension; one number stands for all; null where not given or not told.</summary>
    public long[]? Spatial(int count, params string[] names) => Find(names, out var value) ? Spread(value, count) : null;

    /// <summary>Sizes as the source computes them.</summary>
    /// <exception cref="AxisException">They were not given.</exception>
    public IReadOnlyList<AxisSize> Sizes(params string[] names)
    {
        if (Find(names, out var value))
        {
            switch (value)
            {
                case AxisSize[] sizes: return sizes;
                case long[] numbers: return numbers.Select(n => (AxisSize)n).ToArray();
                case object[] mixed when mixed.All(item => AsSize(item) is not null): return mixed.Select(item => AsSize(item)!.Value).ToArray();
                case not null when AsSize(value) is AxisSize one: return [one];
            }
        }

        throw Untold(names);
    }

    internal static long[]? Spread(object? value, int count) => value switch
    {
        long n => Enumerable.Repeat(n, count).ToArray(),
        int n => Enumerable.Repeat((long)n, count).ToArray(),
        AxisSize { Value: long n } => Enumerable.Repeat(n, count).ToArray(),
        long[] { Length: 1 } one => Enumerable.Repeat(one[0], count).ToArray(),
        long[] many when many.Length == count => many,
        AxisSize[] sizes when sizes.All(size => size.Value is not null) => Spread(sizes.Select(size => size.Value!.Value).ToArray(), count),
        _ => null,
    };

    private static AxisSize? AsSize(object? value) => value switch
    {
        long n => n,
        int n => n,
        AxisSize size => size,
        _ => null,
    };

    private bool Find(string[] names, out object? value)
    {
        foreach (var name in names)
        {
            if (values.TryGetValue(name, out value))
            {
                return true;
            }
        }

        value = null;
        return false;
    }

    private AxisException Untold(string[] names) =>
        new(AxisRule.Unsupported, $"{Name} needs its argument {names[0]} as a constant or as a size read from a tensor");
}
