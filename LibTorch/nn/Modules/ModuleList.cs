using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// A list of modules which is a module, so that they are seen by whatever walks through the modules. It has no
/// <c>forward</c>: the model that holds it says how its modules are called.
/// </summary>
/// <typeparam name="T">The type of the modules.</typeparam>
/// <remarks>
/// The modules in the list are registered, under their positions, when the list itself is. Changes to the list after that
/// do not change the registry.
/// </remarks>
public class ModuleList<T> : nn.Module, IList<T> where T : nn.Module
{
    private readonly List<T> _list = new();
    private bool _registered;

    /// <summary>Creates a list.</summary>
    /// <param name="modules">Its modules.</param>
    public ModuleList(params T[] modules) : base(nameof(ModuleList<T>))
    {
        append(modules);
    }

    /// <summary>Registers the modules of the moment under their positions. Only the first call does anything.</summary>
    protected override void RegisterComponents()
    {
        if (_registered) return;

        for (int i = 0; i < _list.Count; i++)
            register_module($"{i}", _list[i]);
        _registered = true;
    }

    /// <summary>The module at a position. Setting it does not change the registry.</summary>
    public T this[int index]
    {
        get => _list[index];
        set => _list[index] = value;
    }

    /// <summary>The number of modules.</summary>
    public int Count => _list.Count;

    /// <summary>Always false.</summary>
    public bool IsReadOnly => false;

    /// <summary>Appends a module.</summary>
    public void Add(T item) => _list.Add(item);

    /// <summary>Appends modules.</summary>
    public void append(params T[] parameters)
    {
        if (parameters is not null)
            _list.AddRange(parameters);
    }

    /// <summary>Removes all modules.</summary>
    public void Clear() => _list.Clear();

    /// <summary>Whether a module is in the list.</summary>
    public bool Contains(T item) => _list.Contains(item);

    /// <summary>Copies the modules into an array.</summary>
    public void CopyTo(T[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    /// <summary>Appends modules.</summary>
    public void extend(IEnumerable<T> modules) => _list.AddRange(modules);

    /// <summary>Enumerates the modules.</summary>
    public IEnumerator<T> GetEnumerator() => _list.GetEnumerator();

    /// <summary>The position of a module, or -1.</summary>
    public int IndexOf(T item) => _list.IndexOf(item);

    /// <summary>Inserts a module at a position.</summary>
    public void Insert(int index, T item) => _list.Insert(index, item);

    /// <summary>Removes a module; false if it is not there.</summary>
    public bool Remove(T item) => _list.Remove(item);

    /// <summary>Removes the module at a position.</summary>
    public void RemoveAt(int index) => _list.RemoveAt(index);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
