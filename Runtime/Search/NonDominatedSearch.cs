namespace PruneGen;

/// <summary>
/// NSGA-II (Deb et al., "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II", 2002) for two aims, a low error and a low cost of what the budget
/// limits
/// first: parents and children are sorted into fronts that none of another beats in both, and of the last front that has room those stay that stand farthest
/// apart: <see cref="Allocator.NonDominatedSorting"/>. The result has the whole front; the ratios are those of its lowest error. Genes, crossover and mutation
/// are those of <see cref="GeneticSearch"/>, and every choice is within the budget.
/// </summary>
public sealed class NonDominatedSearch : RatioSearch
{
    /// <summary>How many choices make a generation, at least 4. 20 by default.</summary>
    public int Population { get; init; } = 20;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.NonDominatedSorting);

    /// <summary>The points by front, the best first: none of a front is beaten by another of the same or a later one. A point is beaten by one that is no
    /// worse in both aims and better in one.</summary>
    internal static List<List<int>> Fronts(IReadOnlyList<(double Error, double Cost)> points)
    {
        var left = Enumerable.Range(0, points.Count).ToList();
        var fronts = new List<List<int>>();
        while (left.Count > 0)
        {
            var front = left.FindAll(one => !left.Exists(other => Beats(points[other], points[one])));
            left = left.FindAll(one => !front.Contains(one));
            fronts.Add(front);
        }

        return fronts;
    }

    /// <summary>For each point of a front how far its neighbours are apart in both aims, as shares of the front's extent; infinite for those at its
    /// ends.</summary>
    internal static Dictionary<int, double> Crowding(IReadOnlyList<(double Error, double Cost)> points, IReadOnlyList<int> front)
    {
        var distances = front.ToDictionary(one => one, _ => 0.0);
        foreach (var aim in new Func<int, double>[] { one => points[one].Error, one => points[one].Cost })
        {
            var sorted = front.OrderBy(aim).ToList();
            var extent = aim(sorted[^1]) - aim(sorted[0]);
            distances[sorted[0]] = distances[sorted[^1]] = double.PositiveInfinity;
            for (var i = 1; i < sorted.Count - 1 && extent > 0; i++)
            {
                distances[sorted[i]] += (aim(sorted[i + 1]) - aim(sorted[i - 1])) / extent;
            }
        }

        return distances;
    }

    /// <inheritdoc/>
    protected override long[] Choose(SearchContext context, Random random)
    {
        if (Population < 4)
        {
            throw new ArgumentOutOfRangeException(nameof(Population), Population, $"A generation is to have {Population} choices; give 4 or more.");
        }

        var (space, size) = (context.Space, Math.Min(Population, Math.Max(4, context.Settings.Evaluations / 3)));
        var all = new Dictionary<string, Individual>(StringComparer.Ordinal);
        var population = new List<Individual>();
        long[] KeptBy(int[] genes)
        {
            var shares = Genes.Shares(genes);
            long[] kept = [.. space.Groups.Select((group, i) => group.AtMost(group.DenseCount * shares[i]))];
            return space.Fits(kept) ? kept : space.Scaled(shares);
        }

        void Try(IEnumerable<int[]> several)
        {
            var choices = several.Select(genes => (Genes: genes, Kept: KeptBy(genes))).ToList();
            context.EvaluateAhead(choices.Select(choice => choice.Kept));
            foreach (var (genes, kept) in choices.Where(choice => context.May(choice.Kept)))
            {
                var made = new Individual(genes, kept, context.Value(kept), space.CostsOf(kept)[0] / space.Costs[0].Dense);
                all[SearchFile.Key(kept)] = made;
                population.Add(made);
            }
        }

        Try(Genes.First(space, size, random));
        for (var generation = 0; generation < 20 * context.Settings.Evaluations && !context.IsSpent; generation++)
        {
            // In the order of survival, so a lower place wins a tournament.
            var parents = population;
            int[] Winner() => parents[Math.Min(random.Next(parents.Count), random.Next(parents.Count))].Genes;
            population = [.. parents];
            Try([.. Enumerable.Range(0, size).Select(_ => Genes.Child(Winner(), Winner(), random))]);
            population = Survivors(population, size);
        }

        var found = all.Values.ToList();
        var front = Fronts([.. found.Select(one => (one.Error, one.Cost))])[0].Select(i => found[i]).OrderBy(one => one.Cost).ToList();
        context.Front =
        [
            .. front.Select(one => new FrontPoint(one.Kept, one.Cost, context.Evaluate(one.Kept) is { } evaluation ? evaluation.Error ?? evaluation.Loss : 0)),
        ];
        return front.MinBy(one => one.Error)!.Kept;
    }

    /// <summary>The best, each choice once, in order.</summary>
    private static List<Individual> Survivors(List<Individual> all, int size)
    {
        var candidates = all.DistinctBy(one => SearchFile.Key(one.Kept)).ToList();
        var points = candidates.ConvertAll(one => (one.Error, one.Cost));
        var survivors = new List<Individual>();
        foreach (var front in Fronts(points))
        {
            var crowding = Crowding(points, front);
            survivors.AddRange(front.OrderByDescending(one => crowding[one]).Take(size - survivors.Count).Select(one => candidates[one]));
        }

        return survivors;
    }

    private static bool Beats((double Error, double Cost) one, (double Error, double Cost) other) =>
        one.Error <= other.Error && one.Cost <= other.Cost && one != other;

    private sealed record Individual(int[] Genes, long[] Kept, double Error, double Cost);
}
