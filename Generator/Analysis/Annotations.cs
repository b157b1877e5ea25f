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

    /// <summary>Holds the outputs of the layers with <c>[KeepWidth]</c>.</summary>
    public void HoldWidths()
    {
        foreach (var option in Options().Where(option => option.KeepWidth))
        {
            if (graph.OutputOf(option.Path) is { } axis)
            {
                graph.Fix(axis, $"[KeepWidth] holds {option.Path}");
            }
        }
    }

    /// <summary>What attributes say, by the path of the layer that it is said of: on a sequence it is said of the layers inside.</summary>
    public EquatableArray<LayerOption> Options() => model.Annotations.SelectMany(annotation =>
    {
        var inside = reached.FirstOrDefault(layer => layer.Path == annotation.Path && layer.Kind == LayerKind.Sequence) is { } sequence
            ? sequence.WithChildren().Where(layer => graph.OutputOf(layer.Path) is not null).Select(layer => layer.Path).ToList()
            : [annotation.Path];
        return inside.Select(path => new LayerOption(path, annotation.Settings, annotation.KeepWidth && path == inside[inside.Count - 1]));
    }).Where(option => option.KeepWidth || option.Settings != PruneSettings.None).ToEquatable();

    /// <summary>Everything that is wrong with the annotations.</summary>
    public IEnumerable<Finding> Check(IReadOnlyList<Axis> groups) =>
        model.Annotations.SelectMany(CheckReached).Concat(groups.SelectMany(CheckGroup));

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
        else if (annotation.Attribute is not ("Axes" or "CoupledWith") && layers.All(layer => layer.Kind is LayerKind.Layer or LayerKind.Sequence && graph.OutputOf(layer.Path) is null && layer.Complete))
        {
            yield return new Finding(RuleIds.NoOutputs, annotation.Site, annotation.Attribute, annotation.Layer, layers[0].Type);
        }
    }

    private IEnumerable<Finding> CheckGroup(Axis group)
    {
        var producers = reached.Select(layer => layer.Path).Distinct().Where(path => graph.OutputOf(path)?.Leaves().Contains(group) == true).ToList();
        var options = Options().Where(option => producers.Contains(option.Path)).OrderBy(option => producers.IndexOf(option.Path)).ToList();

        var withRatio = options.Where(option => option.Settings.Ratio is not null).ToList();
        foreach (var other in withRatio.Skip(1).Where(other => other.Settings.Ratio != withRatio[0].Settings.Ratio))
        {
            yield return new Finding(
                RuleIds.ContradictoryRatios, SiteOf(other.Path), other.Path, Literals.Double(other.Settings.Ratio!.Value), withRatio[0].Path, Literals.Double(withRatio[0].Settings.Ratio!.Value));
        }

        var criterion = options.Select(option => option.Settings.Criterion).FirstOrDefault(criterion => criterion is not null) ?? model.Settings.Criterion ?? "";
        criterion = criterion.Substring(criterion.LastIndexOf('.') + 1);
        if (criterion is "Taylor" or "MeanActivation")
        {
            foreach (var call in calls.Where(call => !call.Hooked && producers.Contains(call.Layer.Path)))
            {
                yield return new Finding(RuleIds.HooksSkipped, call.Site, criterion, call.Layer.Path);
            }
        }
    }

    private int SiteOf(string path) => model.Annotations.First(annotation => path == annotation.Path || path.StartsWith(annotation.Path + ".", StringComparison.Ordinal)).Site;
}
