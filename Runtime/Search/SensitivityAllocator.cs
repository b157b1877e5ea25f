namespace PruneGen;

/// <summary>
/// Each group loses as much as makes the model worse by the same amount, the smallest that meets the budget, by the curves of <see cref="SensitivityReport"/>;
/// what then still fits is given back: <see cref="Allocator.Sensitivity"/>. Curves that are given need no data; without any they are measured.
/// </summary>
public sealed class SensitivityAllocator : RatioAllocator
{
    private readonly SensitivityReport? report;

    /// <summary>Measures the curves when asked to search.</summary>
    public SensitivityAllocator()
    {
    }

    /// <param name="report">Curves that were measured before.</param>
    public SensitivityAllocator(SensitivityReport report) => this.report = report;

    /// <summary>Whether the curves were given.</summary>
    internal bool HasCurves => report is not null;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.Sensitivity);

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">No curves were given.</exception>
    public override IReadOnlyDictionary<string, double> Allocate(PruningPlan plan, IReadOnlyList<RankedPieces> pieces)
    {
        var space = WidthSpace.Of(plan, pieces);
        return space.Ratios(Choose(space, report ?? throw RatioSearch.NeedsData(Name)));
    }

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Search(SearchContext context)
    {
        var curves = report ?? SensitivityReport.Measure(context, SensitivityReport.PointsFor(context, Name));
        if (context.Space.HasBits)
        {
            context.Space.LoseBy(curves);
        }

        return context.Space.Ratios(Choose(context.Space, curves));
    }

    /// <exception cref="InvalidOperationException">A group has no curve.</exception>
    internal static long[] Choose(WidthSpace space, SensitivityReport report)
    {
        var curves = space.Groups.Select(group => report.Groups.FirstOrDefault(curve => curve.Name == group.Name) ?? throw new InvalidOperationException(
            $"The curves of {report.Model} have none of {group.Name}; measure them anew for {space.Plan.Model.GetType().Name}.")).ToList();
        long[] At(double loss) => [.. space.Groups.Select((group, i) => group.AtLeast((long)Math.Ceiling(curves[i].KeptAt(loss) - 1e-9)))];

        var (low, high) = (0.0, curves.Select(curve => curve.Envelope()[0].Loss).DefaultIfEmpty(0).Max());
        if (!space.Fits(At(high)))
        {
            // The curves do not reach as far as the budget asks; beyond them all groups go down together.
            var narrowest = At(high);
            return space.Filled(space.Scaled([.. space.Groups.Select((group, i) => (double)narrowest[i] / group.DenseCount)]));
        }

        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = space.Fits(At(middle)) ? (low, middle) : (middle, high);
        }

        return space.Filled(At(high));
    }
}
