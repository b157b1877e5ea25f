namespace PruneGen.Axes;

/// <summary>
/// Calls that no table knows and whose dimensions their author describes with <c>[Axes]</c>: layers, with parameters of their
/// own, and functions. Names become axes: first those of the inputs, then those of the parameters, then what is left.
/// </summary>
public sealed class DescribedCalls
{
    internal static void Define(OpList ops)
    {
        ops.AddSeveral(a => ResultCount(a), Call, Operation);
    }

    /// <summary>The settings of a described layer, and the arguments of a described function.</summary>
    public const string Notation = "axes", Parameters = "parameters", Inexact = "inexact", Macs = "macs", Function = "function";

    /// <summary>The operation that a call of a described function is.</summary>
    public const string Operation = "axes";

    private readonly AxisGraph graph;
    private readonly AxesNotation notation;
    private readonly string name;
    private readonly LayerSpec? layer;
    private readonly AxisTensor?[] inputs;
    private readonly Dictionary<string, Axis> axes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (long Size, string Place)> sizes = new(StringComparer.Ordinal);

    private DescribedCalls(AxisGraph graph, AxesNotation notation, string name, LayerSpec? layer, IReadOnlyList<AxisTensor?> given)
    {
        (this.graph, this.notation, this.name, this.layer) = (graph, notation, name, layer);
        var tensors = given.Count == notation.Inputs.Count ? given.ToArray() : given.OfType<AxisTensor>().ToArray();
        inputs = tensors.Length == notation.Inputs.Count
            ? tensors
            : throw new AxisException(
                AxisRule.Mismatch,
                $"[Axes] of {name} describes another number of inputs ({notation.Inputs.Count}) than it is called with ({tensors.Length}); describe "
                    + $"each of them, with commas between them");
    }

    /// <summary>Whether a layer is described, so that no table is asked.</summary>
    public static bool Describes(LayerSpec layer) => layer.Settings.ContainsKey(Notation);

    /// <summary>Calls a described layer.</summary>
    public static AxisTensor[] Call(AxisGraph graph, LayerSpec layer, IReadOnlyList<AxisTensor?> inputs)
    {
        string Text(string setting) => layer.Settings.TryGetValue(setting, out var value) && value is string text ? text : "";
        return new DescribedCalls(graph, Read(layer.Name, Text(Notation), Text(Parameters), Text(Inexact), Text(Macs)), layer.Name, layer, inputs).Call();
    }

    /// <summary>Calls a described function.</summary>
    public static AxisTensor[] Call(AxisGraph graph, OpArguments a) => new DescribedCalls(graph, Read(a), NameOf(a), layer: null, a.Tensors).Call();

    /// <summary>How many results a described function has.</summary>
    public static int ResultCount(OpArguments a) => Read(a).Results.Count;

    private static string NameOf(OpArguments a) => a.Text(Function) ?? a.Name;

    private static AxesNotation Read(OpArguments a) => Read(NameOf(a), a.Text(Notation) ?? "", "", a.Text(Inexact) ?? "", a.Text(Macs) ?? "");

    private static AxesNotation Read(string name, string notation, string parameters, string inexact, string macs)
    {
        try
        {
            return AxesNotation.Parse(notation, parameters, inexact, macs);
        }
        catch (AxesNotationException exception)
        {
            throw new AxisException(AxisRule.Unsupported, $"[Axes] of {name} cannot be read: {exception.Message}");
        }
    }

    private AxisTensor[] Call()
    {
        var parameters = layer?.Module is null ? notation.Parameters : notation.Parameters.Select(RequireLive).ToList();
        RequireAllDescribed();
        for (var i = 0; i < inputs.Length; i++)
        {
            inputs[i] = inputs[i] is { } input ? Ranked(input, notation.Inputs[i], i) : null;
        }

        var known = Inputs().SelectMany(input => Places(input.Shape, input.Dims, $"input {input.Number}")).ToList();
        var own = parameters.SelectMany(
            parameter =>
                parameter.Dims.Select((dim, i) => (Dim: dim, Size: layer!.Width(parameter.Parameter, i), Place: $"dimension {i} of {parameter.Parameter}")))
                    .ToList();
        LearnSizes([.. known.Select(place => (place.Dim, place.Axis.Size, place.Place)), .. own]);

        BindPlain(known);
        BindProducts(known);
        BindParameters(own.Select(place => place.Dim));
        foreach (var parameter in parameters)
        {
            Register(parameter);
        }

        Mark();
        var results = notation.Results.Select(result =>
        {
            var dims = result.Dims.Select(AxisOf).ToArray();
            return (result.HasRest ? BehindRest(dims) : new AxisTensor(dims)).WithZeros(false);
        }).ToArray();
        Count();
        return results;
    }

