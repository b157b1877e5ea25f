namespace PruneGen.Generator.Model;

/// <summary>One step of <c>forward</c>.</summary>
/// <param name="Statement">The statement of the source that it belongs to.</param>
/// <param name="Site">Where it stands.</param>
internal abstract record Node(string Statement, int Site)
{
    /// <summary>In the place of a statement: what declares a variable for the branch or loop that follows.</summary>
    public const string Declaration = "\u0001";
}

/// <summary>A step that makes a value. Values are in static single assignment: a reassigned variable is a new value.</summary>
/// <param name="Result">The value that it makes.</param>
/// <param name="Inputs">The tensors that it takes.</param>
internal abstract record Instruction(int Result, EquatableArray<int> Inputs, string Statement, int Site) : Node(Statement, Site);

/// <summary>Calls a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Reference">How the generated code reaches it.</param>
/// <param name="Hooked">Whether by <c>call</c>, which runs hooks, and not by <c>forward</c>.</param>
/// <param name="Arguments">What it is called with, in order; the tensors among them are the inputs.</param>
/// <param name="Results">What its result is.</param>
internal sealed record LayerCall(
    int Result, EquatableArray<int> Inputs, string Statement, int Site, LayerNode Layer, LayerReference Reference, bool Hooked, EquatableArray<Argument> Arguments, ResultKind Results = ResultKind.Tensor)
    : Instruction(Result, Inputs, Statement, Site)
{
    public LayerCall(int result, EquatableArray<int> inputs, string statement, int site, LayerNode layer, LayerReference reference, bool hooked)
        : this(result, inputs, statement, site, layer, reference, hooked, inputs.Select(input => (Argument)new TensorArgument(input)).ToEquatable())
    {
    }
}

/// <summary>Applies an operation.</summary>
/// <param name="Name">Its name in the table of operations.</param>
/// <param name="Arguments">Its arguments that are no tensors.</param>
/// <param name="Several">Code for an array of its tensors, where they are not told one by one; else empty.</param>
/// <param name="Results">What its result is.</param>
internal sealed record OpCall(
    int Result, EquatableArray<int> Inputs, string Statement, int Site, string Name, EquatableArray<NamedArgument> Arguments, string Several = "", ResultKind Results = ResultKind.Tensor)
    : Instruction(Result, Inputs, Statement, Site);

/// <summary>Another name for a tensor as it is now.</summary>
internal sealed record Copy(int Result, int From, string Statement, int Site) : Instruction(Result, new[] { From }.ToEquatable(), Statement, Site);

/// <summary>One of several results.</summary>
/// <param name="From">The value that holds the results.</param>
/// <param name="Index">Which of them.</param>
/// <param name="Code">The expression that takes it out.</param>
internal sealed record Item(int Result, int From, int Index, string Code, string Statement, int Site) : Instruction(Result, [], Statement, Site);

/// <summary>A local variable of the generated code with the value of an expression.</summary>
/// <param name="Code">The expression.</param>
/// <param name="Type">Its type, where <c>var</c> will not do; else empty.</param>
/// <param name="IsTensor">Whether it is the axes of a tensor.</param>
/// <param name="HasEffect">Whether it is needed even where nobody reads the variable.</param>
internal sealed record Let(int Result, string Code, string Type, bool IsTensor, bool HasEffect, string Statement, int Site) : Instruction(Result, [], Statement, Site)
{
    /// <summary>What the source tells of a tensor that is not registered; null of anything else.</summary>
    public LooseTensor? Loose { get; init; }
}

/// <summary>A tensor that is not registered, and has more than one index.</summary>
/// <param name="Name">What holds it.</param>
/// <param name="Because">Why it is not registered.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record LooseTensor(string Name, string Because, string Remedy);

/// <summary>Gives a variable a new value.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="Code">The new value.</param>
/// <param name="From">The tensor that it is, or -1.</param>
internal sealed record Assign(int Variable, string Code, int From, string Statement, int Site) : Node(Statement, Site);

/// <summary>Runs a statement for what it changes: a list that a tensor is added to.</summary>
internal sealed record Do(string Code, string Statement, int Site) : Node(Statement, Site);

/// <summary>Runs one of several ways.</summary>
/// <param name="Head">The head of a switch; empty for a chain of ifs.</param>
/// <param name="Arms">The ways.</param>
/// <param name="Exhaustive">Whether one of them is always taken.</param>
/// <param name="Variables">The variables that any of them gives a new value.</param>
internal sealed record Choice(string Head, EquatableArray<Arm> Arms, bool Exhaustive, EquatableArray<int> Variables, string Statement, int Site) : Node(Statement, Site);

/// <summary>One way.</summary>
/// <param name="Head">Its condition (empty for the last else), or its case label.</param>
/// <param name="Body">What it does.</param>
internal sealed record Arm(string Head, EquatableArray<Node> Body);

/// <summary>Runs its body again and again.</summary>
/// <param name="Head">Its head: <c>foreach (var block in blocks)</c>.</param>
/// <param name="Tail">What follows its body, for do loops; else empty.</param>
/// <param name="Body">What it does.</param>
/// <param name="Variables">The variables that it gives a new value.</param>
/// <param name="Elements">The tensors that its head declares.</param>
internal sealed record Loop(string Head, string Tail, EquatableArray<Node> Body, EquatableArray<int> Variables, EquatableArray<int> Elements, string Statement, int Site) : Node(Statement, Site);

/// <summary>Leaves a loop, a switch or a helper: <c>break</c>, <c>continue</c>, <c>goto</c>, <c>throw</c>.</summary>
internal sealed record Exit(string Code, string Statement, int Site) : Node(Statement, Site);

/// <summary>Where an <see cref="Exit"/> by goto leads.</summary>
internal sealed record Label(string Name) : Node("", 0);

/// <summary>The end of <c>forward</c>.</summary>
/// <param name="Results">What it returns.</param>
internal sealed record Return(EquatableArray<Argument> Results, string Statement, int Site) : Node(Statement, Site);

/// <summary>What a call gives.</summary>
internal enum ResultKind
{
    /// <summary>One tensor.</summary>
    Tensor,

    /// <summary>Several tensors.</summary>
    Tensors,

    /// <summary>Anything that a model of the user's returns.</summary>
    Objects,
}

/// <summary>How generated code reaches a layer.</summary>
/// <param name="Code">The expression: <c>block.conv1</c>.</param>
/// <param name="NeedsCast">Whether its static type is an interface.</param>
/// <param name="MayBeNull">Whether its type is annotated as nullable.</param>
internal sealed record LayerReference(string Code, bool NeedsCast, bool MayBeNull)
{
    /// <summary>The type that the source casts it to, where it asks for a member; else empty.</summary>
    public string As { get; init; } = "";
}

/// <summary>An argument by TorchSharp's parameter name.</summary>
/// <param name="Sites">Where its value stands, and where each element of a list does; empty for a default.</param>
internal sealed record NamedArgument(string Name, Argument Value, EquatableArray<int> Sites)
{
    public NamedArgument(string name, Argument value)
        : this(name, value, [])
    {
    }
}
