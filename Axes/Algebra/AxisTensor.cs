namespace PruneGen.Axes;

/// <summary>A tensor of <c>forward</c> as the analysis sees it: the axis of each of its dimensions, and no numbers.</summary>
public sealed class AxisTensor
{
    private (IReadOnlyList<Axis> Axes, string Because)? numbers;
    private readonly IReadOnlyList<Axis> last;
    private readonly LeadingDims? before;

    private AxisTensor(IReadOnlyList<Axis> last, LeadingDims? before, bool deferred, bool keepsZeros = true, bool isMask = false, bool isPacked = false)
    {
        IsMask = isMask;
        IsPacked = isPacked;
        this.last = last;
        this.before = before;
        IsDeferred = deferred;
        KeepsZeros = keepsZeros;
    }

    /// <summary>A tensor whose dimensions are all known.</summary>
    public AxisTensor(params Axis[] dims)
        : this(dims, before: null, deferred: false)
    {
    }

    /// <summary>What a parameter or buffer holds.</summary>
    /// <param name="parameter">The parameter or buffer.</param>
    /// <param name="keepsZeros">Whether a mask sets to zero what it switches off, as it does in parameters, and not in statistics.</param>
    internal static AxisTensor Of(ParameterAxes parameter, bool keepsZeros) =>
        new(parameter.Axes.ToArray(), before: null, deferred: false, keepsZeros) { Parameter = parameter };

    /// <summary>A tensor of which nothing is known until the models are live (a layer chosen at run time made it).</summary>
    public static AxisTensor Deferred { get; } = new([], new LeadingDims(), deferred: true);

    /// <summary>A tensor of unknown rank with these last dimensions; the ones before them are fixed.</summary>
    public static AxisTensor Open(params Axis[] lastDims) => new(lastDims, new LeadingDims(), deferred: false);

    /// <summary>A tensor that an operation made which is not followed: nothing in it is pruned, and no shape of an input tells its dimensions.</summary>
    /// <param name="because">Why its dimensions are not known.</param>
    public static AxisTensor Untracked(string because) => Open().WithZeros(false).AsUntracked(because);

    /// <summary>The known dimensions: all of them, or the last ones where the rank is open.</summary>
    public IReadOnlyList<Axis> Dims => before?.Dims is { } found ? [.. found, .. last] : last;

    /// <summary>Whether more, fixed dimensions may stand before <see cref="Dims"/>.</summary>
    public bool IsOpen => before is { Dims: null };

    /// <summary>Why the dimensions before the known ones will never be told, or null where a shape of an input tells them.</summary>
    internal string? UntrackedBecause => IsOpen ? before!.Because : null;

    /// <summary>Why the dimensions before the known ones stay as they are.</summary>
    internal string LeadingBecause => before?.Because ?? FixedReasons.Input;

    /// <summary>Whether this is decided only at run time.</summary>
    public bool IsDeferred { get; }

    /// <summary>
    /// Whether the indices that a mask switches off hold zeros. True of what a layer computes and of relu of it, not of
    /// its sigmoid; a sum over such an axis is the same with the indices removed.
    /// </summary>
    public bool KeepsZeros { get; }

    /// <summary>The number of dimensions.</summary>
    /// <exception cref="AxisException">It depends on an input that has not been seen.</exception>
    public int Rank => IsDeferred || IsOpen
        ? throw new AxisException(
            AxisRule.UnknownShape, "forward needs the number of dimensions of a tensor whose rank is not known here; give the shape of the model's input")
        : Dims.Count;

    /// <summary>Whether it holds yes or no, as a comparison does; as an index it picks where it says yes.</summary>
    public bool IsMask { get; }

    /// <summary>Whether it holds sequences of different lengths one after the other. It has the dimensions of padded ones, time first.</summary>
    internal bool IsPacked { get; }

    /// <summary>The sizes of all dimensions.</summary>
    /// <exception cref="AxisException">Their number depends on an input that has not been seen.</exception>
    public AxisSize[] Shape => Dims.Take(Rank).Select(AxisSize.Of).ToArray();

    /// <summary>The sizes of all dimensions, where all that they do is change values, as <see cref="AxisSize.Factor"/> tells one.</summary>
    public long[] Factors => Shape.Select(size => size.Factor).ToArray();

    /// <summary>The number of its elements.</summary>
    public AxisSize Count => IsDeferred || IsOpen ? AxisSize.Unknown : Shape.Aggregate((AxisSize)1, (count, size) => size * count);

    /// <summary>The parameter that it is, where it is one as the model has it.</summary>
    internal ParameterAxes? Parameter { get; set; }

    /// <summary>Whether any of its dimensions is a group, or may yet be tied to one.</summary>
    internal bool MayShrink => Dims.Any(dim => dim.MayShrink);

    /// <summary>Whether any dimension but one may shrink: what a layer adds along that one it adds to the zeros of the others too.</summary>
    internal bool ShrinksBesides(int index) => Dims.Where((_, i) => i != index).Any(dim => dim.MayShrink);

