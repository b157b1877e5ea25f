namespace PruneGen.Axes;

/// <summary>
/// The axes of one model and everything that hangs on them: which parameter dimensions count which axis, what the
/// model multiplies, which layer properties tell a width. Used twice: by the generator, over the source alone (widths
/// unknown), and by the linker, over live modules (widths known).
/// </summary>
public sealed class AxisGraph
{
    private static long lastOrder;

    private readonly Dictionary<(string Layer, string Parameter), ParameterAxes> parameters = [];
    private readonly List<ParameterAxes> parameterOrder = [];
    private readonly List<ParameterAxes> open = [];
    private readonly List<Axis> outputs = [];
    private readonly Dictionary<string, Axis> outputOfLayer = [];
    private readonly List<WidthProperty> widths = [];
    private readonly HashSet<(string Layer, string Property)> knownWidths = [];
    private readonly List<MacTerm> macs = [];
    private readonly List<(Axis Time, Axis Batch)> timeFirst = [];
    private readonly List<string> uncounted = [];
    private readonly Dictionary<(Axis Whole, long Count), Axis> fixedParts = [];

    /// <summary>Starts an empty graph.</summary>
    /// <param name="isLive">
    /// Whether it is that of a live model. What the source alone does not tell is a fact there: a width that is stated by a
    /// number holds the axis, where over the source alone the number is reported.
    /// </param>
    public AxisGraph(bool isLive = false) => IsLive = isLive;

    /// <summary>Whether it is the graph of a live model.</summary>
    public bool IsLive { get; }

    /// <summary>Whether the shape of every input is known: what is not known then the numbers in the tensors alone tell.</summary>
    public bool ShapesGiven { get; set; }

    /// <summary>The layers whose outputs keep their width from the start, with the reason.</summary>
    public IDictionary<string, string> Unprunable { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Every parameter and buffer that a layer rule has named, in the order of <c>forward</c>.</summary>
    public IReadOnlyList<ParameterAxes> Parameters => parameterOrder;

    /// <summary>The layer properties (<c>in_channels</c>, <c>num_features</c>, …) and the axis whose size each tells.</summary>
    public IReadOnlyList<WidthProperty> Widths => widths;

    /// <summary>The multiply-accumulate operations of every call, on any way through <c>forward</c>, as closed forms of the widths.</summary>
    public IReadOnlyList<MacTerm> Macs => timeFirst.Count == 0
        ? macs
        : [.. macs.Select(term => timeFirst.Aggregate(term, (counted, pair) => counted.OfSample(pair.Time, pair.Batch)))];

    /// <summary>The groups: each distinct leaf that a layer's outputs started and nothing holds fixed, in order.</summary>
    public IReadOnlyList<Axis> Groups()
    {
        var groups = outputs.SelectMany(axis => axis.Leaves()).Where(leaf => leaf.IsPrunable).Distinct().ToList();
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var group in groups)
        {
            // Pieces of one layer's outputs may have come to its name on different ways.
            var name = group.Name;
            for (var i = 2; !names.Add(group.Name); i++)
            {
                group.Name = $"{name}.{i}";
            }
        }

        return groups;
    }

    /// <summary>Every distinct leaf that counts a layer's outputs, the fixed ones too.</summary>
    public IReadOnlyList<Axis> Outputs() => outputs.SelectMany(axis => axis.Leaves()).Where(leaf => leaf.IsOutput).Distinct().ToList();

    /// <summary>
    /// The parameters that <c>forward</c> uses by themselves and of which a dimension is left to itself, each with the reason: it counts neither what a
    /// layer makes nor anything that is held, so it is in no group, and nobody would say why.
    /// </summary>
    public IEnumerable<(string Parameter, string Because)> Unmade() =>
        from parameter in open
        let dim = parameter.Axes.ToList().FindIndex(axis => axis.Leaves().Any(leaf => leaf is { IsOutput: false, FixedBecause: null }))
        where dim >= 0
        select (parameter.Path, $"nothing makes channels of its dimension {dim}, which forward uses value by value");

    /// <summary>A leaf that nobody may prune.</summary>
    /// <param name="name">What it counts, for messages; may be empty.</param>
    /// <param name="size">Number of indices, or null where unknown.</param>
    /// <param name="because">Why it is fixed.</param>
    public Axis NewFixed(string name, long? size, string because)
    {
        var axis = new Axis(this, NextOrder(), name, size, prunable: false);
        axis.FixedBecause = because;
        return axis;
    }

