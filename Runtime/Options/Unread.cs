using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What stands for a method that JSON tells of and that cannot be made from that, such as one of the user's. Its name is the text. Options that have one are
/// refused before anything is done with them.
/// </summary>
internal interface IUnread
{
    /// <summary>What is said where one is called all the same.</summary>
    internal static InvalidOperationException Refused(object unread) =>
        new($"'{unread}' was read as JSON, from which it cannot be made again; give the method anew.");
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadCriterion(string text) : ImportanceCriterion, IUnread
{
    public override string Name => text;
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadGranularity(string text) : PruneGranularity, IUnread
{
    public override string Name => text;
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadScope(string text) : RankingScope, IUnread
{
    public override string Name => text;

    public override IReadOnlyList<long> Keep(IReadOnlyList<RankedPieces> pieces) => throw IUnread.Refused(this);
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadAllocator(string text) : RatioAllocator, IUnread
{
    public override string Name => text;

    public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) => throw IUnread.Refused(this);
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadRange(string text) : RangeObserver, IUnread
{
    public override string Name => text;

    public override RangeObserver New() => throw IUnread.Refused(this);

    public override void Observe(Tensor rows) => throw IUnread.Refused(this);

    public override (Tensor Least, Tensor Most) RangeFor(CodeGrid grid) => throw IUnread.Refused(this);
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadRounding(string text) : WeightRounding, IUnread
{
    public override string Name => text;

    public override Tensor Round(WeightToRound weight) => throw IUnread.Refused(this);
}

/// <inheritdoc cref="IUnread"/>
internal sealed class UnreadAssignment(string text) : CodeAssignment, IUnread
{
    public override string Name => text;

    public override SharedCode Assign(WeightToShare weight) => throw IUnread.Refused(this);
}
