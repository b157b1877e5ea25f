using System.Globalization;
using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>Reads the trace of a model's <c>forward</c> and writes each step into a graph.</summary>
internal sealed class OnnxProgram
{
    private readonly nn.Module model;
    private readonly OnnxOptions options;
    private readonly ProbedTrace probed;
    private readonly OnnxSizes sizes;
    private readonly TraceMemory memory;
    private readonly FoldedNorms norms;
    private readonly IReadOnlyList<OnnxTransform> transforms;
    private readonly Dictionary<AxisTensor, OnnxValue> values = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<string> outputs = new(StringComparer.Ordinal);
    private readonly List<string> notes = [];

    private OnnxProgram(nn.Module model, OnnxOptions options, long[][] shapes)
    {
        (this.model, this.options) = (model, options);
        var names = LinkInputs.NamesOf((IPrunable)model, shapes.Length);
        if (options.InputTypes.Keys.FirstOrDefault(name => !names.Contains(name)) is { } unknown)
        {
            throw new ArgumentException(
                $"OnnxOptions.InputTypes names the input '{unknown}', and the inputs are {string.Join(", ", names)}.", nameof(options));
        }

        probed = ProbedTrace.Of((IPrunable)model, shapes, Dynamic(names, shapes, options));
        RefuseGaps();
        memory = new TraceMemory(Trace);
        var quantized = QuantizedTensors.Of(model, notes);
        transforms = quantized is null ? options.Transforms : [quantized, .. options.Transforms];
        norms = new FoldedNorms(Trace, options.FoldBatchNorm, layer => quantized?.HasCodes(layer) == true, layer => quantized?.HasPoint(layer) == true);
        Graph = new OnnxGraph(probed.Count);
        Inputs = [.. probed.Inputs.Select((input, i) => new OnnxValue(Graph.Reserve(names[i]), TypeOf(names[i], input), probed.ShapeOf(input)))];
        foreach (var (input, value) in probed.Inputs.Zip(Inputs))
        {
            values[input] = value;
            Graph.Know(value);
        }

        sizes = new OnnxSizes(Graph, Inputs, probed.Dimensions);
        for (var i = 0; i < Trace.Steps.Count; i++)
        {
            Take(i);
        }

        Graph.Scope = "";
        Outputs = [.. Trace.Results.Zip(OutputNames(model, Trace.Results.Count), Output)];
        notes.AddRange(OperatorTypes.Notes(Graph));
        quantized?.Finish(Graph, [.. Outputs.Select(output => output.Name)], Trace);
    }

    /// <summary>The graph.</summary>
    public OnnxGraph Graph { get; }

    /// <summary>The model's inputs.</summary>
    public IReadOnlyList<OnnxValue> Inputs { get; }

    /// <summary>The model's outputs.</summary>
    public IReadOnlyList<OnnxValue> Outputs { get; }

    /// <summary>What is left out because it is random, or belongs to training alone.</summary>
    public IReadOnlyList<string> Notes => [.. notes.Distinct()];

    /// <summary>What forward does.</summary>
    public ForwardTrace Trace => probed.Trace;

    /// <summary>How many bytes a tensor has at the shapes of inputs that were given; null where nothing tells before it runs.</summary>
    public long? BytesOf(OnnxValue value) => value.Shape?.Aggregate(TensorTypes.BytesOf(value.Type), (all, size) => all * size.Values[probed.Given]);

    /// <summary>Reads a model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">How it is exported.</param>
    /// <param name="shapes">The shape of each input.</param>
    /// <exception cref="OnnxExportException">A step of it cannot be said in ONNX.</exception>
    public static OnnxProgram Of(nn.Module model, OnnxOptions options, long[][] shapes) => new(model, options, shapes);

    /// <summary>The dimensions of an input or output as the file tells them: numbers, names, or null.</summary>
    public IEnumerable<object?>? DimensionsOf(OnnxValue value) =>
        value.Shape?.Select(size => size.IsConstant ? (object)size.Value : sizes.NameOf(size));

    private static IEnumerable<string> OutputNames(nn.Module model, int count)
    {
        var names = ((IPrunable)model).ResultNames;
        return Enumerable.Range(0, count).Select(i => names.Count == count ? names[i]
            : count == 1 ? "output" : string.Create(CultureInfo.InvariantCulture, $"output{i + 1}"));
    }