    /// <summary>A dimension that is always there and never pruned: kernel sizes, broadcast ones.</summary>
    public Axis NewConstant(long? size) => NewFixed("", size, "it is a constant");

    /// <summary>Why nothing is pruned at all; null where something may be.</summary>
    internal string? AllKeptBecause { get; set; }

    /// <summary>The outputs of a layer: the start of a group.</summary>
    public Axis NewOutput(string layer, long? size)
    {
        var axis = new Axis(this, NextOrder(), layer, size, prunable: true);
        if (AllKeptBecause is not null || Unprunable.ContainsKey(layer))
        {
            axis.FixedBecause = AllKeptBecause ?? Unprunable[layer];
        }

        outputs.Add(axis);
        if (!outputOfLayer.ContainsKey(layer))
        {
            outputOfLayer.Add(layer, axis);
        }

        return axis;
    }

    /// <summary>
    /// What a weight that <c>forward</c> uses by itself makes: the start of a group, where nothing else has decided about
    /// the dimension.
    /// </summary>
    internal void StartOutput(Axis axis)
    {
        if (AllKeptBecause is not null)
        {
            return;
        }

        foreach (var leaf in axis.Leaves().Where(leaf => leaf is { IsOutput: false, FixedBecause: null }).Distinct().ToList())
        {
            leaf.IsOutput = true;
            outputs.Add(leaf);
            if (!outputOfLayer.ContainsKey(leaf.Name))
            {
                outputOfLayer.Add(leaf.Name, leaf);
            }
        }
    }

    /// <summary>Says that a layer's outputs are several axes, so that whoever asks for them gets them all.</summary>
    internal void JoinOutputs(string layer, IReadOnlyList<Axis> axes) => outputOfLayer[layer] = Join(axes);

    /// <summary>The axis that counts the outputs of a layer, or null where the layer starts none (it passes its input's on).</summary>
    public Axis? OutputOf(string layer) => outputOfLayer.TryGetValue(layer, out var axis) ? axis.Resolve() : null;

    /// <summary>A leaf that takes whatever it is tied to; unlike a fixed one it holds nothing back.</summary>
    public Axis NewUndecided(string name, long? size) => new(this, NextOrder(), name, size, prunable: false);

    /// <summary>The row-major product of axes; ones are dropped and nested products opened.</summary>
    public static Axis MakeProduct(IReadOnlyList<Axis> parts)
    {
        var flat = parts
            .SelectMany(part => part.Kind == AxisKind.Product ? part.Parts : [part])
            .Select(part => part.Resolve())
            .Where(part => !(part.Kind == AxisKind.Leaf && part.Size == 1 && !part.IsPrunable))
            .ToList();
        return flat.Count == 1 ? flat[0]
            : flat.Count == 0 ? parts[0].Resolve()
            : new Axis(flat[0].Graph, NextOrder(), AxisKind.Product, flat);
    }

    /// <summary>The axes one after the other; nested concatenations are opened.</summary>
    public Axis MakeConcat(IReadOnlyList<Axis> parts)
    {
        var flat = parts.SelectMany(part => part.Kind == AxisKind.Concat ? part.Parts : [part]).Select(part => part.Resolve()).ToList();
        if (flat.Count == 1)
        {
            return flat[0];
        }

        return flat.Any(part => part.MayShrink)
            ? Join(flat)
            : NewFixed("", flat.Aggregate((long?)0, (n, part) => n + part.Size), "nothing in the concatenation is pruned");
    }

    /// <summary>The axes one after the other, each of them kept as it is.</summary>
    internal static Axis Join(IReadOnlyList<Axis> parts)
    {
        var flat = parts.SelectMany(part => part.Kind == AxisKind.Concat ? part.Parts : [part]).Select(part => part.Resolve()).ToList();
        return flat.Count == 1 ? flat[0] : new Axis(flat[0].Graph, NextOrder(), AxisKind.Concat, flat);
    }

    /// <summary>One of so many equal parts of an axis that is not pruned; the same one whenever it is asked for.</summary>
    internal Axis FixedPart(Axis whole, long count)
    {
        if (!fixedParts.TryGetValue((whole.Resolve(), count), out var part))
        {
            fixedParts.Add((whole.Resolve(), count), part = NewFixed("", whole.Size / count, whole.FixedBecause ?? "nothing in it is pruned"));
        }

        return part.Resolve();
    }

    /// <summary>Holds every leaf of an axis fixed.</summary>
    public void Fix(Axis axis, string because)
    {
        foreach (var leaf in axis.Leaves().ToList())
        {
            leaf.FixedBecause = because;
        }
    }

