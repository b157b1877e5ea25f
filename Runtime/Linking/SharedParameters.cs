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

            // Most weights lie row-major in main memory, where an address tells them apart; the rest is looked at one by one.
            var address = PlainMemory.AddressOf(tensor);
            if (address != 0
                && placed.TryGetValue(address, out var there)
                && there.Tensor.dtype == tensor.dtype
                && there.Tensor.shape.AsSpan().SequenceEqual(tensor.shape))
            {
                Join(there.Axes, axes);
            }
            else if (address == 0 || !placed.TryAdd(address, (axes, tensor)))
            {
                others.Add((axes, tensor));
            }
        }

        var places = placed.Values.Take(others.Count > 0 ? placed.Count : 0)
            .Concat(others)
            .Select(entry => (entry.Axes, Place: MemoryPlace.Of(entry.Tensor)))
            .ToList();
        for (var i = places.Count - others.Count; i < places.Count; i++)
        {
            foreach (var (axes, place) in places.Take(i).Where(earlier => earlier.Place.Overlaps(places[i].Place)))
            {
                if (place.Equals(places[i].Place))
                {
                    Join(first.GetValueOrDefault(axes, axes), places[i].Axes);
                    break;
                }

                Hold(axes, places[i].Axes);
            }
        }

        return first;

        void Join(ParameterAxes same, ParameterAxes axes)
        {
            first.Add(axes, same);
            for (var dim = 0; dim < axes.Axes.Count; dim++)
            {
                graph.Tie(same.Axes[dim], axes.Axes[dim], $"{same.Path} and {axes.Path} are one parameter");
            }
        }

        void Hold(ParameterAxes one, ParameterAxes other)
        {
            foreach (var axis in one.Axes.Concat(other.Axes))
            {
                graph.Fix(axis, $"{one.Path} and {other.Path} lie in the same memory in different ways");
            }
        }
    }

    private static Tensor? Live(ParameterAxes axes)
    {
        var module = (nn.Module)axes.Layer.Module!;
        return module.get_parameter(axes.Name) ?? module.get_buffer(axes.Name);
    }
}
