using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Conditions: what a choice or a loop goes by, and whether linking may have to follow both ways.</summary>
internal sealed class ConditionReader(Reading reading) : Reader(reading)
{
    /// <summary>Locals that hold the answer to what linking may have to answer both ways, with the question.</summary>
    public Dictionary<int, string> OpenFlags { get; } = [];

    /// <summary>Whether an expression asks what linking may have to answer both ways.</summary>
    public bool IsOpen(Expression code) =>
        code.Any(
            part =>
                part is Call call && (call.IsOfLinker("Either") || call.IsOfLinker("Holds") || call.IsOfLinker("AnyOf"))
                    || part is ValueName { Number: var local } && OpenFlags.ContainsKey(local));

    /// <summary>What an open expression asks, as the source writes it.</summary>
    public string TextOf(Expression open) => open.All().Select(part => part switch
    {
        Call { Arguments: [TextArgument { Value: var text }, ..] } call when call.IsOfLinker("Either") => text,
        Call { Arguments: [_, TextArgument { Value: var text }] } call when call.IsOfLinker("AnyOf") => text,
        ValueName { Number: var local } when OpenFlags.TryGetValue(local, out var text) => text,
        _ => null,
    }).FirstOrDefault(text => text is not null) ?? Quoted;

    /// <summary>
    /// A condition as C#. What cannot be repeated, because it reads the values of tensors for one, is left open: the
    /// linker then follows both ways.
    /// </summary>
    /// <param name="condition">The condition.</param>
    /// <param name="repeats">Whether it is that of a loop.</param>
    public Expression? Condition(IOperation condition, bool repeats = false)
    {
        var code = Test(condition, repeats);
        if (code is null || !ReadsShape(code) || DeclaresVariables(condition))
        {
            return code;
        }

        // A lambda cannot ask a span, but what is in it.
        code = code.Values().Where(Bindings.Spans.Contains).Distinct().ToList().Aggregate(
            code,
            (asked, span) => asked.Replace(span, Bindings.NewLocal("sizes", new ValueName(span).Method("ToArray"), isSize: Bindings.Sizes.Contains(span))));
        return Expression.Link(repeats ? "Again" : "Holds", new Lambda(code));
    }

    /// <summary>Whether a condition that was read declares variables of the generated code; sizes need none.</summary>
    public bool DeclaresVariables(IOperation condition) => condition.Syntax.DescendantNodes().OfType<SingleVariableDesignationSyntax>()
        .Any(
            name =>
                Context.Declared(name) is not { } local
                    || Scope.ValueOf(local) is not (ShapeValue or TupleValue or ArgumentValue { Argument: not CodeArgument }));

    /// <summary>Whether an expression reads the shape of a tensor, which may not be known.</summary>
    public bool ReadsShape(Expression code) => code.Any(part => part switch
    {
        Known or ShapeOf or RankArgument or Argument { IsSize: true } => true,
        ValueName value => Bindings.Sizes.Contains(value.Number),
        _ => false,
    });

    public Expression? Test(IOperation condition, bool repeats)
    {
        switch (condition)
        {
            case { ConstantValue: { HasValue: true, Value: bool known } }:
                return new FlagArgument(known);
            case IParenthesizedOperation { Operand: var inner }:
                return Test(inner, repeats);
            case IConversionOperation { OperatorMethod: null, Operand: var inner }:
                return Test(inner, repeats);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.True, Operand: { Type: IDynamicTypeSymbol } inner }:
                return Test(inner, repeats);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null, Operand: var inner }:
                return Test(inner, repeats) switch
                {
                    null => null,
                    FlagArgument flag => new FlagArgument(!flag.Value),
                    var code => Negated(code),
                };
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr, OperatorMethod: null } both:
                return Both(both, repeats);
            case IIsPatternOperation asked when Patterns.OfNothing(asked) is null && Patterns.IntoRecord(asked.Pattern) is { } inside:
                Unsupported(inside, PatternReader.NotInto(inside));
                return null;
        }

        switch (Attempt(condition))
        {
            case ArgumentValue { Argument: { IsKnown: true } told }:
                return told;
            case null when !Repeats.Follow(condition):
                return null;
        }

        return Context.IsBroken
            ? null
            : Expression.Link(repeats ? "Again" : "Either", [new TextArgument(SourceText.Quote(condition.Syntax)), .. Repeats.SizesIn(condition)]);
    }

    /// <summary>Whether a part of a loop's condition has the loop run twice, as linking cannot tell how often it runs.</summary>
    public static bool IsAgain(Expression part) => part is Call call && call.IsOfLinker("Again");

    /// <summary>The opposite of a condition. A loop of unknown length goes on where its condition says no, and as often as where it says yes.</summary>
    private static Expression Negated(Expression code) => code switch
    {
        Call { Arguments: [TextArgument { Value: var text }, ..] } again when IsAgain(again) =>
            again with { Arguments = again.Arguments.Select((given, i) => i == 0 ? new TextArgument($"not {text}") : given).ToEquatable() },
        Binary { Operator: "&&" or "||" } both when both.Any(IsAgain) =>
            new Binary(both.Operator == "&&" ? "||" : "&&", Negated(both.Left), Negated(both.Right)),
        _ => new Unary("!", code),
    };

    private Expression? Both(IBinaryOperation both, bool repeats)
    {
        // What decides by itself, whatever the other side says.
        var decides = both.OperatorKind == BinaryOperatorKind.ConditionalOr;
        var left = Test(both.LeftOperand, repeats);
        if (left is null || left is FlagArgument { Value: var first } && first == decides)
        {
            Reading.NeverRuns(both.RightOperand);
            return left;
        }

        var right = Test(both.RightOperand, repeats);
        return right is null || right is FlagArgument { Value: var last } && last == decides ? right
            : right is FlagArgument ? left
            : left is FlagArgument ? right
            : new Binary(decides ? "||" : "&&", left, right);
    }

    /// <summary>Evaluates something that may turn out not to be understood, without leaving anything behind then.</summary>
    public ParsedValue? Attempt(IOperation operation)
    {
        var mark = Mark();
        var value = Evaluate(operation);
        if (value is not BrokenValue || Context.IsBroken)
        {
            return value;
        }

        Restore(mark, findingsToo: true);
        return null;
    }
}
