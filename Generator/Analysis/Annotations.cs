using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>What attributes on layers mean for the groups, and where they mean nothing or contradict each other.</summary>
internal sealed class Annotations
{
    private readonly ModelSpec model;
    private readonly AxisGraph graph;

    /// <summary>Every layer that forward reaches, those inside sequences too.</summary>
    private readonly List<LayerNode> reached;
    private readonly List<LayerCall> calls;

    public Annotations(ModelSpec model, AxisGraph graph)
    {
        this.model = model;
        this.graph = graph;
        calls = Steps.Within(model.Body).OfType<LayerCall>().ToList();
        reached = calls.SelectMany(call => call.Layer.WithChildren()).ToList();
    }

    /// <summary>Holds the outputs of the layers with <c>[KeepWidth]</c> from the start: constants may state their widths.</summary>
    public static void HoldWidths(ModelSpec model, AxisGraph graph)
    {
        foreach (var annotation in model.Annotations.Where(annotation => annotation.KeepWidth))
        {
            graph.Unprunable[annotation.Path] = Kept(annotation.Path);
        }
    }

    /// <summary>Holds the outputs of whatever else has <c>[KeepWidth]</c>: of a sequence the last ones.</summary>
    public void HoldWidths()
    {
        foreach (var option in Options().Where(option => option.KeepWidth))
        {
            if (graph.OutputOf(option.Path) is { } axis)
            {
                graph.Fix(axis, Kept(option.Path));
            }
        }
    }

    private static string Kept(string path) => $"[KeepWidth] holds {path}";

    /// <summary>What attributes say, by the path of the layer that it is said of: on a sequence it is said of the layers inside.</summary>
    public EquatableArray<LayerOption> Options() => model.Annotations.SelectMany(annotation =>
    {
        var inside = reached.FirstOrDefault(layer => layer.Path == annotation.Path && layer.Kind == LayerKind.Sequence) is { } sequence
            ? sequence.WithChildren().Where(layer => graph.OutputOf(layer.Path) is not null).Select(layer => layer.Path).ToList()
            : [annotation.Path];
        return inside.Select(path => new LayerOption(path, annotation.Settings, annotation.KeepWidth && path == inside[inside.Count - 1]));
    }).Where(option => option.KeepWidth || option.Settings != PruneSettings.None).ToEquatable();

    /// <summary>Everything that is wrong with the annotations.</summary>
    /// <param name="groups">What shrinks together.</param>
    /// <param name="joins">The axes that only a live model tells all of.</param>
    /// <param name="valueOf">The tensor of each value of <c>forward</c>.</param>
    public IEnumerable<Finding> Check(IReadOnlyList<Axis> groups, IReadOnlyList<Axis> joins, Func<int, AxisTensor> valueOf)
    {
        var whole = groups.Where(group => !joins.Any(axis => axis.Leaves().Contains(group))).ToList();
        return model.Annotations.SelectMany(CheckReached)
            .Concat(model.Annotations.SelectMany(CheckCoding))
            .Concat(CheckHooks())
            .Concat(groups.SelectMany(CheckGroup))
            .Concat(CheckRatios(whole))
            .Concat(CheckMethods(whole, new MethodChecks(model, graph, valueOf)));
    }

    /// <summary>What is asked of layers that cannot offer it.</summary>
    private IEnumerable<Finding> CheckMethods(IEnumerable<Axis> groups, MethodChecks checks)
    {
        foreach (var group in groups)
        {
            var (producers, settings) = (ProducersOf(group), SettingsOf(group).Settings);
            if (settings.Criterion?.Name is { } criterion && settings.Granularity?.IsOfWeights != true)
            {
                var made = calls.SelectMany(call => call.Layer.WithChildren().Select(layer => (call, layer)))
                    .Where(pair => producers.Contains(pair.layer.Path)).ToList();
                foreach (var finding in checks.Criterion(criterion, group, made))
                {
                    yield return finding;
                }
            }
        }

        var options = Options().ToList();
        PruneSettings Of(string path) => options.Where(option => option.Path == path).Select(option => option.Settings).Append(model.Settings)
            .Aggregate((first, next) => first.Over(next));
        int Site(string path) => options.Exists(option => option.Path == path && option.Settings.Granularity is not null) ? SiteOf(path) : model.SettingsSite;
        foreach (var finding in checks.Granularities(Of, Site))
        {
            yield return finding;
        }
    }

