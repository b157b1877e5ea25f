using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// What C# 14 brought, which the compiler that this is built against does not know yet: to the readers it would look like something else, or like nothing.
/// </summary>
internal static class NewerSyntax
{
    /// <summary>The first expression of a body that is such, and what is said of it; null for none.</summary>
    public static (IOperation At, Problem What)? In(IOperation body) =>
        body.DescendantsAndSelf().Select(part => Of(part) is { } what ? (part, what) : ((IOperation, Problem)?)null).FirstOrDefault(found => found is not null);

    private static Problem? Of(IOperation operation) => operation switch
    {
        IConditionalAccessOperation { WhenNotNull: IAssignmentOperation or IIncrementOrDecrementOperation } =>
            new Problem("an assignment behind a question mark", "ask with an if"),
        ICompoundAssignmentOperation { OperatorMethod.IsStatic: false } or IIncrementOrDecrementOperation { OperatorMethod.IsStatic: false } =>
            new Problem("an operator that changes the object itself", "call a method that does so"),
        IInvocationOperation { TargetMethod: { IsStatic: false, ContainingType: var type } } when IsExtension(type) => Extension,
        IPropertyReferenceOperation { Property: { IsStatic: false, ContainingType: var type } } when IsExtension(type) => Extension,
        IFieldReferenceOperation { Field.AssociatedSymbol: IPropertySymbol } =>
            new Problem("the field of a property, which has no name", "declare it"),
        _ => null,
    };

    private static readonly Problem Extension = new("a member of an extension block", "make it a method with a this parameter");

    private static bool IsExtension(INamedTypeSymbol type) => type.TypeKind > TypeKind.FunctionPointer;
}
