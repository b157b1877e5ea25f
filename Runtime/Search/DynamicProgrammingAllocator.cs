using System.Globalization;

namespace PruneGen;

/// <summary>
/// The choice among a few widths of each group that loses the least in all and is within the budget: <see cref="Allocator.DynamicProgramming"/>. Loss is that
/// of importance, or, where there is data, the rise of the error that each width brings by itself, measured as <c>AnalyzeSensitivity</c> does. Where bits are
/// chosen, too, evaluations that are left then move single steps between two groups or layers for as long as that makes the model better.
/// </summary>
/// <remarks>
/// Group after group, it keeps of all partial choices those that no other beats in loss and every cost; what a layer costs depends on the groups before and
/// behind it, so only choices are compared that agree in every group that a later one meets in a layer. That is exact as long as there are no more of them
/// than <see cref="MostStates"/>, beyond which those with the least loss are kept.
/// </remarks>
public sealed class DynamicProgrammingAllocator : BudgetAllocator
{
    /// <summary>How many widths of each group are looked at, at least 2; fewer where <see cref="SearchSettings.Evaluations"/> allow no more to be measured. 10
    /// by default.</summary>
    public int Options { get; init; } = 10;

    /// <summary>How many partial choices are kept at most, at least 1. 2,000 by default.</summary>
    public int MostStates { get; init; } = 2_000;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.DynamicProgramming);

    /// <inheritdoc/>
    public override long[] Choose(WidthSpace space) =>
        Choose(space, [.. space.Groups.Select(group => group.Grid(Checked()).Select(kept => (kept, group.Loss(kept))).ToArray())]);

    /// <inheritdoc/>
    public override IReadOnlyDictionary<string, double> Search(SearchContext context)
    {
        var report = SensitivityReport.Measure(context, SensitivityReport.PointsFor(context, Name, Checked()));
        var kept = Choose(
            context.Space, [.. context.Space.Groups.Select((group, i) => report.Groups[i].Envelope().Select(point => (point.Kept, point.Loss)).ToArray())]);
        return context.Space.Ratios(context.Space.HasBits ? CoordinateMoves.Refine(context, kept) : kept);
    }

    /// <summary>The same with losses of one's own.</summary>
    /// <param name="space">What may be chosen.</param>
    /// <param name="options">For each group the numbers of pieces to choose among, the narrowest with them, and what each loses.</param>
    internal long[] Choose(WidthSpace space, IReadOnlyList<(long Kept, double Loss)[]> options)
    {
        var states = new List<State> { new(space.Least, 0, space.CostsOf(space.Least)) };
        var near = space.Groups.Select(group => Near(space, group)).ToArray();
        for (var i = 0; i < space.Groups.Count; i++)
        {
            // Those that are not chosen yet are at their narrowest, so the costs are the least that can come of it.
            var open = Frontier(space, near, i);
            states =
            [
                .. states.SelectMany(state => With(space, state, i, options[i]))
                    .Where(state => state.Costs.Zip(space.Costs).All(pair => pair.First <= pair.Second.Limit))
                    .GroupBy(state => string.Join(',', open.Select(group => state.Kept[group].ToString(CultureInfo.InvariantCulture))))
                    .SelectMany(Undominated),
            ];
            if (states.Count > MostStates)
            {
                // The narrowest choice stays, so that there is one to the end.
                states = [.. states.OrderBy(state => state.Loss).Take(MostStates).Append(states.MinBy(state => state.Costs[0])!)];
            }
        }

        var best = states.OrderBy(state => state.Loss).ThenBy(state => state.Costs[0]).First();
        return best.Kept;
    }

    private static IEnumerable<State> With(WidthSpace space, State state, int group, (long Kept, double Loss)[] options)
    {
        var (widths, number) = (space.WidthsOf(state.Kept), space.Groups[group].Number);
        foreach (var (count, loss) in options)
        {
            var kept = (long[])state.Kept.Clone();
            kept[group] = count;
            var width = space.Groups[group].WidthAt(count);
            yield return new State(kept, state.Loss + loss, [.. space.Costs.Select((cost, i) => cost.After(state.Costs[i], widths, number, width))]);
        }
    }

    /// <summary>The groups of the space that meet one in what a layer costs; null where that may be any.</summary>
    private static HashSet<int>? Near(WidthSpace space, WidthChoice group)
    {
        var sets = space.Costs.Select(cost => cost.Near(group.Number)).ToList();
        return sets.Contains(null) ? null : [.. sets.SelectMany(set => set!)];
    }

    /// <summary>The groups up to one that meet a later one in what a layer costs.</summary>
    private static List<int> Frontier(WidthSpace space, HashSet<int>?[] near, int last) =>
        [.. Enumerable.Range(0, last + 1).Where(group => near[group] is not { } own
            ? last + 1 < near.Length : Enumerable.Range(last + 1, near.Length - last - 1).Any(later => own.Contains(space.Groups[later].Number)))];

    private static IEnumerable<State> Undominated(IEnumerable<State> states)
    {
        var best = new List<State>();
        foreach (var state in states.OrderBy(state => state.Costs[0]).ThenBy(state => state.Loss))
        {
            // With one cost the last has the least loss so far.
            if (state.Costs.Length == 1 ? best.Count == 0 || state.Loss < best[^1].Loss : !best.Exists(other => Beats(other, state)))
            {
                best.Add(state);
            }
        }

        return best;
    }

    // A plain loop: it runs for every pair of partial choices.
    private static bool Beats(State one, State other)
    {
        for (var i = 0; i < one.Costs.Length; i++)
        {
            if (one.Costs[i] > other.Costs[i])
            {
                return false;
            }
        }

        return one.Loss <= other.Loss;
    }

    private int Checked() => Options >= 2 && MostStates >= 1 ? Options : throw new ArgumentOutOfRangeException(
        nameof(Options),
        Options,
        $"Dynamic programming is to choose with Options = {Options} and MostStates = {MostStates}; give 2 widths and 1 state or more.");

    private sealed record State(long[] Kept, double Loss, double[] Costs);
}