    /// <summary>Counts what the description tells; a call that multiplies with weights or sums, and does not tell, is named.</summary>
    private void Count()
    {
        foreach (var product in notation.Macs ?? [])
        {
            graph.Mac(name, product.Select(factor => factor.Size is long size ? graph.NewConstant(size) : AxisOf(factor)));
        }

        if (notation.Macs is null
            && (notation.Parameters.Any(parameter => parameter.Dims.Count > 1) || notation.Inputs.SelectMany(input => input.Names).Any(own => !InResults(own))))
        {
            graph.LeaveUncounted(name);
        }
    }

    /// <summary>The inputs that are given, with the dimensions that the notation names, and the number that a person counts by.</summary>
    private IEnumerable<(AxesShape Shape, IReadOnlyList<Axis> Dims, AxisTensor Tensor, int Number)> Inputs() =>
        inputs.Select((tensor, i) => (Shape: notation.Inputs[i], Tensor: tensor, Number: i + 1)).Where(input => input.Tensor is not null)
            .Select(
                input =>
                    (
                        input.Shape,
                        (IReadOnlyList<Axis>)input.Tensor!.Dims.Skip(input.Tensor.Dims.Count - input.Shape.Dims.Count).ToList(),
                        input.Tensor,
                        input.Number));

    private static IEnumerable<(AxesDim Dim, Axis Axis, string Place)> Places(AxesShape shape, IReadOnlyList<Axis> dims, string tensor) =>
        shape.Dims.Select((dim, i) => (dim, dims[i], $"dimension {i} of {tensor}"));

    /// <summary>A parameter that the live layer has, with as many dimensions.</summary>
    private AxesShape RequireLive(AxesShape parameter)
    {
        if (layer!.ShapeOf(parameter.Parameter) is not { } shape)
        {
            throw new AxisException(
                AxisRule.Unsupported,
                $"[Axes] of {name} describes {parameter.Parameter}, but the live {layer.Type} has "
                    + $"{(layer.Parameters.Count == 0 ? "no parameters" : string.Join(", ", layer.Parameters.Keys))}",
                remedy: "correct the name, or leave it out");
        }

        return shape.Length == parameter.Dims.Count
            ? parameter
            : throw new AxisException(
                AxisRule.Unsupported,
                $"[Axes] of {name} describes {parameter.Parameter} as {parameter}, but the live one is [{string.Join(", ", shape)}]",
                remedy: $"name each of its {shape.Length} dimensions");
    }

    /// <summary>Nothing of the live layer may be left out, but for counters and their like, which have no dimension to cut.</summary>
    private void RequireAllDescribed()
    {
        if (layer?.Module is not null
            && layer.Parameters.Keys.FirstOrDefault(
                own => layer.ShapeOf(own)?.Length != 0 && notation.Parameters.All(parameter => parameter.Parameter != own)) is { } left)
        {
            throw new AxisException(
                AxisRule.Unsupported,
                $"[Axes] of {name} does not describe {left}, [{string.Join(", ", layer.ShapeOf(left) ?? [])}]",
                remedy: $"add it: Parameters = \"{left}: …\"");
        }
    }

    /// <summary>A tensor with as many dimensions as the notation names; one of open rank gets them.</summary>
    private AxisTensor Ranked(AxisTensor x, AxesShape shape, int place)
    {
        var missing = shape.Dims.Count - x.Dims.Count;
        if (missing > 0 && x.IsOpen)
        {
            var leading = shape.Dims.Take(missing).Select(dim => graph.NewFixed(dim.Name ?? "", dim.Size, x.LeadingBecause)).ToArray();
            return shape.HasRest ? AxisTensor.Open([.. leading, .. x.Dims]) : x.Lead(leading);
        }

        if (missing == 0 && x.IsOpen && !shape.HasRest)
        {
            return x.Lead([]);
        }

        return missing == 0 || (missing < 0 && shape.HasRest)
            ? x
            : throw new AxisException(
                AxisRule.Mismatch,
                $"[Axes] of {name} names {shape.Dims.Count} dimensions of its input {place + 1} ({shape}), which is {x}; name as many as the tensor "
                    + $"has, or put ... in front");
    }

