using System.Collections;
using System.Diagnostics.CodeAnalysis;
using TorchSharp.Utils;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Modules under names, in the order in which they were added, and a module itself, so that they are seen by whatever
/// walks through the modules. It has no <c>forward</c>: the model that holds it says how its modules are called.
/// </summary>
/// <typeparam name="T">The type of the modules.</typeparam>
/// <remarks>
/// The modules in it are registered, under their names, when it is registered itself. Changes after that do not change the
/// registry.
/// </remarks>
public class ModuleDict<T> : nn.Module, IDictionary<string, T>, IList<(string, T)> where T : nn.Module
{
    private readonly OrderedDict<string, T> _entries = new();
    private bool _registered;

    /// <summary>Creates an empty dictionary.</summary>
    public ModuleDict() : base(nameof(ModuleDict<T>)) { }

    /// <summary>Registers the modules of the moment under their names. Only the first call does anything.</summary>
    protected override void RegisterComponents()
    {
        if (_registered) return;

        foreach (var (name, module) in _entries)
            register_module(name, module);
        _registered = true;
    }

    /// <summary>Removes all modules.</summary>
    public void clear() => _entries.clear();

    /// <summary>Enumerates names and modules in order.</summary>
    public IEnumerator<(string, T)> items() => _entries.items();

    /// <summary>The names in order.</summary>
    public IEnumerable<string> keys() => _entries.keys();

    /// <summary>The modules in order.</summary>
    public IEnumerable<T> values() => _entries.values();

    /// <summary>The name and module at a position.</summary>
    public (string, T) this[int index]
    {
        get => _entries[index];
        set => _entries[index] = value;
    }

    /// <summary>The module with a name. Setting it keeps the place of a known name and appends a new one.</summary>
    /// <exception cref="KeyNotFoundException">Reading a name that is not there.</exception>
    public T this[string key]
    {
        get => _entries[key];
        set => _entries[key] = value;
    }

    /// <summary>Always false.</summary>
    public bool IsReadOnly => false;

    /// <summary>A copy of the names, in order.</summary>
    public ICollection<string> Keys => _entries.Keys;

    /// <summary>A copy of the modules, in order.</summary>
    public ICollection<T> Values => _entries.Values;

    /// <summary>The number of modules.</summary>
    public int Count => _entries.Count;

    /// <summary>Appends a module.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Add((string, T) item) => _entries.Add(item);

    /// <summary>Appends a module.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Add(string key, T value) => _entries.Add(key, value);

    /// <summary>Appends a module.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Add(KeyValuePair<string, T> item) => _entries.Add(item);

    /// <summary>Whether this module is there under this name.</summary>
    public bool Contains((string, T) item) => _entries.Contains(item);

    /// <summary>Whether the name is there.</summary>
    public bool Contains(KeyValuePair<string, T> item) => _entries.Contains(item);

    /// <summary>Whether the name is there.</summary>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <summary>Copies names and modules into an array.</summary>
    public void CopyTo((string, T)[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <summary>Copies names and modules into an array.</summary>
    public void CopyTo(KeyValuePair<string, T>[] array, int arrayIndex) => _entries.CopyTo(array, arrayIndex);

    /// <summary>The position of a name and module, or -1.</summary>
    public int IndexOf((string, T) item) => _entries.IndexOf(item);

    /// <summary>Inserts a module at a position.</summary>
    /// <exception cref="ArgumentException">The name is already there.</exception>
    public void Insert(int index, (string, T) item) => _entries.Insert(index, item);

    /// <summary>Removes this module from under this name; false if it is not there.</summary>
    public bool Remove((string, T) item) => _entries.Remove(item);

    /// <summary>Removes the module with a name.</summary>
    /// <exception cref="KeyNotFoundException">The name is not there.</exception>
    public bool Remove(string key) => _entries.Remove(key);

    /// <summary>Removes the module with the name of the given one; false if there is none.</summary>
    public bool Remove(KeyValuePair<string, T> item) => _entries.Remove(item);

    /// <summary>Removes the module at a position.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    public void RemoveAt(int index) => _entries.RemoveAt(index);

    /// <summary>Finds the module with a name.</summary>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value) => _entries.TryGetValue(key, out value);

    /// <summary>Removes all modules.</summary>
    public void Clear() => _entries.Clear();

    /// <summary>Enumerates names and modules in order.</summary>
    public IEnumerator<(string, T)> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator<KeyValuePair<string, T>> IEnumerable<KeyValuePair<string, T>>.GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, T>>)_entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
