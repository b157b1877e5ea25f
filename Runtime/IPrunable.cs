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

    /// <summary>What the project that the class was built in says of models that say nothing themselves; null where it says nothing.</summary>
    LayerPruneOptions? ProjectDefaults => null;

    /// <summary>How many tensors a batch must bring to <c>forward</c>.</summary>
    int InputCount { get; }

    /// <summary>How many more it may bring: behind the others, in order, those of <c>forward</c>'s tensors that may be null.</summary>
    int OptionalInputCount => 0;

    /// <summary>What <c>forward</c> calls the tensors of a batch: those that it must bring, then those that it may.</summary>
    IReadOnlyList<string> InputNames => [];

    /// <summary>What the tensors that <c>forward</c> gives are called; none where nothing tells how many there are.</summary>
    IReadOnlyList<string> ResultNames => [];

    /// <summary>What a field of the model says that <c>forward</c> cuts a width by: a number of heads, of channels.</summary>
    /// <param name="member">The field or property.</param>
    long NumberOf(string member) => throw NoNumber(member);

    /// <summary>Lets such a field follow what was pruned, read-only or not.</summary>
    /// <param name="member">The field or property.</param>
    /// <param name="value">The new number.</param>
    void SetNumber(string member, long value) => throw NoNumber(member);

    private InvalidOperationException NoNumber(string member) =>
        new(
            $"{GetType().Name} has no number '{member}' that follows what is pruned; build the project again, so that its generated code fits this "
                + $"version of PruneGen.");

    /// <summary>Everything that <c>forward</c> takes when a batch is sent through the model: its tensors, and what stands for the rest.</summary>
    /// <param name="tensors">The tensors of a batch: <see cref="InputCount"/> of them, and up to <see cref="OptionalInputCount"/> more.</param>
    LinkInputs BatchInputs(AxisTensor[] tensors) => tensors;

    /// <summary>
    /// Values, other than their defaults, of optional parameters of <c>forward</c> that are no tensors, by the parameter's place: what the source compares
    /// them with. Whichever way they lead, its layers shrink with those in whose place they stand.
    /// </summary>
    IReadOnlyList<(int Input, object? Value)> OtherInputs => [];

    /// <summary>What a member holds that the class keeps to itself, for a model that runs its other methods.</summary>
    /// <param name="member">The name of the field or property.</param>
    /// <exception cref="InvalidOperationException">The generated part tells of no such member.</exception>
    object? PrivateValue(string member) =>
        throw new InvalidOperationException(
            $"{GetType().Name} does not tell of '{member}', which another model's forward reads by way of one of its methods. Make it internal.");

    /// <summary>Repeats <c>forward</c> over axes instead of numbers, with the live modules.</summary>
    /// <param name="link">Applies each layer and operation.</param>
    /// <param name="inputs">What <c>forward</c> takes, with an axis tensor for each tensor.</param>
    /// <returns>What <c>forward</c> returns, likewise; a tuple element by element.</returns>
    object?[] Link(Linker link, LinkInputs inputs);
}
