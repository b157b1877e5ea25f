namespace PruneGen.Generator.Model;

/// <summary>
/// A piece of the generated code, as a tree: what it reads, and whether it is computed from a width, are questions to the
/// tree, and brackets are the printer's business. What the analysis reads too is an <see cref="Argument"/>.
/// </summary>
internal abstract record Expression
{
    /// <summary>What it is made of.</summary>
    public virtual IEnumerable<Expression> Parts => [];

    /// <summary>Itself and everything inside of it.</summary>
    public IEnumerable<Expression> All() => Parts.SelectMany(part => part.All()).Prepend(this);

    /// <summary>Whether something is true of it or of anything inside of it.</summary>
    public bool Any(Func<Expression, bool> test) => test(this) || Parts.Any(part => part.Any(test));

    /// <summary>The values that it reads, each as often as it does.</summary>
    public IEnumerable<int> Values() => All().OfType<ValueName>().Select(name => name.Number);

    /// <summary>Whether it is computed from the size of a tensor, and the number must stay what it is.</summary>
    public bool IsOfWidths => Any(part => part is Known or ShapeOf);

    /// <summary>Whether computing it changes something: a list that an element is taken out of, a counter.</summary>
    public bool HasEffect => Any(part => part is Verbatim { Changes: true });

    /// <summary>Whether it leads to something that is there already, without computing anything.</summary>
    public bool IsPath =>
        !Any(
            part =>
                part is not (ValueName
                    or ModelMember
                    or ModelItself
                    or Named
                    or MemberOf
                    or Element
                    or NumberArgument
                    or Literal
                    or CodeArgument
                    or MemberArgument));

    /// <summary>Whether it names something, in generated code or as the source does, and computes nothing.</summary>
    public bool IsName => IsPath
        || this is Verbatim { Texts: var texts, Parts: var parts } && parts.All(part => part.IsName)
            && texts.All(text => text.All(letter => letter is '.' or '_' || char.IsLetterOrDigit(letter)));

    /// <summary>Whether it names an object, whatever that is taken for.</summary>
    public bool IsNameOfObject => IsName || this is Cast { Of.IsName: true };

    /// <summary>The expression with others in the place of some of its parts, or of itself.</summary>
    /// <param name="replacement">What stands in the place of a part; null to look inside of it.</param>
    public Expression Replace(Func<Expression, Expression?> replacement) => replacement(this) ?? Map(part => part.Replace(replacement));

    /// <summary>The expression with another in the place of a value.</summary>
    public Expression Replace(int value, Expression by) => Replace(part => part is ValueName { Number: var number } && number == value ? by : null);

    /// <summary>The same expression of other parts.</summary>
    protected virtual Expression Map(Func<Expression, Expression> map) => this;

    /// <summary>A member of what it stands for.</summary>
    public MemberOf Member(string name) => new(this, name);

    /// <summary>A call of a method of what it stands for.</summary>
    public Call Method(string name, params Expression[] arguments) => new(Member(name), arguments.ToEquatable());

    /// <summary>A call of a method of the linker's.</summary>
    public static Call Link(string name, params Expression[] arguments) => Named.Linker.Method(name, arguments);
}

/// <summary>A value of <c>forward</c>, or a local of the generated code: its name is given when all are known.</summary>
internal sealed record ValueName(int Number) : Expression;

/// <summary>A member of the model, which a local of the same name may hide.</summary>
internal sealed record ModelMember(string Name) : Expression;

/// <summary>The model itself.</summary>
internal sealed record ModelItself : Expression;

/// <summary>A constant as C# writes it.</summary>
internal sealed record Literal(string Text) : Expression;

/// <summary>What a variable holds before it is given a value.</summary>
internal sealed record Unassigned(bool IsReference) : Expression;

/// <summary>A name that means the same everywhere: of a type, of the linker.</summary>
internal sealed record Named(string Name) : Expression
{
    public static Named Linker { get; } = new("link");
}

