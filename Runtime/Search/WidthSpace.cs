using System.Globalization;
using PruneGen.Axes;

namespace PruneGen;

/// <summary>
/// What each group may be narrowed to, and what that costs: everything that an allocator chooses among. A choice has a number of pieces (channels, or what the
/// granularity makes of them) for each of <see cref="Groups"/>, in their order. Whether it is within the budget is told by closed forms alone. Where the budget
/// limits bits, those of each layer stand among the groups, each behind those that it is multiplied with.
/// </summary>
public sealed class WidthSpace
{
    private readonly long[] widths;

    private WidthSpace(PruningPlan plan, IReadOnlyList<RankedPieces> pieces, BitWidths? bits = null)
    {
        Plan = plan;
        var numbers = plan.Groups.Select((group, number) => (group.Name, number)).ToDictionary(pair => pair.Name, pair => pair.number, StringComparer.Ordinal);
        widths = [.. plan.WidthsOf(), .. bits?.Layers.Select(layer => layer.Count) ?? []];
        var groups = new List<WidthChoice>();
        foreach (var one in pieces.Where(one => one.Group is not null))
        {
            var choice = new GroupChoice(one, numbers[one.Name]);
            if (one.Group!.HasOwnRatio)
            {
                widths[choice.Number] = choice.WidthAt(choice.AtLeast(one.KeptAtRatio));
            }
            else
            {
                groups.Add(choice);
            }
        }

        // A number to keep is known without scores, unlike what a threshold leaves, which is taken for all.
        var ranked = pieces.Select(one => one.Group).ToHashSet();
        foreach (var group in plan.PrunableGroups().Where(group => group.Settings is { Keep: not null, Threshold: null } && !ranked.Contains(group)))
        {
            widths[numbers[group.Name]] = ((ChannelGranularity)group.Settings.Granularity!).PiecesOf(group) is null
                ? KeptWidths.Rounded(group.Settings.Keep!.Value, group.Width, group.Settings.MinWidth!.Value, group.Settings.RoundTo!.Value)
                : group.Width;
        }

        Groups = bits is null ? groups : Among(groups, bits);
    }

    /// <summary>The linked model.</summary>
    public PruningPlan Plan { get; }

    /// <summary>The groups that there is something to choose for, in the order of <c>forward</c>, and the layers whose bits there are.</summary>
    public IReadOnlyList<WidthChoice> Groups { get; }

    /// <summary>Whether bits are chosen, too.</summary>
    public bool HasBits => Groups.Any(group => group is BitChoice);

    /// <summary>What is limited, and how far.</summary>
    public IReadOnlyList<WidthCost> Costs { get; private set; } = [];

    /// <summary>The narrowest choice.</summary>
    public long[] Least => [.. Groups.Select(group => group.Least)];

    /// <summary>The choice that removes nothing.</summary>
    public long[] All => [.. Groups.Select(group => group.Count)];

    /// <summary>What may be chosen for a model, within the budget of its options.</summary>
    /// <param name="plan">The linked model.</param>
    /// <param name="pieces">What is pruned by a ratio.</param>
    /// <exception cref="InvalidOperationException">There is no budget, or nothing that could be chosen is within it.</exception>
    public static WidthSpace Of(PruningPlan plan, IReadOnlyList<RankedPieces> pieces)
    {
        if (plan.Options.Budget is not { LimitsWidths: true } budget)
        {
            throw new InvalidOperationException(
                $"Ratios are to be found for {plan.Model.GetType().Name}, and nothing says how much may stay; give {nameof(PruneOptions)}.{nameof(
                    PruneOptions.Budget)}, such as new PruneBudget {{ Macs = 0.3 }}, or put [Budget(Macs = 0.3)] on the class.");
        }

