using System.Collections;
using System.Reflection;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The modules of a model that is linked: under which path each goes, and what it is for the rules.</summary>
internal sealed class LinkedModules
{
    private readonly Dictionary<nn.Module, string> paths = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<nn.Module, LayerSpec> layers = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<nn.Module, AxesAttribute> described = new(ReferenceEqualityComparer.Instance);
    private readonly nn.Module root;

    public LinkedModules(nn.Module root)
    {
        this.root = root;
        paths.Add(root, "");
        foreach (var (path, module) in root.named_modules())
        {
            // A module registered twice goes by its first name.
            paths.TryAdd(module, path);
        }
    }

    /// <summary>Every module that is registered in the model, itself too.</summary>
    public IReadOnlyCollection<nn.Module> All => paths.Keys;

    /// <summary>The modules with parameters of their own that no step calls or reads.</summary>
    public IEnumerable<nn.Module> NotIn(IEnumerable<TraceStep> steps)
    {
        var reached = steps.Select(step => step.Module).OfType<nn.Module>().Distinct(ReferenceEqualityComparer.Instance).Cast<nn.Module>()
            .SelectMany(module => module.modules().Append(module)).ToHashSet<nn.Module>(ReferenceEqualityComparer.Instance);
        return All.Where(module => !reached.Contains(module) && module.named_parameters(recurse: false).Any());
    }

    /// <summary>Whether layers are left that no step calls in a list of which steps call others: a later round of a loop may come to them.</summary>
    public bool HasLaterThan(IEnumerable<TraceStep> steps)
    {
        var called = steps.Select(step => step.Module).OfType<nn.Module>().SelectMany(module => Lists(PathOf(module))).ToHashSet(StringComparer.Ordinal);
        return NotIn(steps).SelectMany(module => Lists(PathOf(module))).Any(called.Contains);

        static IEnumerable<string> Lists(string path)
        {
            var parts = path.Split('.');
            return Enumerable.Range(0, parts.Length).Where(i => long.TryParse(parts[i], out _)).Select(i => string.Join('.', parts.Take(i)));
        }
    }

    /// <summary>The path of a member of a module of the model.</summary>
    public string Within(nn.Module owner, string path) => PathOf(owner) is { Length: > 0 } outer ? $"{outer}.{path}" : path;

    /// <summary>The module at a path of the model; null where there is none.</summary>
    public nn.Module? Find(string path) => root.named_modules().FirstOrDefault(entry => entry.name == path).module;

    /// <summary>The module that a tensor is registered in, and its name there; null for any other.</summary>
    public (nn.Module Owner, string Name)? OwnerOf(Tensor tensor) => All
        .SelectMany(module => module.named_parameters(recurse: false).Select(entry => (module, entry.name, tensor: (Tensor)entry.parameter))
            .Concat(module.named_buffers(recurse: false).Select(entry => (module, entry.name, tensor: entry.buffer))))
        .Where(entry => entry.tensor.Handle == tensor.Handle).Select(entry => ((nn.Module, string)?)(entry.module, entry.name)).FirstOrDefault();

    /// <summary>Describes a module, or each module of a list; where the live model has none at the path, nothing is described.</summary>
    public void Describe(nn.Module owner, string path, AxesAttribute axes)
    {
        if (Find(Within(owner, path)) is not { } found)
        {
            return;
        }

        foreach (var module in found is IEnumerable and not TorchSharp.Modules.Sequential
            && found.GetType().Namespace == typeof(TorchSharp.Modules.Sequential).Namespace
            ? found.children()
            : [found])
        {
            described[module] = axes;
        }
    }

    /// <summary>Whether the member that holds a module describes it.</summary>
    public bool IsDescribed(nn.Module module) => described.ContainsKey(module);

    /// <summary>A module as the rules see it.</summary>
    public LayerSpec SpecOf(nn.Module module)
    {
        if (!layers.TryGetValue(module, out var layer))
        {
            var path = PathOf(module);
            layers.Add(module, layer = AxesOf(module) is { } axes ? LayerAdapters.Describe(module, path, axes)
                : LayerAdapters.Knows(module) ? LayerAdapters.Describe(module, path)
                : new LayerSpec(path, module.GetType().Name, new Dictionary<string, object?>(), LayerAdapters.Shapes(module), module));
        }

        return layer;
    }

    /// <summary>What describes a module: the attribute on the member that holds it, or else on its class.</summary>
    public AxesAttribute? AxesOf(nn.Module module) =>
        described.TryGetValue(module, out var axes) ? axes
        : module is IPrunable || LayerAdapters.Knows(module) ? null
        : module.GetType().GetCustomAttribute<AxesAttribute>();

    /// <summary>The path of a module in the model. One without parameters and buffers has nothing to register: it goes by its type.</summary>
    public string PathOf(nn.Module module)
    {
        if (!paths.TryGetValue(module, out var path))
        {
            if (module.parameters().Any() || module.named_buffers().Any())
            {
                throw new InvalidOperationException(
                    $"forward calls a {module.GetType().Name} that is not registered in the model, so its parameters would be neither pruned nor saved. "
                        + $"Call RegisterComponents() at the end of the constructor, or register_module.");
            }

            paths.Add(module, path = module.GetType().Name);
        }

        return path;
    }
}
