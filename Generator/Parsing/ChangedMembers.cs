using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// The members that something in a project gives another value, or puts something into, behind their object's creation. Told by names alone, for every file
/// once as long as it is the same.
/// </summary>
internal static class ChangedMembers
{
    private static readonly ConditionalWeakTable<SyntaxTree, HashSet<string>> Files = new();

    /// <summary>Whether objects of a class may be changed once they are made.</summary>
    /// <remarks>It is noted what was asked, since what was parsed holds only as long as the answer does.</remarks>
    public static bool Has(INamedTypeSymbol type, ParseContext context)
    {
        var names = TypeTranslator.Members(type).Concat(type.InstanceConstructors.SelectMany(constructor => constructor.Parameters))
            .Select(member => member.Name).Distinct(StringComparer.Ordinal).ToList();
        var answer = Any(names, context.Compilation);
        context.AskedChanges.Add((names, answer));
        return answer;
    }

    /// <summary>Whether anything of these names is changed somewhere.</summary>
    public static bool Any(IReadOnlyList<string> names, Compilation compilation) =>
        compilation.SyntaxTrees.Any(tree => Files.GetValue(tree, Find) is var changed && names.Any(changed.Contains));

    private static HashSet<string> Find(SyntaxTree tree) => tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal) ? [] : new(
        tree.GetRoot().DescendantNodes(static node => node is not ConstructorDeclarationSyntax).SelectMany(Changed).SelectMany(NamesOf),
        StringComparer.Ordinal);

    /// <summary>What a piece of source changes.</summary>
    private static IEnumerable<ExpressionSyntax> Changed(SyntaxNode node) => node switch
    {
        AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } => [],
        AssignmentExpressionSyntax { Left: var target } => [target],
        PrefixUnaryExpressionSyntax { OperatorToken.ValueText: "++" or "--", Operand: var target } => [target],
        PostfixUnaryExpressionSyntax { OperatorToken.ValueText: "++" or "--", Operand: var target } => [target],
        ArgumentSyntax { RefKindKeyword.RawKind: not 0, Expression: var target } => [target],
        InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name, Expression: var target } }
            when ChangingClasses.IsMutator(name) || ChangingClasses.IsOfArrays(name) => [target],
        _ => [],
    };

    /// <summary>The names that lead to what is changed: of it, and of what it is an element or a part of.</summary>
    private static IEnumerable<string> NamesOf(ExpressionSyntax target) => target.DescendantNodesAndSelf().OfType<IdentifierNameSyntax>()
        .Select(name => name.Identifier.ValueText);
}
