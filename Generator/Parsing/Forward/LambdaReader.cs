using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>Lambdas of the generated code, which do to axes what those of the source do to tensors.</summary>
internal sealed class LambdaReader(Reading reading) : Reader(reading)
{
    /// <summary>How many of them stand around what is read.</summary>
    public int Depth { get; set; }

    /// <summary>A lambda: of plain values as it stands, of tensors with its steps written into one expression, or one after the other.</summary>
    public Lambda? Of(AnonymousFunctionExpressionSyntax lambda)
    {
        if (Context.Symbol(lambda) is not IMethodSymbol method
            || lambda.AsyncKeyword.RawKind != 0
            || Context.Operation(lambda.ExpressionBody is { } body ? Bare(body) : lambda) is not { } operation
            || LocalUse.AssignedIn([operation], Reading).Assigned.Any(symbol => !IsWithin(symbol, method)))
        {
            return null;
        }

        var function = lambda.Block is null ? null : Evaluate(operation) as FunctionValue;
        var (takes, gives) = SizeLists.AskedOf(lambda);
        return Of(method, given => gives ? SizeLists.AsSize(Result(given)) : Result(given), takes);

        ParsedValue Result(IReadOnlyList<ParsedValue> given)
        {
            if (function is not null)
            {
                return Called(function, given, operation);
            }

            for (var i = 0; i < given.Count; i++)
            {
                Scope.Bind(method.Parameters[i], given[i]);
            }

            return Evaluate(operation);
        }
    }

    /// <summary>Whether a variable belongs to a method, or to one inside of it.</summary>
    private static bool IsWithin(ISymbol symbol, IMethodSymbol method)
    {
        var owner = symbol.ContainingSymbol;
        while (owner is IMethodSymbol inner && !SymbolEqualityComparer.Default.Equals(inner, method))
        {
            owner = inner.ContainingSymbol;
        }

        return owner is IMethodSymbol;
    }

    /// <summary>An expression without brackets around it, which are no operation.</summary>
    private static ExpressionSyntax Bare(ExpressionSyntax expression) => expression is ParenthesizedExpressionSyntax { Expression: var inner } ? Bare(inner)
        : expression;

    /// <summary>A method that is handed on by its name; null where none is, or it cannot be written.</summary>
    public Lambda? OfMethod(IOperation handed)
    {
        while (handed is IDelegateCreationOperation or IConversionOperation)
        {
            handed = handed is IDelegateCreationOperation { Target: var target } ? target : ((IConversionOperation)handed).Operand;
        }

        return handed is IMethodReferenceOperation { Method: var method, Instance: var instance } reference
            && Bindings.Assigns(method).Count == 0
            && (instance is null ? null : Evaluate(instance)) is var self and not BrokenValue
            && Overrides.MethodValue(reference, self) is FunctionValue function
            ? OfFunction(function, reference) : null;
    }

    /// <summary>A method or lambda that is handed on as a value; null where it cannot be written.</summary>
    public Lambda? OfFunction(FunctionValue function, IOperation handed) => Of(function.Method, given => Called(function, given, handed));

    private ParsedValue Called(FunctionValue function, IReadOnlyList<ParsedValue> given, IOperation handed) =>
        Calls.CallFunction(function, given.Select((value, i) => (i, value)).ToList(), handed);

    /// <summary>A lambda of the generated code with the given body; null where that cannot be written.</summary>
    /// <param name="method">The method that it stands for.</param>
    /// <param name="body">What it gives for what it is given.</param>
    /// <param name="sizes">The parameters that are sizes.</param>
    private Lambda? Of(IMethodSymbol method, Func<IReadOnlyList<ParsedValue>, ParsedValue> body, IReadOnlyList<bool>? sizes = null)
    {
        var (outer, mark) = (Target, Scope.Mark);
        var parameters = method.Parameters.Select(parameter => Bindings.NewValue(parameter.Name == "_" ? "ignored" : parameter.Name).Number).ToList();
        var given = parameters.Select((number, i) => Writer.Typed(new ValueName(number), method.Parameters[i].Type, sizes?[i] == true)).ToList();
        Depth++;
        var made = InOneExpression(() => body(given), method.ReturnsVoid ? null : method.ReturnType, (steps, result) =>
            InstructionCode.Inline(steps, result) is { } code
                ? new Lambda(parameters.ToEquatable(), [], code)
                : InstructionCode.Block(parameters, steps, result));
        Depth--;
        Target = outer;
        Scope.Restore(mark);
        return (Lambda?)made;
    }

    /// <summary>What an expression stands for, together with its steps; null where they do not go together.</summary>
    public Expression? InOneExpression(IOperation operation, ITypeSymbol? type, Func<IReadOnlyList<Node>, Expression, Expression?> together) =>
        InOneExpression(() => Evaluate(operation), type, together);

    private Expression? InOneExpression(Func<ParsedValue> evaluate, ITypeSymbol? type, Func<IReadOnlyList<Node>, Expression, Expression?> together)
    {
        var outer = Nodes;
        Nodes = [];
        var value = evaluate();
        var code = value is BrokenValue || Writer.CodeOf(value, type) is not { } read ? null : together(Nodes, read);
        Nodes = outer;
        return code;
    }
}
