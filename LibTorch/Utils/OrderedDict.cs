using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchSharp.Utils;

/// <summary>A dictionary that keeps its entries in the order in which they were added.</summary>
/// <typeparam name="TKey">The type of the keys.</typeparam>
/// <typeparam name="TValue">The type of the values.</typeparam>
public class OrderedDict<TKey, TValue> : IDictionary<TKey, TValue>, IList<(TKey, TValue)> where TKey : notnull
{
    // The list holds the order, the dictionary finds a value by its key. Both always hold the same entries.
    private readonly List<(TKey Key, TValue Value)> _list = new();
    private readonly Dictionary<TKey, TValue> _dict = new();

    /// <summary>Removes all entries.</summary>
    public void clear()
    {
        _list.Clear();
        _dict.Clear();
    }

    /// <summary>Enumerates the entries in order.</summary>
    public IEnumerator<(TKey, TValue)> items() => _list.GetEnumerator();

    /// <summary>The keys in order.</summary>
    public IEnumerable<TKey> keys() => _list.Select(entry => entry.Key);

    /// <summary>The values in order.</summary>
    public IEnumerable<TValue> values() => _list.Select(entry => entry.Value);

    /// <summary>The entry at a position. Setting one replaces the entry there, key and value.</summary>
    /// <exception cref="ArgumentException">The new key belongs to another position.</exception>
    public (TKey, TValue) this[int index]
    {
        get => _list[index];
        set
        {
            var (oldKey, _) = _list[index];
            _dict.Remove(oldKey, out var oldValue);
            if (!_dict.TryAdd(value.Item1, value.Item2))
            {
                _dict.Add(oldKey, oldValue!);
                throw new ArgumentException($"An entry with the key '{value.Item1}' already exists at another position.", nameof(value));
            }
            _list[index] = value;
        }
    }

    /// <summary>Always false.</summary>
    public bool IsReadOnly => false;

    /// <summary>A copy of the keys, in order.</summary>
    public ICollection<TKey> Keys => keys().ToList();

    /// <summary>A copy of the values, in order.</summary>
    public ICollection<TValue> Values => values().ToList();

    /// <summary>The number of entries.</summary>
    public int Count => _list.Count;

    /// <summary>The value of a key. Setting it keeps the place of a known key and appends a new one.</summary>
    /// <exception cref="KeyNotFoundException">Reading a key that is not there.</exception>
    public TValue this[TKey key]
    {
        get => _dict[key];
        set
        {
            if (_dict.ContainsKey(key))
                _list[PositionOf(key)] = (key, value);
            else
                _list.Add((key, value));
            _dict[key] = value;
        }
    }

    /// <summary>Appends an entry.</summary>
    /// <exception cref="ArgumentException">The key is already there.</exception>
    public void Add((TKey, TValue) item) => Add(item.Item1, item.Item2);

    /// <inheritdoc cref="Add(ValueTuple{TKey, TValue})"/>
    public void Add(TKey key, TValue value)
    {
        _dict.Add(key, value);
        _list.Add((key, value));
    }

    /// <inheritdoc cref="Add(ValueTuple{TKey, TValue})"/>
    public void Add(KeyValuePair<TKey, TValue> item) => Add(item.Key, item.Value);

    /// <summary>Whether this very entry, key and value, is there.</summary>
    public bool Contains((TKey, TValue) item) => _list.Contains(item);

    /// <summary>Copies the entries into an array.</summary>
    public void CopyTo((TKey, TValue)[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    /// <summary>The position of an entry, or -1.</summary>
    public int IndexOf((TKey, TValue) item) => _list.IndexOf(item);

    /// <summary>Inserts an entry at a position.</summary>
    /// <exception cref="ArgumentException">The key is already there.</exception>
    public void Insert(int index, (TKey, TValue) item)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)index, (uint)_list.Count, nameof(index));
        _dict.Add(item.Item1, item.Item2);
        _list.Insert(index, item);
    }

    /// <summary>Removes an entry; false if this very entry is not there.</summary>
    public bool Remove((TKey, TValue) item) => _list.Remove(item) && _dict.Remove(item.Item1);

    /// <summary>Removes the entry at a position.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    public void RemoveAt(int index)
    {
        if (index >= _list.Count)
            throw new IndexOutOfRangeException($"Position {index} does not exist: there are {_list.Count} entries.");
        _dict.Remove(_list[index].Key);
        _list.RemoveAt(index);
    }

    /// <summary>Whether a key is there.</summary>
    public bool ContainsKey(TKey key) => _dict.ContainsKey(key);

    /// <summary>Removes the entry of a key.</summary>
    /// <exception cref="KeyNotFoundException">The key is not there.</exception>
    public bool Remove(TKey key)
    {
        if (!_dict.Remove(key))
            throw new KeyNotFoundException($"The key '{key}' is not in the dictionary.");
        _list.RemoveAt(PositionOf(key));
        return true;
    }

    /// <summary>Finds the value of a key.</summary>
    public bool TryGetValue(TKey key, [MaybeNullWhen(false)] out TValue value) => _dict.TryGetValue(key, out value);

    /// <summary>Removes all entries.</summary>
    public void Clear() => clear();

    /// <summary>Whether the key of the given entry is there.</summary>
    public bool Contains(KeyValuePair<TKey, TValue> item) => _dict.ContainsKey(item.Key);

    /// <summary>Copies the entries into an array.</summary>
    public void CopyTo(KeyValuePair<TKey, TValue>[] array, int arrayIndex)
    {
        foreach (var (key, value) in _list)
            array[arrayIndex++] = new(key, value);
    }

    /// <summary>Removes the entry with the key of the given one; false if there is none.</summary>
    public bool Remove(KeyValuePair<TKey, TValue> item) => _dict.ContainsKey(item.Key) && Remove(item.Key);

    /// <summary>Enumerates the entries in order.</summary>
    public IEnumerator<(TKey, TValue)> GetEnumerator() => _list.GetEnumerator();

    IEnumerator<KeyValuePair<TKey, TValue>> IEnumerable<KeyValuePair<TKey, TValue>>.GetEnumerator() =>
        _list.Select(entry => KeyValuePair.Create(entry.Key, entry.Value)).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private int PositionOf(TKey key) =>
        _list.FindIndex(entry => EqualityComparer<TKey>.Default.Equals(entry.Key, key));
}
