using PruneGen.Axes;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Analysis;

/// <summary>
/// Runs <c>forward</c> over axes instead of numbers, by the same rules that the linker applies to live modules, and so
/// finds what shrinks together and what does not fit. Pure: values in, values out.
/// </summary>
internal sealed class PruningAnalysis
{
    private readonly ModelSpec model;
    private readonly AxisGraph graph = new();
    private readonly AxisTensor[] tensors;
    private readonly List<Finding> findings = [];

    private PruningAnalysis(ModelSpec model)
    {
        this.model = model;
        tensors = new AxisTensor[model.Values.Count];
    }

    /// <summary>Analyses a model.</summary>
    public static AnalysisResult Run(ModelSpec model) => new PruningAnalysis(model).Run();

    private AnalysisResult Run()
    {
        for (var i = 0; i < model.InputCount; i++)
        {
            tensors[i] = AxisTensor.Open();
        }

        foreach (var instruction in model.Body)
        {
            tensors[instruction.Result] = Apply(instruction);
        }

        foreach (var axis in model.Results.SelectMany(result => tensors[result].Dims))
        {
            graph.Fix(axis, "it reaches the model's result");
        }

        var annotations = new Annotations(model, graph);
        annotations.HoldWidths();
        var groups = graph.Groups();
        findings.AddRange(annotations.Check(groups));
        return new AnalysisResult(findings.Any(finding => Rules.Blocks(finding.Rule)) ? null : Describe(groups, annotations), findings.ToEquatable());
    }

    private AxisTensor Apply(Instruction instruction)
    {
        var inputs = instruction.Inputs.Select(input => tensors[input]).ToArray();
        try
        {
            return instruction switch
            {
                LayerCall call => ApplyLayer(call.Layer, inputs),
                OpCall operation => ApplyOperation(operation, inputs),
                _ => throw new InvalidOperationException($"{instruction.GetType().Name} is not an instruction that the analysis knows."),
            };
        }
        catch (AxisException exception)
        {
            findings.Add(exception.Rule switch
            {
                AxisRule.Unsupported => new Finding(RuleIds.NotFollowed, instruction.Site, exception.Message, model.Type.Name),
                AxisRule.BakedWidth when instruction is OpCall view => BakedWidths.Report(graph, view, inputs, Evaluate(view), exception.Message),
                _ => new Finding(RuleIds.Mismatch, instruction.Site, exception.Message),
            });

            // What follows is not to be blamed for it.
            return AxisTensor.Deferred;
        }
    }

    private AxisTensor ApplyLayer(LayerNode layer, AxisTensor[] inputs)
    {
        if (layer.Kind == LayerKind.Sequence)
        {
            return layer.Children.Aggregate(inputs, (x, child) => [ApplyLayer(child, x)])[0];
        }

        if (layer.Kind != LayerKind.Layer)
        {
            return AxisTensor.Deferred;
        }

        // Inputs of which nothing is known still reach a layer that starts outputs of its own.
        var deferred = inputs.Any(input => input.IsDeferred);
        try
        {
            var results = LayerTable.Apply(graph, Describe(layer), inputs.Select(input => input.IsDeferred ? AxisTensor.Open() : input).ToArray());
            return deferred && graph.OutputOf(layer.Path) is null ? AxisTensor.Deferred : results[0];
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape || (exception.Rule == AxisRule.Unsupported && (deferred || !layer.Complete)))
        {
            return AxisTensor.Deferred;
        }
    }

    private AxisTensor ApplyOperation(OpCall operation, AxisTensor[] inputs)
    {
        var arguments = Evaluate(operation);
        try
        {
            return OpTable.Apply(graph, new OpArguments(operation.Name, inputs, arguments))[0];
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape || (exception.Rule != AxisRule.Mismatch && arguments.Values.Any(IsUntold)))
        {
            // The linker knows the input's shape, and the fields of the live model.
            return AxisTensor.Deferred;
        }
    }

    private Dictionary<string, object?> Evaluate(OpCall operation) =>
        operation.Arguments.ToDictionary(argument => argument.Name, argument => ArgumentValues.Evaluate(argument.Value, tensors));

    private static bool IsUntold(object? value) => value switch
    {
        AxisSize size => size.Value is null && size.Axis is null,
        AxisSize[] sizes => sizes.Any(size => size.Value is null && size.Axis is null),
        _ => false,
    };

    private static LayerSpec Describe(LayerNode layer) => new(
        layer.Path,
        layer.Type,
        layer.Settings.ToDictionary(setting => setting.Name, setting => ArgumentValues.Evaluate(setting.Value, [])),
        layer.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Shape.Count > 0 ? parameter.Shape.ToArray() : null));

    private PruningSpec Describe(IReadOnlyList<Axis> groups, Annotations annotations) => new(
        model,
        tensors.Select(tensor => tensor.ToString()).ToEquatable(),
        groups.Select(group => new GroupSpec(group.Name, Members(group).ToEquatable(), group.InexactBecause ?? "")).ToEquatable(),
        graph.Outputs().Where(axis => !axis.IsPrunable).Select(axis => new NamedText(axis.Name, axis.FixedBecause ?? "")).ToEquatable(),
        annotations.Options());

    private IEnumerable<MemberSpec> Members(Axis group)
    {
        foreach (var parameter in graph.Parameters)
        {
            for (var dim = 0; dim < parameter.Axes.Count; dim++)
            {
                var axis = parameter.Axes[dim].Resolve();
                if (axis.Leaves().Contains(group))
                {
                    var role = dim == parameter.ReadDim ? MemberRole.Reads
                        : graph.OutputOf(parameter.Layer.Name) is null ? MemberRole.Follows
                        : MemberRole.Produces;
                    yield return new MemberSpec(parameter.Layer.Name, $"{parameter.Name}[{dim}]", role, ReferenceEquals(axis, group) ? "" : axis.ToString());
                }
            }
        }
    }
}
