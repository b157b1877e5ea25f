using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;

namespace PruneGen.Axes.Tests;

/// <summary>
/// Every rule of the table, held against each method of TorchSharp that has its name: what decides about dimensions is read by the
/// name that TorchSharp's parameter has, what is left out stands for TorchSharp's default, and as many tensors come back.
/// </summary>
public sealed class TorchSharpNamesTests
{
    /// <summary>Parameters that decide about numbers, never about dimensions.</summary>
    private static readonly HashSet<string> OnlyNumbers =
    [
        "accumulate", "align_corners", "antialias", "approximate", "compute_mode", "copy", "count_include_pad", "decimals", "descending",
        "deviceIndex", "device", "disposeAfter", "divisor_override", "equal_nan", "generator", "high", "ignore_index", "include_self", "index",
        "inplace", "isImplicit", "largest", "log_input", "log_target", "low", "mode", "names", "nanEqual", "nonBlocking", "non_blocking", "norm",
        "offset", "ord", "output_size", "padding_mode", "periodic", "recompute_scale_factor", "reduce", "requires_grad", "rounding_mode", "sorted",
        "sparse_grad", "stable", "swap", "training", "unbiased", "use_input_stats", "full", "enforce_sorted", "doCopy", "shifts", "correction",
        "diagonal",
    ];

    /// <summary>Parameters that a rule has no need of, by the operation.</summary>
    private static readonly HashSet<(string Operation, string Parameter)> NotNeeded =
    [
        // A dimension that is cut by number stays, whatever the number is.
        ("slice_scatter", "start"), ("slice_scatter", "end"), ("slice_scatter", "step"),

        // The window of neighbours; channels that have neighbours are all inexact.
        ("local_response_norm", "size"),

        // They undo what they name: the channels and the result's size tell the rest.
        ("fold", "dilation"), ("fold", "padding"), ("fold", "stride"),

        // The sizes of what is sampled tell all but how it is turned.
        ("bincount", "minlength"), ("bucketize", "outInt32"), ("bucketize", "right"), ("isin", "assumeUnique"), ("isin", "invert"),

        // All numbers of a matrix are mixed, whichever half, power or row it is.
        ("cholesky", "upper"), ("matrix_power", "n"), ("renorm", "dim"),

        // Which of them is found.
        ("kthvalue", "k"),

        // A loss is one number.
        ("ctc_loss", "blank"), ("ctc_loss", "zero_infinity"), ("multi_margin_loss", "p"), ("triplet_margin_loss", "p"),
    ];

    /// <summary>Tensors of numbers in the source, of which the parser tells the rank alone.</summary>
    private static readonly string[] OfValues = ["tensor", "as_tensor", "from_array", "frombuffer"];

    public static TheoryData<string> Operations => [.. OpTable.Names.Where(name => !OfValues.Contains(name) && Overloads(name).Count > 0)];