    private static Dictionary<(int Input, int Dim), string> Dynamic(string[] names, long[][] shapes, OnnxOptions options)
    {
        if (options.DynamicDimensions is not { } told)
        {
            return Enumerable.Range(0, shapes.Length).Where(i => shapes[i].Length > 0 && shapes[i][0] == shapes[0][0])
                .ToDictionary(i => (i, 0), _ => "batch");
        }

        var dynamic = new Dictionary<(int, int), string>();
        foreach (var (input, dimensions) in told)
        {
            var at = Array.IndexOf(names, input);
            foreach (var (dim, name) in dimensions)
            {
                if (at < 0 || dim < 0 || dim >= shapes[at].Length)
                {
                    throw new ArgumentException(
                        $"OnnxOptions.DynamicDimensions names dimension {dim} of the input '{input}'"
                            + (at < 0 ? $", and the inputs are {string.Join(", ", names)}." : $", which has {shapes[at].Length} dimensions."),
                        nameof(options));
                }

                dynamic.Add((at, dim), name);
            }
        }

        return dynamic;
    }

    private void RefuseGaps()
    {
        var name = model.GetType().Name;
        var known = options.Operations.Keys.ToHashSet(StringComparer.Ordinal);
        if (Trace.Conditions.Where(condition => !condition.IsSetting).Select(condition => condition.Text).FirstOrDefault() is { } condition)
        {
            throw new OnnxExportException(
                $"{name} cannot be exported: which way forward goes depends on the values of tensors ({condition}), and ONNX gets one way. Choose with where, "
                    + "or decide outside of forward.");
        }

        var gap = Trace.OfForward.FirstOrDefault()
            ?? Trace.Steps.Where(step => !IsDescribedByUser(step)).Select(step => step.Gap).FirstOrDefault(text => text is not null);
        if (gap is not null)
        {
            throw new OnnxExportException($"{name} cannot be exported: {gap} is not told by its source, nor by the live model.");
        }

        bool IsDescribedByUser(TraceStep step) => OnnxOperations.DescribedName(step) is { } described && known.Contains(described);
    }

    /// <summary>Writes one step.</summary>
    private void Take(int number)
    {
        var step = Trace.Steps[number];
        Graph.Step = number;
        Graph.Scope = step.Kind == TraceStepKind.Operation
            ? (step.Within.Length == 0 ? step.Name.TrimEnd('_') : $"{step.Within}/{step.Name.TrimEnd('_')}") : step.Name;
        if (step.Kind is TraceStepKind.Parameter or TraceStepKind.Tensor)
        {
            values[step.Results[0]] = Graph.Parameter(step.Name, step.Tensor!.detach().cpu());
            return;
        }

        try
        {
            memory.Check(number);
            var call = Call(step, number);
            for (var i = 0; i < call.TensorCount; i++)
            {
                call.Change(i, transforms);
            }

            var results = norms.IsFolded(step) ? [call.Input] : norms.IsShift(step) ? [Shift(call)] : Writer(step)(call);
            if (!norms.IsFolded(step) && call.Unread() is { } unread)
            {
                throw call.Refusal($"{unread} is not written");
            }

            if (results.Length != step.Results.Count)
            {
                throw call.Refusal($"it has {step.Results.Count} results, and {results.Length} are written");
            }

            for (var i = 0; i < results.Length; i++)
            {
                Set(number, i, transforms.Aggregate(results[i], (value, transform) => transform.Result(call, i, value)), call);
            }
        }
        catch (OnnxExportException error)
        {
            throw Refusal(step, error);
        }
    }

    /// <summary>What is left of a norm that quantization has folded: x + β for each channel.</summary>
    private static OnnxValue Shift(OnnxStep call)
    {
        var shift = call.Step.Module!.get_parameter("bias")!.detach().cpu().reshape([-1, .. Enumerable.Repeat(1L, call.Input.Rank - 2)]);
        return call.Join("Add", call.Input, call.Graph.Named($"{call.Name}.bias", shift));
    }

