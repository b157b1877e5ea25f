using TorchSharp;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Decides to which code each weight is rounded. For a way of your own derive from this, and give it as <see cref="QuantizeOptions.Rounding"/>, or its type
/// as <c>[Quantize(RoundingType = typeof(Mine))]</c>.
/// </summary>
public abstract class WeightRounding
{
    /// <summary>What reports and messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>
    /// Whether it goes by what layers take in; then it is for Linear layers and one- and two-dimensional convolutions, and there must be data.
    /// </summary>
    public virtual bool NeedsInputs => false;

    /// <summary>The way of a name.</summary>
    public static implicit operator WeightRounding(Rounding name) => Of(name);

    /// <summary>The way of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static WeightRounding Of(Rounding name) => name switch
    {
        PruneGen.Rounding.Nearest => new NearestRounding(),
        PruneGen.Rounding.Adaptive => new AdaptiveRounding(),
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no rounding {name}; give one of {string.Join(", ", Enum.GetNames<Rounding>())}, or a way of your own."),
    };

    /// <summary>Rounds a weight.</summary>
    /// <param name="weight">The weight and its grid.</param>
    /// <returns>The codes, float32, in the shape of the weight: whole numbers that its grid has.</returns>
    public abstract Tensor Round(WeightToRound weight);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>A weight that is to be rounded.</summary>
/// <param name="Path">Its path in the model.</param>
/// <param name="Values">The weight, float32, on the CPU.</param>
/// <param name="Grid">The codes.</param>
/// <param name="Scale">The scale, so shaped that it meets the weight.</param>
/// <param name="ZeroPoint">The code of zero, likewise.</param>
/// <param name="Moments">
/// Where the rounding needs inputs, their second moments, [groups, columns, columns], float32: by them the squared error of the layer's outputs is Δ H Δᵀ
/// for each row Δ of the error, a row being the weight of one output. Else null.
/// </param>
public sealed record WeightToRound(string Path, Tensor Values, CodeGrid Grid, Tensor Scale, Tensor ZeroPoint, Tensor? Moments);

/// <inheritdoc cref="Rounding.Nearest"/>
internal sealed class NearestRounding : WeightRounding
{
    public override string Name => nameof(PruneGen.Rounding.Nearest);

    public override Tensor Round(WeightToRound weight) => weight.Grid.Codes(weight.Values, weight.Scale, weight.ZeroPoint);
}
