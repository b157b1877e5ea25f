namespace PruneGen;

/// <summary>
/// Asks for a TorchSharp model to be pruned. On a class it is the default for every layer of the class and makes
/// PruneGen generate its pruning code; on a field or property it overrides that default for one layer. What an
/// attribute on a layer leaves out, it takes from the class.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Field | AttributeTargets.Property)]
public sealed class PrunableAttribute : Attribute
{
    /// <summary>Asks for pruning at the given granularity.</summary>
    public PrunableAttribute(Granularity granularity = Granularity.Structured)
    {
        Granularity = granularity;
    }

    /// <summary>What is removed as one piece.</summary>
    public Granularity Granularity { get; }

    /// <summary>
    /// The numbers of the named granularity, where it takes any: N and M, rows and columns, how many patterns. Those that it has by default without.
    /// </summary>
    public int[] Sizes { get; set; } = [];

    /// <summary>A granularity of your own, which goes before the named one: it derives from <c>PruneGranularity</c> and needs no arguments.</summary>
    public Type? GranularityType { get; set; }

    /// <summary>
    /// Share of the dense original of each group (or, with <see cref="Scope.Global"/>, of all) that is to be gone, in [0, 1). 0.5 by default.
    /// </summary>
    public double Ratio { get; set; } = 0.5;

    /// <summary>
    /// How many channels, or pieces of a parameter, are to stay, at least 1, instead of a ratio; 0, the default, means that the ratio decides.
    /// </summary>
    public int Keep { get; set; }

    /// <summary>How importance is scored. <see cref="Criterion.L2"/> by default.</summary>
    public Criterion Criterion { get; set; } = Criterion.L2;

    /// <summary>A criterion of your own, which goes before the named one: it derives from <c>ImportanceCriterion</c> and needs no arguments.</summary>
    public Type? CriterionType { get; set; }

    /// <summary>What the ratio is counted over. <see cref="Scope.Local"/> by default.</summary>
    public Scope Scope { get; set; } = Scope.Local;

    /// <summary>A scope of your own, which goes before the named one: it derives from <c>RankingScope</c> and needs no arguments.</summary>
    public Type? ScopeType { get; set; }

    /// <summary>
    /// How the budget that <see cref="BudgetAttribute"/> gives is divided among layers, on the class of the model that is pruned.
    /// <see cref="Allocator.ByScope"/> by default.
    /// </summary>
    public Allocator Allocator { get; set; }

    /// <summary>
    /// What decides how much each layer loses, on the class of the model that is pruned: it derives from <c>RatioAllocator</c> and needs no arguments.
    /// It goes before the named one.
    /// </summary>
    public Type? AllocatorType { get; set; }

    /// <summary>
    /// In which rounds the ratio is reached, on the class of the model that is pruned: it derives from <c>PruneSchedule</c> and needs no arguments.
    /// </summary>
    public Type? ScheduleType { get; set; }

    /// <summary>How the ratio is reached, on the class of the model that is pruned. <see cref="SparsitySchedule.Linear"/> by default.</summary>
    public SparsitySchedule Schedule { get; set; }

    /// <summary>
    /// In how many rounds of pruning and retraining the ratio is reached, on the class of the model that is pruned; while it is trained, in how many
    /// updates. 1 by default, 20 for <see cref="SparsitySchedule.Gradual"/>.
    /// </summary>
    public int Rounds { get; set; } = 1;

    /// <summary>
    /// With <see cref="SparsitySchedule.ShallowToDeep"/>, by how much the error on the test data (the loss, where targets are no classes) may rise: a step
    /// beyond it is undone, and the next layer's turn comes. At least 0; <see cref="double.NaN"/>, the default, for no limit.
    /// </summary>
    public double ErrorBudget { get; set; } = double.NaN;

    /// <summary>How many samples the criteria that need data score by, on the class of the model that is pruned. 1,024 by default.</summary>
    public int ScoringSamples { get; set; } = 1024;

    /// <summary>Whether latency is measured before and after, on the class of the model that is pruned. True by default.</summary>
    public bool MeasureLatency { get; set; } = true;

    /// <summary>Removes whatever scores below this instead of a ratio; <see cref="double.NaN"/>, the default, means that the ratio decides.</summary>
    public double Threshold { get; set; } = double.NaN;

    /// <summary>
    /// Where whole channels are removed, also sets single weights of what stays to zero whose magnitude is below this, at least 0: weights and neurons in one
    /// pass, by a threshold each. <see cref="double.NaN"/>, the default, for none.
    /// </summary>
    public double WeightThreshold { get; set; } = double.NaN;

    /// <summary>What a ratio, or a number to keep, means beside a threshold. <see cref="ThresholdRule.Alone"/> by default: nothing.</summary>
    public ThresholdRule ThresholdRule { get; set; }

    /// <summary>The smallest width that a group may shrink to, at least 1. 1 by default.</summary>
    public int MinWidth { get; set; } = 1;

    /// <summary>Widths are rounded up to a multiple of this (8 suits tensor cores and SIMD). 1 by default.</summary>
    public int RoundTo { get; set; } = 1;

    /// <summary>
    /// Whether the compacted model is compared with the masked one before it takes its place, where there is data or an input shape for
    /// that; on the class of the model that is pruned. True by default.
    /// </summary>
    public bool Verify { get; set; } = true;
}
