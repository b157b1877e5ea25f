using System.Collections;
using System.Linq.Expressions;
using System.Reflection;
using System.Runtime.CompilerServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>Arguments for constructors, and inputs for models, that nobody told: by name, by type, and small.</summary>
/// <param name="assembly">Where the classes are.</param>
/// <param name="variant">Which of several guesses at widths.</param>
internal sealed class Guesses(Assembly assembly, int variant)
{
    /// <summary>How many guesses there are.</summary>
    public const int Variants = 6;

    /// <summary>Defaults above this are for machines with more memory.</summary>
    private const long Large = 64;

    /// <summary>How deep arguments of arguments go.</summary>
    private const int Deepest = 5;

    /// <summary>What a parameter that is a number is called, and what it is then; the first that fits counts.</summary>
    private static readonly (string[] Words, int Value)[] Numbers =
    [
        (["kernel", "ksize", "spatial"], 3),
        (["stride", "pad", "dilat", "group", "factor", "scale", "ratio", "expan", "mult", "reduction"], 1),
        (["kv", "head", "nhead"], 2),
        (["layer", "depth", "block_count", "numblock", "num_block", "nblock", "repeat", "stack", "stage", "level"], 2),
        (["vocab", "num_emb", "numemb", "token", "word"], 50),
        (["class", "label", "categor", "action"], 5),
        (["seq", "len", "ctx", "context", "position", "blocksize", "block_size", "window", "max"], 16),
        (["patch"], 4),
        (["img", "image", "resolution", "height", "freq", "time"], 32),
    ];

    /// <summary>Widths of inputs, of results, and of what is between them: different ones, equal ones, and those that many groups divide.</summary>
    private static readonly (int In, int Out, int Hidden)[] Widths = [(8, 12, 16), (16, 16, 16), (8, 16, 32), (32, 64, 64), (64, 64, 64), (3, 8, 8)];

    /// <summary>Creates a class, by whichever of its constructors can be called.</summary>
    /// <exception cref="NotSupportedException">None can be.</exception>
    public object Create(Type type, int depth = 0)
    {
        if (depth > Deepest || type.IsAbstract || type.ContainsGenericParameters)
        {
            throw new NotSupportedException($"the constructor needs a {Name(type)}");
        }

        Exception? failure = null;
        var constructors = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Cast<MethodBase>()
            .OrderBy(constructor => constructor.IsPrivate).ThenBy(constructor => constructor.GetParameters().Length);
        var factories = type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(method => method.ReturnType == type && !method.IsGenericMethod);
        foreach (var maker in constructors.Concat(factories).Where(maker => !maker.GetParameters().Any(parameter => parameter.ParameterType == type)))
        {
            try
            {
                var arguments = maker.GetParameters().Select(parameter => Argument(parameter, depth)).ToArray();
                var made = maker is ConstructorInfo constructor
                    ? constructor.Invoke(BindingFlags.DoNotWrapExceptions, null, arguments, null)
                    : maker.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null)!;
                return Fill(made, depth);
            }
#pragma warning disable CA1031 // Whatever a constructor throws at a guess is kept, and told where no other one can be called.
            catch (Exception error)
#pragma warning restore CA1031
            {
                failure ??= error;
            }
        }

