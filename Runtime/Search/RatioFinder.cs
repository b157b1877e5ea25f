using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Finds ratios for a budget, and how sensitive a model is to each group. The model stays as it is.</summary>
internal sealed class RatioFinder(
    PruningPlan plan,
    Func<Tensor[], Tensor[]> forward,
    TrainingData train,
    TrainingData validation,
    SearchSettings settings,
    CancellationToken cancellationToken)
{
    /// <summary>Finds ratios within the budget of the plan's options.</summary>
    public RatioResult Find() => Searching(importance => WidthSpace.Of(plan, Selection.PiecesByRatio(importance)), context =>
    {
        var allocator = Selection.AllocatorOf(plan.Options)!;
        var ratios = allocator.Search(context);
        context.Space.RequireWithin(allocator, ratios);
        return Result(context, allocator, context.Space.KeptAt(ratios));
    });

    /// <summary>Measures how sensitive the model is to each group.</summary>
    /// <param name="points">At how many widths each group is measured.</param>
    public SensitivityReport Measure(int points) => Searching(
        importance => WidthSpace.Of(plan, Selection.PiecesByRatio(importance), costs: []), context => SensitivityReport.Measure(context, points + 1));

    private T Searching<T>(Func<Importance, WidthSpace> spaceOf, Func<SearchContext, T> search)
    {
        using var random = new RandomState();
        using var before = new ModelState(plan.Model, plan.Widths);
        using var importance = Importance.Of(plan, forward, train, PruneProgress.Quiet, cancellationToken);
        return search(new SearchContext(importance, spaceOf(importance), forward, train, validation, before, settings, cancellationToken));
    }

    private RatioResult Result(SearchContext context, RatioAllocator allocator, long[] kept)
    {
        var (space, found) = (context.Space, context.Measure(kept, settings.Evaluations));
        var widths = space.WidthsOf(kept);
        return new RatioResult
        {
            Model = plan.Model.GetType().Name,
            Allocator = allocator.Name,
            Options = OptionsWith(space.Ratios(kept)),
            Groups = [.. space.Groups.Select((group, i) => new GroupRatio(group.Name, group.Pieces.DenseCount, kept[i]))],
            Costs = [.. space.Costs.Select(cost => new FoundCost(cost.Name, cost.Dense, cost.Limit, cost.At(widths)))],
            Dense = context.Dense,
            Found = found,
            Evaluations = context.Evaluated,
            Front = context.Front,
        };
    }

    /// <summary>The plan's options with a ratio for each group. What models inside of the model say for themselves is written down with it.</summary>
    private PruneOptions OptionsWith(IReadOnlyDictionary<string, double> ratios)
    {
        var root = plan.Options;
        var options = root with { Budget = null, Allocator = null };
        foreach (var group in plan.Groups.Where(group => group.Producers.Count > 0))
        {
            var (own, layer) = (group.Settings, group.Producers[0]);
            var found = ratios.TryGetValue(group.Name, out var ratio);
            options.Layers[layer] = new LayerPruneOptions
            {
                Granularity = own.Granularity == root.Granularity ? null : own.Granularity,
                Criterion = own.Criterion == root.Criterion ? null : own.Criterion,
                MinWidth = own.MinWidth == root.MinWidth ? null : own.MinWidth,
                RoundTo = own.RoundTo == root.RoundTo ? null : own.RoundTo,
                WeightThreshold = own.WeightThreshold == root.WeightThreshold ? null : own.WeightThreshold,
                ThresholdRule = own.ThresholdRule == root.ThresholdRule ? null : own.ThresholdRule,
                Ratio = found ? ratio : own is { Keep: null, Threshold: null } or { ThresholdRule: not ThresholdRule.Alone, Keep: null } ? own.Ratio : null,
                Keep = found ? null : own.Keep,
                Threshold = found ? null : own.Threshold,
                Scope = LocalScope.Instance,
                KeepWidth = options.Layers.TryGetValue(layer, out var before) ? before.KeepWidth : null,
            };
        }

        return options;
    }
}
