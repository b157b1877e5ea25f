using System.Collections.Concurrent;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Tracing;

/// <summary>
/// Runs a trace over real tensors: layers by calling the live modules with what is recorded, operations by calling TorchSharp by their
/// names and those of their arguments. Nothing is looked up in the model's source, so what the trace has lost is missing here, too. An
/// operation or an argument that it does not know is an error.
/// </summary>
public sealed class TraceInterpreter
{
    private static readonly ConcurrentDictionary<MethodInfo, Func<object?[], object?>> Calls = new();
    private static readonly ILookup<string, MethodInfo> Operations = new[] { typeof(Tensor), typeof(torch), typeof(nn.functional), typeof(special), typeof(linalg), typeof(fft), typeof(nn.utils.rnn), typeof(nn.init) }
        .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly))
        .Where(method => !method.IsGenericMethodDefinition && (method.IsStatic || method.DeclaringType == typeof(Tensor)))
        .OrderByDescending(method => method.IsStatic).ThenBy(method => method.GetParameters().Length)
        .ToLookup(method => method.Name, StringComparer.Ordinal);

    /// <summary>As freely as an argument may be taken for what a parameter is.</summary>
    private const int MostLoose = 2;

    private readonly Dictionary<AxisTensor, object> values = new(ReferenceEqualityComparer.Instance);
    private readonly ForwardTrace trace;

    private TraceInterpreter(ForwardTrace trace) => this.trace = trace;

    /// <summary>The results of a trace, in order.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="inputs">What the model is called with: those that are left out are left out at the end.</param>
    public static Tensor[] Run(ForwardTrace trace, params Tensor[] inputs)
    {
        var interpreter = new TraceInterpreter(trace);
        foreach (var (value, input) in trace.Inputs.Zip(inputs))
        {
            interpreter.values.Add(value, input);
        }

        foreach (var step in trace.Steps)
        {
            try
            {
                interpreter.Take(step);
            }
            catch (Exception error) when (error is not InvalidOperationException)
            {
                throw new InvalidOperationException($"{step.Name}: {error.Message}\n{trace}", error);
            }
        }

        return [.. trace.Results.Select(result => (Tensor)interpreter.Value(result)!)];
    }

    /// <summary>
    /// The largest difference between what a model answers and what its trace does, from the same random numbers. Where conditions on values
    /// decide which way forward goes, it is that of the way that comes closest.
    /// </summary>
    /// <param name="plan">The model, linked with the shapes of the inputs.</param>
    /// <param name="forward">Calls it, and gives its results in order.</param>
    /// <param name="inputs">What to call it with.</param>
    /// <exception cref="InvalidOperationException">A trace cannot be run, or gives results of other shapes or types.</exception>
    public static double Difference(PruningPlan plan, Func<Tensor[], Tensor[]> forward, params Tensor[] inputs)
    {
        using var noGradients = no_grad();
        manual_seed(5);

        // What forward keeps in the model's fields stays.
        var expected = forward(Copies(inputs));
        using var scope = NewDisposeScope();
        var isOpen = plan.Trace.Conditions.Any(condition => !condition.IsSetting);
        var differences = new List<double>();
        InvalidOperationException? refusal = null;
        foreach (var trace in isOpen ? plan.Traces : [plan.Trace])
        {
            try
            {
                manual_seed(5);
                differences.Add(Difference(trace, expected, Run(trace, Copies(inputs))));
            }
            catch (InvalidOperationException error) when (isOpen)
            {
                // Forward could not go this way either.
                refusal = error;
            }
        }

        return differences.Count > 0 ? differences.Min() : throw refusal!;
    }

    /// <summary>
    /// Whether every way that forward can go is among a plan's traces: linking takes each answer once, and not all of them together, so that
    /// where there are several questions the one that forward takes may be missing.
    /// </summary>
    public static bool HasEveryWay(PruningPlan plan)
    {
        var ways = plan.Traces.Select(trace => trace.Conditions.ToArray()).ToList();
        return ways.TrueForAll(way => Enumerable.Range(0, way.Length).All(at => way[at].IsSetting || ways.Exists(
            other => other.Length > at && other.Take(at).SequenceEqual(way.Take(at)) && other[at] == (way[at] with { Holds = !way[at].Holds }))));
    }

    private static Tensor[] Copies(Tensor[] tensors) => Array.ConvertAll(tensors, tensor => tensor.clone());

    private static double Difference(ForwardTrace trace, Tensor[] expected, Tensor[] actual)
    {
        if (expected.Length != actual.Length)
        {
            throw new InvalidOperationException($"forward gives {expected.Length} tensors, and its trace {actual.Length}.\n{trace}");
        }

        return expected.Zip(actual).Select(pair => Difference(trace, pair.First, pair.Second)).DefaultIfEmpty(0).Max();
    }

    private static double Difference(ForwardTrace trace, Tensor expected, Tensor actual)
    {
        if (!expected.shape.SequenceEqual(actual.shape) || expected.dtype != actual.dtype)
        {
            throw new InvalidOperationException($"forward gives {expected}, and its trace {actual}.\n{trace}");
        }

        // What is no number in both is the same.
        var (first, second) = (Numbers(expected), Numbers(actual));
        var same = first.eq(second).logical_or(first.isnan().logical_and(second.isnan()));
        return expected.numel() == 0 ? 0 : where(same, zeros_like(first), first - second).abs().nan_to_num(double.PositiveInfinity).max().item<double>();
    }

    private static Tensor Numbers(Tensor tensor) => (tensor.is_complex() ? view_as_real(tensor) : tensor).to_type(ScalarType.Float64);

    private void Take(TraceStep step)
    {
        var results = step.Kind switch
        {
            TraceStepKind.Parameter or TraceStepKind.Tensor => step.Tensor,
            TraceStepKind.Layer => CallLayer(step),
            _ => Operate(step),
        };
        var several = Results(results).ToList();
        if (several.Count != step.Results.Count)
        {
            throw new InvalidOperationException($"{step.Name} gives {several.Count} results, and has {step.Results.Count} in the trace.\n{trace}");
        }

        foreach (var (result, value) in step.Results.Zip(several))
        {
            values.Add(result, value);
        }
    }

    private object? Value(AxisTensor? tensor) => tensor is null ? null : values.TryGetValue(tensor, out var value) ? value : throw new InvalidOperationException($"{tensor} is read, but no step has made it.\n{trace}");

    private object? CallLayer(TraceStep step)
    {
        var arguments = step.Arguments.Select(argument => Real(argument.Value)).ToList();
        foreach (var method in step.Module!.GetType().GetMethods().Where(method => method.Name == step.Method).OrderBy(method => method.GetParameters().Length))
        {
            var parameters = method.GetParameters();
            if (parameters.Length >= arguments.Count && Fit(parameters.Select((parameter, i) => i < arguments.Count ? Convert(arguments[i], parameter.ParameterType) : Default(parameter))) is { } fit)
            {
                return Call(method, [step.Module, .. fit]);
            }
        }

        throw new InvalidOperationException($"{step.Name} has no {step.Method} that takes what it is called with.\n{trace}");
    }

    /// <summary>A value of the trace as tensors and numbers.</summary>
    private object? Real(object? value) => value switch
    {
        AxisTensor tensor => Value(tensor),
        ITuple tuple => Enumerable.Range(0, tuple.Length).Select(i => Real(tuple[i])).ToArray(),
        AxisSize size => size.Value ?? throw new InvalidOperationException($"The size {size} is not known.\n{trace}"),
        AxisSize[] sizes => Array.ConvertAll(sizes, size => (long)Real(size)!),
        _ => value,
    };

    private object? Operate(TraceStep step)
    {
        var tensors = step.Inputs.Select(Value).ToList();
        var arguments = step.Arguments.ToDictionary(argument => argument.Name, argument => argument.Value is AxisSlice[] ? argument.Value : Real(argument.Value));
        switch (step.Name)
        {
            case "index":
                return ((Tensor)tensors[0]!).index(Indices(arguments));
            case "index_put_":
                var put = (Tensor)tensors[0]!;
                return tensors.Count > 1 ? put.index_put_((Tensor)tensors[1]!, Indices(arguments)) : put.index_put_(Number(arguments["value"]), Indices(arguments));
            case "T":
                return ((Tensor)tensors[0]!).T;
            case "item":
                return ((Tensor)tensors[0]!).reshape([]);
            case "tensor" or "as_tensor" or "from_array" or "scalar_tensor":
                arguments.Remove("rank");
                if (arguments is { Count: 1 } && arguments.Values.Single() is long[] whole)
                {
                    return tensor(whole);
                }

                arguments = arguments.ToDictionary(argument => argument.Key == "data" ? FirstOf(step.Name, argument.Value) : argument.Key, argument => argument.Value);
                break;
        }

        // A number before a tensor: TorchSharp adds it to what is taken away, and otherwise makes a tensor of it.
        if (arguments.Remove("input", out var first))
        {
            switch (step.Name)
            {
                case "add" or "mul":
                    arguments.Add("other", first);
                    break;
                case "sub":
                    return ((Tensor)tensors[0]!).negative().add(Number(first));
                default:
                    tensors.Insert(0, TensorOf(first));
                    break;
            }
        }

        // A number is taken as what it is, or else as another number, or else as a list of one.
        var bound = Enumerable.Range(0, MostLoose + 1).SelectMany(loose => Operations[step.Name].Select(method => (Method: method, Arguments: Bind(method, tensors, arguments, loose))))
            .FirstOrDefault(candidate => candidate.Arguments is not null);
        if (bound.Arguments is not null)
        {
            return Call(bound.Method, bound.Arguments);
        }

        throw new InvalidOperationException($"TorchSharp has no {step.Name} of {tensors.Count} tensors with {string.Join(", ", arguments.Select(argument => $"{argument.Key}: {argument.Value} ({argument.Value?.GetType().Name})"))}.\n{trace}");
    }

    /// <summary>What a method that makes a tensor of numbers calls these.</summary>
    private static string FirstOf(string name, object? data) => Operations[name].Select(method => method.GetParameters()[0]).OrderBy(parameter => Convert(data, parameter.ParameterType, loose: 0).Fits ? 0 : 1).First(parameter => Convert(data, parameter.ParameterType) is { Fits: true }).Name!;

    private TensorIndex[] Indices(Dictionary<string, object?> arguments) => Array.ConvertAll((AxisSlice[])arguments["indices"]!, slice => slice.Kind switch
    {
        SliceKind.All => TensorIndex.Colon,
        SliceKind.Ellipsis => TensorIndex.Ellipsis,
        SliceKind.NewAxis => TensorIndex.Null,
        SliceKind.At => TensorIndex.Single((long)Real(slice.Start)!),
        SliceKind.By => TensorIndex.Tensor((Tensor)Value(slice.Indices)!),
        _ => TensorIndex.Slice((long?)Real(slice.Start), (long?)Real(slice.Stop), slice.Step == 1 ? null : slice.Step),
    });

    /// <summary>The arguments of a call, the receiver first; null where the method does not take just these.</summary>
    private static object?[]? Bind(MethodInfo method, List<object?> tensors, Dictionary<string, object?> arguments, int loose)
    {
        var (next, left) = (0, new Dictionary<string, object?>(arguments));
        var bound = new List<object?>();
        if (!method.IsStatic)
        {
            if (tensors.Count == 0 || tensors[next++] is not Tensor receiver)
            {
                return null;
            }

            bound.Add(receiver);
        }

        foreach (var parameter in method.GetParameters())
        {
            var type = parameter.ParameterType;
            if (IsSeveral(type))
            {
                bound.Add(tensors.Skip(next).Cast<Tensor>().ToArray() is var several && type.IsAssignableFrom(typeof(List<Tensor>)) && !type.IsAssignableFrom(typeof(Tensor[])) ? several.ToList() : several);
                next = tensors.Count;
                continue;
            }

            // Numbers take the place of tensors under names of their own.
            var key = left.ContainsKey(parameter.Name!) ? parameter.Name! : type == typeof(Scalar) ? left.Keys.FirstOrDefault(name => name is "other" or "value") : null;
            if (key is not null && Convert(left[key], type, loose) is { Fits: true } value)
            {
                bound.Add(value.Value);
                left.Remove(key);
            }
            else if (type.IsClass && next < tensors.Count && (tensors[next] is null || type.IsInstanceOfType(tensors[next])))
            {
                bound.Add(tensors[next++]);
            }
            else if (Default(parameter) is { Fits: true } otherwise)
            {
                bound.Add(otherwise.Value);
            }
            else if (Nullable.GetUnderlyingType(type) is not null)
            {
                // What forward gives as null is not told.
                bound.Add(null);
            }
            else
            {
                return null;
            }
        }

        return next == tensors.Count && left.Count == 0 ? [.. bound] : null;
    }

    private static bool IsSeveral(Type type) => type != typeof(object) && (type.IsAssignableFrom(typeof(Tensor[])) || type.IsAssignableFrom(typeof(List<Tensor>)));

    private static (bool Fits, object? Value) Default(ParameterInfo parameter) =>
        parameter.HasDefaultValue ? (true, parameter.DefaultValue ?? (parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null)) : parameter.IsDefined(typeof(ParamArrayAttribute)) ? (true, Array.CreateInstance(parameter.ParameterType.GetElementType()!, 0)) : (false, null);

    private static object?[]? Fit(IEnumerable<(bool Fits, object? Value)> values) => values.ToList() is var all && all.TrueForAll(value => value.Fits) ? [.. all.Select(value => value.Value)] : null;

    /// <summary>A value as a parameter's type takes it.</summary>
    private static (bool Fits, object? Value) Convert(object? value, Type type, int loose = MostLoose)
    {
        var to = Nullable.GetUnderlyingType(type) ?? type;
        if (value is null)
        {
            return (!type.IsValueType || to != type, null);
        }

        if (ReferenceEquals(value, OpArguments.Unknown))
        {
            throw new InvalidOperationException("An argument is not known.");
        }

        return value switch
        {
            _ when to.IsInstanceOfType(value) => (true, value),
            Tensor tensor when to == typeof(ScalarType) => (true, tensor.dtype),
            _ when to == typeof(Scalar) && value is long or int or double or float or bool or short or byte => (true, Number(value)),
            long or int when loose > 0 && (to == typeof(long) || to == typeof(int) || to == typeof(double) || to == typeof(float)) => (true, System.Convert.ChangeType(value, to)),
            long number when to.IsEnum => (true, Enum.ToObject(to, number)),
            double or float when loose > 0 && (to == typeof(double) || to == typeof(float)) => (true, System.Convert.ChangeType(value, to)),
            long or int when loose > 1 && (to == typeof(long[]) || to == typeof(ReadOnlySpan<long>)) => (true, new[] { System.Convert.ToInt64(value) }),
            long[] when to == typeof(ReadOnlySpan<long>) => (true, value),
            long[] numbers when to == typeof(int[]) => (true, Array.ConvertAll(numbers, number => (int)number)),
            int[] numbers when to == typeof(long[]) || to == typeof(ReadOnlySpan<long>) => (true, Array.ConvertAll(numbers, number => (long)number)),
            long[] numbers when typeof(ITuple).IsAssignableFrom(to) => TupleOf([.. numbers], to),
            object?[] items when typeof(ITuple).IsAssignableFrom(to) => TupleOf(items, to),
            object?[] items when to == typeof(long[]) && items.All(item => item is long) => (true, items.Cast<long>().ToArray()),
            _ => (false, null),
        };
    }

    private static (bool Fits, object? Value) TupleOf(object?[] items, Type type) =>
        type.GetGenericArguments() is var types && types.Length == items.Length && Fit(items.Select((item, i) => Convert(item, types[i]))) is { } fit ? (true, Activator.CreateInstance(type, fit)) : (false, null);

    private static Tensor TensorOf(object? value) => value switch
    {
        long number => tensor(number),
        int number => tensor(number),
        double number => tensor(number),
        float number => tensor(number),
        _ => throw new InvalidOperationException($"{value} is no number."),
    };

    private static Scalar Number(object? value) => value switch
    {
        long number => number,
        int number => number,
        double number => number,
        float number => number,
        bool flag => flag,
        byte number => number,
        short number => number,
        _ => throw new InvalidOperationException($"{value} is no number."),
    };

    /// <summary>Calls a method; spans are made of arrays, which reflection alone cannot do.</summary>
    private static object? Call(MethodInfo method, object?[] arguments) => Calls.GetOrAdd(method, static called =>
    {
        var given = Expression.Parameter(typeof(object?[]));
        var start = called.IsStatic ? 0 : 1;
        var passed = called.GetParameters().Select((parameter, i) =>
        {
            var argument = Expression.ArrayIndex(given, Expression.Constant(i + start));
            return parameter.ParameterType.IsByRefLike
                ? Expression.Convert(Expression.Convert(argument, parameter.ParameterType.GetGenericArguments()[0].MakeArrayType()), parameter.ParameterType)
                : (Expression)Expression.Convert(argument, parameter.ParameterType);
        });
        var call = Expression.Call(called.IsStatic ? null : Expression.Convert(Expression.ArrayIndex(given, Expression.Constant(0)), called.DeclaringType!), called, passed);
        return Expression.Lambda<Func<object?[], object?>>(Expression.Convert(call, typeof(object)), given).Compile();
    })(arguments);

    /// <summary>The results of a call one by one.</summary>
    /// <summary>A result of a call that it gives only when it is asked to.</summary>
    private static readonly object NotAsked = new();

    private static IEnumerable<object> Results(object? result) => result switch
    {
        ITuple tuple => Enumerable.Range(0, tuple.Length).SelectMany(i => tuple[i] is { } one ? Results(one) : [NotAsked]),
        IEnumerable<Tensor> several => several,
        null => [],
        _ => [result],
    };
}
