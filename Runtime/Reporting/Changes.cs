using System.Text.Json.Serialization;

namespace PruneGen;

/// <summary>A number before pruning and after.</summary>
/// <param name="Before">Of the dense model.</param>
/// <param name="After">Of the pruned one.</param>
public sealed record Change(long Before, long After);

/// <summary>The width of a group before pruning and after.</summary>
/// <param name="Name">The group's name.</param>
/// <param name="Before">Its width before.</param>
/// <param name="After">Its width in the pruned one.</param>
/// <param name="Asked">The share of the dense original to be gone that its options ask for; null where a threshold, a number or all groups
/// together decide, or single weights are pruned.</param>
public sealed record GroupChange(string Name, long Before, long After, double? Asked = null)
{
    /// <summary>Its width in the dense original: that before, unless something had been removed already.</summary>
    public long Dense { get; init; } = Before;

    /// <summary>
    /// The share of the dense original that is gone: less than asked for where that is no whole number of channels, or <c>MinWidth</c> and
    /// <c>RoundTo</c> keep more.
    /// </summary>
    [JsonIgnore]
    public double Removed => Dense > 0 ? 1 - ((double)After / Dense) : 0;

    /// <summary>Whether less was removed than was asked for.</summary>
    [JsonIgnore]
    public bool IsShort => Asked - Removed > 1e-9;
}

/// <summary>The groups that are ranked together, all as one.</summary>
/// <param name="Before">The sum of their widths before.</param>
/// <param name="After">The sum in the pruned one.</param>
/// <param name="Asked">The share of the dense original to be gone that the options ask for.</param>
public sealed record PoolChange(long Before, long After, double Asked)
{
    /// <summary>The sum of their widths in the dense original.</summary>
    public long Dense { get; init; } = Before;

    /// <summary>The share of the dense original that is gone.</summary>
    [JsonIgnore]
    public double Removed => 1 - ((double)After / Dense);

    /// <summary>Whether less was removed than was asked for, because smallest widths and multiples keep more.</summary>
    [JsonIgnore]
    public bool IsShort => Asked - Removed > 1e-9;
}

/// <summary>The measured time of a forward pass before pruning and after.</summary>
/// <param name="Before">Of the dense model.</param>
/// <param name="After">Of the pruned one, at the same batch size.</param>
public sealed record LatencyChange(Latency Before, Latency After)
{
    /// <summary>Whether the two differ by more than their measurements scatter: half of the one's lie beyond half of the other's.</summary>
    [JsonIgnore]
    public bool IsClear => Before.LowerQuartile > After.UpperQuartile || After.LowerQuartile > Before.UpperQuartile;
}
