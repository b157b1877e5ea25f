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

    /// <summary>Holds the single weights at zero that were pruned one by one; null where there are none.</summary>
    public PruneMask? Mask { get; }

    /// <summary>Releases the mask.</summary>
    public void Dispose() => Mask?.Dispose();
}