    private IEnumerable<Finding> CheckReached(LayerAnnotation annotation)
    {
        var layers = reached.Where(layer => layer.Path == annotation.Path || layer.Path.StartsWith(annotation.Path + ".", StringComparison.Ordinal)).ToList();
        if (layers.Count == 0 && model.Reached.Any(path => path == annotation.Path || annotation.Path.StartsWith(path + ".", StringComparison.Ordinal)))
        {
            yield break;
        }

        if (layers.Count == 0)
        {
            yield return new Finding(RuleIds.NotReached, annotation.Site, annotation.Attribute, annotation.Layer);
        }
        else if (annotation.Attribute is not ("Axes" or "CoupledWith")
            && layers.All(layer => layer.Kind is LayerKind.Layer or LayerKind.Sequence && graph.OutputOf(layer.Path) is null && layer.Complete))
        {
            yield return new Finding(RuleIds.NoOutputs, annotation.Site, annotation.Attribute, annotation.Layer, layers[0].Type);
        }
        else if (annotation.Attribute == "Prunable" && KeptBecause(annotation, layers) is { } because)
        {
            yield return new Finding(RuleIds.KeptWidth, annotation.Site, annotation.Layer, because);
        }
    }

    /// <summary>What is to be shared or quantized where nothing can be.</summary>
    private IEnumerable<Finding> CheckCoding(LayerAnnotation annotation)
    {
        var layers = reached.Where(layer => layer.Path == annotation.Path || layer.Path.StartsWith(annotation.Path + ".", StringComparison.Ordinal)).ToList();
        if (annotation.Settings is { Share: null, Quantize: null } || layers.Count == 0
            || !layers.All(layer => layer.Kind is LayerKind.Layer or LayerKind.Sequence && layer.Complete)
            || layers.All(layer => graph.OutputOf(layer.Path) is null))
        {
            yield break;
        }

        var readers = graph.Parameters.Where(parameter => parameter.ReadDim >= 0).Select(parameter => parameter.Layer.Name).ToList();
        var own = layers.Where(layer => readers.Contains(layer.Path)).ToList();
        var attribute = annotation.Settings.Share is null ? "Quantize" : "ShareWeights";
        if (own.Count == 0)
        {
            yield return new Finding(
                RuleIds.NothingToCode, annotation.Site, attribute, annotation.Layer, $"{layers[0].Type} layers read no inputs with weights", "take it off");
        }
        else if (annotation.Settings.Quantize?.GivesActivations == true && !own.Exists(IsMultiplied))
        {
            yield return new Finding(
                RuleIds.NothingToCode, annotation.Site, "Quantize", annotation.Layer,
                $"activations are quantized where Linear and convolution layers take them in, and this is of type {own[0].Type}", "give Activations = 0");
        }
    }

    /// <summary>Layers of which what they take in is to be quantized, and that are called so that nothing can.</summary>
    private IEnumerable<Finding> CheckHooks()
    {
        var options = Options().ToList();
        foreach (var (call, layer) in calls.Where(call => !call.Hooked).SelectMany(call => call.Layer.WithChildren().Select(layer => (call, layer))))
        {
            var asked = options.FirstOrDefault(option => option.Path == layer.Path)?.Settings.Quantize ?? model.Settings.Quantize;
            if (IsMultiplied(layer) && asked is not null && !asked.Settings.Any(setting => setting is { Name: "Activations", Text: "0" }))
            {
                yield return new Finding(RuleIds.HooksSkipped, call.Site, "[Quantize]", layer.Path);
            }
        }
    }

    private static bool IsMultiplied(LayerNode layer) => layer.Type == "Linear" || layer.Type.StartsWith("Conv", StringComparison.Ordinal);

    /// <summary>Why nothing that an annotation asks to prune can shrink; null where something may, or only a live model tells.</summary>
    private string? KeptBecause(LayerAnnotation annotation, IReadOnlyList<LayerNode> layers)
    {
        // Single weights go wherever the outputs do.
        if ((annotation.Settings.Granularity ?? model.Settings.Granularity)?.IsOfWeights == true
            || annotation.Settings.Ratio == 0
            || layers.Any(layer => layer.Kind is LayerKind.Deferred or LayerKind.Model))
        {
            return null;
        }

        var outputs = layers.Select(layer => graph.OutputOf(layer.Path)).OfType<Axis>().ToList();
        return outputs.Any(axis => axis.HasPrunable)
            ? null
            : outputs.SelectMany(axis => axis.Leaves()).Select(leaf => leaf.FixedBecause).LastOrDefault(because => because is not null);
    }

