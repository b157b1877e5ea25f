namespace PruneGen;

/// <summary>What a compaction removed.</summary>
public sealed class CompactResult : IDisposable
{
    internal CompactResult(IReadOnlyList<GroupChange> groups, IReadOnlyDictionary<string, long[]> kept, ModelCount before, ModelCount after, PruneMask? mask)
    {
        Groups = groups;
        Kept = kept;
        Before = before;
        After = after;
        Mask = mask;
    }

    /// <summary>The width of each group before and after, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<GroupChange> Groups { get; }

    /// <summary>For each group, by name, the indices of the old model that the new one has.</summary>
    public IReadOnlyDictionary<string, long[]> Kept { get; }

    /// <summary>The model before.</summary>
    public ModelCount Before { get; }

    /// <summary>The model now.</summary>
    public ModelCount After { get; }

    /// <inheritdoc cref="PruneReport.PrunedBy"/>
    public IReadOnlyDictionary<string, string> PrunedBy { get; internal init; } = new Dictionary<string, string>();

    /// <summary>The groups that were ranked together, all as one; null where there were none.</summary>
    public PoolChange? Pool { get; internal init; }

    /// <summary>
    /// The masks of single weights that are zero and stay in the model; null where there are none. Whatever trains the model
    /// holds them at zero until this is disposed of, or <see cref="Pruning.ReleaseMasks"/> is called.
    /// </summary>
    public PruneMask? Mask { get; }

    /// <summary>How the compacted model was compared with the masked one.</summary>
    public CompactionCheck Check { get; internal set; } = CompactionCheck.None;

    /// <summary>Lets go of the result alone: what was pruned stays pruned.</summary>
    public void Dispose()
    {
    }
}
