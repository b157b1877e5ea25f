namespace PruneGen.Axes;

/// <summary>The arguments of one operation of <c>forward</c>: its tensors, and its other arguments by TorchSharp's parameter names.</summary>
public sealed class OpArguments
{
    private readonly IReadOnlyDictionary<string, object?> values;

    /// <summary>Collects the arguments of one call.</summary>
    /// <param name="name">The operation.</param>
    /// <param name="tensors">Its tensors, the receiver first, in the order of TorchSharp's parameters; null where an optional one is left out.</param>
    /// <param name="values">Its other arguments: <see cref="long"/>, <see cref="bool"/>, <see cref="string"/>,
    /// <see cref="AxisSize"/>, arrays of these, an array of <see cref="AxisSlice"/>, or null. <see cref="Unknown"/> stands for
    /// what the source alone does not tell.</param>
    public OpArguments(string name, IReadOnlyList<AxisTensor?> tensors, IReadOnlyDictionary<string, object?> values)
    {
        Name = name;
        Tensors = tensors;
        this.values = values;
    }

    /// <summary>Stands for an argument that the source alone does not tell.</summary>
    public static object Unknown { get; } = AxisSize.Unknown;

    /// <summary>The operation.</summary>
    public string Name { get; }

    /// <summary>The tensors, the receiver first; null where an optional one is left out.</summary>
    public IReadOnlyList<AxisTensor?> Tensors { get; }

    /// <summary>The tensors that were given.</summary>
    public IReadOnlyList<AxisTensor> Given => Tensors.OfType<AxisTensor>().ToList();

    /// <summary>The tensors, where none may be left out.</summary>
    /// <exception cref="AxisException">One is null: whatever it is when forward runs, the model does not have it.</exception>
    internal IReadOnlyList<AxisTensor> All => Given.Count == Tensors.Count && Given.Count > 0 ? Given
        : throw (Given.Count == 0
            ? NoTensor(Name)
            : new AxisException(
                AxisRule.Unsupported,
                $"{Name} is called with a tensor that the model does not have: one that a field holds must be registered, by RegisterComponents or "
                    + "register_buffer"));

    /// <summary>Whether a tensor or a size among the arguments may be pruned.</summary>
    internal bool MayShrink => Given.Any(tensor => tensor.MayShrink) || values.Values.Any(value => value switch
    {
        AxisSize size => size.MayShrink,
        AxisSize[] sizes => sizes.Any(size => size.MayShrink),
        AxisSlice[] slices => slices.Any(slice => slice.Indices?.MayShrink == true || slice.Start?.MayShrink == true || slice.Stop?.MayShrink == true),
        _ => false,
    });

    /// <summary>The sizes among the arguments, those in lists and indices too.</summary>
    private IEnumerable<AxisSize> AllSizes => values.Values.OfType<AxisSize>()
        .Concat(values.Values.OfType<AxisSize[]>().SelectMany(several => several))
        .Concat(values.Values.OfType<AxisSlice[]>().SelectMany(slices => slices).SelectMany(slice => new[] { slice.Start, slice.Stop }.OfType<AxisSize>()));

    /// <summary>A number among the arguments that only the content of a tensor tells, as the source writes it; null for none.</summary>
    internal string? Content => AllSizes.Select(size => size.Content).FirstOrDefault(content => content is not null);

    /// <summary>Says that something reads the tensors.</summary>
    internal void Read()
    {
        foreach (var tensor in Given.Concat(
            values.Values.OfType<AxisSlice[]>().SelectMany(slices => slices.Select(slice => slice.Indices).OfType<AxisTensor>())))
        {
            tensor.Read();
        }
    }

    /// <summary>Says that every dimension and size among the arguments stays as it is.</summary>
    internal void Hold(string because)
    {
        var slices = values.Values.OfType<AxisSlice[]>().SelectMany(slices => slices).ToList();
        var tensors = Given.Concat(slices.Select(slice => slice.Indices).OfType<AxisTensor>());
        foreach (var axis in tensors.SelectMany(tensor => tensor.Dims))
        {
            axis.Graph.Fix(axis, because);
        }

        foreach (var size in AllSizes)
        {
            size.AsNumber(Name);
        }
    }

    /// <summary>Says that the values are computed from every size among the arguments.</summary>
    internal void ComputeWithSizes()
    {
        foreach (var size in AllSizes)
        {
            size.MarkInexact();
        }
    }

    /// <summary>The first tensor.</summary>
    public AxisTensor Input => Tensor(0);

