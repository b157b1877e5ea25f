using PruneGen.Axes;
using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What can be pruned in a model as it stands: its groups, the parameters that belong to them, and its size and cost as
/// closed forms of the groups' widths. A snapshot: link again after the widths have changed.
/// </summary>
public sealed class PruningPlan
{
    private const string NeverReached = "forward never reaches it";

    private readonly Dictionary<Axis, PruningGroup> groupOfAxis;
    private readonly Dictionary<string, PruningGroup> groupOfName;
    private readonly Dictionary<Axis, int> numberOfGroup;
    private readonly Dictionary<Axis, WidthForm?> forms = [];
    private readonly IReadOnlyList<MacTerm> macs;
    private readonly bool shapeKnown;
    private readonly LayerSettings settings;

    /// <summary>What belongs to no layer that <c>forward</c> reaches.</summary>
    private readonly Lazy<(long Parameters, long Bytes)> outside;

    private readonly Lazy<WidthFormula?> macsFormula;
    private readonly Lazy<WidthFormula> parametersFormula;
    private readonly Lazy<WidthFormula> bytesFormula;

    private PruningPlan(
        nn.Module model,
        PruneOptions options,
        Linker linker,
        bool shapeKnown,
        LayerSettings settings)
    {
        Model = model;
        Options = options;
        this.shapeKnown = shapeKnown;
        this.settings = settings;
        var graph = linker.Graph;
        var shared = SharedParameters.Tie(graph);
        Traces = linker.Traces;
        AllWays = [.. linker.Traces, .. linker.OfOtherInputs];
        macs = graph.Macs;
        UncountedMacs =
        [
            .. Trace.Steps.SelectMany(step => step.IsRepeated && step.Counted.From != step.Counted.To
                ? [step.Name]
                : Range(graph.Uncounted, step.Counted.From.Uncounted, step.Counted.To.Uncounted)).Distinct(),
        ];
        outside = new(() => Outside(linker.Modules.All));
        Widths = graph.Widths;

        var layers = graph.Parameters.Select(parameter => parameter.Layer.Name).Distinct().ToList();
        foreach (var layer in layers.Where(layer => settings.Explicitly(layer)?.KeepWidth == true))
        {
            graph.Fix(graph.OutputOf(layer) ?? graph.Parameters.First(parameter => parameter.Layer.Name == layer).Axes[0], $"[KeepWidth] holds {layer}");
        }

        var planned = new Dictionary<ParameterAxes, PlannedParameter>();
        var dimensions = new Dictionary<(Axis Axis, long Length), PlannedDimension>();
        var ofOthers = linker.OfOtherInputs.Count == 0 ? [] : linker.Modules.NotIn(Traces.SelectMany(trace => trace.Steps)).ToHashSet();
        foreach (var parameter in graph.Parameters)
        {
            planned.Add(parameter, new PlannedParameter(parameter, shared.TryGetValue(parameter, out var first) ? planned[first] : null, DimensionOf)
            {
                IsOfOtherInputs = ofOthers.Contains((nn.Module)parameter.Layer.Module!),
            });
        }

        Parameters = planned.Values.ToList();

        // Deeply joined models have tens of thousands of members, which pruning itself does not go through.
        var members = new Lazy<Dictionary<Axis, List<GroupMember>>>(() => MembersByLeaf(graph));
        var producers = ProducersByLeaf(graph, layers);
        Groups = graph.Groups()
            .Select(
                axis =>
                    new PruningGroup(
                        axis,
                        Of(producers, axis),
                        group => Of(members.Value, group),
                        settings.Of(Of(producers, axis)),
                        Of(producers, axis).Any(layer => settings.Explicitly(layer)?.Ratio is not null)))
            .ToList();
        if (PruneState.Of(model).Dense is { } dense)
        {
            // A layer that was exchanged for a wider one since is its own original.
            foreach (var group in Groups)
            {
                group.DenseWidth = Math.Max(group.Width, dense.Widths.GetValueOrDefault(group.Name));
            }

            foreach (var parameter in Parameters)
            {
                parameter.DenseSize = Math.Max(parameter.DenseSize, dense.Sizes.GetValueOrDefault(parameter.Path));
            }
        }

        Unpruned = graph.Outputs().Where(axis => !axis.IsPrunable)
            .Select(axis => (Layer: Of(producers, axis).FirstOrDefault() ?? axis.Name, Because: axis.FixedBecause ?? ""))
            .Where(held => graph.OutputOf(held.Layer) is not null).Distinct().Concat(graph.Unmade())
            .Concat(linker.Unreached.Select(module => (linker.Modules.PathOf(module), NeverReached)).Where(held => held.Item1.Length > 0)).ToList();
        if (Groups.Count == 0 && Unpruned.Count == 0)
        {
            Unpruned = WithoutOutputs(graph, linker);
        }

        groupOfAxis = Groups.ToDictionary(group => group.Axis);
        numberOfGroup = Groups.Select((group, number) => (group.Axis, number)).ToDictionary(pair => pair.Axis, pair => pair.number);
        macsFormula = new(() => shapeKnown ? MacsOf(Trace.Steps.Where(step => !step.IsRepeated)) : null);
        parametersFormula = new(() => new WidthFormula(
            Parameters.Where(parameter => parameter is { IsBuffer: false, SharedWith: null }).Select(parameter => SizeOf(parameter))
                .Append(WidthForm.Of(outside.Value.Parameters))));
        bytesFormula = new(() => new WidthFormula(
            Parameters.Where(parameter => parameter.SharedWith is null)
                .Select(parameter => WidthForm.Product([SizeOf(parameter), WidthForm.Of(parameter.Tensor.element_size())])!)
                .Append(WidthForm.Of(outside.Value.Bytes))));
        groupOfName = Groups.ToDictionary(group => group.Name, StringComparer.Ordinal);

        PlannedDimension DimensionOf(Axis axis, long length)
        {
            if (!dimensions.TryGetValue((axis, length), out var dimension))
            {
                dimensions.Add((axis, length), dimension = new PlannedDimension(axis, length));
            }

            return dimension;
        }

        static List<T> Of<T>(Dictionary<Axis, List<T>> lists, Axis axis) => lists.TryGetValue(axis, out var list) ? list : [];
    }

