using static TorchSharp.torch;

namespace TorchSharp.Modules;

/// <summary>The named modules inside a Sequential of any kind, in order. They are not registered: they stand here alone.</summary>
internal sealed class ModuleChain
{
    /// <summary>What <c>GetName()</c> says of every Sequential: libtorch's own name for its class.</summary>
    internal const string SequentialName = "torch::nn::SequentialImpl";

    private readonly List<(string name, nn.Module module)> _links = new();

    internal int Count => _links.Count;

    internal nn.Module this[int index] => _links[index].module;

    internal void Add(string name, nn.Module module)
    {
        ArgumentNullException.ThrowIfNull(module);
        _links.Add((name, module));
    }

    /// <summary>Adds a module under its position.</summary>
    internal void Add(nn.Module module) => Add(Count.ToString(), module);

    /// <summary>The links from <paramref name="start"/> up to, and not including, <paramref name="end"/>.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such position.</exception>
    internal IEnumerable<(string name, nn.Module module)> Slice(int start, int end)
    {
        if (start < 0 || start > Count) throw new IndexOutOfRangeException($"{start} is not a valid index.");
        if (end < 0 || end > Count) throw new IndexOutOfRangeException($"{end} is not a valid index.");
        return _links.Take(start..end);
    }

    internal IEnumerable<(string name, nn.Module module)> NamedChildren() => _links;

    internal IEnumerable<(string name, nn.Module module)> NamedModules()
    {
        foreach (var link in _links)
            yield return link;

        foreach (var (path, child) in _links)
        {
            foreach (var (name, module) in child.named_modules())
                yield return ($"{path}.{name}", module);
        }
    }

    internal IEnumerable<(string name, Parameter parameter)> NamedParameters(bool recurse)
    {
        if (!recurse) yield break; // A Sequential has no parameters of its own.

        var seen = new HashSet<IntPtr> { IntPtr.Zero }; // A zero handle is a disposed tensor.
        foreach (var (path, module) in _links)
        {
            foreach (var (name, parameter) in module.named_parameters(true))
            {
                if (seen.Add(parameter.handle))
                    yield return ($"{path}.{name}", parameter);
            }
        }
    }

    internal IEnumerable<(string name, Tensor buffer)> NamedBuffers(bool recurse, bool includeNonPersistent)
    {
        if (!recurse) yield break; // Nor has it buffers.

        var seen = new HashSet<IntPtr> { IntPtr.Zero };
        foreach (var (path, module) in _links)
        {
            foreach (var (name, buffer) in module.named_buffers(true, includeNonPersistent))
            {
                if (seen.Add(buffer.handle))
                    yield return ($"{path}.{name}", buffer);
            }
        }
    }

    internal void ForEach(Action<nn.Module> action)
    {
        foreach (var (_, module) in _links)
            action(module);
    }
}
