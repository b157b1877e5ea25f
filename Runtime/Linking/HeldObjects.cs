using System.Collections;
using System.Reflection;
using System.Runtime.CompilerServices;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Lists, tuples, dictionaries and objects with tensors in them that a model or a class keeps, as linking sees them: axes stand where the live ones have
/// tensors. What is in them is read when it is asked for.
/// </summary>
/// <param name="axesOf">The axes of a live tensor, by what holds it.</param>
internal sealed class HeldObjects(Func<string, Tensor?, AxisTensor?> axesOf)
{
    private readonly List<(string Path, Func<bool> IsChanged)> read = [];

    private const BindingFlags Own = BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    /// <summary>Forgets what was read on another way.</summary>
    public void Begin() => read.Clear();

    /// <summary>What holds the objects that are as they were read, and whether one is no longer so.</summary>
    public IReadOnlyList<(string Path, Func<bool> IsChanged)> Unchanged() => [.. read.Where(one => !one.IsChanged())];

    /// <summary>Reads a live object as what stands for it.</summary>
    /// <param name="type">The type that generated code has in the place of the object's.</param>
    /// <param name="path">What holds the object.</param>
    /// <param name="live">The object; null where there is none.</param>
    /// <exception cref="InvalidOperationException">The type is one of which nothing is known.</exception>
    public object? Read(Type type, string path, object? live)
    {
        var wanted = Nullable.GetUnderlyingType(type) ?? type;
        if (live is null or Tensor)
        {
            return live is null ? null : axesOf(path, (Tensor)live);
        }

        if (wanted == typeof(LinkRecord))
        {
            var record = new LinkRecord((member, asked) => Read(asked, $"{path}.{member}", Member(live, member)), () => Tensors(live));
            var inside = path + ".";
            read.Add((path, () => record.IsChanged || read.Exists(part => part.Path.StartsWith(inside, StringComparison.Ordinal) && part.IsChanged())));
            return record;
        }

        if (wanted.IsInstanceOfType(live))
        {
            return live;
        }

        if (live is ITuple tuple)
        {
            var types = wanted.GetGenericArguments();
            return types.Length > 7 ? throw Unknown(path, live) : Activator.CreateInstance(
                wanted, [.. types.Select((element, i) => Read(element, $"{path}.Item{i + 1}", tuple[i]))]);
        }

        if (live is IDictionary entries && wanted.GetGenericArguments() is [var key, var value])
        {
            var map = (IDictionary)Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(key, value))!;
            foreach (DictionaryEntry entry in entries)
            {
                map.Add(entry.Key, Read(value, $"{path}[{entry.Key}]", entry.Value));
            }

            return wanted.IsInstanceOfType(map)
                ? Noted(path, map, () => map.Keys.Cast<object?>().Concat(map.Values.Cast<object?>()))
                : throw Unknown(path, live);
        }

        if (live is IEnumerable items && (wanted.IsArray ? wanted.GetElementType() : wanted.GetGenericArguments().SingleOrDefault()) is { } of)
        {
            var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(of))!;
            foreach (var item in items)
            {
                list.Add(Read(of, $"{path}[{list.Count}]", item));
            }

            if (wanted.IsArray && wanted.GetArrayRank() == 1)
            {
                var array = Array.CreateInstance(of, list.Count);
                list.CopyTo(array, 0);
                return Noted(path, array, () => array.Cast<object?>());
            }

            return wanted.IsInstanceOfType(list) ? Noted(path, list, () => list.Cast<object?>()) : throw Unknown(path, live);
        }

        throw Unknown(path, live);
    }

    private object Noted(string path, object collection, Func<IEnumerable<object?>> content)
    {
        var found = content().ToArray();
        read.Add((path, () => !content().SequenceEqual(found)));
        return collection;
    }

    /// <summary>What a field or property of an object holds, whoever may see it.</summary>
    private static object? Member(object live, string member)
    {
        for (var type = live.GetType(); type is not null; type = type.BaseType)
        {
            if (type.GetProperty(member, Own) is { GetMethod: not null } property)
            {
                return property.GetValue(live);
            }

            if (type.GetField(member, Own) is { } field)
            {
                return field.GetValue(live);
            }
        }

        throw new InvalidOperationException($"A {live.GetType().Name} has no member {member}, which forward goes by. It was trimmed away; make it public.");
    }

    /// <summary>The names of the fields and properties of an object that hold tensors.</summary>
    private static IEnumerable<string> Tensors(object live)
    {
        for (var type = live.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(Own).Where(field => typeof(Tensor).IsAssignableFrom(field.FieldType)))
            {
                yield return field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
            }
        }
    }

    private static InvalidOperationException Unknown(string path, object live) => new(
        $"{path} is a {live.GetType().Name}, and what holds tensors for forward is to be an array, a list, a dictionary, a tuple, or an object of your own. "
            + "Keep them in one of these.");
}
