using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>
/// What a model or one of its layers may ask for. What is null comes from outside: a layer's from its class, a nested model's from
/// the one that uses it, that of the whole from <see cref="Defaults"/>. A plan has every value filled in.
/// </summary>
public abstract record PruneSettings
{
    /// <summary>What holds where nobody says otherwise: half of every group, by L2 norm, each group for itself.</summary>
    internal static LayerPruneOptions Defaults { get; } = new()
    {
        Granularity = PruneGen.Granularity.Structured,
        Ratio = 0.5,
        Criterion = PruneGen.Criterion.L2,
        Scope = PruneGen.Scope.Local,
        ThresholdRule = PruneGen.ThresholdRule.Alone,
        MinWidth = 1,
        RoundTo = 1,
        KeepWidth = false,
    };

    /// <summary>The same where the project of a model says otherwise.</summary>
    internal static LayerPruneOptions DefaultsOf(IPrunable model) => model.ProjectDefaults?.Over(Defaults) ?? Defaults;

    /// <summary>What is removed as one piece: a name, or a granularity of your own. <see cref="Granularity.Structured"/> by default.</summary>
    [JsonConverter(typeof(GranularityJson))]
    public PruneGranularity? Granularity { get; init; }

    /// <summary>
    /// Share of the dense original that is to be gone, in [0, 1), however many calls it takes: of each group or layer, or of all of them
    /// together with <see cref="Scope.Global"/>. 0.5 by default.
    /// </summary>
    public double? Ratio { get; init; }

    /// <summary>
    /// How many channels of a group, or pieces of a parameter, are to stay, at least 1; it goes before <see cref="Ratio"/>. Null, the default,
    /// means that the ratio decides.
    /// </summary>
    public int? Keep { get; init; }

    /// <summary>How importance is scored: a name, or a criterion of your own. <see cref="Criterion.L2"/> by default.</summary>
    [JsonConverter(typeof(CriterionJson))]
    public ImportanceCriterion? Criterion { get; init; }

    /// <summary>What is ranked together: a name, or a scope of your own. <see cref="Scope.Local"/> by default.</summary>
    [JsonConverter(typeof(ScopeJson))]
    public RankingScope? Scope { get; init; }

    /// <summary>
    /// Removes whatever scores below this, in the criterion's own unit; null, the default, means that the ratio decides. A layer that gives a
    /// ratio and no threshold goes by its ratio, whatever the model says. It holds in every round of a schedule.
    /// </summary>
    public double? Threshold { get; init; }

    /// <summary>
    /// Where whole channels are removed, the magnitude below which single weights of what stays are set to zero, too: weights and neurons in one pass, by a
    /// threshold each (<see cref="Threshold"/>, or the ratio, is that of the channels). At least 0; null, the default, for none. It holds in every
    /// round of a schedule.
    /// </summary>
    public double? WeightThreshold { get; init; }

    /// <summary>
    /// What the ratio, or the number to keep, means beside a threshold. <see cref="ThresholdRule.Alone"/> by default: nothing. A threshold above all scores is
    /// refused whatever this says.
    /// </summary>
    [JsonConverter(typeof(EnumJson<ThresholdRule>))]
    public ThresholdRule? ThresholdRule { get; init; }

    /// <summary>
    /// The smallest width that a group may shrink to, or the fewest pieces that stay of a parameter that is pruned in pieces; at least 1. 1 by default.
    /// </summary>
    public int? MinWidth { get; init; }

    /// <summary>Widths, or numbers of pieces that stay, are rounded up to a multiple of this, at least 1. 1 by default.</summary>
    public int? RoundTo { get; init; }

    /// <summary>
    /// How weights share values, which <c>PruneAndRetrain</c> has them do behind the pruning; null, the default, for not at all. A layer that says so is not
    /// quantized because its class is, and the other way round.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ShareOptions? Share { get; init; }

    /// <summary>How weights and activations are quantized, which <c>PruneAndRetrain</c> does behind the pruning; null, the default, for not at all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public QuantizeOptions? Quantize { get; init; }

