using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>What is known of a model beyond what its modules tell. It hangs on the model, and goes when the model goes.</summary>
internal sealed class PruneState
{
    private static readonly ConditionalWeakTable<nn.Module, PruneState> States = [];

    /// <summary>The shapes that the model was last linked with, for whoever links it without, as saving does; none where none were given.</summary>
    public long[][] InputShapes { get; set; } = [];

    /// <summary>Which features of the dense model's inputs it takes, where some have gone.</summary>
    public IReadOnlyList<InputFeatures> Inputs { get; set; } = [];

    /// <summary>A number for the order that its channels are in: one more each time they are put in another. A plan of another number is of the past.</summary>
    public int Order { get; set; }

    /// <summary>What the model was last pruned by; null for what its attributes say.</summary>
    public PruneOptions? Options { get; set; }

    /// <summary>What its last pruning run came to; null where there was none.</summary>
    public PruneReport? Report { get; set; }

    /// <summary>What the runs before the last came to, the oldest first.</summary>
    public IReadOnlyList<PruneReport> EarlierReports { get; set; } = [];

    /// <summary>The model before anything of it was removed; null as long as nothing was.</summary>
    public DenseReference? Dense { get; private set; }

    /// <summary>The state of a model.</summary>
    public static PruneState Of(nn.Module model) => States.GetOrCreateValue(model);

    /// <summary>Remembers the widths that a model has before anything of it is removed for the first time.</summary>
    /// <param name="plan">The model as it still is.</param>
    /// <param name="count">Its size and cost.</param>
    public void Compacting(PruningPlan plan, ModelCount count) => Dense ??= new DenseReference(
        plan.Groups.ToDictionary(group => group.Name, group => group.Width, StringComparer.Ordinal),
        plan.Parameters.DistinctBy(parameter => parameter.Path)
            .ToDictionary(parameter => parameter.Path, parameter => parameter.DenseSize, StringComparer.Ordinal),
        count);

    /// <summary>How long it takes at any widths; null where that was not measured yet.</summary>
    public LatencyTable? Latency { get; set; }

    /// <summary>Remembers that features of inputs have gone.</summary>
    /// <param name="found">The dimensions, with what is in use of what came in until now.</param>
    public void NarrowInputs(IReadOnlyList<InputFeatures> found)
    {
        InputShapes = [.. InputShapes.Select((shape, position) => shape.Select((size, dim) =>
            found.FirstOrDefault(one => one.Position == position && one.Dim == dim)?.InUse.Count ?? size).ToArray())];
        var earlier = Inputs.ToDictionary(one => one.Group, StringComparer.Ordinal);
        foreach (var one in found)
        {
            earlier[one.Group] = earlier.TryGetValue(one.Group, out var before)
                ? before with { InUse = [.. one.InUse.Select(feature => before.InUse[(int)feature])] }
                : one;
        }

        Inputs = [.. earlier.Values.OrderBy(one => one.Position).ThenBy(one => one.Dim)];
    }

    /// <summary>What puts back what is known now, for whoever removes something only to try it.</summary>
    public Action Remember()
    {
        var (dense, report, options) = (Dense, Report, Options);
        return () => (Dense, Report, Options) = (dense, report, options);
    }

    /// <summary>Remembers a pruning run that has come to its end.</summary>
    /// <param name="options">What it pruned by.</param>
    /// <param name="report">What it came to.</param>
    /// <param name="last">The report of the run before, as it was before this one removed anything.</param>
    public void Ran(PruneOptions options, PruneReport report, PruneReport? last)
    {
        EarlierReports = last is null ? EarlierReports : [.. EarlierReports, last];
        (Options, Report) = (options, report);
    }

    /// <summary>Keeps the report true once more has been removed than the run that it tells of did.</summary>
    /// <param name="result">What was removed since.</param>
    public void Compacted(CompactResult result) => Report = Report?.CompactedSince(result);
}

/// <summary>What a model was before anything of it was removed: what ratios are shares of.</summary>
/// <param name="Widths">The width of each group, by name.</param>
/// <param name="Sizes">The number of elements of each parameter and buffer, by path.</param>
/// <param name="Count">Its size and cost.</param>
internal sealed record DenseReference(IReadOnlyDictionary<string, long> Widths, IReadOnlyDictionary<string, long> Sizes, ModelCount Count);
