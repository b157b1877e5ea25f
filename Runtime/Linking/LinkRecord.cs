using System.Collections;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>An object that hands tensors around in <c>forward</c>, as linking sees it: its members by name, with axes for tensors.</summary>
public sealed class LinkRecord : IEnumerable<object?>
{
    private readonly Dictionary<string, object?> members = new(StringComparer.Ordinal);

    /// <summary>Collects the members of an object.</summary>
    /// <param name="members">Each name and value.</param>
    public LinkRecord(params (string Name, object? Value)[] members)
    {
        foreach (var (name, value) in members)
        {
            this.members[name] = value;
        }
    }

    /// <summary>A member; null where it was not given.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public T Get<T>(string name) => !members.TryGetValue(name, out var value) || value is null ? default!
        : HandedValue.TryRead<T>(value, out var found) ? found
        : throw new InvalidOperationException(
            $"The member {name} is a {LinkInputs.NameOf(value.GetType())}, where forward reads a {LinkInputs.NameOf(typeof(T))}.");

    /// <summary>A member that is a whole number, which may be the size of a tensor.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public AxisSize Size(string name) => !members.TryGetValue(name, out var value) ? 0 : value switch
    {
        AxisSize size => size,
        long number => number,
        int number => number,
        _ => throw new InvalidOperationException($"The member {name} is {value?.GetType().Name ?? "null"}, where forward reads a number."),
    };

    /// <summary>Gives a member another value.</summary>
    public void Set(string name, object? value) => members[name] = value;

    /// <summary>The same object with other values for some members.</summary>
    public LinkRecord With(params (string Name, object? Value)[] changes) =>
        new([.. members.Select(member => (member.Key, member.Value)), .. changes]);

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator() => members.Values.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