    /// <summary>These settings, with what they leave null taken from others.</summary>
    /// <param name="under">The settings underneath; null for none.</param>
    /// <param name="keepWidth">Whether the width is kept.</param>
    private protected LayerPruneOptions Over(PruneSettings? under, bool? keepWidth) => new()
    {
        Granularity = Granularity ?? under?.Granularity,
        Ratio = Ratio ?? under?.Ratio,
        Keep = Keep ?? (Ratio is null ? under?.Keep : null),
        Criterion = Criterion ?? under?.Criterion,
        Scope = Scope ?? under?.Scope,
        Threshold = Threshold ?? (Ratio is null && Keep is null ? under?.Threshold : null),
        WeightThreshold = WeightThreshold ?? (Granularity is WeightGranularity ? null : under?.WeightThreshold),
        ThresholdRule = ThresholdRule ?? under?.ThresholdRule,
        MinWidth = MinWidth ?? under?.MinWidth,
        RoundTo = RoundTo ?? under?.RoundTo,
        KeepWidth = keepWidth,
        Share = Share is not null ? Share.Over(under?.Share) : Quantize is { HasWeights: true } ? null : under?.Share,
        Quantize = Quantize is not null ? Quantize.Over(under?.Quantize)
            : Share is { IsOn: true } ? under?.Quantize is { } quantize ? quantize with { Weights = 0, Tolerance = null } : null
            : under?.Quantize,
    };

    /// <summary>The methods of these settings that were read as JSON and cannot be made from that, with whose they are.</summary>
    /// <param name="owner">Whose settings these are.</param>
    internal IEnumerable<string> Unread(string owner) => new (string Name, object? Method)[]
        {
            (nameof(Granularity), Granularity), (nameof(Criterion), Criterion), (nameof(Scope), Scope), ($"{nameof(Share)}.{nameof(Share.By)}", Share?.By),
            ($"{nameof(Quantize)}.{nameof(Quantize.WeightRange)}", Quantize?.WeightRange),
            ($"{nameof(Quantize)}.{nameof(Quantize.ActivationRange)}", Quantize?.ActivationRange),
            ($"{nameof(Quantize)}.{nameof(Quantize.Rounding)}", Quantize?.Rounding),
        }
        .Where(one => one.Method is IUnread).Select(one => $"the {one.Name} '{one.Method}' of {owner}");

    /// <summary>Whether a ratio, or a number to keep, has a say in how much stays.</summary>
    internal bool HasShare => Threshold is null || ThresholdRule is PruneGen.ThresholdRule.Both or PruneGen.ThresholdRule.Either;

    /// <summary>Checks every value that is given.</summary>
    /// <param name="owner">Whose settings these are, for the message.</param>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    internal void Validate(string owner)
    {
        Require(Ratio is null or (>= 0 and < 1), nameof(Ratio), Ratio, "give a number from 0 to below 1; 0.5 removes half");
        Require(Keep is null or >= 1, nameof(Keep), Keep, "give 1 or more, or null to go by the ratio");
        Require(Threshold is null || double.IsFinite(Threshold.Value), nameof(Threshold), Threshold, "give a finite number, or null to go by the ratio");
        Require(WeightThreshold is null or (>= 0 and < double.PositiveInfinity), nameof(WeightThreshold), WeightThreshold, "give 0 or more, or null for none");
        Require(
            WeightThreshold is null || Granularity is not WeightGranularity, nameof(WeightThreshold), WeightThreshold,
            $"it goes beside whole channels; with {Granularity} give {nameof(Threshold)}");
        Require(
            ThresholdRule is null || Enum.IsDefined(ThresholdRule.Value),
            nameof(ThresholdRule),
            ThresholdRule,
            "give one of " + string.Join(", ", Enum.GetNames<ThresholdRule>()));
        Require(MinWidth is null or >= 1, nameof(MinWidth), MinWidth, "give 1 or more");
        Require(RoundTo is null or >= 1, nameof(RoundTo), RoundTo, "give 1 (no rounding) or more, such as 8");

        Share?.Validate(owner);
        Quantize?.Validate(owner);
        Require(
            Share is not { IsOn: true } || Quantize is not { HasWeights: true }, nameof(Share), "given beside Quantize",
            "a weight is either shared or quantized; give Quantize with Weights = 0 for activations alone");

        void Require(bool holds, string name, object? value, string remedy)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} of {owner} is {value}; {remedy}."));
            }
        }
    }
}
