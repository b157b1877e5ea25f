using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// One thing that there is something to choose for: how many pieces of a group stay or, where a budget limits bits, with how many bits the weights of a layer
/// are kept. What is said of pieces below holds for bits then.
/// </summary>
public abstract class WidthChoice
{
    private Func<long, double>? measured;

    private protected WidthChoice(string name, int number, long count, long denseCount)
    {
        (Name, Number, Count, DenseCount) = (name, number, count, denseCount);
    }

    /// <summary>The group's name; of bits <c>bits of</c> and the layer's path.</summary>
    public string Name { get; }

    /// <summary>Its number among the widths that costs are of: that of the group in the plan; bits follow the groups.</summary>
    public int Number { get; }

    /// <summary>How many pieces there are.</summary>
    public long Count { get; }

    /// <summary>How many the dense original had.</summary>
    public long DenseCount { get; }

    /// <summary>The pieces with their scores; null for bits.</summary>
    public virtual RankedPieces? Pieces => null;

    /// <summary>The fewest pieces that may stay.</summary>
    public abstract long Least { get; }

    /// <summary>How wide the group is with so many pieces; where these differ in size, the largest it may be.</summary>
    public virtual long WidthAt(long kept) => kept;

    /// <summary>The most pieces that it may keep that are no more than a number; where there are none, the fewest.</summary>
    public abstract long AtMost(double count);

    /// <summary>The fewest pieces that it may keep that are no fewer than a number.</summary>
    public abstract long AtLeast(long count);

    /// <summary>The next wider choice; null where it keeps all.</summary>
    public long? Next(long kept) => kept >= Count ? null : AtLeast(kept + 1);

    /// <summary>The next narrower choice; null where it is the narrowest.</summary>
    public long? Previous(long kept) => kept <= Least ? null : AtMost(kept - 1);

    /// <summary>Choices from the narrowest to all, about equally far apart.</summary>
    /// <param name="most">How many at most, 2 or more.</param>
    public virtual long[] Grid(int most)
    {
        var points = (int)Math.Clamp(Count - Least + 1, 2, most);
        return [.. Enumerable.Range(0, points).Select(i => AtLeast((long)Math.Round(Least + ((Count - Least) * (double)i / (points - 1))))).Distinct().Order()];
    }

    /// <summary>The share of the dense original that goes.</summary>
    public double RatioOf(long kept) => (double)(DenseCount - kept) / DenseCount;

    /// <summary>
    /// How much is lost where only so much stays: −S ln(1 − R / S), where S is the sum of the comparable scores of all pieces and R that of those that go.
    /// The first piece that goes costs its score, and the last ones ever more, since nothing passes a layer that is empty. Scores below zero are added as
    /// they are. Or, where it has been measured, by how much the model is worse then.
    /// </summary>
    public double Loss(long kept) => measured is null ? LossByScores(kept) : measured(kept);

    /// <summary>Loses from now on what was measured.</summary>
    internal void LoseBy(Func<long, double> loss) => measured = loss;

    private protected abstract double LossByScores(long kept);
}

/// <summary>What one group may be narrowed to.</summary>
internal sealed class GroupChoice : WidthChoice
{
    private readonly RankedPieces pieces;
    private readonly int roundTo;
    private readonly long[]? widths;
    private double[]? losses;

    public GroupChoice(RankedPieces pieces, int number)
        : base(pieces.Name, number, pieces.Count, pieces.DenseCount)
    {
        (this.pieces, roundTo, Least) = (pieces, pieces.Settings.RoundTo!.Value, pieces.Least);
        if (pieces.PieceOf is { } pieceOf)
        {
            // Which pieces stay is not known here: the largest are what is counted.
            var sizes = pieceOf.GroupBy(piece => piece).Select(piece => (long)piece.Count()).OrderDescending().ToArray();
            widths = new long[sizes.Length + 1];
            for (var i = 0; i < sizes.Length; i++)
            {
                widths[i + 1] = widths[i] + sizes[i];
            }
        }
    }

    public override RankedPieces Pieces => pieces;

    public override long Least { get; }

    public override long WidthAt(long kept) => widths is null ? kept : widths[kept];

    public override long AtMost(double count)
    {
        var whole = KeptWidths.Whole(count);
        return whole >= Count ? Count : Math.Max(Least, whole / roundTo * roundTo);
    }

    public override long AtLeast(long count) => KeptWidths.Rounded(count, Count, pieces.Settings.MinWidth!.Value, roundTo);

    private protected override double LossByScores(long kept)
    {
        if (losses is null)
        {
            double[] scores = [.. pieces.ComparableNumbers.Order()];
            losses = new double[scores.Length + 1];
            var all = scores.Sum(score => Math.Max(0, score));
            var (below, left) = (0.0, all);
            for (var i = 0; i < scores.Length; i++)
            {
                (below, left) = (below + Math.Min(0, scores[i]), left - Math.Max(0, scores[i]));
                var logarithm = i == scores.Length - 1 ? double.PositiveInfinity : -Math.Log(Math.Max(left, double.Epsilon) / all);
                losses[i + 1] = below + (all == 0 ? 0 : all * logarithm);
            }
        }

        return losses[Count - kept];
    }
}

/// <summary>With how many bits the weights of a layer may be kept.</summary>
/// <param name="layer">The layer's path.</param>
/// <param name="number">Its number among the widths.</param>
/// <param name="bits">What there is to choose among, ascending.</param>
internal sealed class BitChoice(string layer, int number, IReadOnlyList<int> bits) : WidthChoice($"bits of {layer}", number, bits[^1], bits[^1])
{
    /// <summary>The layer's path.</summary>
    public string Layer => layer;

    public override long Least => bits[0];

    public override long AtMost(double count) => bits.LastOrDefault(one => one <= count + 1e-9, bits[0]);

    public override long AtLeast(long count) => bits.FirstOrDefault(one => one >= count, bits[^1]);

    public override long[] Grid(int most) => most >= bits.Count ? [.. bits.Select(one => (long)one)]
        : [.. Enumerable.Range(0, most).Select(i => (long)bits[i * (bits.Count - 1) / (most - 1)])];

    /// <summary>What rounding loses is not to be told from scores of channels.</summary>
    private protected override double LossByScores(long kept) => throw new InvalidOperationException(
        $"What {Name} lose is measured, not scored; call FindRatios with an allocator that measures, such as {nameof(Allocator.Greedy)} or "
            + $"{nameof(Allocator.DynamicProgramming)}.");
}
