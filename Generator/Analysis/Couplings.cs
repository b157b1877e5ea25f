using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>What <c>[CoupledWith]</c> adds to what <c>forward</c> shows. The linker does the same to the live model.</summary>
internal sealed class Couplings
{
    private readonly ModelSpec model;
    private readonly AxisGraph graph;
    private readonly List<LayerNode> reached;

    public Couplings(ModelSpec model, AxisGraph graph)
    {
        (this.model, this.graph) = (model, graph);
        reached = Steps.Within(model.Body).OfType<LayerCall>().SelectMany(call => call.Layer.WithChildren()).ToList();
    }

    /// <summary>Ties the outputs of coupled layers, as far as the source tells them.</summary>
    public IReadOnlyList<Finding> Tie() =>
        model.Annotations.SelectMany(annotation => annotation.Couplings.Select(coupling => Tie(annotation, coupling))).OfType<Finding>().ToList();

    private Finding? Tie(LayerAnnotation annotation, Coupling coupling)
    {
        var (own, layers) = (Below(annotation.Path), Below(coupling.Path));
        if (own.Count == 0)
        {
            return null;
        }

        if (layers.Count == 0)
        {
            return model.Reached.Any(path => path == coupling.Path || coupling.Path.StartsWith(path + ".", StringComparison.Ordinal))
                ? null
                : Refusal(annotation, coupling, "which forward never calls");
        }

        if (WithoutOutputs(coupling.Path, layers) is { } problem)
        {
            return Refusal(annotation, coupling, "which is " + problem);
        }

        if (WithoutOutputs(annotation.Path, own) is { } lack)
        {
            return Refusal(annotation, coupling, $"but is itself {lack}");
        }

        if (OutputsOf(annotation.Path) is not { } first || OutputsOf(coupling.Path) is not { } other)
        {
            // The live model tells.
            return null;
        }

        if (first.Size is long width && other.Size is long otherWidth && width != otherWidth)
        {
            return new Finding(
                RuleIds.Mismatch,
                coupling.Site,
                $"[CoupledWith] couples the outputs of {annotation.Path} with those of {coupling.Path}, but {annotation.Path} has {width} and "
                    + $"{coupling.Path} has {otherWidth}; give both one width, or take the attribute off");
        }

        try
        {
            graph.Tie(first, other, $"[CoupledWith] couples {annotation.Path} with {coupling.Path}");
            return null;
        }
        catch (AxisException exception)
        {
            return new Finding(RuleIds.Mismatch, coupling.Site, exception.Message);
        }
    }

    private Finding Refusal(LayerAnnotation annotation, Coupling coupling, string problem) =>
        new(RuleIds.BadCoupling, coupling.Site, annotation.Layer, coupling.Written, problem, model.Type.Name);

    /// <summary>What a path leads to that has no outputs, or more than can be meant; null where it has, or only the live model tells.</summary>
    private string? WithoutOutputs(string path, List<LayerNode> layers) =>
        OutputsOf(path) is not null ? null
        : layers.All(
            layer => layer.Kind is LayerKind.Layer or LayerKind.Sequence && layer.Complete) ? $"a {layers[0].Type} that passes on the channels that it gets"
        : layers.Find(layer => layer.Path == path) is { Kind: LayerKind.Model } model ? $"a {model.Type}, a model of its own with outputs in several places"
        : null;

    /// <summary>The outputs of a layer; those of a sequence are its last layer's.</summary>
    private Axis? OutputsOf(string path) => graph.OutputOf(path)
        ?? (Below(path).LastOrDefault(layer => layer.Path != path && graph.OutputOf(layer.Path) is not null) is { } last
            && reached.Any(layer => layer.Path == path && layer.Kind == LayerKind.Sequence)
            ? graph.OutputOf(last.Path)
            : null);

    private List<LayerNode> Below(string path) =>
        reached.Where(layer => layer.Path == path || layer.Path.StartsWith(path + ".", StringComparison.Ordinal)).ToList();
}