    /// <summary>Writes down a result: under the type and shape that forward gives it, and for all that it is written into.</summary>
    private void Set(int number, int place, OnnxValue value, OnnxStep call)
    {
        var step = Trace.Steps[number];
        var result = step.Results[place];
        var shape = probed.ShapeOf(result);
        if (shape is not null && value.Shape is not null && !shape.SequenceEqual(value.Shape))
        {
            throw call.Refusal(
                $"it makes [{string.Join(", ", shape)}], and what is written makes [{string.Join(", ", value.Shape)}]; this is a defect of PruneGen");
        }

        value = value with { Shape = shape ?? value.Shape };
        values[result] = value;
        if (value.Constant is null)
        {
            Graph.Know(value);
        }

        if (place == 0 && memory.Written(number) is { } written)
        {
            // What is written into keeps its element type.
            var kept = Graph.Cast(value, values[written[0]].Type);
            foreach (var tensor in written.Append(result))
            {
                values[tensor] = kept;
            }
        }
    }

    private OnnxStep Call(TraceStep step, int number)
    {
        var arguments = new Dictionary<string, object?[]>(StringComparer.Ordinal);
        var given = step.Arguments;
        for (var i = 0; i < given.Count; i++)
        {
            // Tensors of a layer's call are among its arguments by name, too.
            if (step.Kind == TraceStepKind.Operation || !TensorsIn.Argument(given[i].Value).Any())
            {
                arguments.Add(given[i].Name, probed.Argument(number, i));
            }
        }

        return new OnnxStep(
            step,
            Graph,
            sizes,
            [.. step.Inputs.Select(input => input is null ? null : Find(input))],
            arguments,
            [.. step.Results.Select(probed.ShapeOf)],
            Find,
            (call, name) => norms.Parameter(call.Step.Module!, name)?.cpu(),
            transforms) { Notes = notes };
    }

    private OnnxValue Find(AxisTensor tensor) =>
        values.TryGetValue(tensor, out var value) ? value : throw new OnnxExportException("it reads a tensor that no step makes");

    private OnnxWriter Writer(TraceStep step)
    {
        if (step.Kind == TraceStepKind.Layer)
        {
            return options.Layers.TryGetValue(step.Module!.GetType(), out var own) ? own
                : OnnxLayers.Find(step.Module, step.Method) ?? throw new OnnxExportException(
                    $"ONNX has no counterpart of a {step.Module.GetType().Name} that PruneGen knows; give OnnxOptions.Layers a writer, or take it out of "
                        + "forward");
        }

        var name = OnnxOperations.DescribedName(step) ?? step.Name;
        return options.Operations.TryGetValue(name, out var written) ? written
            : OnnxOperations.Find(name) ?? throw new OnnxExportException(
                $"ONNX has no counterpart of {name} that PruneGen knows; give OnnxOptions.Operations a writer, or take it out of forward");
    }

    private OnnxExportException Refusal(TraceStep step, OnnxExportException error)
    {
        var within = step.Within.Length == 0 ? model.GetType().Name : $"{step.Within} of {model.GetType().Name}";
        var code = step.ToString(value => values.TryGetValue(value, out var known) ? known.Name : $"%{Trace.NumberOf(value)}");
        return new OnnxExportException(
            $"{model.GetType().Name} cannot be exported: {step.Name} in {within}: {error.Message}. The step: {code}", step.Name, error);
    }

    private OnnxValue Output(AxisTensor result, string name)
    {
        var value = Find(result);
        if (value.Constant is not null
            || Inputs.Any(input => input.Name == value.Name)
            || !outputs.Add(value.Name)
            || !Graph.Rename(value.Name, name))
        {
            name = Graph.Unique(name);
            Graph.Output(value, name);
        }

        outputs.Add(name);
        var named = value with { Name = name, Constant = null };
        foreach (var (tensor, _) in values.Where(pair => pair.Value.Name == value.Name).ToList())
        {
            values[tensor] = named;
        }

        return named;
    }

    private ScalarType TypeOf(string name, AxisTensor input) => options.InputTypes.TryGetValue(name, out var type) ? type
        : InputTypes.Asked(Trace, input) ?? model.parameters().FirstOrDefault(parameter => parameter.is_floating_point())?.dtype ?? ScalarType.Float32;
}
