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

/// <summary>All together: <see cref="Scope.Global"/>.</summary>
internal sealed class GlobalScope : RankingScope
{
    private GlobalScope()
    {
    }

    public static GlobalScope Instance { get; } = new();

    public override string Name => nameof(PruneGen.Scope.Global);

    public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces)
    {
        // What a group must keep for its smallest width or multiple is not taken from the others instead, and what has gone already counts.
        var budget = KeptWidths.Whole(
            pieces.Sum(one => Math.Min(one.DenseCount * one.Ratio, one.DenseCount - one.Least)) - pieces.Sum(one => one.DenseCount - one.Count));
        var flat = cat([.. pieces.Select(WithBestOutOfReach)]);
        var kept = Selection.KeepBest(flat, Math.Clamp(budget, 0, flat.numel() - pieces.Sum(one => one.Least)));
        var counts = new long[pieces.Count];
        for (var (i, start) = (0, 0L); i < counts.Length; start += pieces[i++].Count)
        {
            counts[i] = kept.narrow(0, start, pieces[i].Count).sum().item<long>();
        }

        return counts;
    }

    /// <summary>The scores, with the best ones at infinity, so that no group is emptied.</summary>
    private static Tensor WithBestOutOfReach(RankedPieces pieces)
    {
        var scores = pieces.Comparable.clone();
        return scores.index_fill_(0, pieces.Least == 1 ? scores.argmax().reshape(1) : scores.topk((int)pieces.Least).indexes, double.PositiveInfinity);
    }
}
