using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Which features of one of its inputs a model still takes: the index that <see cref="Pruning.CompactInputs{TModel}"/> leaves.</summary>
public sealed record InputFeatures
{
    /// <summary>The name of the input, as <c>forward</c> names it.</summary>
    public required string Input { get; init; }

    /// <summary>Which input it is, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>The dimension of it that has become shorter.</summary>
    public required int Dim { get; init; }

    /// <summary>How many features there were.</summary>
    public required long Dense { get; init; }

    /// <summary>Which of these are in use, ascending.</summary>
    public required IReadOnlyList<long> InUse { get; init; }

    /// <summary>What of an input the model is called with.</summary>
    /// <param name="input">The whole input, with <see cref="Dense"/> features in dimension <see cref="Dim"/>.</param>
    /// <returns>A new tensor with those in use, in their order, of the same type and on the same device.</returns>
    /// <exception cref="ArgumentException">The input has another number of features.</exception>
    public Tensor Select(Tensor input)
    {
        if (input.dim() <= Dim || input.size(Dim) != Dense)
        {
            throw new ArgumentException(
                $"{Input} is [{string.Join(", ", input.shape)}], and {InUse.Count} of the {Dense} features in its dimension {Dim} are in use; give an input "
                    + "with all of them. One that has the features in use alone is what the model is called with.",
                nameof(input));
        }

        using var index = tensor(InUse.ToArray(), device: input.device);
        return input.index_select(Dim, index);
    }

    /// <summary>Whether it can be true of a model that takes inputs of the given shapes.</summary>
    /// <param name="shapes">The shapes, with the features in use alone.</param>
    internal bool Fits(IReadOnlyList<long[]>? shapes) =>
        Input is not null && InUse is { Count: > 0 } && InUse[0] >= 0 && InUse[^1] < Dense
        && InUse.Zip(InUse.Skip(1), (one, next) => next > one).All(rises => rises)
        && Position >= 0 && Position < shapes?.Count && Dim > 0 && Dim < shapes[Position].Length && shapes[Position][Dim] == InUse.Count;

    /// <summary>The name of the group that the features are while the model is linked to lose some.</summary>
    [JsonIgnore]
    internal string Group => GroupOf(Input, Dim);

    /// <inheritdoc cref="Group"/>
    internal static string GroupOf(string input, int dim) => $"input {input}[{dim}]";

    /// <inheritdoc/>
    public override string ToString() => $"{Input}[{Dim}]: {InUse.Count} of {Dense}";
}
