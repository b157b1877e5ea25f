namespace PruneGen;

/// <summary>What the ratio is counted over.</summary>
public enum Scope
{
    /// <summary>Each group loses the ratio of its own width.</summary>
    Local,

    /// <summary>All groups are ranked together; the ratio is of the sum of their widths.</summary>
    Global,
}