    /// <summary>The model.</summary>
    public nn.Module Model { get; }

    /// <summary>The options that the plan was made with.</summary>
    public PruneOptions Options { get; }

    /// <summary>The groups, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<PruningGroup> Groups { get; }

    /// <summary>
    /// The layers whose outputs keep their width, each with the reason, in the order of <c>forward</c>. Layers that only pass on the channels
    /// that they get are not among them, but where no other layer is: then the reason is what holds those channels. Last stand those that <c>forward</c>
    /// reaches on no way that could be followed.
    /// </summary>
    public IReadOnlyList<(string Layer, string Because)> Unpruned { get; }

    /// <summary>The shape of each input that the model was linked with; empty where none was known.</summary>
    public IReadOnlyList<long[]> InputShapes { get; private init; } = [];

    /// <summary>Which <see cref="PruneState.Order"/> the model had.</summary>
    internal int Order { get; private init; }

    /// <summary>Every parameter and buffer of the layers that <c>forward</c> reaches.</summary>
    public IReadOnlyList<PlannedParameter> Parameters { get; }

    /// <summary>The layer properties that tell a width.</summary>
    public IReadOnlyList<WidthProperty> Widths { get; }

    /// <summary>Each way through <c>forward</c>, step by step; the first is the one that the model is used in.</summary>
    /// <remarks>
    /// A model has several where conditions on the values of tensors, whether it is trained, or flags that are left to the caller choose
    /// what runs. Ways that forward could not go, because widths disagree there, are left out.
    /// </remarks>
    public IReadOnlyList<ForwardTrace> Traces { get; }

    /// <summary>
    /// What <c>forward</c> does, step by step: in evaluation mode, with flags at their defaults, and where only the values of tensors decide, as
    /// if each condition held.
    /// </summary>
    public ForwardTrace Trace => Traces[0];

    /// <summary>Every way, those that only other inputs go among them.</summary>
    internal IReadOnlyList<ForwardTrace> AllWays { get; }

    /// <summary>The ways that a model goes which is not being trained.</summary>
    internal IEnumerable<ForwardTrace> EvaluatedWays => AllWays.Where(trace => !trace.IsOfTraining);

    /// <summary>
    /// The calls whose multiply-accumulates are not counted: <c>[Axes]</c> describes them and does not tell these, the lengths of
    /// the sequences that they run through are not known, or they run as often as only the values of tensors tell.
    /// </summary>
    public IReadOnlyList<string> UncountedMacs { get; }