    /// <summary>Holds every leaf of several axes fixed.</summary>
    internal void FixAll(IEnumerable<Axis> axes, string because)
    {
        foreach (var axis in axes.ToList())
        {
            Fix(axis, because);
        }
    }

    /// <summary>Why a size that is asked for right now must stay, where that can be said; else null.</summary>
    public string? Asking { get; set; }

    /// <summary>Says that removing indices of an axis differs from zeroing them.</summary>
    public void MarkInexact(Axis axis, string because)
    {
        // A leaf that is no group yet may be tied to one later.
        foreach (var leaf in axis.Leaves().ToList())
        {
            leaf.InexactBecause = because;
        }
    }

    /// <summary>Makes two axes one, because an operation needs index i of the first to meet index i of the second.</summary>
    /// <exception cref="AxisException">They cannot be the same: their sizes or structures differ.</exception>
    public void Tie(Axis first, Axis second, string why) => AxisTies.Tie(this, first, second, why);

    /// <summary>
    /// Registers a parameter or buffer with the axis of each of its dimensions. A layer that is called again finds its
    /// first axes, tied to the ones proposed now.
    /// </summary>
    /// <param name="layer">The layer that owns it.</param>
    /// <param name="name">Its name inside the layer.</param>
    /// <param name="axes">One axis a dimension.</param>
    /// <param name="reads">The dimension that runs over the layer's inputs, or -1 for none.</param>
    /// <returns>The axes that count: the first call's.</returns>
    /// <exception cref="AxisException">The live shape does not fit.</exception>
    public IReadOnlyList<Axis> Parameter(LayerSpec layer, string name, Axis[] axes, int reads = -1)
    {
        var shape = layer.ShapeOf(name);
        if (parameters.TryGetValue((layer.Name, name), out var known))
        {
            for (var i = 0; i < axes.Length; i++)
            {
                Tie(known.Axes[i], axes[i], $"{layer.Name} is called more than once");
            }

            // Its shape may have been asked for before the layer was called.
            known.ReadDim = known.ReadDim < 0 ? reads : known.ReadDim;
            return known.Axes;
        }

        for (var i = 0; i < axes.Length; i++)
        {
            if (shape is not null && axes[i].Size is long size && shape[i] != LayerSpec.Unknown && size != shape[i])
            {
                throw new AxisException(
                    AxisRule.Mismatch, $"{layer.Name}.{name} has {shape[i]} indices in dimension {i}, but what reaches it has {size} ({axes[i]})");
            }
        }

        var added = new ParameterAxes(layer, name, axes, reads);
        parameters.Add((layer.Name, name), added);
        parameterOrder.Add(added);
        return axes;
    }

    /// <summary>Whether a parameter has been named.</summary>
    internal bool HasParameter(LayerSpec layer, string name) => parameters.ContainsKey((layer.Name, name));

    /// <summary>
    /// A parameter or buffer that <c>forward</c> uses by itself: <c>x * gamma</c>, <c>linear(x, embedding.weight)</c>.
    /// One that a layer's rule has named has the axes of that layer. Of any other each dimension is open: it takes what it
    /// is tied to, and one that nothing ties to a group stays as it is.
    /// </summary>
    /// <param name="owner">The module that has it.</param>
    /// <param name="name">Its name there.</param>
    /// <param name="isBuffer">Whether it is a buffer, which a mask leaves as it is.</param>
    /// <returns>Its axes; decided at run time where its shape is not known.</returns>
    public AxisTensor ParameterOf(LayerSpec owner, string name, bool isBuffer = false)
    {
        if (parameters.TryGetValue((owner.Name, name), out var known))
        {
            return AxisTensor.Of(known, !isBuffer);
        }

        if (owner.ShapeOf(name) is not long[] shape)
        {
            return AxisTensor.Deferred;
        }

        var path = owner.Name.Length == 0 ? name : owner.Name + "." + name;
        var axes = shape.Select((_, dim) => owner.Width(name, dim) is 1 ? NewConstant(1) : NewUndecided(path, owner.Width(name, dim))).ToArray();
        Parameter(owner, name, axes);
        var parameter = parameterOrder[parameterOrder.Count - 1];
        if (!isBuffer)
        {
            open.Add(parameter);
        }

        return AxisTensor.Of(parameter, !isBuffer);
    }

    /// <summary>The number in a field of a model, which may be tied to what it counts.</summary>
    /// <param name="model">The model.</param>
    /// <param name="member">The field.</param>
    /// <param name="now">The number.</param>
    public Axis Number(LayerSpec model, string member, long now)
    {
        var axis = NewUndecided("", now);
        axis.IsNumber = true;
        Width(model, member, axis);
        return axis;
    }

