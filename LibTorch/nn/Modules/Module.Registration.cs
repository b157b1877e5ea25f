using System.Reflection;
using TorchSharp.Modules;
using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // How modules, parameters and buffers get their names and their place in the tree.
        public partial class Module
        {
            /// <summary>The modules registered here, in order.</summary>
            protected OrderedDict<string, Module> _internal_submodules = new();

            /// <summary>The buffers registered here, in order, each with whether it is persistent.</summary>
            protected OrderedDict<string, (Tensor, bool)> _internal_buffers = new();

            /// <summary>The parameters registered here, in order.</summary>
            protected OrderedDict<string, Parameter> _internal_params = new();

            private bool _areComponentsRegistered;

            /// <summary>
            /// Registers what the instance fields hold, those of the base classes included: modules, parameters, and any
            /// other tensor as a persistent buffer. The name is the field's, or that of its <see cref="ComponentNameAttribute"/>.
            /// </summary>
            /// <remarks>
            /// Lists and arrays are not looked into (use <see cref="ModuleList{T}"/> and its like), and names already
            /// registered are left alone. Only the first call does anything, so it belongs at the end of a constructor;
            /// <see cref="register_module"/> calls it for the module it is given.
            /// </remarks>
            protected virtual void RegisterComponents()
            {
                if (_areComponentsRegistered) return;

                foreach (var field in InstanceFields(GetType()))
                {
                    var component = field.ComponentName();
                    if (IsRegistered(component)) continue;

                    switch (field.GetValue(this))
                    {
                        case Module module:
                            register_module(component, module);
                            break;
                        case Parameter parameter: // A parameter is a tensor, too, so its case comes first.
                            register_parameter(component, parameter);
                            break;
                        case Tensor tensor:
                            register_buffer(component, tensor);
                            break;
                    }
                }

                _areComponentsRegistered = true;
            }

            private bool IsRegistered(string component) =>
                _internal_submodules.ContainsKey(component) || _internal_params.ContainsKey(component) || _internal_buffers.ContainsKey(component);

            /// <summary>
            /// All instance fields of a type, its own before those of its base classes. Of several fields with one name
            /// the most derived stands for all.
            /// </summary>
            private static IEnumerable<FieldInfo> InstanceFields(Type type)
            {
                const BindingFlags declared = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance;

                var seen = new HashSet<string>();
                // Private fields of a base class are visible only through the base class itself.
                for (Type? level = type; level is not null && level != typeof(object); level = level.BaseType)
                {
                    foreach (var field in level.GetFields(declared))
                    {
                        if (seen.Add(field.Name))
                            yield return field;
                    }
                }
            }

            /// <summary>Registers a module below this one, and lets it register its own components.</summary>
            /// <param name="name">The name of the module here.</param>
            /// <param name="submodule">The module. Null, or a disposed one, takes the name's module out of the registry.</param>
            /// <exception cref="ArgumentException">The name is empty or has a dot in it.</exception>
            /// <exception cref="InvalidOperationException">The name belongs to another module.</exception>
            public virtual void register_module(string name, Module submodule)
            {
                if (submodule is null || submodule._isDisposed)
                {
                    if (_internal_submodules.ContainsKey(name))
                        _internal_submodules.Remove(name);
                    return;
                }

                if (name.Contains('.'))
                    throw new ArgumentException($"module name can't contain \".\", got: {name}", nameof(name));
                if (string.IsNullOrEmpty(name))
                    throw new ArgumentException("module name can't be empty string \"\"", nameof(name));
                if (_internal_submodules.ContainsKey(name))
                    throw new InvalidOperationException($"Sub-module {name} is already registered. Register null under this name first to replace it.");

                submodule.RegisterComponents();
                _internal_submodules.Add(name, submodule);
            }

            /// <summary>Another name of <see cref="register_module"/>.</summary>
            /// <param name="name">The name of the module here.</param>
            /// <param name="module">The module.</param>
            /// <exception cref="ArgumentException">The name is empty or has a dot in it.</exception>
            /// <exception cref="InvalidOperationException">The name belongs to another module.</exception>
            public void add_module(string name, Module module) => register_module(name, module);

            /// <summary>Registers a parameter: a tensor that training changes.</summary>
            /// <param name="name">The name of the parameter here.</param>
            /// <param name="param">The parameter.</param>
            /// <exception cref="ArgumentNullException">The parameter is null or disposed.</exception>
            /// <exception cref="InvalidOperationException">The name belongs to another parameter.</exception>
            public virtual void register_parameter(string name, Parameter param)
            {
                if (param is null || param.IsInvalid)
                    throw new ArgumentNullException(nameof(param), $"A null tensor cannot be registered as a parameter. Parameter {name} is null or disposed.");
                if (!_internal_params.TryAdd(name, param))
                    throw new InvalidOperationException($"Parameter {name} is already registered.");
            }

            /// <summary>Registers a buffer: a tensor of the module's state that training does not change, such as a running mean.</summary>
            /// <param name="name">The name of the buffer here.</param>
            /// <param name="tensor">The buffer.</param>
            /// <param name="persistent">Whether the buffer is part of the module's <see cref="state_dict"/>.</param>
            /// <exception cref="ArgumentNullException">The buffer is null or disposed.</exception>
            /// <exception cref="InvalidOperationException">The name belongs to another buffer.</exception>
            public virtual void register_buffer(string name, Tensor tensor, bool persistent = true)
            {
                if (tensor is null || tensor.IsInvalid)
                    throw new ArgumentNullException(nameof(tensor), $"A null tensor cannot be registered as a buffer. Buffer {name} is null or disposed.");
                if (!_internal_buffers.TryAdd(name, (tensor, persistent)))
                    throw new InvalidOperationException($"Tensor {name} is already registered.");
            }

            /// <summary>Registers a parameter in the place of whatever has its name; anything but a parameter takes the name out.</summary>
            protected void ConditionallyRegisterParameter(string name, Tensor value) =>
                ConditionallyRegisterParameter(name, value as Parameter);

            /// <summary>Registers a parameter in the place of whatever has its name; null takes the name out.</summary>
            protected void ConditionallyRegisterParameter(string name, Parameter? value)
            {
                if (value is not null)
                    _internal_params[name] = value;
                else if (_internal_params.ContainsKey(name))
                    _internal_params.Remove(name);
            }

            /// <summary>Registers a buffer in the place of whatever has its name; null takes the name out.</summary>
            protected void ConditionallyRegisterBuffer(string name, Tensor? value, bool persistent = true)
            {
                if (value is not null)
                    _internal_buffers[name] = (value, persistent);
                else if (_internal_buffers.ContainsKey(name))
                    _internal_buffers.Remove(name);
            }

            /// <summary>Takes all modules out of the registry.</summary>
            protected void ClearModules() => _internal_submodules.clear();
        }
    }
}

/// <summary>How a field gets its name in a module.</summary>
public static class FieldInfoExtensionMethods
{
    /// <summary>The name that the field's <see cref="ComponentNameAttribute"/> gives, or else the field's own.</summary>
    /// <param name="field">A field of a module.</param>
    public static string ComponentName(this FieldInfo field) =>
        field.GetCustomAttribute<ComponentNameAttribute>()?.Name ?? field.Name;
}
