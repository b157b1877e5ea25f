using System.Reflection;
using PruneGen.Axes;
using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>One way to call a model's <c>forward</c>: what each of its parameters gets.</summary>
/// <param name="forward">The method.</param>
/// <param name="givesOptional">Whether tensors that may be null are given.</param>
/// <param name="number">What a number is.</param>
internal sealed class ForwardCall(MethodInfo forward, bool givesOptional, int number)
{
    private static readonly int[] Numbers = [4, 2, 1, 16];

    private readonly ParameterInfo[] parameters = forward.GetParameters();

    /// <summary>How many tensors it takes.</summary>
    public int TensorCount => parameters.Where(IsGiven).Sum(parameter => parameter.ParameterType == typeof(Tensor) ? 1 : 2);

    /// <summary>Whether there is more than the tensors that have to be given, which only another model can give.</summary>
    public bool NeedsCaller => Array.Exists(
        parameters,
        parameter => parameter.ParameterType == typeof(Tensor) ? givesOptional && IsOptional(parameter) : !parameter.HasDefaultValue);

    /// <summary>The ways to call a model of a class, the simplest first; none where its forward takes what cannot be guessed.</summary>
    public static IEnumerable<ForwardCall> Of(Type type)
    {
        for (var at = type; at is not null && at.Assembly == type.Assembly; at = at.BaseType)
        {
            var found = at.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Where(method => method.Name == "forward" && Array.TrueForAll(method.GetParameters(), CanBeGuessed))
                .OrderByDescending(method => method.IsVirtual).ToList();
            if (found.Count > 0)
            {
                // One that only throws may stand beside the one that is meant.
                return found.SelectMany(Of);
            }
        }

        return [];
    }

    private static IEnumerable<ForwardCall> Of(MethodInfo forward)
    {
        var parameters = forward.GetParameters();
        var numbers = Array.Exists(parameters, parameter => !parameter.HasDefaultValue && IsNumber(parameter.ParameterType)) ? Numbers : [0];
        bool[] optional = Array.Exists(parameters, IsOptional) ? [false, true] : [false];
        return from gives in optional from number in numbers select new ForwardCall(forward, gives, number);
    }

    /// <summary>Calls the model.</summary>
    public object? Invoke(nn.Module model, IEnumerable<Tensor> tensors) =>
        forward.Invoke(model, BindingFlags.DoNotWrapExceptions, null, Arguments(tensors), null);

    /// <summary>All arguments, with these tensors, or what stands for tensors, among them.</summary>
    public object?[] Arguments<T>(IEnumerable<T> tensors)
        where T : class
    {
        using var next = tensors.GetEnumerator();
        return Array.ConvertAll(parameters, Argument);

        object? Argument(ParameterInfo parameter) =>
            !IsGiven(parameter) ? parameter.HasDefaultValue ? parameter.DefaultValue : Plain(parameter.ParameterType)
            : parameter.ParameterType == typeof(Tensor) ? Next()
            : parameter.ParameterType.IsArray ? new[] { Next(), Next() }
            : new List<T> { Next(), Next() };

        T Next() => next.MoveNext() ? next.Current : throw new InvalidOperationException("Fewer tensors than forward takes.");
    }

    private bool IsGiven(ParameterInfo parameter) => HoldsTensors(parameter.ParameterType) && (givesOptional || !IsOptional(parameter));

    private object? Plain(Type type) => Nullable.GetUnderlyingType(type) is not null ? null
        : IsNumber(type) ? Convert.ChangeType(number, type)
        : type == typeof(string) ? "name"
        : type.IsValueType ? Activator.CreateInstance(type)
        : null;

    private static bool CanBeGuessed(ParameterInfo parameter) => parameter.HasDefaultValue || HoldsTensors(parameter.ParameterType)
        || parameter.ParameterType.IsPrimitive || parameter.ParameterType.IsEnum || parameter.ParameterType == typeof(string)
        || Nullable.GetUnderlyingType(parameter.ParameterType) is not null;

    private static bool HoldsTensors(Type type) => type == typeof(Tensor) || type == typeof(Tensor[])
        || (type.IsGenericType && type.IsAssignableFrom(typeof(List<Tensor>)));

    private static bool IsOptional(ParameterInfo parameter) => HoldsTensors(parameter.ParameterType)
        && (parameter.HasDefaultValue || new NullabilityInfoContext().Create(parameter).WriteState == NullabilityState.Nullable);

    private static bool IsNumber(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(double) || type == typeof(float);
}

/// <summary>Calls a model whose forward takes more than a batch brings, as a model that it is part of would.</summary>
internal sealed class Caller : nn.Module, IPrunable
{
    private readonly nn.Module model;
    private readonly ForwardCall call;

    public Caller(nn.Module model, ForwardCall call)
        : base(nameof(Caller))
    {
        (this.model, this.call) = (model, call);
        register_module("model", model);
    }

    public PruneOptions PruneDefaults { get; } = new();

    public int InputCount => call.TensorCount;

    /// <summary>The model that a module runs: it, or the one that it calls.</summary>
    public static nn.Module ModelOf(nn.Module module) => module is Caller caller ? caller.model : module;

    public object?[] Link(Linker link, LinkInputs inputs) => link.Call(model, call.Arguments(Enumerable.Range(0, inputs.Count).Select(i => inputs[i])));
}
