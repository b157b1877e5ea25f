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

    /// <summary>What <see cref="New"/> gives.</summary>
    /// <exception cref="InvalidOperationException">It gives nothing.</exception>
    internal RangeObserver Another() => New() ?? throw new InvalidOperationException($"{Name}.{nameof(New)} gives null; give another {Name}.");

    /// <summary>What <see cref="RangeFor"/> gives, float32.</summary>
    /// <param name="grid">The codes that it is laid over.</param>
    /// <param name="rows">How many rows there are.</param>
    /// <param name="what">What is quantized, for the message.</param>
    /// <exception cref="InvalidOperationException">It is no finite range of each row.</exception>
    internal (Tensor Least, Tensor Most) Checked(CodeGrid grid, long rows, string what)
    {
        var (least, most) = RangeFor(grid);
        if (least is null || most is null || least.numel() != rows || most.numel() != rows)
        {
            throw new InvalidOperationException(
                $"The range {Name} gives {Numbers(least)} to {Numbers(most)} for {what}, which has {rows} rows; give two numbers for each row.");
        }

        (least, most) = (least.to_type(ScalarType.Float32).reshape(rows), most.to_type(ScalarType.Float32).reshape(rows));
        var (lows, highs) = (least.cpu().data<float>(), most.cpu().data<float>());
        for (var i = 0; i < rows; i++)
        {
            if (!float.IsFinite(lows[i]) || !float.IsFinite(highs[i]) || lows[i] > highs[i])
            {
                throw new InvalidOperationException(
                    FormattableString.Invariant($"The range {Name} gives {lows[i]} to {highs[i]} for {what}; give finite numbers, the least first, ")
                        + "and see that what it has seen is finite.");
            }
        }

        return (least, most);

        static string Numbers(Tensor? range) => range is null ? "null" : $"[{string.Join(", ", range.shape)}]";
    }

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
