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
        ElementAccessExpressionSyntax when operation is IArrayElementReferenceOperation { Indices.Length: > 1 } => "an array of more than one dimension (an array of arrays is followed)",
        ElementAccessExpressionSyntax => "an index",
        AwaitExpressionSyntax => "an await",
        BinaryExpressionSyntax binary => $"the operator {binary.OperatorToken.ValueText}",
        PrefixUnaryExpressionSyntax unary => $"the operator {unary.OperatorToken.ValueText}",
        InvocationExpressionSyntax call => $"a call of {CalleeOf(call)}",
        IdentifierNameSyntax or MemberAccessExpressionSyntax => $"'{SourceText.Quote(operation.Syntax)}'",
        StatementSyntax => "this statement",
        _ => "this expression",
    };

    /// <summary>Whether words end with what to do, in parentheses.</summary>
    public static bool HasRemedy(string what) =>
        what.LastIndexOf(" (", StringComparison.Ordinal) is >= 0 and var open && what[what.Length - 1] == ')' && char.IsLetter(what[open + 2]);

    /// <summary>So many things: <c>1 tensor</c>, <c>2 tensors</c>.</summary>
    public static string Count(int count, string thing) => $"{Emission.Literals.Integer(count)} {thing}{(count == 1 ? "" : "s")}";

    private static string CalleeOf(InvocationExpressionSyntax call) => call.Expression switch
    {
        MemberAccessExpressionSyntax access => access.Name.Identifier.ValueText,
        IdentifierNameSyntax name => name.Identifier.ValueText,
        _ => "a delegate",
    };
}
