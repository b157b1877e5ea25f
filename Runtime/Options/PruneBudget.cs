namespace PruneGen;

/// <summary>
/// What a pruned model may cost at most: what <see cref="BudgetAttribute"/> says. Several limits hold at once. A share is one of the dense original, above 0
/// and up to 1; a number that begins with <c>Max</c> is absolute; of one cost give one of them.
/// </summary>
public sealed record PruneBudget
{
    /// <summary>The share of the multiply-accumulates that may stay; null for no limit.</summary>
    public double? Macs { get; init; }

    /// <summary>The multiply-accumulates of a sample that may stay; null for no limit.</summary>
    public long? MaxMacs { get; init; }

    /// <summary>The share of the trained parameters that may stay; null for no limit.</summary>
    public double? Parameters { get; init; }

    /// <summary>How many trained parameters may stay; null for no limit.</summary>
    public long? MaxParameters { get; init; }

    /// <summary>The share of the bytes of parameters and buffers that may stay; null for no limit.</summary>
    public double? Bytes { get; init; }

    /// <summary>How many bytes of parameters and buffers may stay; null for no limit.</summary>
    public long? MaxBytes { get; init; }

    /// <summary>The share of the time of a forward pass on this machine that may stay; null for no limit.</summary>
    public double? Latency { get; init; }

    /// <summary>The milliseconds that a forward pass may take on this machine; null for no limit.</summary>
    public double? MaxLatency { get; init; }

    /// <summary>Samples in the pass whose latency counts, at least 1. 1 by default.</summary>
    public int LatencyBatchSize { get; init; } = 1;

    /// <summary>The file that the measured latencies of single layers are kept in; null, the default, to measure them in each process anew.</summary>
    public string? LatencyFile { get; init; }

    /// <summary>
    /// The share of the bit operations that may stay, those of the dense original with 32 bits of both operands: multiply-accumulates of a sample, each times
    /// the bits of its weight and those of what it is multiplied with. Widths and the bits of each layer, 2, 4, 6 or 8, are then found together, by
    /// <c>FindRatios</c>. Null for no limit.
    /// </summary>
    public double? BitOperations { get; init; }

    /// <summary>How many bit operations of a sample may stay; null for no limit.</summary>
    public long? MaxBitOperations { get; init; }

    /// <summary>
    /// The share of the bytes of parameters and buffers that may stay in a file, each weight with the bits of its layer, and before they are coded shorter.
    /// Widths and bits are then found together, by <c>FindRatios</c>. Null for no limit.
    /// </summary>
    public double? StoredBytes { get; init; }

    /// <summary>How many bytes parameters and buffers may take in a file; null for no limit.</summary>
    public long? MaxStoredBytes { get; init; }

    /// <summary>
    /// By how much the error on the test data (the loss, where targets are no classes) may rise, at least 0; 0.005 is half a point. As much is then pruned as
    /// that allows, step by step with retraining in between, down to the other limits. Null for no limit.
    /// </summary>
    public double? MaxErrorIncrease { get; init; }

    /// <summary>Whether anything is limited that the widths alone tell.</summary>
    internal bool LimitsWidths => LimitsBits || this is not
        { Macs: null, MaxMacs: null, Parameters: null, MaxParameters: null, Bytes: null, MaxBytes: null, Latency: null, MaxLatency: null };

    /// <summary>Whether anything is limited that the bits of weights tell with the widths.</summary>
    internal bool LimitsBits => this is not { BitOperations: null, MaxBitOperations: null, StoredBytes: null, MaxStoredBytes: null };

    /// <summary>Whether the time of a forward pass is limited.</summary>
    internal bool LimitsLatency => Latency is not null || MaxLatency is not null;

    /// <summary>Checks every value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is outside its range.</exception>
    /// <exception cref="ArgumentException">Nothing is limited, one cost by a share and absolutely, or bits beside the error.</exception>
    public void Validate()
    {
        Share(Macs, MaxMacs, nameof(Macs));
        Share(Parameters, MaxParameters, nameof(Parameters));
        Share(Bytes, MaxBytes, nameof(Bytes));
        Share(Latency, MaxLatency, nameof(Latency));
        Share(BitOperations, MaxBitOperations, nameof(BitOperations));
        Share(StoredBytes, MaxStoredBytes, nameof(StoredBytes));
        Require(MaxErrorIncrease is null or (>= 0 and < double.PositiveInfinity), nameof(MaxErrorIncrease), MaxErrorIncrease, "give 0 or more, such as 0.005");
        Require(LatencyBatchSize >= 1, nameof(LatencyBatchSize), LatencyBatchSize, "give 1 or more");
        Require(LatencyFile != "", nameof(LatencyFile), "an empty text", "give a path, or null for none");
        if (!LimitsWidths && MaxErrorIncrease is null)
        {
            throw new ArgumentException(
                $"The budget limits nothing; give {nameof(Macs)}, {nameof(Parameters)}, {nameof(Bytes)}, {nameof(Latency)}, {nameof(BitOperations)}, "
                    + $"{nameof(StoredBytes)}, one of them with Max before it, or {nameof(MaxErrorIncrease)}.");
        }

        if (LimitsBits && MaxErrorIncrease is not null)
        {
            throw new ArgumentException(
                $"The budget limits bits and {nameof(MaxErrorIncrease)}, which is kept to by pruning step by step, without bits; give one of them.");
        }

        static void Share(double? share, double? most, string name)
        {
            Require(share is null or (> 0 and <= 1), name, share, $"give a share above 0 and up to 1, such as 0.3, or Max{name} for a number");
            Require(most is null or (> 0 and < double.PositiveInfinity), "Max" + name, most, "give a number above 0");
            if (share is not null && most is not null)
            {
                throw new ArgumentException($"The budget has both {name} and Max{name}; give a share of the dense original or a number, not both.");
            }
        }

        static void Require(bool holds, string name, object? value, string remedy)
        {
            if (!holds)
            {
                throw new ArgumentOutOfRangeException(name, value, FormattableString.Invariant($"{name} of the budget is {value}; {remedy}."));
            }
        }
    }
}