/// <summary>A step of forward that was written into an expression.</summary>
/// <param name="Of">What it computes.</param>
/// <param name="Site">Where it stands in the source.</param>
internal sealed record Sited(Expression Of, int Site) : Expression
{
    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Of = map(Of) };
}

/// <summary>All sizes of a tensor.</summary>
/// <param name="Of">The tensor.</param>
/// <param name="AsFactors">Whether they are only computed with, so that they may change.</param>
internal sealed record ShapeOf(Expression Of, bool AsFactors = false) : Expression
{
    public ShapeOf(int tensor)
        : this(new ValueName(tensor))
    {
    }

    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Of = map(Of) };
}

/// <summary>A size as a plain number, which therefore must stay.</summary>
internal sealed record Known(Expression Size) : Expression
{
    public override IEnumerable<Expression> Parts => [Size];

    protected override Expression Map(Func<Expression, Expression> map) => new Known(map(Size));
}

/// <summary>A size as a number that is only computed with, so that it may change.</summary>
internal sealed record Factor(Expression Size) : Expression
{
    public override IEnumerable<Expression> Parts => [Size];

    protected override Expression Map(Func<Expression, Expression> map) => new Factor(map(Size));
}

/// <summary>A member of something.</summary>
internal sealed record MemberOf(Expression Of, string Name) : Expression
{
    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Of = map(Of) };
}

/// <summary>A method with its type arguments.</summary>
internal sealed record Generic(Expression Of, EquatableArray<string> Types) : Expression
{
    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Of = map(Of) };
}

/// <summary>A call.</summary>
internal sealed record Call(Expression Function, EquatableArray<Expression> Arguments) : Expression
{
    public override IEnumerable<Expression> Parts => Arguments.Prepend(Function);

    /// <summary>Whether it calls a method of the linker's.</summary>
    public bool IsOfLinker(string method) => Function is MemberOf { Of: Named { Name: "link" }, Name: var name } && name == method;

    protected override Expression Map(Func<Expression, Expression> map) => new Call(map(Function), Arguments.Select(map).ToEquatable());
}

/// <summary>An element, or a part, of a list.</summary>
internal sealed record Element(Expression Of, Expression Index) : Expression
{
    public override IEnumerable<Expression> Parts => [Of, Index];

    protected override Expression Map(Func<Expression, Expression> map) => new Element(map(Of), map(Index));
}

/// <summary>An operator before its operand.</summary>
internal sealed record Unary(string Operator, Expression Operand) : Expression
{
    public override IEnumerable<Expression> Parts => [Operand];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Operand = map(Operand) };
}

/// <summary>An operator between its operands.</summary>
internal sealed record Binary(string Operator, Expression Left, Expression Right) : Expression
{
    public override IEnumerable<Expression> Parts => [Left, Right];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Left = map(Left), Right = map(Right) };
}

/// <summary>Whether something is, or is not, null.</summary>
internal sealed record IsNull(Expression Of, bool Not) : Expression
{
    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Of = map(Of) };
}

/// <summary>What the compiler may take for not null.</summary>
internal sealed record NotNull(Expression Of) : Expression
{
    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => new NotNull(map(Of));
}

/// <summary>Something as of another type.</summary>
/// <param name="Type">The type.</param>
/// <param name="Of">What is of it.</param>
/// <param name="OrNull">Whether it is null where it is not of the type.</param>
internal sealed record Cast(string Type, Expression Of, bool OrNull = false) : Expression
{
    public override IEnumerable<Expression> Parts => [Of];

    protected override Expression Map(Func<Expression, Expression> map) => this with { Of = map(Of) };
}

/// <summary>One of two values.</summary>
internal sealed record Conditional(Expression Condition, Expression Yes, Expression No) : Expression
{
    public override IEnumerable<Expression> Parts => [Condition, Yes, No];

    protected override Expression Map(Func<Expression, Expression> map) => new Conditional(map(Condition), map(Yes), map(No));
}

