using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Modules that are called one after another, each with the result of the one before. All of them take a tensor and
/// return a tensor; for others derive from <see cref="Sequential{T, TResult}"/> or its forms with more inputs.
/// </summary>
public class Sequential : nn.Module<Tensor, Tensor>
{
    private readonly ModuleChain _chain = new();

    internal Sequential() : base(ModuleChain.SequentialName) { }

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order, each with its name.</param>
    protected Sequential(params (string name, nn.Module<Tensor, Tensor> submodule)[] modules) : this()
    {
        foreach (var (name, submodule) in modules)
            Add(name, submodule);
    }

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order. Their positions are their names.</param>
    protected Sequential(params nn.Module<Tensor, Tensor>[] modules) : this()
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>Adds a module at the end.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="module">The module. The Sequential disposes it when it is disposed itself.</param>
    /// <returns>This Sequential.</returns>
    public Sequential append(string name, nn.IModule<Tensor, Tensor> module)
    {
        Add(name, module);
        return this;
    }

    /// <summary>Adds a module at the end, under its position.</summary>
    /// <param name="module">The module. The Sequential disposes it when it is disposed itself.</param>
    /// <returns>This Sequential.</returns>
    public Sequential append(nn.IModule<Tensor, Tensor> module)
    {
        Add(module);
        return this;
    }

    internal void Add(string name, nn.IModule<Tensor, Tensor> module) => _chain.Add(name, (nn.Module)module);

    internal void Add(nn.IModule<Tensor, Tensor> module) => _chain.Add((nn.Module)module);

    /// <summary>
    /// Calls the modules in order, with their hooks, and disposes each result that is but the input of the next.
    /// Without modules, the result is the input under a new handle.
    /// </summary>
    public override Tensor forward(Tensor tensor)
    {
        if (Count == 0) return tensor.alias();

        var result = this[0].call(tensor);
        for (int i = 1; i < Count; i++)
        {
            var input = result;
            result = this[i].call(input);
            input.Dispose();
        }
        return result;
    }

    /// <summary>The number of modules.</summary>
    public int Count => _chain.Count;

    /// <summary>The module at a position.</summary>
    [IndexerName("SequentialItems")]
    public nn.IModule<Tensor, Tensor> this[int index] => (nn.IModule<Tensor, Tensor>)_chain[index];

    /// <summary>A Sequential of the same modules, under the same names, from <c>start</c> up to and not including <c>end</c>.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    [IndexerName("SequentialItems")]
    public Sequential this[(int? start, int? end) index]
    {
        get
        {
            var result = new Sequential();
            foreach (var (name, module) in _chain.Slice(index.start ?? 0, index.end ?? Count))
                result._chain.Add(name, module);
            return result;
        }
    }

    /// <summary>A Sequential of the same modules, under the same names, in a range.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    [IndexerName("SequentialItems")]
    public Sequential this[Range index] => this[(index.Start.GetOffset(Count), index.End.GetOffset(Count))];

    /// <inheritdoc/>
    public override IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true) =>
        _chain.NamedParameters(recurse);

    /// <inheritdoc/>
    public override IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_persistent = true) =>
        _chain.NamedBuffers(recurse, include_persistent);

    /// <inheritdoc/>
    public override IEnumerable<(string name, nn.Module module)> named_children() => _chain.NamedChildren();

    /// <inheritdoc/>
    public override IEnumerable<(string name, nn.Module module)> named_modules() => _chain.NamedModules();

    /// <inheritdoc/>
    public override nn.Module apply(Action<nn.Module> fn)
    {
        _chain.ForEach(module => module.apply(fn));
        fn(this);
        return this;
    }

    /// <inheritdoc/>
    public override void train(bool on = true) => base.train(on);

    /// <inheritdoc/>
    public override void eval()
    {
        base.eval();
        _chain.ForEach(module => module.eval());
    }

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking)
    {
        _chain.ForEach(module => module._to(dtype, non_blocking));
        return this;
    }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking)
    {
        _chain.ForEach(module => module._to(device, dtype, non_blocking));
        return this;
    }

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
    {
        _chain.ForEach(module => module._to(deviceType, deviceIndex, non_blocking));
        return this;
    }
}
