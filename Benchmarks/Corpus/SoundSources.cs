using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Benchmarks.Corpus;

/// <summary>A folder's sources with what was generated for them, as far as they compile.</summary>
internal static class SoundSources
{
    /// <summary>What one thing that does not compile is used by, and that again.</summary>
    private const int MostRounds = 20;

    private static readonly SyntaxAnnotation Goes = new();

    /// <summary>Takes out what does not compile, and writes the rest to a file that can be loaded.</summary>
    /// <param name="output">The sources and what was generated.</param>
    /// <param name="generated">What was generated: a file of it that does not compile any more goes as a whole.</param>
    /// <param name="file">The assembly to write.</param>
    /// <returns>Why nothing could be written; null where it was.</returns>
    public static string? Emit(Compilation output, IReadOnlySet<SyntaxTree> generated, string file)
    {
        // The classes are wanted, and not the program: its statements are no library's.
        output = output.WithOptions(output.Options.WithOutputKind(OutputKind.DynamicallyLinkedLibrary));
        foreach (var tree in output.SyntaxTrees)
        {
            var root = tree.GetRoot();
            if (root.ChildNodes().OfType<GlobalStatementSyntax>().ToList() is { Count: > 0 } statements)
            {
                root = root.RemoveNodes(statements, SyntaxRemoveOptions.KeepDirectives)!;
                output = output.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(root, tree.Options));
            }
        }

        var failure = "";
        for (var round = 0; round < MostRounds; round++)
        {
            var emitted = output.Emit(file);
            if (emitted.Success)
            {
                return null;
            }

            var errors = emitted.Diagnostics.Where(report => report.Severity == DiagnosticSeverity.Error).ToList();
            failure = $"{errors.Count} errors: {errors[0]}";
            foreach (var broken in errors.Where(error => error.Location.SourceTree is not null).GroupBy(error => error.Location.SourceTree!))
            {
                output = generated.Contains(broken.Key)
                    ? output.RemoveSyntaxTrees(broken.Key)
                    : Without(output, broken.Key, broken.Select(error => error.Location));
            }
        }

        return failure;
    }

    /// <summary>Lets bodies that do not compile throw, and takes out members, types and directives that do not.</summary>
    private static Compilation Without(Compilation output, SyntaxTree tree, IEnumerable<Location> places)
    {
        var root = tree.GetRoot();
        var nodes = places
            .Select(place => root.FindNode(place.SourceSpan, getInnermostNodeForTie: true).AncestorsAndSelf().FirstOrDefault(CanGo))
            .OfType<SyntaxNode>().ToHashSet();
        nodes.RemoveWhere(node => node.Ancestors().Any(nodes.Contains));
        if (nodes.Count == 0)
        {
            return output.RemoveSyntaxTrees(tree);
        }

        var throwing = SyntaxFactory.ParseExpression("throw new global::System.NotSupportedException(\"does not compile\")");
        root = root.ReplaceNodes(nodes, (node, _) => node switch
        {
            BlockSyntax => SyntaxFactory.Block(SyntaxFactory.ThrowStatement(((ThrowExpressionSyntax)throwing).Expression)),
            ArrowExpressionClauseSyntax arrow => arrow.WithExpression(throwing),
            _ => node.WithAdditionalAnnotations(Goes),
        });
        root = root.RemoveNodes(root.GetAnnotatedNodes(Goes), SyntaxRemoveOptions.KeepDirectives)!;
        return output.ReplaceSyntaxTree(tree, tree.WithRootAndOptions(root, tree.Options));
    }

    private static bool CanGo(SyntaxNode node) => node
        is BlockSyntax { Parent: BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax }
        or ArrowExpressionClauseSyntax or UsingDirectiveSyntax or AttributeListSyntax or MemberDeclarationSyntax;
}