    [Theory]
    [MemberData(nameof(Operations))]
    public void What_decides_about_dimensions_is_read_by_its_name(string operation)
    {
        foreach (var overload in Overloads(operation))
        {
            var read = new HashSet<string>(StringComparer.Ordinal);
            var isFollowed = false;
            foreach (var attempt in Attempt.All(overload))
            {
                isFollowed |= new Call(operation, overload, attempt, parameter => !parameter.HasDefaultValue, read).IsFollowed;
                isFollowed |= new Call(operation, overload, attempt, _ => true, read).IsFollowed;
            }

            var unread = overload.GetParameters().Where(parameter => Attempt.Decides(parameter.ParameterType) && !read.Contains(parameter.Name!))
                .Select(parameter => parameter.Name!).Where(name => !OnlyNumbers.Contains(name) && !NotNeeded.Contains((operation, name)));
            Assert.True(!isFollowed || !unread.Any(), $"{Text(overload)}: {string.Join(", ", unread)} is not read");
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void What_is_left_out_stands_for_the_default(string operation)
    {
        foreach (var overload in Overloads(operation).Where(overload => overload.GetParameters().Any(parameter => parameter.HasDefaultValue)))
        {
            foreach (var attempt in Attempt.All(overload))
            {
                var leftOut = new Call(operation, overload, attempt, parameter => !parameter.HasDefaultValue, []);
                var optional = overload.GetParameters().Where(parameter => parameter is { HasDefaultValue: true, DefaultValue: not null });
                foreach (var told in optional.Where(parameter => Attempt.Decides(parameter.ParameterType)))
                {
                    var asDefault = attempt with { Default = told };
                    var spelled = new Call(operation, overload, asDefault, parameter => !parameter.HasDefaultValue || parameter == told, []);
                    Assert.True(
                        leftOut.IsHeld || leftOut.Text == spelled.Text,
                        $"{Text(overload)}: without {told.Name} {leftOut.Text}, with its default {told.DefaultValue} {spelled.Text}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Operations))]
    public void As_many_tensors_come_back(string operation)
    {
        foreach (var overload in Overloads(operation))
        {
            int? expected = overload.ReturnType == typeof(torch.Tensor) ? 1
                : typeof(ITuple).IsAssignableFrom(overload.ReturnType) ? overload.ReturnType.GetGenericArguments().Length
                : null;
            var counts = Attempt.All(overload)
                .Select(attempt => new Call(operation, overload, attempt, parameter => !parameter.HasDefaultValue, []).Results)
                .OfType<int>().Distinct().ToList();
            Assert.True(expected is null || counts.All(count => count == expected), $"{Text(overload)} gives {string.Join(" or ", counts)}");
        }
    }

    private static readonly Lazy<ILookup<string, MethodInfo>> Methods = new(() => Types(typeof(torch))
        .Where(type => type.Name is "torch" or "Tensor" or "functional" or "special" or "linalg" or "fft" or "init" or "rnn")
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.Instance | BindingFlags.DeclaredOnly))
        .Where(method => !method.IsSpecialName && IsOfTensors(method))
        .ToLookup(method => method.Name, StringComparer.Ordinal));

    private static bool IsOfTensors(MethodInfo method) =>
        method.DeclaringType != typeof(torch) || method.ReturnType == typeof(torch.Tensor)
        || method.GetParameters().Any(parameter => Attempt.IsTensor(parameter.ParameterType));

    private static List<MethodInfo> Overloads(string operation) => [.. Methods.Value[operation].Where(method => !Throws(method))];

    private static IEnumerable<Type> Types(Type type) => type.GetNestedTypes().SelectMany(Types).Prepend(type);

    /// <summary>Methods that TorchSharp has for their names alone: all that they do is to throw.</summary>
    private static bool Throws(MethodInfo method) => method.GetMethodBody()?.GetILAsByteArray() is { Length: <= 12 } code && code[^1] == 0x7A;

    private static string Text(MethodInfo method)
    {
        var parameters = method.GetParameters().Select(parameter => $"{parameter.ParameterType.Name} {parameter.Name}");
        return $"{method.DeclaringType!.Name}.{method.Name}({string.Join(", ", parameters)})";
    }

    /// <summary>Arguments to try: tensors of a rank, whole numbers, lists of a length.</summary>
    private sealed record Attempt(int Rank, long Number, int Length, bool Shrinks)
    {
        public ParameterInfo? Default { get; init; }

        public static IEnumerable<Attempt> All(MethodInfo method)
        {
            var deciding = method.GetParameters().Select(parameter => parameter.ParameterType).Where(Decides).ToList();
            foreach (var rank in Enumerable.Range(1, 5))
            {
                foreach (var number in deciding.Count > 0 ? new[] { 1L, 0, 2, -1 } : [1])
                {
                    foreach (var length in deciding.Any(type => type.IsByRefLike || type.IsArray) ? new[] { 1, 2, 4 } : [1])
                    {
                        yield return new(rank, number, length, Shrinks: true);
                        yield return new(rank, number, length, Shrinks: false);
                    }
                }
            }
        }

        public static bool IsTensor(Type type) =>
            typeof(torch.Tensor).IsAssignableFrom(type) || type.Name == "PackedSequence" || Element(type) == typeof(torch.Tensor);

        public static bool Decides(Type type)
        {
            var own = Nullable.GetUnderlyingType(type) ?? Element(type) ?? type;
            return !IsTensor(type)
                && (Readable.Contains(own) || (own.IsEnum && own.Name is not ("ScalarType" or "DeviceType"))
                    || (typeof(ITuple).IsAssignableFrom(own) && own.GetGenericArguments().All(Decides)));
        }

        private static readonly Type[] Readable = [typeof(long), typeof(int), typeof(bool), typeof(string), typeof(torch.Size), typeof(torch.TensorIndex)];

        private static Type? Element(Type type) => type.IsArray ? type.GetElementType()
            : type is { IsGenericType: true } && (type.Name.StartsWith("ReadOnlySpan", StringComparison.Ordinal) || type.IsInterface)
                && type.GetGenericArguments() is [var only] ? only
            : null;

        public object? Value(ParameterInfo parameter)
        {
            var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
            if (parameter == Default)
            {
                return type.IsEnum ? Enum.GetName(type, parameter.DefaultValue!) : parameter.DefaultValue is int small ? (long)small : parameter.DefaultValue;
            }

            return type == typeof(bool) ? parameter.DefaultValue is not true
                : type == typeof(long) || type == typeof(int) ? Number
                : type == typeof(string) ? "ij,jk->ik"
                : type.IsEnum ? Enum.GetNames(type)[^1]
                : Element(type) == typeof(torch.TensorIndex) ? new[] { AxisSlice.All }
                : typeof(ITuple).IsAssignableFrom(type) ? Enumerable.Range(0, type.GetGenericArguments().Length).Select(i => Number + i).ToArray()
                : Enumerable.Range(0, Length).Select(i => Number + i).ToArray();
        }
    }

    /// <summary>One call, as the parser hands it to the table.</summary>
    private sealed class Call
    {
        public Call(string operation, MethodInfo overload, Attempt attempt, Func<ParameterInfo, bool> isGiven, HashSet<string> read)
        {
            var graph = new AxisGraph(isLive: true);
            var tensors = new List<AxisTensor?>();
            Axis Dim(string name) => attempt.Shrinks ? graph.NewOutput(name, 4) : graph.NewFixed(name, 4, "it stays");
            AxisTensor Tensor() => new([.. Enumerable.Range(0, attempt.Rank).Select(i => Dim($"t{tensors.Count}.{i}"))]);
            if (!overload.IsStatic)
            {
                tensors.Add(Tensor());
            }

            var values = new Recorded(read);
            foreach (var parameter in overload.GetParameters())
            {
                if (Attempt.IsTensor(parameter.ParameterType))
                {
                    var several = parameter.ParameterType.IsGenericType || parameter.ParameterType.IsArray;
                    tensors.AddRange(!isGiven(parameter) ? [null] : several ? [Tensor(), Tensor()] : [Tensor()]);
                }
                else if (Attempt.Decides(parameter.ParameterType) && isGiven(parameter))
                {
                    values.Add(parameter.Name!, attempt.Value(parameter));
                }
            }

            while (tensors.Count > 0 && tensors[^1] is null)
            {
                tensors.RemoveAt(tensors.Count - 1);
            }

            try
            {
                var results = OpTable.Apply(graph, new OpArguments(operation, tensors, values));
                Results = results.Length;
                Text = string.Join(" ", results.Concat(tensors.OfType<AxisTensor>()).Select(Describe));
                IsFollowed = results.Any(result => !result.IsOpen || result.Dims.Count > 0);
            }
            catch (AxisException exception)
            {
                Text = exception.Rule.ToString();
            }
        }

        /// <summary>Whether anything of the results is known. Of what is held or refused no argument matters.</summary>
        public bool IsFollowed { get; }

        public bool IsHeld => Results is not null && !IsFollowed;

        public int? Results { get; }

        public string Text { get; }

        private static string Describe(AxisTensor tensor) => $"{tensor}({string.Join(", ", tensor.Dims.Select(Describe))})";

        private static string Describe(Axis dim)
        {
            var stays = dim.Leaves().All(leaf => leaf.FixedBecause is not null);
            var inexact = dim.Leaves().Any(leaf => leaf.InexactBecause is not null);
            return $"{dim.Size}{(stays ? " stays" : "")}{(inexact ? " inexact" : "")}";
        }
    }

    /// <summary>Arguments that remember by which names they are asked for.</summary>
    private sealed class Recorded(HashSet<string> read) : IReadOnlyDictionary<string, object?>
    {
        private readonly Dictionary<string, object?> values = new(StringComparer.Ordinal);

        public void Add(string name, object? value) => values.Add(name, value);

        public bool TryGetValue(string key, out object? value)
        {
            read.Add(key);
            return values.TryGetValue(key, out value);
        }

        public object? this[string key] => values[key];

        public IEnumerable<string> Keys => values.Keys;

        public IEnumerable<object?> Values => values.Values;

        public int Count => values.Count;

        public bool ContainsKey(string key) => values.ContainsKey(key);

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => values.GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