    /// <summary>
    /// Whether a layer is called once at most on each way that a model goes which is not being trained, and nothing else reads what it has.
    /// </summary>
    internal bool IsUsedOnce(nn.Module layer) =>
        EvaluatedWays.All(trace => trace.Steps.Where(step => ReferenceEquals(step.Module, layer)).ToList() is [] or [{ IsRepeated: false }])
            && Parameters.Where(parameter => ReferenceEquals(parameter.Module, layer))
                .All(parameter => parameter.SharedWith is null && !Parameters.Any(other => other.SharedWith == parameter));

    /// <summary>Links a model: repeats its <c>forward</c> over axes and reads the live widths.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">What to prune and how; null for what the attributes say.</param>
    /// <param name="inputShapes">
    /// The shape of each input, batch included; those of optional inputs may be left out. Where none is given, multiply-accumulates
    /// are not counted, and a model whose forward cannot be followed without them is linked with those that it was last linked with.
    /// </param>
    /// <exception cref="AxisException">The live model does not fit its source: a layer of an unknown type, widths that disagree;
    /// or it needs its input's shape.</exception>
    /// <exception cref="InvalidOperationException">A module is not registered in the model.</exception>
    /// <exception cref="ArgumentException">The options name a layer that the model does not have.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is outside its range.</exception>
    public static PruningPlan Link<TModel>(TModel model, PruneOptions? options = null, params long[][] inputShapes)
        where TModel : nn.Module, IPrunable =>
        LinkModel(model, options, inputShapes);

    /// <summary>The same for a model of which it is only known at run time that it can be linked.</summary>
    /// <param name="linked">The model.</param>
    /// <param name="options">What to prune and how; null for what the attributes say.</param>
    /// <param name="inputShapes">The shape of each input.</param>
    /// <param name="isGiven">Whether the options go before what models inside of the model say; null for where there are any.</param>
    /// <param name="shrinksInputs">Whether the dimensions of inputs, all but the batch, are groups too.</param>
    internal static PruningPlan LinkModel(
        nn.Module linked, PruneOptions? options, long[][] inputShapes, bool? isGiven = null, bool shrinksInputs = false)
    {
        var model = (IPrunable)linked;
        var name = linked.GetType().Name;
        var shapes = inputShapes.Where(shape => shape.Length > 0).ToArray();
        var most = model.InputCount + model.OptionalInputCount;
        if (shapes.Length != 0 && (shapes.Length < model.InputCount || shapes.Length > most))
        {
            throw new ArgumentException(
                $"{name} takes {model.InputCount}{(most > model.InputCount ? $" to {most}" : "")} inputs, but {shapes.Length} shapes are "
                    + $"given; give one shape for each input.",
                nameof(inputShapes));
        }

        if (shapes.FirstOrDefault(shape => shape.Any(size => size < 1)) is { } empty)
        {
            throw new ArgumentException(
                $"The shape of an input is [{string.Join(", ", empty)}]; give the size of each dimension, 1 or more, the batch's too.", nameof(inputShapes));
        }

        var told = shapes.Length > 0;
        var state = PruneState.Of(linked);
        shapes = told ? shapes : state.InputShapes;

        var linker = new Linker(linked);
        linker.Graph.ShapesGiven = shapes.Length > 0;
        var names = LinkInputs.NamesOf(model, Math.Max(model.InputCount, shapes.Length));
        var inputs = names.Select((input, i) => linker.Input(shapes.Length > 0 ? shapes[i] : null, shrinksInputs ? input : null)).ToArray();
        try
        {
            foreach (var axis in linker.Run(model, inputs).SelectMany(result => result.Dims))
            {
                linker.Graph.Fix(axis, FixedReasons.Result);
            }
        }
        catch (AxisException exception) when (exception.Rule == AxisRule.UnknownShape && shapes.Length == 0)
        {
            throw new AxisException(
                AxisRule.UnknownShape,
                $"{name} cannot be linked without the shape of its input: {exception.Message}. Call PruningPlan with the shape once, or "
                    + $"give Score, Mask or Compact the shape, or data to see it from.",
                exception);
        }

        // Only shapes that the model could be linked with are worth remembering.
        state.InputShapes = shapes;
        var root = options ?? model.PruneDefaults;
        root.ValidateFor(linked);
        var defaults = PruneSettings.DefaultsOf(model);
        var settings = new LayerSettings(root, isGiven ?? options is not null, linker.Nested, defaults);
        return new PruningPlan(linked, root.Filled(defaults), linker, told, settings) { InputShapes = shapes, Order = state.Order };
    }

