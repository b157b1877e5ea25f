using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Sees that nothing of a method that was read is left out, whatever the readers did: each call of a layer, each parameter
/// that is read and each guard of a width is a step, or stands where <c>forward</c> never comes.
/// </summary>
internal class ForwardNet
{
    /// <summary>What of a method's body is neither a step nor was passed by rightly.</summary>
    /// <param name="body">The body.</param>
    /// <param name="steps">The steps that reading it has left.</param>
    /// <param name="passed">What was passed by on the way.</param>
    /// <param name="reading">What the readers know.</param>
    public IEnumerable<IOperation> LeftOut(IOperation body, IEnumerable<Node> steps, IReadOnlyList<Passed> passed, Reading reading)
    {
        var wanted = body.ChildOperations.SelectMany(part => Wanted(part, reading)).ToList();
        if (wanted.Count == 0)
        {
            return [];
        }

        var places = Steps.Within(steps)
            .SelectMany(step => Sites(step).Where(site => site > 0 && IsSeen(site)).Select(site => (reading.Context.Sites[site], IsGuard(step))))
            .ToList();
        return wanted.Where(operation => !places.Any(place => Covers(place, operation)) && !passed.Any(way => way.Holds(operation.Syntax)));
    }

    /// <summary>Whether the step of a place counts. A test takes one away, and sees that it is missed.</summary>
    protected virtual bool IsSeen(int place) => true;

    /// <summary>The places of a step, and of those that were written into its expressions; 0 is none.</summary>
    private static IEnumerable<int> Sites(Node step) => Steps.Expressions(step).SelectMany(code => code.All()).OfType<Sited>().Select(sited => sited.Site)
        .Concat(step is LayerCall or OpCall or Let || IsGuard(step) ? [step.Site] : []);

    private static bool IsGuard(Node step) => step is Guard or Choice { Arms: [{ Body: [Exit { Kind: ExitKind.Throw }] }] };

    /// <summary>A guard is a step of its own, or one together with others.</summary>
    private static bool Covers((Location At, bool IsGuard) step, IOperation operation) =>
        step.At.SourceTree == operation.Syntax.SyntaxTree && (operation.Type?.SpecialType == SpecialType.System_Boolean || GuardReader.IsGuard(operation)
        ? step.IsGuard && (step.At.SourceSpan.Contains(operation.Syntax.Span) || operation.Syntax.Span.Contains(step.At.SourceSpan))
        : step.At.SourceSpan == operation.Syntax.Span);

    private static IEnumerable<IOperation> Wanted(IOperation operation, Reading reading)
    {
        var parts = operation.ChildOperations.SelectMany(part => Wanted(part, reading));
        return operation switch
        {
            // What is thrown with, and what catches it, is no part of what forward computes; a name is only a name.
            IThrowOperation or ICatchClauseOperation or INameOfOperation or ILocalFunctionOperation => [],

            // A pattern is repeated as it stands: it asks whether there is such a parameter.
            IPropertySubpatternOperation { Pattern: var pattern } => Wanted(pattern, reading),

            // What is called by way of a local or a field is looked at where it is called.
            IAnonymousFunctionOperation lambda when !IsHandedOn(lambda) => [],
            IInvocationOperation { TargetMethod.Name: "Dispose", Instance: { } disposed } when reading.Uses.IsParameter(disposed) => [],
            IConditionalOperation { WhenTrue: var branch, WhenFalse: var other } choice
                when (other is null && GuardReader.Throws(branch))
                    || (choice.Syntax is ConditionalExpressionSyntax && GuardReader.Throws(branch) != GuardReader.Throws(other!)) =>
                parts.Concat(Asking(choice.Condition, reading)),
            IInvocationOperation guard when GuardReader.IsGuard(guard) => AsksWidth(guard, reading) ? parts.Append(guard) : parts,
            _ => reading.Uses.IsOne(operation) ? parts.Append(operation) : parts,
        };
    }

    /// <summary>The parts of a condition that ask for a width.</summary>
    private static IEnumerable<IOperation> Asking(IOperation condition, Reading reading) => condition switch
    {
        IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd or BinaryOperatorKind.ConditionalOr } both =>
            Asking(both.LeftOperand, reading).Concat(Asking(both.RightOperand, reading)),
        _ => AsksWidth(condition, reading) ? [condition] : [],
    };

    /// <summary>Whether something reads one size of a tensor, or the width of a layer.</summary>
    private static bool AsksWidth(IOperation condition, Reading reading) => condition.DescendantsAndSelf().Any(inner => inner switch
    {
        IArrayElementReferenceOperation { ArrayReference: IPropertyReferenceOperation { Property.Name: "shape",
            Instance.Type: var of } } => reading.Torch.IsTensor(of),
        IInvocationOperation { TargetMethod.Name: "size", Arguments.Length: 1, Instance.Type: var of } => reading.Torch.IsTensor(of),
        IIsPatternOperation { Pattern: var pattern, Value: IPropertyReferenceOperation { Property.Name: "shape",
            Instance.Type: var of } } => reading.Torch.IsTensor(of) && PatternReader.AsksForWidth(pattern),
        IPropertyReferenceOperation { Property: var property } => reading.Uses.IsWidth(property, property.Type)
            || property.GetMethod is { } getter && reading.Uses.TellsWidth(getter),
        _ => false,
    });

    private static bool IsHandedOn(IOperation lambda)
    {
        while (lambda.Parent is IDelegateCreationOperation or IConversionOperation)
        {
            lambda = lambda.Parent;
        }

        return lambda.Parent is IArgumentOperation;
    }
}

/// <summary>What reading has passed by, and may.</summary>
/// <param name="Syntax">The expression or statement.</param>
/// <param name="Whole">Whether with everything inside: a way that is never gone. Else it is a step elsewhere.</param>
internal readonly record struct Passed(SyntaxNode Syntax, bool Whole)
{
    public bool Holds(SyntaxNode syntax) => syntax.SyntaxTree == Syntax.SyntaxTree && (Whole ? Syntax.Span.Contains(syntax.Span) : Syntax.Span == syntax.Span);
}
