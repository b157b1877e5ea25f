using PruneGen.Axes;

namespace PruneGen;

/// <summary>A call of what no source shows: what goes in keeps its widths, and of what comes out no more is known than that nothing of it is pruned.</summary>
internal static class OutsideCall
{
    /// <summary>Holds the inputs, and writes down a step that the trace cannot tell.</summary>
    /// <param name="link">The linker.</param>
    /// <param name="name">What is called.</param>
    /// <param name="what">What kind of thing that is.</param>
    /// <param name="because">Why the inputs stay as they are.</param>
    /// <param name="results">How many tensors it gives.</param>
    /// <param name="inputs">Tensors, null for one that is not there, and sizes.</param>
    public static AxisTensor[] Follow(Linker link, string name, string what, string because, int results, object?[] inputs)
    {
        var tensors = inputs.Where(input => input is not AxisSize).Cast<AxisTensor?>().ToArray();
        foreach (var axis in tensors.OfType<AxisTensor>().SelectMany(tensor => tensor.Dims))
        {
            link.Graph.Fix(axis, because);
        }

        foreach (var size in inputs.OfType<AxisSize>())
        {
            size.Hold(because);
        }

        return link.Opaque(
            name, tensors, [(what, OpArguments.Unknown)], () => [.. Enumerable.Repeat(0, results).Select(_ => AxisTensor.Untracked(because))]);
    }
}