    /// <summary>Learns how wide each name is, from wherever that can be told, and that all these places agree.</summary>
    private void LearnSizes(IReadOnlyList<(AxesDim Dim, long? Size, string Place)> places)
    {
        foreach (var (dim, size, place) in places)
        {
            if (dim.Name is { } plain && size is long width)
            {
                Learn(plain, width, place);
            }
            else if (dim.Size is long stated && size is long actual && stated != actual)
            {
                throw new AxisException(
                    AxisRule.Mismatch, $"[Axes] of {name} states {stated} for {place}, which has {actual} indices; write {actual}, or a name");
            }
        }

        // A product tells the one factor that nothing else does, which may tell another.
        for (var learned = -1; learned != sizes.Count;)
        {
            learned = sizes.Count;
            foreach (var (dim, size, place) in places.Where(place => place.Dim.Factors.Count > 0 && place.Size is not null))
            {
                var rest = dim.Factors.Aggregate(1L, (n, factor) => n * (SizeOf(factor) ?? 1));
                var open = dim.Factors.Where(factor => SizeOf(factor) is null).ToList();
                if (open.Count <= 1 && (size!.Value % rest != 0 || (open.Count == 0 && size != rest)))
                {
                    throw new AxisException(
                        AxisRule.Mismatch,
                        $"[Axes] of {name} takes {place} for {dim}, but it has {size} indices, and {string.Join(" · ", dim.Factors.Except(open))} has "
                            + $"{rest}; correct the notation, or the widths");
                }

                if (open.Count == 1 && open[0].Name is { } last)
                {
                    Learn(last, size!.Value / rest, place);
                }
            }
        }
    }

    private void Learn(string axis, long size, string place)
    {
        if (!sizes.TryGetValue(axis, out var known))
        {
            sizes.Add(axis, (size, place));
        }
        else if (known.Size != size)
        {
            throw new AxisException(
                AxisRule.Mismatch,
                $"[Axes] of {name} calls both {known.Place} and {place} {axis}, but they have {known.Size} and {size} indices; give one of them another "
                    + $"name, or both one width");
        }
    }

    private long? SizeOf(AxesDim dim) => dim.Size ?? SizeOf(dim.Name!);

    private long? SizeOf(string axis) => sizes.TryGetValue(axis, out var known) ? known.Size : null;

    private void BindPlain(IEnumerable<(AxesDim Dim, Axis Axis, string Place)> places)
    {
        foreach (var (dim, axis, _) in places)
        {
            if (dim.Size is long size)
            {
                graph.Fix(axis, $"[Axes] of {name} states its size, {size}");
            }
            else if (dim.Name is { } plain)
            {
                Bind(plain, axis);
            }
        }
    }

    private void Bind(string plain, Axis axis)
    {
        if (axes.TryGetValue(plain, out var bound))
        {
            graph.Tie(bound, axis, $"[Axes] of {name} calls both {plain}");
        }
        else
        {
            axes.Add(plain, axis);
        }
    }

    /// <summary>Takes products apart: a factor that nothing else names is a part of the axis, and may shrink where that may.</summary>
    private void BindProducts(IEnumerable<(AxesDim Dim, Axis Axis, string Place)> places)
    {
        foreach (var (dim, axis, place) in places.Where(place => place.Dim.Factors.Count > 0))
        {
            var open = dim.Names.Where(factor => !axes.ContainsKey(factor)).Distinct().ToList();
            if (graph.IsLive && axis.Size is not null && open.FirstOrDefault(factor => SizeOf(factor) is null) is { } untold)
            {
                throw new AxisException(
                    AxisRule.Unsupported,
                    $"[Axes] of {name} takes {place} for {dim}, but nothing tells how wide {untold} is",
                    remedy: "state a factor as a number, or name it in another input or a parameter");
            }

            foreach (var factor in open)
            {
                var part = graph.NewUndecided("", SizeOf(factor));
                part.IsOutput = axis.HasPrunable;
                axes.Add(factor, part);
            }

            graph.Tie(axis, AxisOf(dim), $"[Axes] of {name} takes it for {dim}");
        }
    }