    /// <summary>The group of the given name.</summary>
    /// <exception cref="KeyNotFoundException">There is none; the message names those there are.</exception>
    public PruningGroup Group(string name) => groupOfName.TryGetValue(name, out var group)
        ? group
        : throw new KeyNotFoundException($"{Model.GetType().Name} has no group '{name}'. Its groups: {string.Join(", ", Groups.Select(group => group.Name))}.");

    /// <summary>The group that a leaf of the axis graph is.</summary>
    internal PruningGroup Group(Axis leaf) => groupOfAxis[leaf];

    /// <summary>What the annotations and options ask of one layer, with every value filled in.</summary>
    /// <param name="layer">Its path in the model.</param>
    public LayerPruneOptions SettingsOf(string layer) => settings.Of([layer]);

    /// <summary>Whether a layer says itself with how many bits its weights are kept.</summary>
    internal bool HasOwnBits(string layer) => settings.Explicitly(layer)?.Quantize is { } own && (own.Weights is not null || own.Tolerance is not null);

    /// <summary>
    /// Sees that one call of <c>forward</c> leaves no tensor for the next: of another batch, or of the width that channels had before, it is not what the
    /// next one is to find.
    /// </summary>
    /// <exception cref="InvalidOperationException">One does.</exception>
    internal void RequireNothingCarriedOver()
    {
        if (Traces.SelectMany(trace => trace.CarriedOver).FirstOrDefault() is { } place)
        {
            throw new InvalidOperationException(
                $"The forward of {Model.GetType().Name} leaves a tensor in '{place}' for its next call, which is of another batch and, once channels are gone, "
                    + "of other widths. Take it as an input and give it back as a result, or begin each call without it.");
        }
    }

    /// <summary>
    /// Sees that the caller asks no layer for channels which keeps its width; where attributes do, that is told of when they are compiled.
    /// </summary>
    /// <exception cref="ArgumentException">One is.</exception>
    internal void RequireLayersToPrune()
    {
        var attributes = ((IPrunable)Model).PruneDefaults.Layers;
        foreach (var (layer, because) in Unpruned)
        {
            if (Options.Layers.TryGetValue(layer, out var asked) && asked is { KeepWidth: not true } and ({ Ratio: > 0 } or { Keep: not null })
                && SettingsOf(layer).Granularity is ChannelGranularity
                && (!attributes.TryGetValue(layer, out var told) || (told.Ratio, told.Keep) != (asked.Ratio, asked.Keep)))
            {
                var what = asked.Keep is int keep ? $"Keep = {keep}" : FormattableString.Invariant($"Ratio = {asked.Ratio}");
                throw new ArgumentException(
                    $"The options ask {layer} of {Model.GetType().Name} for {what}, and it keeps its width: {because}. Leave it out of Layers, or choose "
                        + $"{nameof(Granularity.Unstructured)} for it.",
                    nameof(PruneOptions.Layers));
            }
        }
    }

    /// <summary>The groups of which channels are to go.</summary>
    internal IEnumerable<PruningGroup> PrunableGroups() =>
        Groups.Where(group => group.Settings.Granularity is ChannelGranularity granularity && granularity.Suits(this, group));

    /// <summary>What the layers of which weights are set to zero read their inputs with; biases and normalisation stay whole.</summary>
    internal IEnumerable<PlannedParameter> PrunableWeights() =>
        Parameters.Where(
            parameter => parameter is { IsBuffer: false, ReadDim: >= 0, IsOfOtherInputs: false }
                && SettingsOf(parameter.Layer.Name).Granularity is WeightGranularity);

    /// <summary>The same of layers of which whole channels go, and single weights of what stays by a threshold of their own.</summary>
    internal IEnumerable<PlannedParameter> WeightsBesideChannels() => Parameters.Where(parameter =>
        parameter is { IsBuffer: false, ReadDim: >= 0, SharedWith: null, IsOfOtherInputs: false }
        && SettingsOf(parameter.Layer.Name) is { Granularity: ChannelGranularity, WeightThreshold: not null });

    /// <summary>Number of trained parameters at the given widths.</summary>
    /// <param name="width">The width of each group; null for the present ones.</param>
    /// <remarks>Parameters that no layer of <c>forward</c> owns are counted as they are.</remarks>
    public long ParameterCount(Func<PruningGroup, long>? width = null) => ParametersFormula.At(WidthsOf(width));

    /// <summary>Bytes of all parameters and buffers at the given widths.</summary>
    /// <param name="width">The width of each group; null for the present ones.</param>
    public long Bytes(Func<PruningGroup, long>? width = null) => BytesFormula.At(WidthsOf(width));