    /// <summary>The size of dimension <paramref name="dim"/>, counted from the end where it is negative.</summary>
    /// <exception cref="AxisException">There is no such dimension.</exception>
    public AxisSize Size(long dim)
    {
        if (IsDeferred || (IsOpen && (dim >= 0 || -dim > Dims.Count)))
        {
            return AxisSize.Unknown;
        }

        return AxisSize.Of(Dims[IndexOf(dim)]);
    }

    /// <summary>The index from the front of dimension <paramref name="dim"/>, which may count from the end.</summary>
    /// <exception cref="AxisException">There is no such dimension, or the rank is not known.</exception>
    public int IndexOf(long dim, int extra = 0)
    {
        if (IsOpen && dim >= 0)
        {
            throw new AxisException(
                AxisRule.UnknownShape,
                $"dimension {dim} is counted from the front of a tensor whose rank is not known here; count it from the end, or give the shape of the "
                    + $"model's input");
        }

        var rank = Dims.Count + extra;
        var index = dim < 0 ? dim + rank : dim;
        if (index < 0 || index >= rank)
        {
            throw new AxisException(IsOpen ? AxisRule.UnknownShape : AxisRule.Mismatch, $"dimension {dim} is asked of a tensor with the dimensions {this}");
        }

        return (int)index;
    }

    /// <summary>The same tensor with one dimension replaced.</summary>
    public AxisTensor With(int index, Axis axis)
    {
        var dims = Dims.ToArray();
        dims[index] = axis;
        return WithDims(dims);
    }

    /// <summary>The same tensor with other dimensions, as far as its rank is known.</summary>
    public AxisTensor WithDims(IEnumerable<Axis> dims)
    {
        var known = dims.ToArray();
        var hidden = !IsOpen ? null : known.Length == last.Count ? before : new LeadingDims(before!.Because);
        return new(known, hidden, deferred: false, KeepsZeros, IsMask, IsPacked);
    }

    /// <summary>Says that one of its dimensions runs over inputs, where it is a parameter as the model has it.</summary>
    internal void ReadBy(int dim)
    {
        if (Parameter is { ReadDim: < 0 })
        {
            Parameter.ReadDim = dim;
        }
    }

    /// <summary>The same elements under other dimensions, which are all of them.</summary>
    internal AxisTensor Over(params Axis[] dims) => new(dims, before: null, deferred: false, KeepsZeros, IsMask);

    /// <summary>The same tensor, with zeros kept or not where a mask switches indices off.</summary>
    public AxisTensor WithZeros(bool keeps) => keeps == KeepsZeros || IsDeferred ? this : new(last, before, deferred: false, keeps, IsMask, IsPacked);

    /// <summary>The same tensor of open rank, whose dimensions before the known ones will never be told.</summary>
    internal AxisTensor AsUntracked(string because) => new(last, new LeadingDims(because), deferred: false, KeepsZeros, IsMask);

    /// <summary>The same sequences, packed or not.</summary>
    internal AxisTensor AsPacked(bool packed) => IsDeferred ? this : new(last, before, deferred: false, KeepsZeros, isMask: false, packed);

    /// <summary>The same tensor, holding yes or no.</summary>
    public AxisTensor AsMask() => IsDeferred ? this : new(last, before, deferred: false, keepsZeros: false, isMask: true);

    /// <summary>
    /// Says which dimensions stand before those of a tensor of open rank. Every tensor that only differs from it in the
    /// known ones has the same: a size that the source reads from the model's input is the batch of what a convolution
    /// makes of it.
    /// </summary>
    internal AxisTensor Lead(IEnumerable<Axis> leading)
    {
        before!.Dims ??= leading.ToArray();
        return this;
    }

    /// <summary>Says that it holds numbers of indices: these would mean others after pruning, so the axes stay if anything reads it.</summary>
    internal AxisTensor Numbering(IReadOnlyList<Axis> axes, string because)
    {
        numbers = (axes, because);
        return this;
    }

    /// <summary>Says that something reads it: an operation, a layer, whoever gets the model's result.</summary>
    public void Read()
    {
        foreach (var axis in numbers?.Axes ?? [])
        {
            axis.Graph.Fix(axis, numbers!.Value.Because);
        }
    }

    /// <summary>The same tensor as the result of another step, so that each step has results of its own.</summary>
    public AxisTensor Again() => (AxisTensor)MemberwiseClone();

    /// <summary>The dimensions as a person writes them: <c>[N, conv1, H, W]</c>.</summary>
    public override string ToString() =>
        IsDeferred ? "[decided at run time]" : "[" + (IsOpen ? Dims.Count > 0 ? "…, " : "…" : "") + string.Join(", ", Dims) + "]";

    /// <summary>The dimensions before the known ones, once something has told them.</summary>
    private sealed class LeadingDims(string? because = null)
    {
        public IReadOnlyList<Axis>? Dims { get; set; }

        /// <summary>What made the tensor, where that is not followed.</summary>
        public string? Because { get; } = because;
    }
}
