namespace PruneGen.Generator.Model;

/// <summary>One step of <c>forward</c>.</summary>
/// <param name="Statement">The statement of the source that it belongs to.</param>
/// <param name="Site">Where it stands.</param>
internal abstract record Node(string Statement, int Site);

/// <summary>A step that makes a value. Values are in static single assignment: a reassigned variable is a new value.</summary>
/// <param name="Result">The value that it makes.</param>
/// <param name="Inputs">The tensors that it takes.</param>
internal abstract record Instruction(int Result, EquatableArray<int> Inputs, string Statement, int Site) : Node(Statement, Site)
{
    /// <summary>Whether it declares a variable for the branch or loop that follows, and belongs to no statement itself.</summary>
    public bool IsDeclaration { get; init; }
}

/// <summary>Calls a layer.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Reference">How the generated code reaches it.</param>
/// <param name="Hooked">Whether by <c>call</c>, which runs hooks, and not by <c>forward</c>.</param>
/// <param name="Arguments">What it is called with, in order; the tensors among them are the inputs.</param>
/// <param name="Results">What its result is.</param>
internal sealed record LayerCall(
    int Result,
        EquatableArray<int> Inputs,
        string Statement,
        int Site,
        LayerNode Layer,
        LayerReference Reference,
        bool Hooked,
        EquatableArray<Argument> Arguments,
        ResultKind Results = ResultKind.Tensor)
    : Instruction(Result, Inputs, Statement, Site)
{
    public LayerCall(int result, EquatableArray<int> inputs, string statement, int site, LayerNode layer, LayerReference reference, bool hooked)
        : this(result, inputs, statement, site, layer, reference, hooked, inputs.Select(input => (Argument)new TensorArgument(input)).ToEquatable())
    {
    }

    /// <summary>Whether by <c>forward_with_indices</c>, which gives places beside the maxima; these have the same dimensions.</summary>
    public bool WithIndices { get; init; }
}

/// <summary>Applies an operation.</summary>
/// <param name="Name">Its name in the table of operations.</param>
/// <param name="Arguments">Its arguments that are no tensors.</param>
/// <param name="Several">An array of its tensors, where they are not told one by one; else null.</param>
/// <param name="Results">What its result is.</param>
internal sealed record OpCall(
    int Result,
        EquatableArray<int> Inputs,
        string Statement,
        int Site,
        string Name,
        EquatableArray<NamedArgument> Arguments,
        Expression? Several = null,
        ResultKind Results = ResultKind.Tensor)
    : Instruction(Result, Inputs, Statement, Site);

/// <summary>Another name for a tensor as it is now.</summary>
internal sealed record Copy(int Result, int From, string Statement, int Site) : Instruction(Result, new[] { From }.ToEquatable(), Statement, Site);

/// <summary>One of several results.</summary>
/// <param name="From">The value that holds the results.</param>
/// <param name="Index">Which of them.</param>
/// <param name="Code">The expression that takes it out.</param>
internal sealed record Item(int Result, int From, int Index, Expression Code, string Statement, int Site) : Instruction(Result, [], Statement, Site);

/// <summary>A local variable of the generated code with the value of an expression.</summary>
/// <param name="Code">The expression.</param>
/// <param name="Type">Its type, where <c>var</c> will not do; else empty.</param>
/// <param name="IsTensor">Whether it is the axes of a tensor.</param>
/// <param name="HasEffect">Whether it is needed even where nobody reads the variable.</param>
internal sealed record Let(int Result, Expression Code, string Type, bool IsTensor, bool HasEffect, string Statement, int Site)
    : Instruction(Result, [], Statement, Site)
{
    /// <summary>What the source tells of a tensor that is not registered; null of anything else.</summary>
    public UnregisteredTensor? Unregistered { get; init; }
}

/// <summary>A tensor that is not registered, and has more than one index.</summary>
/// <param name="Name">What holds it.</param>
/// <param name="Because">Why it is not registered.</param>
/// <param name="Remedy">What to do about it.</param>
internal sealed record UnregisteredTensor(string Name, string Because, string Remedy);

/// <summary>Gives a variable a new value.</summary>
/// <param name="Variable">The variable.</param>
/// <param name="Code">The new value.</param>
/// <param name="From">The tensor that it is, or -1.</param>
internal sealed record Assign(int Variable, Expression Code, int From, string Statement, int Site) : Node(Statement, Site);

/// <summary>Runs a statement for what it changes: a list that a tensor is added to.</summary>
internal sealed record Do(Expression Code, string Statement, int Site) : Node(Statement, Site);

