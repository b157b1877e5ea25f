using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Neural network modules, their functional forms, and the helpers around them.</summary>
    public static partial class nn
    {
        /// <summary>
        /// Base class of all neural network modules. A module holds parameters, buffers and other modules, each under a
        /// name; the modules form a tree whose names, joined by dots, are the keys of <see cref="state_dict"/>.
        /// </summary>
        /// <remarks>
        /// Models derive from <see cref="Module{T, TResult}"/> and its forms with more inputs. A constructor ends with
        /// <see cref="RegisterComponents"/>, which registers whatever the fields hold by then.
        /// </remarks>
        public partial class Module : IDisposable
        {
            /// <summary>The name given to the constructor.</summary>
            protected string? name;

            private bool _training = true;

            /// <summary>Whether <see cref="Dispose()"/> has run: such a module counts as none when it is registered.</summary>
            private bool _isDisposed;

            /// <summary>Constructor for derived modules.</summary>
            /// <param name="name">The name of the module, for messages and debugging.</param>
            protected Module(string name)
            {
                this.name = name;
            }

            /// <summary>Lets a derived class release what it holds beyond tensors; tensors have finalizers of their own.</summary>
            ~Module() => Dispose(false);

            /// <summary>Releases the parameters and buffers of this module and of the modules below it.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Implements the .NET dispose pattern.</summary>
            /// <param name="disposing">True when called by <see cref="Dispose()"/>, false in the finalizer.</param>
            protected virtual void Dispose(bool disposing)
            {
                if (!disposing || _isDisposed) return;
                _isDisposed = true;

                foreach (var (_, buffer) in named_buffers(false))
                    buffer.DetachFromDisposeScope().Dispose();
                foreach (var (_, parameter) in named_parameters(false))
                    parameter.DetachFromDisposeScope().Dispose();
                foreach (var (_, module) in named_modules())
                    module.Dispose();
                handle?.Dispose();
            }

            /// <summary>The name given to the constructor.</summary>
            public virtual string GetName() => name ?? GetType().Name;

            /// <summary>Applies a function to every module below this one, then to this one.</summary>
            /// <param name="fn">The function to apply.</param>
            /// <returns>This module.</returns>
            public virtual Module apply(Action<Module> fn)
            {
                foreach (var (_, module) in _internal_submodules)
                    module.apply(fn);
                fn(this);
                return this;
            }

            /// <summary>Sets this module and all below it to training mode, or to evaluation mode.</summary>
            /// <param name="train">True for training, false for evaluation.</param>
            /// <remarks>Only some modules care, such as Dropout and BatchNorm.</remarks>
            public virtual void train(bool train = true)
            {
                _training = train;
                foreach (var (_, module) in named_children())
                    module.train(train);
            }

            /// <summary>Sets this module and all below it to evaluation mode.</summary>
            public virtual void eval() => train(false);

            /// <summary>Whether the module is in training mode, as it is at first.</summary>
            public virtual bool training => _training;

            /// <summary>Clears the gradients of all parameters, in this module and below.</summary>
            /// <param name="set_to_none">True to release the gradients, false to fill them with zeros.</param>
            public virtual void zero_grad(bool set_to_none = true)
            {
                foreach (var (_, parameter) in named_parameters())
                {
                    using var grad = parameter.grad;
                    if (grad is null) continue;

                    if (set_to_none)
                    {
                        parameter.grad = null;
                    }
                    else
                    {
                        // A gradient of a gradient (create_graph) has a history, and must not be written to in place.
                        using var values = grad.detach();
                        values.zero_();
                    }
                }
            }

            /// <summary>Creates a module and loads its weights from a file.</summary>
            /// <typeparam name="T">The module's class, with a constructor that takes no arguments.</typeparam>
            /// <param name="path">A file that <see cref="save(string, IList{string}?)"/> wrote.</param>
            public static Module Create<T>(string path) where T : Module, new() => new T().load(path);

            /// <summary>The device and the element type that a module's tensors get when its constructor is given none.</summary>
            protected static (Device device, ScalarType dtype) GetDefaultDeviceAndType(Device? device = null, ScalarType? dtype = null) =>
                (device ?? get_default_device(), dtype ?? get_default_dtype());
        }
    }
}
