using PruneGen.Axes;

namespace PruneGen;

/// <summary>Widths that something other than a rule makes one: ways of <c>forward</c> that meet, guards, <c>[CoupledWith]</c>.</summary>
internal sealed class WidthTies(AxisGraph graph)
{
    private readonly HashSet<(string Layer, string Other)> coupled = [];

    /// <summary>The outputs of two layers are to shrink together, once the whole model is linked.</summary>
    public void Couple(string layer, string other) => coupled.Add((layer, other));

    /// <summary>Ties the outputs of all layers that are coupled.</summary>
    /// <exception cref="AxisException">A layer is not there, or has no outputs, or another number of them.</exception>
    public void TieCoupled(LinkedModules modules)
    {
        foreach (var (layer, other) in coupled)
        {
            TieOutputs(modules, layer, other);
        }
    }

    /// <summary>Two tensors of which one or the other goes on: they are of one width.</summary>
    public void Meet(AxisTensor first, AxisTensor other, string because)
    {
        if (first.IsOpen || other.IsOpen || first.Dims.Count != other.Dims.Count)
        {
            Hold(first, because);
            Hold(other, because);
            return;
        }

        foreach (var (a, b) in first.Dims.Zip(other.Dims))
        {
            Tie(a, b, because);
        }
    }

    /// <summary>Makes two axes shrink together; where they cannot, both stay.</summary>
    public void Tie(Axis first, Axis other, string because)
    {
        if (!first.MayShrink && !other.MayShrink)
        {
            return;
        }

        try
        {
            graph.Tie(first, other, because);
        }
        catch (AxisException)
        {
            graph.Fix(first, because);
            graph.Fix(other, because);
        }
    }

    /// <summary>Nothing of a tensor is removed.</summary>
    public void Hold(AxisTensor tensor, string because)
    {
        foreach (var axis in tensor.Dims.Where(axis => axis.MayShrink))
        {
            graph.Fix(axis, because);
        }
    }

    private void TieOutputs(LinkedModules modules, string layer, string other)
    {
        var (first, second) = (OutputsOf(layer), OutputsOf(other));
        if (first.Size != second.Size)
        {
            throw new AxisException(
                AxisRule.Mismatch,
                $"[CoupledWith] couples the outputs of {layer} with those of {other}, but {layer} has {first.Size} and {other} has {second.Size}; give "
                    + $"both one width, or take the attribute off");
        }

        graph.Tie(first, second, $"[CoupledWith] couples {layer} with {other}");

        Axis OutputsOf(string path)
        {
            var module = modules.Find(path)
                ?? throw new AxisException(
                    AxisRule.Unsupported,
                    $"[CoupledWith] couples {layer} with {other}, but the live model has no {path}; correct the path, or take the attribute off");
            var name = modules.PathOf(module);
            var last = module is TorchSharp.Modules.Sequential
                ? graph.Parameters.LastOrDefault(
                    parameter =>
                        parameter.Layer.Name.StartsWith(name + ".", StringComparison.Ordinal) && graph.OutputOf(parameter.Layer.Name) is not null)?.Layer.Name
                : name;
            var problem = module is IPrunable
                ? "is a model of its own; couple a layer inside it"
                : "makes no outputs that forward reaches; name the layer that makes them, or take the attribute off";
            return (last is null ? null : graph.OutputOf(last))
                ?? throw new AxisException(
                    AxisRule.Unsupported, $"[CoupledWith] couples {layer} with {other}, but {path}, a {module.GetType().Name}, {problem}");
        }
    }
}
