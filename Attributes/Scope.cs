namespace PruneGen;

/// <summary>What the ratio is counted over.</summary>
public enum Scope
{
    /// <summary>Each group loses the ratio of its own width.</summary>
    Local,

    /// <summary>All groups are ranked together; the ratio is of the sum of their widths.</summary>
    Global,

    /// <summary>
    /// Groups of one structure are ranked together, made and read by layers of the same types in the same ways (Fang et al., "Isomorphic Pruning", 2024).
    /// </summary>
    Isomorphic,

    /// <summary>As <see cref="Global"/>, by importance for each multiply-accumulate that a channel costs.</summary>
    GlobalByMacs,

    /// <summary>As <see cref="Global"/>, by importance for each parameter that goes with a channel.</summary>
    GlobalByParameters,
}