    /// <summary>Says that a property of a layer tells the size of an axis.</summary>
    public void Width(LayerSpec layer, string property, Axis axis)
    {
        if (knownWidths.Add((layer.Name, property)))
        {
            widths.Add(new WidthProperty(layer, property, axis));
        }
    }

    /// <summary>Counts the multiply-accumulates of one call: the product of the sizes of some axes.</summary>
    public void Mac(string layer, IEnumerable<Axis> factors) => Mac(layer, null, factors);

    /// <summary>The same where the first dimension of a tensor is taken for the batch, and so left out.</summary>
    internal void Mac(string layer, AxisTensor? batched, IEnumerable<Axis> factors)
    {
        macs.Add(new MacTerm(layer, factors.ToArray(), batched is { Dims.Count: > 1 } ? batched.Dims[0] : null));
    }

    /// <summary>Says that a first dimension is time and the second one the batch: a sample is all of its time.</summary>
    internal void TimeFirst(Axis time, Axis batch)
    {
        if (!timeFirst.Any(pair => pair.Time.IsSame(time)))
        {
            timeFirst.Add((time, batch));
        }
    }

    /// <summary>How many entries <see cref="Macs"/> and <see cref="Uncounted"/> have: what one call adds stands between two of these.</summary>
    public (int Counted, int Uncounted) CountedMacs => (macs.Count, uncounted.Count);

    /// <summary>The calls whose multiply-accumulates are not known, and so not counted, each as often as it is called.</summary>
    public IReadOnlyList<string> Uncounted => uncounted;

    internal void LeaveUncounted(string name) => uncounted.Add(name);

    internal void Adopt(Axis part) => outputs.Add(part);

    /// <summary>Grows within a graph however many graphs are built at the same time, as a compiler does.</summary>
    private static long NextOrder() => Interlocked.Increment(ref lastOrder);
}

/// <summary>A parameter or buffer of a layer and the axis of each of its dimensions.</summary>
public sealed class ParameterAxes
{
    internal ParameterAxes(LayerSpec layer, string name, IReadOnlyList<Axis> axes, int reads)
    {
        ReadDim = reads;
        Layer = layer;
        Name = name;
        Axes = axes;
        Path = layer.Name.Length == 0 ? name : layer.Name + "." + name;
    }

    /// <summary>The layer that owns it.</summary>
    public LayerSpec Layer { get; }

    /// <summary>Its name inside the layer: <c>weight</c>, <c>running_mean</c>.</summary>
    public string Name { get; }

    /// <summary>One axis a dimension.</summary>
    public IReadOnlyList<Axis> Axes { get; }

    /// <summary>The dimension that runs over the layer's inputs, or -1 for none.</summary>
    public int ReadDim { get; internal set; }

    /// <summary>Its path in the model: <c>features.0.weight</c>.</summary>
    public string Path { get; }
}

/// <summary>A property of a layer that tells a width and must follow it.</summary>
public sealed class WidthProperty
{
    internal WidthProperty(LayerSpec layer, string property, Axis axis)
    {
        Layer = layer;
        Property = property;
        Axis = axis;
    }

    /// <summary>The layer.</summary>
    public LayerSpec Layer { get; }

    /// <summary>The property's name: <c>in_channels</c>.</summary>
    public string Property { get; }

    /// <summary>The axis whose size it tells.</summary>
    public Axis Axis { get; }
}

/// <summary>Multiply-accumulates of one call of one layer: the product of the sizes of its factors.</summary>
public sealed class MacTerm
{
    private readonly Axis? batch;

    internal MacTerm(string layer, IReadOnlyList<Axis> factors, Axis? batch)
    {
        this.batch = batch;
        Layer = layer;
        Factors = factors;
    }

    /// <summary>The layer (or operation) that multiplies.</summary>
    public string Layer { get; }

    /// <summary>The axes whose sizes are multiplied: output positions and the dimensions of the weight.</summary>
    public IReadOnlyList<Axis> Factors { get; }

    /// <summary>The same call where what was taken for the batch is time, which counts, and another dimension is the batch, which does not.</summary>
    internal MacTerm OfSample(Axis time, Axis samples)
    {
        if (batch is null || !batch.IsSame(time))
        {
            return this;
        }

        var place = Factors.ToList().FindIndex(factor => factor.IsSame(samples));
        return new MacTerm(Layer, [batch, .. Factors.Where((_, i) => i != place)], samples);
    }
}