    /// <summary>The tensor at a place where one must be.</summary>
    /// <exception cref="AxisException">There is none.</exception>
    public AxisTensor Tensor(int place) =>
        Optional(place)
            ?? throw (Given.Count == 0
                ? NoTensor(Name)
                : new AxisException(AxisRule.Unsupported, $"{Name} is followed with {place + 1} tensors or more, but is called with {Given.Count}"));

    /// <summary>Whatever it was called with is no tensor of the model.</summary>
    internal static AxisException NoTensor(string name) =>
        new(
            AxisRule.Unsupported,
            $"{name} is called with no tensor that the model has: one that a field holds must be registered, by RegisterComponents or register_buffer");

    /// <summary>The tensor at a place where one may be left out.</summary>
    public AxisTensor? Optional(int place) => place < Tensors.Count ? Tensors[place] : null;

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

        return AsSize(value)?.AsNumber(Name) ?? throw (AsSize(value)?.Content is { } content
            ? new AxisException(AxisRule.UnknownShape, $"{Name} takes {content} for its argument {names[0]}, which only the content of a tensor tells")
            : Untold(names));
    }

    /// <summary>A yes or no, or <paramref name="otherwise"/> where it was not given.</summary>
    /// <exception cref="AxisException">It was given, but its value cannot be told.</exception>
    public bool Flag(bool otherwise, params string[] names) =>
        !Find(names, out var value) || value is null ? otherwise : value as bool? ?? throw Untold(names);

    /// <summary>One whole number or several, or null where none was given.</summary>
    /// <exception cref="AxisException">They were given, but cannot be told.</exception>
    public long[]? Numbers(params string[] names) =>
        !Find(names, out var value) || value is null ? null : Sizes(names).Select(size => size.AsNumber(Name) ?? throw Untold(names)).ToArray();

    /// <summary>Whether the argument was given as several values.</summary>
    public bool IsList(params string[] names) => Find(names, out var value) && value is Array;

    /// <summary>A text, or null where none was given or it cannot be told.</summary>
    public string? Text(params string[] names) => Find(names, out var value) ? value as string ?? (value as Enum)?.ToString() : null;

    /// <summary>One size as the source computes it, or <paramref name="otherwise"/> where it was not given.</summary>
    /// <exception cref="AxisException">It was not given, and nothing stands for it.</exception>
    public AxisSize Size(AxisSize? otherwise, params string[] names) =>
        Find(names, out var value) && AsSize(value) is AxisSize size ? size : otherwise ?? throw Untold(names);

    /// <summary>Whether the indices between the brackets of an indexer can be told.</summary>
    public bool HasSlices(string name) => Find([name], out var value) && value is AxisSlice[];

    /// <summary>The indices between the brackets of an indexer.</summary>
    /// <exception cref="AxisException">They were not given.</exception>
    public IReadOnlyList<AxisSlice> Slices(string name) => Find([name], out var value) && value is AxisSlice[] slices ? slices : throw Untold([name]);

    /// <summary>Numbers, one a spatial dimension; one number stands for all; null where not given or not told.</summary>
    public long[]? Spatial(int count, params string[] names) => Find(names, out var value) ? Spread(value, count) : null;

    /// <summary>A fraction; null where not given or not told.</summary>
    public double? Fraction(string name) => !Find([name], out var value) ? null : value switch
    {
        double fraction => fraction,
        float fraction => fraction,
        long number => number,
        int number => number,
        _ => null,
    };

    /// <summary>Whether an argument, where it was given, is a whole number or a size.</summary>
    public bool IsWhole(string name) => !Find([name], out var value) || AsSize(value) is not null;

    /// <summary>Fractions, one a spatial dimension; one stands for all; null where not given or not told.</summary>
    public double[]? Fractions(int count, string name) => !Find([name], out var value) ? null : value switch
    {
        double[] { Length: 1 } one => Enumerable.Repeat(one[0], count).ToArray(),
        double[] many when many.Length == count => many,
        _ => null,
    };

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
        AxisSize { Value: not null } size => Enumerable.Repeat(size.AsNumber("a window")!.Value, count).ToArray(),
        long[] { Length: 1 } one => Enumerable.Repeat(one[0], count).ToArray(),
        long[] many when many.Length == count => many,
        AxisSize[] sizes when sizes.All(size => size.Value is not null) => Spread(sizes.Select(size => size.AsNumber("a window")!.Value).ToArray(), count),
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
