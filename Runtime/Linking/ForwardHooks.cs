using System.Collections;
using System.Collections.Concurrent;
using System.Reflection;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Forward hooks that are not PruneGen's own. They may change what a layer takes and gives, or its weights, and no analysis reads them: what such a layer is
/// called with, and what it gives, keeps its width.
/// </summary>
internal static class ForwardHooks
{
    public const string Reason = "a forward hook may change it: remove the hook while the model is pruned, or do in forward what it does";

    // TorchSharp tells nobody which hooks there are.
    private static readonly ConcurrentDictionary<Type, FieldInfo[]> Fields = new();

    /// <summary>Whether a module has one.</summary>
    public static bool Any(nn.Module module) => Fields.GetOrAdd(module.GetType(), Of)
        .SelectMany(field => ((IDictionary)field.GetValue(module)!).Values.OfType<Delegate>())
        .Any(hook => hook.Method.Module.Assembly != typeof(ForwardHooks).Assembly);

    private static FieldInfo[] Of(Type? type)
    {
        while (type is not null && !(type.IsGenericType && type.GetGenericTypeDefinition() == typeof(nn.HookableModule<,>)))
        {
            type = type.BaseType;
        }

        return type is null ? [] :
            [.. type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic).Where(field => field.FieldType.IsAssignableTo(typeof(IDictionary)))];
    }
}
