using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What is ranked together. For one of your own derive from this, and give it as <see cref="PruneSettings.Scope"/>, or its type as
/// <c>[Prunable(ScopeType = typeof(Mine))]</c>. Channels and weights are never ranked together, nor what has different scopes.
/// </summary>
public abstract class RankingScope
{
    /// <summary>What reports and messages call it.</summary>
    public virtual string Name => GetType().Name;

    /// <summary>Whether the ratio is one of all together, so that a single group may lose more or less than it.</summary>
    public virtual bool IsShared => true;

    /// <summary>The scope of a name.</summary>
    public static implicit operator RankingScope(Scope name) => Of(name);

    /// <summary>The scope of a name.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is none.</exception>
    public static RankingScope Of(Scope name) => name switch
    {
        PruneGen.Scope.Local => LocalScope.Instance,
        PruneGen.Scope.Global => GlobalScope.Instance,
        PruneGen.Scope.Isomorphic => IsomorphicScope.Instance,
        PruneGen.Scope.GlobalByMacs => GlobalScope.ByMacs,
        PruneGen.Scope.GlobalByParameters => GlobalScope.ByParameters,
        _ => throw new ArgumentOutOfRangeException(
            nameof(name), name, $"There is no scope {name}; give one of {string.Join(", ", Enum.GetNames<Scope>())}, or one of your own."),
    };

    /// <summary>How many pieces of each group or parameter stay; which ones do is what their scores say.</summary>
    /// <param name="pieces">The groups, or the parameters, that have this scope and go by a ratio.</param>
    /// <returns>One number for each. It is then rounded up as <c>MinWidth</c> and <c>RoundTo</c> ask, and never above what there is.</returns>
    public abstract IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces);

    /// <inheritdoc/>
    public sealed override string ToString() => Name;
}

/// <summary>Each group by itself: <see cref="Scope.Local"/>.</summary>
internal sealed class LocalScope : RankingScope
{
    private LocalScope()
    {
    }

    public static LocalScope Instance { get; } = new();

    public override string Name => nameof(PruneGen.Scope.Local);

    public override bool IsShared => false;

    public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces) => [.. pieces.Select(one => one.KeptAtRatio)];
}

/// <summary>All together, by importance or by importance for its cost: <see cref="Scope.Global"/> and its like.</summary>
internal sealed class GlobalScope : RankingScope
{
    private readonly string name;
    private readonly Func<RankedPieces, double> cost;

    private GlobalScope(Scope name, Func<RankedPieces, double> cost) => (this.name, this.cost) = (name.ToString(), cost);

    public static GlobalScope Instance { get; } = new(PruneGen.Scope.Global, _ => 1);

    public static GlobalScope ByMacs { get; } = new(PruneGen.Scope.GlobalByMacs, Macs);

    public static GlobalScope ByParameters { get; } = new(PruneGen.Scope.GlobalByParameters, pieces => pieces.Parameters);

    public override string Name => name;

    /// <summary>What a score is divided by before it is ranked.</summary>
    public double CostOf(RankedPieces pieces) => cost(pieces);

    public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces)
    {
        // What a group must keep for its smallest width or multiple is not taken from the others instead, and what has gone already counts.
        var budget = KeptWidths.Whole(
            pieces.Sum(one => Math.Min(one.DenseCount * one.Ratio, one.DenseCount - one.Least)) - pieces.Sum(one => one.DenseCount - one.Count));
        var flat = cat([.. pieces.Select(one => WithBestOutOfReach(one, cost(one)))]);
        var kept = Selection.KeepBest(flat, Math.Clamp(budget, 0, flat.numel() - pieces.Sum(one => one.Least)));
        var counts = new long[pieces.Count];
        for (var (i, start) = (0, 0L); i < counts.Length; start += pieces[i++].Count)
        {
            counts[i] = kept.narrow(0, start, pieces[i].Count).sum().item<long>();
        }

        return counts;
    }

    /// <summary>The scores for their cost, with the best ones at infinity, so that no group is emptied.</summary>
    private static Tensor WithBestOutOfReach(RankedPieces pieces, double cost)
    {
        // Weights are on one scale; those that cost no more than others are ranked as they are.
        var asTheyAre = pieces.Weight is not null && cost <= 1 && pieces.Scores.dtype == ScalarType.Float32;
        var scores = asTheyAre ? pieces.Scores.clone() : pieces.Comparable / Math.Max(cost, 1);
        return scores.index_fill_(0, pieces.Least == 1 ? scores.argmax().reshape(1) : scores.topk((int)pieces.Least).indexes, double.PositiveInfinity);
    }

    private static double Macs(RankedPieces pieces) => pieces.Macs ?? throw new InvalidOperationException(
        pieces.Weight is null
            ? $"What {pieces.Name} costs in multiply-accumulates is not known, since no shape of the input was given; give data or an input shape, or choose "
                + "GlobalByParameters."
            : $"Weights of {pieces.Name} that are zero cost as many multiply-accumulates as others; choose Global or GlobalByParameters for single weights.");
}

/// <summary>Groups of one structure together: <see cref="Scope.Isomorphic"/>.</summary>
internal sealed class IsomorphicScope : RankingScope
{
    private IsomorphicScope()
    {
    }

    public static IsomorphicScope Instance { get; } = new();

    public override string Name => nameof(PruneGen.Scope.Isomorphic);

    public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces)
    {
        var counts = new Dictionary<RankedPieces, long>(ReferenceEqualityComparer.Instance);
        foreach (var alike in pieces.GroupBy(Structure).Select(alike => alike.ToList()))
        {
            foreach (var (one, count) in alike.Zip(GlobalScope.Instance.Keep(alike)))
            {
                counts.Add(one, count);
            }
        }

        return [.. pieces.Select(one => counts[one])];
    }

    /// <summary>By layers of which types a group is made, passed on and read, and in which dimensions; of a weight the type of its layer.</summary>
    private static string Structure(RankedPieces pieces) => pieces.Group is { } group
        ? string.Join("; ", group.Members.Select(member => $"{member.Parameter.Layer.Type}.{member.Parameter.Name}[{member.Dim}] {member.Role}").Order())
        : $"{pieces.Weight!.Layer.Type}.{pieces.Weight.Name}";
}
