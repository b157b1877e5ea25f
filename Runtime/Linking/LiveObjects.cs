using System.Reflection;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What generated code asks of live objects: that they run the methods whose bodies were read, which a class of another project may have
/// replaced, what a base class keeps to itself, and what the source declares as dynamic.
/// </summary>
public static class LiveObjects
{
    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Requires that an object runs the method of a class, and no override of it.</summary>
    /// <param name="link">The walk through the model.</param>
    /// <param name="live">The object; null where there is none, so that nothing runs.</param>
    /// <param name="declaring">The class whose method was read.</param>
    /// <param name="method">The method's name: <c>Encode</c>, or <c>get_Scale</c> of a property.</param>
    /// <exception cref="InvalidOperationException">The object is of a class that replaces the method.</exception>
    public static void Require(Linker link, object? live, Type declaring, string method)
    {
        var type = live?.GetType();
        for (; type is not null && Definition(type) != Definition(declaring); type = type.BaseType)
        {
            if (type.GetMethods(Own).Any(own => own.Name == method && own.GetBaseDefinition() != own))
            {
                var which = live is nn.Module module ? $"{link.Modules.PathOf(module)}, a {type.Name}," : $"A {type.Name}";
                throw new InvalidOperationException(
                    $"{which} replaces {Name(method)} of {declaring.Name}, which forward calls and PruneGen has read there. Describe "
                        + $"{Name(method)} with [Axes] where {declaring.Name} declares it, or hand the model a {declaring.Name} itself.");
            }
        }

        if (live is not null && type is null)
        {
            throw new InvalidOperationException(
                $"A {live.GetType().Name} is of another project, and forward calls {Name(method)} of it, which PruneGen has read of this project's classes. "
                    + $"Describe {Name(method)} with [Axes] where it is declared, or hand the model a {declaring.Name}.");
        }
    }

    /// <summary>
    /// A live layer that the source calls as dynamic. Which of its methods runs is told when forward runs, so it must have only one that can.
    /// </summary>
    /// <param name="link">The walk through the model.</param>
    /// <param name="live">The layer.</param>
    /// <param name="method">The method's name: <c>forward</c> or <c>call</c>.</param>
    /// <param name="inputs">How many inputs it is called with.</param>
    /// <exception cref="InvalidOperationException">It is no module, has several such methods, or takes another number of inputs.</exception>
    public static nn.Module Callable(Linker link, object? live, string method, int inputs)
    {
        if (live is not nn.Module module)
        {
            throw new InvalidOperationException(
                $"forward calls {method} of something that is declared as dynamic, and that is {(live is null ? "null" : $"a {live.GetType()}, no module")}. "
                    + "Set it to a layer before the model is linked.");
        }

        var type = module.GetType();
        var library = typeof(nn.Module).Assembly;
        if (type.Assembly == library)
        {
            return module;
        }

        var methods = type.GetMethods(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(candidate => candidate.Name == method && !candidate.IsPrivate).ToList();
        var own = methods.Count(candidate => candidate.GetBaseDefinition().DeclaringType!.Assembly != library);
        var which = $"{link.Modules.PathOf(module)}, a {type.Name},";
        if (own > 1 || own == 1 && methods.Count > 1)
        {
            throw new InvalidOperationException(
                $"{which} has several methods {method}, and forward calls it as dynamic, so that only the running program tells which of them runs. "
                    + $"Declare it as {type.Name} where it is called.");
        }

        return methods.Exists(candidate => candidate.GetParameters().Length == inputs)
            ? module
            : throw new InvalidOperationException(
                $"{which} has no {method} that takes {inputs} inputs, with which forward calls it as dynamic. Give it all of them, in order.");
    }

    /// <summary>One result of a layer that is called as dynamic, where a tensor is used.</summary>
    /// <param name="results">All of its results.</param>
    /// <param name="index">Which of them.</param>
    /// <exception cref="InvalidOperationException">There is none, or it is no tensor.</exception>
    public static AxisTensor Tensor(object?[] results, int index) => index >= results.Length
        ? throw new InvalidOperationException(
            $"forward takes Item{index + 1} of what a layer gives that it calls as dynamic, and it is missing: the layer gives {results.Length}. Take one that "
                + "is there.")
        : results[index] is null or AxisTensor ? (AxisTensor)results[index]! : throw new InvalidOperationException(
            $"forward takes Item{index + 1} of what a layer gives that it calls as dynamic for a tensor, and it is a {results[index]!.GetType().Name}. Declare "
                + "the layer as its class where it is called.");

    /// <summary>A number, or several, that a base class of the model, or another class for all, keeps in a private field or property.</summary>
    /// <param name="model">The model.</param>
    /// <param name="declaring">The class.</param>
    /// <param name="member">The name of the field or property.</param>
    /// <exception cref="InvalidOperationException">The class has no such member: it was trimmed away, or is not the one that was compiled with.</exception>
    public static object? Hidden(object model, Type declaring, string member) =>
        declaring.GetField(member, Own | BindingFlags.Static) is { } field ? field.GetValue(model)
            : declaring.GetProperty(member, Own | BindingFlags.Static) is { } property ? property.GetValue(model)
            : throw new InvalidOperationException(
                $"{declaring.Name} has no member {member}, which forward goes by. Make it internal, so that generated code names it.");

    private static Type Definition(Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : type;

    private static string Name(string method) => method.StartsWith("get_", StringComparison.Ordinal) ? method["get_".Length..] : method;
}
