namespace PruneGen;

/// <summary>
/// What the pruned model may cost at most, on the class of the model that is pruned: then the ratios of its layers are found, and not given. Several limits
/// hold at once. A share is one of the dense original, above 0 and up to 1; a number that begins with <c>Max</c> is absolute; of one cost give one of
/// them. A layer that gives a ratio, a number to keep or a threshold itself keeps to that.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class BudgetAttribute : Attribute
{
    /// <summary>The share of the multiply-accumulates that may stay; <see cref="double.NaN"/>, the default, for no limit.</summary>
    public double Macs { get; set; } = double.NaN;

    /// <summary>The multiply-accumulates of a sample that may stay; 0, the default, for no limit.</summary>
    public long MaxMacs { get; set; }

    /// <summary>The share of the trained parameters that may stay; <see cref="double.NaN"/>, the default, for no limit.</summary>
    public double Parameters { get; set; } = double.NaN;

    /// <summary>How many trained parameters may stay; 0, the default, for no limit.</summary>
    public long MaxParameters { get; set; }

    /// <summary>The share of the bytes of parameters and buffers that may stay; <see cref="double.NaN"/>, the default, for no limit.</summary>
    public double Bytes { get; set; } = double.NaN;

    /// <summary>How many bytes of parameters and buffers may stay; 0, the default, for no limit.</summary>
    public long MaxBytes { get; set; }

    /// <summary>The share of the time of a forward pass on this machine that may stay; <see cref="double.NaN"/>, the default, for no limit.</summary>
    public double Latency { get; set; } = double.NaN;

    /// <summary>The milliseconds that a forward pass may take on this machine; <see cref="double.NaN"/>, the default, for no limit.</summary>
    public double MaxLatency { get; set; } = double.NaN;

    /// <summary>Samples in the pass whose latency counts, at least 1. 1 by default.</summary>
    public int LatencyBatchSize { get; set; } = 1;

    /// <summary>The file that the measured latencies of single layers are kept in; null, the default, to measure them in each process anew.</summary>
    public string? LatencyFile { get; set; }

    /// <summary>
    /// The share of the bit operations that may stay, those of the dense original with 32 bits of both operands: multiply-accumulates of a sample, each times
    /// the bits of its weight and those of what it is multiplied with. Widths and the bits of each layer, 2, 4, 6 or 8, are then found together, by
    /// <c>FindRatios</c>. <see cref="double.NaN"/>, the default, for no limit.
    /// </summary>
    public double BitOperations { get; set; } = double.NaN;

    /// <summary>How many bit operations of a sample may stay; 0, the default, for no limit.</summary>
    public long MaxBitOperations { get; set; }

    /// <summary>
    /// The share of the bytes of parameters and buffers that may stay in a file, each weight with the bits of its layer, and before they are coded shorter.
    /// Widths and bits are then found together, by <c>FindRatios</c>. <see cref="double.NaN"/>, the default, for no limit.
    /// </summary>
    public double StoredBytes { get; set; } = double.NaN;

    /// <summary>How many bytes parameters and buffers may take in a file; 0, the default, for no limit.</summary>
    public long MaxStoredBytes { get; set; }

    /// <summary>
    /// By how much the error on the test data (the loss, where targets are no classes) may rise, at least 0; 0.005 is half a point. As much is then pruned as
    /// that allows, step by step with retraining in between. <see cref="double.NaN"/>, the default, for no limit.
    /// </summary>
    public double MaxErrorIncrease { get; set; } = double.NaN;
}

/// <summary>The ways to divide a budget among layers.</summary>
public enum Allocator
{
    /// <summary>What the scope says: <see cref="Uniform"/> where each group is ranked by itself, else <see cref="Global"/>.</summary>
    ByScope,

    /// <summary>Every group keeps the same share.</summary>
    Uniform,

    /// <summary>All channels are ranked together, by importance or by importance for its cost as the scope says; the lowest go.</summary>
    Global,

    /// <summary>Again and again what loses the least importance for what it saves, in real costs at the widths so far.</summary>
    Greedy,

    /// <summary>The choice among a few widths of each group that loses the least in all, by dynamic programming.</summary>
    DynamicProgramming,

    /// <summary>Each group as much as costs the same error, by measured curves. Evaluates.</summary>
    Sensitivity,

    /// <summary>The best of widths drawn at random within the budget: what every search is to beat. Evaluates.</summary>
    RandomSearch,

    /// <summary>Simulated annealing (Liu et al., "AutoCompress", 2020). Evaluates.</summary>
    Annealing,

    /// <summary>A genetic algorithm: tournaments, uniform crossover, mutation by a step. Evaluates.</summary>
    Genetic,

    /// <summary>NSGA-II (Deb et al., 2002): the front of error against cost; the best on it is taken. Evaluates.</summary>
    NonDominatedSorting,

    /// <summary>A probability for each channel, learnt by back-propagation with the weights as they are. Trains.</summary>
    LearnedMasks,

    /// <summary>Reinforcement learning, layer by layer (He et al., "AMC: AutoML for Model Compression", 2018). Evaluates.</summary>
    Reinforcement,
}
