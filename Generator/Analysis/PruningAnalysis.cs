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
    private readonly Dictionary<int, AxisTensor[]> several = [];
    private readonly List<Finding> findings = [];

    private readonly CarriedOutputs carried = new();
    private readonly List<Node> steps;

    /// <summary>What holds outputs in the live model, which is worth a word where nothing else does.</summary>
    private readonly List<(Func<Axis, Finding> Finding, Axis Outputs)> stated = [];

    /// <summary>Values that are tensors which are not registered, and where each is read.</summary>
    private readonly Dictionary<int, (UnregisteredTensor Tensor, int Site)> unregistered = [];

    /// <summary>The axes of tensors that meet one of which nothing is known.</summary>
    private readonly List<Axis> joins = [];

    /// <summary>Whether nothing from outside of a branch or loop is looked at inside of it.</summary>
    private readonly bool isCautious;

    /// <summary>Which branch or loop made each value; 0 for none.</summary>
    private readonly int[] madeAt;
    private int depth;

    private PruningAnalysis(ModelSpec model, bool isCautious)
    {
        this.model = model;
        this.isCautious = isCautious;
        tensors = Enumerable.Repeat(AxisTensor.Deferred, model.Values.Count).ToArray();
        madeAt = new int[model.Values.Count];
        steps = Steps.Within(model.Body).ToList();
    }

    /// <summary>Analyses a model.</summary>
    public static AnalysisResult Run(ModelSpec model)
    {
        var result = new PruningAnalysis(model, isCautious: false).Run();
        var branches = model.Body.Any(node => node is Choice or Loop);

        if (!branches || !result.Findings.Any(finding => finding.Rule == RuleIds.KeptWidth || Rules.Blocks(finding.Rule)))
        {
            return result;
        }

        // Branches exclude each other, and what one of them needs must not be held against the rest: only what is wrong
        // whichever way is taken is a mistake.
        var certain = new PruningAnalysis(model, isCautious: true).Run();
        return result.Spec is null
            ? certain
            : result with { Findings = result.Findings.Where(finding => finding.Rule != RuleIds.KeptWidth || certain.Findings.Contains(finding))
                .ToEquatable() };
    }

    private AnalysisResult Run()
    {
        for (var i = 0; i < model.Inputs.Count; i++)
        {
            tensors[i] = model.Inputs[i].Kind == InputKind.Tensor ? AxisTensor.Open() : AxisTensor.Deferred;
        }

        if (model.Export == ExportWish.Alone)
        {
            graph.AllKeptBecause = "the model is annotated for export alone";
        }

        Annotations.HoldWidths(model, graph);
        Run(model.Body);
        var annotations = new Annotations(model, graph);
        findings.AddRange(new Couplings(model, graph).Tie());
        annotations.HoldWidths();
        findings.AddRange(stated.Where(held => held.Outputs.MayShrink).Select(held => held.Finding(held.Outputs)));
        var groups = graph.Groups();
        findings.AddRange(annotations.Check(groups, joins, value => tensors[value]));
        if (model.Export == ExportWish.Alone)
        {
            // What is wrong with pruning it alone is no matter.
            findings.RemoveAll(finding => !Rules.Blocks(finding.Rule));
        }

        if (model.Export != ExportWish.None)
        {
            findings.AddRange(ExportChecks.Of(model));
        }

        return new AnalysisResult(findings.Any(finding => Rules.Blocks(finding.Rule)) ? null : Describe(groups, annotations), findings.ToEquatable());
    }

    /// <summary>Runs steps; false where they do not lead to the next one.</summary>
    private bool Run(IEnumerable<Node> body)
    {
        var goesOn = true;
        foreach (var node in body)
        {
            switch (node)
            {
                case Instruction instruction:
                    tensors[instruction.Result] = Apply(instruction);
                    madeAt[instruction.Result] = depth;
                    break;
                case Assign assign:
                    tensors[assign.Variable] = assign.From >= 0 ? Read(assign.From) : AxisTensor.Deferred;
                    break;
                case Guard guard:
                    Hold(guard);
                    break;
                case Choice choice:
                    goesOn = Choose(choice);
                    break;
                case Loop loop:
                    Repeat(loop);
                    break;
                case Return end:
                    foreach (var result in end.Results.OfType<TensorArgument>().Select(result => Read(result.Value)))
                    {
                        result.Read();
                        foreach (var axis in result.Dims)
                        {
                            graph.Fix(axis, FixedReasons.Result);
                        }
                    }

                    return false;
                case Exit:
                    return false;
            }
        }

        return goesOn;
    }

    /// <summary>Keeps the widths that a guard asks for; two that must be equal shrink together.</summary>
    private void Hold(Guard guard)
    {
        var because = $"forward throws where {guard.Text}";
        var asked = guard.Condition.All().OfType<SizeArgument>().Select(AxisOf).OfType<Axis>().Where(axis => axis.MayShrink).ToList();
        if (guard.Condition is Binary { Operator: "!=", Left: SizeArgument left, Right: SizeArgument right }
            && AxisOf(left) is { } first
            && AxisOf(right) is { } other)
        {
            try
            {
                graph.Tie(first, other, because);
                return;
            }
            catch (AxisException)
            {
                // They cannot be one: then both stay.
            }
        }

        foreach (var axis in asked)
        {
            graph.Fix(axis, because);
        }

        Axis? AxisOf(SizeArgument size) =>
            size.Dim is NumberArgument { Value: var dim }
                && Read(size.Tensor) is { IsDeferred: false } tensor
                && (dim < 0 ? -dim <= tensor.Dims.Count : !tensor.IsOpen && dim < tensor.Dims.Count)
            ? tensor.Size(dim).Axis
            : null;
    }

    /// <summary>Runs each way from the same start; what they agree on is known after them.</summary>
    private bool Choose(Choice choice)
    {
        var before = choice.Variables.Select(variable => tensors[variable]).ToArray();
        var ends = new List<AxisTensor[]>();
        if (!choice.Exhaustive)
        {
            ends.Add(before);
        }

        foreach (var arm in choice.Arms)
        {
            Reset(choice.Variables, before);
            depth++;
            var goesOn = Run(arm.Body);
            depth--;
            if (goesOn || choice.Switch is not null)
            {
                // What leaves a switch by break goes on behind it.
                ends.Add(choice.Variables.Select(variable => tensors[variable]).ToArray());
            }
        }

        for (var i = 0; i < choice.Variables.Count; i++)
        {
            tensors[choice.Variables[i]] = ends.Count > 0 && !isCautious && ends.All(end => IsSame(end[i], ends[0][i])) ? ends[0][i] : AxisTensor.Deferred;
        }

        return ends.Count > 0;
    }

    /// <summary>Runs the body once, for what it calls; what it changes is only known to a live model.</summary>
    private void Repeat(Loop loop)
    {
        foreach (var variable in loop.Variables.Concat(loop.Elements))
        {
            tensors[variable] = AxisTensor.Deferred;
        }

        depth++;
        Run(loop.Body);
        depth--;
        foreach (var variable in loop.Variables)
        {
            tensors[variable] = AxisTensor.Deferred;
        }
    }

    private void Reset(EquatableArray<int> variables, AxisTensor[] to)
    {
        for (var i = 0; i < variables.Count; i++)
        {
            tensors[variables[i]] = to[i];
        }
    }

    private static bool IsSame(AxisTensor first, AxisTensor second) =>
        ReferenceEquals(first, second)
        || (!first.IsDeferred
            && !second.IsDeferred
            && first.IsOpen == second.IsOpen
            && first.KeepsZeros == second.KeepsZeros
            && first.Dims.Count == second.Dims.Count
            && first.Dims.Zip(second.Dims, IsSame).All(same => same));

    private static bool IsSame(Axis first, Axis second) =>
        ReferenceEquals(first.Resolve(), second.Resolve())
        || (first.Kind != AxisKind.Leaf
            && first.Kind == second.Kind
            && first.Parts.Count == second.Parts.Count
            && first.Parts.Zip(second.Parts, IsSame).All(same => same));

    private AxisTensor Read(int value) => isCautious && madeAt[value] < depth ? AxisTensor.Deferred : tensors[value];

    private AxisTensor Apply(Instruction instruction)
    {
        var inputs = instruction.Inputs.Select(input => input < 0 ? null : Read(input)).ToArray();
        if (instruction is Let { Unregistered: { } tensor })
        {
            unregistered[instruction.Result] = (tensor, instruction.Site);
        }

        if (instruction is OpCall met)
        {
            inputs = WithoutLoose(met, inputs);
        }

        if (instruction is not Copy
            && (inputs.Any(input => input?.IsDeferred == true) || instruction is LayerCall { Layer.Kind: LayerKind.Deferred or LayerKind.Model }))
        {
            joins.AddRange(inputs.OfType<AxisTensor>().SelectMany(input => input.Dims));
        }
        try
        {
            switch (instruction)
            {
                case LayerCall call:
                    var results = ApplyLayer(call.Layer, inputs, call.Site);
                    several[call.Result] = call.WithIndices ? [results[0], results[0]] : results;
                    return call.Results == ResultKind.Tensor && results.Length == 1 ? results[0] : AxisTensor.Deferred;
                case OpCall operation:
                    several[operation.Result] = ApplyOperation(operation, inputs);
                    if (several[operation.Result] is [{ IsDeferred: true }])
                    {
                        carried.Note(operation, inputs);
                    }

                    return operation.Results == ResultKind.Tensor && several[operation.Result].Length == 1 ? several[operation.Result][0] : AxisTensor.Deferred;
                case Copy copy:
                    carried.Copy(copy.From, copy.Result);
                    return inputs[0]!;
                case Item item:
                    return several.TryGetValue(item.From, out var all) && item.Index < all.Length && !(isCautious && madeAt[item.From] < depth)
                        ? all[item.Index]
                        : AxisTensor.Deferred;
                default:
                    return AxisTensor.Deferred;
            }
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.BakedWidth && instruction is OpCall && IsOnlyResult(instruction.Result))
        {
            // Constants may state the sizes of what the model gives: it keeps them.
            foreach (var axis in inputs.OfType<AxisTensor>().SelectMany(input => input.Dims))
            {
                graph.Fix(axis, FixedReasons.Result);
            }

            return AxisTensor.Deferred;
        }
        catch (AxisException exception)
        {
            if (!isCautious || depth == 0)
            {
                findings.Add(exception.Rule switch
                {
                    AxisRule.Unsupported =>
                        new Finding(RuleIds.NotFollowed, instruction.Site, exception.Message, model.Type.Name, exception.HasRemedy ? "" : Rules.CanBeDescribed),
                    AxisRule.BakedWidth when instruction is OpCall view =>
                        BakedWidths.Report(graph, view, inputs.OfType<AxisTensor>().ToArray(), Evaluate(view), exception.Message),
                    _ => new Finding(RuleIds.Mismatch, instruction.Site, exception.Message),
                });
            }

            // What follows is not to be blamed for it.
            return AxisTensor.Deferred;
        }
    }

    /// <summary>Whether a value goes to the model's results alone, and meets no other on the way.</summary>
    private bool IsOnlyResult(int value)
    {
        var readers = steps.Where(step => Steps.Reads(step).Contains(value)).ToList();
        return readers.Count > 0 && readers.All(step =>
            step is Return || (step is OpCall { Inputs.Count: 1 } or Copy or Item && IsOnlyResult(((Instruction)step).Result)));
    }

    /// <summary>
    /// A tensor that is not registered holds what it meets, in the live model. Over the source, what meets it goes on as it is; where
    /// nothing else holds that, it is worth a word.
    /// </summary>
    private AxisTensor?[] WithoutLoose(OpCall operation, AxisTensor?[] inputs)
    {
        var others = inputs.Where((_, i) => !unregistered.ContainsKey(operation.Inputs[i])).ToArray();
        var axes = others.OfType<AxisTensor>().SelectMany(other => other.Dims).ToList();
        if (others.Length == inputs.Length || axes.Count == 0 || OpTable.TakesArguments(operation.Name))
        {
            return inputs;
        }

        joins.AddRange(axes);
        if ((!isCautious || depth == 0) && axes.FirstOrDefault(axis => axis.MayShrink) is { } met)
        {
            foreach (var held in operation.Inputs.Where(unregistered.ContainsKey).Select(input => unregistered[input]))
            {
                stated.Add((axis => new Finding(
                    RuleIds.UnregisteredTensor, held.Site, held.Tensor.Name, held.Tensor.Because, axis.ToString(), held.Tensor.Remedy), met));
            }
        }

        return others;
    }

    private AxisTensor[] ApplyLayer(LayerNode layer, AxisTensor?[] inputs, int site)
    {
        if (layer.Kind == LayerKind.Sequence)
        {
            return layer.Children.Aggregate(inputs, (x, child) => ApplyLayer(child, x, site)).OfType<AxisTensor>().ToArray();
        }

        if (layer.Kind != LayerKind.Layer || inputs.Length == 0)
        {
            return [AxisTensor.Deferred];
        }

        // Inputs of which nothing is known still reach a layer that starts outputs of its own.
        var deferred = inputs.Any(input => input?.IsDeferred == true);
        try
        {
            var results = LayerTable.Apply(graph, Describe(layer), inputs.Select(input => input?.IsDeferred == true ? AxisTensor.Open() : input).ToArray());
            return deferred && graph.OutputOf(layer.Path) is null ? [AxisTensor.Deferred] : results;
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape
            || (exception.Rule == AxisRule.Unsupported && (deferred || !layer.Complete || layer.Parameters.Count == 0)))
        {
            if (layer.Type == "Unflatten"
                && inputs[0] is { } cut
                && CarriedOutputs.LastOnly(cut) is { } outputs
                && Describe(layer).Settings.TryGetValue("unflattened_size", out var parts)
                && parts is AxisSize[] sizes
                && BakedWidths.Stated(layer.Type, sizes, cut, outputs, site) is { } finding)
            {
                stated.Add((_ => finding, outputs));
            }

            return [AxisTensor.Deferred];
        }
    }

    private AxisTensor[] ApplyOperation(OpCall operation, AxisTensor?[] inputs)
    {
        if (operation.Several is not null
            || operation.Arguments.Any(
                argument => argument.Value is SlicesArgument slices && slices.Slices.Any(slice => slice.Tensor >= 0 && Read(slice.Tensor).IsDeferred)))
        {
            return [AxisTensor.Deferred];
        }

        var arguments = Evaluate(operation);
        if (inputs.Any(input => input?.IsDeferred == true))
        {
            CheckStated(operation, inputs, arguments);
        }

        try
        {
            return OpTable.Apply(graph, new OpArguments(operation.Name, inputs, arguments));
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape
            || (exception.Rule != AxisRule.Mismatch && arguments.Values.Any(IsUntold)))
        {
            // The linker knows the input's shape, and the fields of the live model, and may tie what goes in here or hold it.
            joins.AddRange(inputs.OfType<AxisTensor>().SelectMany(input => input.Dims));
            if (!IsOnlyResult(operation.Result))
            {
                CheckStated(operation, inputs, arguments);
            }

            return [AxisTensor.Deferred];
        }
    }

    /// <summary>A width that a view states by numbers is held; where nothing else holds it, that is worth a word.</summary>
    private void CheckStated(OpCall operation, AxisTensor?[] inputs, Dictionary<string, object?> arguments)
    {
        if ((!isCautious || depth == 0)
            && inputs.FirstOrDefault() is { } viewed
            && operation.Inputs.Count > 0
            && carried.Of(operation.Inputs[0], viewed) is { } outputs
            && BakedWidths.Stated(operation, viewed, outputs, arguments, value => value < model.Inputs.Count) is { } finding)
        {
            stated.Add((_ => finding, outputs));
        }
    }

    private Dictionary<string, object?> Evaluate(OpCall operation) =>
        operation.Arguments.Where(argument => argument.Decides)
            .ToDictionary(argument => argument.Name, argument => ArgumentValues.Evaluate(argument.Value, tensors));

    private static bool IsUntold(object? value) => value switch
    {
        AxisSize size => size.Value is null && size.Axis is null,
        AxisSize[] sizes => sizes.Any(size => size.Value is null && size.Axis is null),
        AxisSlice[] slices => slices.Any(slice => IsUntold(slice.Start) || IsUntold(slice.Stop)),
        _ => false,
    };

    private static LayerSpec Describe(LayerNode layer) =>
        layer.Axes is { } axes
            ? LayerSpec.Described(
                layer.Path, layer.Type, axes.Notation, axes.Parameters, axes.Inexact, axes.Macs, new Dictionary<string, long[]?>(), module: null)
            : new(
        layer.Path,
        layer.Type,
        layer.Settings.ToDictionary(setting => setting.Name, setting => ArgumentValues.Evaluate(setting.Value, [])),
        layer.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Shape.Count > 0 ? parameter.Shape.ToArray() : null));

    private PruningSpec Describe(IReadOnlyList<Axis> groups, Annotations annotations) => new(
        model,
        tensors.Select(tensor => tensor.ToString()).ToEquatable(),
        groups.Select(
            group => new GroupSpec(group.Name, Members(group).ToEquatable(), group.InexactBecause ?? "", joins.Any(axis => axis.Leaves().Contains(group))))
                .ToEquatable(),
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
