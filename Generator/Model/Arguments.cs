namespace PruneGen.Generator.Model;

/// <summary>A number, a flag, a size or anything else that the source passes on.</summary>
internal abstract record Argument : Expression
{
    /// <summary>Whether it can be written in the generated code.</summary>
    public virtual bool IsKnown => true;

    /// <summary>Whether it is computed from the size of a tensor, and so an <c>AxisSize</c> in the generated code.</summary>
    public virtual bool IsSize => false;

    /// <summary>The argument as a number of C#'s own, where a size will not do.</summary>
    public Expression Plain => IsSize ? new Known(this) : this;
}

/// <summary>Something that the source does not tell.</summary>
/// <param name="Problem">What it is, and what to do about it, where a message can say that.</param>
internal sealed record UnknownArgument(Parsing.Problem Problem = default) : Argument
{
    public override bool IsKnown => false;
}

/// <summary>No value: an optional argument left out.</summary>
internal sealed record NullArgument : Argument;

/// <summary>A whole number.</summary>
internal sealed record NumberArgument(long Value) : Argument;

/// <summary>Yes or no.</summary>
internal sealed record FlagArgument(bool Value) : Argument;

/// <summary>A number with a fraction.</summary>
internal sealed record FractionArgument(double Value) : Argument;

/// <summary>A text.</summary>
internal sealed record TextArgument(string Value) : Argument;

/// <summary>A tensor.</summary>
internal sealed record TensorArgument(int Value) : Argument
{
    public override IEnumerable<Expression> Parts => [new ValueName(Value)];

    protected override Expression Map(Func<Expression, Expression> map) =>
        map(new ValueName(Value)) is var tensor && tensor is ValueName { Number: var number } ? new TensorArgument(number) : tensor;
}

/// <summary>The size of a dimension of a tensor.</summary>
internal sealed record SizeArgument(int Tensor, Argument Dim) : Argument
{
    public override bool IsKnown => Dim.IsKnown;

    public override bool IsSize => true;

    public override IEnumerable<Expression> Parts => [new ValueName(Tensor), Dim.Plain];

    protected override Expression Map(Func<Expression, Expression> map) =>
        new CodeArgument(map(new ValueName(Tensor)).Method("Size", map(Dim.Plain)), OfSizes: true);
}

/// <summary>The number of dimensions of a tensor.</summary>
internal sealed record RankArgument(int Tensor) : Argument
{
    public override IEnumerable<Expression> Parts => [new ValueName(Tensor)];

    protected override Expression Map(Func<Expression, Expression> map) => new CodeArgument(map(new ValueName(Tensor)).Member("Rank"));
}

/// <summary>A field or property that only a live model can tell.</summary>
internal sealed record MemberArgument(Expression Code) : Argument
{
    public override IEnumerable<Expression> Parts => [Code];

    protected override Expression Map(Func<Expression, Expression> map) => new MemberArgument(map(Code));
}

/// <summary>An expression that is repeated in the generated code, where alone its value is known.</summary>
/// <param name="Code">The expression.</param>
/// <param name="OfSizes">Whether it is an <c>AxisSize</c> there.</param>
internal sealed record CodeArgument(Expression Code, bool OfSizes = false) : Argument
{
    /// <summary>What stands in the generated code for a value that cannot be told.</summary>
    public static CodeArgument Untold { get; } = new(new Named("global::PruneGen.Axes.OpArguments.Unknown"));

    public override bool IsSize => OfSizes;

    public override IEnumerable<Expression> Parts => [Code];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Code = map(Code) };
}

/// <summary>A sum, difference, product, quotient or remainder.</summary>
internal sealed record ArithmeticArgument(char Operator, Argument Left, Argument Right) : Argument
{
    public override bool IsKnown => Left.IsKnown && Right.IsKnown;

    public override bool IsSize => Left.IsSize || Right.IsSize;

    public override IEnumerable<Expression> Parts => [Left, Right];

    protected override Expression Map(Func<Expression, Expression> map) => new CodeArgument(new Binary(Operator.ToString(), map(Left), map(Right)), IsSize);
}

/// <summary>Several values.</summary>
internal sealed record ListArgument(EquatableArray<Argument> Items) : Argument
{
    public override bool IsKnown => Items.All(item => item.IsKnown);

    /// <summary>Whether any of them is a size.</summary>
    public bool HasSizes => Items.Any(item => item.IsSize);

    public override IEnumerable<Expression> Parts => Items;

    protected override Expression Map(Func<Expression, Expression> map) => new CodeArgument(Link("Sizes", Items.Select(map).ToArray()));
}

/// <summary>What an indexer asks of each dimension.</summary>
internal sealed record SlicesArgument(EquatableArray<SliceSpec> Slices) : Argument
{
    public override bool IsKnown => Slices.All(slice => slice.Start?.IsKnown != false && slice.Stop?.IsKnown != false && slice.Step.IsKnown);

    public override IEnumerable<Expression> Parts => Slices.Select(slice => slice.Code);

    protected override Expression Map(Func<Expression, Expression> map) =>
        new CodeArgument(new NewArray("", Slices.Select(slice => map(slice.Code)).ToEquatable()));
}

/// <summary>What an indexer asks of one dimension.</summary>
/// <param name="Kind">The member of <c>AxisSlice</c> that makes it: <c>All</c>, <c>At</c>, <c>Range</c>, …</param>
/// <param name="Start">The index, or where a range begins; null for the front.</param>
/// <param name="Stop">Where a range ends; null for the back.</param>
/// <param name="Step">The step of a range.</param>
/// <param name="Tensor">The tensor that picks, or -1.</param>
internal sealed record SliceSpec(string Kind, Argument? Start, Argument? Stop, Argument Step, int Tensor)
{
    private static readonly Named Slice = new("global::PruneGen.Axes.AxisSlice");

    /// <summary>The expression that makes it.</summary>
    public Expression Code => Kind switch
    {
        "At" => Slice.Method("At", End(Start)),
        "By" => Slice.Method("By", new ValueName(Tensor)),
        "Range" => Slice.Method("Range", Step is NumberArgument { Value: 1 } ? [End(Start), End(Stop)] : [End(Start), End(Stop), Step.Plain]),
        _ => Slice.Member(Kind),
    };

    private static Expression End(Argument? end) => end is null ? new NullArgument() : end;
}
