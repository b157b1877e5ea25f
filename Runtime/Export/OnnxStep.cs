using System.Globalization;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Writes a step of <c>forward</c>, an operation or the call of a layer, as nodes of ONNX.</summary>
/// <param name="step">The step: its tensors and arguments, and the graph that it is written into.</param>
/// <returns>What the step makes, in order.</returns>
/// <exception cref="OnnxExportException">It cannot be said in ONNX.</exception>
public delegate OnnxValue[] OnnxWriter(OnnxStep step);

/// <summary>
/// One step of <c>forward</c> as its <see cref="OnnxWriter"/> sees it. Every tensor and every argument has to be read: one that is left unread would not
/// be in the file, so the export is refused.
/// </summary>
public sealed class OnnxStep
{
    private readonly OnnxValue?[] tensors;
    private readonly Dictionary<string, object?[]> arguments;
    private readonly HashSet<string> unread;
    private readonly HashSet<int> unreadTensors;
    private readonly Func<AxisTensor, OnnxValue> find;
    private readonly Func<OnnxStep, string, Tensor?> parameters;
    private readonly IReadOnlyList<OnnxTransform> transforms;

    internal OnnxStep(
        TraceStep step,
        OnnxGraph graph,
        OnnxSizes sizes,
        OnnxValue?[] tensors,
        Dictionary<string, object?[]> arguments,
        OnnxSize[]?[] shapes,
        Func<AxisTensor, OnnxValue> find,
        Func<OnnxStep, string, Tensor?> parameters,
        IReadOnlyList<OnnxTransform> transforms)
    {
        (Step, Graph, Sizes, this.tensors, this.arguments, Shapes, this.find) = (step, graph, sizes, tensors, arguments, shapes, find);
        (this.parameters, this.transforms) = (parameters, transforms);
        unread = [.. arguments.Keys];
        unreadTensors = [.. Enumerable.Range(0, tensors.Length).Where(i => tensors[i] is not null)];
    }

    /// <summary>The step as the trace has it.</summary>
    public TraceStep Step { get; }

    /// <summary>The operation by TorchSharp's name, or the path of the layer.</summary>
    public string Name => Step.Name;

    /// <summary>Where it is written to.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>The dimensions of each result; null where nothing tells them before the model runs.</summary>
    public IReadOnlyList<OnnxSize[]?> Shapes { get; }

    /// <summary>How many tensors it is called with, those that are left out among them.</summary>
    public int TensorCount => tensors.Length;

    /// <summary>Sizes as tensors of the graph.</summary>
    internal OnnxSizes Sizes { get; }

    /// <summary>The dimensions of the first result.</summary>
    /// <exception cref="OnnxExportException">Nothing tells them before the model runs.</exception>
    public OnnxSize[] Shape => Shapes[0] ?? throw Refusal("the shape of what it makes depends on the numbers in its tensors");

    /// <summary>The first tensor.</summary>
    public OnnxValue Input => Tensor(0);

    /// <summary>A tensor that it must be called with.</summary>
    public OnnxValue Tensor(int place) => Optional(place) ?? throw Refusal($"it is called without its tensor number {place + 1}");

    /// <summary>A tensor that may be left out.</summary>
    public OnnxValue? Optional(int place)
    {
        unreadTensors.Remove(place);
        return place < tensors.Length ? tensors[place] : null;
    }

    /// <summary>A parameter or buffer of the layer that is called; null where it has none of that name.</summary>
    /// <param name="name">Its name in the layer: <c>weight</c>.</param>
    /// <param name="channels">Which dimension of what <paramref name="arrange"/> gives its outputs stand in.</param>
    /// <param name="arrange">Puts it into the order that the node reads; null where it is read as it is.</param>
    public OnnxValue? Parameter(string name, int channels = 0, Func<OnnxValue, OnnxValue>? arrange = null)
    {
        if (parameters(this, name) is not { } tensor)
        {
            return null;
        }

        var value = Graph.Parameter($"{Name}.{name}", tensor);
        value = arrange is null ? value : arrange(value);
        return transforms.Aggregate(value, (now, transform) => transform.Parameter(this, name, now, channels, Arrange));

        Tensor Arrange(Tensor other) => arrange is null ? other : arrange(Graph.Constant(other)).Constant
            ?? throw Refusal($"its {name} is arranged by nodes, which its codes are not; arrange it by what computes with constants at once");
    }

    /// <summary>All tensors that it is called with.</summary>
    public OnnxValue[] Tensors() => [.. Enumerable.Range(0, tensors.Length).Select(Optional).OfType<OnnxValue>()];

    /// <summary>Whether one of the arguments is given, and not null.</summary>
    public bool Has(params string[] names) => Array.Exists(names, name => arguments.TryGetValue(name, out var values) && values[0] is not null);

    /// <summary>The argument as it is; null where it is not given.</summary>
    /// <exception cref="OnnxExportException">It depends on a dynamic dimension.</exception>
    public object? Raw(params string[] names)
    {
        var values = Find(names);
        return values is null ? null
            : values.All(value => Equals(value, values[0])) || values[0] is Array or ITuple ? values[0]
            : throw Dynamic(names[0], values);
    }