    /// <summary>Multiply-accumulate operations of one sample at the given widths, or null where the input's shape was not given.</summary>
    /// <param name="width">The width of each group; null for the present ones.</param>
    /// <remarks>They are those of <see cref="Trace"/>; those of <see cref="UncountedMacs"/> are left out.</remarks>
    public long? Macs(Func<PruningGroup, long>? width = null) => MacsFormula?.At(WidthsOf(width));

    /// <summary>Multiply-accumulate operations of one step for one sample, at the given widths; null where they depend on a size that is not known.</summary>
    /// <param name="step">A step of one of the <see cref="Traces"/>.</param>
    /// <param name="width">The width of each group; null for the present ones.</param>
    /// <remarks>Those of <see cref="UncountedMacs"/> are left out.</remarks>
    public long? Macs(TraceStep step, Func<PruningGroup, long>? width = null) => MacsOf([step])?.At(WidthsOf(width));

    /// <summary>The multiply-accumulates of a sample; null where they depend on a size that is not known.</summary>
    internal WidthFormula? MacsFormula => macsFormula.Value;

    /// <summary>The trained parameters.</summary>
    internal WidthFormula ParametersFormula => parametersFormula.Value;

    /// <summary>The bytes of parameters and buffers.</summary>
    internal WidthFormula BytesFormula => bytesFormula.Value;

    /// <summary>The widths of the groups, in their order; the present ones where none are given.</summary>
    internal long[] WidthsOf(Func<PruningGroup, long>? width = null) => [.. Groups.Select(width ?? (group => group.Width))];

    /// <summary>The multiply-accumulates of a sample layer by layer, or operation; null where they depend on a size that is not known.</summary>
    internal IReadOnlyList<(string Layer, WidthForm Form)>? MacTerms => shapeKnown ? MacTermsOf(Trace.Steps.Where(step => !step.IsRepeated)) : null;

    /// <summary>The bytes of what belongs to no layer that <c>forward</c> reaches.</summary>
    internal long BytesOutside => outside.Value.Bytes;

    /// <summary>The multiply-accumulates of some steps; null where they depend on a size that is not known.</summary>
    internal WidthFormula? MacsOf(IEnumerable<TraceStep> steps) => MacTermsOf(steps) is { } terms ? new WidthFormula(terms.Select(term => term.Form)) : null;

    private List<(string Layer, WidthForm Form)>? MacTermsOf(IEnumerable<TraceStep> steps)
    {
        var terms = steps.SelectMany(step => Range(macs, step.Counted.From.Counted, step.Counted.To.Counted))
            .Select(term => (term.Layer, Form: WidthForm.Product(term.Factors.Select(FormOf)))).ToList();
        return terms.Exists(term => term.Form is null) ? null : terms.ConvertAll(term => (term.Layer, term.Form!));
    }

    private static IEnumerable<T> Range<T>(IReadOnlyList<T> list, int from, int to) => Enumerable.Range(from, to - from).Select(i => list[i]);

    private (long Parameters, long Bytes) Outside(IEnumerable<nn.Module> modules)
    {
        var known = Parameters.Select(parameter => parameter.Tensor.Handle).ToHashSet();
        var (parameters, bytes) = (0L, 0L);
        foreach (var module in modules)
        {
            foreach (var (_, parameter) in module.named_parameters(recurse: false).Where(entry => known.Add(entry.parameter.Handle)))
            {
                parameters += parameter.numel();
                bytes += parameter.numel() * parameter.element_size();
            }

            foreach (var (_, buffer) in module.named_buffers(recurse: false).Where(entry => known.Add(entry.buffer.Handle)))
            {
                bytes += buffer.numel() * buffer.element_size();
            }
        }

        return (parameters, bytes);
    }

    /// <summary>The parameter dimensions of each group, in the order of <c>forward</c>.</summary>
    private Dictionary<Axis, List<GroupMember>> MembersByLeaf(AxisGraph graph)
    {
        var members = new Dictionary<Axis, List<GroupMember>>();
        foreach (var parameter in Parameters)
        {
            for (var dim = 0; dim < parameter.Axes.Count; dim++)
            {
                var made = graph.OutputOf(parameter.Layer.Name) is null ? graph.OutputOf(parameter.Path)?.Leaves().ToList() : null;
                foreach (var (leaf, runs) in parameter.Dimensions[dim].Groups)
                {
                    // What forward uses by itself makes outputs under its own name.
                    var role = dim == parameter.ReadDim ? MemberRole.Reads
                        : graph.OutputOf(parameter.Layer.Name) is not null || made?.Contains(leaf) == true ? MemberRole.Produces
                        : MemberRole.Follows;
                    ListOf(members, leaf).Add(new GroupMember(parameter, dim, role, runs));
                }
            }
        }

        return members;
    }

