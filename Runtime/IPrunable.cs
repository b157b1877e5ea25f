using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// A model that PruneGen has generated pruning code for. The generated class implements it; user code calls the
/// generated methods instead.
/// </summary>
public interface IPrunable
{
    /// <summary>What the attributes on the class and its layers ask for.</summary>
    PruneOptions PruneDefaults { get; }

    /// <summary>How many tensors <c>forward</c> takes.</summary>
    int InputCount { get; }

    /// <summary>Repeats <c>forward</c> over axes instead of numbers, with the live modules.</summary>
    /// <param name="link">Applies each layer and operation.</param>
    /// <param name="inputs">One axis tensor an input of <c>forward</c>.</param>
    /// <returns>One axis tensor a result of <c>forward</c>.</returns>
    AxisTensor[] Link(Linker link, params AxisTensor[] inputs);
}
