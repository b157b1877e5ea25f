using System.Collections;
using System.Globalization;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>An object that hands tensors around in <c>forward</c>, as linking sees it: its members by name, with axes for tensors.</summary>
public sealed class LinkRecord : IEnumerable<object?>
{
    private readonly Dictionary<string, object?> members = new(StringComparer.Ordinal);
    private readonly Func<string, Type, object?>? live;
    private readonly Func<IEnumerable<string>>? tensors;

    /// <summary>Collects the members of an object.</summary>
    /// <param name="members">Each name and value.</param>
    public LinkRecord(params (string Name, object? Value)[] members)
    {
        foreach (var (name, value) in members)
        {
            this.members[name] = value;
        }
    }

    /// <summary>An object that was there before <c>forward</c> was called.</summary>
    /// <param name="live">A member by its name, as what generated code has in its place.</param>
    /// <param name="tensors">The names of the members that hold tensors.</param>
    internal LinkRecord(Func<string, Type, object?> live, Func<IEnumerable<string>> tensors) => (this.live, this.tensors) = (live, tensors);

    /// <summary>A member; null where it was not given.</summary>
    /// <exception cref="InvalidOperationException">It is of another type.</exception>
    public T Get<T>(string name) => Find(name, typeof(T)) is not { } value ? default!
        : HandedValue.TryRead<T>(value, out var found) ? found
        : throw new InvalidOperationException(
            $"The member {name} is a {LinkInputs.NameOf(value.GetType())}, where forward reads a {LinkInputs.NameOf(typeof(T))}.");

    /// <summary>A member that is a whole number, which may be the size of a tensor.</summary>
    /// <exception cref="InvalidOperationException">It is something else.</exception>
    public AxisSize Size(string name)
    {
        var value = Find(name, typeof(object));
        return !members.ContainsKey(name) ? 0 : value switch
        {
            AxisSize size => size,
            long number => number,
            int number => number,
            short or byte or sbyte or ushort or uint => Convert.ToInt64(value, CultureInfo.InvariantCulture),
            _ => throw new InvalidOperationException($"The member {name} is {value?.GetType().Name ?? "null"}, where forward reads a number."),
        };
    }

    /// <summary>Gives a member another value.</summary>
    public void Set(string name, object? value)
    {
        members[name] = value;
        IsChanged = true;
    }

    /// <summary>Whether a member was given another value.</summary>
    internal bool IsChanged { get; private set; }

    /// <summary>The same object with other values for some members.</summary>
    public LinkRecord With(params (string Name, object? Value)[] changes)
    {
        var changed = live is null ? new LinkRecord() : new LinkRecord(live, tensors!);
        foreach (var (name, value) in members.Select(member => (member.Key, member.Value)).Concat(changes))
        {
            changed.members[name] = value;
        }

        return changed;
    }

    /// <inheritdoc/>
    public IEnumerator<object?> GetEnumerator()
    {
        foreach (var name in tensors?.Invoke() ?? [])
        {
            Find(name, typeof(AxisTensor));
        }

        return members.Values.GetEnumerator();
    }

    private object? Find(string name, Type type)
    {
        if (!members.TryGetValue(name, out var value) && live is not null)
        {
            members[name] = value = live(name, type);
        }

        return value;
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
