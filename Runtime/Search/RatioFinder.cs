using System.Text;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Finds ratios for a budget, and how sensitive a model is to each group. The model stays as it is.</summary>
/// <param name="link">Links the model with its options changed.</param>
/// <param name="forward">Calls the model.</param>
/// <param name="train">What is trained on.</param>
/// <param name="validation">What is measured on.</param>
/// <param name="settings">How the search goes about it.</param>
/// <param name="cancellationToken">Looked at before each batch.</param>
internal sealed class RatioFinder(
    Func<Func<PruneOptions, PruneOptions>, PruningPlan> link,
    Func<Tensor[], Tensor[]> forward,
    TrainingData train,
    TrainingData validation,
    SearchSettings settings,
    CancellationToken cancellationToken)
{
    private readonly PruningPlan plan = link(Quantized);

    /// <summary>Finds ratios within the budget of the options.</summary>
    public RatioResult Find() => plan.Options.Budget?.MaxErrorIncrease is null ? FindWithin() : FindByError();

    private RatioResult FindWithin()
    {
        Ranks.AtRoot(plan.Options.Retrain, () =>
        {
            LatencyTable.Prepare(plan, forward, Sample, cancellationToken);
            return plan;
        });
        return Search();
    }

    private Tensor[] Sample() => validation.Batches().Select(batch => Array.ConvertAll(batch.Inputs, input => input.clone())).First();

    private RatioResult Search() => Searching(
        importance => WidthSpace.Of(plan, Selection.PiecesByRatio(importance)),
        context =>
        {
            // Before the search: where the model itself answers no numbers, there is nothing to find.
            _ = context.Dense;
            var allocator = Selection.AllocatorOf(plan.Options)!;
            var ratios = allocator.Checked(allocator.Search(context), plan, context.Space);
            context.Space.RequireWithin(allocator, ratios);
            return Result(context, allocator, context.Space.KeptAt(ratios));
        },
        result => result.ToJson(),
        text =>
        {
            // What JSON does not hold of the options, this process was given, too.
            var read = RatioResult.FromJson(text);
            return read with { Options = plan.Options with { Budget = null, Allocator = null, Layers = read.Options.Layers } };
        });

    /// <summary>Measures how sensitive the model is to each group.</summary>
    /// <param name="points">At how many widths each group is measured.</param>
    public SensitivityReport Measure(int points) => Searching(
        importance => WidthSpace.Of(plan, Selection.PiecesByRatio(importance), costs: []),
        context =>
        {
            _ = context.Dense;
            return SensitivityReport.Measure(context, Math.Min(points, int.MaxValue - 1) + 1);
        },
        report => report.ToJson(),
        SensitivityReport.FromJson);

    /// <summary>Options by which weights are quantized where the budget limits their bits.</summary>
    private static PruneOptions Quantized(PruneOptions options) =>
        options is { Budget.LimitsBits: true, Quantize: null } ? options with { Quantize = new QuantizeOptions() } : options;

    /// <summary>Scores the model and searches. Of several processes the first one does, and the others evaluate with it, and are told what it found.</summary>
    private T Searching<T>(Func<Importance, WidthSpace> spaceOf, Func<SearchContext, T> search, Func<T, string> toText, Func<string, T> fromText)
    {
        plan.RequireLayersToPrune();
        using var random = new RandomState();
        var all = Ranks.Of(plan.Options.Retrain);
        all?.Unify(plan.Model);
        all?.RequireSame(
            "the search",
            $"of {plan.Model.GetType().Name} (RecoveryEpochs {settings.RecoveryEpochs}, BatchNormBatches {settings.BatchNormBatches}; options, weights and "
                + $"data with the hash {SearchFile.Fingerprint(plan, validation, settings)[..16]})");
        using var before = new ModelState(plan.Model, plan.Widths);
        SearchContext Scored(Importance importance, WidthSpace space) => new(
            importance, space, () => link(Quantized), forward, train, validation, before, settings, all, cancellationToken);
        Importance Score() => Importance.Of(plan, forward, train, PruneProgress.Quiet, cancellationToken);
        if (all is null)
        {
            using var scores = Score();
            return search(Scored(scores, spaceOf(scores)));
        }

        // What process 0 cannot do is refused in all of them, before the others wait for what it asks.
        SearchContext? root = null;
        Importance? first = null;
        all.FromRoot(() =>
        {
            first = Score();
            root = Scored(first, spaceOf(first));
            return [];
        });
        using var importance = first ?? all.Alone(Score);
        importance.TakeFromRoot(all);
        if (root is null)
        {
            Scored(importance, WidthSpace.Of(plan, Selection.PiecesByRatio(importance), costs: [])).Serve();
            return fromText(Encoding.UTF8.GetString(all.FromRoot(() => [])));
        }

        var found = root.Search(search);
        all.FromRoot(() => Encoding.UTF8.GetBytes(toText(found)));
        return found;
    }

    /// <summary>Prunes and retrains the model for as long as the error lets it, sees how wide it is then, and puts it back.</summary>
    private RatioResult FindByError()
    {
        using var random = new RandomState();
        using var before = new ModelState(plan.Model, plan.Widths);
        var putBack = PruneState.Of(plan.Model).Remember();
        var sample = Sample();
        try
        {
            var run = new PruneRun(
                change => link(options => change(options with { MeasureLatency = false })), forward, sample, PruneProgress.Quiet, cancellationToken);
            var report = run.PruneAndRetrain(train, validation);
            return new RatioResult
            {
                Model = report.Model,
                Allocator = $"{Selection.AllocatorOf(plan.Options) ?? Allocator.ByScope}, by error",
                Options = OptionsWith(report.Groups.ToDictionary(group => group.Name, group => group.Removed, StringComparer.Ordinal)),
                Groups = [.. report.Groups.Select(group => new GroupRatio(group.Name, group.Dense, group.After))],
                Costs =
                [
                    .. report.Macs is { } macs ? [new FoundCost(BudgetCosts.Macs, macs.Before, macs.Before, macs.After)] : Array.Empty<FoundCost>(),
                    new FoundCost(BudgetCosts.Parameters, report.Parameters.Before, report.Parameters.Before, report.Parameters.After),
                ],
                Dense = report.Dense,
                Found = report.Final,
                Evaluations = report.EarlierRounds.Count + 1,
            };
        }
        finally
        {
            before.Restore();
            putBack();
            Array.ForEach(sample, input => input.Dispose());
        }
    }

    private RatioResult Result(SearchContext context, RatioAllocator allocator, long[] kept)
    {
        var (space, found) = (context.Space, context.Measure(kept, settings.Evaluations));
        if (!double.IsFinite(found.Loss))
        {
            throw new InvalidOperationException(FormattableString.Invariant(
                $"{allocator} finds no choice within the budget with which {plan.Model.GetType().Name} answers numbers: that of the best has a loss of ")
                    + FormattableString.Invariant($"{found.Loss}. ") + "Give a larger budget, or see what its forward does with few channels.");
        }

        var (widths, bits) = (space.WidthsOf(kept), space.BitsOf(kept));
        var groups = space.Groups.Select((group, i) => (group, i)).Where(one => one.group.Pieces is not null).ToList();
        var layers = space.Groups.Select((group, i) => (group, i)).Where(one => one.group.Pieces is null).ToList();
        return new RatioResult
        {
            Model = plan.Model.GetType().Name,
            Allocator = allocator.Name,
            Options = OptionsWith(space.Ratios(kept), bits),
            Groups = [.. groups.Select(one => new GroupRatio(one.group.Name, one.group.DenseCount, kept[one.i]))],
            Bits = [.. bits.Select(layer => new LayerBits(layer.Key, layer.Value))],
            Costs = [.. space.Costs.Select(cost => new FoundCost(cost.Name, cost.Dense, cost.Limit, cost.At(widths)))],
            Dense = context.Dense,
            Found = found,
            Evaluations = context.Evaluated,
            Front = [.. context.Front.Select(point => point with { Kept = [.. groups.Concat(layers).Select(one => point.Kept[one.i])] })],
            Warning = LatencyTable.WarningOf(plan),
        };
    }

    /// <summary>
    /// The plan's options with a ratio for each group, and bits for layers. What models inside of the model say for themselves is written down with it.
    /// </summary>
    private PruneOptions OptionsWith(IReadOnlyDictionary<string, double> ratios, IReadOnlyDictionary<string, int>? bits = null)
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

        foreach (var layer in plan.Parameters.Select(parameter => parameter.Layer.Name).Distinct())
        {
            var (own, coded) = (plan.SettingsOf(layer), options.Layers.TryGetValue(layer, out var known) ? known : new LayerPruneOptions());
            coded = coded with { Share = own.Share == root.Share ? null : own.Share, Quantize = own.Quantize == root.Quantize ? null : own.Quantize };
            if (bits?.TryGetValue(layer, out var chosen) == true)
            {
                coded = coded with { Quantize = (coded.Quantize ?? new QuantizeOptions()) with { Weights = chosen } };
            }

            if (coded != new LayerPruneOptions())
            {
                options.Layers[layer] = coded;
            }
        }

        return options;
    }
}
