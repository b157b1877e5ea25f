using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Decides which weights of a layer share a value, and which value. For a way of your own derive from this, and give it as <see cref="ShareOptions.By"/>,
/// or its type as <c>[ShareWeights(ByType = typeof(Mine))]</c>.
/// </summary>
public abstract class CodeAssignment
{
    /// <summary>What reports and messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The way of a name.</summary>
    public static implicit operator CodeAssignment(SharedBy name) => Of(name);

    /// <summary>The way of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static CodeAssignment Of(SharedBy name) => name switch
    {
        SharedBy.LinearKMeans or SharedBy.DensityKMeans or SharedBy.RandomKMeans => new KMeansAssignment(name),
        SharedBy.Hash => HashAssignment.Instance,
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"Weights cannot be shared by {name}; give one of {string.Join(", ", Enum.GetNames<SharedBy>())}, or a way of your own."),
    };

    /// <summary>Codes a weight.</summary>
    /// <param name="weight">The weight. What is zero must stay zero.</param>
    /// <returns>The codes, in the weight's shape.</returns>
    public abstract SharedCode Assign(WeightToShare weight);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>A weight that is to be coded.</summary>
/// <param name="Path">Its path in the model.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Values">Its elements, in row-major order.</param>
/// <param name="IsHeld">True for each element that is held at zero; null for none.</param>
/// <param name="Bits">Two to the power of this is how many values it may have beside zero.</param>
/// <param name="Rate">How many values a hash may draw from, as a share of the elements.</param>
/// <param name="Seed">The seed of everything random; another for each weight.</param>
/// <param name="Round">Rounds a number to the weight's element type.</param>
public sealed record WeightToShare(
    string Path, IReadOnlyList<long> Shape, double[] Values, bool[]? IsHeld, int Bits, double Rate, int Seed, Func<double, double> Round);