    /// <summary>A whole number that no dynamic dimension changes.</summary>
    /// <param name="otherwise">What it is where it is not given; null where it must be.</param>
    /// <param name="names">What TorchSharp's overloads call it.</param>
    public long Long(long? otherwise, params string[] names) => Find(names) is { } values
        ? Constant(names[0], ToSize(names[0], values))
        : otherwise ?? throw Refusal($"its argument {names[0]} is missing");

    /// <summary>Whole numbers that no dynamic dimension changes; null where they are not given.</summary>
    public long[]? Longs(params string[] names) => Find(names) is null ? null : [.. SizeList(names).Select(size => Constant(names[0], size))];

    /// <summary>Whole numbers, one for each of several dimensions; one alone stands for all; null where they are not given.</summary>
    public long[]? Longs(int count, params string[] names) => Longs(names) switch
    {
        null => null,
        [var one] => [.. Enumerable.Repeat(one, count)],
        { } several when several.Length == count => several,
        _ => throw Refusal($"its argument {names[0]} does not have {count} numbers"),
    };

    /// <summary>A size.</summary>
    public OnnxSize SizeOf(params string[] names) => Find(names) is { } values
        ? ToSize(names[0], values)
        : throw Refusal($"its argument {names[0]} is missing");

    /// <summary>A size, or a number where it is not given.</summary>
    public OnnxSize SizeOfOr(long otherwise, params string[] names) => Has(names) ? SizeOf(names) : Graph.Size(otherwise);

    /// <summary>Several sizes, or one.</summary>
    public OnnxSize[] SizeList(params string[] names)
    {
        var values = Find(names) ?? throw Refusal($"its argument {names[0]} is missing");
        var lists = Array.ConvertAll(values, value => value switch
        {
            ITuple tuple => [.. Enumerable.Range(0, tuple.Length).Select(i => tuple[i])],
            Array several => [.. several.Cast<object?>()],
            _ => new[] { value },
        });
        return lists.All(list => list.Length == lists[0].Length)
            ? [.. Enumerable.Range(0, lists[0].Length).Select(i => ToSize(names[0], Array.ConvertAll(lists, list => list[i])))]
            : throw Dynamic(names[0], values);
    }

    /// <summary>A number.</summary>
    public double Double(double? otherwise, params string[] names) => Find(names) is not { } values
        ? otherwise ?? throw Refusal($"its argument {names[0]} is missing")
        : values.All(value => Equals(value, values[0])) || values.All(value => Number(value) == Number(values[0]))
            ? Number(values[0]) ?? throw Refusal($"its argument {names[0]} is {values[0]}, and no number")
            : throw Dynamic(names[0], values);

    /// <summary>Numbers, one for each of several dimensions; one alone stands for all; null where they are not given.</summary>
    public double[]? Doubles(int count, params string[] names) => Raw(names) switch
    {
        null => null,
        double[] { Length: 1 } one => [.. Enumerable.Repeat(one[0], count)],
        double[] several when several.Length == count => several,
        double one => [.. Enumerable.Repeat(one, count)],
        var other => throw Refusal($"its argument {names[0]} is {other}, and not {count} numbers"),
    };

    /// <summary>A yes or no.</summary>
    public bool Flag(bool otherwise, params string[] names) =>
        Raw(names) is { } value ? value as bool? ?? throw Refusal($"its argument {names[0]} is {value}, and not yes or no") : otherwise;

    /// <summary>A text, or the name of one of an enumeration; null where it is not given.</summary>
    public string? Text(params string[] names) => Raw(names) switch
    {
        null => null,
        string text => text,
        Enum one => one.ToString(),
        var other => throw Refusal($"its argument {names[0]} is {other}, and no name"),
    };

    /// <summary>One of an enumeration, by itself, its number or its name.</summary>
    /// <typeparam name="TEnum">The enumeration that TorchSharp's parameter has.</typeparam>
    /// <param name="otherwise">What it is where it is not given.</param>
    /// <param name="names">What TorchSharp's overloads call it.</param>
    public TEnum Choice<TEnum>(TEnum otherwise, params string[] names)
        where TEnum : struct, Enum => Raw(names) switch
        {
            null => otherwise,
            TEnum one => one,
            string text when Enum.TryParse<TEnum>(text, ignoreCase: true, out var named) => named,
            long number => (TEnum)Enum.ToObject(typeof(TEnum), number),
            int number => (TEnum)Enum.ToObject(typeof(TEnum), number),
            var other => throw Refusal($"its argument {names[0]} is {other}, and no {typeof(TEnum).Name}"),
        };

    /// <summary>An element type; null where it is not given. A tensor stands for its own.</summary>
    public ScalarType? Type(params string[] names) => Raw(names) switch
    {
        null => null,
        ScalarType type => type,
        AxisTensor like => find(like).Type,
        long code => (ScalarType)code,
        int code => (ScalarType)code,
        var other => throw Refusal($"its argument {names[0]} is {other}, and no element type"),
    };