/// <summary>Throws where a condition on widths holds, so that they stay.</summary>
/// <param name="Condition">The condition.</param>
/// <param name="Text">The condition as the source writes it.</param>
internal sealed record Guard(Expression Condition, string Text, string Statement, int Site) : Node(Statement, Site);

/// <summary>Runs one of several ways.</summary>
/// <param name="Switch">What a switch goes by; null for a chain of ifs.</param>
/// <param name="Arms">The ways.</param>
/// <param name="Exhaustive">Whether one of them is always taken.</param>
/// <param name="Variables">The variables that any of them gives a new value.</param>
internal sealed record Choice(Expression? Switch, EquatableArray<Arm> Arms, bool Exhaustive, EquatableArray<int> Variables, string Statement, int Site)
    : Node(Statement, Site);

/// <summary>One way.</summary>
/// <param name="Condition">The condition of an if; null for the last else, and in a switch.</param>
/// <param name="Labels">The labels of a switch's section.</param>
/// <param name="Body">What it does.</param>
internal sealed record Arm(Expression? Condition, EquatableArray<CaseLabel> Labels, EquatableArray<Node> Body);

/// <summary>A label of a switch.</summary>
/// <param name="Pattern">The pattern; null for the default.</param>
/// <param name="When">What must hold too; null for nothing.</param>
internal sealed record CaseLabel(Expression? Pattern, Expression? When = null);

/// <summary>Runs its body again and again.</summary>
/// <param name="Head">What it goes by.</param>
/// <param name="Body">What it does.</param>
/// <param name="Variables">The variables that it gives a new value.</param>
/// <param name="Elements">The tensors that its head declares.</param>
internal sealed record Loop(LoopHead Head, EquatableArray<Node> Body, EquatableArray<int> Variables, EquatableArray<int> Elements, string Statement, int Site)
    : Node(Statement, Site);

/// <summary>What a loop goes by.</summary>
internal abstract record LoopHead
{
    /// <summary>The expressions in it.</summary>
    public abstract IEnumerable<Expression> Parts { get; }
}

/// <summary>Goes through a collection.</summary>
internal sealed record ForEachHead(ElementName Element, Expression Collection) : LoopHead
{
    public override IEnumerable<Expression> Parts => [Collection];
}

/// <summary>What a foreach calls each element: a name, or several for its parts.</summary>
/// <param name="Type">Its type; empty inside of parts that have one together.</param>
/// <param name="Value">The value; -1 for parts, or for what nobody looks at.</param>
/// <param name="Parts">The parts of a tuple.</param>
internal sealed record ElementName(string Type, int Value, EquatableArray<ElementName> Parts);

/// <summary>Counts.</summary>
/// <param name="Type">The type of the counter that it declares; empty for none.</param>
/// <param name="Counter">The counter.</param>
/// <param name="Start">Where it starts; null for none.</param>
/// <param name="Test">How long it goes on; null for always.</param>
/// <param name="Steps">What happens after each round.</param>
internal sealed record ForHead(string Type, int Counter, Expression? Start, Expression? Test, EquatableArray<Expression> Steps) : LoopHead
{
    public override IEnumerable<Expression> Parts => new[] { Start, Test }.OfType<Expression>().Concat(Steps);
}

/// <summary>Goes on while something holds.</summary>
/// <param name="Test">What must hold.</param>
/// <param name="AtTop">Whether it is asked before the first round.</param>
internal sealed record WhileHead(Expression Test, bool AtTop) : LoopHead
{
    public override IEnumerable<Expression> Parts => [Test];
}

/// <summary>Leaves a loop, a switch, a helper, or forward itself.</summary>
/// <param name="Kind">How.</param>
/// <param name="Label">Where a jump leads; else empty.</param>
internal sealed record Exit(ExitKind Kind, string Label, string Statement, int Site) : Node(Statement, Site);

/// <summary>How something is left.</summary>
internal enum ExitKind
{
    /// <summary>By break.</summary>
    Break,

    /// <summary>By continue.</summary>
    Continue,

    /// <summary>By a jump to a label behind what a helper does.</summary>
    Jump,

    /// <summary>By an exception.</summary>
    Throw,
}

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
/// <param name="Code">The expression that leads to it: <c>block.conv1</c>.</param>
/// <param name="NeedsCast">Whether its static type is an interface.</param>
/// <param name="MayBeNull">Whether its type is annotated as nullable.</param>
internal sealed record LayerReference(Expression Code, bool NeedsCast, bool MayBeNull)
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

    /// <summary>Whether the rules may look at it; else it is only there for who computes the operation.</summary>
    public bool Decides { get; init; } = true;
}