/// <summary>A new object.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Arguments">What it is created with.</param>
/// <param name="Items">What is put into it.</param>
internal sealed record New(string Type, EquatableArray<Expression> Arguments, EquatableArray<Expression> Items) : Expression
{
    public override IEnumerable<Expression> Parts => Arguments.Concat(Items);

    protected override Expression Map(Func<Expression, Expression> map) => new New(Type, Arguments.Select(map).ToEquatable(), Items.Select(map).ToEquatable());
}

/// <summary>A new array with its elements.</summary>
/// <param name="ElementType">The type of an element; empty where the elements tell it.</param>
/// <param name="Items">The elements.</param>
internal sealed record NewArray(string ElementType, EquatableArray<Expression> Items) : Expression
{
    public override IEnumerable<Expression> Parts => Items;

    protected override Expression Map(Func<Expression, Expression> map) => this with { Items = Items.Select(map).ToEquatable() };
}

/// <summary>A tuple.</summary>
internal sealed record TupleOf(EquatableArray<Expression> Items) : Expression
{
    public TupleOf(params Expression[] items)
        : this(items.ToEquatable())
    {
    }

    public override IEnumerable<Expression> Parts => Items;

    protected override Expression Map(Func<Expression, Expression> map) => new TupleOf(Items.Select(map).ToEquatable());
}

/// <summary>A new value for something.</summary>
internal sealed record Assignment(Expression To, Expression Value) : Expression
{
    public override IEnumerable<Expression> Parts => [To, Value];

    protected override Expression Map(Func<Expression, Expression> map) => new Assignment(map(To), map(Value));
}

/// <summary>A lambda.</summary>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Steps">What it computes first.</param>
/// <param name="Result">What it gives.</param>
internal sealed record Lambda(EquatableArray<int> Parameters, EquatableArray<LambdaStep> Steps, Expression Result) : Expression
{
    public Lambda(Expression result)
        : this([], [], result)
    {
    }

    public override IEnumerable<Expression> Parts => Steps.Select(step => step.Code).Append(Result);

    protected override Expression Map(Func<Expression, Expression> map) =>
        this with { Steps = Steps.Select(step => step with { Code = map(step.Code) }).ToEquatable(), Result = map(Result) };
}

/// <summary>A local of a lambda.</summary>
internal sealed record LambdaStep(int Value, string Type, Expression Code);

/// <summary>Syntax of the user's, repeated as it stands but for what is put into its holes: <c>Texts[0] Holes[0] Texts[1] …</c></summary>
/// <param name="Texts">The text around the holes: one more than there are holes.</param>
/// <param name="Holes">What is put in.</param>
/// <param name="Binding">How tightly its outermost operator binds.</param>
/// <param name="Changes">Whether it changes something.</param>
/// <param name="NeedsType">Whether it takes its type from where it stands.</param>
internal sealed record Verbatim(EquatableArray<string> Texts, EquatableArray<Hole> Holes, Binding Binding, bool Changes = false, bool NeedsType = false)
    : Expression
{
    public override IEnumerable<Expression> Parts => Holes.Select(hole => hole.Code);

    protected override Expression Map(Func<Expression, Expression> map) =>
        this with { Holes = Holes.Select(hole => hole with { Code = map(hole.Code) }).ToEquatable() };
}

/// <summary>What is put into the user's syntax.</summary>
/// <param name="Code">The expression.</param>
/// <param name="IsOperand">Whether an operator stands beside it.</param>
internal sealed record Hole(Expression Code, bool IsOperand);

/// <summary>How tightly an operator binds, the lowest first.</summary>
internal enum Binding
{
    Lowest,
    Conditional,
    Coalesce,
    Or,
    And,
    BitwiseOr,
    ExclusiveOr,
    BitwiseAnd,
    Equality,
    Relational,
    Shift,
    Sum,
    Product,
    Switch,
    Range,
    Prefix,
    Primary,
}
