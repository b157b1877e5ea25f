using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>Marks the modules that hold no tensors. Only such modules may stand inside one another.</summary>
public interface IParameterLessModule
{
}

/// <summary>
/// Base class of modules without parameters and buffers, and so with nothing to do when they are moved or converted.
/// </summary>
/// <typeparam name="T1">The type of the input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class ParameterLessModule<T1, TResult> : nn.Module<T1, TResult>, IParameterLessModule
{
    /// <summary>Constructor for derived modules.</summary>
    /// <param name="name">The name of the module, for messages and debugging.</param>
    protected ParameterLessModule(string name) : base(name) { }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    /// <summary>Not for modules like this one.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) =>
        throw ParameterLess.Rejects(GetName(), $"buffer '{name}'");

    /// <summary>Not for modules like this one.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void register_parameter(string name, Parameter param) =>
        throw ParameterLess.Rejects(GetName(), $"parameter '{name}'");

    /// <summary>Registers a module that holds no tensors, either.</summary>
    /// <exception cref="InvalidOperationException">The module is no <see cref="IParameterLessModule"/>.</exception>
    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw ParameterLess.Rejects(GetName(), $"module '{name}', which is not parameter-less,");
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="ParameterLessModule{T1, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class ParameterLessModule<T1, T2, TResult> : nn.Module<T1, T2, TResult>, IParameterLessModule
{
    /// <summary>Constructor for derived modules.</summary>
    /// <param name="name">The name of the module, for messages and debugging.</param>
    protected ParameterLessModule(string name) : base(name) { }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_buffer"/>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) =>
        throw ParameterLess.Rejects(GetName(), $"buffer '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_parameter"/>
    public override void register_parameter(string name, Parameter param) =>
        throw ParameterLess.Rejects(GetName(), $"parameter '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_module"/>
    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw ParameterLess.Rejects(GetName(), $"module '{name}', which is not parameter-less,");
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="ParameterLessModule{T1, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="T3">The type of the third input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class ParameterLessModule<T1, T2, T3, TResult> : nn.Module<T1, T2, T3, TResult>, IParameterLessModule
{
    /// <summary>Constructor for derived modules.</summary>
    /// <param name="name">The name of the module, for messages and debugging.</param>
    protected ParameterLessModule(string name) : base(name) { }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_buffer"/>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) =>
        throw ParameterLess.Rejects(GetName(), $"buffer '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_parameter"/>
    public override void register_parameter(string name, Parameter param) =>
        throw ParameterLess.Rejects(GetName(), $"parameter '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_module"/>
    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw ParameterLess.Rejects(GetName(), $"module '{name}', which is not parameter-less,");
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="ParameterLessModule{T1, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="T3">The type of the third input.</typeparam>
/// <typeparam name="T4">The type of the fourth input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class ParameterLessModule<T1, T2, T3, T4, TResult> : nn.Module<T1, T2, T3, T4, TResult>, IParameterLessModule
{
    /// <summary>Constructor for derived modules.</summary>
    /// <param name="name">The name of the module, for messages and debugging.</param>
    protected ParameterLessModule(string name) : base(name) { }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_buffer"/>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) =>
        throw ParameterLess.Rejects(GetName(), $"buffer '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_parameter"/>
    public override void register_parameter(string name, Parameter param) =>
        throw ParameterLess.Rejects(GetName(), $"parameter '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_module"/>
    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw ParameterLess.Rejects(GetName(), $"module '{name}', which is not parameter-less,");
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="ParameterLessModule{T1, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="T3">The type of the third input.</typeparam>
/// <typeparam name="T4">The type of the fourth input.</typeparam>
/// <typeparam name="T5">The type of the fifth input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, TResult> : nn.Module<T1, T2, T3, T4, T5, TResult>, IParameterLessModule
{
    /// <summary>Constructor for derived modules.</summary>
    /// <param name="name">The name of the module, for messages and debugging.</param>
    protected ParameterLessModule(string name) : base(name) { }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_buffer"/>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) =>
        throw ParameterLess.Rejects(GetName(), $"buffer '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_parameter"/>
    public override void register_parameter(string name, Parameter param) =>
        throw ParameterLess.Rejects(GetName(), $"parameter '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_module"/>
    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw ParameterLess.Rejects(GetName(), $"module '{name}', which is not parameter-less,");
        base.register_module(name, submodule);
    }
}

/// <inheritdoc cref="ParameterLessModule{T1, TResult}"/>
/// <typeparam name="T1">The type of the first input.</typeparam>
/// <typeparam name="T2">The type of the second input.</typeparam>
/// <typeparam name="T3">The type of the third input.</typeparam>
/// <typeparam name="T4">The type of the fourth input.</typeparam>
/// <typeparam name="T5">The type of the fifth input.</typeparam>
/// <typeparam name="T6">The type of the sixth input.</typeparam>
/// <typeparam name="TResult">The type of the result.</typeparam>
public abstract class ParameterLessModule<T1, T2, T3, T4, T5, T6, TResult> : nn.Module<T1, T2, T3, T4, T5, T6, TResult>, IParameterLessModule
{
    /// <summary>Constructor for derived modules.</summary>
    /// <param name="name">The name of the module, for messages and debugging.</param>
    protected ParameterLessModule(string name) : base(name) { }

    /// <inheritdoc/>
    protected internal override nn.Module _to(Device device, ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking) => this;

    /// <inheritdoc/>
    protected internal override nn.Module _to(ScalarType dtype, bool non_blocking) => this;

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_buffer"/>
    public override void register_buffer(string name, Tensor tensor, bool persistent = true) =>
        throw ParameterLess.Rejects(GetName(), $"buffer '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_parameter"/>
    public override void register_parameter(string name, Parameter param) =>
        throw ParameterLess.Rejects(GetName(), $"parameter '{name}'");

    /// <inheritdoc cref="ParameterLessModule{T1, TResult}.register_module"/>
    public override void register_module(string name, nn.Module submodule)
    {
        if (submodule is not IParameterLessModule)
            throw ParameterLess.Rejects(GetName(), $"module '{name}', which is not parameter-less,");
        base.register_module(name, submodule);
    }
}

internal static class ParameterLess
{
    /// <summary>The error of registering in a parameter-less module what it cannot have.</summary>
    internal static InvalidOperationException Rejects(string module, string what) =>
        new($"Cannot register the {what} in {module}, which is declared parameter-less. Derive {module} from Module<...> instead.");
}
