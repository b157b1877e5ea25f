namespace PruneGen.Generator.Model;

/// <summary>A number, a flag, a size or anything else that the source passes on.</summary>
internal abstract record Argument
{
    /// <summary>Whether it can be written in the generated code.</summary>
    public virtual bool IsTold => true;

    /// <summary>Whether it is computed from the size of a tensor, and so an <c>AxisSize</c> in the generated code.</summary>
    public virtual bool IsSize => false;
}

/// <summary>Something that the source does not tell.</summary>
/// <param name="Remedy">What to do where it must be told.</param>
internal sealed record UnknownArgument(string Remedy = "write a constant, a size read from a tensor, or a field of the model") : Argument
{
    public override bool IsTold => false;
}

/// <summary>No value: an optional argument left out.</summary>
internal sealed record NullArgument : Argument;

/// <summary>A whole number.</summary>
internal sealed record NumberArgument(long Value) : Argument;

/// <summary>Yes or no.</summary>
internal sealed record FlagArgument(bool Value) : Argument;

/// <summary>A tensor.</summary>
internal sealed record TensorArgument(int Value) : Argument;

/// <summary>The size of a dimension of a tensor.</summary>
internal sealed record SizeArgument(int Tensor, Argument Dim) : Argument
{
    public override bool IsTold => Dim.IsTold;

    public override bool IsSize => true;
}

/// <summary>The number of dimensions of a tensor.</summary>
internal sealed record RankArgument(int Tensor) : Argument;

/// <summary>A field or property that only a live model can tell.</summary>
internal sealed record MemberArgument(string Code) : Argument;

/// <summary>An expression that is repeated in the generated code, where alone its value is known.</summary>
/// <param name="OfSizes">Whether it is an <c>AxisSize</c> there.</param>
internal sealed record CodeArgument(string Code, bool OfSizes = false) : Argument
{
    public override bool IsSize => OfSizes;
}

/// <summary>A sum, difference, product, quotient or remainder.</summary>
internal sealed record ArithmeticArgument(char Operator, Argument Left, Argument Right) : Argument
{
    public override bool IsTold => Left.IsTold && Right.IsTold;

    public override bool IsSize => Left.IsSize || Right.IsSize;
}

/// <summary>Several values.</summary>
internal sealed record ListArgument(EquatableArray<Argument> Items) : Argument
{
    public override bool IsTold => Items.All(item => item.IsTold);
}

/// <summary>What an indexer asks of each dimension.</summary>
internal sealed record SlicesArgument(EquatableArray<SliceSpec> Slices) : Argument
{
    public override bool IsTold => Slices.All(slice => slice.Start?.IsTold != false && slice.Stop?.IsTold != false && slice.Step.IsTold);
}

/// <summary>What an indexer asks of one dimension.</summary>
/// <param name="Kind">The member of <c>AxisSlice</c> that makes it: <c>All</c>, <c>At</c>, <c>Range</c>, …</param>
/// <param name="Start">The index, or where a range begins; null for the front.</param>
/// <param name="Stop">Where a range ends; null for the back.</param>
/// <param name="Step">The step of a range.</param>
/// <param name="Tensor">The tensor that picks, or -1.</param>
internal sealed record SliceSpec(string Kind, Argument? Start, Argument? Stop, Argument Step, int Tensor);