    /// <summary>What only parameters name: outputs of the layer where a result has it, else a size that stays.</summary>
    private void BindParameters(IEnumerable<AxesDim> dims)
    {
        var outputs = new List<Axis>();
        foreach (var own in dims.SelectMany(dim => dim.Names).Distinct().Where(own => !axes.ContainsKey(own)).ToList())
        {
            if (notation.Results.Any(result => result.Names.Contains(own)))
            {
                outputs.Add(graph.NewOutput(layer!.Name, SizeOf(own)));
                axes.Add(own, outputs[outputs.Count - 1]);
            }
            else
            {
                axes.Add(own, graph.NewFixed("", SizeOf(own), $"{name} keeps it to itself"));
            }
        }

        if (outputs.Count > 1)
        {
            graph.JoinOutputs(layer!.Name, outputs);
        }
    }

    private void Register(AxesShape parameter)
    {
        var reads = parameter.Dims.ToList().FindIndex(dim => dim.Names.Any(own => !InResults(own) && notation.Inputs.Any(input => input.Names.Contains(own))));
        graph.Parameter(layer!, parameter.Parameter, parameter.Dims.Select(AxisOf).ToArray(), reads);
    }

    /// <summary>Says what is summed over or normalised, and what a weight among the inputs is read and made by.</summary>
    private void Mark()
    {
        var weights = Inputs().Where(input => input.Tensor.Parameter is not null).ToList();
        foreach (var weight in weights)
        {
            var reads = weight.Shape.Dims.ToList().FindIndex(dim => dim.Names.Any(own => !InResults(own) && InOthers(own, weight.Number)));
            weight.Tensor.ReadBy(reads);
            foreach (var own in weight.Shape.Names.Where(own => InResults(own) && !InOthers(own, weight.Number)))
            {
                graph.StartOutput(axes[own]);
            }
        }

        foreach (var input in Inputs().Except(weights))
        {
            foreach (var own in input.Shape.Names.Where(
                own =>
                    !InResults(own)
                        && !notation.Parameters.Any(parameter => parameter.Names.Contains(own))
                        && !weights.Any(weight => weight.Shape.Names.Contains(own))))
            {
                graph.MarkInexact(axes[own], $"{name} sums over it, as [Axes] says");
            }
        }

        foreach (var own in notation.Inexact.Where(axes.ContainsKey))
        {
            graph.MarkInexact(axes[own], $"{name} makes its values depend on each other, as [Axes] says");
        }
    }

    private bool InResults(string own) => notation.Results.Any(result => result.Names.Contains(own));

    private bool InOthers(string own, int number) => notation.Inputs.Where((_, i) => i + 1 != number).Any(input => input.Names.Contains(own));

    /// <summary>Dimensions behind those that ... stands for: those of every input that has it, which broadcast.</summary>
    private AxisTensor BehindRest(Axis[] dims)
    {
        var inputs = Inputs().Where(input => input.Shape.HasRest).ToList();
        var rests = inputs.Select(input => input.Tensor.WithDims(input.Tensor.Dims.Take(input.Tensor.Dims.Count - input.Shape.Dims.Count))).ToList();
        var rest = PointwiseOps.Pointwise(graph, name, rests, Zeros.Lost);
        return (rests.Count == 1 ? inputs[0].Tensor : rest).WithDims([.. rest.Dims, .. dims]);
    }

    private Axis AxisOf(AxesDim dim)
    {
        if (dim.Factors.Count > 0)
        {
            return AxisGraph.MakeProduct(dim.Factors.Select(AxisOf).ToArray());
        }

        if (dim.Size is long size)
        {
            return size == 1 ? graph.NewConstant(1) : graph.NewFixed("", size, $"[Axes] of {name} states its size, {size}");
        }

        if (!axes.TryGetValue(dim.Name!, out var axis))
        {
            axes.Add(dim.Name!, axis = graph.NewFixed(dim.Name!, SizeOf(dim.Name!), $"{name} alone tells how wide it is"));
        }

        return axis.Resolve();
    }
}
