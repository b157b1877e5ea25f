using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Remembers what layers put out while a model runs.</summary>
internal sealed class LayerOutputs : IDisposable
{
    private readonly Dictionary<string, Tensor> outputs = new(StringComparer.Ordinal);
    private readonly List<Action> removals = [];

    /// <param name="model">The model.</param>
    /// <param name="layers">The paths of the layers.</param>
    /// <exception cref="InvalidOperationException">One is not there, or gives something else than one tensor.</exception>
    public LayerOutputs(nn.Module model, IReadOnlyList<string> layers)
    {
        var modules = model.named_modules().ToDictionary(entry => entry.name, entry => entry.module);
        foreach (var path in layers)
        {
            if (!modules.TryGetValue(path, out var module) || module is not nn.Module<Tensor, Tensor> layer)
            {
                Dispose();
                var others = modules.Where(entry => entry is { Key.Length: > 0, Value: nn.Module<Tensor, Tensor> }).Select(entry => entry.Key);
                throw new InvalidOperationException(
                    $"{model.GetType().Name} has no layer '{path}' from a tensor to a tensor; give one of {string.Join(", ", others)}.");
            }

            removals.Add(layer.register_forward_hook((_, _, output) =>
            {
                // A name of its own: forward may dispose of the output, by a scope for one.
                outputs.Remove(path, out var last);
                last?.Dispose();
                outputs[path] = output.alias().DetachFromDisposeScope();
                return output;
            }).remove);
        }
    }

    /// <summary>What was put out since the last call.</summary>
    /// <exception cref="InvalidOperationException">A layer was not observed.</exception>
    public Dictionary<string, Tensor> Take(IReadOnlyList<string> layers)
    {
        var missing = layers.FirstOrDefault(layer => !outputs.ContainsKey(layer));
        if (missing is not null)
        {
            throw new InvalidOperationException($"No output of {missing} was seen while the model ran. {LayerInputs.HowToReach}.");
        }

        var taken = outputs.ToDictionary(entry => entry.Key, entry => entry.Value.alias(), StringComparer.Ordinal);
        Forget();
        return taken;
    }

    public void Dispose()
    {
        Forget();
        removals.ForEach(remove => remove());
        removals.Clear();
    }

    private void Forget()
    {
        foreach (var output in outputs.Values)
        {
            output.Dispose();
        }

        outputs.Clear();
    }
}