        return type.IsValueType
            ? Fill(RuntimeHelpers.GetUninitializedObject(type), depth)
            : throw failure ?? new NotSupportedException($"no constructor of {Name(type)}");
    }

    /// <summary>Tensors that a model may take, the likeliest first.</summary>
    public static IReadOnlyList<(long[] Shape, ScalarType Type)> Inputs(nn.Module model)
    {
        var widths = model.parameters().Take(12).SelectMany(parameter => parameter.dim() >= 2 ? [parameter.shape[1], parameter.shape[0]] : parameter.shape)
            .Concat(model.modules().OfType<TorchSharp.Modules.Conv2d>().Take(1).Select(first => first.in_channels))
            .Append(3).Append(1).Append(16).Where(width => width > 0).Distinct().Take(8).ToList();
        var candidates = new List<(long[], ScalarType)>();
        void Add(ScalarType type, params long[] shape) => candidates.Add((shape, type));
        var first = model.parameters().FirstOrDefault(parameter => parameter.dim() >= 2);
        if (model.modules().OfType<TorchSharp.Modules.Embedding>().Any())
        {
            Add(ScalarType.Int64, 2, 6);
        }

        foreach (var width in widths.OrderByDescending(width => first is not null && width == first.shape[1]).ThenBy(widths.IndexOf))
        {
            Add(ScalarType.Float32, 2, width, 16, 16);
            Add(ScalarType.Float32, 2, 6, width);
            Add(ScalarType.Float32, 2, width);
            Add(ScalarType.Float32, 2, width, 16);
            Add(ScalarType.Float32, 2, width, 64, 64);
            Add(ScalarType.Float32, 2, 8, 8, width);
            Add(ScalarType.Float32, 2, width, 8, 8, 8);
        }

        Add(ScalarType.Int64, 2, 6);
        Add(ScalarType.Int64, 2);
        Add(ScalarType.Float32, 2);
        Add(ScalarType.Float32, 6, 6);
        Add(ScalarType.Float32, 2, 1, 6, 6);
        Add(ScalarType.Bool, 6, 6);
        Add(ScalarType.Bool, 2, 1, 6, 6);
        Add(ScalarType.Int64, 6);
        Add(ScalarType.Float32, 2, 1, 28, 28);
        Add(ScalarType.Float32, 2, 3, 32, 32);
        Add(ScalarType.Float32, 2, 784);
        foreach (var size in new long[] { 84, 128, 224, 256, 299, 512, 640 })
        {
            Add(ScalarType.Float32, 1, 3, size, size);
            Add(ScalarType.Float32, 1, 1, size, size);
        }

        Add(ScalarType.Float32, 1, 1, 4000);
        Add(ScalarType.Float32, 1, 16000);
        return candidates;
    }

    private object? Argument(ParameterInfo parameter, int depth)
    {
        var type = parameter.ParameterType;
        if (parameter.HasDefaultValue)
        {
            var value = parameter.DefaultValue;
            return value switch
            {
                null when type.IsValueType && Nullable.GetUnderlyingType(type) is null => Activator.CreateInstance(type),
                null => IsGiven(type) ? Value(type, parameter.Name!, depth) : null,
                int or long when Convert.ToInt64(value) > Large => Value(type, parameter.Name!, depth),
                ScalarType when type == typeof(ScalarType) => ScalarType.Float32,
                _ when type.IsEnum => Enum.ToObject(type, value),
                _ => value,
            };
        }

        return new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable
            && !IsGiven(type) && !typeof(nn.Module).IsAssignableFrom(type)
            ? null
            : Value(type, parameter.Name ?? "", depth);
    }

    /// <summary>Every other guess gives what may be left out, where it is no layer or element type.</summary>
    private bool IsGiven(Type type) =>
        variant % 2 == 1 && !typeof(nn.Module).IsAssignableFrom(type) && type != typeof(Device) && type != typeof(ScalarType?) && type != typeof(Tensor)
            && (type.IsArray || type.IsGenericType || type.Assembly == assembly);

    private object? Value(Type type, string name, int depth)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return Value(inner, name, depth);
        }

        if (type.IsArray)
        {
            var array = Array.CreateInstance(type.GetElementType()!, 2);
            array.SetValue(Value(type.GetElementType()!, name, depth), 0);
            array.SetValue(Value(type.GetElementType()!, name, depth), 1);
            return array;
        }

        if (type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) && type.GetGenericArguments() is [var element])
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
            list.Add(Value(element, name, depth));
            list.Add(Value(element, name, depth));
            return type.IsAssignableFrom(list.GetType()) ? list : Activator.CreateInstance(type, list);
        }

        if (type.IsGenericType && typeof(ITuple).IsAssignableFrom(type))
        {
            return Activator.CreateInstance(type, type.GetGenericArguments().Select(argument => Value(argument, name, depth)).ToArray());
        }

        return type switch
        {
            _ when type == typeof(int) || type == typeof(long) || type == typeof(uint) => Convert.ChangeType(Number(name), type),
            _ when type == typeof(double) || type == typeof(float) => Convert.ChangeType(name.Contains("eps") ? 1e-5 : 0.1, type),
            _ when type == typeof(bool) => false,
            _ when type == typeof(string) => !name.Contains("act", StringComparison.OrdinalIgnoreCase) ? "name" : variant % 2 == 0 ? "relu" : "gelu",
            _ when type == typeof(Device) => CPU,
            _ when type == typeof(ScalarType) => ScalarType.Float32,
            _ when type.IsEnum => Enum.GetValues(type).GetValue(0),
            _ when type == typeof(Tensor) => rand(2, 6),
            _ when type.IsAssignableFrom(typeof(TorchSharp.Modules.Identity)) && typeof(nn.Module).IsAssignableFrom(type) => nn.Identity(),
            _ when typeof(Delegate).IsAssignableFrom(type) => Function(type),
            _ when type.Namespace == "TorchSharp.Modules" => Layer(type),
            _ when type.Assembly == assembly || typeof(nn.Module).IsAssignableFrom(type) && !Concrete(type).IsAbstract => Create(Concrete(type), depth + 1),
            _ => throw new NotSupportedException($"the constructor needs a {Name(type)}"),
        };
    }

    private Type Concrete(Type type) =>
        type.IsAbstract ? Array.Find(assembly.GetTypes(), other => !other.IsAbstract && type.IsAssignableFrom(other)) ?? type : type;

    /// <summary>A function that makes layers makes one that does nothing; any other gives nothing.</summary>
    private static Delegate Function(Type type)
    {
        var invoke = type.GetMethod("Invoke")!;
        var parameters = invoke.GetParameters().Select(parameter => Expression.Parameter(parameter.ParameterType)).ToArray();
        Expression<Func<nn.Module>> identity = () => nn.Identity();
        var body = typeof(nn.Module).IsAssignableFrom(invoke.ReturnType)
            ? Expression.Convert(identity.Body, invoke.ReturnType)
            : (Expression)Expression.Default(invoke.ReturnType);
        return Expression.Lambda(type, body, parameters).Compile();
    }

    /// <summary>A layer of TorchSharp, by the function of its name.</summary>
    private object Layer(Type type)
    {
        foreach (var method in typeof(nn).GetMethods(BindingFlags.Public | BindingFlags.Static)
            .Where(method => method.Name == type.Name && !method.IsGenericMethod))
        {
            if (method.GetParameters().All(parameter => parameter.HasDefaultValue || parameter.ParameterType == typeof(long)))
            {
                var arguments = method.GetParameters().Select(parameter => parameter.HasDefaultValue ? Argument(parameter, 0) : (long)Number(parameter.Name!));
                return method.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments.ToArray(), null)!;
            }
        }

        throw new NotSupportedException($"the constructor needs a {Name(type)}");
    }

    /// <summary>Gives settings that were left open, or are for larger machines, a value.</summary>
    private object Fill(object made, int depth)
    {
        if (made is nn.Module || depth == 0)
        {
            return made;
        }

        foreach (var property in made.GetType().GetProperties().Where(property => property.CanWrite && property.GetIndexParameters().Length == 0))
        {
            var value = property.GetValue(made);
            if (value is null or 0 or 0L or 0.0 or 0f || (value is int or long && Convert.ToInt64(value) > Large) || value is ScalarType)
            {
                property.SetValue(made, Value(property.PropertyType, property.Name, depth));
            }
        }

        foreach (var field in made.GetType().GetFields(BindingFlags.Public | BindingFlags.Instance).Where(field => !field.IsInitOnly))
        {
            var value = field.GetValue(made);
            if (value is null or 0 or 0L || (value is int or long && Convert.ToInt64(value) > Large) || value is ScalarType)
            {
                field.SetValue(made, Value(field.FieldType, field.Name, depth));
            }
        }

        return made;
    }

    private int Number(string name)
    {
        var word = name.ToLowerInvariant().TrimStart('_');
        foreach (var (words, value) in Numbers)
        {
            // The size of heads, of embeddings and of layers is a width.
            if (words.Any(word.Contains) && !(word.Contains("dim") || word.Contains("size") && !word.Contains("block") && value is not (50 or 3 or 4 or 32)))
            {
                return value;
            }
        }

        var (taken, given, between) = Widths[variant];
        return word.Contains("head") ? 8
            : word.StartsWith("in", StringComparison.Ordinal) && !word.StartsWith("inter", StringComparison.Ordinal) || word is "c1" or "cin" or "ch_in" ? taken
            : word.StartsWith("out", StringComparison.Ordinal) || word is "c2" or "cout" or "ch_out" ? given
            : word is "n" or "p" or "s" or "d" or "g" ? 1
            : word is "k" ? 3
            : between;
    }

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.Name;
}
