namespace PruneGen;

/// <summary>What the genetic searches have in common: a choice as genes, whole twentieths of each group, and how they are crossed and changed.</summary>
internal static class Genes
{
    /// <summary>In how many steps a share is told.</summary>
    public const int Steps = 20;

    /// <summary>Where the search begins: choices that cost no evaluation to find, and random ones.</summary>
    public static List<int[]> First(WidthSpace space, int count, Random random)
    {
        // What rounding loses is not known yet, so with bits only equal shares are.
        var known = new List<BudgetAllocator> { UniformAllocator.Instance };
        known.AddRange(space.HasBits ? [] : [GreedyAllocator.Instance, GlobalAllocator.Instance]);
        return
        [
            .. known.Select(one => Of(space, one.Choose(space))).Take(count),
            .. Enumerable.Range(0, Math.Max(0, count - known.Count)).Select(_ => Drawn(space, random)),
        ];
    }

    /// <summary>The shares that genes stand for.</summary>
    public static double[] Shares(int[] genes) => Array.ConvertAll(genes, gene => (double)gene / Steps);

    /// <summary>Each gene from one or the other, and each with a chance of one in all moved by a step, or now and then drawn anew.</summary>
    public static int[] Child(int[] first, int[] second, Random random)
    {
        const double Crossover = 0.9;
        const double Anew = 0.2;
        var crosses = random.NextDouble() < Crossover;
        return [.. first.Select((gene, i) =>
        {
            var own = crosses && random.Next(2) == 0 ? second[i] : gene;
            return random.NextDouble() >= 1.0 / first.Length ? own
                : random.NextDouble() < Anew ? random.Next(1, Steps + 1)
                : Math.Clamp(own + (random.Next(2) == 0 ? -1 : 1), 1, Steps);
        })];
    }

    private static int[] Of(WidthSpace space, long[] kept) =>
        [.. space.Groups.Select((group, i) => Math.Clamp((int)Math.Round((double)Steps * kept[i] / group.DenseCount), 1, Steps))];

    private static int[] Drawn(WidthSpace space, Random random) => [.. space.Groups.Select(_ => random.Next(1, Steps + 1))];
}

/// <summary>
/// A genetic algorithm: the genes of a choice are shares of each group in steps of a twentieth, scaled to the budget, so that each one is within it. The
/// best two
/// live on; the others come of tournaments of three, uniform crossover and mutation by a step: <see cref="Allocator.Genetic"/>. It begins with what <see
/// cref="Allocator.Uniform"/>, <see cref="Allocator.Greedy"/> and <see cref="Allocator.Global"/> choose, and random ones.
/// </summary>
public sealed class GeneticSearch : RatioSearch
{
    private const int Tournament = 3;
    private const int Elite = 2;

    /// <summary>How many choices make a generation, at least 4. 20 by default.</summary>
    public int Population { get; init; } = 20;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.Genetic);

    /// <inheritdoc/>
    protected override long[] Choose(SearchContext context, Random random)
    {
        if (Population < 4)
        {
            throw new ArgumentOutOfRangeException(nameof(Population), Population, $"A generation is to have {Population} choices; give 4 or more.");
        }

        var space = context.Space;
        var tried = new List<long[]>();
        var population = new List<(int[] Genes, double Value)>();
        void Try(IEnumerable<int[]> all)
        {
            var choices = all.Select(genes => (Genes: genes, Kept: space.Scaled(Genes.Shares(genes)))).ToList();
            context.EvaluateAhead(choices.Select(choice => choice.Kept));
            foreach (var (genes, kept) in choices.Where(choice => context.May(choice.Kept)))
            {
                tried.Add(kept);
                population.Add((genes, context.Value(kept)));
            }
        }

        // With few evaluations a smaller generation still has children.
        Try(Genes.First(space, Math.Min(Population, Math.Max(4, context.Settings.Evaluations / 3)), random));
        for (var generation = 0; generation < 20 * context.Settings.Evaluations && !context.IsSpent; generation++)
        {
            var parents = population.OrderBy(one => one.Value).ToList();
            population = [.. parents.Take(Elite)];
            int[] Winner() => parents[Enumerable.Range(0, Tournament).Min(_ => random.Next(parents.Count))].Genes;
            Try([.. Enumerable.Range(0, Math.Max(0, parents.Count - Elite)).Select(_ => Genes.Child(Winner(), Winner(), random))]);
        }

        return Best(context, tried);
    }
}
