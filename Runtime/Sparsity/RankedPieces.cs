using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>The pieces of one group, or of one parameter, that are ranked: channels, single weights, or what a granularity makes of them.</summary>
public sealed class RankedPieces
{
    private readonly PruningPlan? plan;
    private readonly double[]? numbers;
    private readonly bool isOnOneScale;
    private Tensor? scores;

    /// <summary>Channels of a group.</summary>
    internal RankedPieces(PruningPlan plan, PruningGroup group, double[] numbers, IReadOnlyList<int>? pieceOf, bool isOnOneScale)
    {
        this.plan = plan;
        (Group, Name, Settings, Count, PieceOf) = (group, group.Name, group.Settings, numbers.LongLength, pieceOf);
        DenseCount = pieceOf is null ? group.DenseWidth : (long)Math.Round((double)Count * group.DenseWidth / group.Width);
        Ratio = Settings.Ratio!.Value;
        this.numbers = numbers;
        this.isOnOneScale = isOnOneScale;
    }

    /// <summary>Weights of a parameter.</summary>
    internal RankedPieces(PlannedParameter weight, LayerPruneOptions settings, Tensor scores)
    {
        (Weight, Name, Settings, Count) = (weight, weight.Path, settings, scores.numel());
        var size = weight.Shape.Aggregate(1L, (n, length) => n * length);
        DenseCount = size == 0 ? Count : (long)Math.Round((double)Count * weight.DenseSize / size);
        Ratio = Settings.Ratio!.Value;
        this.scores = scores;
        isOnOneScale = true;
    }

    /// <summary>The group's name, or the parameter's path.</summary>
    public string Name { get; }

    /// <summary>The group that the pieces are channels of; null where they are weights.</summary>
    public PruningGroup? Group { get; }

    /// <summary>The parameter that the pieces are weights of; null where they are channels.</summary>
    public PlannedParameter? Weight { get; }

    /// <summary>What the annotations and options ask for, with every value filled in.</summary>
    public LayerPruneOptions Settings { get; }

    /// <summary>How many pieces there are.</summary>
    public long Count { get; }

    /// <summary>How many the dense original had.</summary>
    public long DenseCount { get; }

    /// <summary>The share of the dense original that is to be gone.</summary>
    public double Ratio { get; internal set; }

    /// <summary>Whether the ratio was found within a budget, which no scope may then divide otherwise.</summary>
    internal bool IsWithinBudget { get; set; }

    /// <summary>One score a piece, a vector; the lowest go first. Weights that are held at zero already score minus infinity.</summary>
    public Tensor Scores => scores ??= tensor(numbers!);

    /// <summary>The fewest pieces that may stay: the smallest width, rounded up to the multiple.</summary>
    public long Least => KeptWidths.Rounded(1, Count, Settings.MinWidth!.Value, Settings.RoundTo!.Value);

    /// <summary>The scores on a scale that pieces of other groups may be ranked against, as float64.</summary>
    public Tensor Comparable
    {
        get
        {
            var values = Scores.to_type(ScalarType.Float64);
            var norm = isOnOneScale ? 1 : values.square().sum().sqrt().item<double>();
            return norm > 0 ? values / norm : values;
        }
    }

    /// <summary>
    /// How many multiply-accumulates of a sample one piece costs at the present widths, on average over the group; null for weights, whose zeros dense
    /// kernels compute with, and where the input's shape is not known.
    /// </summary>
    public double? Macs => PerPiece(width => plan!.Macs(width));

    /// <summary>How many parameters go with one piece at the present widths, on average over the group.</summary>
    public double Parameters => Weight is not null ? (double)Weight.Shape.Aggregate(1L, (n, size) => n * size) / Count
        : PerPiece(width => plan!.ParameterCount(width))!.Value;

    /// <summary>The scores of channels as they came, without a tensor.</summary>
    internal double[]? Numbers => numbers;

    /// <summary>The same on the scale of <see cref="Comparable"/>, for channels alone.</summary>
    internal double[] ComparableNumbers
    {
        get
        {
            var norm = isOnOneScale ? 1 : Math.Sqrt(numbers!.Sum(score => score * score));
            return norm > 0 ? Array.ConvertAll(numbers!, score => score / norm) : numbers!;
        }
    }

    /// <summary>Which piece each channel belongs to; null where each is one.</summary>
    internal IReadOnlyList<int>? PieceOf { get; }

    /// <summary>How many stay at the ratio of these pieces alone.</summary>
    internal long KeptAtRatio => DenseCount - KeptWidths.Removed(DenseCount, Ratio);

    /// <summary>What a count loses with one channel of the group, times the channels of a piece.</summary>
    private double? PerPiece(Func<Func<PruningGroup, long>, long?> count) => Group is not { Width: > 0 } group ? null
        : count(one => one.Width) - count(one => one == group ? one.Width - 1 : one.Width) is long difference
            ? difference * ((double)group.Width / Count)
            : null;
}
