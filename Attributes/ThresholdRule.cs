namespace PruneGen;

/// <summary>What decides where there is a threshold, and a ratio or a number to keep beside it. One piece stays in any case.</summary>
public enum ThresholdRule
{
    /// <summary>The threshold alone.</summary>
    Alone,

    /// <summary>What stays reaches the threshold and is among the best that the ratio leaves.</summary>
    Both,

    /// <summary>What stays reaches the threshold or is among the best that the ratio leaves.</summary>
    Either,
}
