using System.Collections.Concurrent;
using System.Globalization;
using System.Reflection;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A property of TorchSharp's layers that tells a setting or a width: a number, or one number of an array (<c>normalized_shape[0]</c>). Where it has
/// no setter, what stands behind it is set.
/// </summary>
internal sealed class LayerProperty
{
    private const BindingFlags Everything = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly ConcurrentDictionary<(Type Type, string Name), LayerProperty> Known = [];

    private readonly string member;
    private readonly int? index;
    private readonly PropertyInfo? property;
    private readonly FieldInfo? field;

    private LayerProperty(Type type, string name)
    {
        var bracket = name.IndexOf('[', StringComparison.Ordinal);
        member = bracket < 0 ? name : name[..bracket];
        index = bracket < 0 ? null : int.Parse(name.AsSpan((bracket + 1)..^1), CultureInfo.InvariantCulture);
        property = type.GetProperty(member);
        field = property switch
        {
            null => type.GetField(member),
            { CanWrite: true } => null,
            _ => property.DeclaringType!.GetField($"<{member}>k__BackingField", Everything),
        };
        if (property is null && field is null)
        {
            throw new MissingMemberException(type.Name, member);
        }
    }

    /// <summary>A property of a layer.</summary>
    /// <exception cref="MissingMemberException">It has none of the name.</exception>
    public static LayerProperty Of(Type layer, string name) => Known.GetOrAdd((layer, name), key => new(key.Type, key.Name));

    /// <summary>What it tells.</summary>
    public object? Read(nn.Module layer) => property is not null ? property.GetValue(layer) : field!.GetValue(layer);

    /// <summary>The width that it tells.</summary>
    public long Get(nn.Module layer) => index is int place ? ((long[])Read(layer)!)[place] : (long)Read(layer)!;

    /// <exception cref="MissingMemberException">There is no way to set it.</exception>
    public void RequireSetter()
    {
        if (property is { CanWrite: false } && field is null)
        {
            throw new MissingMemberException(property.DeclaringType!.Name, $"a setter of {member}");
        }
    }

    /// <summary>Makes it tell another width. An array is replaced, not written to: it may be the user's.</summary>
    public void Set(nn.Module layer, long width)
    {
        object value = index is int place ? ((long[])Read(layer)!).Select((size, i) => i == place ? width : size).ToArray() : width;
        if (field is not null)
        {
            field.SetValue(layer, value);
        }
        else
        {
            property!.SetValue(layer, value);
        }
    }
}
