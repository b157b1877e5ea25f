using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Guards: where a condition holds, nothing behind it runs, so the widths that it asks for stay.</summary>
internal sealed class GuardReader(Reading reading) : Reader(reading)
{
    /// <summary>A guard: where its condition says so, nothing behind it runs.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="throws">What it comes to where forward throws.</param>
    public Flow Guarded(IOperation condition, bool throws)
    {
        switch (condition)
        {
            case IParenthesizedOperation { Operand: var inner }:
                return Guarded(inner, throws);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null, Operand: var inner }:
                return Guarded(inner, !throws);
            case IBinaryOperation { OperatorKind: var both, OperatorMethod: null, LeftOperand: IBinaryOperation left, RightOperand: IBinaryOperation right }
                when both == (throws ? BinaryOperatorKind.ConditionalOr : BinaryOperatorKind.ConditionalAnd):
                var flow = Guarded(left, throws);
                if (flow == Flow.Continues)
                {
                    return Guarded(right, throws);
                }

                Reading.NeverRuns(right);
                return flow;
        }

        switch (Conditions.Test(condition, repeats: false))
        {
            case null:
                return Flow.Stops;
            case FlagArgument { Value: var known }:
                Reading.NeverRuns(condition);
                return known == throws ? Methods.Throw() : Flow.Continues;
            case var test:
                var when = throws ? test : Not(test);
                if (Conditions.DeclaresVariables(condition))
                {
                    // What the condition declares is there behind it.
                    var exit = new Exit(ExitKind.Throw, "", Quoted, 0);
                    var arm = new Arm(when, [], new Node[] { exit }.ToEquatable());
                    Nodes.Add(new Choice(null, new[] { arm }.ToEquatable(), Exhaustive: false, [], Quoted, Context.Sites.Add(condition.Syntax)));
                    return Flow.Continues;
                }

                Guard(when, throws ? SourceText.Quote(condition.Syntax) : $"not {SourceText.Quote(condition.Syntax)}", condition);
                return Flow.Continues;
        }
    }

    /// <summary>A value with a guard: the other side throws.</summary>
    public ParsedValue Guarded(IConditionalOperation choice)
    {
        var throws = Throws(choice.WhenTrue);
        var value = throws ? choice.WhenFalse! : choice.WhenTrue;
        switch (Guarded(choice.Condition, throws))
        {
            case Flow.Continues:
                return Evaluate(value);
            case Flow.Leaves:
                Reading.NeverRuns(value);
                return new ArgumentValue(new NullArgument());
            default:
                return ParsedValue.Broken;
        }
    }

    /// <summary>Whether a call throws where something does not hold.</summary>
    public static bool IsGuard(IOperation operation) => operation is IInvocationOperation { TargetMethod: { Name: var name } method }
        && (name.StartsWith("ThrowIf", StringComparison.Ordinal) || (name == "Assert" && method.ContainingType.Name is "Debug" or "Trace"));

    private static Expression Not(Expression test) =>
        test is CodeArgument { Code: Binary { Operator: "==" } equal } ? new CodeArgument(equal with { Operator = "!=" }) : new Unary("!", test);

    /// <summary>Keeps the widths that a guard asks for.</summary>
    private void Guard(Expression throws, string text, IOperation condition)
    {
        if (throws.Any(
            part => part is Known or ShapeOf or Argument { IsSize: true } || part is ValueName { Number: var value } && Bindings.Sizes.Contains(value)))
        {
            Nodes.Add(new Guard(throws is CodeArgument { Code: var code } ? code : throws, text, Quoted, Context.Sites.Add(condition.Syntax)));
        }
    }

    /// <summary><c>ThrowIfNotEqual</c> and its like, and assertions.</summary>
    public ParsedValue ThrowIf(IInvocationOperation call)
    {
        var given = call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal)
            .Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue)
            .Select(argument => argument.Value)
            .ToList();
        if (call.TargetMethod.Name == "Assert" && given.Count > 0 && given[0].Type?.SpecialType == SpecialType.System_Boolean)
        {
            return Guarded(given[0], throws: false) == Flow.Stops ? ParsedValue.Broken : ParsedValue.Other;
        }

        var (comparison, other) = call.TargetMethod.Name switch
        {
            "ThrowIfNotEqual" => ("!=", given.ElementAtOrDefault(1)),
            "ThrowIfEqual" => ("==", given.ElementAtOrDefault(1)),
            "ThrowIfLessThan" => ("<", given.ElementAtOrDefault(1)),
            "ThrowIfLessThanOrEqual" => ("<=", given.ElementAtOrDefault(1)),
            "ThrowIfGreaterThan" => (">", given.ElementAtOrDefault(1)),
            "ThrowIfGreaterThanOrEqual" => (">=", given.ElementAtOrDefault(1)),
            "ThrowIfNegative" => ("<", null),
            "ThrowIfNegativeOrZero" => ("<=", null),
            "ThrowIfZero" => ("==", null),
            _ => ("", null),
        };
        if (comparison.Length > 0 && Conditions.Attempt(given[0]) is ArgumentValue { Argument: { IsKnown: true } first }
            && (other is null ? new ArgumentValue(new NumberArgument(0)) : Conditions.Attempt(other)) is ArgumentValue { Argument: { IsKnown: true } second })
        {
            Guard(
                new Binary(comparison, first, second),
                $"{SourceText.Quote(given[0].Syntax)} {comparison} {(other is null ? "0" : SourceText.Quote(other.Syntax))}",
                call);
            return ParsedValue.Other;
        }

        return Repeats.FollowParts(call) ? ParsedValue.Other : ParsedValue.Broken;
    }

    /// <summary>Whether nothing that stands behind a statement ever runs, since it throws whichever way it goes.</summary>
    public static bool AlwaysThrows(IOperation statement) => statement switch
    {
        IBlockOperation { Operations: { IsEmpty: false } inside } => AlwaysThrows(inside[inside.Length - 1]),
        IConditionalOperation { WhenTrue: var one, WhenFalse: { } other } => AlwaysThrows(one) && AlwaysThrows(other),
        IUsingOperation { Body: var inside } => AlwaysThrows(inside),
        ILockOperation { Body: var inside } => AlwaysThrows(inside),
        ISwitchOperation { Cases: var cases } =>
            cases.Any(section => section.Clauses.Any(clause => clause is IDefaultCaseClauseOperation))
                && cases.All(section => section.Body.LastOrDefault() is { } last && AlwaysThrows(last)),
        IExpressionStatementOperation { Operation: IInvocationOperation { TargetMethod: var method } } =>
            method is { Name: "Throw", ContainingType.Name: "ExceptionDispatchInfo" }
                || method.GetAttributes().Any(attribute => attribute.AttributeClass?.Name == "DoesNotReturnAttribute"),
        _ => Throws(statement),
    };

    /// <summary>Whether a branch does nothing but throw.</summary>
    public static bool Throws(IOperation branch) => branch switch
    {
        IBlockOperation { Operations: [var only] } => Throws(only),
        IThrowOperation or IConversionOperation { Operand: IThrowOperation } => true,
        IExpressionStatementOperation { Operation: IThrowOperation } => true,
        _ => false,
    };
}
