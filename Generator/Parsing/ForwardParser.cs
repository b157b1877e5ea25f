using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Diagnostics;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>What <c>forward</c> does, in static single assignment.</summary>
internal sealed record ForwardProgram(EquatableArray<string> Values, EquatableArray<Instruction> Body, EquatableArray<int> Results, bool UsesObsolete);

/// <summary>
/// Follows <c>forward</c> statement by statement, and through helper methods, and writes down what happens to tensors.
/// Every local is bound to the value that it holds at the moment, so that reassignment needs no care later. Statements
/// are here; <c>ForwardParser.Expressions.cs</c> and <c>ForwardParser.Calls.cs</c> hold the rest.
/// </summary>
internal sealed partial class ForwardParser
{
    private readonly ParseContext context;
    private readonly TorchSymbols torch;
    private readonly LayerParser layers;
    private readonly Dictionary<ISymbol, ParsedValue> bindings = new(SymbolEqualityComparer.Default);
    private readonly List<string> values = [];
    private readonly List<Instruction> body = [];
    private readonly Stack<IMethodSymbol> callers = new();
    private string statement = "";
    private string target = "";
    private string resultTarget = "result";
    private ParsedValue returned = ParsedValue.Broken;
    private bool usesObsolete;

    public ForwardParser(ParseContext context, TorchSymbols torch, LayerParser layers)
    {
        this.context = context;
        this.torch = torch;
        this.layers = layers;
    }

    /// <summary>Whether a statement lets the next one run.</summary>
    private enum Flow
    {
        Continues,
        Returns,

        /// <summary>Reported; what follows would only confuse.</summary>
        Stops,
    }

    /// <summary>Reads the method; null where it cannot be followed, which has been reported.</summary>
    public ForwardProgram? Read(IMethodSymbol forward)
    {
        // The body of a generic base's method speaks of the base's own parameters.
        forward = forward.OriginalDefinition;
        foreach (var parameter in forward.Parameters)
        {
            bindings[parameter] = NewValue(parameter.Name);
        }

        return Run(forward) is TensorValue result
            ? new ForwardProgram(values.ToEquatable(), body.ToEquatable(), [result.Number], usesObsolete)
            : null;
    }

    /// <summary>Reads a method's body; its parameters are bound already.</summary>
    private ParsedValue Run(IMethodSymbol method)
    {
        callers.Push(method);
        returned = ParsedValue.Broken;
        var flow = Flow.Stops;
        if (BodyOf(method) is { } operation)
        {
            flow = operation switch
            {
                IMethodBodyOperation { BlockBody: { } block } => Block(block.Operations),
                IMethodBodyOperation { ExpressionBody: { } expression } => Block(expression.Operations),
                ILocalFunctionOperation { Body: { } block } => Block(block.Operations),
                IBlockOperation block => Block(block.Operations),
                _ => Flow.Stops,
            };
        }

        callers.Pop();
        if (flow == Flow.Continues && !method.ReturnsVoid)
        {
            context.IsBroken = true;
        }

        return flow == Flow.Returns ? returned : flow == Flow.Continues ? ParsedValue.Other : ParsedValue.Broken;
    }

    private IOperation? BodyOf(IMethodSymbol method) => (method.PartialImplementationPart ?? method).DeclaringSyntaxReferences
        .Select(reference => context.Operation(reference.GetSyntax(context.Cancellation)))
        .FirstOrDefault(operation => operation is IMethodBodyOperation { BlockBody: not null } or IMethodBodyOperation { ExpressionBody: not null } or ILocalFunctionOperation { Body: not null } or IBlockOperation);

    private Flow Block(IEnumerable<IOperation> statements)
    {
        foreach (var operation in statements)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var flow = Statement(operation);
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
            var quote = SourceText.Quote(operation.Syntax);
            statement = callers.Count > 1 ? $"{callers.Peek().Name}: {quote}" : quote;
        }

        switch (operation)
        {
            case IBlockOperation block:
                return Block(block.Operations);

            case IReturnOperation { Kind: OperationKind.Return } result:
                return Return(result);

            case IVariableDeclarationGroupOperation group:
                return Declare(group);

            case IUsingDeclarationOperation { DeclarationGroup: var group }:
                return Declare(group);

            case IUsingOperation use:
                return Using(use);

            case IExpressionStatementOperation { Operation: var expression }:
                target = TargetOf(expression);
                return Evaluate(expression) is BrokenValue ? Flow.Stops : Flow.Continues;

            case ITryOperation { Catches.IsEmpty: true, Finally: var last, Body: var tried } when last is null || last.Operations.All(IsTransparent):
                return Block(tried.Operations);

            case IThrowOperation or IEmptyOperation or ILocalFunctionOperation:
                return operation is IThrowOperation ? Flow.Stops : Flow.Continues;

            case IConditionalOperation { WhenFalse: null } guard when Throws(guard.WhenTrue):
                return Flow.Continues;

            case IInvalidOperation:
                context.IsBroken = true;
                return Flow.Stops;

            default:
                context.Report(RuleIds.UnsupportedStatement, KeywordOf(operation.Syntax), Words.Of(operation), context.Type.Name);
                return Flow.Stops;
        }
    }

    private Flow Return(IReturnOperation result)
    {
        if (result.ReturnedValue is null)
        {
            returned = ParsedValue.Other;
            return Flow.Returns;
        }

        target = resultTarget;
        returned = Evaluate(result.ReturnedValue);
        return returned is BrokenValue ? Flow.Stops : Flow.Returns;
    }

    private Flow Declare(IVariableDeclarationGroupOperation group)
    {
        foreach (var declarator in group.Declarations.SelectMany(declaration => declaration.Declarators))
        {
            if (declarator.GetVariableInitializer()?.Value is { } value)
            {
                target = declarator.Symbol.Name;
                if (!Bind(declarator.Symbol, Evaluate(value)))
                {
                    return Flow.Stops;
                }
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

    private bool Bind(ISymbol symbol, ParsedValue value)
    {
        bindings[symbol] = value;
        return value is not BrokenValue;
    }

    /// <summary>A new tensor, called after the variable that it goes to.</summary>
    private TensorValue NewValue(string name)
    {
        values.Add(name);
        return new TensorValue(values.Count - 1);
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
