namespace PruneGen;

/// <summary>What is removed as one piece.</summary>
public enum Granularity
{
    /// <summary>Single weights are set to zero and held there; shapes stay.</summary>
    Unstructured,

    /// <summary>Whole channels, neurons or features are removed, and every layer that they touch becomes smaller.</summary>
    Structured,
}
