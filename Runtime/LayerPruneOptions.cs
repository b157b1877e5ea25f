namespace PruneGen;

/// <summary>What one layer asks for; whatever it leaves null it takes from the model.</summary>
public sealed record LayerPruneOptions
{
    /// <inheritdoc cref="PruneOptions.Granularity"/>
    public Granularity? Granularity { get; init; }

    /// <inheritdoc cref="PruneOptions.Ratio"/>
    public double? Ratio { get; init; }

    /// <inheritdoc cref="PruneOptions.Criterion"/>
    public Criterion? Criterion { get; init; }

    /// <inheritdoc cref="PruneOptions.Scope"/>
    public Scope? Scope { get; init; }

    /// <summary>Removes whatever scores below this. A layer that gives a ratio and no threshold goes by its ratio, whatever the model says.</summary>
    public double? Threshold { get; init; }

    /// <inheritdoc cref="PruneOptions.MinWidth"/>
    public int? MinWidth { get; init; }

    /// <inheritdoc cref="PruneOptions.RoundTo"/>
    public int? RoundTo { get; init; }

    /// <summary>Whether the layer's outputs keep their full width.</summary>
    public bool? KeepWidth { get; init; }

    /// <summary>These options, with what they leave null taken from others.</summary>
    /// <param name="under">The options underneath; null for none.</param>
    internal LayerPruneOptions Over(LayerPruneOptions? under) => under is null ? this : new()
    {
        Granularity = Granularity ?? under.Granularity,
        Ratio = Ratio ?? under.Ratio,
        Criterion = Criterion ?? under.Criterion,
        Scope = Scope ?? under.Scope,
        Threshold = Threshold ?? (Ratio is null ? under.Threshold : null),
        MinWidth = MinWidth ?? under.MinWidth,
        RoundTo = RoundTo ?? under.RoundTo,
        KeepWidth = KeepWidth ?? under.KeepWidth,
    };

    /// <summary>Checks every value that is given.</summary>
    /// <param name="layer">Whose options these are, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    internal void Validate(string layer)
    {
        Require(Ratio is null or (>= 0 and < 1), nameof(Ratio), Ratio, "give a number from 0 to below 1; 0.5 removes half");
        Require(Threshold is null || double.IsFinite(Threshold.Value), nameof(Threshold), Threshold, "give a finite number, or null to go by the ratio");
        Require(MinWidth is null or >= 1, nameof(MinWidth), MinWidth, "give 1 or more");
        Require(RoundTo is null or >= 1, nameof(RoundTo), RoundTo, "give 1 (no rounding) or more, such as 8");
        RequireDefined(Granularity, nameof(Granularity));
        RequireDefined(Criterion, nameof(Criterion));
        RequireDefined(Scope, nameof(Scope));

        void RequireDefined<TEnum>(TEnum? value, string name)
            where TEnum : struct, Enum =>
            Require(value is null || Enum.IsDefined(value.Value), name, value, "give one of " + string.Join(", ", Enum.GetNames<TEnum>()));

        void Require(bool holds, string name, object? value, string remedy)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} of {layer} is {value}; {remedy}."));
            }
        }
    }
}
