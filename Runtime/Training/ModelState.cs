using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// A copy of every parameter and buffer of a model, and of the widths its layers tell, to put back when something fails. Of gradients it keeps the very
/// tensors: whatever trains takes others in their place.
/// </summary>
internal sealed class ModelState : IDisposable
{
    private readonly nn.Module model;
    private readonly Dictionary<string, Tensor> copies;
    private readonly Dictionary<string, MemoryPlace> places;
    private readonly Dictionary<string, Tensor> gradients = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<WeightMask> held;
    private readonly IReadOnlyList<CodedParameter> codes;
    private readonly IReadOnlyList<(nn.Module, ActivationPoint)> points;
    private readonly List<(nn.Module Layer, string Property, long Width)> widths;

    // What puts the layers back that were resized when the model and the copy were exchanged; none where they are in their own places.
    private readonly Stack<Action> exchanged = [];

    /// <param name="model">The model.</param>
    /// <param name="widths">The layer properties that may change with the shapes; none where the shapes stay.</param>
    /// <exception cref="InvalidOperationException">A tensor was made in inference mode, so that nothing could be put back.</exception>
    public ModelState(nn.Module model, IEnumerable<WidthProperty>? widths = null)
    {
        this.model = model;
        this.widths = (widths ?? []).Select(width => (Layer: (nn.Module)width.Layer.Module!, width.Property))
            .Select(width => (width.Layer, width.Property, LayerAdapters.GetWidth(width.Layer, width.Property))).ToList();
        using var scope = NewDisposeScope();
        foreach (var (name, tensor) in Live())
        {
            GradientMode.Require(model, name, tensor);
        }

        using var noGradients = no_grad();
        held = WeightMasks.Of(model);
        codes = WeightCodes.Of(model);
        points = [.. ActivationPoints.Of(model).Select(entry => (entry.Layer, entry.Hook.Point))];
        places = Live().ToDictionary(entry => entry.Name, entry => MemoryPlace.Of(entry.Tensor));
        copies = Live().ToDictionary(entry => entry.Name, entry => entry.Tensor.detach().clone().DetachFromDisposeScope());
        foreach (var (name, tensor) in Live())
        {
            if (tensor.grad is { } gradient)
            {
                gradients.Add(name, gradient.DetachFromDisposeScope());
            }
        }
    }

    /// <summary>
    /// Puts every value back, bit by bit, shapes and widths where they have changed, and the gradients that there were.
    /// </summary>
    public void Restore()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        var restored = new Dictionary<MemoryPlace, Tensor>();
        foreach (var (name, tensor) in Live())
        {
            var copy = copies[name];
            tensor.grad = null;
            if (tensor.shape.AsSpan().SequenceEqual(copy.shape))
            {
                tensor.copy_(copy);
            }
            else
            {
                // What lay in one place, as tied weights do, lies in one again.
                if (!restored.TryGetValue(places[name], out var old))
                {
                    restored[places[name]] = old = copy.to(tensor.device).clone();
                }

                tensor.set_(old);
            }

            tensor.grad = gradients.GetValueOrDefault(name);
        }

        foreach (var (layer, property, width) in widths)
        {
            LayerAdapters.SetWidth(layer, property, width);
        }

        WeightMasks.Replace(model, held);
        WeightCodes.Replace(model, codes);
        ActivationPoints.Replace(model, points);
    }

    /// <summary>Gives every tensor the values that it had; what is held at zero stays there.</summary>
    /// <exception cref="InvalidOperationException">One has another shape by now.</exception>
    public void Rewind()
    {
        using var scope = NewDisposeScope();
        using var noGradients = no_grad();
        foreach (var (name, tensor) in Live())
        {
            var copy = copies[name];
            if (!tensor.shape.SequenceEqual(copy.shape))
            {
                throw new InvalidOperationException(
                    $"{name} was [{string.Join(", ", copy.shape)}] and is [{string.Join(", ", tensor.shape)}] now, so its values cannot be put back. Prune "
                        + "single weights, or choose a schedule that does not rewind.");
            }

            tensor.copy_(copy);
        }

        foreach (var weight in WeightMasks.Of(model))
        {
            weight.Tensor.mul_(weight.OnDevice());
        }
    }

    /// <summary>The values that are kept, by path.</summary>
    public IReadOnlyDictionary<string, Tensor> Copies => copies;

    /// <summary>Keeps other values.</summary>
    /// <param name="values">The values, by path.</param>
    public void Take(IReadOnlyDictionary<string, Tensor> values)
    {
        using var noGradients = no_grad();
        foreach (var (name, copy) in copies)
        {
            copy.copy_(values[name]);
        }
    }

    /// <summary>Takes the copy to a device.</summary>
    public void MoveTo(Device device)
    {
        using var noGradients = no_grad();
        foreach (var (name, copy) in copies.Where(entry => entry.Value.device_type != device.type || entry.Value.device_index != device.index).ToList())
        {
            copies[name] = copy.to(device).DetachFromDisposeScope();
            copy.Dispose();
        }
    }

    /// <summary>
    /// Exchanges the model and the copy: what was kept is live, and what was live is kept. Exchanged back, the model has the very parameters that it had,
    /// which an optimizer may know: recurrent layers are given others for as long as they are of another size.
    /// </summary>
    public void Exchange()
    {
        using var noGradients = no_grad();
        var isBack = exchanged.Count > 0;
        while (exchanged.TryPop(out var putBack))
        {
            putBack();
        }

        // All before any: a tensor may have two names.
        var live = Live().Select(entry => (entry.Name, entry.Tensor, Now: entry.Tensor.detach().DetachFromDisposeScope())).ToList();
        foreach (var (name, tensor, now) in live)
        {
            tensor.grad = null;
            tensor.set_(copies[name]);
            copies[name].Dispose();
            copies[name] = now;
        }

        foreach (var (layer, property, width) in isBack ? [] : widths)
        {
            exchanged.Push(LayerAdapters.SetWidth(layer, property, width));
        }
    }

    public void Dispose()
    {
        foreach (var tensor in copies.Values.Concat(gradients.Values))
        {
            tensor.Dispose();
        }
    }

    private IEnumerable<(string Name, Tensor Tensor)> Live() =>
        model.named_parameters()
            .Select(entry => (entry.name, (Tensor)entry.parameter))
            .Concat(model.named_buffers().Select(entry => (entry.name, entry.buffer)));
}
