namespace PruneGen;

/// <summary>Ratios that were found before.</summary>
/// <param name="ratios">For each group, by name, the share of the dense original that goes.</param>
internal sealed class GivenRatios(IReadOnlyDictionary<string, double> ratios) : RatioAllocator
{
    public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces) => ratios;
}
