using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Decides which range of numbers is covered. For a rule of your own derive from this, and give it as <see cref="QuantizeOptions.WeightRange"/> or
/// <see cref="QuantizeOptions.ActivationRange"/>, or its type as <c>[Quantize(ActivationRangeType = typeof(Mine))]</c>.
/// </summary>
public abstract class RangeObserver
{
    /// <summary>What reports and messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>The rule of a name.</summary>
    public static implicit operator RangeObserver(RangeRule name) => Of(name);

    /// <summary>The rule of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static RangeObserver Of(RangeRule name) => name switch
    {
        RangeRule.MinMax => new MinMaxRange(),
        RangeRule.MovingAverage => new MovingAverageRange(),
        RangeRule.Percentile => new PercentileRange(),
        RangeRule.Mse => new MseRange(),
        RangeRule.Entropy => new EntropyRange(),
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no range {name}; give one of {string.Join(", ", Enum.GetNames<RangeRule>())}, or a rule of your own."),
    };

    /// <summary>Another of its kind, that has seen nothing: each tensor has one.</summary>
    public abstract RangeObserver New();

    /// <summary>Looks at numbers: all of a weight at once, or what a layer takes in, batch by batch.</summary>
    /// <param name="rows">The numbers, float32, [rows, numbers]: a row for each channel that has a range of its own. They are released after the call.</param>
    public abstract void Observe(Tensor rows);

    /// <summary>The range of each row.</summary>
    /// <param name="grid">The codes that it is laid over.</param>
    /// <returns>The least and the largest number, float32, [rows] each, the caller's.</returns>
    public abstract (Tensor Least, Tensor Most) RangeFor(CodeGrid grid);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>A rule that goes by the least and the largest numbers alone.</summary>
internal abstract class ExtremesRange : RangeObserver
{
    private Tensor? least;
    private Tensor? most;

    /// <summary>How much the numbers of a new batch weigh; null to keep the outermost of all.</summary>
    private protected abstract double? Weight { get; }

    public sealed override void Observe(Tensor rows)
    {
        using var scope = NewDisposeScope();
        var (low, high) = (rows.amin([1L]), rows.amax([1L]));
        Keep(ref least, low, static (old, next) => minimum(old, next));
        Keep(ref most, high, static (old, next) => maximum(old, next));
    }

    public sealed override (Tensor Least, Tensor Most) RangeFor(CodeGrid grid) => (least!.clone(), most!.clone());

    private void Keep(ref Tensor? kept, Tensor next, Func<Tensor, Tensor, Tensor> outermost)
    {
        var value = kept is null ? next : Weight is double weight ? kept + ((next - kept) * weight) : outermost(kept, next);
        kept?.Dispose();
        kept = value.DetachFromDisposeScope();
    }
}

/// <inheritdoc cref="RangeRule.MinMax"/>
internal sealed class MinMaxRange : ExtremesRange
{
    public override string Name => nameof(RangeRule.MinMax);

    private protected override double? Weight => null;

    public override RangeObserver New() => new MinMaxRange();
}

/// <inheritdoc cref="RangeRule.MovingAverage"/>
internal sealed class MovingAverageRange : ExtremesRange
{
    public override string Name => nameof(RangeRule.MovingAverage);

    private protected override double? Weight => 0.01;

    public override RangeObserver New() => new MovingAverageRange();
}
