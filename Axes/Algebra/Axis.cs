namespace PruneGen.Axes;

/// <summary>How an <see cref="Axis"/> is made.</summary>
public enum AxisKind
{
    /// <summary>Indices with no inner structure: a layer's outputs, a batch, a constant.</summary>
    Leaf,

    /// <summary>Row-major product of its parts: flattening C×H×W gives the product of the three.</summary>
    Product,

    /// <summary>Its parts one after the other: the result of <c>cat</c>.</summary>
    Concat,
}

/// <summary>
/// What one dimension of a tensor counts. A leaf is a set of indices that are kept or removed one by one; products and
/// concatenations are built from leaves. Two axes that an operation ties become one (see <see cref="AxisGraph.Tie"/>),
/// so a leaf that nothing holds fixed is a group of the pruning literature: all dimensions that must shrink together.
/// </summary>
public sealed class Axis
{
    private Axis? target;
    private string? fixedBecause;
    private string? inexactBecause;

    internal Axis(AxisGraph graph, long order, string name, long? size, bool prunable)
    {
        Graph = graph;
        Kind = AxisKind.Leaf;
        Order = order;
        Name = name;
        LeafSize = size;
        IsOutput = prunable;
        OwnParts = Array.Empty<Axis>();
    }

    internal Axis(AxisGraph graph, long order, AxisKind kind, IReadOnlyList<Axis> parts)
    {
        Graph = graph;
        Kind = kind;
        Order = order;
        Name = "";
        OwnParts = parts;
    }

    /// <summary>How this axis is made, after every tie so far.</summary>
    public AxisKind Kind { get => target is null ? field : Resolve().Kind; }

    /// <summary>The leaf's name: the layer whose outputs it counts, or what a fixed one stands for.</summary>
    public string Name { get => target is null ? field : Resolve().Name; internal set; }

    /// <summary>Parts of a product or a concatenation, outermost or first one first; empty for a leaf.</summary>
    public IReadOnlyList<Axis> Parts => Resolve().OwnParts;

    /// <summary>Whether the leaf counts outputs of a layer that nothing holds fixed: a group.</summary>
    public bool IsPrunable
    {
        get
        {
            var axis = Resolve();
            return axis.Kind == AxisKind.Leaf && axis.IsOutput && axis.FixedBecause is null;
        }
    }

    /// <summary>Why this leaf may not be pruned, or null. Of one index nothing can be removed, and broadcasting may repeat it.</summary>
    public string? FixedBecause
    {
        get => Resolve() is var axis && axis.fixedBecause is null && axis.LeafSize == 1 ? "there is only one of it" : axis.fixedBecause;
        internal set => Resolve().fixedBecause ??= value;
    }

    /// <summary>Why removing indices differs from zeroing them (a mean or a norm over them), or null.</summary>
    public string? InexactBecause { get => Resolve().inexactBecause; internal set => Resolve().inexactBecause ??= value; }

    /// <summary>Number of indices, or null where it depends on an input that has not been seen.</summary>
    public long? Size
    {
        get
        {
            var axis = Resolve();
            return axis.Kind switch
            {
                AxisKind.Leaf => axis.LeafSize,
                AxisKind.Product => axis.OwnParts.Aggregate((long?)1, (n, part) => n * part.Size),
                _ => axis.OwnParts.Aggregate((long?)0, (n, part) => n + part.Size),
            };
        }
    }

    /// <summary>The graph that it belongs to.</summary>
    internal AxisGraph Graph { get; }

    /// <summary>Position in the order of creation; the older of two tied axes gives its name.</summary>
    internal long Order { get; }

    /// <summary>Whether the leaf counts the outputs of a layer (and so may start a group).</summary>
    internal bool IsOutput { get; set; }

    internal long? LeafSize { get; set; }

    /// <summary>Whether it is the number in a field of the model: where it cuts a width, the rest of that width stays.</summary>
    internal bool IsNumber { get; set; }

    private IReadOnlyList<Axis> OwnParts { get; }

    /// <summary>Every leaf below this axis, in order, repeated as often as it stands.</summary>
    public IEnumerable<Axis> Leaves()
    {
        var axis = Resolve();
        return axis.Kind == AxisKind.Leaf ? new[] { axis } : axis.OwnParts.SelectMany(part => part.Leaves());
    }

    /// <summary>Whether any leaf below this axis is a group.</summary>
    public bool HasPrunable => Leaves().Any(leaf => leaf.IsPrunable);

    /// <summary>Whether any leaf below this axis is a group, or one that may yet be tied to a group.</summary>
    public bool MayShrink => Leaves().Any(leaf => leaf.FixedBecause is null);

    /// <summary>The axis that this one has become by ties.</summary>
    public Axis Resolve()
    {
        if (target is null)
        {
            return this;
        }

        return target = target.Resolve();
    }

    internal void BindTo(Axis other) => target = other;

    /// <summary>Whether the other axis is this one, or is made of the same ones in the same way.</summary>
    internal bool IsSame(Axis other)
    {
        var (a, b) = (Resolve(), other.Resolve());
        return ReferenceEquals(a, b)
            || (a.Kind == b.Kind
                && a.Kind != AxisKind.Leaf
                && a.OwnParts.Count == b.OwnParts.Count
                && a.OwnParts.Zip(b.OwnParts, (x, y) => x.IsSame(y) || x.IsSameConstant(y)).All(same => same));
    }

    /// <summary>Whether both are numbers that never change, and equal.</summary>
    internal bool IsSameConstant(Axis other) => IsConstant && other.IsConstant && Size == other.Size;

    /// <summary>Whether this is a number that never changes: no group, and of known size.</summary>
    internal bool IsConstant => Kind == AxisKind.Leaf && FixedBecause is not null && Size is not null;

    /// <summary>The axis as a person writes it: <c>conv2·H·W</c>, <c>[a | b]</c>, <c>fixed(10)</c>.</summary>
    public override string ToString()
    {
        var axis = Resolve();
        return axis.Kind switch
        {
            AxisKind.Product => string.Join("·", axis.OwnParts),
            AxisKind.Concat => "[" + string.Join(" | ", axis.OwnParts) + "]",
            _ when axis.Name.Length > 0 => axis.Name,
            _ => axis.LeafSize?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "?",
        };
    }
}
