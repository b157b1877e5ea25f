using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The parameters, buffers and held weights of a model by name, to be saved and put back.</summary>
internal static class ModelTensors
{
    private const string Value = "model.";
    private const string Held = "held.";

    /// <summary>The live tensors: <c>model.conv1.weight</c>, and <c>held.conv1.weight</c> for the mask that holds it.</summary>
    public static Dictionary<string, Tensor> Of(nn.Module model)
    {
        var paths = Modules(model).DistinctBy(entry => entry.Module, ReferenceEqualityComparer.Instance)
            .ToDictionary(entry => entry.Module, entry => entry.Path, (IEqualityComparer<nn.Module>)ReferenceEqualityComparer.Instance);
        var tensors = Live(model).ToDictionary(entry => Value + entry.Name, entry => entry.Tensor, StringComparer.Ordinal);
        foreach (var weight in WeightMasks.Of(model))
        {
            tensors.Add(Held + Join(paths[weight.Layer], weight.Parameter), weight.Mask);
        }

        return tensors;
    }

    /// <summary>Gives the model the values that were saved, and holds what was held.</summary>
    /// <param name="model">The model, of the shapes that it had.</param>
    /// <param name="saved">What <see cref="Of"/> gave; it stays the caller's.</param>
    /// <param name="from">Where that comes from, for messages.</param>
    /// <exception cref="InvalidDataException">It does not fit the model.</exception>
    public static void Put(nn.Module model, IReadOnlyDictionary<string, Tensor> saved, string from)
    {
        PutValues(model, saved, from);
        WeightMasks.Release(model);
        foreach (var (path, layer) in Modules(model))
        {
            foreach (var name in layer.named_parameters(recurse: false).Select(entry => entry.name))
            {
                if (saved.TryGetValue(Held + Join(path, name), out var mask))
                {
                    WeightMasks.Set(layer, name, mask.clone().DetachFromDisposeScope());
                }
            }
        }
    }

    /// <summary>Gives the model the values that were saved; what is held stays so.</summary>
    /// <inheritdoc cref="Put"/>
    public static void PutValues(nn.Module model, IReadOnlyDictionary<string, Tensor> saved, string from)
    {
        using var noGradients = no_grad();
        foreach (var (name, tensor) in Live(model))
        {
            if (!saved.TryGetValue(Value + name, out var value) || !value.shape.SequenceEqual(tensor.shape))
            {
                throw new InvalidDataException(
                    $"{from} has {(value is null ? "nothing" : $"[{string.Join(", ", value.shape)}]")} for {name}, which is "
                        + $"[{string.Join(", ", tensor.shape)}] here. Give another folder, or delete it to begin anew.");
            }

            tensor.copy_(value);
        }
    }

    /// <summary>Whether a name of <see cref="Of"/> is that of a mask.</summary>
    public static bool IsMask(string name) => name.StartsWith(Held, StringComparison.Ordinal);

    /// <summary>The shapes of all parameters and buffers.</summary>
    public static string ShapesOf(nn.Module model) =>
        string.Join("; ", Live(model).Select(entry => $"{entry.Name} [{string.Join(", ", entry.Tensor.shape)}]"));

    private static IEnumerable<(string Path, nn.Module Module)> Modules(nn.Module model) =>
        model.named_modules().Select(entry => (entry.name, entry.module)).Prepend(("", model));

    private static IEnumerable<(string Name, Tensor Tensor)> Live(nn.Module model) =>
        model.named_parameters().Select(entry => (entry.name, (Tensor)entry.parameter))
            .Concat(model.named_buffers().Select(entry => (entry.name, entry.buffer)));

    private static string Join(string path, string name) => path.Length > 0 ? $"{path}.{name}" : name;
}
