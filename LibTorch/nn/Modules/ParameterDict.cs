using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Parameters under names, in the order in which they were added, and a module, so that they are seen by whatever walks
/// through the modules.
/// </summary>
public class ParameterDict : nn.Module, IDictionary<string, Parameter>, IList<(string, Parameter)>
{
    private readonly OrderedDict<string, Parameter> _entries = new();
    private bool _registered;

    /// <summary>Creates an empty dictionary.</summary>
    public ParameterDict() : base(nameof(ParameterDict)) { }

    /// <summary>Registers the parameters of the moment under their names. Only the first call does anything.</summary>
    protected override void RegisterComponents()
    {
        if (_registered) return;

        foreach (var (name, parameter) in _entries)
            register_parameter(name, parameter);
        _registered = true;
    }

    /// <summary>The parameters with their names, registered or not.</summary>
    /// <param name="recurse">Makes no difference: there is nothing below.</param>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse) => _entries;

    /// <summary>Whether there is a parameter with this name.</summary>
    public override bool has_parameter(string target) => _entries.ContainsKey(target);

    /// <summary>The parameter with this name, or null.</summary>
    public override Parameter? get_parameter(string target) => _entries.TryGetValue(target, out var found) ? found : null;

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        foreach (var (name, parameter) in _entries.ToList<(string, Parameter)>())
        {
            if (!ReplaceParameter(dtype, device, parameter, out var moved)) continue;

            parameter.Dispose();
            _entries[name] = moved!;
            if (_registered)
                ConditionallyRegisterParameter(name, moved);
        }

        if (device is not null)
            (_deviceType, _deviceIndex) = (device.type, device.index);
    }

    /// <summary>Removes all parameters.</summary>
    public void clear() => _entries.clear();

    /// <summary>Enumerates names and parameters in order.</summary>
    public IEnumerator<(string, Parameter)> items() => _entries.items();

    /// <summary>The names in order.</summary>
    public IEnumerable<string> keys() => _entries.keys();

    /// <summary>The parameters in order.</summary>
    public IEnumerable<Parameter> values() => _entries.values();

    /// <summary>The name and parameter at a position.</summary>
    public (string, Parameter) this[int index]
    {
        get => _entries[index];
        set => _entries[index] = value;
    }

    /// <summary>The parameter with a name. Setting it keeps the place of a known name and appends a new one.</summary>
    /// <exception cref="KeyNotFoundException">Reading a name that is not there.</exception>
    public Parameter this[string key]
    {
        get => _entries[key];
        set => _entries[key] = value;
    }

    /// <summary>Always false.</summary>
    public bool IsReadOnly => false;

    /// <summary>A copy of the names, in order.</summary>
    public ICollection<string> Keys => _entries.Keys;

    /// <summary>A copy of the parameters, in order.</summary>
    public ICollection<Parameter> Values => _entries.Values;

    /// <summary>The number of parameters.</summary>
    public int Count => _entries.Count;

    /// <summary>Appends a parameter.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Add((string, Parameter) item) => _entries.Add(item);

    /// <summary>Appends a parameter.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Add(string key, Parameter value) => _entries.Add(key, value);

    /// <summary>Appends a parameter.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Add(KeyValuePair<string, Parameter> item) => _entries.Add(item);

    /// <summary>Whether this parameter is there under this name.</summary>
    public bool Contains((string, Parameter) item) => _entries.Contains(item);

    /// <summary>Whether the name is there.</summary>
    public bool Contains(KeyValuePair<string, Parameter> item) => _entries.Contains(item);

    /// <summary>Whether the name is there.</summary>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <summary>Copies names and parameters into an array.</summary>
    public void CopyTo((string, Parameter)[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <summary>Copies names and parameters into an array.</summary>
    public void CopyTo(KeyValuePair<string, Parameter>[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <summary>The position of a name and parameter, or -1.</summary>
    public int IndexOf((string, Parameter) item) => _entries.IndexOf(item);

    /// <summary>Inserts a parameter at a position.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Insert(int index, (string, Parameter) item) => _entries.Insert(index, item);

    /// <summary>Removes this parameter from under this name; false if it is not there.</summary>
    public bool Remove((string, Parameter) item) => _entries.Remove(item);

    /// <summary>Removes the parameter with a name.</summary>
    /// <exception cref="KeyNotFoundException">The name is not there.</exception>
    public bool Remove(string key) => _entries.Remove(key);

    /// <summary>Removes the parameter with the name of the given one; false if there is none.</summary>
    public bool Remove(KeyValuePair<string, Parameter> item) => _entries.Remove(item);

    /// <summary>Removes the parameter at a position.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    public void RemoveAt(int index) => _entries.RemoveAt(index);

    /// <summary>Finds the parameter with a name.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Parameter value) => _entries.TryGetValue(key, out value);

    /// <summary>Removes all parameters.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>Enumerates names and parameters in order.</summary>
    public IEnumerator<(string, Parameter)> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator<KeyValuePair<string, Parameter>> IEnumerable<KeyValuePair<string, Parameter>>.GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, Parameter>>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
