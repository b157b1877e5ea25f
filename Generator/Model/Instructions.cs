namespace PruneGen.Generator.Model;

/// <summary>One step of <c>forward</c> in static single assignment: a reassigned variable is a new value.</summary>
/// <param name="Result">The value that it makes.</param>
/// <param name="Inputs">The values that it takes.</param>
/// <param name="Statement">The statement of the source that it belongs to.</param>
/// <param name="Site">Where it stands.</param>
internal abstract record Instruction(int Result, EquatableArray<int> Inputs, string Statement, int Site);

/// <summary>Calls a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Reference">How the generated code reaches it.</param>
/// <param name="Hooked">Whether by <c>call</c>, which runs hooks, and not by <c>forward</c>.</param>
internal sealed record LayerCall(int Result, EquatableArray<int> Inputs, string Statement, int Site, LayerNode Layer, LayerReference Reference, bool Hooked)
    : Instruction(Result, Inputs, Statement, Site);

/// <summary>Applies an operation.</summary>
/// <param name="Name">Its name in the table of operations.</param>
/// <param name="Arguments">Its arguments that are no tensors.</param>
internal sealed record OpCall(int Result, EquatableArray<int> Inputs, string Statement, int Site, string Name, EquatableArray<NamedArgument> Arguments)
    : Instruction(Result, Inputs, Statement, Site);

/// <summary>How generated code reaches a layer.</summary>
/// <param name="Code">The expression: <c>block.conv1</c>.</param>
/// <param name="NeedsCast">Whether its static type is an interface.</param>
/// <param name="MayBeNull">Whether its type is annotated as nullable.</param>
internal sealed record LayerReference(string Code, bool NeedsCast, bool MayBeNull);

/// <summary>An argument by TorchSharp's parameter name.</summary>
/// <param name="Sites">Where its value stands, and where each element of a list does; empty for a default.</param>
internal sealed record NamedArgument(string Name, Argument Value, EquatableArray<int> Sites)
{
    public NamedArgument(string name, Argument value)
        : this(name, value, [])
    {
    }
}

/// <summary>A number, a flag or a size that the source computes.</summary>
internal abstract record Argument
{
    /// <summary>Whether it can be written in the generated code.</summary>
    public virtual bool IsTold => true;
}

/// <summary>Something that the source does not tell.</summary>
internal sealed record UnknownArgument : Argument
{
    public override bool IsTold => false;
}

/// <summary>No value: an optional argument left out.</summary>
internal sealed record NullArgument : Argument;

/// <summary>A whole number.</summary>
internal sealed record NumberArgument(long Value) : Argument;

/// <summary>Yes or no.</summary>
internal sealed record FlagArgument(bool Value) : Argument;

/// <summary>The size of a dimension of a tensor.</summary>
internal sealed record SizeArgument(int Tensor, Argument Dim) : Argument
{
    public override bool IsTold => Dim.IsTold;
}

/// <summary>A field or property that only a live model can tell.</summary>
internal sealed record MemberArgument(string Code) : Argument;

/// <summary>A sum, difference, product or quotient.</summary>
internal sealed record ArithmeticArgument(char Operator, Argument Left, Argument Right) : Argument
{
    public override bool IsTold => Left.IsTold && Right.IsTold;
}

/// <summary>Several values.</summary>
internal sealed record ListArgument(EquatableArray<Argument> Items) : Argument
{
    public override bool IsTold => Items.All(item => item.IsTold);
}
