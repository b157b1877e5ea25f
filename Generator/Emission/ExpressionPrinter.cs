using PruneGen.Generator.Model;

namespace PruneGen.Generator.Emission;

/// <summary>Prints expressions as C#, with brackets where an operator would be torn apart without.</summary>
internal sealed class ExpressionPrinter
{
    private readonly Func<int, string> valueName;
    private readonly Func<string, string> memberName;

    /// <param name="valueName">The name of a value.</param>
    /// <param name="memberName">How a member of the model is reached.</param>
    public ExpressionPrinter(Func<int, string> valueName, Func<string, string> memberName)
    {
        this.valueName = valueName;
        this.memberName = memberName;
    }

    public string Print(Expression expression) => expression switch
    {
        ValueName value => valueName(value.Number),
        ModelMember member => memberName(member.Name),
        ModelItself => "this",
        Literal literal => literal.Text,
        Unassigned unassigned => unassigned.IsReference ? "null!" : "default",
        Named name => name.Name,
        NullArgument => "null",
        FlagArgument flag => flag.Value ? "true" : "false",
        NumberArgument number => Literals.Integer(number.Value),
        FractionArgument fraction => Literals.Double(fraction.Value),
        TextArgument text => Literals.Text(text.Value),
        Sited step => Print(step.Of),
        TensorArgument tensor => valueName(tensor.Value),
        SizeArgument size => $"{valueName(size.Tensor)}.Size({Print(size.Dim.Plain)})",
        RankArgument rank => $"{valueName(rank.Tensor)}.Rank",
        MemberArgument member => Print(member.Code),
        CodeArgument argument => Print(argument.Code),
        ArithmeticArgument sum => Between(sum.Operator.ToString(), sum.Left, sum.Right, BindingOf(sum)),
        ListArgument list => $"link.Sizes({List(list.Items)})",
        SlicesArgument slices => $"new[] {{ {List(slices.Slices.Select(slice => slice.Code))} }}",
        ShapeOf shape => $"{Operand(shape.Of)}.{(shape.AsFactors ? "Factors" : "Shape")}",
        Known known => $"{Operand(known.Size)}.Known",
        Factor factor => $"{Operand(factor.Size)}.Factor",
        MemberOf member => $"{Operand(member.Of)}.{member.Name}",
        Generic generic => $"{Print(generic.Of)}<{string.Join(", ", generic.Types)}>",
        Call call => $"{Operand(call.Function)}({List(call.Arguments)})",
        Element element => $"{Operand(element.Of)}[{Print(element.Index)}]",
        Unary unary => unary.Operator + Operand(unary.Operand, Binding.Prefix),
        Binary { Operator: "??" } coalesce => $"{Operand(coalesce.Left, Binding.Or)} ?? {Operand(coalesce.Right, Binding.Coalesce)}",
        Binary binary => Between(binary.Operator, binary.Left, binary.Right, BindingOf(binary)),
        IsNull test => $"{Operand(test.Of, Binding.Relational)} is {(test.Not ? "not " : "")}null",
        NotNull notNull => Operand(notNull.Of) + "!",
        Cast { OrNull: true } cast => $"{Operand(cast.Of, Binding.Relational)} as {cast.Type}",
        Cast cast => $"({cast.Type}){Operand(cast.Of, IsNegative(cast.Of) ? Binding.Primary : Binding.Prefix)}",
        Conditional choice =>
            $"{Operand(choice.Condition, Binding.Coalesce)} ? {Operand(choice.Yes, Binding.Conditional)} : {Operand(choice.No, Binding.Conditional)}",
        New made =>
            $"new {made.Type}{(made.Arguments.Count > 0 || made.Items.Count == 0 ? $"({List(made.Arguments)})" : "")}"
                + $"{(made.Items.Count > 0 ? $" {{ {List(made.Items)} }}" : "")}",
        NewArray { Items.Count: 0 } array => $"new {array.ElementType}[0]",
        NewArray { ElementType: "" } array => $"new[] {{ {List(array.Items)} }}",
        NewArray array => $"new {array.ElementType}[] {{ {List(array.Items)} }}",
        TupleOf tuple => $"({List(tuple.Items)})",
        Assignment assignment => $"{Print(assignment.To)} = {Print(assignment.Value)}",
        Lambda lambda => $"({string.Join(", ", lambda.Parameters.Select(valueName))}) => {Body(lambda)}",
        Verbatim verbatim => string.Concat(verbatim.Texts.Select((text, i) => i == 0 ? text : InHole(verbatim.Holes[i - 1]) + text)),
        _ => throw new InvalidOperationException($"{expression.GetType().Name} is not an expression that can be printed."),
    };

    private string List(IEnumerable<Expression> items) => string.Join(", ", items.Select(Print));

    private string InHole(Hole hole) => hole.IsOperand ? Operand(hole.Code) : Print(hole.Code);

    /// <summary>An operand, in brackets where what stands beside it binds more tightly than what is inside.</summary>
    private string Operand(Expression expression, Binding least = Binding.Primary) =>
        BindingOf(expression) < least ? $"({Print(expression)})" : Print(expression);

    /// <summary>Operators of one kind group from the left.</summary>
    private string Between(string sign, Expression left, Expression right, Binding binding) => $"{Operand(left, binding)} {sign} {Operand(right, binding + 1)}";

    private string Body(Lambda lambda) => lambda.Steps.Count == 0
        ? Print(lambda.Result)
        : $"{{ {string.Concat(lambda.Steps.Select(Declaration))}return {Print(lambda.Result)}; }}";

    private string Declaration(LambdaStep step) => $"{(step.Type.Length > 0 ? step.Type : "var")} {valueName(step.Value)} = {Print(step.Code)}; ";

    private static bool IsNegative(Expression expression) => expression switch
    {
        NumberArgument number => number.Value < 0,
        FractionArgument fraction => fraction.Value < 0,
        Literal literal => literal.Text[0] == '-',
        Unary { Operator: "-" } => true,
        MemberArgument member => IsNegative(member.Code),
        CodeArgument argument => IsNegative(argument.Code),
        Verbatim { Binding: Binding.Prefix } => true,
        _ => false,
    };

    private static Binding BindingOf(Expression expression) => expression switch
    {
        Sited step => BindingOf(step.Of),
        MemberArgument member => BindingOf(member.Code),
        CodeArgument argument => BindingOf(argument.Code),
        ArithmeticArgument { Operator: '+' or '-' } => Binding.Sum,
        ArithmeticArgument => Binding.Product,
        Binary binary => BindingOf(binary.Operator),
        IsNull or Cast { OrNull: true } => Binding.Relational,
        Unary or Cast => Binding.Prefix,
        Conditional => Binding.Conditional,
        Assignment or Lambda => Binding.Lowest,
        Verbatim verbatim => verbatim.Binding,
        _ => IsNegative(expression) ? Binding.Prefix : Binding.Primary,
    };

    private static Binding BindingOf(string sign) => sign switch
    {
        "*" or "/" or "%" => Binding.Product,
        "+" or "-" => Binding.Sum,
        "<" or "<=" or ">" or ">=" => Binding.Relational,
        "==" or "!=" => Binding.Equality,
        "&&" => Binding.And,
        "||" => Binding.Or,
        "??" => Binding.Coalesce,
        _ => throw new InvalidOperationException($"{sign} is not an operator that can be printed."),
    };
}