        var bits = budget.LimitsBits ? new BitWidths(plan) : null;
        var space = new WidthSpace(plan, pieces, bits);
        space.Costs = [.. BudgetCosts.Of(plan, budget, bits)];
        space.RequireReachable();
        return space;
    }

    /// <summary>What may be chosen for a model, and costs of one's own.</summary>
    internal static WidthSpace Of(PruningPlan plan, IReadOnlyList<RankedPieces> pieces, IReadOnlyList<WidthCost> costs) =>
        new(plan, pieces, plan.Options.Budget is { LimitsBits: true } ? new BitWidths(plan) : null) { Costs = costs };

    /// <summary>What each group may become, where no scores are at hand and no cost is limited.</summary>
    internal static WidthSpace Unscored(PruningPlan plan) => new(
        plan,
        [
            .. plan.PrunableGroups().Where(group => group.Settings is { HasShare: true, Keep: null })
                .Select(group => (Group: group, Pieces: ((ChannelGranularity)group.Settings.Granularity!).PiecesOf(group)))
                .Select(one => new RankedPieces(plan, one.Group, new double[one.Pieces?.Max() + 1 ?? one.Group.Width], one.Pieces, isOnOneScale: true)),
        ]);

    /// <summary>The width of each group of the plan, in its order.</summary>
    public long[] WidthsOf(long[] kept)
    {
        var all = (long[])widths.Clone();
        for (var i = 0; i < kept.Length; i++)
        {
            all[Groups[i].Number] = Groups[i].WidthAt(kept[i]);
        }

        return all;
    }

    /// <summary>Whether a choice is within every limit.</summary>
    public bool Fits(long[] kept) => FitsAt(WidthsOf(kept));

    /// <summary>The costs of a choice, in the order of <see cref="Costs"/>.</summary>
    public double[] CostsOf(long[] kept)
    {
        var all = WidthsOf(kept);
        return [.. Costs.Select(cost => cost.At(all))];
    }

    /// <summary>
    /// The widest choice within the budget in which the groups keep shares of the dense original that stand to each other as these, none above all of it,
    /// rounded down to what each may have.
    /// </summary>
    /// <param name="shares">A number above 0 for each group.</param>
    public long[] Scaled(IReadOnlyList<double> shares)
    {
        long[] At(double scale) => [.. Groups.Select((group, i) => group.AtMost(group.DenseCount * Math.Min(1, scale * shares[i])))];

        var (low, high) = (0.0, 1 / shares.Min());
        if (Fits(At(high)))
        {
            return At(high);
        }

        // The last step that fits, to more digits than a ratio can be told by.
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            (low, high) = Fits(At(middle)) ? (middle, high) : (low, middle);
        }

        return At(low);
    }

    /// <summary>
    /// Widens a choice that fits for as long as that fits, one step of a group at a time: what brings the most importance for its cost first.
    /// </summary>
    public long[] Filled(long[] kept)
    {
        var choice = new ChangingChoice(this, kept);
        var open = Enumerable.Range(0, Groups.Count).ToList();
        var (added, gains) = (new double[Groups.Count][], new double[Groups.Count]);
        while (true)
        {
            // What does not fit now does not fit later: costs only grow.
            open.RemoveAll(i => Groups[i].Next(choice.Kept[i]) is not { } next || !choice.FitsWith(Added(i, next)));
            if (open.Count == 0)
            {
                // The sums above are of differences; the choice is what counts.
                return Fits(choice.Kept) ? choice.Kept : kept;
            }

            var best = open[0];
            foreach (var i in open)
            {
                best = gains[i] > gains[best] ? i : best;
            }

            choice.Change(best, Groups[best].Next(choice.Kept[best])!.Value);
        }

        double[] Added(int i, long next)
        {
            if (choice.IsStale(i))
            {
                added[i] = choice.AddedBy(i, next);
                var relative = Costs.Zip(added[i], (cost, more) => more / cost.Limit).Sum();
                gains[i] = (Groups[i].Loss(choice.Kept[i]) - Groups[i].Loss(next)) / Math.Max(relative, 1e-12);
            }

            return added[i];
        }
    }

    /// <summary>The bits of each layer that there is something to choose for.</summary>
    internal IReadOnlyDictionary<string, int> BitsOf(long[] kept) => Groups.Select((group, i) => (group, kept[i])).Where(one => one.group is BitChoice)
        .ToDictionary(one => ((BitChoice)one.group).Layer, one => (int)one.Item2, StringComparer.Ordinal);

    /// <summary>Has each choice lose what curves say that was measured of it alone.</summary>
    internal void LoseBy(SensitivityReport report)
    {
        foreach (var (group, curve) in Groups.Join(report.Groups, group => group.Name, curve => curve.Name, (group, curve) => (group, curve)))
        {
            group.LoseBy(curve.LossAt);
        }
    }

    /// <summary>The share of the dense original of each group that goes, by name.</summary>
    public IReadOnlyDictionary<string, double> Ratios(long[] kept) =>
        Groups.Select((group, i) => (group.Name, Ratio: group.RatioOf(kept[i]))).ToDictionary(pair => pair.Name, pair => pair.Ratio, StringComparer.Ordinal);

    /// <summary>The choice that ratios stand for.</summary>
    internal long[] KeptAt(IReadOnlyDictionary<string, double> ratios) =>
        [.. Groups.Select(group => group.AtLeast(group.DenseCount - KeptWidths.Removed(
            group.DenseCount, ratios.TryGetValue(group.Name, out var ratio) ? ratio : group.Pieces?.Ratio ?? 0)))];

    /// <exception cref="InvalidOperationException">What an allocator chose is above a limit.</exception>
    internal void RequireWithin(RatioAllocator allocator, IReadOnlyDictionary<string, double> ratios)
    {
        var all = WidthsOf(KeptAt(ratios));
        if (Costs.FirstOrDefault(cost => cost.At(all) > cost.Limit) is { } above)
        {
            throw new InvalidOperationException(string.Create(
                CultureInfo.InvariantCulture,
                $"{allocator} leaves {above.At(all):#,0.###} {above.Name} of {Plan.Model.GetType().Name}, and the budget is {above.Limit:#,0.###}; have it ")
                + "remove more, or give another allocator.");
        }
    }

    /// <exception cref="InvalidOperationException">Nothing that could be chosen is within the budget.</exception>
    private void RequireReachable()
    {
        var least = WidthsOf(Least);
        if (Costs.FirstOrDefault(cost => cost.At(least) > cost.Limit) is not { } above)
        {
            return;
        }

        var bits = HasBits ? ["each layer has at least 2 bits"] : Array.Empty<string>();
        var held = bits.Concat(Plan.Unpruned.Select(layer => $"{layer.Layer} keeps its width: {layer.Because}"))
            .Concat(Plan.Groups.Where(group => least[GroupNumber(group)] > 1).Select(group => Holding(group, least[GroupNumber(group)]))).ToList();
        const int Most = 12;
        throw new InvalidOperationException(string.Create(
            CultureInfo.InvariantCulture,
            $"The budget of {above.Limit:#,0.###} {above.Name} for {Plan.Model.GetType().Name} cannot be met: the smallest that can be reached is "
                + $"{above.At(least):#,0.###}, {100 * above.At(least) / above.Dense:0.##} % of the dense {above.Dense:#,0.###}. What holds it up: ")
            + (held.Count == 0 ? "one channel of each group stays" : string.Join("; ", held.Take(Most)))
            + (held.Count > Most ? $"; and {held.Count - Most} more" : "")
            + ". Give a larger budget, or let more of these go.");

        int GroupNumber(PruningGroup group) => Plan.Groups.ToList().IndexOf(group);
    }

    /// <summary>Whether these widths are within every limit.</summary>
    private bool FitsAt(long[] all)
    {
        foreach (var cost in Costs)
        {
            if (cost.At(all) > cost.Limit)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The groups, and the bits of each layer behind the last of them that it meets, so that what costs together is chosen together.</summary>
    private static List<WidthChoice> Among(List<WidthChoice> groups, BitWidths bits)
    {
        var places = groups.Select((group, i) => (group.Number, i)).ToDictionary(pair => pair.Number, pair => pair.i);
        WidthFormula[] formulas = [bits.Stored, .. bits.Operations is { } operations ? [operations] : Array.Empty<WidthFormula>()];
        int PlaceOf(BitChoice layer) => formulas.SelectMany(formula => formula.Near(layer.Number))
            .Select(number => places.TryGetValue(number, out var place) ? place : -1).DefaultIfEmpty(-1).Max();
        return
        [
            .. groups.Select((group, i) => (Choice: group, Place: i)).Concat(bits.Layers.Select(layer => (Choice: (WidthChoice)layer, Place: PlaceOf(layer))))
                .OrderBy(one => one.Place).Select(one => one.Choice),
        ];
    }

    private static string Holding(PruningGroup group, long width)
    {
        var settings = group.Settings;
        var because = settings.Granularity is not ChannelGranularity ? $"{settings.Granularity} removes no channels"
            : settings.Threshold is not null ? "it goes by a threshold, which may leave all"
            : settings.Keep is int keep ? $"{keep} are to be kept"
            : group.HasOwnRatio ? FormattableString.Invariant($"it has a ratio of its own, {settings.Ratio}")
            : settings.RoundTo > 1 ? $"RoundTo = {settings.RoundTo}"
            : $"MinWidth = {settings.MinWidth}";
        return $"{group.Name} keeps {width} of {group.DenseWidth}: {because}";
    }
}
