using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// One parameter under several names, as <c>head.weight = embedding.weight</c> makes it: each of its dimensions is one axis,
/// whatever the layers do with it.
/// </summary>
internal static class SharedParameters
{
    /// <summary>Ties the axes of every parameter that stands under several names.</summary>
    /// <returns>For each name after the first, the parameter under the first.</returns>
    /// <exception cref="AxisException">What the layers do with it does not fit together.</exception>
    public static IReadOnlyDictionary<ParameterAxes, ParameterAxes> Tie(AxisGraph graph)
    {
        var first = new Dictionary<ParameterAxes, ParameterAxes>();
        var placed = new Dictionary<nint, (ParameterAxes Axes, Tensor Tensor)>();
        var others = new List<(ParameterAxes Axes, Tensor Tensor)>();
        foreach (var axes in graph.Parameters)
        {
            if (Live(axes) is not { } tensor)
            {
                continue;
            }

            var address = PlainMemory.AddressOf(tensor);
            var there = address == 0 ? others.Find(other => AreOne(other.Tensor, tensor))
                : placed.TryGetValue(address, out var found) && AreOne(found.Tensor, tensor) ? found
                : default;
            if (there.Axes is not { } same)
            {
                if (address == 0 || !placed.TryAdd(address, (axes, tensor)))
                {
                    others.Add((axes, tensor));
                }

                continue;
            }

            first.Add(axes, same);
            for (var dim = 0; dim < axes.Axes.Count; dim++)
            {
                graph.Tie(same.Axes[dim], axes.Axes[dim], $"{same.Path} and {axes.Path} are one parameter");
            }
        }

        return first;
    }

    private static Tensor? Live(ParameterAxes axes)
    {
        var module = (nn.Module)axes.Layer.Module!;
        return module.get_parameter(axes.Name) ?? module.get_buffer(axes.Name);
    }

    /// <summary>Whether two tensors are the same numbers in memory. Where that cannot be seen, weights that are equal are taken for one.</summary>
    private static bool AreOne(Tensor first, Tensor second)
    {
        if (first.Handle == second.Handle)
        {
            return true;
        }

        if (first.dtype != second.dtype || first.device_type != second.device_type || first.numel() == 0 || !first.shape.SequenceEqual(second.shape))
        {
            return false;
        }

        return PlainMemory.Holds(first) && PlainMemory.Holds(second)
            ? first.bytes == second.bytes
            : first.dim() > 1 && first.eq(second).all().item<bool>();
    }
}