    /// <summary>The layers that produce each group, in the order of <c>forward</c>.</summary>
    private static Dictionary<Axis, List<string>> ProducersByLeaf(AxisGraph graph, IEnumerable<string> layers)
    {
        var producers = new Dictionary<Axis, List<string>>();
        foreach (var layer in layers)
        {
            foreach (var leaf in graph.OutputOf(layer)?.Leaves().Distinct() ?? [])
            {
                ListOf(producers, leaf).Add(layer);
            }
        }

        return producers;
    }

    /// <summary>What holds a model of whose layers none makes outputs of its own: each passes on what it gets, or is never reached.</summary>
    private static List<(string Layer, string Because)> WithoutOutputs(AxisGraph graph, Linker linker)
    {
        var reached = graph.Parameters.ToLookup(parameter => parameter.Layer.Name, parameter => parameter.Axes);
        var held = new List<(string, string)>();
        foreach (var module in linker.Modules.All)
        {
            var (path, names) = (linker.Modules.PathOf(module), module.named_parameters(recurse: false).Select(entry => entry.name).ToList());
            var reasons = reached[path].SelectMany(axes => axes).SelectMany(axis => axis.Leaves()).Select(leaf => leaf.FixedBecause);
            var because = reasons.FirstOrDefault(reason => reason is not null) ?? (reached.Contains(path) ? "it has no channels" : NeverReached);
            held.AddRange((path.Length > 0 && names.Count > 0 ? [path] : names).Select(name => (name, because)));
        }

        return held;
    }

    private static List<T> ListOf<T>(Dictionary<Axis, List<T>> lists, Axis axis)
    {
        if (!lists.TryGetValue(axis, out var list))
        {
            lists.Add(axis, list = []);
        }

        return list;
    }

    /// <summary>The length of a dimension at the given widths; a part that only the input's shape would tell stays as it is.</summary>
    internal long LengthOf(Axis axis, long length, Func<PruningGroup, long>? width) => LengthOf(axis, length).At(WidthsOf(width));

    /// <summary>The same as a closed form.</summary>
    private WidthForm LengthOf(Axis axis, long length)
    {
        if (axis.Size is not null)
        {
            return FormOf(axis) ?? WidthForm.Of(length);
        }

        // As AxisIndex places indices: the length tells the size of one open part, however often it stands.
        var known = axis.Parts.Where(part => part.Size is not null).Select(FormOf).ToList();
        var open = axis.Parts.Where(part => part.Size is null).ToList();
        var (product, sum) = (WidthForm.Product(known)!, WidthForm.Sum(known)!);
        return axis.Kind switch
        {
            AxisKind.Product when length / product.At(WidthsOf()) is var rest =>
                WidthForm.Product([product, open.Count == 1 ? LengthOf(open[0].Resolve(), rest) : WidthForm.Of(rest)])!,
            AxisKind.Concat when open.Count > 0 && (length - sum.At(WidthsOf())) / open.Count is var each =>
                WidthForm.Sum([sum, WidthForm.Product([WidthForm.Of(open.Count), LengthOf(open[0].Resolve(), each)])])!,
            _ => WidthForm.Of(length),
        };
    }

    /// <summary>The number of elements of a parameter.</summary>
    internal WidthForm SizeOf(PlannedParameter parameter) => WidthForm.Product(parameter.Shape.Select((_, dim) => SizeOf(parameter, dim)))!;

    /// <summary>The size of one dimension of a parameter.</summary>
    internal WidthForm SizeOf(PlannedParameter parameter, int dim) => LengthOf(parameter.Axes[dim], parameter.Shape[dim]);

    /// <summary>The size of an axis; null where it is not known.</summary>
    internal WidthForm? FormOf(Axis axis)
    {
        if (!forms.TryGetValue(axis, out var form))
        {
            forms.Add(axis, form = axis.Kind switch
            {
                AxisKind.Leaf when numberOfGroup.TryGetValue(axis.Resolve(), out var number) => WidthForm.OfGroup(number),
                AxisKind.Leaf => axis.Size is long size ? WidthForm.Of(size) : null,
                AxisKind.Product => WidthForm.Product(axis.Parts.Select(FormOf)),
                _ => WidthForm.Sum(axis.Parts.Select(FormOf)),
            });
        }

        return form;
    }
}
