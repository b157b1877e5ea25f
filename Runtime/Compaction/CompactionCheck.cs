namespace PruneGen;

/// <summary>How a compacted model was compared with the masked one.</summary>
public enum CompactionCheck
{
    /// <summary>Not at all: <see cref="PruneOptions.Verify"/> is off, or there was no sample that the model could be called with.</summary>
    None,

    /// <summary>
    /// It was called once and answered. Its answers are not those of the masked model, because a group is inexact or the model answers at random.
    /// </summary>
    Run,

    /// <summary>It answers as the masked model does.</summary>
    Compared,
}