    /// <summary>Ratios that are stated, and too small to take anything away from a group whose width the source tells.</summary>
    private IEnumerable<Finding> CheckRatios(IEnumerable<Axis> groups)
    {
        var ofClass = new List<string>();
        foreach (var group in groups.Where(group => group.Size is not null))
        {
            var (options, settings) = SettingsOf(group);
            if (settings is not { Ratio: > 0, Keep: null, Threshold: null, Granularity: null or { Name: "Structured" }, Scope: null or { Name: "Local" } })
            {
                continue;
            }

            var (width, minWidth, roundTo) = (group.Size!.Value, settings.MinWidth ?? 1, settings.RoundTo ?? 1);
            if (KeptWidths.AtRatio(width, settings.Ratio.Value, minWidth, roundTo) < width)
            {
                continue;
            }

            var stays = $"{Identifiers.Readable(group.Name)} ({Stays(group, width, KeptWidths.SmallestRatio(width, minWidth, roundTo), settings)})";
            if (options.FirstOrDefault(option => option.Settings.Ratio is not null) is { } asking)
            {
                yield return new Finding(RuleIds.RatioRemovesNothing, SiteOf(asking.Path), Literals.Double(settings.Ratio.Value), asking.Path, stays);
            }
            else
            {
                ofClass.Add(stays);
            }
        }

        if (ofClass.Count > 0)
        {
            yield return new Finding(
                RuleIds.RatioRemovesNothing, model.SettingsSite, Literals.Double(model.Settings.Ratio!.Value), model.Type.Name, string.Join(", ", ofClass));
        }
    }

    /// <summary>Why a ratio is too small for a group, and which is not.</summary>
    private string Stays(Axis group, long width, double? least, PruneSettings settings)
    {
        // Heads, and the channels of grouped layers, go several at a time.
        var whole = graph.OutputOf(group.Name)?.Size;
        var has = whole > width && whole % width == 0 ? $"{width} units of {whole / width}" : $"width {width}";
        return least is double ratio ? $"{has}; a ratio of {Literals.Double(ratio)} or more removes some"
            : $"{has}; {(settings.MinWidth >= width ? $"MinWidth {settings.MinWidth}" : $"RoundTo {settings.RoundTo}")} leaves no ratio that does";
    }

    private IEnumerable<Finding> CheckGroup(Axis group)
    {
        var producers = ProducersOf(group);
        var (options, settings) = SettingsOf(group);
        var withRatio = options.Where(option => option.Settings.Ratio is not null).ToList();
        foreach (var other in withRatio.Skip(1).Where(other => other.Settings.Ratio != withRatio[0].Settings.Ratio))
        {
            yield return new Finding(
                RuleIds.ContradictoryRatios,
                    SiteOf(other.Path),
                    other.Path,
                    Literals.Double(other.Settings.Ratio!.Value),
                    withRatio[0].Path,
                    Literals.Double(withRatio[0].Settings.Ratio!.Value));
        }

        var readsInputs = settings.Criterion?.Name is "Wanda" or "OptimalBrainSurgeon" or "SparseGpt";
        if (readsInputs || settings.Criterion?.Name is "Taylor" or "MeanActivation" or "Apoz" or "HRank")
        {
            foreach (var call in calls.Where(call => !call.Hooked && producers.Contains(call.Layer.Path)))
            {
                yield return new Finding(RuleIds.HooksSkipped, call.Site, settings.Criterion!.Name!, call.Layer.Path);
            }

            foreach (var (call, layer) in calls.SelectMany(call => call.Layer.WithChildren().Select(layer => (call, layer)))
                .Where(pair => !readsInputs && producers.Contains(pair.layer.Path) && !IsObserved(pair.layer)))
            {
                yield return new Finding(
                    RuleIds.NotObserved, call.Site, settings.Criterion!.Name!, layer.Path,
                    layer.Axes is null ? $"{layer.Type} layers" : "what [Axes] describes");
            }
        }
    }

    /// <summary>Whether the channels of what a layer puts out can be told apart, as the runtime's <c>ActivationTaps</c> does.</summary>
    private static bool IsObserved(LayerNode layer) =>
        layer.Axes is null && (layer.Type is "Linear" or "Embedding" || layer.Type.StartsWith("Conv", StringComparison.Ordinal));

    private List<string> ProducersOf(Axis group) =>
        reached.Select(layer => layer.Path).Distinct().Where(path => graph.OutputOf(path)?.Leaves().Contains(group) == true).ToList();

    /// <summary>What the layers of a group say, in the order of <c>forward</c>, and what comes of it over the class's settings.</summary>
    private (IReadOnlyList<LayerOption> Options, PruneSettings Settings) SettingsOf(Axis group)
    {
        var producers = ProducersOf(group);
        var options = Options().Where(option => producers.Contains(option.Path)).OrderBy(option => producers.IndexOf(option.Path)).ToList();
        return (options, options.Select(option => option.Settings).Append(model.Settings).Aggregate((first, next) => first.Over(next)));
    }

    private int SiteOf(string path) =>
        model.Annotations.First(annotation => path == annotation.Path || path.StartsWith(annotation.Path + ".", StringComparison.Ordinal)).Site;
}