    /// <summary>A number among the arguments as a tensor: one that depends on a dynamic dimension is computed by the graph.</summary>
    /// <param name="names">What TorchSharp's overloads call it.</param>
    /// <param name="type">Its element type; null for that of the number.</param>
    public OnnxValue NumberValue(ScalarType? type, params string[] names)
    {
        var values = Find(names) ?? throw Refusal($"its argument {names[0]} is missing");
        if (values[0] is bool flag)
        {
            return Graph.Scalar(flag ? 1L : 0L, type ?? ScalarType.Bool);
        }

        if (values.All(IsWhole))
        {
            var size = ToSize(names[0], values);
            return size.IsConstant ? Graph.Scalar(size.Value, type ?? ScalarType.Int64) : Computed(size, type ?? ScalarType.Int64);
        }

        if (values.Any(value => Number(value) is null))
        {
            throw Refusal($"its argument {names[0]} is {values[0]}, and no number");
        }

        if (values.All(value => Number(value) == Number(values[0])))
        {
            return Graph.Scalar(Number(values[0])!.Value, type ?? ScalarType.Float32);
        }

        // A size as a fraction.
        return values.All(value => Number(value) is double number && double.IsInteger(number))
            ? Computed(new OnnxSize(Array.ConvertAll(values, value => (long)Number(value)!.Value)), type ?? ScalarType.Float32)
            : throw Dynamic(names[0], values);
    }

    private OnnxValue Computed(OnnxSize size, ScalarType type) => Graph.Cast(Sizes.Scalar(size, tensors.OfType<OnnxValue>()), type);

    /// <summary>The element type that a number among the arguments counts as.</summary>
    public ScalarType NumberType(params string[] names) => Find(names)?[0] switch
    {
        bool => ScalarType.Bool,
        float or double => ScalarType.Float32,
        _ => ScalarType.Int64,
    };

    /// <summary>The tensor that a value of the trace is, as an index holds one.</summary>
    public OnnxValue Value(AxisTensor tensor) => find(tensor);

    /// <summary>The indices between the brackets of an indexer, in each of the traces.</summary>
    internal AxisSlice[][] Slices(string name) => Find([name]) is { } values && values.All(value => value is AxisSlice[])
        ? Array.ConvertAll(values, value => (AxisSlice[])value!)
        : throw Refusal("its indices cannot be told from the source");

    /// <summary>Says that arguments tell nothing about what it computes.</summary>
    public void Ignore(params string[] names) => unread.ExceptWith(names);

    /// <summary>Says what the file does otherwise than a model that is trained.</summary>
    public void Note(string text) => Notes.Add($"{Name}: {text}");

    /// <summary>Where what is to be said of the export is collected.</summary>
    internal List<string> Notes { get; init; } = [];

    /// <summary>Lets transforms change a tensor that it takes.</summary>
    internal void Change(int place, IReadOnlyList<OnnxTransform> by)
    {
        if (tensors[place] is { } tensor)
        {
            tensors[place] = by.Aggregate(tensor, (value, transform) => transform.Input(this, place, value));
        }
    }

    /// <summary>What is wrong with it.</summary>
    public OnnxExportException Refusal(string because) => new(because, Name);

    /// <summary>What it was called with, and nothing has read.</summary>
    internal string? Unread() => unread.Count > 0 ? $"its argument {unread.First()}"
        : unreadTensors.Count > 0 ? $"its tensor number {unreadTensors.Min() + 1}"
        : null;

    private object?[]? Find(string[] names)
    {
        foreach (var name in names)
        {
            if (arguments.TryGetValue(name, out var values))
            {
                unread.Remove(name);
                if (Array.Exists(values, value => ReferenceEquals(value, OpArguments.Unknown)))
                {
                    throw Refusal($"its argument {name} is told neither by the source nor by the live model");
                }

                if (values[0] is not null)
                {
                    return values;
                }
            }
        }

        return null;
    }

    private OnnxSize ToSize(string name, object?[] values) => new(Array.ConvertAll(values, value => value switch
    {
        long number => number,
        int number => number,
        short number => number,
        byte number => number,
        AxisSize { Value: { } number } => number,
        AxisSize size => throw Refusal($"its argument {name} is {size}, which only the numbers in a tensor tell"),
        double number when double.IsInteger(number) => (long)number,
        _ => throw Refusal($"its argument {name} is {value}, and no whole number"),
    }));

    private long Constant(string name, OnnxSize size) => size.IsConstant ? size.Value : throw Refusal(
        $"its argument {name} depends on a dynamic dimension ({size}), and ONNX takes a constant; give the dimension a fixed size "
            + $"(OnnxOptions.DynamicDimensions)");

    private OnnxExportException Dynamic(string name, object?[] values) => Refusal(
        $"its argument {name} depends on a dynamic dimension in a way that is not written ({string.Join(" or ", values.Distinct())}); give the "
            + $"dimension a fixed size (OnnxOptions.DynamicDimensions)");

    private static bool IsWhole(object? value) => value is long or int or short or byte or AxisSize;

    private static double? Number(object? value) => value switch
    {
        double number => number,
        float number => number,
        AxisSize size => size.Value,
        IConvertible and not string and not bool and not Enum => Convert.ToDouble(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
