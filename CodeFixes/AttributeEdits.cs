using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Simplification;

namespace PruneGen.CodeFixes;

/// <summary>Attributes put on declarations, and taken off them.</summary>
internal static class AttributeEdits
{
    /// <summary>The same file without an attribute; the list that it stands in goes with the last one in it.</summary>
    public static SyntaxNode Without(SyntaxNode root, AttributeSyntax attribute)
    {
        if (attribute.Parent is not AttributeListSyntax { Attributes.Count: 1, Parent: MemberDeclarationSyntax member } list)
        {
            return root.RemoveNode(attribute, SyntaxRemoveOptions.KeepNoTrivia)!;
        }

        // What stands before the list stands before whatever follows it.
        var next = list.GetLastToken().GetNextToken();
        var kept = member.ReplaceToken(next, next.WithLeadingTrivia(list.GetLeadingTrivia()));
        return root.ReplaceNode(member, kept.WithAttributeLists(kept.AttributeLists.RemoveAt(member.AttributeLists.IndexOf(list))));
    }

    /// <summary>A declaration with an attribute of PruneGen's more, on a line of its own as an editor's formatting has it.</summary>
    public static T With<T>(T member, string attribute)
        where T : MemberDeclarationSyntax
    {
        var name = SyntaxFactory.ParseName($"global::PruneGen.{attribute}").WithAdditionalAnnotations(Simplifier.Annotation);
        var list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(SyntaxFactory.Attribute(name)))
            .WithLeadingTrivia(member.GetLeadingTrivia())
            .WithTrailingTrivia(EndOfLine(member));

        // It goes on under the attribute, as far in as before.
        var rest = member.WithLeadingTrivia(member.GetLeadingTrivia().Where(trivia => trivia.IsKind(SyntaxKind.WhitespaceTrivia)).Reverse().Take(1));
        return (T)rest.WithAttributeLists(rest.AttributeLists.Insert(0, list));
    }

    /// <summary>A line's end as the code around has it.</summary>
    private static SyntaxTrivia EndOfLine(SyntaxNode node) =>
        node.SyntaxTree.GetRoot().DescendantTrivia().FirstOrDefault(trivia => trivia.IsKind(SyntaxKind.EndOfLineTrivia)) is { RawKind: not 0 } end
            ? end
            : SyntaxFactory.LineFeed;
}
