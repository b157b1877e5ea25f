using PruneGen.Axes;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// How a live layer of <c>torch.nn</c> is read for the rules of <see cref="LayerTable"/>, and how the properties that tell its widths are set:
/// by the names in its <see cref="LayerDefinition"/>.
/// </summary>
internal static class LayerAdapters
{
    private static readonly Dictionary<Type, LayerDefinition> Table = LayerTable.Layers
        .Select(layer => (Type: typeof(Linear).Assembly.GetType($"TorchSharp.Modules.{layer.Type}"), Layer: layer))
        .Where(layer => layer.Type is not null)
        .ToDictionary(layer => layer.Type!, layer => layer.Layer);

    /// <summary>Every layer type in the table.</summary>
    internal static IEnumerable<Type> Types => Table.Keys;

    /// <summary>A live layer as the rules see it.</summary>
    /// <param name="module">The layer.</param>
    /// <param name="name">Its path in the model.</param>
    /// <exception cref="InvalidOperationException">Its type is not in the table.</exception>
    /// <exception cref="NotSupportedException">This TorchSharp's layer has changed inside.</exception>
    internal static LayerSpec Describe(nn.Module module, string name)
    {
        var type = module.GetType();
        if (!Table.TryGetValue(type, out var layer))
        {
            throw new InvalidOperationException(
                $"{name} is a {type}, which PruneGen does not know. Where it is a model of your own, put [Prunable] on its class, else describe it with "
                    + $"[Axes]; known layers are {string.Join(", ", LayerTable.Layers.Select(known => known.Type))}.");
        }

        TorchSharpInternals.Require(() =>
        {
            TorchSharpInternals.Require(module);
            foreach (var width in layer.Widths.Where(_ => !IsRecurrent(module)))
            {
                LayerProperty.Of(type, width).RequireSetter();
            }
        });
        RequireOwnWeight(module, name);
        var settings = layer.Settings.ToDictionary(setting => setting, setting => Setting(module, setting));
        return new LayerSpec(name, type.Name, settings, Shapes(module), module);
    }

    /// <summary>Looks whether an embedding computes with the parameter that it has registered, which TorchSharp's from_pretrained does not see to.</summary>
    private static void RequireOwnWeight(nn.Module module, string name)
    {
        var weight = module switch
        {
            Embedding embedding => embedding.weight,
            EmbeddingBag bag => bag.weight,
            _ => null,
        };
        if (weight is not null && TorchSharpInternals.StorageAddress(weight) != TorchSharpInternals.StorageAddress(module.get_parameter("weight")!))
        {
            throw new InvalidOperationException(
                $"{name} computes with another tensor than its parameter 'weight', as from_pretrained of TorchSharp leaves it: what is trained, pruned "
                    + $"and saved would not be what it answers with. Write '{name}.weight = {name}.weight;' behind its creation.");
        }
    }

    /// <summary>A live module that <c>[Axes]</c> describes, with the parameters of its children.</summary>
    internal static LayerSpec Describe(nn.Module module, string name, AxesAttribute axes) =>
        LayerSpec.Described(name, module.GetType().Name, axes.Notation, axes.Parameters, axes.Inexact, axes.Macs, Shapes(module, recurse: true), module);

    /// <summary>Whether its type is in the table.</summary>
    internal static bool Knows(nn.Module module) => Table.ContainsKey(module.GetType());

    /// <summary>
    /// Which dimension of a parameter each width of a layer is, by property; null where that is not so simple, and the layer
    /// must keep its widths unless its own rule is applied.
    /// </summary>
    internal static IReadOnlyList<LayerWidth>? StatedWidths(nn.Module module) =>
        Table.TryGetValue(module.GetType(), out var layer) ? layer.StatedWidths(Describe(module, "")) : [];

    /// <summary>The shapes of a module's parameters and buffers: its own, or those of its children too.</summary>
    internal static Dictionary<string, long[]?> Shapes(nn.Module module, bool recurse = false)
    {
        var shapes = new Dictionary<string, long[]?>(StringComparer.Ordinal);
        foreach (var (parameter, tensor) in module.named_parameters(recurse))
        {
            shapes.Add(parameter, PlainMemory.ShapeOf(tensor));
        }

        foreach (var (buffer, tensor) in module.named_buffers(recurse))
        {
            shapes.Add(buffer, PlainMemory.ShapeOf(tensor));
        }

        return shapes;
    }

    /// <summary>What a property of a layer tells now.</summary>
    internal static long GetWidth(nn.Module module, string property) => module switch
    {
        IPrunable model => model.NumberOf(property),
        _ when IsRecurrent(module) => property == "input_size" ? RecurrentAdapters.InputSize(module) : RecurrentAdapters.HiddenSize(module),
        _ => LayerProperty.Of(module.GetType(), property).Get(module),
    };

    /// <summary>Reads what a layer would no longer tell once its parameters have other shapes.</summary>
    internal static void Prepare(nn.Module module)
    {
        if (IsRecurrent(module))
        {
            RecurrentAdapters.Measure(module);
        }
    }

    /// <summary>Makes a property of a layer tell a new width.</summary>
    /// <returns>What puts the old one back.</returns>
    internal static Action SetWidth(nn.Module module, string property, long value)
    {
        // The native module behind a recurrent layer is made anew; the parameters tell its sizes.
        if (IsRecurrent(module))
        {
            return RecurrentAdapters.Resize(module);
        }

        var old = GetWidth(module, property);
        Action<long> set = module is IPrunable model ? width => model.SetNumber(property, width)
            : width => LayerProperty.Of(module.GetType(), property).Set(module, width);
        set(value);
        return () => set(old);
    }

    /// <summary>Which dimension of the layer's result its outputs stand in.</summary>
    /// <param name="module">A layer that has outputs of its own, or normalises those of another.</param>
    /// <param name="rank">Number of dimensions of the result.</param>
    internal static int ChannelDim(nn.Module module, long rank) => (Table.TryGetValue(module.GetType(), out var layer) ? layer.Channels : null) switch
    {
        int dim when dim >= 0 => dim,
        int dim => (int)rank + dim,
        null => (int)rank - 1,
    };

    private static bool IsRecurrent(nn.Module module) => module is LSTM or GRU or RNN or LSTMCell or GRUCell or RNNCell;

    private static object? Setting(nn.Module module, string setting) => (module, setting) switch
    {
        (Convolution { padding: null } layer, "padding") => EqualPadding(layer),
        (LSTM layer, "batch_first") => TorchSharpInternals.BatchFirst(layer),
        (GRU layer, "batch_first") => TorchSharpInternals.BatchFirst(layer),
        (RNN layer, "batch_first") => TorchSharpInternals.BatchFirst(layer),
        (Upsample layer, "size") => layer.size.IsEmpty ? null : layer.size.ToArray(),
        (Upsample layer, OpTable.Factor) => layer.scale_factor.IsEmpty ? null : layer.scale_factor.ToArray(),
        _ => LayerProperty.Of(module.GetType(), setting).Read(module) switch
        {
            (long first, long second) => new[] { first, second },
            var value => value,
        },
    };

    /// <summary>The padding that "valid" and "same" stand for, or null where "same" pads the two sides unequally.</summary>
    private static long[]? EqualPadding(Convolution layer)
    {
        if (layer.padding_type == TorchSharp.Padding.Valid)
        {
            return new long[layer.kernel_size.Length];
        }

        var total = layer.kernel_size.Zip(layer.dilation, (kernel, dilation) => dilation * (kernel - 1)).ToArray();
        return total.All(pad => pad % 2 == 0) ? total.Select(pad => pad / 2).ToArray() : null;
    }
}
