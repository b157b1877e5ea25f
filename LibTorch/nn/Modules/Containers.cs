using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    // The functions that make parameters and the modules that hold other modules.
    public static partial class nn
    {
        /// <summary>Turns a tensor into a parameter.</summary>
        /// <param name="data">The values. This tensor becomes empty: the parameter takes its native tensor over.</param>
        /// <param name="requires_grad">Whether gradients are computed for the parameter.</param>
        public static Parameter Parameter(Tensor data, bool requires_grad = true) => new(data, requires_grad);

        /// <summary>Makes a list of parameters that is a module.</summary>
        /// <param name="parameters">Its parameters.</param>
        public static ParameterList ParameterList(params Parameter[] parameters) => new(parameters);

        /// <summary>Makes a dictionary of parameters that is a module.</summary>
        /// <param name="parameters">Its parameters, each with its name.</param>
        /// <exception cref="ArgumentException">A name comes twice.</exception>
        public static ParameterDict ParameterDict(params (string, Parameter)[] parameters)
        {
            var result = new ParameterDict();
            foreach (var entry in parameters)
                result.Add(entry);
            return result;
        }

        /// <summary>Makes a list of modules that is a module.</summary>
        /// <param name="modules">Its modules.</param>
        public static ModuleList<Module> ModuleList(params Module[] modules) => new(modules);

        /// <summary>Makes a list of modules that is a module.</summary>
        /// <typeparam name="T">The type of the modules.</typeparam>
        /// <param name="modules">Its modules.</param>
        public static ModuleList<T> ModuleList<T>(params T[] modules) where T : Module => new(modules);

        /// <summary>Makes a dictionary of modules that is a module.</summary>
        /// <param name="modules">Its modules, each with its name.</param>
        /// <exception cref="ArgumentException">A name comes twice.</exception>
        public static ModuleDict<Module> ModuleDict(params (string, Module)[] modules) => ModuleDict<Module>(modules);

        /// <summary>Makes a dictionary of modules that is a module.</summary>
        /// <typeparam name="T">The type of the modules.</typeparam>
        /// <param name="modules">Its modules, each with its name.</param>
        /// <exception cref="ArgumentException">A name comes twice.</exception>
        public static ModuleDict<T> ModuleDict<T>(params (string, T)[] modules) where T : Module
        {
            var result = new ModuleDict<T>();
            foreach (var entry in modules)
                result.Add(entry);
            return result;
        }

        /// <summary>Makes an empty chain of modules; <see cref="Modules.Sequential.append(string, IModule{Tensor, Tensor})"/> fills it.</summary>
        public static Sequential Sequential() => new();

        /// <summary>Makes a chain of modules: each is called with the result of the one before.</summary>
        /// <param name="modules">The modules in order, each with its name. The chain disposes them when it is disposed itself.</param>
        public static Sequential Sequential(params (string name, Module<Tensor, Tensor> submodule)[] modules) =>
            Sequential((IEnumerable<(string, Module<Tensor, Tensor>)>)modules);

        /// <inheritdoc cref="Sequential(ValueTuple{string, Module{Tensor, Tensor}}[])"/>
        public static Sequential Sequential(params Tuple<string, Module<Tensor, Tensor>>[] modules) =>
            Sequential((IEnumerable<Tuple<string, Module<Tensor, Tensor>>>)modules);

        /// <inheritdoc cref="Sequential(ValueTuple{string, Module{Tensor, Tensor}}[])"/>
        public static Sequential Sequential(IEnumerable<Tuple<string, Module<Tensor, Tensor>>> modules) =>
            Sequential(modules.Select(entry => entry.ToValueTuple()));

        /// <inheritdoc cref="Sequential(ValueTuple{string, Module{Tensor, Tensor}}[])"/>
        public static Sequential Sequential(IEnumerable<(string name, Module<Tensor, Tensor> submodule)> modules)
        {
            var result = new Sequential();
            foreach (var (name, submodule) in modules)
                result.Add(name, submodule);
            return result;
        }

        /// <summary>Makes a chain of modules: each is called with the result of the one before.</summary>
        /// <param name="modules">
        /// The modules in order; their positions are their names. The chain disposes them when it is disposed itself.
        /// </param>
        public static Sequential Sequential(params Module<Tensor, Tensor>[] modules) =>
            Sequential((IEnumerable<Module<Tensor, Tensor>>)modules);

        /// <inheritdoc cref="Sequential(Module{Tensor, Tensor}[])"/>
        public static Sequential Sequential(IEnumerable<Module<Tensor, Tensor>> modules)
        {
            var result = new Sequential();
            foreach (var module in modules)
                result.Add(module);
            return result;
        }
    }
}
