using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Statements that run one after the other.</summary>
internal sealed partial class ForwardParser
{
    private Flow Block(IReadOnlyList<IOperation> statements)
    {
        var frame = frames.Peek();
        var atEnd = frame.AtEnd;
        for (var i = 0; i < statements.Count; i++)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            frame.AtEnd = atEnd && i == statements.Count - 1;

            // A guard that returns from a helper reads best as an if with the rest as its else.
            if (frame.Variable >= 0 && statements[i] is IConditionalOperation { WhenFalse: null } guard && EndsInReturn(guard.WhenTrue) && i < statements.Count - 1)
            {
                frame.AtEnd = atEnd;
                return If(guard, statements.Skip(i + 1).ToList());
            }

            var flow = Statement(statements[i]);
            if (flow != Flow.Continues)
            {
                return flow;
            }
        }

        return Flow.Continues;
    }

    private Flow Statement(IOperation operation)
    {
        if (operation is not (IBlockOperation or IUsingOperation or ITryOperation))
        {
            Quote(operation.Syntax);
        }

        switch (operation)
        {
            case IBlockOperation block:
                return Block(block.Operations);

            case IReturnOperation { Kind: OperationKind.Return } result:
                return ReturnFrom(result);

            case IVariableDeclarationGroupOperation group:
                return Declare(group);

            case IUsingDeclarationOperation { DeclarationGroup: var group }:
                return Declare(group);

            case IUsingOperation use:
                return Using(use);

            case IExpressionStatementOperation { Operation: var expression }:
                return ExpressionStatement(expression);

            case ITryOperation { Catches: var catches, Finally: var last, Body: var tried } when catches.All(Rethrows) && (last is null || last.Operations.All(IsTransparent)):
                return Block(tried.Operations);

            case IThrowOperation:
                return Throw();

            case IEmptyOperation or ILocalFunctionOperation:
                return Flow.Continues;

            case IConditionalOperation choice:
                return Throws(choice.WhenTrue) && choice.WhenFalse is null ? Guarded(choice.Condition, throws: true) : If(choice, null);

            case ISwitchOperation choice:
                return Switch(choice);

            case IForEachLoopOperation loop:
                return ForEach(loop);

            case IForLoopOperation loop:
                return For(loop);

            case IWhileLoopOperation loop:
                return While(loop);

            case IBranchOperation { BranchKind: BranchKind.Break or BranchKind.Continue } branch:
                nodes.Add(new Exit(branch.BranchKind == BranchKind.Break ? ExitKind.Break : ExitKind.Continue, "", "", 0));
                return Flow.Leaves;

            case IInvalidOperation:
                context.IsBroken = true;
                return Flow.Stops;

            default:
                return UnsupportedStatement(operation);
        }
    }

    /// <summary>A guard: where its condition says so, nothing behind it runs.</summary>
    /// <param name="condition">The condition.</param>
    /// <param name="throws">What it comes to where forward throws.</param>
    private Flow Guarded(IOperation condition, bool throws)
    {
        switch (condition)
        {
            case IParenthesizedOperation { Operand: var inner }:
                return Guarded(inner, throws);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not, OperatorMethod: null, Operand: var inner }:
                return Guarded(inner, !throws);
            case IBinaryOperation { OperatorKind: var both, OperatorMethod: null, LeftOperand: IBinaryOperation left, RightOperand: IBinaryOperation right } when both == (throws ? BinaryOperatorKind.ConditionalOr : BinaryOperatorKind.ConditionalAnd):
                return Guarded(left, throws) is var flow && flow != Flow.Continues ? flow : Guarded(right, throws);
        }

        switch (Test(condition, repeats: false))
        {
            case null:
                return Flow.Stops;
            case FlagArgument { Value: var known }:
                return known == throws ? Throw() : Flow.Continues;
            case var test:
                Guard(throws ? test : Not(test), throws ? SourceText.Quote(condition.Syntax) : $"not {SourceText.Quote(condition.Syntax)}", condition);
                return Flow.Continues;
        }
    }

    private static Expression Not(Expression test) => test is CodeArgument { Code: Binary { Operator: "==" } equal } ? new CodeArgument(equal with { Operator = "!=" }) : new Unary("!", test);

    /// <summary>Keeps the widths that a guard asks for.</summary>
    private void Guard(Expression throws, string text, IOperation condition)
    {
        if (throws.Any(part => part is Known or ShapeOf or Argument { IsSize: true } || part is ValueName { Number: var value } && sizes.Contains(value)))
        {
            nodes.Add(new Guard(throws is CodeArgument { Code: var code } ? code : throws, text, statement, context.Sites.Add(condition.Syntax)));
        }
    }

    /// <summary><c>ThrowIfNotEqual</c> and its like, and assertions.</summary>
    private ParsedValue ThrowIf(IInvocationOperation call)
    {
        var given = call.Arguments.OrderBy(argument => argument.Parameter?.Ordinal).Where(argument => argument.ArgumentKind != ArgumentKind.DefaultValue).Select(argument => argument.Value).ToList();
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
        if (comparison.Length > 0 && Attempt(given[0]) is ArgumentValue { Argument: { IsTold: true } first }
            && (other is null ? new ArgumentValue(new NumberArgument(0)) : Attempt(other)) is ArgumentValue { Argument: { IsTold: true } second })
        {
            Guard(new Binary(comparison, first, second), $"{SourceText.Quote(given[0].Syntax)} {comparison} {(other is null ? "0" : SourceText.Quote(other.Syntax))}", call);
            return ParsedValue.Other;
        }

        return FollowParts(call) ? ParsedValue.Other : ParsedValue.Broken;
    }

    private Flow UnsupportedStatement(IOperation operation)
    {
        context.Report(RuleIds.UnsupportedStatement, KeywordOf(operation.Syntax), Words.Of(operation), context.Type.Name);
        return Flow.Stops;
    }

    private void Quote(SyntaxNode syntax)
    {
        var quote = SourceText.Quote(syntax is ForEachStatementSyntax or ForEachVariableStatementSyntax or ForStatementSyntax or WhileStatementSyntax or DoStatementSyntax or IfStatementSyntax or SwitchStatementSyntax ? HeadOf(syntax) : syntax);
        statement = frames.Count > 1 ? $"{frames.Peek().Method.Name}: {quote}".Replace("<anonymous method>: ", "").TrimStart(':', ' ') : quote;
    }

    /// <summary>The part of a statement that says what it goes by; the statements inside are quoted on their own.</summary>
    private static SyntaxNode HeadOf(SyntaxNode statement) => statement switch
    {
        IfStatementSyntax choice => choice.Condition,
        SwitchStatementSyntax choice => choice.Expression,
        WhileStatementSyntax loop => loop.Condition,
        DoStatementSyntax loop => loop.Condition,
        ForEachStatementSyntax loop => loop.Expression,
        ForEachVariableStatementSyntax loop => loop.Expression,
        ForStatementSyntax { Condition: { } condition } => condition,
        _ => statement,
    };

    private Flow ExpressionStatement(IOperation expression)
    {
        target = TargetOf(expression);
        if (expression is IThrowOperation)
        {
            return Throw();
        }

        // A list that something is added to; a tensor that is changed in place is a call like any other.
        if (expression is IInvocationOperation call && IsCollectionCall(call))
        {
            return Effect(call);
        }

        return Evaluate(expression) is BrokenValue ? Flow.Stops : Flow.Continues;
    }

    /// <summary>A statement that is repeated for what it changes.</summary>
    private Flow Effect(IOperation operation)
    {
        if (Repeat(operation) is not { } code)
        {
            return context.HasErrors || context.IsBroken || Unsupported(operation) is BrokenValue ? Flow.Stops : Flow.Continues;
        }

        nodes.Add(new Do(code, statement, context.Sites.Add(operation.Syntax)));
        return Flow.Continues;
    }

    private Flow ReturnFrom(IReturnOperation result)
    {
        var frame = frames.Peek();
        frame.Returned = true;
        if (result.ReturnedValue is IThrowOperation or IConversionOperation { Operand: IThrowOperation })
        {
            frame.Returned = false;
            return Throw();
        }

        target = resultTarget;
        var value = result.ReturnedValue is null ? ParsedValue.Other : Evaluate(result.ReturnedValue);
        if (value is BrokenValue)
        {
            return Flow.Stops;
        }

        if (frame.IsRoot)
        {
            if (Results(value, frame.Method.ReturnType) is not { } results)
            {
                Unsupported(result.ReturnedValue ?? result);
                return Flow.Stops;
            }

            nodes.Add(new Return(results, statement, context.Sites.Add(result.Syntax)));
            return Flow.Returns;
        }

        if (frame.Variable < 0)
        {
            frame.Result = frame.Depth > 0 ? ParsedValue.Other : value;
        }
        else if (!AssignVariable(frame.Variable, value, frame.Method.ReturnType))
        {
            Unsupported(result.ReturnedValue ?? result);
            return Flow.Stops;
        }

        if (frame.Depth > 0 && !frame.AtEnd)
        {
            frame.Label ??= NewLabel(frame.Method.Name);
            nodes.Add(new Exit(ExitKind.Jump, frame.Label, "", 0));
        }

        return Flow.Returns;
    }

    private readonly HashSet<string> labels = new(StringComparer.Ordinal);

    private string NewLabel(string method)
    {
        var name = $"end_{(method.All(char.IsLetterOrDigit) ? method : "call")}";
        var label = name;
        for (var i = 2; !labels.Add(label); i++)
        {
            label = $"{name}{i}";
        }

        return label;
    }

    private Flow Throw()
    {
        // A way that ends here is none that forward goes: the linker leaves it and goes on with the others.
        nodes.Add(new Exit(ExitKind.Throw, "", statement, 0));
        return Flow.Leaves;
    }

    private Flow Declare(IVariableDeclarationGroupOperation group)
    {
        foreach (var declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
        {
            if (declarator.GetVariableInitializer()?.Value is { } value)
            {
                target = declarator.Symbol.Name;
                if (!Begin(declarator.Symbol, Evaluate(value)))
                {
                    return Flow.Stops;
                }
            }
            else
            {
                scope.Forget(declarator.Symbol);
            }
        }

        return Flow.Continues;
    }

    /// <summary>A scope of tensors to dispose of, or of a setting such as no_grad, changes no dimension.</summary>
    private Flow Using(IUsingOperation use)
    {
        var flow = use.Resources switch
        {
            IVariableDeclarationGroupOperation group => Declare(group),
            var expression => Evaluate(expression) is BrokenValue ? Flow.Stops : Flow.Continues,
        };
        return flow == Flow.Continues ? Statement(use.Body) : flow;
    }

    private static string TargetOf(IOperation expression) => expression switch
    {
        IAssignmentOperation { Target: ILocalReferenceOperation local } => local.Local.Name,
        IAssignmentOperation { Target: IParameterReferenceOperation parameter } => parameter.Parameter.Name,
        IInvocationOperation { Instance: ILocalReferenceOperation local } => local.Local.Name,
        IInvocationOperation { Instance: IParameterReferenceOperation parameter } => parameter.Parameter.Name,
        _ => "unused",
    };

    /// <summary>Whether a branch does nothing but throw.</summary>
    private static bool Throws(IOperation branch) => branch switch
    {
        IBlockOperation { Operations: [var only] } => Throws(only),
        IThrowOperation => true,
        IExpressionStatementOperation { Operation: IThrowOperation } => true,
        _ => false,
    };

    /// <summary>Whether a catch lets no statement behind the try run.</summary>
    private static bool Rethrows(ICatchClauseOperation clause) => clause.Handler.Operations is { IsEmpty: false } handled && Throws(handled[handled.Length - 1]);

    private static bool EndsInReturn(IOperation branch) => branch switch
    {
        IBlockOperation { Operations: { IsEmpty: false } inside } => EndsInReturn(inside[inside.Length - 1]),
        IReturnOperation => true,
        _ => false,
    };

    /// <summary>Whether a method returns from inside a branch or a loop.</summary>
    private static bool ReturnsInside(IOperation body) => body.ChildOperations.Any(child => child switch
    {
        IAnonymousFunctionOperation or ILocalFunctionOperation => false,
        IConditionalOperation or ILoopOperation or ISwitchOperation => Returns(child),
        _ => ReturnsInside(child),
    });

    private static bool Returns(IOperation operation) => operation switch
    {
        IAnonymousFunctionOperation or ILocalFunctionOperation => false,
        IReturnOperation { Kind: OperationKind.Return } => true,
        _ => operation.ChildOperations.Any(Returns),
    };

    /// <summary>Whether a statement only disposes of something.</summary>
    private static bool IsTransparent(IOperation operation) => operation switch
    {
        IExpressionStatementOperation { Operation: IInvocationOperation { TargetMethod.Name: "Dispose" } } => true,
        IExpressionStatementOperation { Operation: IConditionalAccessOperation { WhenNotNull: IInvocationOperation { TargetMethod.Name: "Dispose" } } } => true,
        IEmptyOperation => true,
        _ => false,
    };

    /// <summary>A statement that holds others is pointed at by its first word, not by all of its text.</summary>
    private static SyntaxNodeOrToken KeywordOf(SyntaxNode syntax) =>
        syntax is SwitchStatementSyntax || (syntax is StatementSyntax && syntax.ChildNodes().Any(node => node is StatementSyntax)) ? syntax.GetFirstToken() : syntax;
}
