using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace PruneGen.Generator.Parsing;

/// <summary>What a piece of C# is called in a message.</summary>
internal static class Words
{
    public static string Of(IOperation operation) => operation.Syntax switch
    {
        IfStatementSyntax => "an if",
        ForStatementSyntax => "a for loop",
        ForEachStatementSyntax or ForEachVariableStatementSyntax => "a foreach loop",
        WhileStatementSyntax or DoStatementSyntax => "a while loop",
        SwitchStatementSyntax => "a switch",
        SwitchExpressionSyntax => "a switch expression",
        TryStatementSyntax => "a try with a catch",
        LockStatementSyntax => "a lock",
        ConditionalExpressionSyntax => "a choice (? :)",
        ConditionalAccessExpressionSyntax => "a conditional access (?.)",
        IsPatternExpressionSyntax => "a pattern",
        TupleExpressionSyntax => "a tuple",
        DeclarationExpressionSyntax => "a declaration inside an expression",
        AnonymousFunctionExpressionSyntax => "a lambda",
        ObjectCreationExpressionSyntax or ImplicitObjectCreationExpressionSyntax => "the creation of an object",
        ElementAccessExpressionSyntax when operation is IArrayElementReferenceOperation { Indices.Length: > 1 } => "an array of more than one dimension",
        ElementAccessExpressionSyntax => "an index",
        AwaitExpressionSyntax => "an await",
        BinaryExpressionSyntax binary => $"the operator {binary.OperatorToken.ValueText}",
        PrefixUnaryExpressionSyntax unary => $"the operator {unary.OperatorToken.ValueText}",
        InvocationExpressionSyntax call => $"a call of {CalleeOf(call)}",
        IdentifierNameSyntax or MemberAccessExpressionSyntax => $"'{SourceText.Quote(operation.Syntax)}'",
        StatementSyntax => "this statement",
        _ => "this expression",
    };

    /// <summary>What to do about it; empty where that is not told.</summary>
    public static string RemedyOf(IOperation operation) =>
        operation is IArrayElementReferenceOperation { Indices.Length: > 1 } ? "an array of arrays is followed" : "";

    /// <summary>So many things: <c>1 tensor</c>, <c>2 tensors</c>.</summary>
    public static string Count(int count, string thing) => $"{Emission.Literals.Integer(count)} {thing}{(count == 1 ? "" : "s")}";

    private static string CalleeOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        IdentifierNameSyntax name => name.Identifier.ValueText,
        _ => "a delegate",
    };
}

/// <summary>What cannot be followed.</summary>
/// <param name="What">What it is.</param>
/// <param name="Remedy">What to do about it; empty where a method that <c>[Axes]</c> describes is all that helps.</param>
internal readonly record struct Problem(string What, string Remedy = "")
{
    /// <inheritdoc/>
    public override string ToString() => Remedy.Length > 0 ? $"{What} ({Remedy})" : What;
}
