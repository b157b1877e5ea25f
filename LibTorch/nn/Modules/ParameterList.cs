using System.Collections;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>A list of parameters which is a module, so that they are seen by whatever walks through the modules.</summary>
public class ParameterList : nn.Module, IList<Parameter>
{
    private readonly List<Parameter> _list = new();
    private bool _registered;

    /// <summary>Creates a list.</summary>
    /// <param name="parameters">Its parameters.</param>
    public ParameterList(params Parameter[] parameters) : base(nameof(ParameterList))
    {
        append(parameters);
    }

    /// <summary>Registers the parameters of the moment under their positions. Only the first call does anything.</summary>
    protected override void RegisterComponents()
    {
        if (_registered) return;

        for (int i = 0; i < _list.Count; i++)
            register_parameter($"{i}", _list[i]);
        _registered = true;
    }

    /// <summary>The parameters with their positions as names, registered or not.</summary>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        _list.Select((parameter, i) => ($"{i}", parameter));

    /// <summary>Whether there is a parameter at a position.</summary>
    /// <param name="target">The position in decimal digits.</param>
    public override bool has_parameter(string target) => get_parameter(target) is not null;

    /// <summary>The parameter at a position, or null.</summary>
    /// <param name="target">The position in decimal digits.</param>
    public override Parameter? get_parameter(string target) =>
        int.TryParse(target, out int i) && i >= 0 && i < _list.Count ? _list[i] : null;

    /// <inheritdoc/>
    protected override void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
    {
        for (int i = 0; i < _list.Count; i++)
        {
            if (!ReplaceParameter(dtype, device, _list[i], out var moved)) continue;

            _list[i].Dispose();
            _list[i] = moved!;
            if (_registered)
                ConditionallyRegisterParameter($"{i}", moved);
        }

        if (device is not null)
            (_deviceType, _deviceIndex) = (device.type, device.index);
    }

    /// <summary>The parameter at a position.</summary>
    public Parameter this[int index]
    {
        get => _list[index];
        set => _list[index] = value;
    }

    /// <summary>The number of parameters.</summary>
    public int Count => _list.Count;

    /// <summary>Always false.</summary>
    public bool IsReadOnly => false;

    /// <summary>Appends a parameter.</summary>
    public void Add(Parameter item) => _list.Add(item);

    /// <summary>Appends parameters.</summary>
    public void extend(IEnumerable<Parameter> parameters) => _list.AddRange(parameters);

    /// <summary>Appends parameters.</summary>
    public void append(params Parameter[] parameters)
    {
        if (parameters is not null)
            _list.AddRange(parameters);
    }

    /// <summary>Removes all parameters.</summary>
    public void Clear() => _list.Clear();

    /// <summary>Whether a parameter is in the list; the values are compared, as they are wherever tensors are.</summary>
    public bool Contains(Parameter item) => _list.Contains(item);

    /// <summary>Copies the parameters into an array.</summary>
    public void CopyTo(Parameter[] array, int arrayIndex) => _list.CopyTo(array, arrayIndex);

    /// <summary>Enumerates the parameters.</summary>
    public IEnumerator<Parameter> GetEnumerator() => _list.GetEnumerator();

    /// <summary>The position of the first parameter with the same values, or -1.</summary>
    public int IndexOf(Parameter item) => _list.IndexOf(item);

    /// <summary>Inserts a parameter at a position.</summary>
    public void Insert(int index, Parameter item) => _list.Insert(index, item);

    /// <summary>Removes the first parameter with the same values; false if there is none.</summary>
    public bool Remove(Parameter item) => _list.Remove(item);

    /// <summary>Removes the parameter at a position.</summary>
    public void RemoveAt(int index) => _list.RemoveAt(index);

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
