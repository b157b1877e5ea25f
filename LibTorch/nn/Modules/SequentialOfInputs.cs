using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>
/// Modules of any kind in a chain. A derived class says in <c>forward</c> how they are called, and checks that they are of
/// the types it expects.
/// </summary>
/// <remarks>Where all modules take a tensor and return a tensor, <see cref="Sequential"/> does without a derived class.</remarks>
/// <typeparam name="T">The type of the input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class Sequential<T, TResult> : nn.Module<T, TResult>
{
    private readonly ModuleChain _chain = new();

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order, each with its name.</param>
    protected Sequential(params (string name, nn.Module submodule)[] modules) : base(ModuleChain.SequentialName)
    {
        foreach (var (name, submodule) in modules)
            Add(name, submodule);
    }

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order. Their positions are their names.</param>
    protected Sequential(params nn.Module[] modules) : base(ModuleChain.SequentialName)
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <summary>Adds a module at the end.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="module">The module. The Sequential disposes it when it is disposed itself.</param>
    /// <returns>This Sequential.</returns>
    public Sequential<T, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    /// <summary>Adds a module at the end, under its position.</summary>
    /// <param name="module">The module. The Sequential disposes it when it is disposed itself.</param>
    /// <returns>This Sequential.</returns>
    public Sequential<T, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    /// <summary>Adds a module at the end.</summary>
    protected internal void Add(string name, nn.Module sm) => _chain.Add(name, sm);

    /// <summary>Adds a module at the end, under its position.</summary>
    protected internal void Add(nn.Module module) => _chain.Add(module);

    /// <summary>The number of modules.</summary>
    public int Count => _chain.Count;

    /// <summary>The module at a position.</summary>
    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _chain[index];

    /// <summary>What <see cref="Slice"/> makes of the modules from <c>start</c> up to and not including <c>end</c>.</summary>
    [IndexerName("SequentialItems")]
    public Sequential<T, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    /// <summary>What <see cref="Slice"/> makes of the modules in a range.</summary>
    [IndexerName("SequentialItems")]
    public Sequential<T, TResult> this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

    /// <summary>
    /// Makes a Sequential of the modules from <paramref name="start"/> up to and not including <paramref name="end"/>. A derived
    /// class that is to be sliced overrides this, since only it knows what its modules take and return.
    /// </summary>
    /// <exception cref="NotSupportedException">The derived class does not override this.</exception>
    protected virtual Sequential<T, TResult> Slice(int start, int end) =>
        throw new NotSupportedException($"{GetType()} cannot be sliced. Override its method Slice to allow that.");

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

/// <inheritdoc cref="Sequential{T, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class Sequential<T1, T2, TResult> : nn.Module<T1, T2, TResult>
{
    private readonly ModuleChain _chain = new();

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order, each with its name.</param>
    protected Sequential(params (string name, nn.Module submodule)[] modules) : base(ModuleChain.SequentialName)
    {
        foreach (var (name, submodule) in modules)
            Add(name, submodule);
    }

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order. Their positions are their names.</param>
    protected Sequential(params nn.Module[] modules) : base(ModuleChain.SequentialName)
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <inheritdoc cref="Sequential{T, TResult}.append(string, nn.Module)"/>
    public Sequential<T1, T2, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    /// <inheritdoc cref="Sequential{T, TResult}.append(nn.Module)"/>
    public Sequential<T1, T2, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    /// <summary>Adds a module at the end.</summary>
    protected internal void Add(string name, nn.Module sm) => _chain.Add(name, sm);

    /// <summary>Adds a module at the end, under its position.</summary>
    protected internal void Add(nn.Module module) => _chain.Add(module);

    /// <summary>The number of modules.</summary>
    public int Count => _chain.Count;

    /// <summary>The module at a position.</summary>
    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _chain[index];

    /// <summary>What <see cref="Slice"/> makes of the modules from <c>start</c> up to and not including <c>end</c>.</summary>
    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    /// <summary>What <see cref="Slice"/> makes of the modules in a range.</summary>
    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, TResult> this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

    /// <inheritdoc cref="Sequential{T, TResult}.Slice"/>
    protected virtual Sequential<T1, T2, TResult> Slice(int start, int end) =>
        throw new NotSupportedException($"{GetType()} cannot be sliced. Override its method Slice to allow that.");

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

/// <inheritdoc cref="Sequential{T, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="T3">The type of the third input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class Sequential<T1, T2, T3, TResult> : nn.Module<T1, T2, T3, TResult>
{
    private readonly ModuleChain _chain = new();

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order, each with its name.</param>
    protected Sequential(params (string name, nn.Module submodule)[] modules) : base(ModuleChain.SequentialName)
    {
        foreach (var (name, submodule) in modules)
            Add(name, submodule);
    }

    /// <summary>Constructor for derived modules.</summary>
    /// <param name="modules">The modules in order. Their positions are their names.</param>
    protected Sequential(params nn.Module[] modules) : base(ModuleChain.SequentialName)
    {
        foreach (var module in modules)
            Add(module);
    }

    /// <inheritdoc cref="Sequential{T, TResult}.append(string, nn.Module)"/>
    public Sequential<T1, T2, T3, TResult> append(string name, nn.Module module)
    {
        Add(name, module);
        return this;
    }

    /// <inheritdoc cref="Sequential{T, TResult}.append(nn.Module)"/>
    public Sequential<T1, T2, T3, TResult> append(nn.Module module)
    {
        Add(module);
        return this;
    }

    /// <summary>Adds a module at the end.</summary>
    protected internal void Add(string name, nn.Module sm) => _chain.Add(name, sm);

    /// <summary>Adds a module at the end, under its position.</summary>
    protected internal void Add(nn.Module module) => _chain.Add(module);

    /// <summary>The number of modules.</summary>
    public int Count => _chain.Count;

    /// <summary>The module at a position.</summary>
    [IndexerName("SequentialItems")]
    public nn.Module this[int index] => _chain[index];

    /// <summary>What <see cref="Slice"/> makes of the modules from <c>start</c> up to and not including <c>end</c>.</summary>
    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, T3, TResult> this[(int? start, int? end) index] => Slice(index.start ?? 0, index.end ?? Count);

    /// <summary>What <see cref="Slice"/> makes of the modules in a range.</summary>
    [IndexerName("SequentialItems")]
    public Sequential<T1, T2, T3, TResult> this[Range index] => Slice(index.Start.GetOffset(Count), index.End.GetOffset(Count));

    /// <inheritdoc cref="Sequential{T, TResult}.Slice"/>
    protected virtual Sequential<T1, T2, T3, TResult> Slice(int start, int end) =>
        throw new NotSupportedException($"{GetType()} cannot be sliced. Override its method Slice to allow that.");

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
